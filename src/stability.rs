//! How cases behaved before: which change with any edit, as the stored answers show.
//!
//! Only answers to contents that stood on the base count. An author who pushes a break again and again would
//! otherwise make the broken case look marginal.

mod contents;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use contents::{Asked, Contents};

/// Answers from which on something is said about a case.
const ENOUGH: u32 = 5;
/// Answers from which on a case is stable that passed all of them.
const STABLE: u32 = 10;
/// A case that turned fewer times than this is not marginal: one turn may be a fix, or an accident.
const TURNS: u32 = 2;
/// A case is marginal if at least one answer in this many is of the rarer kind.
const RARER: u32 = 10;

/// Answers of one case to one content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passes {
    /// That passed.
    pub passed: u32,
    /// That were scored.
    pub of: u32,
}

impl Passes {
    fn rarer(self) -> u32 {
        self.passed.min(self.of - self.passed)
    }

    fn mostly_passes(self) -> bool {
        2 * self.passed >= self.of
    }

    fn and(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, of: self.of + other.of }
    }
}

/// What is known of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stability {
    /// Over all contents.
    pub answers: Passes,
    /// Contents that they belong to.
    pub contents: u32,
    /// How often the case turned: from one content to the next, or within one (two at most).
    pub turns: u32,
}

impl Stability {
    /// Of the answers by content, oldest content first.
    pub fn of(contents: &[Passes]) -> Self {
        let answers = contents.iter().fold(Passes::default(), |sum, content| sum.and(*content));
        let within: u32 = contents.iter().map(|content| content.rarer().min(TURNS)).sum();
        let between = contents.windows(2).filter(|pair| pair[0].mostly_passes() != pair[1].mostly_passes());
        let turns = within + between.count() as u32;
        Self { answers, contents: contents.len() as u32, turns }
    }

    /// Whether there are enough answers to say something.
    pub fn is_known(self) -> bool {
        self.answers.of >= ENOUGH
    }

    /// Whether the case changes with any edit.
    pub fn is_marginal(self) -> bool {
        self.steadiness() == Steadiness::Marginal
    }

    /// What this says of the case.
    pub fn steadiness(self) -> Steadiness {
        let Passes { passed, of } = self.answers;
        if self.is_known() && self.turns >= TURNS && RARER * self.answers.rarer() >= of {
            Steadiness::Marginal
        } else if of >= STABLE && self.contents >= ENOUGH && passed == of {
            Steadiness::Stable
        } else if self.contents >= ENOUGH && self.turns >= TURNS {
            Steadiness::Wavering
        } else {
            Steadiness::Unknown
        }
    }
}

/// What the answers before a comparison say of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steadiness {
    /// Too little, or something between the two others.
    #[default]
    Unknown,
    /// It passed with every earlier edit, so its break is the change's doing: no fix of another case pays for it.
    Stable,
    /// It turned with an edit before, though seldom: a person decides about a break of it alone.
    Wavering,
    /// It changes with any edit: it needs more evidence, and does not block alone.
    Marginal,
}

/// What is known of the cases of a prompt, by id.
pub type Stabilities = BTreeMap<String, Stability>;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(contents: &[(u32, u32)]) -> Stability {
        let contents: Vec<Passes> =
            contents.iter().map(|(passed, of)| Passes { passed: *passed, of: *of }).collect();
        Stability::of(&contents)
    }

    #[test]
    fn stable_cases_passed_with_every_edit_and_wavering_ones_turned_once_and_back() {
        let edits = |failed: &[usize], n: usize| {
            let contents: Vec<(u32, u32)> =
                (0..n).map(|content| (u32::from(!failed.contains(&content)), 1)).collect();
            of(&contents).steadiness()
        };
        assert_eq!(edits(&[], 12), Steadiness::Stable);
        assert_eq!(edits(&[], 9), Steadiness::Unknown, "too few answers");
        assert_eq!(of(&[(30, 30)]).steadiness(), Steadiness::Unknown, "one content says nothing of edits");
        assert_eq!(edits(&[4], 12), Steadiness::Wavering);
        assert_eq!(edits(&[0], 12), Steadiness::Unknown, "fixed once");
        assert_eq!(edits(&[4, 7], 12), Steadiness::Marginal);
    }

    #[test]
    fn a_case_that_turns_again_and_again_is_marginal_and_one_that_was_fixed_once_is_not() {
        assert!(of(&[(1, 1), (0, 1), (1, 1), (0, 1), (1, 1)]).is_marginal());
        assert!(of(&[(6, 9)]).is_marginal(), "within one content");
        assert!(!of(&[(0, 20), (20, 20)]).is_marginal(), "fixed once");
        assert!(!of(&[(8, 9)]).is_marginal(), "one accident");
        assert!(!of(&[(97, 100)]).is_marginal(), "reliable, with accidents");
        assert!(!of(&[(1, 1), (0, 1), (1, 1)]).is_known(), "too few answers");
        assert!(!Stability::of(&[]).is_marginal());
    }
}
