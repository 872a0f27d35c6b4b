//! How well a judge agrees with people, and with itself.

use super::proportion::wilson;
use super::{Interval, Z_TWO_SIDED_95};

/// Verdicts of a judge beside those of people, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Both pass it.
    pub both_pass: usize,
    /// Only people pass it.
    pub only_people: usize,
    /// Only the judge passes it.
    pub only_judge: usize,
    /// Both fail it.
    pub both_fail: usize,
}

/// A rate with its 95 % interval (Wilson).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The share.
    pub value: f64,
    /// Its interval.
    pub ci95: Interval,
    /// How many were counted.
    pub of: usize,
}

impl Rate {
    /// The share of `hits` in `of`; `None` without any.
    pub fn of(hits: usize, of: usize) -> Option<Self> {
        let ci95 = wilson(hits as f64, of)?;
        Some(Self { value: hits as f64 / of as f64, ci95, of })
    }
}

impl Confusion {
    /// Counts one answer.
    pub fn add(&mut self, people: bool, judge: bool) {
        let cell = match (people, judge) {
            (true, true) => &mut self.both_pass,
            (true, false) => &mut self.only_people,
            (false, true) => &mut self.only_judge,
            (false, false) => &mut self.both_fail,
        };
        *cell += 1;
    }

    /// All answers.
    pub fn all(&self) -> usize {
        self.both_pass + self.only_people + self.only_judge + self.both_fail
    }

    /// The share of answers with equal verdicts.
    pub fn agreement(&self) -> Option<Rate> {
        Rate::of(self.both_pass + self.both_fail, self.all())
    }

    /// The share of answers that the judge passes among those that people pass.
    pub fn sensitivity(&self) -> Option<Rate> {
        Rate::of(self.both_pass, self.both_pass + self.only_people)
    }

    /// The share of answers that the judge fails among those that people fail.
    pub fn specificity(&self) -> Option<Rate> {
        Rate::of(self.both_fail, self.both_fail + self.only_judge)
    }

    /// Cohen's kappa (Cohen 1960) with its 95 % interval (Fleiss, Cohen and Everitt 1969, equation 13). `None` where
    /// chance alone would agree always, so that nothing can be said.
    pub fn kappa(&self) -> Option<(f64, Interval)> {
        let n = self.all() as f64;
        let share = |count: usize| count as f64 / n;
        let (a, b, c, d) =
            (share(self.both_pass), share(self.only_people), share(self.only_judge), share(self.both_fail));
        let (people, judge) = (a + b, a + c);
        let chance = people * judge + (1.0 - people) * (1.0 - judge);
        if self.all() == 0 || chance >= 1.0 {
            return None;
        }
        let kappa = (a + d - chance) / (1.0 - chance);
        let on = |p: f64, row: f64, column: f64| p * (1.0 - (row + column) * (1.0 - kappa)).powi(2);
        let off = |p: f64, row: f64, column: f64| p * (row + column).powi(2);
        let diagonal = on(a, people, judge) + on(d, 1.0 - people, 1.0 - judge);
        let rest = (1.0 - kappa).powi(2) * (off(b, judge, 1.0 - people) + off(c, 1.0 - judge, people));
        let centre = (kappa - chance * (1.0 - kappa)).powi(2);
        let variance = (diagonal + rest - centre).max(0.0) / (n * (1.0 - chance).powi(2));
        let half = Z_TWO_SIDED_95 * variance.sqrt();
        Some((kappa, Interval { low: (kappa - half).max(-1.0), high: (kappa + half).min(1.0) }))
    }
}

/// The share of pairs of votes on the same answer that agree; `None` if no answer has two votes.
pub fn self_agreement(votes: &[Vec<bool>]) -> Option<f64> {
    let (mut pairs, mut equal) = (0_usize, 0_usize);
    for votes in votes {
        let passed = votes.iter().filter(|vote| **vote).count();
        let failed = votes.len() - passed;
        pairs += votes.len() * votes.len().saturating_sub(1) / 2;
        equal += passed * passed.saturating_sub(1) / 2 + failed * failed.saturating_sub(1) / 2;
    }
    (pairs > 0).then(|| equal as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(both_pass: usize, only_people: usize, only_judge: usize, both_fail: usize) -> Confusion {
        Confusion { both_pass, only_people, only_judge, both_fail }
    }

    /// Worked by hand: agreement .7 where chance gives .5.
    #[test]
    fn kappa_is_agreement_beyond_chance() {
        let (kappa, ci) = confusion(20, 5, 10, 15).kappa().unwrap();
        assert!((kappa - 0.4).abs() < 1e-12);
        assert!((ci.low - 0.1511).abs() < 5e-4 && (ci.high - 0.6489).abs() < 5e-4, "{ci:?}");
        assert_eq!(confusion(10, 0, 0, 10).kappa().map(|(kappa, _)| kappa), Some(1.0));
        assert!(confusion(5, 5, 5, 5).kappa().unwrap().0.abs() < 1e-12);
        assert_eq!(confusion(10, 0, 0, 0).kappa(), None, "both pass everything");
        assert_eq!(Confusion::default().kappa(), None);
    }

    #[test]
    fn rates_count_their_own_answers() {
        let counted = confusion(45, 5, 2, 38);
        let value = |rate: Option<Rate>| rate.map(|rate| (rate.value, rate.of));
        assert_eq!(value(counted.sensitivity()), Some((0.9, 50)));
        assert_eq!(value(counted.specificity()), Some((0.95, 40)));
        assert_eq!(value(counted.agreement()), Some((83.0 / 90.0, 90)));
        assert_eq!(confusion(3, 1, 0, 0).specificity(), None, "no answer that people fail");
    }

    #[test]
    fn a_judge_agrees_with_itself_where_its_votes_are_equal() {
        assert_eq!(self_agreement(&[vec![true; 3], vec![false; 3]]), Some(1.0));
        assert_eq!(self_agreement(&[vec![true, true, false]]), Some(1.0 / 3.0));
        assert_eq!(self_agreement(&[vec![true], vec![]]), None);
    }

    #[test]
    fn an_answer_is_counted_where_both_verdicts_say() {
        let mut counted = Confusion::default();
        for (people, judge) in [(true, true), (true, true), (true, false), (false, true), (false, false)] {
            counted.add(people, judge);
        }
        assert_eq!(counted, confusion(2, 1, 1, 1));
    }
}
