//! What a prompt is compared with on the main line: the newest earlier content of its own that is
//! known to have passed, never merely the commit before (design.md 10.5).

use std::collections::BTreeMap;

use crate::change::{ChangeKind, ChangeSet, PromptChange};
use crate::evidence::Evidence;
use crate::prompt::Tier;
use crate::verdict::Verdict;

/// Whether evidence of a content shows that it passed with the full model. What a person let
/// through by break-glass did not pass, and is no baseline.
pub fn has_passed(evidence: &[Evidence], provider: &str) -> bool {
    evidence.iter().any(|evidence| {
        let claim = &evidence.claim;
        evidence.is_intact()
            && claim.tier == Tier::Main
            && claim.provider == provider
            && claim.covered
            && matches!(claim.verdict, Verdict::Ok | Verdict::Improved)
    })
}

/// Changes of prompts that were each compared with a content of their own.
#[derive(Debug)]
pub struct Footings {
    /// What the commit before is compared with: its moved bars stand, whatever a prompt is compared with.
    changes: ChangeSet,
    /// The head's order.
    order: BTreeMap<String, usize>,
    pairs: usize,
}

impl Footings {
    /// Begins with the comparison with the commit before. `order` are the head's prompts.
    pub fn of(changes: ChangeSet, order: impl IntoIterator<Item = String>) -> Self {
        let pairs = changes.prompts.len() + changes.unaffected;
        let order = order.into_iter().enumerate().map(|(index, id)| (id, index)).collect();
        Self { changes, order, pairs }
    }

    /// Whether the head differs from the commit before in this prompt.
    pub fn is_affected(&self, id: &str) -> bool {
        self.changes.prompts.iter().any(|change| change.id == id)
    }

    /// This exact content passed: there is nothing to evaluate.
    pub fn is_proven(&mut self, id: &str) {
        self.changes.prompts.retain(|change| change.id != id);
    }

    /// The prompt is compared with another content than that of the commit before; `change` is
    /// `None` where it equals that one.
    pub fn stands_on(&mut self, id: &str, change: Option<PromptChange>, note: &str) {
        let known = self.changes.prompts.iter().position(|known| known.id == id);
        let before = known.map(|index| self.changes.prompts.remove(index));
        let Some(mut change) = change else { return };
        // What the commit did is what a reader knows; what it is measured against is the note.
        match before {
            Some(before) => {
                change.kind = before.kind;
                change.causes = before.causes;
                change.diff = before.diff;
            }
            None if change.kind == ChangeKind::Added => {
                change.kind = ChangeKind::Edited;
                change.causes.clear();
                change.diff.clear();
            }
            None => {}
        }
        change.notes.push(note.to_owned());
        self.changes.prompts.push(change);
    }

    /// The change set, in the head's order, removed prompts last.
    pub fn settled(mut self) -> ChangeSet {
        let order = &self.order;
        self.changes.prompts.sort_by_key(|change| order.get(&change.id).copied().unwrap_or(usize::MAX));
        self.changes.unaffected = self.pairs.saturating_sub(self.changes.prompts.len());
        self.changes
    }
}
