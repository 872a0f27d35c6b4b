//! `demo` runs the main job without an account: it ends with the comment, exit status 1 and a
//! named reason, and leaves Markdown and JSON on disk.

use std::process::Command;

use prompt_assay_test_support::program;
use serde_json::Value;

#[test]
fn the_demo_ends_with_the_comment_and_a_failed_gate() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().join("demo");
    let output = Command::new(program())
        .env_clear()
        .arg("demo")
        .arg("--directory")
        .arg(&place)
        .output()
        .expect("the demo runs");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stdout.contains("REGRESSION"), "{stdout}");
    assert!(stdout.contains("No language model was called"), "{stdout}");
    assert!(stderr.contains("reason `confirmed_breaks`"), "{stderr}");
    let comment = std::fs::read_to_string(place.join("comment.md")).expect("the comment");
    assert_eq!(comment.trim_end(), stdout.trim_end());
    let report = std::fs::read_to_string(place.join("report.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["verdict"], "REGRESSION");
    assert_eq!(report["unaffected"], 4, "only the edited prompt is evaluated");
    let broken = report["prompts"][0]["broken"].as_array().expect("a list");
    assert!(broken.iter().any(|case| case == "angry-caps-late"), "{broken:?}");
}
