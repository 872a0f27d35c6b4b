use insta::assert_snapshot;

use super::*;
use crate::change::Judges;
use crate::config::ProviderKind;
use crate::per_call::CallFigures;
use crate::problem::Problems;
use crate::seal::{Seals, StoreKeys};
use crate::snapshot::{Choice, Snapshot};
use crate::tree::MemoryTree;

const CATALOG: &str =
    "greet:\n  text: \"Greet {{ name }}. {% include 'tone.md' %}\"\n  user: \"{{ input }}\"\n";
const GOLDEN: &str =
    "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, expected: Ada, checks: [{contains: Ada}]}\n";
const CONFIG: &str = "models: {branch: small, main: large, judge: wise}\n";

fn tree(edits: &[(&str, &str, &str)]) -> MemoryTree {
    let mut files = vec![
        ("prompts.yaml", CATALOG.to_owned()),
        ("golden/greet.yaml", GOLDEN.to_owned()),
        ("prompt-assay.yaml", CONFIG.to_owned()),
        ("tone.md", "Be warm.".to_owned()),
    ];
    for (path, from, to) in edits {
        let text = &mut files.iter_mut().find(|(name, _)| name == path).unwrap().1;
        assert!(text.contains(from), "{path} has no {from}");
        *text = text.replace(from, to);
    }
    MemoryTree::new(files)
}

fn main_tier() -> Choice {
    Choice { tier: Tier::Main, ..Choice::default() }
}

fn subject_of(edits: &[(&str, &str, &str)]) -> Subject {
    let tree = tree(edits);
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, None, &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    let judges = Judges::of(&snapshot, &mut problems);
    subject(&snapshot, &judges, &snapshot.prompts[0], &main_tier()).unwrap()
}

fn claim_about(subject: &Subject) -> Claim {
    Claim {
        prompt: subject.prompt.clone(),
        content: subject.content,
        golden: subject.golden,
        scoring: subject.scoring,
        model: subject.model.clone(),
        parameters: subject.parameters.clone(),
        judge: Default::default(),
        tier: Tier::Main,
        provider: ProviderKind::Bedrock,
        server: subject.server.clone(),
        baseline: None,
        covered: true,
        verdict: Verdict::Ok,
        reason: Reason::NoRegressionFound,
        enforced: true,
        baseline_score: None,
        candidate_score: Some(Score { passed: 9, of: 10 }),
        floor: Some(Floor { min_score: 0.8, mean: 0.9333, of: 10 }),
        budget_per_call: Vec::new(),
        seed: "0".to_owned(),
        at: 1_800_000_000,
        origin: Origin { commit: Some("c0ffee".to_owned()), ..Origin::default() },
        break_glass: None,
    }
}

fn demand() -> Demand {
    Demand {
        provider: ProviderKind::Bedrock,
        release_on_inconclusive: false,
        release_on_mixed: false,
        commit: Some("c0ffee".to_owned()),
    }
}

#[test]
fn content_golden_set_and_scoring_have_fingerprints_of_their_own() {
    let before = subject_of(&[]);
    let moved = |edit: (&str, &str, &str)| {
        let after = subject_of(&[edit]);
        (after.content != before.content, after.golden != before.golden, after.scoring != before.scoring)
    };
    for (edit, expected) in [
        (("prompts.yaml", "Greet {{", "Hail {{"), (true, false, false)),
        (("tone.md", "warm", "cold"), (true, false, false)),
        (("prompt-assay.yaml", "large", "larger"), (true, false, false)),
        (("prompt-assay.yaml", "small", "smaller"), (false, false, false)),
        (("prompt-assay.yaml", "wise", "wiser"), (false, false, false)),
        (("golden/greet.yaml", "input: Hi", "input: Ho"), (false, true, false)),
        (("golden/greet.yaml", "contains: Ada", "contains: Bob"), (false, false, true)),
        (("prompts.yaml", "greet:\n", "greet:\n  min_score: 0.5\n"), (false, false, true)),
        (("prompts.yaml", "greet:\n", "greet:\n  description: Says hello\n"), (false, false, false)),
    ] {
        assert_eq!(moved(edit), expected, "{edit:?}");
    }
}

#[test]
fn a_trade_below_its_floor_is_released_only_where_both_may() {
    let subject = subject_of(&[]);
    let claim =
        Claim { verdict: Verdict::Mixed, reason: Reason::TradeFloorUnresolved, ..claim_about(&subject) };
    let evidence = [Evidence::seal(claim)];
    for (release_on_inconclusive, release_on_mixed) in [(false, true), (true, false), (true, true)] {
        let demand = Demand { release_on_inconclusive, release_on_mixed, ..demand() };
        let released = weigh(&evidence, &subject, &demand).is_ok();
        assert_eq!(released, release_on_inconclusive && release_on_mixed);
    }
}

#[test]
fn only_ok_and_improved_release_and_inconclusive_and_mixed_where_they_may() {
    let subject = subject_of(&[]);
    let released = |verdict: Verdict, release_on_inconclusive: bool, release_on_mixed: bool| {
        let evidence = [Evidence::seal(Claim { verdict, ..claim_about(&subject) })];
        weigh(&evidence, &subject, &Demand { release_on_inconclusive, release_on_mixed, ..demand() }).is_ok()
    };
    for (verdict, expected) in [
        (Verdict::Ok, [true, true, true]),
        (Verdict::Improved, [true, true, true]),
        (Verdict::Inconclusive, [false, true, false]),
        (Verdict::Mixed, [false, false, true]),
        (Verdict::NotMeasured, [false, false, false]),
        (Verdict::Regression, [false, false, false]),
    ] {
        let policies = [(false, false), (true, false), (false, true)];
        assert_eq!(
            policies.map(|(undecided, mixed)| released(verdict, undecided, mixed)),
            expected,
            "{verdict:?}"
        );
    }
}

#[test]
fn what_is_about_something_else_carries_nothing() {
    let subject = subject_of(&[]);
    let why = |change: &dyn Fn(&mut Claim)| {
        let mut claim = claim_about(&subject);
        change(&mut claim);
        let mut evidence = Evidence::seal(claim);
        evidence.id = "ev-1".to_owned();
        evidence.digest = Evidence::seal(evidence.claim.clone()).digest;
        // The id belongs to the digest; a short one keeps the snapshots readable.
        let sealed = Evidence::seal(evidence.claim.clone());
        let unfit = weigh(std::slice::from_ref(&sealed), &subject, &demand()).unwrap_err();
        format!("`greet` {unfit}\n = {}", unfit.help()).replace(&sealed.id, "ev-1")
    };
    let other = Fingerprint::of_bytes(b"other");
    let said = [
        why(&|claim| claim.content = other),
        why(&|claim| claim.golden = other),
        why(&|claim| claim.scoring = other),
        why(&|claim| claim.tier = Tier::Branch),
        why(&|claim| claim.provider = ProviderKind::Scripted),
        why(&|claim| claim.server = Some("http://localhost:11434/v1".to_owned())),
        why(&|claim| claim.verdict = Verdict::Regression),
    ]
    .join("\n");
    assert_snapshot!(said, @"
    `greet` was never evaluated in this form with the full model
     = run `prompt-assay eval --tier main`, for a prompt that was never evaluated with `--base none`; evidence of another machine is passed with `--evidence FILE`
    `greet` passed another golden set than today's (ev-1)
     = run `prompt-assay eval --tier main` again with today's golden set (stored answers cost nothing)
    `greet` was scored by other checks, another judge or other limits than today's (ev-1)
     = run `prompt-assay eval --tier main` again with today's golden set (stored answers cost nothing); where `budget_per_call` applies, with `--base none --fresh`, which buys and measures all answers
    `greet` was evaluated with the branch model only (ev-1)
     = run `prompt-assay eval --tier main`, for a prompt that was never evaluated with `--base none`; evidence of another machine is passed with `--evidence FILE`
    `greet` was evaluated with answers of `scripted` only (ev-1)
     = rules of a file are no language model: run `prompt-assay eval --tier main` with `provider: bedrock` in prompt-assay.yaml and without `--scripted`
    `greet` was evaluated with answers of http://localhost:11434/v1 only (ev-1)
     = run `prompt-assay eval --tier main` with the provider of prompt-assay.yaml
    `greet` did not pass: REGRESSION (ev-1, no_regression_found)
     = fix the prompt; the live versions stay unchanged
    ");
    let uncovered = Subject { covered: false, ..subject.clone() };
    let evidence = [Evidence::seal(claim_about(&subject))];
    assert_eq!(weigh(&evidence, &uncovered, &demand()), Err(Unfit::NotCovered));
}

/// A change that only tightens the limits and edits a check asks the model nothing, so nothing was held against them.
#[test]
fn what_was_never_held_against_the_limits_is_not_released() {
    let limits = "greet:\n  budget_per_call: {latency_ms: {p95: 2000}}\n";
    let subject = subject_of(&[("prompts.yaml", "greet:\n", limits)]);
    let claim = claim_about(&subject);
    let limit = subject.limits.held_against(&[CallFigures { latency_ms: Some(7), cost_usd: None }; 9])[0];
    let measured = Claim { budget_per_call: vec![limit], ..claim.clone() };
    let glass = Some(BreakGlass { reason: "outage".to_owned(), actor: "ada".to_owned() });
    let opened = Claim { break_glass: glass, ..claim.clone() };
    let may = Demand { release_on_inconclusive: true, ..demand() };
    let released = |claim: &Claim| weigh(&[Evidence::seal(claim.clone())], &subject, &may).is_ok();
    assert_eq!([&claim, &measured, &opened].map(released), [false, true, true]);
    let sealed = Evidence::seal(claim);
    let unfit = weigh(std::slice::from_ref(&sealed), &subject, &may).unwrap_err();
    assert_snapshot!(format!("`greet` {unfit}\n = {}", unfit.help()).replace(&sealed.id, "ev-1"), @"
    `greet` was never held against its budget per call (ev-1)
     = run `prompt-assay eval --tier main --base none --fresh`, which buys and measures all answers
    ");
}

#[test]
fn the_newest_word_on_a_content_counts() {
    let subject = subject_of(&[]);
    let passed = Evidence::seal(claim_about(&subject));
    let failed = Evidence::seal(Claim { verdict: Verdict::Regression, ..claim_about(&subject) });
    assert!(weigh(&[failed.clone(), passed.clone()], &subject, &demand()).is_err());
    assert_eq!(weigh(&[passed.clone(), failed], &subject, &demand()), Ok(&passed));
}

#[test]
fn a_broken_glass_releases_its_own_commit_only() {
    let subject = subject_of(&[]);
    let break_glass = BreakGlass { reason: "outage".to_owned(), actor: "ada".to_owned() };
    let claim =
        Claim { verdict: Verdict::Regression, break_glass: Some(break_glass), ..claim_about(&subject) };
    let evidence = [Evidence::seal(claim)];
    assert!(weigh(&evidence, &subject, &demand()).is_ok());
    let elsewhere = Demand { commit: Some("decaf".to_owned()), ..demand() };
    assert!(weigh(&evidence, &subject, &elsewhere).is_err());
    assert!(weigh(&evidence, &subject, &Demand { commit: None, ..demand() }).is_err());
}

#[test]
fn an_edited_record_is_noticed_wherever_it_is_edited() {
    let (subject, none) = (subject_of(&[]), Seals::default());
    let evidence = Evidence::seal(Claim { verdict: Verdict::Regression, ..claim_about(&subject) });
    let text = render(std::slice::from_ref(&evidence), &none);
    assert_eq!(parse(&text, &none).unwrap(), std::slice::from_ref(&evidence));
    let forged = text.replace("REGRESSION", "OK");
    let said = parse(&forged, &none).unwrap_err().to_string().replace(&evidence.id, "ev-1");
    assert_snapshot!(said, @"
    the evidence `ev-1` of `greet` has a digest that does not match its content: it was edited or damaged
      = write it again with `prompt-assay eval --tier main --evidence FILE` (stored answers cost nothing)
    ");
    let mut forged = evidence;
    forged.claim.verdict = Verdict::Ok;
    assert!(matches!(weigh(&[forged], &subject, &demand()), Err(Unfit::Broken { .. })));
}

fn keyed(letter: &str) -> Seals {
    Seals::of(&StoreKeys::read(&letter.repeat(32)).unwrap().unwrap())
}

#[test]
fn with_a_store_key_records_of_a_file_count_only_under_their_own_seal() {
    let subject = subject_of(&[]);
    let records = [Verdict::Ok, Verdict::Improved]
        .map(|verdict| Evidence::seal(Claim { verdict, ..claim_about(&subject) }));
    let ours = render(&records, &keyed("a"));
    assert_eq!(parse(&ours, &keyed("a")).unwrap(), records);
    assert_eq!(
        parse(&ours, &Seals::default()).unwrap(),
        records,
        "a reader without a key believes as before"
    );
    let swapped = ours
        .replace(&format!("\"{}\": \"", records[0].id), "\"first\": \"")
        .replace(&format!("\"{}\": \"", records[1].id), &format!("\"{}\": \"", records[0].id))
        .replace("\"first\": \"", &format!("\"{}\": \"", records[1].id));
    assert_ne!(swapped, ours);
    for forged in [render(&records, &Seals::default()), render(&records, &keyed("b")), swapped] {
        let seals = keyed("a");
        assert_eq!(parse(&forged, &seals).unwrap(), []);
        assert!(seals.said().unwrap().starts_with("2 records of evidence were not sealed"));
    }
}

#[test]
fn other_files_are_no_evidence() {
    let said = |text: &str| parse(text, &Seals::default()).unwrap_err().to_string();
    assert_snapshot!([said("x"), said("{}"), said(r#"{"schema_version": 1, "verdict": "OK"}"#),
        said(r#"{"schema_version": 2, "evidence": []}"#), said(r#"{"schema_version": 1, "evidence": [{}]}"#)].join("\n"), @"
    not evidence: expected value at line 1 column 1
      = pass a file written by `prompt-assay eval --tier main --evidence FILE`
    not evidence: there is no `schema_version` with `evidence` beside it
      = pass a file written by `prompt-assay eval --tier main --evidence FILE`
    not evidence: there is no `schema_version` with `evidence` beside it
      = pass a file written by `prompt-assay eval --tier main --evidence FILE`
    the evidence has schema_version 2, this program reads 1
      = release with the version of prompt-assay that wrote it, or write it again with `prompt-assay eval --tier main --evidence FILE`
    not evidence: missing field `id` at line 1 column 37
      = pass a file written by `prompt-assay eval --tier main --evidence FILE`
    ");
}

#[test]
fn the_file_is_what_its_schema_says() {
    let schema = serde_json::from_str(include_str!("../../schemas/evidence.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let subject = subject_of(&[]);
    let break_glass = BreakGlass { reason: "outage".to_owned(), actor: "ada".to_owned() };
    let opened =
        Claim { break_glass: Some(break_glass), baseline: Some(subject.content), ..claim_about(&subject) };
    let records = [Evidence::seal(claim_about(&subject)), Evidence::seal(opened)];
    for seals in [Seals::default(), keyed("a")] {
        let file = serde_json::from_str(&render(&records, &seals)).unwrap();
        let errors: Vec<String> = schema.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!schema.is_valid(&serde_json::json!({"schema_version": 2, "evidence": []})));
}
