//! The affected (prompt, case) set of random catalogs, includes, golden sets and edits equals the
//! true set, computed here in another way: from the model from which the files were printed.

mod print;
mod world;

use std::collections::BTreeMap;

use prompt_assay::change::{self, CaseKind, ChangeSet};
use prompt_assay::problem::Problems;
use prompt_assay::snapshot::{Choice, Snapshot};
use prompt_assay::tree::MemoryTree;
use proptest::prelude::*;

use print::{Style, print};
use world::{Kind, World, edits, truth, world};

/// The affected cases as the program sees them, by prompt and case.
fn affected(base: &MemoryTree, head: &MemoryTree) -> BTreeMap<(String, String), Kind> {
    let changes = compared(base, head);
    let mut affected = BTreeMap::new();
    for prompt in &changes.prompts {
        for case in &prompt.cases {
            let kind = match case.kind {
                CaseKind::Compare => Kind::Compare,
                CaseKind::Score => Kind::Score,
                CaseKind::Unaffected => continue,
            };
            affected.insert((prompt.id.clone(), case.case.id.clone()), kind);
        }
    }
    affected
}

fn compared(base: &MemoryTree, head: &MemoryTree) -> ChangeSet {
    let mut problems = Problems::new();
    let base = Snapshot::read(base, None, &mut problems);
    let head = Snapshot::read(head, None, &mut problems);
    let changes = change::compare(&base, &head, &Choice::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_affected_set_is_the_truth(
        (base, edits) in world().prop_flat_map(|world| { let edits = edits(&world); (Just(world), edits) }),
        styles in any::<(Style, Style)>(),
    ) {
        let mut head = base.clone();
        for edit in &edits {
            edit.apply(&mut head);
        }
        let found = affected(&print(&base, styles.0), &print(&head, styles.1));
        prop_assert_eq!(found, truth(&base, &head), "edits: {:?}", edits);
    }

    #[test]
    fn formatting_affects_nothing(base in world(), styles in any::<(Style, Style)>()) {
        let changes = compared(&print(&base, styles.0), &print(&base, styles.1));
        prop_assert_eq!(changes.prompts, vec![]);
        prop_assert_eq!(changes.unaffected, base.prompts.len());
    }
}

#[test]
fn the_world_is_rich_enough_to_mean_something() {
    // Were every random edit without effect, the property above would hold for any program.
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut compare, mut score, mut some_but_not_all) = (0, 0, 0);
    for _ in 0..200 {
        let base: World = world().new_tree(&mut runner).expect("a world").current();
        let mut head = base.clone();
        for edit in edits(&base).new_tree(&mut runner).expect("edits").current() {
            edit.apply(&mut head);
        }
        let truth = truth(&base, &head);
        compare += usize::from(truth.values().any(|kind| *kind == Kind::Compare));
        score += usize::from(truth.values().any(|kind| *kind == Kind::Score));
        let all: usize = head.prompts.values().map(|prompt| prompt.cases.len()).sum();
        some_but_not_all += usize::from(!truth.is_empty() && truth.len() < all);
    }
    assert!(compare > 50 && score > 30 && some_but_not_all > 80, "{compare} {score} {some_but_not_all}");
}
