//! `demo` runs the main job without an account: it tells a story that fits a screen or two, ends with exit status 1 and
//! a named reason, and leaves page, comment and JSON on disk.

use std::process::Command;

use prompt_assay_test_support::program;
use serde_json::Value;

#[test]
fn the_demo_tells_what_broke_and_where_to_look() {
    let directory = prompt_assay_test_support::temporary::directory();
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
    assert_eq!(stderr, "");
    assert!(stdout.lines().count() <= 60, "{} lines:\n{stdout}", stdout.lines().count());
    for said in
        ["Do not merge: this edit breaks 7 of 50 cases", "nothing was paid", "No language model was called"]
    {
        assert!(stdout.contains(said), "{said}: {stdout}");
    }
    assert!(stdout.contains(&place.display().to_string()), "{stdout}");
    for left in ["report.html", "comment.md", "report.json", "repository"] {
        let path = place.join(left);
        assert!(path.exists() && stdout.contains(&format!("`{left}`")), "{left}: {stdout}");
    }
    let comment = std::fs::read_to_string(place.join("comment.md")).expect("the comment");
    assert!(comment.starts_with("## ❌ Do not merge: this edit breaks 7 of 50 cases"), "{comment}");
    let report = std::fs::read_to_string(place.join("report.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["verdict"], "REGRESSION");
    assert_eq!(report["cost"]["hypothetical"], true);
    assert_eq!(report["unaffected"], 4, "only the edited prompt is evaluated");
    let broken = report["prompts"][0]["broken"].as_array().expect("a list");
    assert!(broken.iter().any(|case| case == "angry-caps-late"), "{broken:?}");
}
