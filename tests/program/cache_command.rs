//! `cache` through the binary: counting, pruning, and transferring paid answers to another machine.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;
use serde_json::Value;

const CACHE_SCHEMA: &str = include_str!("../../schemas/cache.schema.json");

/// A project whose edit was evaluated once.
fn evaluated() -> Project {
    let project = Project::edited();
    assert_eq!(project.eval().status, 0);
    project
}

/// Without the file's size, which depends on SQLite's pages.
fn steady(text: &str) -> String {
    text.split("; ")
        .map(
            |part| {
                if part.contains(" MB") { part.split_once('\n').map_or("", |(_, rest)| rest) } else { part }
            },
        )
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn stats_count_what_is_stored() {
    let project = evaluated();
    let stats = project.run(&["cache", "stats"]);
    assert_eq!(stats.status, 0, "{}", stats.told());
    let table: Vec<&str> = stats.stdout.lines().filter(|line| !line.starts_with("bought between")).collect();
    assert_snapshot!(steady(&table.join("\n")), @"
    4 answers, 1 comparison, 1 run, 0 records of evidence

    answers  input tokens  output tokens     paid  model
          4            34             24  $0.0000  amazon.nova-lite-v1:0
    ");
    let stats = project.run(&["cache", "stats", "--json"]).json();
    let schema: Value = serde_json::from_str(CACHE_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("a valid schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema that compiles");
    let errors: Vec<String> = validator.iter_errors(&stats).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {stats:#}");
    assert_eq!((&stats["answers"], &stats["runs"]), (&Value::from(4), &Value::from(1)));
}

#[test]
fn what_one_machine_has_paid_for_is_free_on_another() {
    let here = evaluated();
    let exported = here.run(&["cache", "export"]);
    assert_eq!(exported.status, 0, "{}", exported.told());
    let there = Project::edited();
    there.write("answers.jsonl", &exported.stdout);
    let imported = there.run(&["cache", "import", "answers.jsonl"]);
    assert_snapshot!(imported.stdout, @"new: 4 answers, 1 comparison, 1 run and 0 records of evidence; 0 here already");
    let again = there.run(&["cache", "import", "answers.jsonl"]);
    assert_snapshot!(again.stdout, @"new: 0 answers, 0 comparisons, 0 runs and 0 records of evidence; 6 here already");
    let eval = ["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "json", "--offline"];
    let report = there.run(&eval);
    assert_eq!(report.status, 0, "{}", report.told());
    assert_eq!(report.json()["calls"]["paid"], Value::from(0));
}

#[test]
fn a_damaged_export_is_refused_whole_with_its_line() {
    let here = evaluated();
    let exported = here.run(&["cache", "export"]).stdout;
    let there = Project::edited();
    there.write("answers.jsonl", exported.replacen("Hello Ada", "Hello Eve", 1));
    let imported = there.run(&["cache", "import", "answers.jsonl"]);
    assert_ne!(imported.status, 0);
    assert_snapshot!(imported.told(), @"
    exit status 2
    error: `answers.jsonl`: line 3 is damaged: its content does not have the digest it names; nothing was imported
    ");
    assert_eq!(there.run(&["cache", "stats", "--json"]).json()["answers"], Value::from(0));
}

#[test]
fn pruning_says_what_it_would_do_and_then_does_it() {
    let project = evaluated();
    let dry = project.run(&["cache", "prune", "--of-model", "amazon.nova-lite-v1:0", "--dry-run"]);
    assert_snapshot!(dry.told() + &dry.stdout, @"
    exit status 0
    4 answers and 0 runs would be removed
    1 comparison may lack answers; what is evaluated again says so
    ");
    assert_eq!(project.run(&["cache", "stats", "--json"]).json()["answers"], Value::from(4));
    let pruned = project.run(&["cache", "prune", "--of-model", "amazon.nova-lite-v1:0"]);
    assert_eq!(pruned.status, 0, "{}", pruned.told());
    assert_eq!(project.run(&["cache", "stats", "--json"]).json()["answers"], Value::from(0));
    // A look without a choice would choose nothing.
    assert_eq!(project.run(&["cache", "prune", "--dry-run"]).status, 2);
    // The comparison is made again, and says so.
    let again = project.eval();
    assert!(
        again.stdout.contains("were bought again") || again.stdout.contains("bought again"),
        "{}",
        again.stdout
    );
}

#[test]
fn where_nothing_is_stored_the_command_says_what_to_do() {
    let project = Project::edited();
    assert_snapshot!(project.run(&["cache", "stats"]).told(), @"
    exit status 2
    error: nothing is stored here: `[repository]/.prompt-assay/assay.db` does not exist; run `prompt-assay eval`, or name another with `--database`
    ");
}
