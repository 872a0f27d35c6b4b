//! The change with the judge's measured errors taken out, in every form of the report, and never in the verdict.

use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::Value;

const RULES: &str = "\
rules:
  - when: {tool: score, input: 'warm words'}
    answers: [{tool: {score: 0.9, reasoning: \"It greets warmly.\"}}]
  - when: {tool: score}
    answers: [{tool: {score: 0.1, reasoning: \"It does not.\"}}]
  - when: {system: 'warmly', input: 'Question 1[0-2]'}
    answers: [{text: \"No.\"}]
default: {text: \"Hello, with warm words\"}
";

/// Twelve cases, of which the old prompt fails three.
fn project() -> Project {
    let cases: String = (10..22).map(|n| format!("  - {{id: case-{n}, input: Question {n}}}\n")).collect();
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet warmly.\n  user: \"{{ input }}\"\n"),
        ("golden/greet.yaml", &format!("defaults: {{checks: [{{judge: Greets.}}]}}\ncases:\n{cases}")),
        ("prompt-assay.yaml", "models: {branch: m, judge: j}\nprices: {j: {input: 1, output: 1}}\n"),
        ("rules.yaml", RULES),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

fn label(case: usize, answer: &str, verdict: &str) -> String {
    format!("  - {{case: case-{case}, answer: \"{answer}\", verdict: {verdict}}}\n")
}

/// Labels by which the judge passes 2 of 3 good answers and fails 3 of 4 bad ones.
fn labels() -> String {
    let bad = (10..13).map(|case| label(case, "No.", "fail")).collect::<String>();
    let good = (10..12).map(|case| label(case, "Good day, with warm words", "pass")).collect::<String>();
    let wrong = label(13, "I hate these warm words", "fail") + &label(13, "Good day, dear", "pass");
    format!("prompt: greet\njudgements:\n{bad}{good}{wrong}")
}

fn ran(project: &Project, format: &str) -> Ran {
    project.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", format])
}

fn prompt(project: &Project) -> Value {
    ran(project, "json").json()["prompts"][0].clone()
}

fn calibrate(project: &Project, labels: &str) {
    project.write("golden/judge/greet.yaml", labels);
    let ran = project.run(&["calibrate", "--scripted", "rules.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.told());
}

#[test]
fn a_change_is_corrected_for_information() {
    let project = project();
    let before = prompt(&project);
    assert_eq!((&before["verdict"], &before["corrected"]), (&"OK".into(), &Value::Null), "{before}");
    assert_eq!(before["difference"]["estimate"], 0.25);

    calibrate(&project, &labels());
    let after = prompt(&project);
    // 0.25 / (2/3 + 3/4 - 1).
    assert_eq!(after["corrected"]["method"], "rogan_gladen", "{after}");
    assert!((after["corrected"]["estimate"].as_f64().expect("a number") - 0.6).abs() < 1e-9, "{after}");
    assert_eq!(after["corrected"]["labels"], 7);
    for same in ["verdict", "reason", "difference", "baseline", "candidate", "capital"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let told = [
        "The judge <code>j</code> agrees with people 71 % [36, 92], n=7.",
        "With the judge's measured errors taken out (7 labelled answers), the change of the pass rate is +60.0 points (95 % \
         interval",
        "This is for information: the verdict does not use it.",
    ];
    let (comment, page) = (ran(&project, "markdown").stdout, ran(&project, "html").stdout);
    for told in told {
        let escaped = told.replace('[', "&#91;").replace(']', "&#93;");
        assert!(comment.contains(&escaped), "{escaped}: {comment}");
        // The page escapes signs in its own way.
        let end = told.rsplit(['\'', '>']).next().unwrap_or(told);
        assert!(page.contains(end), "{end}: {page}");
    }

    // People labelled both answers of eleven cases; they find one of the old prompt's refusals good enough.
    let rest = (13..21).map(|case| label(case, "Hello, with warm words", "pass")).collect::<String>();
    let better = (10..13).map(|case| label(case, "Hello, with warm words", "pass")).collect::<String>();
    let people = labels().replace(&label(10, "No.", "fail"), &label(10, "No.", "pass"));
    calibrate(&project, &format!("{people}{better}{rest}"));
    let by_people = prompt(&project);
    assert_eq!(by_people["corrected"]["method"], "prediction_powered", "{by_people}");
    assert_eq!(by_people["corrected"]["labels"], 11);
    let estimate = by_people["corrected"]["estimate"].as_f64().expect("a number");
    assert!(estimate < 0.25 && estimate > 0.1, "{estimate}");
    assert_eq!(by_people["verdict"], before["verdict"]);
    let comment = ran(&project, "markdown").stdout;
    let told =
        "Corrected by 11 cases that people labelled on both sides, if they are a fair sample, the change";
    assert!(comment.contains(told), "{comment}");
}
