//! What a prompt is compared with on the main branch: its newest earlier content that is known to
//! have passed, never just the commit before (decisions.md#main-does-not-ratchet).

use std::collections::BTreeMap;

use crate::change::{ChangeKind, ChangeSet, PromptChange};
use crate::config::ProviderKind;
use crate::evidence::Evidence;
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::verdict::Verdict;

/// Whether evidence of a content shows that it passed with the full model. A content that passed
/// only by break-glass did not pass, and is not a baseline.
pub fn has_passed(evidence: &[Evidence], provider: ProviderKind, server: Option<&str>) -> bool {
    evidence.iter().any(|evidence| {
        let claim = &evidence.claim;
        evidence.is_intact()
            && claim.tier == Tier::Main
            && claim.provider == provider
            && claim.server.as_deref() == server
            && claim.covered
            && matches!(claim.verdict, Verdict::Ok | Verdict::Improved)
    })
}

/// Changes of prompts, each compared with its own baseline.
#[derive(Debug)]
pub struct MainBaselines {
    /// The comparison with the commit before: its moved bars apply, whatever the baseline of a prompt is.
    changes: ChangeSet,
    /// The head's order.
    order: BTreeMap<String, usize>,
    pairs: usize,
}

impl MainBaselines {
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
        // The reader knows what the commit did; the note names the baseline.
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
        change.notes.push(Remark::new(note));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problems;
    use crate::snapshot::{Choice, Snapshot};
    use crate::tree::MemoryTree;

    fn catalog(texts: &[(&str, &str)]) -> MemoryTree {
        let lines: String = texts.iter().map(|(id, text)| format!("{id}: \"{text}\"\n")).collect();
        let case = "cases: [{id: c, input: q, checks: [{contains: \"yes\"}]}]\n";
        let mut tree = MemoryTree::new([("prompts.yaml", lines)]);
        tree.insert("prompt-assay.yaml", "models: {branch: m, main: m}\n");
        for (id, _) in texts {
            tree.insert(format!("golden/{id}.yaml"), case);
        }
        tree
    }

    fn between(base: &MemoryTree, head: &MemoryTree) -> ChangeSet {
        let mut problems = Problems::new();
        let (old, new) =
            (Snapshot::read(base, None, &mut problems), Snapshot::read(head, None, &mut problems));
        let changes = crate::change::compare(&old, &new, &Choice::default(), &mut problems);
        assert!(!problems.has_errors(), "{problems}");
        changes
    }

    fn ids(changes: &ChangeSet) -> Vec<&str> {
        changes.prompts.iter().map(|change| change.id.as_str()).collect()
    }

    #[test]
    fn the_order_is_the_heads_and_nothing_is_counted_twice() {
        let before = catalog(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("gone", "1")]);
        let head = catalog(&[("a", "1"), ("b", "2"), ("c", "2"), ("d", "2")]);
        let changes = between(&before, &head);
        assert_eq!((ids(&changes).as_slice(), changes.unaffected), (&["b", "c", "d", "gone"][..], 1));
        let earlier = between(&catalog(&[("a", "0"), ("c", "0")]), &head);
        let of = |id: &str| earlier.prompts.iter().find(|change| change.id == id).cloned();
        let order = ["a", "b", "c", "d"].map(str::to_owned);
        let mut baselines = MainBaselines::of(changes, order);
        baselines.is_proven("b");
        baselines.stands_on("c", of("c"), "note c");
        baselines.stands_on("a", of("a"), "note a");
        baselines.stands_on("d", None, "equal there");
        let settled = baselines.settled();
        assert_eq!((ids(&settled).as_slice(), settled.unaffected), (&["a", "c", "gone"][..], 2));
        assert_eq!(settled.prompts[0].notes, ["note a"]);
    }

    #[test]
    fn a_prompt_on_its_floor_shows_what_the_commit_did_and_has_no_baseline() {
        let before = catalog(&[("a", "1"), ("b", "1")]);
        let head = catalog(&[("a", "2"), ("b", "1")]);
        let alone = between(&catalog(&[("other", "nothing of the kind")]), &head);
        let mut baselines = MainBaselines::of(between(&before, &head), ["a".to_owned(), "b".to_owned()]);
        assert!(baselines.is_affected("a") && !baselines.is_affected("b"));
        for (id, change) in [("a", &alone.prompts[0]), ("b", &alone.prompts[1])] {
            baselines.stands_on(id, Some(change.clone()), "the floor");
        }
        let settled = baselines.settled();
        let [a, b] = settled.prompts.as_slice() else { panic!("two prompts") };
        assert_eq!((&a.kind, &b.kind), (&ChangeKind::Edited, &ChangeKind::Edited));
        assert!(!a.diff.is_empty() && b.diff.is_empty());
        assert!([a, b].iter().all(|change| change.cases.iter().all(|case| case.baseline.is_none())));
    }
}
