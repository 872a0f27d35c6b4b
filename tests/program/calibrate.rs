//! `calibrate` through the real binary: labels in, figures out, what reports say of the judge afterwards.

use prompt_assay_test_support::on_disk::{Project, Ran};

const RULES: &str = "\
rules:
  - when: {tool: score, input: 'warm words'}
    answers: [{tool: {score: 0.9, reasoning: \"It greets warmly.\"}}]
  - when: {tool: score}
    answers: [{tool: {score: 0.1, reasoning: \"It does not.\"}}]
default: {text: \"Hello Ada, with warm words\"}
";

const LABELS: &str = "\
prompt: greet
judgements:
  - {case: morning, answer: \"Good morning, with warm words\", verdict: pass}
  - {case: morning, answer: \"No.\", verdict: fail}
  - {case: evening, answer: \"I hate these warm words\", verdict: fail}
  - {case: evening, answer: \"Good evening, dear Ada\", verdict: pass}
  - {case: evening, answer: \"\", verdict: fail}
  - {case: evening, answer: \"Hm\", verdict: \"\"}
";

fn project() -> Project {
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet Ada warmly.\n  user: \"{{ input }}\"\n"),
        (
            "golden/greet.yaml",
            "cases:\n  - {id: morning, input: Good morning, checks: [{judge: Greets warmly.}]}\n  \
             - {id: evening, input: Good evening, checks: [{judge: Greets warmly.}]}\n",
        ),
        ("golden/judge/greet.yaml", LABELS),
        ("prompt-assay.yaml", "models: {branch: m, judge: j}\nprices: {j: {input: 1, output: 1}}\n"),
        ("rules.yaml", RULES),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

/// The whole comment that an evaluation would write.
fn told(project: &Project) -> Ran {
    project.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "markdown"])
}

#[test]
fn a_judge_is_measured_and_reports_say_so_until_it_changes() {
    let project = project();
    let calibrated = "The judge <code>j</code> agrees with people 60 % &#91;23, 88&#93;, n=5.";
    let before = told(&project);
    assert!(before.stdout.contains("The judge <code>j</code>: not calibrated."), "{}", before.stdout);
    let ran = project.run(&["calibrate", "--scripted", "rules.yaml"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    for told in [
        "Judge j: agrees with people 60 % [23, 88], n=5",
        "agrees with itself    100 %",
        "Warning: it agrees with people in 60 % of answers, less than 85 %",
        "golden/judge/greet.yaml:5: greet/evening: people fail it, the judge passes it: It greets warmly.",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    assert!(ran.stderr.contains("1 rows have no verdict yet"), "{}", ran.stderr);
    let after = told(&project);
    assert!(after.stdout.contains(calibrated), "{}", after.stdout);
    // A second time everything is stored.
    let again = project.run(&["calibrate", "--scripted", "rules.yaml"]);
    assert!(again.stdout.contains("Spent: $0.0000 in 0 calls; 15 votes were stored"), "{}", again.stdout);
    project.edit("prompt-assay.yaml", "prices:", "judge: {max_tokens: 700}\nprices:");
    let changed = told(&project);
    assert!(changed.stdout.contains("The judge <code>j</code>: not calibrated."), "{}", changed.stdout);
}

#[test]
fn labels_that_name_nothing_are_refused_with_their_line() {
    let project = project();
    project.write(
        "golden/judge/greet.yaml",
        LABELS.replace("case: morning, answer: \"No.\"", "case: noon, answer: \"No.\""),
    );
    let ran = project.run(&["calibrate", "--scripted", "rules.yaml"]);
    assert_eq!(ran.status, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("`noon` is not a case of `greet`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("golden/judge/greet.yaml:4"), "{}", ran.stderr);
}

#[test]
fn a_sheet_of_a_run_is_filled_in_and_read() {
    let project = project();
    let report = project.run(&[
        "eval",
        "--base",
        "HEAD",
        "--scripted",
        "rules.yaml",
        "--format",
        "json",
        "--output",
        "report.json",
    ]);
    assert_eq!(report.status, 0, "{}{}", report.stdout, report.stderr);
    let sheet = project.run(&["calibrate", "--from-report", "report.json"]);
    assert_eq!((sheet.status, sheet.stdout.lines().next()), (0, Some("prompt,case,answer,verdict,note")));
    let none = project.run(&["calibrate", "--scripted", "rules.yaml", "missing.csv"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("the file does not exist"), "{}", none.stderr);
    project
        .write("labelled.csv", "prompt,case,answer,verdict\ngreet,morning,\"Hello, with warm words\",PASS\n");
    let ran = project.run(&["calibrate", "--scripted", "rules.yaml", "labelled.csv"]);
    assert!(ran.stdout.contains("agrees with people 100 %"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_panel_is_measured_together_and_each_member_alone() {
    let project = project();
    project.edit(
        "prompt-assay.yaml",
        "models: {branch: m, judge: j}",
        "models: {branch: m}\njudge: {panel: [j, k, l]}",
    );
    let ran = project.run(&["calibrate", "--scripted", "rules.yaml", "--repeats", "1"]);
    assert_eq!(ran.status, 0, "{}", ran.told());
    for told in [
        "Judges j, k, l: together agree with people 60 % [23, 88], n=5",
        "alone                 k: agrees in 60 % [23, 88], sensitivity 50 % [9, 91], specificity 67 % [21, 94]",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("in 15 calls"), "one vote of each model on each answer: {}", ran.stdout);
    let comment = told(&project).stdout;
    let together = "The judges <code>j</code>, <code>k</code> and <code>l</code> together agree with people 60 % &#91;23, 88&#93;, n=5.";
    assert!(comment.contains(together), "{comment}");
}
