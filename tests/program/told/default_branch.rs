//! The overview's path after the merge: `eval --tier main --evidence` on the default branch, then `release`.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{self, Project, Ran};

use super::{calm, list, verdict};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  environments:
    prod: {directory: released, ssm: \"/prod/llm/{name}\"}
";

fn project() -> Project {
    let project = Project::new(on_disk::GREETING);
    project.write("prompt-assay.yaml", CONFIG);
    project.write(".gitignore", "released/\n.prompt-assay/\nevidence.json\n");
    project.commit("configure");
    project
}

fn eval(project: &Project) -> Ran {
    project.run(&["eval", "--tier", "main", "--evidence", "evidence.json"])
}

fn release(project: &Project) -> String {
    calm(&project.run(&["release", "--evidence", "evidence.json"]))
}

#[test]
fn the_first_evaluation_is_on_the_floor_and_carries_a_release() {
    let project = project();
    let plan = project.run(&["plan", "--tier", "main"]);
    assert!(
        plan.stdout.starts_with("1 prompt affected: 0 cases to compare, 2 to score only."),
        "{}",
        plan.stdout
    );
    let first = eval(&project);
    let notes = list(&first, "Notes");
    assert_snapshot!([verdict(&first), notes, release(&project)].join("\n"), @"
    exit status 0
    ✓ `greet` is new and passes 2 of 2 cases
    There is no old prompt to compare with; the mean score is 100.0 %, the minimum 80.0 %.

    To know
      - `greet`: No content of it is known to have passed on the main tier: its floor decides.
    exit status 0
    released  greet  1  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released
    ");
}

#[test]
fn a_later_one_compares_with_the_newest_content_that_passed() {
    let project = project();
    assert_eq!(eval(&project).status, 0);
    // It breaks, and is not noticed at first; then something else changes.
    project.edit("rules.yaml", "default:", "rules:\n  - {when: {system: rudely}, text: What?}\ndefault:");
    project.edit("prompts.yaml", "warmly", "rudely");
    project.commit("break it");
    project.write("README.md", "a shop\n");
    project.commit("something else");
    let broken = eval(&project);
    assert_eq!(broken.status, 1, "{}", broken.stdout);
    project.edit("prompts.yaml", "rudely", "kindly");
    project.commit("mend it");
    let mended = eval(&project);
    let again = eval(&project);
    let told = [verdict(&broken), list(&broken, "Notes"), verdict(&mended), list(&mended, "Notes")];
    assert_snapshot!(told.join("\n"), @"
    exit status 1
    ✗ Blocked: this edit breaks 2 of 2 cases of `greet`
    Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6.

    Notes
      - Compared with its content at COMMIT , the newest that passed on the main tier.
    exit status 0
    ✓ No break found in `greet`
    No case got worse. With 2 cases only large drops are visible.

    To know
      - `greet`: Compared with its content at COMMIT , the newest that passed on the main tier.
    ");
    assert_snapshot!([verdict(&again), list(&again, "To know"), release(&project)].join("\n"), @"
    exit status 0
    ✓ Nothing to check: no prompt is affected
    No prompt is affected by this change (1 unaffected); nothing was evaluated.
    Every prompt with a golden set passed on the main tier exactly as it is: nothing is evaluated again.


    To know
      - Every prompt with a golden set passed on the main tier exactly as it is: nothing is evaluated
        again.
    exit status 0
    released  greet  1  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released
    ");
}

#[test]
fn another_golden_set_is_evaluated_however_long_ago_it_changed() {
    let project = project();
    assert_eq!(eval(&project).status, 0);
    project.edit("golden/greet.yaml", "input: Good evening", "input: Good night");
    project.commit("another case");
    project.write("README.md", "a shop\n");
    project.commit("something else");
    let ran = eval(&project);
    assert_snapshot!([verdict(&ran), list(&ran, "Notes"), release(&project)].join("\n"), @"
    exit status 0
    ✓ Only the scoring of `greet` changed
    Old and new prompt ask the model the same; only the checks changed: 1 case scored again, 1 of 1
    pass.

    To know
      - `greet`: Compared with its content at COMMIT , the newest that passed on the main tier.
    exit status 0
    released  greet  1  /prod/llm/greet  OK, 1 of 1 (EVIDENCE)
    prod: 1 released
    ");
}

#[test]
fn on_another_branch_it_is_compared_with_the_merge_base_as_before() {
    let project = project();
    assert_eq!(eval(&project).status, 0);
    project.git(&["checkout", "--quiet", "-b", "edit"]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("edit");
    let ran = eval(&project);
    assert!(ran.stdout.contains("  2 of 2"), "{}", ran.stdout);
    assert_eq!(list(&ran, "Notes"), "");
}

const WORKFLOW: &str = "\
on: {pull_request: {}, push: {branches: [main]}}
jobs: {prompts: {steps: [{uses: prompt-assay/prompt-assay@v1}]}}
";

#[test]
fn a_branch_is_told_that_the_main_tier_will_need_a_model() {
    let told = |config: &str, workflow: &str| {
        let project = Project::new(on_disk::GREETING);
        project.write("prompt-assay.yaml", config);
        project.write(".github/workflows/prompts.yml", workflow);
        project.commit("configure");
        project.edit("prompts.yaml", "warmly", "kindly");
        let ran = project.run(&["eval", "--base", "HEAD"]);
        assert_eq!(ran.status, 0, "{}", ran.told());
        list(&ran, "To know")
    };
    let scripted = "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: rules.yaml}\n";
    let released = format!(
        "{scripted}release: {{environments: {{prod: {{directory: released, ssm: '/p/{{name}}'}}}}}}\n"
    );
    let only_requests =
        "on: pull_request\njobs: {prompts: {steps: [{uses: prompt-assay/prompt-assay@v1}]}}\n";
    assert_eq!(told(CONFIG, WORKFLOW), "");
    assert_eq!(told(scripted, only_requests), "");
    assert_snapshot!([told(scripted, WORKFLOW), told(&released, only_requests)].join("\n"), @"
    To know
      - No model is named for the tier `main` of `greet`; the workflow `.github/workflows/prompts.yml`
        evaluates there, and will end with exit status 2 after the merge: add `main: MODEL_ID` under
        `models:` in prompt-assay.yaml.
    To know
      - No model is named for the tier `main` of `greet`; a release evaluates there, and will end with
        exit status 2 after the merge: add `main: MODEL_ID` under `models:` in prompt-assay.yaml.
    ");
}
