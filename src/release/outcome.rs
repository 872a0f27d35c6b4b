//! The outcome of a release for a prompt, and the exit status that follows from it.

use std::fmt;

use serde::{Serialize, Serializer};

/// The outcome for a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is live now.
    Released,
    /// It would have been released; the run stopped before.
    NotReleased,
    /// It will be released; nothing is written yet.
    Pending,
    /// The live version equals the commit.
    Unchanged,
    /// Its content was rolled back, or there is an external change.
    Held,
    /// An external change stays live.
    Kept,
    /// It is refused: no evidence counts.
    Refused,
    /// No golden set covers it, and it was not requested by name.
    PassedOver,
}

impl Outcome {
    /// Every outcome, in the order of a summary.
    pub const ALL: [Self; 8] = [
        Self::Released,
        Self::NotReleased,
        Self::Pending,
        Self::Unchanged,
        Self::Held,
        Self::Kept,
        Self::Refused,
        Self::PassedOver,
    ];
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Released => "released",
            Self::NotReleased => "not released",
            Self::Pending => "to be released",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
            Self::Kept => "left alone",
            Self::Refused => "refused",
            Self::PassedOver => "not covered",
        })
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The exit status of a release: 0 done, 1 refused or left alone, 3 stopped. A hold is a
/// person's decision and does not count, whatever else is released and however it was requested.
pub fn exit_status(outcomes: &[Outcome], is_stopped: bool) -> u8 {
    let is_left = |outcome: &Outcome| matches!(outcome, Outcome::Refused | Outcome::Kept);
    match is_stopped {
        true => 3,
        false => u8::from(outcomes.iter().any(is_left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_ends_with_0_only_when_nothing_was_left_out() {
        for outcome in Outcome::ALL {
            let is_left = matches!(outcome, Outcome::Refused | Outcome::Kept);
            let outcomes = [Outcome::Released, outcome];
            assert_eq!(exit_status(&outcomes, false), u8::from(is_left), "{outcome}");
            assert_eq!(exit_status(&[outcome], false), u8::from(is_left), "{outcome}");
            assert_eq!(exit_status(&outcomes, true), 3, "{outcome}");
        }
    }
}
