//! How a run treats moved bars: it depends on the workflow, on whether the author may write to the
//! repository, and on whether the change is already merged.

use super::{GoldenChanges, Inputs, PullRequest};
use crate::report::untrusted::quoted;

/// How moved bars are treated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stance {
    /// What a moved bar does.
    pub golden_changes: GoldenChanges,
    /// The reason, if it is not set in the workflow; a sentence.
    pub because: Option<String>,
    /// Whether the commit is already on the default branch: the base's protection applied before
    /// the merge, and no run can undo the merge.
    pub is_merged: bool,
}

/// Associations of people who usually may write. This is less exact than it seems: a member may have
/// only read access, and a member who hides the membership is a `CONTRIBUTOR`.
const TRUSTED: [&str; 3] = ["OWNER", "MEMBER", "COLLABORATOR"];

/// The pull request whose author's rights decide what a moved bar does. `None` if they do not: the
/// workflow decides, or somebody with write access has pushed the commits to the repository itself.
pub fn undecided<'r>(inputs: &Inputs, request: Option<&'r PullRequest>) -> Option<&'r PullRequest> {
    request.filter(|request| inputs.golden_changes.is_none() && request.is_from_fork)
}

impl Stance {
    /// The stance of a run. `may_write` is the answer of GitHub's API about the author, if it was
    /// asked ([`undecided`]) and answered; otherwise the association in the event is used.
    pub fn of(
        inputs: &Inputs,
        request: Option<&PullRequest>,
        may_write: Option<bool>,
        is_merged: bool,
    ) -> Self {
        let stance = |golden_changes, because| Self { golden_changes, because, is_merged };
        if let Some(golden_changes) = inputs.golden_changes {
            return stance(golden_changes, None);
        }
        let Some(request) = undecided(inputs, request) else { return stance(GoldenChanges::Warn, None) };
        let author =
            if request.author.is_empty() { "its author".to_owned() } else { quoted(&request.author) };
        let because = match may_write {
            Some(true) => return stance(GoldenChanges::Warn, None),
            Some(false) => format!("{author} has no write access to this repository"),
            None if TRUSTED.contains(&request.association.as_str()) => {
                return stance(GoldenChanges::Warn, None);
            }
            None => format!(
                "whether {author} has write access to this repository could not be read, and GitHub's event calls \
                 the association {}",
                quoted(&request.association)
            ),
        };
        stance(GoldenChanges::Fail, Some(because))
    }
}
