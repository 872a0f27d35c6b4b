//! From votes to a finding: one vote, the majority of a panel, or its mean.
//!
//! Where nothing else is configured, an answer at screening that the judge passes is judged once, and one that it fails is
//! judged again until two of three votes agree: nobody is blamed for one slip of a judge. A fresh answer of a suspect,
//! which convicts or clears it, gets the majority of three either way.

use crate::prompt::ScoreMode;

use super::super::family::{Family, PassMark};
use super::super::finding::{Finding, Outcome};
use super::super::inquiry::{Question, Reading};
use super::super::quote::passage;
use super::super::scoring_input::ScoringInput;
use super::task::Point;
use super::voice::{of_point, scores, voices};

/// Votes on an answer that the first vote fails, where no panel is configured.
const VOTES_ON_FAILURE: u32 = 3;

/// How many votes a question gets, and what they make together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    /// One vote; three if it fails the answer.
    OfFailures,
    /// The majority of so many.
    Majority(u32),
    /// The mean of so many.
    Mean(u32),
}

impl Panel {
    pub(super) fn of(votes: Option<u32>, mode: ScoreMode, is_fresh: bool) -> Self {
        match (votes, mode) {
            (None, ScoreMode::PassFail) if is_fresh => Self::Majority(VOTES_ON_FAILURE),
            (None, ScoreMode::PassFail) => Self::OfFailures,
            (Some(votes), ScoreMode::PassFail) => Self::Majority(votes),
            (votes, ScoreMode::Mean) => Self::Mean(votes.unwrap_or(1)),
        }
    }

    /// The most votes.
    pub(super) fn size(self) -> u32 {
        match self {
            Self::OfFailures => VOTES_ON_FAILURE,
            Self::Majority(size) | Self::Mean(size) => size,
        }
    }
}

/// What the votes so far make.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Opinion<'r> {
    /// So many more votes are needed at least.
    Open(u32),
    /// No verdict can come of it: the vote that cannot be read, if it is one, and why.
    Unreadable(Option<u32>, &'r str),
    /// A verdict.
    Decided(Judged<'r>),
}

/// A verdict with its votes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Judged<'r> {
    pub score: f64,
    pub passed: bool,
    /// Of the first vote that agrees.
    pub reason: &'r str,
    pub points: &'r [Point],
    /// Votes that agree, and all.
    pub votes: (u32, u32),
}

/// What the votes make of a question.
pub(super) fn opinion(panel: Panel, votes: &[Reading], passes: impl Fn(f64) -> bool) -> Opinion<'_> {
    let cast = votes.len() as u32;
    let Some(first) = votes.first() else {
        return Opinion::Open(match panel {
            Panel::OfFailures => 1,
            Panel::Majority(size) => size / 2 + 1,
            Panel::Mean(size) => size,
        });
    };
    let unreadable = (0..).zip(votes).find_map(|(vote, reading)| match reading {
        Reading::Unreadable(why) => Some((vote, why.as_str())),
        Reading::Read { .. } | Reading::Vector(_) => None,
    });
    let is_unreadable = |(vote, why)| Opinion::Unreadable(Some(vote), why);
    let size = match (panel, first) {
        (Panel::OfFailures, Reading::Read { score, .. }) if !passes(*score) => VOTES_ON_FAILURE,
        (Panel::OfFailures, _) => 1,
        (Panel::Majority(size) | Panel::Mean(size), _) => size,
    };
    let left = size.saturating_sub(cast);
    if let Panel::Mean(_) = panel {
        return match unreadable {
            Some(found) => is_unreadable(found),
            None if left > 0 => Opinion::Open(left),
            None => mean(votes, passes),
        };
    }
    let agreeing = |verdict: bool| -> Vec<&Reading> {
        let agrees =
            |vote: &&Reading| matches!(vote, Reading::Read { score, .. } if passes(*score) == verdict);
        votes.iter().filter(agrees).collect()
    };
    let (passed, failed) = (agreeing(true), agreeing(false));
    let majority = size / 2 + 1;
    for (side, passed) in [(&failed, false), (&passed, true)] {
        if side.len() as u32 >= majority {
            return decided(side, passed, cast);
        }
    }
    let missing = majority - (passed.len().max(failed.len()) as u32);
    if missing <= left {
        return Opinion::Open(missing);
    }
    unreadable.map_or(Opinion::Unreadable(None, "its votes are divided"), is_unreadable)
}

/// The middle score of the votes that agree: it passes if they do.
fn decided<'r>(agreeing: &[&'r Reading], passed: bool, cast: u32) -> Opinion<'r> {
    let mut scores: Vec<f64> = agreeing.iter().filter_map(|vote| score(vote)).collect();
    scores.sort_by(f64::total_cmp);
    let Some((middle, first)) = scores.get((scores.len() - 1) / 2).zip(agreeing.first()) else {
        return Opinion::Open(1);
    };
    told(first, *middle, passed, (agreeing.len() as u32, cast))
}

fn mean(votes: &[Reading], passes: impl Fn(f64) -> bool) -> Opinion<'_> {
    let mean = votes.iter().filter_map(score).sum::<f64>() / votes.len() as f64;
    told(&votes[0], mean, passes(mean), (votes.len() as u32, votes.len() as u32))
}

fn score(vote: &Reading) -> Option<f64> {
    match vote {
        Reading::Read { score, .. } => Some(*score),
        Reading::Unreadable(_) | Reading::Vector(_) => None,
    }
}

fn told(vote: &Reading, score: f64, passed: bool, votes: (u32, u32)) -> Opinion<'_> {
    match vote {
        Reading::Read { reason, points, .. } => {
            Opinion::Decided(Judged { score, passed, reason, points, votes })
        }
        Reading::Unreadable(why) => Opinion::Unreadable(None, why),
        Reading::Vector(_) => Opinion::Unreadable(None, "a vector is no verdict"),
    }
}

/// The verdict on an answer by its votes; `panel`: how many are configured; `vote` draws the one of that number, which
/// counts from 0.
pub fn panel_verdict(panel: Option<u32>, is_fresh: bool, vote: &mut dyn FnMut(u32) -> bool) -> bool {
    let panel = Panel::of(panel, ScoreMode::PassFail, is_fresh);
    let mut votes = Vec::new();
    loop {
        match opinion(panel, &votes, |score| score >= 1.0) {
            Opinion::Decided(judged) => return judged.passed,
            Opinion::Unreadable(..) => return false,
            Opinion::Open(_) => {
                let score = f64::from(u8::from(vote(votes.len() as u32)));
                votes.push(Reading::Read { score, reason: String::new(), points: Vec::new() });
            }
        }
    }
}

/// How many answers a question still needs for a check.
pub(in crate::check) fn votes_needed(check: &dyn Family, input: &ScoringInput<'_>, asked: &Question) -> u32 {
    if let Question::Embedding(_) = asked {
        // Asked and not answered yet is an entry without a reading.
        return u32::from(input.readings.get(&asked.id()).is_none_or(Vec::is_empty));
    }
    match of_check(check, input, asked) {
        Opinion::Open(votes) => votes,
        Opinion::Decided(_) | Opinion::Unreadable(..) => 0,
    }
}

/// The score from which a check passes.
pub(super) fn pass_mark(check: &dyn Family, input: &ScoringInput<'_>) -> f64 {
    match (check.pass_mark(), input.judge) {
        (Some(PassMark::Own(mark)), _) => mark,
        (_, Some(judge)) => judge.threshold,
        (_, None) => 1.0,
    }
}

pub(super) fn of_check<'r>(check: &dyn Family, input: &ScoringInput<'r>, asked: &Question) -> Opinion<'r> {
    let mark = pass_mark(check, input);
    let votes = input.readings.get(&asked.id()).map_or(&[][..], Vec::as_slice);
    let mode = if check.pass_mark() == Some(PassMark::Compared) { ScoreMode::Mean } else { input.mode };
    let panel = Panel::of(input.judge.and_then(|judge| judge.panel), mode, input.is_fresh);
    opinion(panel, votes, |score| score >= mark)
}

/// Why the judge cannot be asked about an answer at all.
pub(super) fn obstacle(input: &ScoringInput<'_>) -> Option<Finding> {
    let Some(judge) = input.judge else {
        return Some(Finding::unscored("no judge model is configured (`models: {judge: ...}`)"));
    };
    let length = input.response.text.chars().count();
    (length > judge.max_answer_chars).then(|| {
        Finding::unscored(format!(
            "the answer has {length} characters, and the judge is shown at most {} \
             (`judge.max_answer_chars`): it is not judged by a part of it",
            judge.max_answer_chars
        ))
    })
}

/// The finding of a check with one question; `say` tells a verdict, given the score from which it passes.
pub(in crate::check) fn judged(
    check: &dyn Family,
    input: &ScoringInput<'_>,
    say: impl Fn(&Judged<'_>, f64) -> String,
) -> Finding {
    if let Some(finding) = obstacle(input) {
        return finding;
    }
    let tasks = check.tasks(input);
    let Some(task) = tasks.into_iter().next() else { return not_asked() };
    let question = input.question(task);
    match of_check(check, input, &question) {
        Opinion::Open(_) => not_asked(),
        Opinion::Unreadable(vote, why) => unreadable(input, vote, why),
        Opinion::Decided(verdict) => {
            let (mark, voices) = (pass_mark(check, input), voices(input, &question));
            let mut reason = say(&verdict, mark);
            match verdict.votes {
                (agree, cast) if !voices.is_empty() => {
                    reason.push_str(&format!(" ({agree} of {cast} judges: {})", scores(&voices)));
                }
                (agree, cast @ 2..) => reason.push_str(&format!(" ({agree} of {cast} votes)")),
                _ => {}
            }
            let mut finding = Finding::graded(verdict.passed, verdict.score, reason);
            finding.parts = verdict.points.iter().map(of_point).collect();
            finding
                .parts
                .extend(voices.iter().map(|voice| voice.told(&check.label(), |score| score >= mark)));
            finding
        }
    }
}

pub(super) fn not_asked() -> Finding {
    Finding::without_score(Outcome::NotAsked, "the judge was not asked")
}

/// Of a panel of different models, with the one that cannot be read.
pub(super) fn unreadable(input: &ScoringInput<'_>, vote: Option<u32>, why: &str) -> Finding {
    let models = input.judge.map(|judge| &judge.models).filter(|models| models.is_panel());
    let judge = match models.zip(vote) {
        Some((models, vote)) => format!("the judge {}", passage(models.of_vote(vote))),
        None => "the judge".to_owned(),
    };
    Finding::unscored(format!("{judge} is unreadable: {}", passage(why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(score: f64) -> Reading {
        Reading::Read { score, reason: String::new(), points: Vec::new() }
    }

    fn said(panel: Panel, votes: &[f64]) -> String {
        // A negative number is a vote that cannot be read.
        let votes: Vec<Reading> = votes
            .iter()
            .map(|score| if *score < 0.0 { Reading::Unreadable("?".to_owned()) } else { vote(*score) })
            .collect();
        match opinion(panel, &votes, |score| score >= 0.7) {
            Opinion::Open(votes) => format!("{votes} more"),
            Opinion::Unreadable(_, why) => format!("unreadable: {why}"),
            Opinion::Decided(Judged { score, passed, votes: (agree, cast), .. }) => {
                format!("{score} {passed} {agree}/{cast}")
            }
        }
    }

    #[test]
    fn a_failure_is_confirmed_by_two_of_three_votes() {
        let of = |votes: &[f64]| said(Panel::OfFailures, votes);
        assert_eq!(of(&[]), "1 more");
        assert_eq!(of(&[0.9]), "0.9 true 1/1");
        assert_eq!(of(&[0.1]), "1 more");
        assert_eq!(of(&[0.1, 0.2]), "0.1 false 2/2");
        assert_eq!(of(&[0.1, 0.9]), "1 more");
        assert_eq!(of(&[0.1, 0.9, 0.8]), "0.8 true 2/3");
        assert_eq!(of(&[0.1, 0.9, 0.3]), "0.1 false 2/3");
        assert_eq!(of(&[-1.0]), "unreadable: ?");
        assert_eq!(of(&[0.1, -1.0]), "1 more");
        assert_eq!(of(&[0.1, -1.0, 0.9]), "unreadable: ?");
        assert_eq!(of(&[0.1, -1.0, 0.2]), "0.1 false 2/3");
    }

    #[test]
    fn a_panel_asks_no_more_votes_than_can_matter() {
        let of = |votes: &[f64]| said(Panel::Majority(5), votes);
        assert_eq!(of(&[]), "3 more");
        assert_eq!(of(&[0.9, 0.9, 0.1]), "1 more");
        assert_eq!(of(&[0.9, 0.9, 0.1, 0.1]), "1 more");
        assert_eq!(of(&[0.9, 0.9, 1.0]), "0.9 true 3/3");
        assert_eq!(of(&[-1.0, -1.0, -1.0]), "unreadable: ?");
        assert_eq!(said(Panel::Majority(2), &[0.1, 0.9]), "unreadable: its votes are divided");
        assert_eq!(said(Panel::Majority(1), &[0.1]), "0.1 false 1/1");
    }

    #[test]
    fn a_mean_needs_all_votes() {
        let of = |votes: &[f64]| said(Panel::Mean(2), votes);
        assert_eq!(of(&[]), "2 more");
        assert_eq!(of(&[0.5]), "1 more");
        assert_eq!(of(&[0.5, 1.0]), "0.75 true 2/2");
        assert_eq!(of(&[0.5, -1.0]), "unreadable: ?");
    }
}
