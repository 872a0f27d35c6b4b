//! The same mistake in many places is one mistake, and every mistake has its line.

use insta::assert_snapshot;
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::on_disk::{GREETING, Project};
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::Step;

fn three_hundred(case: &str) -> String {
    format!("cases:\n{}", (1..=300).map(|n| format!("  - {{id: case-{n}, {case}}}\n")).collect::<String>())
}

#[test]
fn a_misspelt_key_in_300_cases_is_one_error() {
    let project = Project::edited();
    project
        .write("golden/greet.yaml", three_hundred("input: x, vars: {name: Ada}, chekcs: [{contains: Ada}]"));
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: unknown key `chekcs` in a case
      --> golden/greet.yaml:2:47 (also in lines 3, 4, 5 and 296 more)
       |   - {id: case-1, input: x, vars: {name: Ada}, chekcs: [{contains: Ada}]}
       = did you mean `checks`?

    1 error; nothing was evaluated
    ");
    project.write("golden/greet.yaml", three_hundred("inptu: x, checks: [{contains: Ada}]"));
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: unknown key `inptu` in a case
      --> golden/greet.yaml:2:18 (also in lines 3, 4, 5 and 296 more)
       |   - {id: case-1, inptu: x, checks: [{contains: Ada}]}
       = did you mean `input`?

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_variable_that_300_cases_lack_is_one_error() {
    let project = Project::edited();
    project.write("golden/greet.yaml", three_hundred("input: x, checks: [{contains: Ada}]"));
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the case `case-1` of `greet`: the variable `name` has no value
      --> golden/greet.yaml:2:5 (also in lines 3, 4, 5 and 296 more)
       |   - {id: case-1, input: x, checks: [{contains: Ada}]}
       = give it under `vars:`; it is used in `prompts.yaml`, line 3

    1 error; nothing was evaluated
    ");
}

#[test]
fn an_error_of_a_template_is_at_the_files_line() {
    let project = Project::new(GREETING);
    let block = "other: Hi\ngreet:\n  text: |\n    Hello.\n\n    Greet {{ name }\n  user: \"{{ input }}\"\n";
    project.write("prompts.yaml", block);
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the prompt `greet`: unexpected `}`, expected end of variable block
      --> prompts.yaml:6:1
       | Greet {{ name }
       = if its braces are to be sent as they stand, set `template: none`

    1 error; nothing was evaluated
    ");
    project.edit("prompts.yaml", "{{ name }", "{{ nmae }}");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the case `morning` of `greet`: the variable `nmae` has no value
      --> golden/greet.yaml:2:5 (also in line 6)
       |   - id: morning
       = give it under `vars:`; it is used in `prompts.yaml`, line 6

    warning: the variable `name` (2 cases) is not used by the prompt `greet`
      --> golden/greet.yaml:2:5
       |   - id: morning
       = remove it, or use it in the prompt's text

    1 error; nothing was evaluated
    ");
    project.write("prompts.yaml", "greet:\n  text: >\n    Hello.\n\n    Greet {{ name }\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the prompt `greet`: unexpected `}`, expected end of variable block
      --> prompts.yaml:2:9
       | Greet {{ name }
       = if its braces are to be sent as they stand, set `template: none` (line 2 of the prompt's text)

    1 error; nothing was evaluated
    ");
    project.write("prompts.yaml", "greet: {file: texts/greet.md}\n");
    project.write("texts/greet.md", "Hello.\n{% include 'tone.md' %}\n");
    project.write("tone.md", "Be\n{{ kind\n");
    project.git(&["add", "--all"]);
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the prompt `greet`: unexpected end of input, expected end of variable block
      --> tone.md:2:1
       | {{ kind
       = if its braces are to be sent as they stand, set `template: none`

    1 error; nothing was evaluated
    ");
}

#[test]
fn every_mistake_is_annotated_at_its_line() {
    let golden = three_hundred("input: x, chekcs: [{contains: Ada}]");
    let catalog = "other: \"Unchanged.\"\nreply:\n  text: Answer.\n  usr: x\n";
    let origin = Origin::of(&[("golden/reply.yaml", golden.as_str()), ("prompts.yaml", catalog)]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 2, "{}", left.log);
    let annotations: Vec<&str> = left.log.lines().filter(|line| line.starts_with("::error")).collect();
    assert_snapshot!(annotations.join("\n"), @r"
    ::error title=prompt-assay%3A not measured,file=golden/reply.yaml,line=2::unknown key `chekcs` in a case – did you mean `checks`?
    ::error title=prompt-assay%3A not measured,file=prompts.yaml,line=4::unknown key `usr` in a prompt – did you mean `user`?
    ");
}
