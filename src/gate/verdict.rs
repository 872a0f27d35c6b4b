//! Why the gate said what it said, as stable words.

pub use crate::verdict::Verdict;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// REGRESSION: suspects failed again and again on fresh pairs.
    ConfirmedBreaks,
    /// REGRESSION: the fresh pairs, or a paid screening, show a drop over many cases.
    OverallDrop,
    /// REGRESSION: cases fail as they stand, and pass with neutral white space.
    PassesOnlyWhenVaried,
    /// REGRESSION: a must-pass case fails.
    MustPass,
    /// REGRESSION: the golden set's mean score is below `min_score`, beyond chance.
    BelowFloor,
    /// OK: nothing was found.
    NoRegressionFound,
    /// IMPROVED: the exact sign test on the screening.
    ScreenSignTest,
    /// OK or INCONCLUSIVE: screening looked worse, the fresh pairs did not repeat it.
    OverallDropNotReproduced,
    /// INCONCLUSIVE: the fresh pairs ran out.
    OverallDropUnresolved,
    /// INCONCLUSIVE: suspects were neither confirmed nor cleared.
    SuspectsUnresolved,
    /// OK: nothing to compare, and no absolute rule was broken.
    FloorPassed,
    /// NOT MEASURED: too many calls failed or could not be read.
    LostCalls,
    /// NOT MEASURED: the budget ended the run.
    Budget,
    /// NOT MEASURED: the run was interrupted.
    Interrupted,
    /// NOT MEASURED: calls cannot be made at all.
    CallsImpossible,
}

impl Reason {
    /// The word used in reports and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::ConfirmedBreaks => "confirmed_breaks",
            Reason::OverallDrop => "overall_drop",
            Reason::PassesOnlyWhenVaried => "passes_only_when_varied",
            Reason::MustPass => "must_pass",
            Reason::BelowFloor => "below_floor",
            Reason::NoRegressionFound => "no_regression_found",
            Reason::ScreenSignTest => "screen_sign_test",
            Reason::OverallDropNotReproduced => "overall_drop_not_reproduced",
            Reason::OverallDropUnresolved => "overall_drop_unresolved",
            Reason::SuspectsUnresolved => "suspects_unresolved",
            Reason::FloorPassed => "floor_passed",
            Reason::LostCalls => "lost_calls",
            Reason::Budget => "budget",
            Reason::Interrupted => "interrupted",
            Reason::CallsImpossible => "calls_impossible",
        }
    }
}

/// Why a run ends before the gate is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The budget is used up.
    Budget,
    /// Somebody or something interrupted the run.
    Interrupted,
    /// No call can be made any more (no credentials, no such model).
    Fatal,
}

impl StopCause {
    pub(super) fn reason(self) -> Reason {
        match self {
            StopCause::Budget => Reason::Budget,
            StopCause::Interrupted => Reason::Interrupted,
            StopCause::Fatal => Reason::CallsImpossible,
        }
    }
}
