//! The pages that teach: a reader who follows them from the first to the last, with every file and every command, sees
//! what they show.

use std::fs;
use std::path::Path;

use prompt_assay_test_support::on_disk::{Project, Ran};

/// The pages, in the order of the book: each continues where the one before it ends.
const PAGES: [&str; 4] =
    ["first-ten-minutes.md", "first-pull-request.md", "golden-sets.md", "choose-models.md"];

/// A fenced block: its language, the last words in backquotes before it, its text, and its line.
struct Block<'a> {
    language: &'a str,
    named: &'a str,
    text: &'a str,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut parts = page.split("```");
    let mut before = parts.next().unwrap_or_default();
    let (mut at, mut named) = (0, "");
    let mut found = Vec::new();
    while let (Some(block), after) = (parts.next(), parts.next()) {
        at += before.len() + 3;
        let (language, text) = block.split_once('\n').expect("a language, then the text");
        named = before.rsplit('`').nth(1).unwrap_or(named);
        found.push(Block { language, named, text, line: page[..at].lines().count() });
        at += block.len() + 3;
        before = after.unwrap_or_default();
    }
    found
}

/// What a reader sees: both outputs, and the exit status unless it is 0.
fn seen(ran: &Ran) -> String {
    let status = if ran.status == 0 { String::new() } else { format!("exit status {}\n", ran.status) };
    format!("{}{}{status}", ran.stderr, ran.stdout)
}

/// The first line of `shown` that `seen` does not have, in the order of `shown`. Each may be the beginning of a line.
fn missing<'a>(shown: &'a str, seen: &str) -> Option<&'a str> {
    let mut lines = seen.lines();
    shown.lines().find(|wanted| !lines.any(|line| line.trim_end().starts_with(wanted.trim_end())))
}

/// Runs the commands of a block as they stand. A block may fail at its last command alone, and then shows the status.
fn run(project: &Project, block: &Block<'_>) -> (String, bool) {
    let (mut all, mut failed) = (String::new(), false);
    for line in block.text.lines() {
        assert!(!failed, "line {}: a command before `{line}` failed:\n{all}", block.line);
        let ran = project.shell(line);
        all.push_str(&seen(&ran));
        failed = ran.status != 0;
    }
    (all, failed)
}

#[test]
fn a_reader_who_follows_the_pages_sees_what_they_show() {
    let project = Project::new(&[("README.md", "# Shop\n")]);
    let (mut commands, mut shown) = (0, 0);
    for name in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let blocks = blocks(&page);
        for (at, block) in blocks.iter().enumerate() {
            match block.language {
                "bash" => {
                    let (seen, failed) = run(&project, block);
                    commands += block.text.lines().count();
                    let text =
                        blocks.get(at + 1).filter(|next| next.language == "text").map(|next| next.text);
                    let shows_status = text.is_some_and(|text| text.contains("exit status"));
                    assert_eq!(failed, shows_status, "docs/{name}:{}: {seen}", block.line);
                    if let Some(line) = text.and_then(|text| missing(text, &seen)) {
                        panic!("docs/{name}:{}: the page shows `{line}`, and this came:\n{seen}", block.line);
                    }
                    shown += text.map_or(0, |text| text.lines().count());
                }
                "yaml" | "python" => project.write(block.named, block.text),
                "text" | "console" => {}
                other => panic!("docs/{name}:{}: say here what a block of `{other}` is", block.line),
            }
        }
    }
    assert!(commands >= 12 && shown >= 25, "{commands} commands, {shown} lines: are they still found?");
}

#[test]
fn a_line_that_did_not_come_is_missed() {
    let seen = "one\n  two of three\nexit status 1\n";
    assert_eq!(missing("one\n  two of\nexit status 1\n", seen), None);
    assert_eq!(missing("exit status 1\none\n", seen), Some("one"));
    assert_eq!(missing("two\n", seen), Some("two"));
}
