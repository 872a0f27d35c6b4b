//! A prompt without a golden set that fails the gate.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn the_table_says_both() {
    let project = Project::edited();
    project.edit("prompt-assay.yaml", "models:", "gate: {uncovered: fail}\nmodels:");
    project.edit("prompts.yaml", "greet:", "bare: Be nice.\ngreet:");
    let failing = project.eval();
    project.edit("prompt-assay.yaml", "fail", "pass");
    let passing = project.eval();
    let table = |ran: &prompt_assay_test_support::on_disk::Ran| {
        let table = ran.stdout.split("\n\n").find(|part| part.starts_with("   prompt ")).expect("a table");
        format!("exit status {}\n{table}", ran.status)
    };
    assert_snapshot!([table(&failing), table(&passing)].join("\n\n"), @"
    exit status 1
       prompt     old     new
    ─  ──────  ──────  ──────  ────────────────────────────────────────
    ✓  greet   2 of 2  2 of 2  no break found; only large drops are ...
    ✗  bare                    no golden set: not checked

    exit status 0
       prompt     old     new
    ─  ──────  ──────  ──────  ────────────────────────────────────────
    -  bare                    no golden set: not checked
    ✓  greet   2 of 2  2 of 2  no break found; only large drops are ...
    ");
}
