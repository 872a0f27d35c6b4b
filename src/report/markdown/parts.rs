//! The building blocks of a comment: folds, tables, diffs, lists.

use crate::change::DiffLine;
use crate::report::answers::signed;
use crate::report::untrusted::{fenced_diff, inline_code, prose};
use crate::report::wording::count;
use crate::report::{MovedBar, Revision};

/// Longest reason or warning, in characters.
pub const REASON_CHARS: usize = 300;

/// A folded part; `summary` is HTML without Markdown, `body` Markdown.
pub fn folded(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{}\n\n</details>\n\n", body.trim_end())
}

/// A table row.
pub fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A list of sentences that may quote untrusted names, the first `most` of them.
pub fn bullets(items: &[String], most: usize) -> String {
    let mut out: String =
        items.iter().take(most).map(|item| format!("- {}\n", prose(item, REASON_CHARS))).collect();
    if items.len() > most {
        out.push_str(&format!("- … and {} more\n", items.len() - most));
    }
    out
}

/// A diff in a fence, the first `most` lines of it.
pub fn diff(lines: &[DiffLine], most: usize) -> String {
    let mut shown: Vec<(char, String)> = signed(&lines[..lines.len().min(most)]).collect();
    if lines.len() > most {
        shown.push(('@', format!("@ {} not shown @@", count(lines.len() - most, "more line"))));
    }
    fenced_diff(shown.iter().map(|(sign, line)| (*sign, line.as_str())))
}

/// What the change does to its own bar; empty when it does nothing.
pub fn moved_bars(bars: &[MovedBar], most: usize) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let lowers = bars.iter().filter(|bar| bar.lowers).count();
    let lead = match lowers {
        0 => "**This change moves its own bar**",
        _ => "**This change lowers its own bar**",
    };
    let items: Vec<String> = ordered(bars)
        .map(|bar| {
            let place = bar.prompt.as_deref().map_or("configuration".to_owned(), inline_code);
            format!("- {place}: {}{}\n", prose(&bar.what, REASON_CHARS), bar.consequence())
        })
        .take(most)
        .collect();
    let more = match bars.len().saturating_sub(most) {
        0 => String::new(),
        n => format!("- … and {n} more\n"),
    };
    format!("{lead}\n\n{}{more}\n", items.concat())
}

/// Those that are protected first, then those that lower the bar.
fn ordered(bars: &[MovedBar]) -> impl Iterator<Item = &MovedBar> {
    let mut ordered: Vec<&MovedBar> = bars.iter().collect();
    ordered.sort_by_key(|bar| (!bar.protected, !bar.lowers));
    ordered.into_iter()
}

/// A revision as inline code.
pub fn revision(revision: &Revision) -> String {
    inline_code(&crate::report::wording::revision(revision))
}
