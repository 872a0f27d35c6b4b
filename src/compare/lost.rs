//! Cases whose calls failed or could not be read, and why.

use crate::assay::{Kept, PromptAssay};
use crate::gate::Outcome;
use crate::trial::{Call, Phase, Side};
use crate::verdict::Reason;

use super::Redaction;

/// A case that counts on neither side.
pub(super) struct Lost {
    pub id: String,
    pub why: String,
    /// The model answered; only the judge could not be read.
    pub unreadable: bool,
}

/// The lost cases, in the golden set's order: those of the screening and, where lost re-runs are
/// what ended the gate, those of the re-runs.
pub(super) fn cases(assay: &PromptAssay, outcome: &Outcome, redaction: &Redaction) -> Vec<Lost> {
    let mut lost: Vec<Lost> = outcome
        .lost
        .iter()
        .map(|lost| {
            let side = if lost.candidate { Side::Candidate } else { Side::Baseline };
            of_call(assay, Call { case: lost.case, side, phase: Phase::Screen, k: 0 }, redaction)
        })
        .collect();
    if outcome.reason == Reason::LostCalls {
        for again in reruns(assay, redaction) {
            if lost.iter().all(|known| known.id != again.id) {
                lost.push(again);
            }
        }
    }
    lost
}

/// Re-runs without a score, one for each case.
pub(super) fn reruns(assay: &PromptAssay, redaction: &Redaction) -> Vec<Lost> {
    let mut lost: Vec<Lost> = Vec::new();
    let unscored = assay.all_kept().filter(|(_, kept)| kept.lost_because().is_some());
    for (call, _) in unscored.filter(|(call, _)| call.phase.is_fresh()) {
        let rerun = of_call(assay, *call, redaction);
        if lost.last().is_none_or(|known| known.id != rerun.id) {
            lost.push(rerun);
        }
    }
    lost
}

fn of_call(assay: &PromptAssay, call: Call, redaction: &Redaction) -> Lost {
    let case = assay.case(call.case);
    let kept = assay.kept(&call);
    let why = kept.and_then(Kept::lost_because);
    let why = why.unwrap_or_else(|| "no answer before the run ended".to_owned());
    let answer = match kept {
        Some(Kept::Answered { answer, .. }) => answer.response.text.as_str(),
        _ => "",
    };
    Lost {
        id: case.case.id.clone(),
        why: redaction.apply_to_quotes(&why, &[answer, case.case.expected.as_deref().unwrap_or_default()]),
        unreadable: matches!(kept, Some(Kept::Answered { .. })),
    }
}
