use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::Rules;
use crate::model::{ErrorClass, Message, Parameters, Request, Role, StopReason, Tool, ToolChoice};
use crate::variation::Variation;

fn read(text: &str) -> Rules {
    Rules::read("rules.yaml", text).unwrap_or_else(|problem| panic!("{problem}"))
}

fn refused(text: &str) -> String {
    Rules::read("rules.yaml", text).expect_err("the rules are wrong").to_string()
}

/// The same question with white space of its own: `n` in binary.
fn again(input: &str, n: u32) -> Request {
    ask(&format!("{input}{}", format!("{n:b}").replace('0', " ").replace('1', "\t")))
}

fn ask(input: &str) -> Request {
    Request {
        system: Some("You are a support agent.".to_owned()),
        parameters: Parameters { temperature: Some(0.0), ..Parameters::default() },
        ..Request::new("amazon.nova-lite-v1:0", input)
    }
}

fn text_of(rules: &Rules, request: &Request) -> String {
    rules.answer(request, 1).unwrap().text
}

#[test]
fn the_first_rule_whose_every_condition_holds_answers() {
    let rules = read(
        "rules:
  - when: {system: 'bank clerk', input: refund}
    text: wrong system
  - when: {model: haiku, input: refund}
    text: wrong model
  - when: {parameters: {temperature: 0.7}, input: refund}
    text: wrong parameters
  - when: {tool: score, input: refund}
    text: no such tool
  - when: {system: 'SUPPORT agent', model: 'nova-(lite|pro)', parameters: {temperature: 0, max_tokens: 1024}, input: refund}
    text: right
  - when: {input: refund}
    text: too late
default: {text: fallback}
",
    );
    assert_eq!(text_of(&rules, &ask("A Refund, please")), "right");
    assert_eq!(rules.matching(&ask("A Refund, please")), Some(4));
    assert_eq!(text_of(&rules, &ask("hello")), "fallback");
    assert_eq!(rules.matching(&ask("hello")), None);
}

#[test]
fn only_the_last_user_message_is_the_input_and_the_white_space_around_it_is_ignored() {
    let rules = read("rules: [{when: {input: '^yes$'}, text: 'said {{ input }}'}]\ndefault: {text: other}");
    let mut request = ask("yes");
    request.messages.insert(0, Message { role: Role::User, text: "no".to_owned() });
    request.messages.insert(1, Message { role: Role::Assistant, text: "Sure?".to_owned() });
    assert_eq!(text_of(&rules, &request), "said yes");
    for member in 0..117 {
        assert_eq!(text_of(&rules, &Variation::member(member).applied_to(&request)), "said yes");
    }
    assert_eq!(text_of(&rules, &ask("yes no")), "other");
}

#[test]
fn templates_take_the_input_and_named_groups() {
    let rules = read(
        r#"
rules:
  - when: {system: '(?<role>\w+) agent', input: 'order (?<number>\d+)( for (?<who>\w+))?'}
    text: '{"order": "{{ capture.number }}", "who": "{{ capture.who }}", "role": {{ capture.role | tojson }}, "said": {{ input | tojson }}}'
"#,
    );
    assert_snapshot!(text_of(&rules, &ask("order 17 \"now\"")), @r#"{"order": "17", "who": "", "role": "support", "said": "order 17 \"now\""}"#);
}

#[test]
fn a_tool_rule_answers_with_a_call() {
    let rules = read(
        "rules: [{when: {tool: score}, answers: [{tool: {score: 0.9, reasoning: 'About {{ input }}'}}]}]",
    );
    let mut request = ask("tea");
    let tool = |name: &str| Tool {
        name: name.to_owned(),
        description: None,
        input_schema: json!({"type": "object"}),
    };
    request.tools = vec![tool("other"), tool("score")];
    request.tool_choice = Some(ToolChoice::Tool("score".to_owned()));
    let response = rules.answer(&request, 1).unwrap();
    assert_eq!(response.stop, StopReason::ToolUse);
    assert_eq!(response.text, "");
    assert_eq!(response.tool_calls[0].name, "score");
    assert_eq!(response.tool_calls[0].input, json!({"score": 0.9, "reasoning": "About tea"}));
}

#[test]
fn the_same_request_is_answered_alike_and_white_space_draws_anew() {
    let rules = read(
        "seed: 7\nrules: [{when: {}, answers: [{p: 0.5, text: heads}, {text: tails}], latency_ms: [80, 400]}]",
    );
    let draw = |n: u32| rules.answer(&again("toss", n), 1).unwrap();
    let answers: Vec<_> = (0..64).map(draw).collect();
    assert_eq!(answers, (0..64).map(draw).collect::<Vec<_>>());
    for text in ["heads", "tails"] {
        assert!(answers.iter().any(|answer| answer.text == text));
    }
    assert!(answers.iter().all(|answer| answer.latency_ms.is_some_and(|ms| (80..=400).contains(&ms))));
    let reseeded = read("seed: 8\nrules: [{when: {}, answers: [{p: 0.5, text: heads}, {text: tails}]}]");
    let texts =
        |rules: &Rules| -> Vec<String> { (0..64).map(|n| text_of(rules, &again("toss", n))).collect() };
    assert_ne!(texts(&rules), texts(&reseeded));
}

#[test]
fn answers_come_as_often_as_their_probabilities_say() {
    let rules =
        read("rules: [{when: {}, answers: [{p: 0.8, text: a}, {text: b}, {p: 0.1, text: c}, {text: d}]}]");
    let runs = 4000;
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for n in 0..runs {
        *counts.entry(text_of(&rules, &again("x", n))).or_default() += 1;
    }
    for (text, p) in [("a", 0.8), ("b", 0.05), ("c", 0.1), ("d", 0.05)] {
        let expected = p * f64::from(runs);
        let five_sigma = 5.0 * (expected * (1.0 - p)).sqrt();
        assert!((f64::from(counts[text]) - expected).abs() < five_sigma, "{text}: {counts:?}");
    }
}

#[test]
fn errors_last_as_many_attempts_as_they_say() {
    let rules = read(
        "rules:
  - when: {input: twice}
    error: {class: throttled, times: 2, message: slow down}
    text: at last
  - when: {input: always}
    error: context_overflow
  - when: {input: often}
    error: {class: transient, p: 0.5}
    text: lucky
",
    );
    let classes = |input: &str| -> Vec<Option<ErrorClass>> {
        (1..=40).map(|attempt| rules.answer(&ask(input), attempt).err().map(|error| error.class)).collect()
    };
    assert_eq!(classes("twice")[..4], [Some(ErrorClass::Throttled), Some(ErrorClass::Throttled), None, None]);
    assert_eq!(rules.answer(&ask("twice"), 1).unwrap_err().to_string(), "slow down");
    assert_eq!(rules.answer(&ask("twice"), 3).unwrap().text, "at last");
    assert!(classes("always").iter().all(|class| *class == Some(ErrorClass::ContextOverflow)));
    let failed = classes("often").iter().flatten().count();
    assert!((8..=32).contains(&failed), "{failed} of 40");
}

#[test]
fn usage_is_what_the_rule_says_else_estimated_from_the_texts() {
    let rules = read(
        "rules:
  - {when: {input: said}, text: abcdefgh, tokens: {input: 300, output: 60}}
  - {when: {input: half}, text: abcdefgh, tokens: {input: 300}}
default: {text: abcdefghi, stop: max_tokens}
",
    );
    let usage = |input: &str| {
        let usage = rules.answer(&ask(input), 1).unwrap().usage;
        (usage.input, usage.output)
    };
    assert_eq!(usage("said"), (300, 60));
    assert_eq!(usage("half"), (300, 2));
    // 24 characters of system text and 4 of input; 9 of output.
    assert_eq!(usage("tea?"), (7, 3));
    assert_eq!(rules.answer(&ask("tea?"), 1).unwrap().stop, StopReason::MaxTokens);
}

#[test]
fn latency_is_the_rules_own_else_the_files() {
    let rules =
        read("latency_ms: 300\nrules: [{when: {input: tea}, text: a, latency_ms: 5}]\ndefault: {text: b}");
    assert_eq!(rules.answer(&ask("tea"), 1).unwrap().latency_ms, Some(5));
    assert_eq!(rules.answer(&ask("milk"), 1).unwrap().latency_ms, Some(300));
}

#[test]
fn a_request_that_nothing_matches_is_invalid_and_named() {
    let error = read("rules: [{when: {input: tea}, text: good}]")
        .answer(&ask("I bought this kettle 45 days ago and want all of my money back"), 1)
        .unwrap_err();
    assert_eq!(error.class, ErrorClass::Invalid);
    assert_snapshot!(error, @r#"no rule of the scripted model matches the input "I bought this kettle 45 days ago and…" (add a rule with `when: {input: ...}`, or a `default:`)"#);
}

#[test]
fn mistakes_are_refused_with_their_line_and_what_was_meant() {
    let mistakes = [
        "rules:\n  - when: {imput: tea}\n    text: good\n",
        "rules:\n  - when: {input: '(tea'}\n    text: good\n",
        "rules:\n  - when: {input: tea}\n    error: throtled\n",
        "seed: 1\nrules:\n  - when: {input: tea}\n    text: ok\n  - when: {input: milk}\n    answers: [{p: 0.7, text: a}, {p: 0.2, text: b}]\n",
        "rules:\n  - when: {input: tea}\n    text: 'Dear {{ capture.name }}'\n",
        "rules:\n  - when: {input: tea}\n    text: 'Dear {{ input'\n",
        "rules:\n  - when: {input: tea}\n    latency_ms: [400, 80]\n    text: good\n",
        "rules:\n  - when: {input: tea}\n",
        "rules:\n  - when: {input: tea}\n    error: {class: throttled, times: 2}\n",
        "rules: []\ndefault: {p: 0.5, text: a}\n",
        "rules:\n  - {when: {input: tea}, text: a, text: b}\n",
    ];
    let all: Vec<String> = mistakes.into_iter().map(refused).collect();
    assert_snapshot!(all.join("\n\n"), @r#"
    error: unknown key `imput` in `when`
      --> rules.yaml:2:12
       |   - when: {imput: tea}
       = did you mean `input`?

    error: `(tea` is not a regular expression: unclosed group
      --> rules.yaml:2:19
       |   - when: {input: '(tea'}

    error: `error` must be one of `throttled`, `not_ready`, `transient`, `timed_out`, `invalid`, `context_overflow`, `access_denied`, `no_credentials`, `not_found`, `quota_exceeded`, `offline`, found `throtled`
      --> rules.yaml:3:12
       |     error: throtled
       = did you mean `throttled`?

    error: the `p` of its answers add up to 0.900, not 1; leave out the last one's, and it takes the rest
      --> rules.yaml:6:14
       |     answers: [{p: 0.7, text: a}, {p: 0.2, text: b}]

    error: `capture.name` is unknown to an answer; there are `input`, `system` and, for a named group of the rule's patterns, `capture.<name>`
      --> rules.yaml:3:11
       |     text: 'Dear {{ capture.name }}'

    error: the answer's template: unexpected end of input, expected end of variable block
      --> rules.yaml:3:11
       |     text: 'Dear {{ input'

    error: latency from 400 to 80: exchange them
      --> rules.yaml:3:17
       |     latency_ms: [400, 80]

    error: a rule needs `text`, `answers`, `embedding` or `error`
      --> rules.yaml:2:5
       |   - when: {input: tea}

    error: the error may stop, and then the rule has no `text` or `answers`
      --> rules.yaml:2:5
       |   - when: {input: tea}

    error: the default is always given: leave out its `p`
      --> rules.yaml:2:10
       | default: {p: 0.5, text: a}

    error: duplicate key `text`, first on line 2
      --> rules.yaml:2:35
       |   - {when: {input: tea}, text: a, text: b}
       = keep one of the two: readers disagree about which one counts
    "#);
}

proptest! {
    #[test]
    fn reading_never_panics(text in "(?s).{0,200}") {
        let _ = Rules::read("rules.yaml", &text);
    }

    #[test]
    fn any_request_is_answered_when_there_is_a_default(input in "(?s).{0,80}", attempt in 1_u32..5) {
        let rules = read("rules: [{when: {input: 'a(?<x>b)?'}, text: '{{ capture.x }}{{ input }}'}]\ndefault: {text: d}");
        prop_assert!(rules.answer(&ask(&input), attempt).is_ok());
    }
}
