//! Findings for a person, in the form of every other message: what, where, the line, what to do.

use crate::lint::finding::{Finding, Level, Linted};
use crate::problem::other_lines;
use crate::report::untrusted::terminal;
use crate::report::wording::count;

/// Findings that are shown; the rest is counted.
const MOST: usize = 200;

/// All of it, worst first: a person reads from the top.
pub(super) fn write(linted: &Linted) -> String {
    let mut parts: Vec<String> = Vec::new();
    for level in Level::ALL {
        parts.extend(linted.findings.iter().filter(|finding| finding.level == level).map(one));
    }
    let hidden = parts.len().saturating_sub(MOST);
    parts.truncate(MOST);
    if hidden > 0 {
        parts.push(format!("… and {}, which `--format json` lists", count(hidden, "more finding")));
    }
    parts.extend(linted.unlisted.clone());
    parts.push(sum(linted));
    terminal(&parts.join("\n\n"))
}

/// How many there are of each level.
pub(super) fn sum(linted: &Linted) -> String {
    let counts: Vec<String> = Level::ALL
        .into_iter()
        .map(|level| (linted.count(level), level))
        .filter(|(n, _)| *n > 0)
        .map(|(n, level)| count(n, level.as_str()))
        .collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

fn one(finding: &Finding) -> String {
    let mut text = format!("{}[{}]: {}", finding.level.as_str(), finding.rule, finding.message);
    if let Some(path) = &finding.path {
        text.push_str(&format!("\n  --> {path}"));
        if finding.mark.is_known() {
            text.push_str(&format!(":{}", finding.mark.line));
        }
        if finding.mark.is_known() && finding.mark.column > 0 {
            text.push_str(&format!(":{}", finding.mark.column));
        }
        text.extend(other_lines(finding.mark, &finding.also).map(|others| format!(" ({others})")));
    }
    text.extend(finding.line.iter().map(|line| format!("\n   | {line}")));
    text.extend(finding.help.iter().map(|help| format!("\n   = {help}")));
    text
}
