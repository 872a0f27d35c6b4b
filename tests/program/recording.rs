//! The recording in the first ten minutes: its commands still run and end as they did, and the picture is one that any page
//! may show. `docs/picture/record.py` makes it again.

use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay_test_support::on_disk::Project;
use serde_json::Value;

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The commands that are typed, each with all of its lines.
fn commands() -> Vec<String> {
    let scenario = text("docs/picture/first-verdict.sh");
    let blocks = scenario.trim().split("\n\n").filter(|block| !block.starts_with('#'));
    blocks.map(|block| block.trim().to_owned()).collect()
}

#[test]
fn the_recorded_commands_still_run() {
    let project = Project::new(&[("app/utils.py", include_str!("samples/python/app/utils.py"))]);
    let commands = commands();
    let (last, before) = commands.split_last().expect("commands");
    let mut next = String::new();
    for command in before {
        let ran = project.shell(command);
        assert_eq!(ran.status, 0, "{command}\n{}{}", ran.stdout, ran.stderr);
        next.push_str(&ran.stderr);
    }
    // The first verdict is what `init` says comes next.
    let first = commands.iter().find(|command| command.starts_with("prompt-assay eval")).expect("a verdict");
    assert!(next.contains(&format!("\n  {first}\n")), "{next}");
    let ran = project.shell(last);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("✗ Do not merge: this edit breaks 2 of 2 cases"), "{}", ran.stdout);
}

#[test]
fn the_recording_has_these_commands_in_this_order() {
    let cast = text("docs/images/first-verdict.cast");
    let mut lines = cast.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let header = lines.next().expect("a header");
    assert_eq!((&header["version"], &header["width"]), (&Value::from(2), &Value::from(100)));
    let events: Vec<Value> = lines.collect();
    assert!(events.windows(2).all(|pair| pair[0][0].as_f64() <= pair[1][0].as_f64()), "time goes on");
    let shown: String = events.iter().filter_map(|event| event[2].as_str()).collect();
    let mut rest = shown.as_str();
    for command in commands() {
        let typed = command.replace('\n', "\r\n> ");
        let at =
            rest.find(&typed).unwrap_or_else(|| panic!("record again: not typed in this order: {command}"));
        rest = &rest[at + typed.len()..];
    }
    assert!(rest.contains("Do not merge"), "{rest}");
}

#[test]
fn the_picture_is_small_and_holds_nothing_but_itself() {
    let svg = text("docs/images/first-verdict.svg");
    assert!(svg.len() <= 150_000, "{} bytes", svg.len());
    for foreign in ["<script", "href", "url(", "@import", "@font-face", "<image", "<foreignObject", "/tmp/"] {
        assert!(!svg.contains(foreign), "{foreign}");
    }
    assert!(svg.contains("prefers-reduced-motion"), "a reader who wants no motion sees the end");
    assert!(svg.contains("Do not merge"));
}
