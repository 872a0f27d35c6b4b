//! A case that nothing can fail.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn a_case_whose_only_check_is_advisory() {
    let project = Project::edited();
    project.write(
        "golden/greet.yaml",
        "cases:\n  - {id: slow, input: Hi, vars: {name: Ada}, checks: [{latency: {max_ms: 2000}}]}\n  \
         - {id: dear, input: Ho, vars: {name: Ada}, checks: [{cost: {max_usd: 0.01}}, {latency: {max_ms: 9}}]}\n  \
         - {id: fine, input: Hu, vars: {name: Ada}, checks: [{contains: Ada}, {latency: {max_ms: 9}}]}\n",
    );
    assert_snapshot!(project.eval().told(), @"
    exit status 2
    error: no check of this case can fail: `latency` and `cost` are reported, never scored
      --> golden/greet.yaml:2:5 (also in line 3)
       |   - {id: slow, input: Hi, vars: {name: Ada}, checks: [{latency: {max_ms: 2000}}]}
       = add a check of the answer beside it, to the case or to the golden set's `defaults`

    1 error; nothing was evaluated
    ");
}
