//! Prompts with nothing to evaluate: removed, renamed, without golden cases, or changed in a way
//! that no golden case shows.

use super::blank;
use crate::change::{Cause, ChangeKind, Coverage, PromptChange};
use crate::config::OnUncovered;
use crate::report::PromptReport;
use crate::report::sentence::reason;
use crate::verdict::Verdict;

/// The report of such a prompt.
pub(super) fn report(change: &PromptChange, uncovered: OnUncovered) -> PromptReport {
    let unseen = match uncovered {
        OnUncovered::Pass => Verdict::Ok,
        OnUncovered::Fail => Verdict::Regression,
    };
    let (verdict, reason) = match (&change.kind, change.coverage) {
        (ChangeKind::Removed, _) => (Verdict::Ok, reason::PROMPT_REMOVED),
        (_, Coverage::Removed) => (Verdict::Regression, reason::GOLDEN_SET_REMOVED),
        (_, Coverage::NotCovered) => (unseen, reason::NOT_COVERED),
        (ChangeKind::Renamed { .. }, Coverage::Covered) if change.diff.is_empty() => {
            (Verdict::Ok, reason::RENAMED)
        }
        // Cases went; nothing that is sent or asked of the others changed.
        (_, Coverage::Covered) if change.causes.iter().all(|cause| *cause == Cause::GoldenSet) => {
            (Verdict::Ok, reason::RESCORED)
        }
        (_, Coverage::Covered) => (unseen, reason::NOT_EXERCISED),
    };
    PromptReport { verdict, reason: reason.to_owned(), ..blank(change) }
}
