//! What a run is for, and what follows from it: what is remembered, how the error budget is shared, which words are used.

use crate::compare::SideNames;

/// What a run is for. Only what is gated counts later: as an earlier run, and in how stable cases are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A change is gated.
    #[default]
    Gate,
    /// A person looks, again and again.
    Look,
    /// Two sides of a comparison are compared with each other, the second under this letter; so many such pairs share
    /// the error budget.
    Pair {
        /// The second side's letter.
        letter: char,
        /// Pairs of the whole comparison.
        of: usize,
    },
}

impl Purpose {
    /// Whether the run is remembered.
    pub fn is_remembered(self) -> bool {
        self == Self::Gate
    }

    /// Prompts that share the error budget, where this run has so many.
    pub fn together(self, prompts: usize) -> usize {
        match self {
            Self::Gate | Self::Look => prompts,
            Self::Pair { of, .. } => prompts * of,
        }
    }

    /// What notes call the two sides.
    pub fn names(self) -> SideNames {
        match self {
            Self::Gate | Self::Look => SideNames::OldAndNew,
            Self::Pair { letter, .. } => SideNames::Letters(letter),
        }
    }
}
