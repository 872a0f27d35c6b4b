use super::*;
use crate::change::ChangeKind;
use crate::report::examples;
use crate::report::{CaseCounts, json};
use crate::seal::StoreKeys;
use crate::shard::Shard;

/// The report of a whole evaluation, taken apart: the prompt at `i` goes to shard `i % count + 1`.
fn apart(whole: &Report, count: usize) -> Vec<Named> {
    let prompts: Vec<PartPrompt> =
        whole.prompts.iter().enumerate().map(|(i, prompt)| planned(prompt, i % count + 1)).collect();
    let shard = |index: usize| {
        let part = Part {
            shard: Shard::new(index, count).expect("a shard"),
            program: "0.1.0".to_owned(),
            plan: "ab".repeat(32),
            on_inconclusive: VerdictEffect::Neutral,
            on_mixed: VerdictEffect::Neutral,
            prompts: prompts.clone(),
            seal: None,
        };
        let ours: Vec<PromptReport> = whole
            .prompts
            .iter()
            .filter(|report| part.of(index).any(|prompt| prompt.head.id == report.head.id))
            .cloned()
            .collect();
        let mut report = Report { prompts: ours, part: Some(Box::new(part)), ..whole.clone() };
        report.sentence = overall_sentence(&report);
        report.verdict = report.prompts.iter().map(|p| p.verdict).max().unwrap_or(Verdict::Ok);
        Named::new(format!("shard-{index}.json"), report)
    };
    (1..=count).map(shard).collect()
}

fn planned(report: &PromptReport, shard: usize) -> PartPrompt {
    PartPrompt { shard, head: report.head.clone() }
}

/// Three prompts, one of each verdict that matters here.
fn three() -> Report {
    let mut whole = examples::ok();
    let mut second = whole.prompts[0].clone();
    second.head.id = "second".to_owned();
    let mut third = examples::confirmed_breaks().prompts.remove(0);
    third.head.id = "third".to_owned();
    whole.prompts.extend([second, third]);
    (whole.verdict, whole.exit_code) = (Verdict::Regression, 1);
    whole.sentence = overall_sentence(&whole);
    whole
}

fn stable(report: &Report) -> serde_json::Value {
    json::stable(&serde_json::from_str(&json::render(report)).expect("JSON"))
}

/// Where no key is given.
fn merge(reports: Vec<Named>) -> Result<Report, Refusal> {
    super::merge(reports, &Seals::default())
}

fn refused(reports: Vec<Named>) -> String {
    merge(reports).expect_err("a refusal").to_string()
}

#[test]
fn what_was_taken_apart_is_put_together_whatever_the_order() {
    let whole = three();
    for count in [1, 2, 3, 8] {
        let mut shards = apart(&whole, count);
        shards.reverse();
        let mut merged = merge(shards).expect("one plan");
        (merged.spend, merged.cost) = (whole.spend.clone(), whole.cost.clone());
        assert_eq!(merged, whole, "{count} shards");
    }
}

#[test]
fn a_shard_is_written_and_read_as_it_is() {
    let schema = serde_json::from_str(include_str!("../../../schemas/report.schema.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for Named { file, report } in apart(&three(), 2) {
        let text = json::render(&report);
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(schema.is_valid(&value), "{text}");
        for place in ["/shard", "/shard/prompts/0"] {
            let mut more = value.clone();
            more.pointer_mut(place).expect("an object")["surprise"] = true.into();
            assert!(!schema.is_valid(&more) && json::parse(&more.to_string()).is_err(), "{place}");
        }
        assert_eq!(json::parse(&text).expect(&file), report);
    }
}

#[test]
fn a_missing_shard_is_not_measured_and_never_a_pass() {
    let passed = {
        let mut whole = three();
        whole.prompts.truncate(2);
        (whole.verdict, whole.exit_code) = (Verdict::Ok, 0);
        whole
    };
    let mut shards = apart(&passed, 2);
    shards.pop();
    let merged = merge(shards).expect("one plan");
    assert_eq!((merged.verdict, merged.exit_code), (Verdict::NotMeasured, 3));
    let missing = &merged.prompts[1];
    assert_eq!((missing.head.id.as_str(), missing.reason), ("second", Reason::ShardMissing));
    assert_eq!(missing.head.cases, passed.prompts[1].head.cases);
    insta::assert_snapshot!(merged.sentence, @"Shard 2 of 2 left no report: run it again, then merge all 2. 1 of 2 affected prompts could not be measured: `second`. The rest: 1 OK.");
    insta::assert_snapshot!(missing.sentence, @"It was not measured; the other shards say nothing about it.");
}

#[test]
fn a_missing_shard_without_prompts_is_no_pass_either() {
    let mut whole = three();
    whole.prompts.truncate(1);
    (whole.verdict, whole.exit_code) = (Verdict::Ok, 0);
    let mut shards = apart(&whole, 3);
    shards.remove(1);
    let merged = merge(shards).expect("one plan");
    assert_eq!((merged.verdict, merged.exit_code, merged.prompts.len()), (Verdict::NotMeasured, 3, 1));
    insta::assert_snapshot!(merged.sentence, @"Shard 2 of 3 left no report: run it again, then merge all 3. 1 case failed once and passed when asked again (`haiku-request`). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.");
}

#[test]
fn a_regression_beside_a_missing_shard_still_blocks() {
    let mut shards = apart(&three(), 3);
    shards.remove(0);
    let merged = merge(shards).expect("one plan");
    assert_eq!((merged.verdict, merged.exit_code), (Verdict::Regression, 1));
}

#[test]
fn reports_that_make_no_whole_are_refused_with_what_to_do() {
    insta::assert_snapshot!(refused(Vec::new()), @r"
    there is no report to merge
      = name the files written by `prompt-assay eval --shard 1/8 --format json` and so on, or their directory
    ");
    insta::assert_snapshot!(refused(vec![Named::new("whole.json", three())]), @r"
    `whole.json` is the report of a whole evaluation, not of a shard
      = leave it out; only reports written with `--shard` can be merged
    ");
    let shards = apart(&three(), 3);
    let mut twice = shards.clone();
    twice.push(Named::new("again.json", shards[1].report.clone()));
    insta::assert_snapshot!(refused(twice), @r"
    shard 2/3 is there twice: `shard-2.json` and `again.json`
      = keep one of them; after a job was run again, the newer
    ");
    let mut edited = shards.clone();
    edited[1].report.prompts.clear();
    insta::assert_snapshot!(refused(edited), @r"
    `shard-2.json` says it is shard 2/3, but does not hold the prompts of that shard
      = run that shard again; do not edit reports of shards
    ");
}

#[test]
fn shards_of_different_evaluations_are_refused_with_the_difference() {
    let shards = apart(&three(), 3);
    let differing = |change: &dyn Fn(&mut Report)| {
        let mut shards = shards.clone();
        change(&mut shards[2].report);
        refused(shards)
    };
    let of_part =
        |change: fn(&mut Part)| differing(&|report| change(report.part.as_deref_mut().expect("a shard")));
    insta::assert_snapshot!(of_part(|part| part.program = "0.2.0".to_owned()), @r"
    these are shards of different evaluations: the program's version is `0.1.0` in `shard-1.json`, but `0.2.0` in `shard-3.json`
      = run all shards with one version, and merge with it
    ");
    insta::assert_snapshot!(of_part(|part| part.shard = Shard::new(3, 4).expect("a shard")), @r"
    these are shards of different evaluations: the number of shards is `3` in `shard-1.json`, but `4` in `shard-3.json`
      = run all shards with the same `--shard …/N`
    ");
    insta::assert_snapshot!(of_part(|part| part.plan = "cd".repeat(32)), @r"
    these are shards of different evaluations: the plan's fingerprint is `abababababab` in `shard-1.json`, but `cdcdcdcdcdcd` in `shard-3.json`
      = run all shards on the same commits, with the same options and configuration, and merge the reports of one run
    ");
    insta::assert_snapshot!(differing(&|report| report.tier = crate::prompt::Tier::Main), @r"
    these are shards of different evaluations: the tier is `branch` in `shard-1.json`, but `main` in `shard-3.json`
      = run all shards on the same commits with the same options, and merge the reports of one run
    ");
    insta::assert_snapshot!(differing(&|report| report.seed = "7".to_owned()), @r"
    these are shards of different evaluations: the seed is `0` in `shard-1.json`, but `7` in `shard-3.json`
      = run all shards on the same commits with the same options, and merge the reports of one run
    ");
    insta::assert_snapshot!(differing(&|report| report.head.commit = Some("f".repeat(40))), @r"
    these are shards of different evaluations: the head is `working directory` in `shard-1.json`, but `ffffffffffffffffffffffffffffffffffffffff` in `shard-3.json`
      = run all shards on the same commits with the same options, and merge the reports of one run
    ");
}

#[test]
fn undecided_fails_the_whole_where_the_policy_says_so() {
    let mut whole = three();
    whole.prompts.truncate(2);
    whole.prompts[0].verdict = Verdict::Inconclusive;
    let mut shards = apart(&whole, 2);
    for Named { report, .. } in &mut shards {
        report.part.as_deref_mut().expect("a shard").on_inconclusive = VerdictEffect::Fail;
    }
    let merged = merge(shards.clone()).expect("one plan");
    assert_eq!((merged.verdict, merged.exit_code), (Verdict::Inconclusive, 1));
    shards.pop();
    assert_eq!(merge(shards).map(|merged| merged.exit_code), Ok(3));
}

#[test]
fn a_refusal_is_calm_about_hostile_file_names() {
    let poison = "a\u{1b}[31m\n::error::b.json".to_owned();
    let said = refused(vec![Named::new(poison, three())]);
    assert!(!said.contains(['\u{1b}', '\r']) && said.lines().count() == 2, "{said}");
}

#[test]
fn every_kind_of_change_survives_the_plan_of_a_shard() {
    let mut whole = three();
    whole.prompts[0].head.change = ChangeKind::Renamed { from: "old".to_owned() };
    whole.prompts[1].head.change = ChangeKind::Removed;
    whole.prompts[1].head.cases = CaseCounts::default();
    let mut shards = apart(&whole, 3);
    let read: Vec<Named> = shards
        .drain(1..)
        .map(|Named { file, report }| {
            Named::new(file, json::parse(&json::render(&report)).expect("a report"))
        })
        .collect();
    let merged = merge(read).expect("one plan");
    assert_eq!(merged.prompts[0].head.change, whole.prompts[0].head.change);
    assert_eq!(stable(&merged)["prompts"][0]["renamed_from"], "old");
}

fn keyed(key: &str) -> Seals {
    Seals::of(&StoreKeys::read(&key.repeat(32)).expect("a good key").expect("a key"))
}

/// Each with the seal of a run that has this key.
fn sealed(mut shards: Vec<Named>, key: &str) -> Vec<Named> {
    for Named { report, .. } in &mut shards {
        report.seal(&keyed(key));
    }
    shards
}

#[test]
fn sealed_shards_survive_their_files_and_merge_as_if_they_had_no_seal() {
    let (whole, key) = (three(), "k");
    let shards = sealed(apart(&whole, 3), key);
    let read = shards.iter().map(|Named { file, report }| {
        let mut json: serde_json::Value = serde_json::from_str(&json::render(report)).expect("JSON");
        // As another program may write it: other white space, other order.
        json.as_object_mut().expect("an object").sort_keys();
        Named::new(file.clone(), json::parse(&json.to_string()).expect("a report"))
    });
    let mut merged = super::merge(read.collect(), &keyed(key)).expect("one plan");
    (merged.spend, merged.cost) = (whole.spend.clone(), whole.cost.clone());
    assert_eq!(merged, whole);
    // Without a key a seal is no obstacle.
    assert_eq!(merge(shards).map(|merged| merged.verdict), Ok(whole.verdict));
}

#[test]
fn what_the_seal_does_not_fit_is_a_missing_shard() {
    let honest = sealed(apart(&three(), 3), "k");
    let after = |change: &dyn Fn(&mut Vec<Named>)| {
        let mut shards = honest.clone();
        change(&mut shards);
        super::merge(shards, &keyed("k")).expect("one plan")
    };
    let whole = after(&|_| {});
    assert_eq!((whole.verdict, whole.exit_code), (Verdict::Regression, 1), "control");
    let part = |shards: &mut Vec<Named>| *shards[2].report.part.clone().expect("a shard");
    type Tampering<'a> = &'a dyn Fn(&mut Vec<Named>);
    let attempts: [(&str, Tampering<'_>); 5] = [
        ("no seal", &|shards| shards[2].report.part.as_mut().expect("a shard").seal = None),
        ("another key", &|shards| shards[2].report.seal(&keyed("o"))),
        ("an edited sentence", &|shards| shards[2].report.sentence.push('!')),
        ("an edited verdict", &|shards| shards[2].report.prompts[0].verdict = Verdict::Ok),
        ("another shard's seal", &|shards| {
            let of_another = shards[1].report.part.as_ref().expect("a shard").seal;
            shards[2].report.part = Some(Box::new(Part { seal: of_another, ..part(shards) }));
        }),
    ];
    for (attempt, change) in attempts {
        let merged = after(change);
        assert_eq!((merged.verdict, merged.exit_code), (Verdict::NotMeasured, 3), "{attempt}");
        assert_eq!(merged.prompts[2].reason, Reason::ShardMissing, "{attempt}");
    }
    let merged = after(&|shards| shards[2].report.sentence.push('!'));
    insta::assert_snapshot!(merged.prompts[2].notes.join("\n"), @"Shard 3 of 3 left a report that no run with this store key sealed (`shard-3.json`): nothing of it counts. Run it again on the main tier with the same `store-key`, then merge all 3.");
    insta::assert_snapshot!(merged.warnings.last().expect("a warning"), @r#"1 report of a shard was not sealed with the store key of this run: it counts as absent (docs/action.md, "Trust")."#);
    // A forged one beside the honest one changes nothing.
    let merged = after(&|shards| {
        let mut forged = shards[2].clone();
        forged.report.prompts[0].verdict = Verdict::Ok;
        shards.insert(0, Named::new("a.json", forged.report));
    });
    assert_eq!((merged.verdict, merged.exit_code, merged.prompts), (whole.verdict, 1, whole.prompts));
}

#[test]
fn shards_of_which_none_is_sealed_make_no_whole() {
    let mut shards = apart(&three(), 3);
    // Nothing that they say counts, so that they cannot ask to be let through either.
    shards.iter_mut().for_each(|named| named.report.enforced = false);
    let refused = |shards: Vec<Named>| super::merge(shards, &keyed("k")).expect_err("a refusal").to_string();
    insta::assert_snapshot!(refused(shards.clone()), @r"
    `shard-1.json`, like 2 other reports, is not sealed with the store key of this run, so that it counts as missing, and nothing was measured
      = give the jobs of the shards the same `store-key`, on the main tier, and run them again; shards of the branch tier are never sealed: merge them without a key
    ");
    shards.truncate(1);
    assert!(refused(shards).starts_with("`shard-1.json` is not sealed with"));
}
