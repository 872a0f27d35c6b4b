use proptest::prelude::*;

use super::*;
use crate::change::{self, ChangeSet};
use crate::problem::Problems;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::MemoryTree;

/// An edit of every prompt; each has so many cases. Prompts of one family ask the same.
fn edited(prompts: &[(usize, Option<u8>)]) -> ChangeSet {
    let tree = |word: &str| {
        let mut tree = MemoryTree::default();
        tree.insert("prompt-assay.yaml", "models: {branch: some.model}\n");
        let mut catalog = String::new();
        for (index, (cases, family)) in prompts.iter().enumerate() {
            let text = family.map_or(format!("p{index} {word}"), |family| format!("family {family} {word}"));
            catalog.push_str(&format!("p{index}: \"{text}\"\n"));
            let cases: String =
                (0..*cases).map(|case| format!("  - {{id: c{case}, input: q{case}}}\n")).collect();
            tree.insert(
                format!("golden/p{index}.yaml"),
                format!("defaults: {{checks: [{{contains: x}}]}}\ncases:\n{cases}"),
            );
        }
        tree.insert("prompts.yaml", catalog);
        tree
    };
    let (base, head) = (tree("before"), tree("after"));
    let mut problems = Problems::new();
    let (base, head) =
        (Snapshot::read(&base, None, &mut problems), Snapshot::read(&head, None, &mut problems));
    let changes = change::compare(&base, &head, &Choice::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    changes
}

/// Calls of each shard, were nothing stored.
fn loads(prompts: &[(usize, Option<u8>)], shards: &[usize], count: usize) -> Vec<usize> {
    (1..=count)
        .map(|shard| {
            prompts.iter().zip(shards).filter(|(_, at)| **at == shard).map(|((n, _), _)| 2 * n).sum()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_prompt_goes_to_one_shard_with_those_it_shares_answers_with(
        prompts in proptest::collection::vec((1..6_usize, proptest::option::weighted(0.3, 0..2_u8)), 1..12),
        count in 1..9_usize,
    ) {
        let changes = edited(&prompts);
        let shards = divide(&changes, count);
        prop_assert_eq!(shards.len(), prompts.len());
        prop_assert!(shards.iter().all(|shard| (1..=count).contains(shard)));
        for family in 0..2 {
            let theirs: Vec<usize> = prompts
                .iter()
                .zip(&shards)
                .filter(|((_, of), _)| *of == Some(family))
                .map(|(_, shard)| *shard)
                .collect();
            prop_assert!(theirs.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", theirs);
        }
    }

    #[test]
    fn the_order_of_the_catalog_changes_nothing(
        sizes in proptest::collection::vec(1..6_usize, 1..12),
        count in 1..9_usize,
        seed in any::<u64>(),
    ) {
        let prompts: Vec<(usize, Option<u8>)> = sizes.into_iter().map(|size| (size, None)).collect();
        let mut changes = edited(&prompts);
        let before: Vec<(String, usize)> = named(&changes, count);
        let at = seed as usize % changes.prompts.len();
        changes.prompts.rotate_left(at);
        changes.prompts.reverse();
        prop_assert_eq!(named(&changes, count), before);
    }

    #[test]
    fn no_shard_has_more_than_the_lightest_and_one_prompt(
        sizes in proptest::collection::vec(1..6_usize, 1..12),
        count in 1..5_usize,
    ) {
        let prompts: Vec<(usize, Option<u8>)> = sizes.iter().map(|size| (*size, None)).collect();
        let loads = loads(&prompts, &divide(&edited(&prompts), count), count);
        let (least, most) = (loads.iter().min().copied(), loads.iter().max().copied());
        prop_assert!(most <= least.map(|least| least + 2 * sizes.iter().max().copied().unwrap_or(0)), "{:?}", loads);
    }
}

fn named(changes: &ChangeSet, count: usize) -> Vec<(String, usize)> {
    let ids = changes.prompts.iter().map(|prompt| prompt.id.clone());
    let mut named: Vec<(String, usize)> = ids.zip(divide(changes, count)).collect();
    named.sort();
    named
}

#[test]
fn a_plan_is_divided_by_calls_and_not_by_prompts() {
    let prompts = [(20, None), (5, None), (5, None), (5, None), (5, None)];
    assert_eq!(divide(&edited(&prompts), 2), [1, 2, 2, 2, 2]);
    assert_eq!(divide(&ChangeSet::default(), 8), Vec::<usize>::new());
}

#[test]
fn a_shard_is_written_as_its_number_and_how_many_there_are() {
    assert_eq!("2/8".parse(), Ok(Shard { index: 2, count: 8 }));
    assert_eq!(" 1/1 ".parse(), Ok(Shard { index: 1, count: 1 }));
    assert_eq!("256/256".parse::<Shard>().map(|shard| shard.to_string()), Ok("256/256".to_owned()));
    let wrong = ["", "2", "0/8", "9/8", "1/0", "2/8/1", "-1/8", "+1/8", "a/b", "1/257", "1.0/8", "1 / 8"];
    for wrong in wrong {
        assert_eq!(wrong.parse::<Shard>(), Err(NoShard), "{wrong}");
    }
}
