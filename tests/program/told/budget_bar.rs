//! A first cap on what a run may spend lowers no bar.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn a_first_cap_is_told_and_a_lower_one_is_a_lower_bar() {
    let project = Project::edited();
    project.write("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nbudget: {max_cost: 0.5}\n");
    let first = project.eval();
    project.commit("a cap");
    project.edit("prompts.yaml", "kindly", "warmly");
    project.edit("prompt-assay.yaml", "0.5", "0.1");
    let lower = project.eval();
    let title = "This change moves its own bar";
    assert_snapshot!([super::list(&first, title), super::list(&lower, title)].join("\n"), @"
    This change moves its own bar
      - configuration: `budget.max_cost`: none → 0.5
    This change moves its own bar
      - configuration: `budget.max_cost`: 0.5 → 0.1 (lowers the bar)
    ");
}
