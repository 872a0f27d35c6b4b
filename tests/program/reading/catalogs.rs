//! Catalogs in the shapes that people have: nested, wrapped, listed, with anchors and other people's braces.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

/// Every prompt of a new catalog, with the text that is sent or rendered.
fn read_as(path: &str, text: &str) -> String {
    let project = Project::new(&[("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n")]);
    project.write(path, text);
    project.git(&["add", "--all"]);
    let ran = project.run(&["plan", "--base", "none", "--format", "json"]);
    if ran.status != 0 {
        return ran.told();
    }
    let plan = ran.json();
    let prompts = plan["prompts"].as_array().expect("prompts").iter().map(|prompt| {
        let lines = prompt["diff"].as_array().expect("a diff").iter();
        let texts: String = lines.map(|line| format!("    {}\n", line["added"].as_str().expect("new"))).collect();
        format!("{} (line {})\n{texts}", prompt["id"].as_str().expect("an id"), prompt["line"])
    });
    format!("{}{}", ran.stderr, prompts.collect::<String>())
}

macro_rules! read_from {
    ($name:literal) => {{
        let text = include_str!(concat!("catalogs/", $name));
        read_as(if $name.ends_with(".json") { "prompts.json" } else { "prompts.yaml" }, text)
    }};
}

#[test]
fn one_text_for_each_name() {
    assert_snapshot!(read_from!("01-flat.yaml"), @"");
}

#[test]
fn two_levels_and_a_version() {
    assert_snapshot!(read_from!("02-levels.yaml"), @"");
}

#[test]
fn three_levels() {
    assert_snapshot!(read_from!("03-three-levels.yaml"), @"");
}

#[test]
fn a_wrapper_with_notes_beside_it() {
    assert_snapshot!(read_from!("04-wrapped.yaml"), @"");
}

#[test]
fn a_list_in_a_wrapper() {
    assert_snapshot!(read_from!("05-wrapped-list.yaml"), @"");
}

#[test]
fn a_list() {
    assert_snapshot!(read_from!("06-list.yaml"), @"");
}

#[test]
fn a_list_in_a_level() {
    assert_snapshot!(read_from!("07-list-in-level.yaml"), @"");
}

#[test]
fn anchors_stand_under_x() {
    assert_snapshot!(read_from!("08-anchors.yaml"), @"");
}

#[test]
fn latex() {
    assert_snapshot!(read_from!("09-latex.yaml"), @"");
}

#[test]
fn json_in_braces() {
    assert_snapshot!(read_from!("10-json-braces.yaml"), @"");
}

#[test]
fn russian() {
    assert_snapshot!(read_from!("11-russian.yaml"), @"");
}

#[test]
fn chinese() {
    assert_snapshot!(read_from!("12-chinese.yaml"), @"");
}

#[test]
fn json() {
    assert_snapshot!(read_from!("13-json.json"), @"");
}

#[test]
fn names_with_dots_digits_and_accents() {
    assert_snapshot!(read_from!("14-names.yaml"), @"");
}

#[test]
fn everything_at_once() {
    assert_snapshot!(read_from!("15-mixed.yaml"), @"");
}

#[test]
fn a_level_does_not_swallow_a_typo() {
    assert_snapshot!(read_as("prompts.yaml", "support:\n  txet: Be kind.\nsales:\n  usr: Hi\n  system: Sell.\n"), @"");
    assert_snapshot!(read_as("prompts.yaml", "team:\n  description: Ours\n  refund: Be kind.\n"), @"");
    assert_snapshot!(read_as("prompts.yaml", "settings:\n  temperature_of: 0.2\ngreet: Hi\n"), @"");
}

#[test]
fn what_stands_beside_the_wrapper_is_no_prompt_and_says_so() {
    assert_snapshot!(read_as("prompts.yaml", "prompts:\n  greet: Hi.\nfarewell: Bye.\n"), @"");
    assert_snapshot!(read_as("prompts.yaml", "x-ray: Describe the picture.\ngreet: Hi.\n"), @"");
    assert_snapshot!(read_as("prompts.yaml", "prompts: You are a bot.\nversion: You are version two.\n"), @"");
}

#[test]
fn an_item_of_a_list_has_a_name() {
    let catalog = "- text: Be kind.\n- Be brief.\n- {name: 7, text: x}\n- {role: user, content: Hi}\n- {name: a, txt: x}\n";
    assert_snapshot!(read_as("prompts.yaml", catalog), @"");
    assert_snapshot!(read_as("prompts.yaml", "a: {b: One.}\na.b: Two.\n"), @"");
}

#[test]
fn braces_of_variables_are_filled_and_all_others_stay() {
    let project = Project::new(&[
        (
            "prompts.yaml",
            "solve:\n  template: braces\n  text: |\n    Solve {problem}, {\"as\": \"JSON\"}. Not {prolbem}.\n  user: Go\n",
        ),
        (
            "golden/solve.yaml",
            "cases:\n  - {id: a, vars: {problem: 1 + 1}, checks: [{contains: \"2\"}]}\n  - {id: b, vars: {other: x}, checks: [{contains: \"2\"}]}\n",
        ),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", "rules:\n  - when: {system: 'Solve 1 \\+ 1, \\{\"as\": \"JSON\"\\}'}\n    text: '2'\ndefault: {text: no}\n"),
    ]);
    let run = || project.run(&["eval", "--base", "none", "--scripted", "rules.yaml"]);
    assert_snapshot!(run().told(), @"");
    project.edit("golden/solve.yaml", "vars: {other: x}", "vars: {problem: 1 + 1, other: x}");
    let ran = run();
    assert_snapshot!(ran.told(), @"");
    assert!(ran.stdout.contains("2 of 2 cases pass"), "{}", ran.stdout);
}

#[test]
fn the_name_of_a_nested_prompt_names_its_golden_set() {
    let project = Project::new(&[
        ("prompts.yaml", "agents:\n  review:\n    critic: Be strict.\n"),
        ("golden/agents.review.critic.yaml", "- {id: a, input: x, checks: [{contains: \"2\"}]}\n"),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", "default: {text: '2'}\n"),
    ]);
    project.edit("prompts.yaml", "strict", "gentle");
    let ran = project.eval();
    assert_eq!(ran.told(), "exit status 0\n");
    assert!(ran.stdout.contains("agents.review.critic"), "{}", ran.stdout);
}
