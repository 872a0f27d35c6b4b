//! Things to know about an evaluated prompt that do not decide.

use super::{Scene, lost};
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseKind;
use crate::check::Score;
use crate::gate::{MustStatus, Outcome, Reason};
use crate::report::PromptReport;
use crate::trial::{Call, Phase, Side, StopCause};

/// Cases listed in a note before the rest is only counted.
const NAMED: usize = 10;

/// The notes of one prompt.
pub(super) fn of(
    report: &PromptReport,
    assay: &PromptAssay,
    outcome: &Outcome,
    scene: &Scene,
) -> Vec<String> {
    let mut notes = Vec::new();
    if outcome.provider_changed() {
        notes.push(
            "Most suspects fail with the baseline too: the provider or the grader changed, not this change. \
             Refresh the baseline's answers with `--fresh`."
                .to_owned(),
        );
    }
    if outcome.mixed {
        notes.push(format!(
            "Mixed: {} broken, {} fixed. The fixes are significant too, but a break is a break.",
            report.broken.len(),
            report.fixed.len()
        ));
    }
    if outcome.p_values.is_some_and(|p| p.coarsened) {
        notes.push("The exact test was run on rounded scores: there are many of them.".to_owned());
    }
    for must in outcome.must_pass.iter().filter(|must| must.status == MustStatus::AlreadyFailing) {
        let id = &assay.case(must.case).case.id;
        notes.push(format!("The must-pass case `{id}` is already failing with the baseline."));
    }
    if let (Reason::OverallDropUnresolved, Some(StopCause::Budget(cap))) = (outcome.reason, &scene.stopped) {
        notes.push(format!("The budget ended the run before the fresh pairs did ({cap})."));
    }
    if let Some(floor) = outcome.floor.as_ref().filter(|floor| floor.unknown > 0) {
        notes.push(format!(
            "The floor is over the whole golden set; {} unaffected cases have no stored answer and count as passed.",
            floor.unknown
        ));
    }
    notes.extend(lost_reruns(assay, outcome, scene));
    notes.extend(accepted(assay));
    notes.extend(scored_twice(assay));
    notes
}

/// Fresh pairs that were lost without ending the gate.
fn lost_reruns(assay: &PromptAssay, outcome: &Outcome, scene: &Scene) -> Option<String> {
    let lost = lost::reruns(assay, &scene.circumstances.redaction);
    let first = lost.first().filter(|_| outcome.reason != Reason::LostCalls)?;
    let cases = if lost.len() == 1 { "1 case".to_owned() } else { format!("{} cases", lost.len()) };
    Some(format!("Re-runs of {cases} were lost, the first being `{}`: {}", first.id, first.why))
}

/// Accepted breaks that are none any more.
fn accepted(assay: &PromptAssay) -> Option<String> {
    let passing: Vec<String> = screened(assay)
        .filter(|(index, _)| assay.setup().accepted.contains_key(&assay.case(*index).case.id))
        .filter(|(_, kept)| matches!(kept, Kept::Answered { score, .. } if passes(&score.score)))
        .map(|(index, _)| format!("`{}`", assay.case(index).case.id))
        .collect();
    (!passing.is_empty())
        .then(|| format!("Accepted breaks that pass, and need not be accepted: {}.", listed(&passing)))
}

/// Answers that the base's checks and the head's do not agree on.
fn scored_twice(assay: &PromptAssay) -> Option<String> {
    let turned: Vec<String> = screened(assay)
        .filter(|(index, _)| assay.case(*index).kind == CaseKind::Score)
        .filter_map(|(index, kept)| {
            let Kept::Answered { score, score_before: Some(before), .. } = kept else { return None };
            let (old, new) = (worded(&before.score)?, worded(&score.score)?);
            let id = &assay.case(index).case.id;
            (old != new).then(|| format!("`{id}` {old} the checks as they were and {new} them as they are"))
        })
        .collect();
    (!turned.is_empty()).then(|| format!("The same answer, scored twice: {}.", listed(&turned)))
}

/// The candidate's screening answers, by case.
fn screened(assay: &PromptAssay) -> impl Iterator<Item = (usize, &Kept)> {
    (0..assay.cases()).filter_map(|index| {
        let call = Call { case: index, side: Side::Candidate, phase: Phase::Screen, k: 0 };
        Some((index, assay.kept(&call)?))
    })
}

fn passes(score: &Score) -> bool {
    matches!(score, Score::Scored { passed: true, .. })
}

/// How an answer does on checks; `None` when it is not known.
fn worded(score: &Score) -> Option<String> {
    match score {
        Score::Scored { value, passed } if *value == 0.0 || *value == 1.0 => {
            Some(if *passed { "passes" } else { "fails" }.to_owned())
        }
        Score::Scored { value, .. } => Some(format!("scores {value:.2} on")),
        Score::Unscored { .. } => None,
    }
}

fn listed(items: &[String]) -> String {
    let mut text = items.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    if items.len() > NAMED {
        text.push_str(&format!(" and {} more", items.len() - NAMED));
    }
    text
}
