//! Prompts that were evaluated: the gate's outcome with its numbers and cases.

use super::case::{finding, reruns};
use super::{Circumstances, blank, cost, counts};
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseKind;
use crate::check::Score;
use crate::gate::{MustStatus, Outcome, Reason, Suspect, SuspectStatus};
use crate::report::sentence::reason;
use crate::report::{CaseFinding, Difference, EscalationReport, FloorReport, PromptReport, Rate};
use crate::runner::Spend;
use crate::stats::planning::smallest_drop_caught;
use crate::trial::{Call, Phase, Side};
use crate::verdict::Verdict;

/// The report of one assayed prompt.
pub(super) fn report(assay: &PromptAssay, spend: &Spend, circumstances: &Circumstances) -> PromptReport {
    let change = assay.change();
    let mut report = blank(change);
    let ours = |key: &crate::runner::SpendKey| key.prompt == change.id;
    report.calls = counts(spend, ours);
    report.cost = cost(&spend.tally(ours));
    report.paid = assay.setup().paid;
    let accepted = &assay.setup().accepted;
    report.accepted = accepted
        .iter()
        .filter(|(case, _)| change.cases.iter().any(|c| c.case.id == **case))
        .map(|(case, why)| (case.clone(), why.clone()))
        .collect();
    let Some(outcome) = assay.outcome() else {
        report.verdict = Verdict::NotMeasured;
        reason::INTERRUPTED.clone_into(&mut report.reason);
        return report;
    };
    numbers(&mut report, outcome);
    cases(&mut report, assay, outcome, circumstances);
    notes(&mut report, assay, outcome);
    report.verdict = outcome.verdict;
    report.reason = reason_word(&report, assay, outcome).to_owned();
    report
}

fn numbers(report: &mut PromptReport, outcome: &Outcome) {
    if outcome.compared > 0 {
        report.purse = Some(outcome.purse);
        report.limit = Some(outcome.limit);
        report.evidence = Some(outcome.evidence);
        report.smallest_visible_drop = smallest_drop_caught(outcome.compared);
    }
    report.n = outcome.compared;
    report.screened = outcome.screened;
    report.p_screen = outcome.p_values.map(|p| p.screen);
    let rate = |rate: &crate::gate::Rate| Rate { passed: rate.passed, of: rate.of };
    report.baseline = outcome.baseline.as_ref().map(rate);
    report.candidate = outcome.candidate.as_ref().map(rate);
    report.difference = outcome.difference.map(|found| Difference {
        estimate: found.estimate,
        ci95: [found.ci95.low, found.ci95.high],
        ruled_out_drop: (-found.lower95).max(0.0),
    });
    report.floor = outcome.floor.as_ref().map(|floor| FloorReport {
        min_score: floor.min_score,
        mean: floor.mean,
        upper: floor.ci95.high,
        of: floor.of,
    });
    report.escalation = outcome.escalation.map(|counts| EscalationReport {
        pairs: counts.pairs,
        baseline_better: counts.baseline_better,
        candidate_better: counts.candidate_better,
    });
}

fn cases(report: &mut PromptReport, assay: &PromptAssay, outcome: &Outcome, circumstances: &Circumstances) {
    let redaction = &circumstances.redaction;
    let of = |index: usize, status: &str| finding(assay, index, status, redaction);
    for suspect in &outcome.suspects {
        let (list, status) = if outcome.broken.contains(&suspect.case) {
            (&mut report.broken, "broken")
        } else {
            match suspect.status {
                // Together they moved the purse to the limit, even where none stands alone.
                SuspectStatus::Live if suspect.wealth > 1.0 && outcome.reason == Reason::ConfirmedBreaks => {
                    (&mut report.broken, "reproduced")
                }
                SuspectStatus::Live if suspect.wealth > 1.0 => (&mut report.unresolved, "reproduced"),
                SuspectStatus::Live => (&mut report.unresolved, "live"),
                SuspectStatus::BaseFailsToo => (&mut report.drifting, "base_fails_too"),
                SuspectStatus::PassedOnRerun => (&mut report.flaky, "passed_on_rerun"),
                SuspectStatus::Unstable => (&mut report.flaky, "unstable"),
            }
        };
        list.push(with_reruns(of(suspect.case, status), suspect));
    }
    report.fixed = outcome.fixed.iter().map(|&index| of(index, "fixed")).collect();
    for must in &outcome.must_pass {
        let mut case = of(must.case, must.status.as_str());
        case.candidate_reruns = reruns(must.candidate);
        case.baseline_reruns = reruns(must.baseline);
        match must.status {
            MustStatus::Failing | MustStatus::Unmeasured | MustStatus::Open => report.must_pass.push(case),
            MustStatus::AlreadyFailing => report.drifting.push(case),
            MustStatus::Cleared if report.flaky.iter().any(|known| known.id == case.id) => {}
            MustStatus::Cleared => report.flaky.push(case),
        }
    }
    report.failing = failing(assay).into_iter().map(|index| of(index, "failing")).collect();
    report.lost = outcome
        .lost
        .iter()
        .map(|lost| {
            let side = if lost.candidate { Side::Candidate } else { Side::Baseline };
            let call = Call { case: lost.case, side, phase: Phase::Screen, k: 0 };
            let why = assay.kept(&call).and_then(Kept::lost_because);
            let why = why.unwrap_or_else(|| "no answer before the run ended".to_owned());
            (assay.case(lost.case).case.id.clone(), redaction.apply(&why))
        })
        .collect();
    report.unresolved.retain(|case| report.must_pass.iter().all(|must| must.id != case.id));
    for list in [&mut report.fixed, &mut report.flaky, &mut report.drifting, &mut report.failing] {
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

fn with_reruns(mut case: CaseFinding, suspect: &Suspect) -> CaseFinding {
    case.candidate_reruns = reruns(suspect.candidate);
    case.baseline_reruns = reruns(suspect.baseline);
    case
}

/// Cases without a comparison that did not pass, must-pass ones apart.
fn failing(assay: &PromptAssay) -> Vec<usize> {
    floor_cases(assay)
        .filter(|(_, kept)| {
            matches!(kept, Kept::Answered { score, .. }
                if matches!(score.score, Score::Scored { passed: false, .. }))
        })
        .map(|(index, _)| index)
        .collect()
}

/// The answered cases that are scored but not compared.
fn floor_cases(assay: &PromptAssay) -> impl Iterator<Item = (usize, &Kept)> {
    let members = assay.change().cases.iter().filter(|case| case.kind != CaseKind::Unaffected).count();
    (0..members).filter(|&index| assay.case(index).kind == CaseKind::Score).filter_map(|index| {
        let call = Call { case: index, side: Side::Candidate, phase: Phase::Screen, k: 0 };
        Some((index, assay.kept(&call)?))
    })
}

fn notes(report: &mut PromptReport, assay: &PromptAssay, outcome: &Outcome) {
    if outcome.provider_changed() {
        report.notes.push(
            "Most suspects fail with the baseline too: the provider or the grader changed, not this change. \
             Refresh the baseline's answers with `--fresh`."
                .to_owned(),
        );
    }
    if outcome.mixed {
        report.notes.push(format!(
            "Mixed: {} broken, {} fixed. The fixes are significant too, but a break is a break.",
            report.broken.len(),
            report.fixed.len()
        ));
    }
    if outcome.p_values.is_some_and(|p| p.coarsened) {
        report.notes.push("The exact test was run on rounded scores: there are many of them.".to_owned());
    }
    for must in outcome.must_pass.iter().filter(|must| must.status == MustStatus::AlreadyFailing) {
        let id = &assay.case(must.case).case.id;
        report.notes.push(format!("The must-pass case `{id}` is already failing with the baseline."));
    }
    let turned: Vec<String> = floor_cases(assay)
        .filter_map(|(index, kept)| {
            let Kept::Answered { score, score_before: Some(before), .. } = kept else { return None };
            let passed = |score: &Score| matches!(score, Score::Scored { passed: true, .. });
            (passed(&before.score) != passed(&score.score)).then(|| {
                let (old, new) =
                    if passed(&before.score) { ("passes", "fails") } else { ("fails", "passes") };
                let id = &assay.case(index).case.id;
                format!("`{id}` {old} the checks as they were and {new} them as they are")
            })
        })
        .collect();
    if !turned.is_empty() {
        report.notes.push(format!("The same answer, scored twice: {}.", turned.join("; ")));
    }
}

fn reason_word(report: &PromptReport, assay: &PromptAssay, outcome: &Outcome) -> &'static str {
    match outcome.reason {
        Reason::CallsImpossible => reason::FATAL,
        Reason::LostCalls if mostly_unreadable(assay, outcome) => reason::JUDGE_UNREADABLE,
        Reason::FloorPassed if assay.change().baseline_model.is_some() && report.floor.is_none() => {
            reason::RESCORED
        }
        other => other.as_str(),
    }
}

/// Whether the lost cases have answers, and only the judge could not be read.
fn mostly_unreadable(assay: &PromptAssay, outcome: &Outcome) -> bool {
    let unread = outcome.lost.iter().filter(|lost| {
        [Side::Candidate, Side::Baseline].into_iter().any(|side| {
            let call = Call { case: lost.case, side, phase: Phase::Screen, k: 0 };
            matches!(assay.kept(&call), Some(Kept::Answered { score, .. })
                if matches!(score.score, Score::Unscored { .. }))
        })
    });
    2 * unread.count() > outcome.lost.len()
}
