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
    assert_snapshot!(check("{not-contains: Ada}"), @r"
    exit status 2
    error: unknown check `not-contains`
      --> golden/greet.yaml:5:15
       |     checks: [{not-contains: Ada}]
       = `not-contains` is promptfoo's; here: `not: {contains: …}`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{doesNotContain: Ada}"), @r"
    exit status 2
    error: unknown check `doesNotContain`
      --> golden/greet.yaml:5:15
       |     checks: [{doesNotContain: Ada}]
       = write `not: {contains: …}`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{not_is_json: true}"), @r"
    exit status 2
    error: unknown check `not_is_json`
      --> golden/greet.yaml:5:15
       |     checks: [{not_is_json: true}]
       = write `not: {json: true}`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{type: not-contains, value: Ada}"), @r"
    exit status 2
    error: a check names its kind as its key
      --> golden/greet.yaml:5:14
       |     checks: [{type: not-contains, value: Ada}]
       = `not-contains` is promptfoo's; here: `not: {contains: …}`

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.edit("golden/greet.yaml", "vars: {name: Ada}", "vars: {name: Ada}\n    must_not_pass: true");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: unknown key `must_not_pass` in a case
      --> golden/greet.yaml:5:5
       |     must_not_pass: true
       = its keys are `id`, `input`, `vars`, `variables`, `messages`, `expected`, `checks`, `tags`, `must_pass`, `exact`

    1 error; nothing was evaluated
    ");
}

#[test]
fn names_of_other_tools_are_told_in_ours() {
    assert_snapshot!(check("is-json"), @r"
    exit status 2
    error: a check is a mapping, not text
      --> golden/greet.yaml:5:14
       |     checks: [is-json]
       = `is-json` is promptfoo's; here: `json: true`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{type: contains, value: Ada}"), @r"
    exit status 2
    error: a check names its kind as its key
      --> golden/greet.yaml:5:14
       |     checks: [{type: contains, value: Ada}]
       = write `contains: …`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{llm-rubric: Polite}"), @r"
    exit status 2
    error: unknown check `llm-rubric`
      --> golden/greet.yaml:5:15
       |     checks: [{llm-rubric: Polite}]
       = `llm-rubric` is promptfoo's; here: `judge: …`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{icontains: ada}"), @r"
    exit status 2
    error: unknown check `icontains`
      --> golden/greet.yaml:5:15
       |     checks: [{icontains: ada}]
       = `icontains` is promptfoo's; here: `contains: {value: …, ignore_case: true}`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{similar: Hello Ada}"), @r"
    exit status 2
    error: unknown check `similar`
      --> golden/greet.yaml:5:15
       |     checks: [{similar: Hello Ada}]
       = `similar` is promptfoo's; here: `semantic: {to: …, model: …, threshold: …}`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(check("{javascript: output.length > 3}"), @r"
    exit status 2
    error: unknown check `javascript`
      --> golden/greet.yaml:5:15
       |     checks: [{javascript: output.length > 3}]
       = `javascript` is promptfoo's and has no counterpart: code from the repository is never run, because a pull request could change it: use `json_path`, `json_schema`, `regex` or `judge`

    1 error; nothing was evaluated
    ");
}

#[test]
fn an_unknown_filter_is_no_missing_variable() {
    assert_snapshot!(text("{{ name | shout }}"), @r"
    exit status 2
    error: the case `morning` of `greet`: filter shout is unknown
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = correct `prompts.yaml`, line 3: templates are MiniJinja's (https://docs.rs/minijinja/latest/minijinja/syntax/), with Python's methods of str, list and dict

    1 error; nothing was evaluated
    ");
    assert_snapshot!(text("{{ name.shout() }}"), @r"
    exit status 2
    error: the case `morning` of `greet`: string has no method named shout
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = correct `prompts.yaml`, line 3: templates are MiniJinja's (https://docs.rs/minijinja/latest/minijinja/syntax/), with Python's methods of str, list and dict

    1 error; nothing was evaluated
    ");
}

#[test]
fn the_variable_without_a_value_is_named() {
    assert_snapshot!(text("{% if a is defined %}{{ a }}{% endif %}{{ z }}"), @r"
    exit status 2
    error: the case `morning` of `greet`: the variable `z` has no value
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = give it under `vars:`; it is used in `prompts.yaml`, line 3

    warning: the variable `name` (2 cases) is not used by the prompt `greet`
      --> golden/greet.yaml:2:5
       |   - id: morning
       = remove it, or use it in the prompt's text

    1 error; nothing was evaluated
    ");
    assert_snapshot!(text("{{ name.first.letter }}"), @r"
    exit status 2
    error: the case `morning` of `greet`: `name.first` has no value
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = give it under `vars:`; it is used in `prompts.yaml`, line 3

    1 error; nothing was evaluated
    ");
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
    project.write(
        "rules.yaml",
        "rules:\n  - when: {system: '^ADA cat: Tom a, b 1 tom$'}\n    text: seen\ndefault: {text: \"no\"}\n",
    );
    let ran = project.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "json"]);
    assert_eq!(ran.json()["prompts"][0]["candidate"]["passed"], 1, "{}", ran.stderr);
}

#[test]
fn a_python_template_under_jinja_is_told_so() {
    assert_snapshot!(text("Reply {{\"name\": \"{name}\"}}"), @r#"
    exit status 2
    error: the prompt `greet`: unexpected `:`, expected end of variable block
      --> prompts.yaml:3:1
       | Reply {{"name": "{name}"}}
       = for Python's `{name}`, set `template: python`

    1 error; nothing was evaluated
    "#);
    assert_snapshot!(text("Reply {\"name\": \"{name}\"}"), @r#"
    exit status 2
    error: `{name}` in the prompt `greet` is sent as it stands, and no case's `name` is ever sent
      --> prompts.yaml:3:1
       | Reply {"name": "{name}"}
       = write `{{ name }}`, or set `template: braces` for single braces

    1 error; nothing was evaluated
    "#);
    assert_snapshot!(text("Solve \\frac{{1}}{{2}} {% x"), @r"
    exit status 2
    error: the prompt `greet`: unknown statement x
      --> prompts.yaml:3:1
       | Solve \frac{{1}}{{2}} {% x
       = if its braces are to be sent as they stand, set `template: none`

    1 error; nothing was evaluated
    ");
}

#[test]
fn no_price_is_invented_for_a_model_that_is_not_known() {
    let project = Project::edited();
    for model in ["amazon.nova-lite-v1", "my.own-model"] {
        project
            .write("prompt-assay.yaml", format!("models: {{branch: '{model}'}}\nbudget: {{max_cost: 1}}\n"));
        let told = project.eval().told();
        assert!(!told.contains("1.00") && !told.contains("5.00"), "{told}");
        match model {
            "my.own-model" => assert_snapshot!(told, @"exit status 0"),
            _ => assert_snapshot!(told, @"exit status 0"),
        }
    }
}
