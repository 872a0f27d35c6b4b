//! Who said what: the parts of a verdict, and the votes of a panel of different models, as results of their own. They
//! are reported, never scored, because the whole is.

use super::super::finding::{CheckResult, Outcome};
use super::super::inquiry::{Question, Reading};
use super::super::quote::{number, passage, quoted};
use super::super::scoring_input::ScoringInput;
use super::task::Point;

/// A vote of one of several models.
pub(super) struct Voice<'r> {
    model: &'r str,
    reading: &'r Reading,
}

/// The votes on a question; none where all votes are one model's.
pub(super) fn voices<'r>(input: &ScoringInput<'r>, question: &Question) -> Vec<Voice<'r>> {
    let Some(judge) = input.judge.filter(|judge| judge.models.is_panel()) else { return Vec::new() };
    let readings = input.readings.get(&question.id()).map_or(&[][..], Vec::as_slice);
    (0..).zip(readings).map(|(vote, reading)| Voice { model: judge.models.of_vote(vote), reading }).collect()
}

/// The scores of all votes, in one line.
pub(super) fn scores(voices: &[Voice<'_>]) -> String {
    let score = |voice: &Voice<'_>| match voice.reading {
        Reading::Read { score, .. } => format!("{} {}", passage(voice.model), number(*score)),
        Reading::Unreadable(_) | Reading::Vector(_) => format!("{} unreadable", passage(voice.model)),
    };
    voices.iter().map(score).collect::<Vec<_>>().join(", ")
}

impl Voice<'_> {
    /// The vote as a result; `label`: what was asked.
    pub fn told(&self, label: &str, passes: impl Fn(f64) -> bool) -> CheckResult {
        let (outcome, reason) = match self.reading {
            Reading::Read { score, reason, points } => {
                let outcome = if passes(*score) { Outcome::AdvisoryMet } else { Outcome::AdvisoryMissed };
                let missed = points.iter().filter(|point| !point.met).map(|point| point.label.as_str());
                let why = match reason.as_str() {
                    "" => missed.collect::<Vec<_>>().join("; "),
                    reason => reason.to_owned(),
                };
                let why = if why.is_empty() { why } else { format!(": {}", passage(&why)) };
                (outcome, format!("{}{why}", number(*score)))
            }
            Reading::Vector(_) => (Outcome::AdvisoryUnknown, "a vector is no verdict".to_owned()),
            Reading::Unreadable(why) => (Outcome::AdvisoryUnknown, format!("unreadable: {}", passage(why))),
        };
        CheckResult { label: format!("{} on {label}", passage(self.model)), outcome, score: None, reason }
    }
}

/// A part of a verdict as a result.
pub(super) fn of_point(point: &Point) -> CheckResult {
    let outcome = if point.met { Outcome::AdvisoryMet } else { Outcome::AdvisoryMissed };
    let reason = if point.evidence.is_empty() { "no evidence".to_owned() } else { quoted(&point.evidence) };
    CheckResult { label: passage(&point.label), outcome, score: None, reason }
}
