//! Prompts with nothing to evaluate: removed, renamed, without golden cases, or changed in a way
//! that affects no golden case.

use super::blank;
use crate::change::{Cause, ChangeKind, Coverage, PromptChange};
use crate::config::OnUncovered;
use crate::report::PromptReport;
use crate::verdict::{Reason, Verdict};

/// The report of such a prompt.
pub(super) fn report(change: &PromptChange, uncovered: OnUncovered) -> PromptReport {
    let unseen = match uncovered {
        OnUncovered::Pass => Verdict::Ok,
        OnUncovered::Fail => Verdict::Regression,
    };
    let (verdict, reason) = match (&change.kind, change.coverage) {
        (ChangeKind::Removed, _) => (Verdict::Ok, Reason::PromptRemoved),
        (_, Coverage::Removed) => (Verdict::Regression, Reason::GoldenSetRemoved),
        (_, Coverage::NotCovered) => (unseen, Reason::NotCovered),
        (ChangeKind::Renamed { .. }, Coverage::Covered) if change.diff.is_empty() => {
            (Verdict::Ok, Reason::Renamed)
        }
        // Cases were removed; requests and checks of the others did not change.
        (_, Coverage::Covered) if change.causes.iter().all(|cause| *cause == Cause::GoldenSet) => {
            (Verdict::Ok, Reason::Rescored)
        }
        (_, Coverage::Covered) => (unseen, Reason::NotExercised),
    };
    PromptReport { verdict, reason, ..blank(change) }
}
