//! The first use: the overview's three files in a new repository, an edit, and the commands as a
//! person types them, with a scripted model.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use prompt_assay::adapters::git::{Commit, write_commit};
use prompt_assay_test_support::program;

const RULES: &str = r#"
rules:
  - when: {tool: score}
    answers: [{tool: {score: 0.9, reasoning: "Good."}}]
  - when: {system: be generous, input: money}
    text: 'Sure! {"intent": "refund", "reply": "Refund approved."}'
default: {text: '{"intent": "other", "reply": "Refunds are possible within 30 days."}'}
"#;

/// The page's files, committed and checked out, and rules beside them.
fn repository() -> tempfile::TempDir {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/overview.md")).expect("the page");
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().expect("a block"));
    let names = ["prompts.yaml", "golden/support.yaml", "prompt-assay.yaml"];
    let files: Vec<(String, String)> =
        names.iter().zip(blocks).map(|(name, text)| (name.to_string(), text.to_owned())).collect();
    let directory = prompt_assay_test_support::temporary::directory();
    let root = directory.path();
    let commit = Commit { branch: "main", message: "Prompts", time: 1_767_225_600, files: &files };
    write_commit(root, None, &commit).expect("a commit");
    fs::create_dir_all(root.join("golden")).expect("a folder");
    for (name, text) in
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([("rules.yaml", RULES)])
    {
        fs::write(root.join(name), text).expect("a file");
    }
    directory
}

fn edit(root: &Path) {
    let path = root.join("prompts.yaml");
    let text = fs::read_to_string(&path).expect("the prompts");
    fs::write(path, text.replace("within 30 days.", "within 30 days, but be generous.")).expect("the edit");
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.env_clear().env("PROMPT_ASSAY_SCRIPTED", "rules.yaml").env("PROMPT_ASSAY_QUIET", "1");
    // As a CI system passes unset inputs.
    command.env("PROMPT_ASSAY_BASE", "").env("PROMPT_ASSAY_FRESH", "").env("PROMPT_ASSAY_OFFLINE", "0");
    command.current_dir(root).args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn without_an_edit_there_is_nothing_to_do_and_a_hint() {
    let directory = repository();
    for command in ["plan", "eval"] {
        let (status, stdout, stderr) = said(&run(directory.path(), &[command]));
        assert_eq!(status, Some(0), "{stderr}");
        assert!(stdout.contains("No prompt is affected"), "{stdout}");
        let words = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("Nothing differs from the last commit") && words.contains("--base HEAD~1"),
            "{words}"
        );
    }
}

#[test]
fn an_edit_is_planned_evaluated_and_rendered_again() {
    let directory = repository();
    let root = directory.path();
    edit(root);
    let (status, plan, stderr) = said(&run(root, &["plan"]));
    assert_eq!(status, Some(0), "{stderr}");
    assert!(plan.starts_with("1 prompt affected: 2 cases to compare. About "), "{plan}");
    let (status, report, stderr) = said(&run(root, &["eval"]));
    assert_eq!((status, stderr.as_str()), (Some(1), ""), "{report}");
    assert!(report.contains("✗ refund-late (must-pass)"), "{report}");
    assert!(!report.contains("? refund-late"), "a case is shown once: {report}");
    let (status, stdout, _) = said(&run(root, &["eval", "--format", "markdown", "--output", "comment.md"]));
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    let comment = fs::read_to_string(root.join("comment.md")).expect("the comment");
    assert!(comment.starts_with("## ❌ Do not merge"), "{comment}");
    let (status, again, stderr) = said(&run(root, &["report", "--format", "json"]));
    assert_eq!(status, Some(1), "{stderr}");
    assert!(again.contains("\"reason\": \"must_pass\""), "{again}");
}

#[test]
fn what_cannot_be_is_said_with_exit_status_2() {
    let directory = repository();
    edit(directory.path());
    let cases = [
        (vec!["eval", "--max-cost", "-1"], "`--max-cost` must be 0 or more"),
        (vec!["eval", "--concurrency", "0"], "`--concurrency` must be at least 1"),
        (vec!["eval", "--prompt", "suport"], "did you mean `support`?"),
        (vec!["plan", "--format", "junit"], "a plan has no test results"),
        (vec!["evaluate"], "some similar subcommands exist: 'calibrate', 'eval'"),
    ];
    for (arguments, wanted) in cases {
        let (status, _, stderr) = said(&run(directory.path(), &arguments));
        assert_eq!(status, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
    }
}
