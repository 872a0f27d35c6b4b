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
    prompt  verdict     baseline  candidate  points [95 % CI]    broken  fixed      paid USD
    ------  ----------  --------  ---------  ------------------  ------  -----  ------------
    bare    REGRESSION         -          -  -                        0      0             0
    greet   OK               2/2        2/2  0.0 [-69.3, +69.3]       0      0  below 0.0001

    exit status 0
    prompt  verdict      baseline  candidate  points [95 % CI]    broken  fixed  paid USD
    ------  -----------  --------  ---------  ------------------  ------  -----  --------
    bare    NOT COVERED         -          -  -                        0      0         0
    greet   OK                2/2        2/2  0.0 [-69.3, +69.3]       0      0         0
    ");
}
