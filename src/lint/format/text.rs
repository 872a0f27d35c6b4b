//! Findings for a person, in the form of every other message: what, where, the line, what to do.

use crate::lint::finding::{Finding, Level, Linted};
use crate::report::untrusted::terminal;
use crate::report::wording::count;

/// Findings that are shown; the rest is counted.
const MOST: usize = 200;

/// Lines with the same mistake that are named.
const NAMED: usize = 3;

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
        text.push_str(&other_lines(finding));
    }
    text.extend(finding.line.iter().map(|line| format!("\n   | {line}")));
    text.extend(finding.help.iter().map(|help| format!("\n   = {help}")));
    text
}

/// The other lines with the same mistake.
fn other_lines(finding: &Finding) -> String {
    let mut lines: Vec<u32> =
        finding.also.iter().map(|mark| mark.line).filter(|line| *line != finding.mark.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let named: Vec<String> = lines.iter().take(NAMED).map(u32::to_string).collect();
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    match lines.len().saturating_sub(NAMED) {
        _ if lines.is_empty() => String::new(),
        0 => format!(" (also in {noun} {})", named.join(", ")),
        more => format!(" (also in {noun} {} and {more} more)", named.join(", ")),
    }
}
