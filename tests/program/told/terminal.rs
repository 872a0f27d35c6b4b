//! A report on a real terminal: it fits the width, colours follow `NO_COLOR` and `CLICOLOR_FORCE`, and the verdict is on
//! the last screen.

use std::path::Path;
use std::process::Command;

use prompt_assay_test_support::program;

/// Lines of a terminal that stays as it was opened.
const ROWS: usize = 24;

/// The demo's report, saved.
fn saved(place: &Path) -> std::path::PathBuf {
    let demo = place.join("demo");
    let output = Command::new(program()).env_clear().arg("demo").arg("--directory").arg(&demo).output();
    assert_eq!(output.expect("the demo runs").status.code(), Some(1));
    demo.join("report.json")
}

/// What `report` writes to a terminal with so many columns, which `script` opens.
fn on_terminal(report: &Path, columns: usize, environment: &[(&str, &str)]) -> String {
    let place = report.parent().expect("a directory");
    // The names are ours: nothing in them means anything to the shell.
    let command =
        format!("stty cols {columns} rows {ROWS}; exec '{}' report report.json", program().display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(place);
    script.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm").envs(environment.iter().copied());
    let output = script.output().expect("script, of util-linux");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n")
}

/// What it writes to a pipe.
fn on_pipe(report: &Path, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(program());
    command.env_clear().envs(environment.iter().copied()).arg("report").arg(report);
    String::from_utf8(command.output().expect("the program starts").stdout).expect("UTF-8")
}

fn plain(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern").replace_all(text, "").into_owned()
}

#[test]
fn the_report_fits_the_terminal_and_ends_with_the_verdict() {
    let place = prompt_assay_test_support::temporary::directory();
    let report = saved(place.path());
    for columns in [60, 80, 140] {
        let coloured = on_terminal(&report, columns, &[]);
        let text = on_terminal(&report, columns, &[("NO_COLOR", "1")]);
        assert!(coloured.contains("\u{1b}[1;31m✗ Do not merge"), "{coloured}");
        assert!(!text.contains('\u{1b}'), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines {
            assert!(line.chars().count() <= columns, "{columns} columns: {line}");
        }
        let last = &lines[lines.len().saturating_sub(ROWS)..];
        for said in ["✗ Do not merge: ", "  old  ", "  new  ", "What to do now:"] {
            assert!(last.iter().any(|line| line.starts_with(said)), "{said} at {columns} columns:\n{text}");
        }
        // For a person who wants to look at it.
        if let Some(folder) = std::env::var_os("TERMINAL_SCREENS") {
            let folder = Path::new(&folder);
            std::fs::write(folder.join(format!("{columns}.txt")), &text).expect("a file");
            std::fs::write(folder.join(format!("{columns}.ansi")), &coloured).expect("a file");
        }
    }
}

#[test]
fn colours_are_as_the_environment_wants_them() {
    let place = prompt_assay_test_support::temporary::directory();
    let report = saved(place.path());
    let has_colours = |text: String| plain(&text) != text;
    for (environment, on_a_terminal, on_a_pipe) in [
        (vec![], true, false),
        (vec![("NO_COLOR", "1")], false, false),
        (vec![("NO_COLOR", "")], true, false),
        (vec![("CLICOLOR_FORCE", "1")], true, true),
        (vec![("CLICOLOR_FORCE", "0")], true, false),
        (vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
        (vec![("TERM", "dumb")], false, false),
        (vec![("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
    ] {
        assert_eq!(has_colours(on_terminal(&report, 80, &environment)), on_a_terminal, "{environment:?}");
        assert_eq!(has_colours(on_pipe(&report, &environment)), on_a_pipe, "{environment:?}, on a pipe");
    }
}
