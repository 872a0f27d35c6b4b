//! The bet on one fresh pair of the escalation (docs/statistics.md): its size, its
//! settlement, and when to give up.

/// How the two sides of a fresh pair differ, in full bets: +1 the baseline is clearly better, -1
/// the candidate is. A difference of `delta` or more is one full bet.
pub fn signed_unit(baseline: f64, candidate: f64, delta: f64) -> f64 {
    let difference = baseline - candidate;
    if difference.abs() < 1e-9 { 0.0 } else { (difference.abs() / delta).min(1.0).copysign(difference) }
}

/// Bounds and steepness of the share of the capital put on one differing pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StakeRule {
    /// Least share.
    pub low: f64,
    /// Greatest share.
    pub high: f64,
    /// How fast it grows as the pairs run out.
    pub gain: f64,
}

/// What a fresh-pair game has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Played {
    /// Sum of the signed units.
    pub sum: f64,
    /// Sum of their squares; for pass/fail the number of differing pairs.
    pub squares: f64,
    /// Completed pairs.
    pub pairs: usize,
}

/// Share of the capital to put on the next pair if it differs; uses past pairs only.
pub fn stake(capital: f64, limit: f64, played: Played, cap: usize, rule: StakeRule) -> f64 {
    let still_to_come = cap.saturating_sub(played.pairs) as f64;
    let left = ((played.squares + 1.0) / (played.pairs as f64 + 5.0) * still_to_come).max(1.0);
    (rule.gain * (limit / capital).ln() / left).max(rule.low).min(rule.high)
}

/// The capital after one pair: `share * |x|` is bet on "the baseline is better", but never more than
/// is needed to reach the limit.
pub fn settle(capital: f64, limit: f64, x: f64, share: f64) -> f64 {
    let bet = (share * x.abs()).min(limit / capital - 1.0);
    if x > 0.0 {
        capital * (1.0 + bet)
    } else if x < 0.0 {
        capital * (1.0 - bet)
    } else {
        capital
    }
}

/// When a fresh-pair game gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FutilityRule {
    /// Never before this many pairs.
    pub min_pairs: usize,
    /// Standard errors allowed in favour of a drop.
    pub spread: f64,
    /// The drop that still matters, times the root of the number of cases.
    pub drop: f64,
    /// Never while the capital holds this much.
    pub capital: f64,
    /// Weight of the screening result.
    pub prior: f64,
}

impl FutilityRule {
    /// The two sides of the comparison: the most optimistic sum of pairs the data allow, and the
    /// sum that a drop worth finding would have produced, over `n` cases.
    pub fn sides(&self, played: Played, screening: Played, n: usize) -> (f64, f64) {
        let variance = played.squares + 1.0 + self.prior * self.prior * screening.squares;
        let hoped = played.sum + self.prior * screening.sum + self.spread * variance.sqrt();
        let n = n as f64;
        (hoped, self.drop / n.sqrt() * (played.pairs as f64 + self.prior * n))
    }

    /// Whether a drop has become implausible.
    pub fn gives_up(&self, capital: f64, played: Played, screening: Played, n: usize) -> bool {
        let (hoped, needed) = self.sides(played, screening, n);
        played.pairs >= self.min_pairs && capital < self.capital && hoped < needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_fair_coin_leaves_the_expected_capital_unchanged(
            capital in 0.01f64..19.9, x in 0.0f64..1.0, share in 0.6f64..0.8
        ) {
            let mean = 0.5 * (settle(capital, 20.0, x, share) + settle(capital, 20.0, -x, share));
            prop_assert!((mean - capital).abs() < 1e-12 * capital);
        }

        #[test]
        fn a_bet_never_takes_more_than_the_limit_or_all(
            capital in 0.01f64..19.9, x in -1.0f64..1.0, share in 0.6f64..0.8
        ) {
            let after = settle(capital, 20.0, x, share);
            prop_assert!(after > 0.0 && after <= 20.0 * (1.0 + 1e-12));
        }
    }

    #[test]
    fn equal_scores_are_no_bet() {
        assert_eq!(signed_unit(0.7, 0.7 + 1e-12, 0.2), 0.0);
    }

    #[test]
    fn a_stake_spreads_what_is_left_to_gain_over_the_pairs_that_will_differ() {
        let played = Played { sum: 1.0, squares: 3.0, pairs: 5 };
        let rule = StakeRule { low: 0.0, high: 1.0, gain: 2.0 };
        // Four of ten pairs differ, of the 35 that are left: 14.
        let share = stake(1.0, 20.0, played, 40, rule);
        assert!((share - 2.0 * 20f64.ln() / 14.0).abs() < 1e-12);
        assert_eq!(stake(1.0, 20.0, played, 40, StakeRule { high: 0.3, ..rule }), 0.3);
        assert_eq!(stake(1.0, 20.0, played, 40, StakeRule { low: 0.6, ..rule }), 0.6);
    }

    #[test]
    fn a_game_gives_up_where_the_best_that_is_left_is_not_worth_finding() {
        let rule = FutilityRule { min_pairs: 10, spread: 2.0, drop: 1.5, capital: 4.0, prior: 0.5 };
        let (played, screening) =
            (Played { sum: 2.0, squares: 4.0, pairs: 10 }, Played { sum: 1.0, squares: 4.0, pairs: 9 });
        let (hoped, needed) = rule.sides(played, screening, 9);
        assert!((hoped - (2.5 + 2.0 * 6f64.sqrt())).abs() < 1e-12 && (needed - 7.25).abs() < 1e-12);
        assert!(!rule.gives_up(1.0, played, screening, 9));
        let worse = Played { sum: 1.0, ..played };
        assert!(rule.gives_up(1.0, worse, screening, 9));
        assert!(!rule.gives_up(4.0, worse, screening, 9), "it holds too much");
        assert!(
            !rule.gives_up(1.0, Played { pairs: 9, sum: -9.0, ..played }, screening, 9),
            "it is too early"
        );
    }
}
