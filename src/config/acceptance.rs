//! Who accepted a break, and when, from the history of the configuration.

use super::{AcceptedBreak, read_into};
use crate::problem::Problems;
use crate::tree::MemoryTree;

/// Who accepted a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// The commit that brought it into the configuration.
    Known {
        /// Its author (untrusted text).
        author: String,
        /// Its day, `YYYY-MM-DD`.
        day: String,
        /// Its id.
        commit: String,
    },
    /// The history is not in the clone, and could not be read elsewhere.
    Unknown,
}

impl AcceptedBreak {
    /// Why it is accepted and, as far as it was looked up, by whom, when and until when.
    pub fn because(&self) -> String {
        let who = match &self.acceptance {
            None => return self.reason.clone(),
            Some(Acceptance::Unknown) => {
                "who accepted it is not known: its history could not be read".to_owned()
            }
            Some(Acceptance::Known { author, day, commit }) => {
                format!("accepted by {author} on {day} in {}", commit.get(..7).unwrap_or(commit))
            }
        };
        let until = self.until.as_ref().map_or(String::new(), |day| format!("; until {day}"));
        format!("{} ({who}{until})", self.reason)
    }

    /// Whether a version of the configuration accepts the same: prompt, case, reason and last day.
    pub fn stands_in(&self, path: &str, version: &[u8]) -> bool {
        let tree = MemoryTree::new([(path, version)]);
        let config = read_into(&tree, Some(path), &mut Problems::new());
        config.is_some_and(|config| config.accepted_breaks.iter().any(|entry| entry.says_the_same(self)))
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (&self.prompt, &self.case, &self.reason, &self.until)
            == (&other.prompt, &other.case, &other.reason, &other.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(acceptance: Option<Acceptance>) -> AcceptedBreak {
        AcceptedBreak {
            prompt: "p".to_owned(),
            case: "c".to_owned(),
            reason: "the new policy".to_owned(),
            until: Some("2999-12-31".to_owned()),
            acceptance,
        }
    }

    #[test]
    fn the_reason_comes_with_what_is_known_of_who_gave_it() {
        let known = Acceptance::Known {
            author: "Alex".to_owned(),
            day: "2026-01-05".to_owned(),
            commit: "0123456789".to_owned(),
        };
        assert_eq!(entry(None).because(), "the new policy");
        assert_eq!(
            entry(Some(known)).because(),
            "the new policy (accepted by Alex on 2026-01-05 in 0123456; until 2999-12-31)"
        );
        assert_eq!(
            entry(Some(Acceptance::Unknown)).because(),
            "the new policy (who accepted it is not known: its history could not be read; until 2999-12-31)"
        );
    }

    #[test]
    fn an_entry_is_known_again_wherever_it_stands_and_however_the_rest_reads() {
        let written = "accepted_breaks:\n  - {prompt: q, case: c, reason: other}\n  - reason: the new policy\n    \
                       until: 2999-12-31\n    case: c\n    prompt: p\nnonsense: 1\n";
        assert!(entry(None).stands_in("a.yaml", written.as_bytes()));
        assert!(!entry(None).stands_in("a.yaml", written.replace("new policy", "old policy").as_bytes()));
        assert!(!entry(None).stands_in("a.yaml", b"{"));
    }
}
