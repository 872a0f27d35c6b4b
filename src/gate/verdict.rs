//! Why a run ends before the gate is done. Verdicts, reasons and their words are in `crate::verdict`.

pub use crate::verdict::{Reason, Verdict};

/// Why a run ends before the gate is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The budget is used up.
    Budget,
    /// The run was interrupted.
    Interrupted,
    /// No call can be made any more (no credentials, no such model).
    Fatal,
}

impl StopCause {
    pub(super) fn reason(self) -> Reason {
        match self {
            StopCause::Budget => Reason::Budget,
            StopCause::Interrupted => Reason::Interrupted,
            StopCause::Fatal => Reason::Fatal,
        }
    }
}
