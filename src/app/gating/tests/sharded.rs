//! Shards of a plan, merged, are one run: verdict, exit status and JSON, apart from times, calls and
//! the amount spent (decisions.md#a-comparison-is-stored).

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::report::merge::{Named, merge};
use crate::report::{json, junit, markdown, terminal};
use crate::seal::Seals;

/// What a prompt is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fine,
    /// The edit breaks every other case.
    Broken,
    /// The edit fixes every other case.
    Better,
    /// Worse here and there, in both, so that suspects come and go.
    Noisy,
    /// Every third call fails.
    Lost,
    /// The edit breaks a case that must pass.
    MustPass,
    Added,
    Removed,
    Renamed,
    Uncovered,
    GoldenRemoved,
    /// Only what is asked of the answers changes.
    Rescored,
    Unchanged,
    /// Asks the same as every other such prompt.
    Twin,
}

const KINDS: [Kind; 14] = [
    Kind::Fine,
    Kind::Broken,
    Kind::Better,
    Kind::Noisy,
    Kind::Lost,
    Kind::MustPass,
    Kind::Added,
    Kind::Removed,
    Kind::Renamed,
    Kind::Uncovered,
    Kind::GoldenRemoved,
    Kind::Rescored,
    Kind::Unchanged,
    Kind::Twin,
];

/// Two trees with these prompts.
fn lab(prompts: &[(Kind, usize)]) -> Lab {
    let mut lab = Lab::of(files(0), files(0));
    // A catalog without a prompt is an error.
    let (mut base, mut head) = ("always: \"here\"\n".to_owned(), "always: \"here\"\n".to_owned());
    for tree in [&mut lab.base, &mut lab.head] {
        tree.remove("golden/p.yaml");
    }
    for (index, &(kind, n)) in prompts.iter().enumerate() {
        let id = format!("p{index:02}");
        let text = |word: &str| match kind {
            Kind::Twin => format!("\"Twin {word}\""),
            _ => format!("\"{kind:?} {index} {word}\""),
        };
        let (old, new) = (text("one"), text("two"));
        let must = if kind == Kind::MustPass { ", must_pass: true" } else { "" };
        let golden = cases(0..n)
            .replace("}\n", &format!("{must}}}\n"))
            .replace(&format!("]{must}}}\ncases"), "]}\ncases");
        let (mut before, mut after) = (Some(golden.clone()), Some(golden));
        match kind {
            Kind::Added => head.push_str(&format!("{id}: {new}\n")),
            Kind::Removed => base.push_str(&format!("{id}: {old}\n")),
            Kind::Renamed => {
                base.push_str(&format!("{id}: {old}\n"));
                head.push_str(&format!("{id}x: {{was: {id}, text: {new}}}\n"));
            }
            Kind::Rescored | Kind::Unchanged => {
                base.push_str(&format!("{id}: {old}\n"));
                head.push_str(&format!("{id}: {old}\n"));
            }
            _ => {
                base.push_str(&format!("{id}: {old}\n"));
                head.push_str(&format!("{id}: {new}\n"));
            }
        }
        match kind {
            Kind::Uncovered => (before, after) = (None, None),
            Kind::GoldenRemoved => after = None,
            Kind::Rescored => after = after.map(|text| text.replace("yes", "ye")),
            Kind::Added => before = None,
            Kind::Removed => after = None,
            _ => {}
        }
        let renamed = if kind == Kind::Renamed { format!("{id}x") } else { id.clone() };
        for (tree, id, golden) in [(&mut lab.base, id, before), (&mut lab.head, renamed, after)] {
            if let Some(golden) = golden {
                tree.insert(format!("golden/{id}.yaml"), golden);
            }
        }
    }
    lab.base.insert("prompts.yaml", base);
    lab.head.insert("prompts.yaml", head);
    lab
}

/// The same request, the same answer: a shard's answers do not depend on the others.
fn answers(request: &Request) -> Result<Response, ModelError> {
    let (about, head) = (system(request), system(request).ends_with("two"));
    let even = input(request).is_multiple_of(2);
    if about.starts_with("Lost") && input(request).is_multiple_of(3) {
        return error(ErrorClass::NotReady, "gone");
    }
    let drawn = crate::fingerprint::Fingerprint::of_json(request).as_bytes()[0];
    passes(
        match about.split(' ').next() {
            Some("Broken" | "MustPass" | "Twin") => !(head && even),
            Some("Better") => head || !even,
            Some("Noisy") => drawn > 60,
            _ => true,
        },
        request,
    )
}

fn stable(report: &Report) -> serde_json::Value {
    json::stable(&serde_json::from_str(&json::render(report)).expect("JSON"))
}

/// Every shard with a store of its own, as on machines that share nothing; each report written and
/// read, as it travels.
fn in_shards(lab: &mut Lab, count: usize) -> Report {
    let mut reports = Vec::new();
    for index in 1..=count {
        lab.store = Arc::default();
        let report = lab.run_shard(Shard::new(index, count), answers).report;
        let read = json::parse(&json::render(&report)).expect("a report");
        reports.push(Named::new(format!("{index}.json"), read));
    }
    merge(reports, &Seals::default()).expect("shards of one plan")
}

fn assert_same(merged: &Report, whole: &Report, count: usize) {
    assert_eq!((merged.verdict, merged.exit_code), (whole.verdict, whole.exit_code), "{count} shards");
    assert_eq!(stable(merged), stable(whole), "{count} shards");
    // What a person reads is the same, too, but for the money spent.
    let alike = Report { spend: whole.spend.clone(), ..merged.clone() };
    let style = terminal::Style { verbose: true, ..terminal::Style::default() };
    if merged.prompts == whole.prompts {
        assert_eq!(markdown::render(&alike, Default::default()), markdown::render(whole, Default::default()));
        assert_eq!(terminal::render(&alike, style), terminal::render(whole, style));
        assert_eq!(junit::render(&alike), junit::render(whole));
    }
}

#[test]
fn eight_shards_of_every_kind_of_prompt_are_one_run() {
    let prompts: Vec<(Kind, usize)> =
        KINDS.iter().chain(&[Kind::Twin, Kind::Broken]).map(|kind| (*kind, 24)).collect();
    let mut lab = lab(&prompts);
    lab.configure("gate: {on_inconclusive: fail}");
    lab.edit("prompt-assay.yaml", "on_inconclusive: fail", "on_inconclusive: fail, alpha: 0.1");
    let whole = lab.run(answers).report;
    let verdicts: BTreeSet<Verdict> = whole.prompts.iter().map(|prompt| prompt.verdict).collect();
    assert!(verdicts.len() >= 4, "{verdicts:?}");
    assert!(!whole.moved_bars.is_empty());
    for count in [1, 2, 3, 8, 40] {
        assert_same(&in_shards(&mut lab, count), &whole, count);
    }
}

#[test]
fn shards_one_after_the_other_on_one_store_are_one_run() {
    let mut lab = lab(&[(Kind::Twin, 6), (Kind::Twin, 9), (Kind::Broken, 12), (Kind::Fine, 12)]);
    let whole = lab.run(answers).report;
    lab.store = Arc::default();
    let reports = (1..=3)
        .map(|index| Named::new(index.to_string(), lab.run_shard(Shard::new(index, 3), answers).report))
        .collect();
    assert_same(&merge(reports, &Seals::default()).expect("one plan"), &whole, 3);
}

#[test]
fn the_shards_together_ask_what_one_run_asks() {
    let mut lab =
        lab(&[(Kind::Twin, 6), (Kind::Twin, 9), (Kind::Broken, 12), (Kind::Noisy, 12), (Kind::Fine, 3)]);
    let mut once: Vec<String> =
        lab.run(answers).asked.iter().map(|request| request.fingerprint().to_hex()).collect();
    let mut apart = Vec::new();
    for index in 1..=4 {
        lab.store = Arc::default();
        let run = lab.run_shard(Shard::new(index, 4), answers);
        apart.extend(run.asked.iter().map(|request| request.fingerprint().to_hex()));
    }
    once.sort();
    apart.sort();
    assert_eq!(apart, once, "nothing is bought in two shards");
}

#[test]
fn the_error_budget_is_divided_among_the_prompts_of_the_whole_plan() {
    let lab = lab(&[(Kind::Fine, 12), (Kind::Fine, 12), (Kind::Fine, 12)]);
    let shard = lab.run_shard(Shard::new(1, 3), answers).report;
    assert_eq!(shard.prompts.len(), 1);
    assert_eq!(shard.prompts[0].limit, Some(3.0 / (0.05 - 0.01)));
}

#[test]
fn shards_of_two_contents_do_not_merge() {
    let mut lab = lab(&[(Kind::Fine, 4), (Kind::Fine, 5)]);
    let first = lab.run_shard(Shard::new(1, 2), answers).report;
    lab.edit("golden/p01.yaml", "q3", "q77");
    let second = lab.run_shard(Shard::new(2, 2), answers).report;
    let refusal = merge(vec![Named::new("1", first), Named::new("2", second)], &Seals::default())
        .expect_err("two contents");
    assert!(refusal.to_string().contains("the plan's fingerprint"), "{refusal}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_plan_in_any_number_of_shards_is_one_run(
        prompts in proptest::collection::vec((proptest::sample::select(&KINDS[..]), 1..26_usize), 0..7),
        count in 1..10_usize,
    ) {
        let mut lab = lab(&prompts);
        let whole = lab.run(answers).report;
        assert_same(&in_shards(&mut lab, count), &whole, count);
    }
}
