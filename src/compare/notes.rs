//! Notes about an evaluated prompt that do not affect the verdict.

use std::collections::BTreeMap;

use super::{RunContext, SideNames, lost};
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseKind;
use crate::check::{Score, stop_reason};
use crate::gate::{MustStatus, Outcome, SuspectStatus};
use crate::remark::Remark;
use crate::trial::{Call, Phase, Side, StopCause};
use crate::verdict::Reason;

/// Cases listed in a note before the rest is only counted.
const NAMED: usize = 10;

/// The notes of one prompt.
pub(super) fn of(assay: &PromptAssay, outcome: &Outcome, context: &RunContext) -> Vec<Remark> {
    let mut notes = Vec::new();
    let names = context.circumstances.names;
    if outcome.provider_changed() {
        let drifting: Vec<&str> = outcome
            .suspects
            .iter()
            .filter(|suspect| suspect.status == SuspectStatus::BaseFailsToo)
            .map(|suspect| assay.case(suspect.case).case.id.as_str())
            .collect();
        let known = &assay.setup().stability;
        let is_marginal = |id: &&&str| known.get(**id).is_some_and(|known| known.is_marginal());
        let marginal = drifting.iter().filter(is_marginal).count();
        notes.push(Remark::new(not_by_this_change(names, drifting.len(), marginal)));
    }
    if outcome.p_values.is_some_and(|p| p.coarsened) {
        notes.push(Remark::new("The exact test was run on rounded scores: there are many of them."));
    }
    for must in outcome.must_pass.iter().filter(|must| must.status == MustStatus::AlreadyFailing) {
        let id = &assay.case(must.case).case.id;
        notes.push(
            Remark::new("The must-pass case ")
                .name(id)
                .and(" is already failing with ")
                .and(names.of(Side::Baseline))
                .and("."),
        );
    }
    if let (Reason::OverallDropUnresolved, Some(StopCause::Budget(cap))) = (outcome.reason, &context.stopped)
    {
        notes.push(Remark::new(format!("The budget ended the run before the fresh pairs did ({cap}).")));
    }
    if let Some(floor) = outcome.floor.as_ref().filter(|floor| floor.unknown > 0) {
        notes.push(Remark::new(format!(
            "The floor is over the whole golden set; {} unaffected cases have no stored answer and count as passed.",
            floor.unknown
        )));
    }
    let known = || assay.setup().stability.values().filter(|known| known.is_known());
    let marginal = known().filter(|known| known.is_marginal()).count();
    if marginal > 0 {
        notes.push(Remark::new(format!(
            "{marginal} of the {} cases with a history are marginal for this model: they change with any edit.",
            known().count()
        )));
    }
    notes.extend([Side::Baseline, Side::Candidate].into_iter().filter_map(|side| ends(assay, side, names)));
    notes.extend(lost_reruns(assay, outcome, context));
    notes.extend(accepted(assay));
    notes.extend(scored_twice(assay));
    notes
}

/// Why most suspects fail with the old prompt, too; of `drifting` such cases `marginal` change with any edit.
fn not_by_this_change(names: SideNames, drifting: usize, marginal: usize) -> String {
    if let SideNames::Letters(letter) = names {
        return format!("Most cases that looked worse with {letter} fail with A, too, when asked again.");
    }
    let lead = "Most suspects fail with the old prompt, too";
    let refresh = "Refresh the old prompt's answers with `--fresh`.";
    match marginal {
        0 => format!("{lead}: the provider or the grader changed, not this change. {refresh}"),
        _ if marginal == drifting => {
            format!(
                "{lead}, and not because of this change: all {drifting} are known to change with any edit."
            )
        }
        _ => format!(
            "{lead}, and not because of this change: {marginal} of {drifting} are known to change with any edit; for the \
             others the provider or the grader changed. {refresh}"
        ),
    }
}

/// How a side's screening answers ended, where some are empty or stopped otherwise than by themselves.
fn ends(assay: &PromptAssay, side: Side, names: SideNames) -> Option<Remark> {
    let (mut all, mut empty, mut whole) = (0, 0, 0);
    let mut stops: BTreeMap<String, usize> = BTreeMap::new();
    for (_, kept) in screened_on(assay, side) {
        let Kept::Answered { answer, .. } = kept else { continue };
        let response = &answer.response;
        all += 1;
        empty += usize::from(response.is_empty());
        whole += usize::from(response.is_whole());
        if !response.stop.is_complete() {
            *stops.entry(stop_reason(&response.stop)).or_default() += 1;
        }
    }
    if empty == 0 && stops.is_empty() {
        return None;
    }
    let name = names.of(side);
    let mut parts: Vec<Remark> = Vec::new();
    if empty > 0 {
        parts.push(Remark::new(format!("{empty} empty")));
    }
    for (stop, count) in stops {
        // A provider's word may be among them.
        parts.push(Remark::new(format!("{count} stopped with ")).quote(stop));
    }
    let mut remark = Remark::new(format!("Of {all} answers of {name} at screening: "));
    remark = remark.then(&listed(&parts)).and(".");
    if side == Side::Baseline && 2 * whole < all {
        remark = remark.and(" Most of them are empty or cut, so that there is little to compare with.");
    }
    Some(remark)
}

/// Fresh pairs that were lost without ending the gate.
fn lost_reruns(assay: &PromptAssay, outcome: &Outcome, context: &RunContext) -> Option<Remark> {
    let lost = lost::reruns(assay, &context.circumstances.redaction);
    let first = lost.first().filter(|_| outcome.reason != Reason::LostCalls)?;
    let cases = if lost.len() == 1 { "1 case".to_owned() } else { format!("{} cases", lost.len()) };
    let lead = Remark::new(format!("Re-runs of {cases} were lost, the first being ")).name(&first.id);
    Some(lead.and(": ").quote(&first.why))
}

/// Accepted breaks that pass again.
fn accepted(assay: &PromptAssay) -> Option<Remark> {
    let passing: Vec<Remark> = screened(assay)
        .filter(|(index, _)| assay.setup().accepted.contains_key(&assay.case(*index).case.id))
        .filter(|(_, kept)| matches!(kept, Kept::Answered { score, .. } if passes(&score.score)))
        .map(|(index, _)| Remark::default().name(&assay.case(index).case.id))
        .collect();
    let lead = Remark::new("Accepted breaks that pass, and need not be accepted: ");
    (!passing.is_empty()).then(|| lead.then(&listed(&passing)).and("."))
}

/// Answers for which the base's and the head's checks give different results.
fn scored_twice(assay: &PromptAssay) -> Option<Remark> {
    let turned: Vec<Remark> = screened(assay)
        .filter(|(index, _)| assay.case(*index).kind == CaseKind::Score)
        .filter_map(|(index, kept)| {
            let Kept::Answered { score, score_before: Some(before), .. } = kept else { return None };
            let (old, new) = (worded(&before.score)?, worded(&score.score)?);
            let id = Remark::default().name(&assay.case(index).case.id);
            let both = format!(" {old} the checks as they were and {new} them as they are");
            (old != new).then(|| id.and(both))
        })
        .collect();
    let lead = Remark::new("The same answer, scored twice: ");
    (!turned.is_empty()).then(|| lead.then(&listed(&turned)).and("."))
}

/// The candidate's screening answers, by case.
fn screened(assay: &PromptAssay) -> impl Iterator<Item = (usize, &Kept)> {
    screened_on(assay, Side::Candidate)
}

fn screened_on(assay: &PromptAssay, side: Side) -> impl Iterator<Item = (usize, &Kept)> {
    (0..assay.cases()).filter_map(move |index| {
        let call = Call { case: index, side, phase: Phase::Screen, k: 0 };
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

fn listed(items: &[Remark]) -> Remark {
    let mut list = Remark::default();
    for (index, item) in items.iter().take(NAMED).enumerate() {
        list = list.and(if index > 0 { "; " } else { "" }).then(item);
    }
    if items.len() > NAMED {
        list = list.and(format!(" and {} more", items.len() - NAMED));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_that_change_with_any_edit_are_not_blamed_on_the_provider() {
        insta::assert_snapshot!([0, 2, 4].map(|marginal| not_by_this_change(SideNames::OldAndNew, 4, marginal)).join("\n"), @"
        Most suspects fail with the old prompt, too: the provider or the grader changed, not this change. Refresh the old prompt's answers with `--fresh`.
        Most suspects fail with the old prompt, too, and not because of this change: 2 of 4 are known to change with any edit; for the others the provider or the grader changed. Refresh the old prompt's answers with `--fresh`.
        Most suspects fail with the old prompt, too, and not because of this change: all 4 are known to change with any edit.
        ");
    }
}
