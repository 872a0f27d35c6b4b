//! `import`: what is written, what is listed as left out, and what is never replaced.

use insta::assert_snapshot;
use prompt_assay_standin::{Answer, Config, Standin};
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::rules_over_http;
use serde_json::json;

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const PROMPTFOO: &str = "prompts: [file://p/*.txt]
providers: [echo]
defaultTest: {vars: {tone: kind}, assert: [{type: not-contains, value: sorry}]}
tests:
  - file://cases.csv
  - vars: {q: What now?}
    assert: [{type: javascript, value: output.length}, {type: is-json, value: file://schema.json}]
  - vars: {q: Code only}
    assert: [{type: python, value: file://check.py}]
    threshold: 0.5
";

#[test]
fn a_configuration_of_promptfoo_becomes_a_catalog_and_a_golden_set() {
    let project = Project::new(&[
        ("eval/promptfooconfig.yaml", PROMPTFOO),
        ("eval/p/a.txt", "Answer {{q}}, be {{tone}}.\n"),
        ("eval/p/b.txt", "One: {{q}}\n---\nTwo: {{q}}\n"),
        (
            "eval/cases.csv",
            "q,__expected,__expected2,__description\nHi,contains: hello,\"llm-rubric: Polite, brief\",Greets\nBye,goodbye,fn: x,\n",
        ),
        ("eval/schema.json", "{\"type\": \"object\"}"),
    ]);
    let ran = project.run(&["import", "promptfoo", "eval/promptfooconfig.yaml"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @"
    `a`, `b-1`, `b-2` in `prompts.yaml`
    4 cases in `golden/promptfooconfig.yaml`

    4 things are left out:

    error: `javascript` of promptfoo has no counterpart here
      --> eval/cases.csv:3:1
       | Bye,goodbye,fn: x,
       = code from the repository is never run, because a pull request could change it: use `json_path`, `json_schema`, `regex` or `judge`

    error: `javascript` of promptfoo has no counterpart here
      --> eval/promptfooconfig.yaml:7:21
       |     assert: [{type: javascript, value: output.length}, {type: is-json, value: file://schema.json}]
       = code from the repository is never run, because a pull request could change it: use `json_path`, `json_schema`, `regex` or `judge`

    error: `threshold` of a test has no counterpart
      --> eval/promptfooconfig.yaml:10:5
       |     threshold: 0.5
       = a test here passes if all its checks hold; a prompt with `score: mean` is graded

    error: `python` of promptfoo has no counterpart here
      --> eval/promptfooconfig.yaml:9:21
       |     assert: [{type: python, value: file://check.py}]
       = code from the repository is never run, because a pull request could change it: use `json_path`, `json_schema`, `regex` or `judge`

    warning: `providers` is not needed here, and not read
      --> eval/promptfooconfig.yaml:2:1
       | providers: [echo]
       = models, limits and reports are those of prompt-assay.yaml
    ");
    assert_snapshot!(read(&project, "prompts.yaml"), @r#"
    a:
      messages:
        - role: user
          file: eval/p/a.txt
      template: jinja
      golden: golden/promptfooconfig.yaml
    b-1:
      messages:
        - role: user
          content: "One: {{q}}"
      template: jinja
      golden: golden/promptfooconfig.yaml
    b-2:
      messages:
        - role: user
          content: "Two: {{q}}"
      template: jinja
      golden: golden/promptfooconfig.yaml
    "#);
    assert_snapshot!(read(&project, "golden/promptfooconfig.yaml"), @r#"
    defaults:
      checks:
        - not: {contains: sorry}
      vars: {tone: kind}
    cases:
      - id: greets
        vars: {q: Hi}
        checks:
          - contains: hello
          - judge: "Polite, brief"
      - vars: {q: Bye}
        checks:
          - equals: goodbye
      - vars: {q: "What now?"}
        checks:
          - json_schema: "../eval/schema.json"
      - vars: {q: Code only}
    "#);
    project.write("rules.yaml", "default: {text: '{}'}\n");
    project.write("prompt-assay.yaml", "models: {branch: a, main: a, judge: b}\n");
    let plan = project.run(&["plan", "--base", "none"]);
    assert_eq!(plan.status, 0, "{}", plan.stderr);
    let again = project.run(&["import", "promptfoo", "eval/promptfooconfig.yaml"]);
    assert_eq!(again.status, 2);
    assert!(again.stderr.contains("`prompts.yaml` exists, and nothing was written"), "{}", again.stderr);
}

#[test]
fn lines_of_a_log_become_masked_candidates() {
    let project = Project::new(&[("README.md", "# Shop\n")]);
    project.write(
        "app.jsonl",
        concat!(
            "{\"req\": {\"messages\": [{\"content\": \"Where is my order 1001? Mail me at ann@shop.example\"}]}, \"out\": \"On its way, Ann\\nBye\"}\n",
            "{\"req\": {\"messages\": [{\"content\": \"Where is my order 2002? Mail me at bob@shop.example\"}]}, \"out\": \"On its way\"}\n",
            "\n",
            "{\"req\": {\"messages\": [{\"content\": \"My card 4111 1111 1111 1111 was charged twice\"}]}, \"out\": \"Call +49 30 901820\"}\n",
            "{\"req\": {}}\n",
            "{broken\n",
        ),
    );
    let arguments = ["import", "logs", "app.jsonl", "--input", "req.messages[-1].content", "--output", "out"];
    let ran = project.run(&arguments);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @"
    3 of 5 lines have an input: 3 different ones, in 2 groups of near-duplicates; 2 are in `golden/app.yaml`
    masked: 1 of the kind card, 2 of the kind e-mail, 1 of the kind phone
    masking goes by form: names and addresses stay, so read every case before you commit it
    next: write `expected` and `checks` for each case of `golden/app.yaml`; it is refused until then

    1 thing is left out:

    error: not valid JSON: key must be a string
      --> app.jsonl:6:2
       | {broken
       = keys and texts of JSON are written in double quotes
    ");
    assert_snapshot!(read(&project, "golden/app.yaml"), @r#"
    # Candidates from app.jsonl. Write for each case what a good answer is:
    # `expected` in words, and `checks` that decide; remove what is not worth a case.
    cases:
      - id: line-1
        input: "Where is my order 1001? Mail me at <e-mail>"
        # 2 lines of the log are like this one.
        # The answer then: On its way, Ann
        # Bye
        # expected:
        checks: []
      - id: line-4
        input: "My card <card> was charged twice"
        # The answer then: Call <phone>
        # expected:
        checks: []
    "#);
    let wrong =
        project.run(&["import", "logs", "app.jsonl", "--input", "request.text", "--to", "golden/x.yaml"]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.stderr.contains("no line of the log has a text at `--input request.text`"),
        "{}",
        wrong.stderr
    );
    assert!(wrong.stderr.contains("the first such line has the keys `req`, `out`"), "{}", wrong.stderr);
}

#[test]
fn samples_of_openai_evals_become_cases() {
    let project = Project::new(&[("README.md", "# Shop\n")]);
    project.write(
        "samples.jsonl",
        concat!(
            "{\"input\": [{\"role\": \"system\", \"content\": \"Answer.\"}, {\"role\": \"user\", \"content\": \"2+2?\"}], \"ideal\": \"4\"}\n",
            "{\"input\": \"Capital of France?\", \"ideal\": [\"Paris\", \"paris\"]}\n",
            "{\"input\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Yes?\"}, {\"role\": \"user\", \"content\": \"Bye\"}], \"ideal\": \"Bye\"}\n",
            "{\"input\": \"No ideal\"}\n",
        ),
    );
    let ran = project.run(&["import", "openai-evals", "samples.jsonl", "--to", "golden/sums.yaml"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @r#"
    3 cases are in `golden/sums.yaml`
    the system text of the samples belongs into the catalog:
    Answer.

    1 thing is left out:

    error: the sample has no `ideal`
      --> samples.jsonl:4:1
       | {"input": "No ideal"}
       = the sample is left out
    "#);
    assert_snapshot!(read(&project, "golden/sums.yaml"), @r#"
    cases:
      - id: sample-1
        input: "2+2?"
        expected: "4"
        checks:
          - starts_with: "4"
      - id: sample-2
        input: "Capital of France?"
        checks:
          - any:
              - starts_with: Paris
              - starts_with: paris
      - id: sample-3
        messages:
          - role: user
            content: Hi
          - role: assistant
            content: "Yes?"
          - role: user
            content: Bye
        expected: Bye
        checks:
          - starts_with: Bye
    "#);
}

#[test]
fn prompts_of_prompt_management_become_a_catalog_and_are_only_read() {
    let project = Project::new(&[("README.md", "# Shop\n")]);
    let standin = Standin::start(Config::default(), |_| Answer::text("ok").into()).expect("a free port");
    let variant = |text: &str| {
        json!([{"name": "a", "templateType": "TEXT", "modelId": "amazon.nova-lite-v1:0",
        "inferenceConfiguration": {"text": {"temperature": 0.2, "maxTokens": 300}},
        "templateConfiguration": {"text": {"text": text, "inputVariables": [{"name": "name"}]}}}])
    };
    // More prompts than a page lists.
    for number in 0..11 {
        standin
            .library()
            .edit(&format!("prompt-{number}"), |draft| draft["variants"] = variant("Greet {{name}}."));
    }
    standin.library().edit("loop", |draft| draft["variants"] = variant("{% for x in y %}"));
    let run = |arguments: &[&str]| {
        let arguments = [&["import", "bedrock-prompts"], arguments].concat();
        let mut command = project.command(&arguments);
        rules_over_http::at(&mut command, &standin).env("AWS_ENDPOINT_URL_BEDROCK_AGENT", standin.url());
        project.ran(&mut command)
    };
    let one = run(&["prompt-7"]);
    assert_eq!(one.status, 0, "{}{}", one.stdout, one.stderr);
    assert_eq!(one.stdout.trim(), "`prompt-7` in `prompts.yaml`");
    assert_snapshot!(read(&project, "prompts.yaml"), @r##"
    prompt-7:
      messages:
        - role: user
          content: "Greet {{name}}."
      template: jinja
      model: "amazon.nova-lite-v1:0"
      parameters: {max_tokens: 300, temperature: 0.2}
    "##);
    project.write("golden/prompt-7.yaml", "cases: [{id: a, vars: {name: Ada}, checks: [{contains: Ada}]}]\n");
    let plan = project.run(&["plan", "--base", "none"]);
    assert_eq!(plan.status, 0, "{}", plan.stderr);
    let all = run(&["--catalog", "all.yaml"]);
    assert_eq!(all.status, 1, "{}{}", all.stdout, all.stderr);
    assert!(all.stdout.contains("`prompt-0`") && all.stdout.contains("`prompt-10`"), "{}", all.stdout);
    assert!(all.stderr.contains("the prompt `loop` is left out"), "{}", all.stderr);
    let missing = run(&["other", "--catalog", "other.yaml"]);
    assert_eq!(missing.status, 2, "{}{}", missing.stdout, missing.stderr);
    assert!(
        missing.stderr.contains("Prompt Management in us-east-1 has no prompt `other`"),
        "{}",
        missing.stderr
    );
    let reads = ["ListPrompts", "GetPrompt"];
    assert!(standin.library().calls().iter().all(|call| reads.contains(&call.as_str())));
}
