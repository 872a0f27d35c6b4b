//! Input that is never sent: one call would speak for all cases.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};

const GOLDEN: &str = "\
cases:
  - {id: a, input: My bike is broken., vars: {ticket: T1}, checks: [{contains: ok}]}
  - {id: b, input: My car is gone., vars: {ticket: T2}, checks: [{contains: ok}]}
";
const VARIABLES: &str = "\
cases:
  - {id: a, vars: {ticket: T1}, checks: [{contains: ok}]}
  - {id: b, vars: {ticket: T2}, checks: [{contains: ok}]}
";

fn eval(prompt: &str, golden: &str) -> Ran {
    let project = Project::new(&[
        ("prompts.yaml", &format!("answer:\n{prompt}")),
        ("golden/answer.yaml", golden),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: rules.yaml}\n"),
        ("rules.yaml", "default: {text: ok}\n"),
    ]);
    project.run(&["eval", "--base", "none"])
}

fn told(prompt: &str, golden: &str) -> String {
    format!("{prompt}{}", eval(prompt, golden).told())
}

#[test]
fn a_user_message_that_does_not_use_the_input() {
    assert_snapshot!(told("  user: Answer.\n", GOLDEN), @"
      user: Answer.
    exit status 2
    warning: the variable `ticket` (2 cases) is not used by the prompt `answer`
      --> golden/answer.yaml:2:5
       |   - {id: a, input: My bike is broken., vars: {ticket: T1}, checks: [{contains: ok}]}
       = remove it, or use it in the prompt's text

    error: the `input` of 2 cases of `answer` is never sent: the prompt's user message does not use it
      --> prompts.yaml:2:9
       | Answer.
       = write `{{ input }}` where it belongs; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_user_message_in_the_braces_of_another_template_language() {
    let all = [
        told("  user: \"Answer {ticket}.\"\n", VARIABLES),
        told("  user: \"Answer {input}.\"\n", GOLDEN),
        told("  template: python\n  user: \"Answer {{ input }}.\"\n", GOLDEN),
        told("  template: none\n  user: \"Answer {{ input }}.\"\n", GOLDEN),
    ];
    assert_snapshot!(all.join("\n"), @r#"
      user: "Answer {ticket}."
    exit status 2
    error: `{ticket}` in the prompt `answer` is sent as it stands, and no case's `ticket` is ever sent
      --> prompts.yaml:2:1
       | Answer {ticket}.
       = write `{{ ticket }}`, or set `template: python` for single braces

    1 error; nothing was evaluated

      user: "Answer {input}."
    exit status 2
    warning: the variable `ticket` (2 cases) is not used by the prompt `answer`
      --> golden/answer.yaml:2:5
       |   - {id: a, input: My bike is broken., vars: {ticket: T1}, checks: [{contains: ok}]}
       = remove it, or use it in the prompt's text

    error: `{input}` in the prompt `answer` is sent as it stands, and no case's `input` is ever sent
      --> prompts.yaml:2:1
       | Answer {input}.
       = write `{{ input }}`, or set `template: python` for single braces

    1 error; nothing was evaluated

      template: python
      user: "Answer {{ input }}."
    exit status 2
    warning: the variable `ticket` (2 cases) is not used by the prompt `answer`
      --> golden/answer.yaml:2:5
       |   - {id: a, input: My bike is broken., vars: {ticket: T1}, checks: [{contains: ok}]}
       = remove it, or use it in the prompt's text

    error: the `input` of 2 cases of `answer` is never sent: the prompt's user message does not use it
      --> prompts.yaml:3:9
       | Answer {{ input }}.
       = write `{input}`: double braces are `template: jinja`, and this is `template: python`; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same

    1 error; nothing was evaluated

      template: none
      user: "Answer {{ input }}."
    exit status 2
    error: the `input` of 2 cases of `answer` is never sent: the prompt's user message does not use it
      --> prompts.yaml:3:9
       | Answer {{ input }}.
       = set `template: jinja` or `template: python`, for `template: none` puts nothing in; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same

    1 error; nothing was evaluated
    "#);
}

#[test]
fn a_prompt_that_uses_nothing_of_its_cases() {
    assert_snapshot!(told("  user: Answer.\n", VARIABLES), @"
      user: Answer.
    exit status 2
    error: nothing of the case `a` is ever sent, and of 1 more case like it: no text of the prompt `answer` uses `ticket`
      --> golden/answer.yaml:2:5
       |   - {id: a, vars: {ticket: T1}, checks: [{contains: ok}]}
       = use it in the prompt's text, or set `input: none` on the prompt if its cases are meant to ask the same

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_prompt_that_says_that_its_cases_ask_the_same() {
    for golden in [GOLDEN, VARIABLES] {
        let ran = eval("  input: none\n  user: Tell me something.\n", golden);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    }
    let contradictions = [
        told("  input: none\n  user: \"Answer {{ input }}.\"\n", GOLDEN),
        told("  input: none\n  text: Answer.\n", GOLDEN),
        told("  input: some\n  user: Answer.\n", GOLDEN),
    ];
    assert_snapshot!(contradictions.join("\n"), @r#"
      input: none
      user: "Answer {{ input }}."
    exit status 2
    error: the prompt `answer` says `input: none`, and its text uses `input`
      --> prompts.yaml:3:9
       | Answer {{ input }}.
       = remove `input: none`, or give the prompt a `user` message that does not use `input`

    1 error; nothing was evaluated

      input: none
      text: Answer.
    exit status 2
    error: the prompt `answer` says `input: none`, and it has no user message, so that a case's input is sent as one
      --> prompts.yaml:3:9
       | Answer.
       = remove `input: none`, or give the prompt a `user` message that does not use `input`

    1 error; nothing was evaluated

      input: some
      user: Answer.
    exit status 2
    warning: the variable `ticket` (2 cases) is not used by the prompt `answer`
      --> golden/answer.yaml:2:5
       |   - {id: a, input: My bike is broken., vars: {ticket: T1}, checks: [{contains: ok}]}
       = remove it, or use it in the prompt's text

    error: `input` must be one of `none`, found `some`
      --> prompts.yaml:2:10
       |   input: some

    error: the `input` of 2 cases of `answer` is never sent: the prompt's user message does not use it
      --> prompts.yaml:3:9
       | Answer.
       = write `{{ input }}` where it belongs; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same

    2 errors; nothing was evaluated
    "#);
}

#[test]
fn what_is_sent_somewhere_is_no_mistake() {
    for prompt in [
        "  user: \"{{ input }}\"\n",
        "  text: Answer.\n",
        "  text: \"Ticket {{ ticket }}.\"\n",
        "  text: \"It is {{ input }}.\"\n  user: Answer.\n",
    ] {
        let ran = eval(prompt, GOLDEN);
        assert_eq!(ran.status, 0, "{prompt}{}", ran.told());
    }
}
