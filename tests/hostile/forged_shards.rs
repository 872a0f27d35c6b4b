//! Reports of shards that no trusted run wrote, on their way to the job that merges: with the store key they are
//! missing shards. The control is the same merge without a key, which believes them and releases.

use prompt_assay::report::{Report, json};
use prompt_assay::seal::{Seal, Seals, StoreKeys};
use prompt_assay::verdict::{Reason, Verdict};
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::{Left, Step};
use serde_json::Value;

use crate::trusted_line::{KEY, Line, OTHER, Store};

/// The reports that both jobs of the matrix leave; the first one holds the prompt.
fn shards<'l>(store: &Store, step: impl Fn() -> Step<'l>, key: &str) -> [String; 2] {
    let mut reports = ["1/2", "2/2"].map(|shard| {
        let step = step().input("store-key", key).input("shard", shard);
        let left = store.copy().run(&step);
        assert!([0, 1].contains(&left.status), "{}", left.log);
        std::fs::read_to_string(step.workspace().join(".prompt-assay/report.json")).unwrap()
    });
    reports.sort_by_key(|text| json::parse(text).unwrap().prompts.is_empty());
    assert!(!json::parse(&reports[0]).unwrap().prompts.is_empty());
    reports
}

/// The job after them.
fn merged(store: &Store, step: Step<'_>, reports: &[String], key: &str) -> Left {
    let step = step.input("store-key", key).input("merge", "shards");
    for (number, report) in reports.iter().enumerate() {
        let directory = step.workspace().join(format!("shards/{number}"));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("report.json"), report).unwrap();
    }
    store.copy().run(&step)
}

/// What became of the prompt.
fn outcome(left: &Left) -> String {
    let prompts: Value = serde_json::from_str(&left.outputs["released"]).unwrap_or(Value::Null);
    let found = prompts.as_array().into_iter().flatten().find(|prompt| prompt["prompt"] == "reply");
    found.map_or("nothing", |prompt| prompt["outcome"].as_str().unwrap()).to_owned()
}

/// The report, as if everything had passed.
fn forged(text: &str) -> Report {
    let mut report = json::parse(text).unwrap();
    assert_eq!((report.verdict, report.exit_code), (Verdict::Regression, 1));
    (report.verdict, report.exit_code) = (Verdict::Ok, 0);
    for prompt in &mut report.prompts {
        (prompt.verdict, prompt.reason) = (Verdict::Ok, Reason::NoRegressionFound);
        prompt.broken.clear();
    }
    report
}

fn with_seal(report: &Report, seal: Option<Seal>) -> String {
    let mut report = report.clone();
    report.part.as_mut().unwrap().seal = seal;
    json::render(&report)
}

fn seal_of(text: &str) -> Option<Seal> {
    json::parse(text).unwrap().part.unwrap().seal
}

#[test]
fn forged_reports_of_shards_are_missing_shards() {
    let line = Line::new();
    let store = line.honest(KEY);
    let of_the_good_one = shards(&Store::empty(), || line.good(), KEY);
    let left = merged(&Store::empty(), line.good(), &of_the_good_one, KEY);
    assert_eq!((left.status, outcome(&left).as_str()), (0, "released"), "control: {}", left.log);
    let honest = shards(&store, || line.broken(), KEY);
    let left = merged(&store, line.broken(), &honest, KEY);
    assert_eq!((left.status, outcome(&left).as_str()), (1, "nothing"), "control: {}", left.log);

    let report = forged(&honest[0]);
    let by_another = {
        let mut report = report.clone();
        report.seal(&Seals::of(&StoreKeys::read(OTHER).unwrap().unwrap()));
        json::render(&report)
    };
    for (attempt, text) in [
        ("edited under the honest seal", json::render(&report)),
        ("not sealed", with_seal(&report, None)),
        ("sealed by another key", by_another),
        ("with the seal of the other shard", with_seal(&report, seal_of(&honest[1]))),
        ("with the seal of another commit's shard", with_seal(&report, seal_of(&of_the_good_one[0]))),
        ("sealed with zeros", with_seal(&report, Seal::from_bytes(&[0; 32]))),
    ] {
        let reports = [text, honest[1].clone()];
        let control = merged(&store, line.broken(), &reports, "");
        assert_eq!(control.outputs["verdict"], "OK", "{attempt}: {}", control.log);
        assert_eq!(
            (control.status, outcome(&control).as_str()),
            (0, "released"),
            "{attempt}: {}",
            control.log
        );
        let left = merged(&store, line.broken(), &reports, KEY);
        assert_eq!((left.status, outcome(&left).as_str()), (3, "nothing"), "{attempt}: {}", left.log);
        let said = left.log.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("NOT MEASURED"), "{attempt}: {}", left.log);
        assert!(said.contains("that no run with this store key sealed"), "{attempt}: {}", left.log);
        assert!(said.contains("with the same `store-key`, then merge all 2"), "{attempt}: {}", left.log);
        // Beside the honest one it is as if it were not there.
        let left = merged(&store, line.broken(), &[&reports[..], &honest[..1]].concat(), KEY);
        assert_eq!((left.status, outcome(&left).as_str()), (1, "nothing"), "{attempt}: {}", left.log);
    }
}

/// A seal says which commits and which plan it is about.
#[test]
fn sealed_shards_of_another_commit_speak_for_that_commit_alone() {
    let line = Line::new();
    let store = line.honest(KEY);
    let of_the_good_one = shards(&Store::empty(), || line.good(), KEY);
    let honest = shards(&store, || line.broken(), KEY);
    let control = merged(&store, line.broken(), &honest, KEY);
    assert_eq!((control.status, outcome(&control).as_str()), (1, "nothing"), "{}", control.log);
    for (attempt, reports, says) in [
        ("both", &of_the_good_one[..], "the shards evaluated"),
        ("one", &[of_the_good_one[0].clone(), honest[1].clone()], "shards of different evaluations"),
    ] {
        let left = merged(&store, line.broken(), reports, KEY);
        assert_eq!((left.status, outcome(&left).as_str()), (2, "nothing"), "{attempt}: {}", left.log);
        assert!(left.log.contains(says), "{attempt}: {}", left.log);
    }
}

#[test]
fn where_no_shard_is_sealed_nothing_is_measured() {
    let line = Line::new();
    let store = line.honest(KEY);
    // The jobs of the matrix were given no key.
    let reports = shards(&store, || line.broken(), "");
    assert!(reports.iter().all(|text| seal_of(text).is_none()));
    let forged = [json::render(&forged(&reports[0])), reports[1].clone()];
    let control = merged(&store, line.broken(), &forged, "");
    assert_eq!((control.status, outcome(&control).as_str()), (0, "released"), "{}", control.log);
    let left = merged(&store, line.broken(), &forged, KEY);
    assert_eq!((left.status, outcome(&left).as_str()), (2, "nothing"), "{}", left.log);
    assert!(left.log.contains("give the jobs of the shards the same `store-key`"), "{}", left.log);
}

#[test]
fn a_pull_request_neither_seals_its_shards_nor_asks_for_seals() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    let reports = shards(&Store::empty(), || Step::pull_request(&origin, &github), KEY);
    assert!(reports.iter().all(|text| seal_of(text).is_none()));
    for key in ["", KEY] {
        let left = merged(&Store::empty(), Step::pull_request(&origin, &github), &reports, key);
        assert_eq!(left.status, 1, "{}", left.log);
    }
}

/// The command line, on a machine whose environment holds a key.
#[test]
fn merge_takes_a_key_from_the_environment() {
    let golden = "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}], must_pass: true}\n";
    let project = Project::new(&[
        ("prompt-assay.yaml", "models: {branch: small, main: large}\n"),
        ("prompts.yaml", "good: \"Be kind.\"\nbad: \"Be kind, too.\"\n"),
        ("rules.yaml", "rules:\n  - {when: {system: rude}, text: \"No\"}\ndefault: {text: Hello Ada}\n"),
        ("golden/good.yaml", golden),
        ("golden/bad.yaml", golden),
    ]);
    project.write("prompts.yaml", "good: \"Be very kind.\"\nbad: \"Be rude.\"\n");
    project.commit("edit");
    let run = |arguments: &[&str], key: Option<&str>| -> Ran {
        let mut command = project.command(arguments);
        command.envs(key.map(|key| ("PROMPT_ASSAY_STORE_KEY", key)));
        project.ran(&mut command)
    };
    let eval = ["eval", "--tier", "main", "--base", "HEAD~1", "--head", "HEAD", "--scripted", "rules.yaml"];
    for shard in ["1", "2"] {
        let part = format!("{shard}/2");
        let ran =
            run(&[&eval[..], &["--shard", &part, "--format", "json", "--no-cache"]].concat(), Some(KEY));
        assert!([0, 1].contains(&ran.status), "{}", ran.told());
        project.write(&format!("out/{shard}.json"), &ran.stdout);
    }
    let merge = |key: Option<&str>| run(&["merge", "out"], key).status;
    assert_eq!((merge(None), merge(Some(KEY)), merge(Some(OTHER))), (1, 1, 2));
    let both = format!("{OTHER},{KEY}");
    assert_eq!(merge(Some(&both)), 1, "a key that is being replaced");
    let broke = ["out/1.json", "out/2.json"].into_iter().find_map(|file| {
        let text = std::fs::read_to_string(project.root().join(file)).unwrap();
        (json::parse(&text).unwrap().exit_code == 1).then_some((file, text))
    });
    let (file, text) = broke.expect("one of them broke");
    project.write(file, json::render(&forged(&text)));
    assert_eq!((merge(None), merge(Some(KEY))), (0, 3));
}
