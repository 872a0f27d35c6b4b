//! `import`: what is written, what is listed as left out, and what is never replaced.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

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
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @"");
    assert_snapshot!(read(&project, "prompts.yaml"), @"");
    assert_snapshot!(read(&project, "golden/promptfooconfig.yaml"), @"");
    project.write("rules.yaml", "default: {text: '{}'}\n");
    project.write("prompt-assay.yaml", "models: {branch: a, main: a, judge: a}\n");
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
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @"");
    assert_snapshot!(read(&project, "golden/app.yaml"), @"");
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
    assert_snapshot!(format!("{}{}", ran.stdout, ran.stderr), @"");
    assert_snapshot!(read(&project, "golden/sums.yaml"), @"");
}
