//! Hints say what to write, never the opposite and nothing invented.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

fn check(check: &str) -> String {
    let project = Project::edited();
    project.edit("golden/greet.yaml", "checks: [{contains: Ada}]", &format!("checks: [{check}]"));
    project.eval().told()
}

/// A prompt with this text, in the two cases of the greeting.
fn text(text: &str) -> String {
    let project = Project::edited();
    project.write("prompts.yaml", format!("greet:\n  text: |\n    {text}\n  user: \"{{{{ input }}}}\"\n"));
    project.eval().told()
}

#[test]
fn the_contrary_of_a_check_is_not_taken_for_the_check() {
    assert_snapshot!(check("{not-contains: Ada}"), @"");
    assert_snapshot!(check("{doesNotContain: Ada}"), @"");
    assert_snapshot!(check("{not_is_json: true}"), @"");
    assert_snapshot!(check("{type: not-contains, value: Ada}"), @"");
    let project = Project::edited();
    project.edit("golden/greet.yaml", "vars: {name: Ada}", "vars: {name: Ada}\n    must_not_pass: true");
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn names_of_other_tools_are_told_in_ours() {
    assert_snapshot!(check("is-json"), @"");
    assert_snapshot!(check("{type: contains, value: Ada}"), @"");
    assert_snapshot!(check("{llm-rubric: Polite}"), @"");
    assert_snapshot!(check("{icontains: ada}"), @"");
}

#[test]
fn an_unknown_filter_is_no_missing_variable() {
    assert_snapshot!(text("{{ name | shout }}"), @"");
    assert_snapshot!(text("{{ name.shout() }}"), @"");
}

#[test]
fn the_variable_without_a_value_is_named() {
    assert_snapshot!(text("{% if a is defined %}{{ a }}{% endif %}{{ z }}"), @"");
    assert_snapshot!(text("{{ name.first.letter }}"), @"");
}

#[test]
fn methods_of_python_work() {
    let project = Project::edited();
    let text = "{{ name.strip().upper() }} {% for k, v in pets.items() %}{{ k }}: {{ v.title() }} {% endfor %}\
                {{ \", \".join(names) }} {{ names.count(\"a\") }} {{ pets.get(\"cat\") }}";
    project.write("prompts.yaml", format!("greet:\n  text: '{text}'\n  user: \"{{{{ input }}}}\"\n"));
    project.write(
        "golden/greet.yaml",
        "- id: a\n  input: Hi\n  vars: {name: ' ada ', pets: {cat: tom}, names: [a, b]}\n  checks: [{equals: seen}]\n",
    );
    project.write("rules.yaml", "rules:\n  - when: {system: '^ADA cat: Tom a, b 1 tom$'}\n    text: seen\ndefault: {text: \"no\"}\n");
    let ran = project.eval();
    assert_eq!(ran.told(), "exit status 0\n");
    assert!(ran.stdout.contains("1 of 1 cases pass") || ran.stdout.contains("passes"), "{}", ran.stdout);
}

#[test]
fn a_python_template_under_jinja_is_told_so() {
    assert_snapshot!(text("Reply {{\"name\": \"{name}\"}}"), @"");
    assert_snapshot!(text("Reply {\"name\": \"{name}\"}"), @"");
    assert_snapshot!(text("Solve \\frac{{1}}{{2}} {% x"), @"");
}

#[test]
fn no_price_is_invented_for_a_model_that_is_not_known() {
    let project = Project::edited();
    for model in ["amazon.nova-lite-v1", "my.own-model"] {
        project.write("prompt-assay.yaml", format!("models: {{branch: '{model}'}}\nbudget: {{max_cost: 1}}\n"));
        let told = project.eval().told();
        assert!(!told.contains("1.00") && !told.contains("5.00"), "{told}");
        match model {
            "my.own-model" => assert_snapshot!(told, @""),
            _ => assert_snapshot!(told, @""),
        }
    }
}
