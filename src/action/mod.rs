//! GitHub Actions as values: inputs, job and event in; annotations, outputs and comments out. The
//! I/O around these values is in `app/action`. A build of AWS CodeBuild gives the same values from other variables.
//!
//! ```text
//! environment ─ Inputs, Job ┐
//! event file ─ Event ───────┴ decide ─ Decision      what to compare, on which tier, whom to trust
//! Report ─ annotation, outputs, page, marker         what may leave, made harmless for its surface
//! ```

pub mod annotation;
mod break_glass;
pub mod codebuild;
mod conclude;
mod decide;
pub mod evaluations;
mod event;
mod inputs;
mod job;
mod main_baseline;
mod marker;
pub mod outputs;
pub mod page;
mod stance;
#[cfg(test)]
mod tests;
mod workflow;

pub use break_glass::{LabelEvent, Labels, NotOverridden, Override, by_input, by_label};
pub use conclude::{Conclusion, conclude};
pub use decide::{Base, Checkout, Decision, Head, decide};
pub use event::{Event, EventError, PullRequest, Push};
pub use inputs::{BreakGlass, FailOn, GoldenChanges, Inputs, OnFork, area_of};
pub use job::{Host, Job};
pub use main_baseline::{MainBaselines, has_passed};
pub use marker::{Marker, Placement, PostedComment, placement};
pub use stance::{Stance, undecided};
pub use workflow::needs_main_tier;

/// Whether a text is a full commit id: 40 or 64 hexadecimal digits, safe in an address.
pub fn is_commit_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
