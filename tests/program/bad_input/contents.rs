//! Files that can be read but have contents that cannot be intended.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

fn with(path: &str, text: &str) -> String {
    let project = Project::edited();
    project.write(path, text);
    project.eval().told()
}

fn with_edit(path: &str, from: &str, to: &str) -> String {
    let project = Project::edited();
    project.edit(path, from, to);
    project.eval().told()
}

#[test]
fn unknown_keys_in_every_file_at_once_with_the_nearest_known_ones() {
    let project = Project::edited();
    project.edit("prompts.yaml", "user:", "usr:");
    project.edit("golden/greet.yaml", "vars: {name: Grace}", "varz: {name: Grace}");
    project.edit("golden/greet.yaml", "contains: Ada", "contians: Ada");
    project.write("prompt-assay.yaml", "modles: {branch: x}\ngate: {alhpa: 0.1}\n");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: unknown check `contians`
      --> golden/greet.yaml:5:15
       |     checks: [{contians: Ada}]
       = did you mean `contains`?

    error: unknown key `varz` in a case
      --> golden/greet.yaml:8:5
       |     varz: {name: Grace}
       = did you mean `vars`?

    error: unknown key `modles` in the configuration
      --> prompt-assay.yaml:1:1
       | modles: {branch: x}
       = did you mean `models`?

    error: unknown key `alhpa` in `gate`
      --> prompt-assay.yaml:2:8
       | gate: {alhpa: 0.1}
       = did you mean `alpha`?

    error: unknown key `usr` in a prompt
      --> prompts.yaml:4:3
       |   usr: "{{ input }}"
       = did you mean `user`?

    5 errors; nothing was evaluated
    "#);
}

#[test]
fn two_mistakes_in_two_files_are_reported_at_once() {
    let project = Project::edited();
    project.edit("prompts.yaml", "  user:", "  max_tokens: 5\n  user:");
    project.edit("golden/greet.yaml", "id: evening", "id: morning");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: duplicate case id `morning`, first on line 2
      --> golden/greet.yaml:6:5
       |   - id: morning
       = every case of a golden set needs its own id

    error: unknown key `max_tokens` in a prompt
      --> prompts.yaml:4:3
       |   max_tokens: 5
       = its keys are `file`, `text`, `system`, `user`, `messages`, `input`, `golden`, `models`, `model`, `parameters`, `tools`, `tool_choice`, `template`, `score`, `min_score`, `budget_per_call`, `was`, `release`, `description`, `name`, `id`, `version`

    2 errors; nothing was evaluated
    ");
    assert_eq!(project.run(&["plan", "--base", "HEAD"]).told(), project.eval().told());
}

#[test]
fn where_prompts_are_released_to_is_checked_before_the_merge() {
    let project = Project::edited();
    project.edit("prompts.yaml", "  user:", "  release: {ssm: /aws/greet}\n  user:");
    project.write(
        "prompt-assay.yaml",
        "models: {branch: amazon.nova-lite-v1:0}\nrelease:\n  environments:\n    prod: {ssn: \"/prod/{name}\"}\n",
    );
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: unknown key `ssn` in an environment
      --> prompt-assay.yaml:4:12
       |     prod: {ssn: "/prod/{name}"}
       = did you mean `ssm`?

    error: the parameter name `/aws/greet` begins with `aws` or `ssm`, which SSM reserves
      --> prompts.yaml:4:18
       |   release: {ssm: /aws/greet}
       = begin it with another word

    2 errors; nothing was evaluated
    "#);
}

#[test]
fn case_ids() {
    assert_snapshot!(with_edit("golden/greet.yaml", "id: evening", "id: morning"), @r"
    exit status 2
    error: duplicate case id `morning`, first on line 2
      --> golden/greet.yaml:6:5
       |   - id: morning
       = every case of a golden set needs its own id

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with_edit("golden/greet.yaml", "id: evening", "must_pass: true"), @r"
    exit status 2
    error: a case with `must_pass: true` needs an `id`
      --> golden/greet.yaml:6:5
       |   - must_pass: true
       = add `id: a-short-name`

    1 error; nothing was evaluated
    ");
    let twins = "cases:\n  - {input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n  \
                 - {input: Hi, vars: {name: Ada}, checks: [{contains: Hi}]}\n";
    assert_snapshot!(with("golden/greet.yaml", twins), @r"
    exit status 2
    error: a case without `id` has the same input as the one on line 2
      --> golden/greet.yaml:3:5
       |   - {input: Hi, vars: {name: Ada}, checks: [{contains: Hi}]}
       = give both an `id`, or remove one

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_template_variable_the_case_lacks() {
    assert_snapshot!(with_edit("golden/greet.yaml", "{name: Grace}", "{nmae: Grace}"), @"
    exit status 2
    error: the case `evening` of `greet`: the variable `name` has no value
      --> golden/greet.yaml:6:5
       |   - id: evening
       = give it under `vars:`; it is used in `prompts.yaml`, line 3

    warning: the variable `nmae` (1 case) is not used by the prompt `greet`
      --> golden/greet.yaml:6:5
       |   - id: evening
       = remove it, or use it in the prompt's text

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.write("greet.md", "Hello.\nGreet {{ name }} and {{ other }}.\n");
    project.write("prompts.yaml", "greet: {file: greet.md}\n");
    assert_snapshot!(project.eval().told(), @"
    exit status 2
    error: the case `morning` of `greet`: the variable `other` has no value
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = give it under `vars:`; it is used in `greet.md`, line 2

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_template_that_is_none() {
    assert_snapshot!(with("prompts.yaml", "greet: |\n  Hello.\n  Greet {{ name }\n"), @"
    exit status 2
    error: the prompt `greet`: unexpected `}`, expected end of variable block
      --> prompts.yaml:3:1
       | Greet {{ name }
       = if its braces are to be sent as they stand, set `template: none`

    1 error; nothing was evaluated
    ");
}

#[test]
fn an_unused_variable_is_a_warning() {
    assert_snapshot!(with_edit("golden/greet.yaml", "{name: Grace}", "{name: Grace, mood: glad}"), @r"
    exit status 0
    warning: the variable `mood` (1 case) is not used by the prompt `greet`
      --> golden/greet.yaml:6:5
       |   - id: evening
       = remove it, or use it in the prompt's text
    ");
}

#[test]
fn single_braces_in_a_jinja_template_are_hinted_at() {
    assert_snapshot!(with_edit("prompts.yaml", "{{ name }}", "{name}"), @r"
    exit status 2
    error: `{name}` in the prompt `greet` is sent as it stands, and no case's `name` is ever sent
      --> prompts.yaml:3:1
       | Greet {name} kindly.
       = write `{{ name }}`, or set `template: python` for single braces

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.write("greet.md", "Hello.\n\nGreet {name}.\n");
    project.write("prompts.yaml", "greet: {file: greet.md}\n");
    assert_snapshot!(project.eval().told(), @"
    exit status 2
    error: `{name}` in the prompt `greet` is sent as it stands, and no case's `name` is ever sent
      --> greet.md:3:1
       | Greet {name}.
       = write `{{ name }}`, or set `template: python` for single braces

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_golden_set_without_cases() {
    assert_snapshot!(with("golden/greet.yaml", "cases: []\n"), @r"
    exit status 2
    error: the golden set holds no cases
      --> golden/greet.yaml
       = add a case with `input` and `checks`, or remove the file and the prompt's `golden`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("golden/greet.yaml", ""), @r"
    exit status 2
    error: the golden set holds no cases
      --> golden/greet.yaml
       = add a case with `input` and `checks`, or remove the file and the prompt's `golden`

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_case_without_checks() {
    assert_snapshot!(with_edit("golden/greet.yaml", "    checks: [{contains: Grace}]\n", ""), @r"
    exit status 2
    error: the case has no checks: nothing could fail
      --> golden/greet.yaml:6:5
       |   - id: evening
       = add `checks` to the case, or to the golden set's `defaults`

    1 error; nothing was evaluated
    ");
}

#[test]
fn expressions_and_schemas_that_do_not_compile() {
    let project = Project::edited();
    project.write(
        "golden/greet.yaml",
        "cases:\n  - id: a\n    input: Hi\n    vars: {name: Ada}\n    checks:\n      - regex: \"(unclosed\"\n      \
         - json_schema: {type: strnig}\n      - json_schema: schema/reply.json\n      - json_schema: schema/none.json\n",
    );
    project.write("golden/schema/reply.json", "{\n  \"type\": 3\n}\n");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: the regular expression does not compile: unclosed group
      --> golden/greet.yaml:6:16
       |       - regex: "(unclosed"
       = at character 1 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references

    error: the JSON Schema does not compile: "strnig" is not valid under any of the schemas listed in the 'anyOf' keyword (at /type)
      --> golden/greet.yaml:7:22
       |       - json_schema: {type: strnig}
       = correct the schema; parts of it may be shared through `$defs`, other files cannot

    error: `schema/reply.json` does not compile: 3 is not valid under any of the schemas listed in the 'anyOf' keyword (at /type)
      --> golden/greet.yaml:8:22
       |       - json_schema: schema/reply.json
       = correct the schema; parts of it may be shared through `$defs`, other files cannot

    error: there is no file `schema/none.json`
      --> golden/greet.yaml:9:22
       |       - json_schema: schema/none.json
       = correct the path, or write the schema here as a mapping

    4 errors; nothing was evaluated
    "#);
}

#[test]
fn an_included_part_that_includes_itself() {
    let project = Project::edited();
    project.write("shared/a.md", "{% include 'shared/b.md' %}\n");
    project.write("shared/b.md", "Be kind.\n{% include 'shared/a.md' %}\n");
    project.write("prompts.yaml", "greet: |\n  Hello.\n  {% include 'shared/a.md' %}\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: an include cycle: prompts.yaml → shared/a.md → shared/b.md → shared/a.md
      --> shared/b.md:2:1
       | {% include 'shared/a.md' %}
       = remove one of these includes

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_judge_check_without_a_judge_and_a_prompt_without_a_model() {
    assert_snapshot!(with_edit("golden/greet.yaml", "{contains: Grace}", "{judge: Is kind.}"), @r"
    exit status 2
    error: the case `evening` has a judge check, but no judge model is named
      --> golden/greet.yaml:6:5
       |   - id: evening
       = set `models: {judge: MODEL_ID}` in prompt-assay.yaml

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.edit("golden/greet.yaml", "id: evening", "id: morning");
    project.remove("prompt-assay.yaml");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: duplicate case id `morning`, first on line 2
      --> golden/greet.yaml:6:5
       |   - id: morning
       = every case of a golden set needs its own id

    error: no model for the prompt `greet` in the tier `branch`
      --> prompts.yaml:1:1
       | greet:
       = set `models: {branch: MODEL_ID}` in prompt-assay.yaml, or pass `--model MODEL_ID`

    2 errors; nothing was evaluated
    ");
}
