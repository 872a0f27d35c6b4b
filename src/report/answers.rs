//! Two answers side by side: laid out so that a line diff shows what changed, then diffed.

use serde::de::IgnoredAny;
use similar::{ChangeTag, TextDiff};

use super::untrusted::shortened;
use crate::change::DiffLine;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;
/// Longest line, in characters: what a comment shows without scrolling.
const LONG_LINE: usize = 108;

/// Line diff from the baseline's answer to the candidate's, each cut to `max_chars`.
///
/// Two JSON texts are laid out over several lines first, unless that hides the difference.
pub fn answer_diff(baseline: &str, candidate: &str, max_chars: usize) -> Vec<DiffLine> {
    let (old, new) = laid_out(&shortened(baseline, max_chars), &shortened(candidate, max_chars));
    let diff = TextDiff::from_lines(&old, &new);
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
        lines.push(match change.tag() {
            ChangeTag::Equal => DiffLine::Same(text),
            ChangeTag::Delete => DiffLine::Removed(text),
            ChangeTag::Insert => DiffLine::Added(text),
        });
    }
    folded(lines)
}

/// Sign and text of each diff line, as a fence or a terminal shows them.
pub fn signed(lines: &[DiffLine]) -> impl Iterator<Item = (char, String)> {
    lines.iter().map(|line| match line {
        DiffLine::Same(text) => (' ', text.clone()),
        DiffLine::Removed(text) => ('-', text.clone()),
        DiffLine::Added(text) => ('+', text.clone()),
        DiffLine::Skipped(n) => ('@', format!("@ {} @@", super::wording::count(*n, "unchanged line"))),
    })
}

/// Replaces long stretches of unchanged lines by their number.
fn folded(lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let changed: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !matches!(line, DiffLine::Same(_)))
        .map(|(i, _)| i)
        .collect();
    let mut out = Vec::new();
    let mut skipped = 0;
    let mut nearest = 0;
    for (i, line) in lines.into_iter().enumerate() {
        while changed.get(nearest).is_some_and(|c| c + CONTEXT < i) {
            nearest += 1;
        }
        if changed.get(nearest).is_some_and(|c| *c <= i + CONTEXT) {
            if skipped > 0 {
                out.push(DiffLine::Skipped(std::mem::take(&mut skipped)));
            }
            out.push(line);
        } else {
            skipped += 1;
        }
    }
    if skipped > 0 {
        out.push(DiffLine::Skipped(skipped));
    }
    out
}

fn laid_out(old: &str, new: &str) -> (String, String) {
    if let (Some(old_json), Some(new_json)) = (json_lines(old), json_lines(new))
        && (old_json != new_json || old == new)
    {
        return (sentences(&old_json), sentences(&new_json));
    }
    (sentences(old), sentences(new))
}

/// JSON over several lines, every token as written; `None` when it is not a JSON container.
fn json_lines(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let mut out = String::new();
    let mut depth = 0_usize;
    let (mut inside, mut escaped) = (false, false);
    let mut rest = text.chars().peekable();
    let indent = |depth: usize| format!("\n{}", "  ".repeat(depth));
    while let Some(c) = rest.next() {
        if inside {
            out.push(c);
            (inside, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => (inside, _) = (true, out.push(c)),
            '{' | '[' => {
                while rest.next_if(|c| c.is_whitespace()).is_some() {}
                out.push(c);
                if let Some(close) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    out.push_str(&indent(depth));
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                out.push_str(&indent(depth));
                out.push(c);
            }
            ',' => out.push_str(&format!(",{}", indent(depth))),
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    Some(out)
}

/// Breaks long lines after sentences, so that one changed sentence is one changed line; then long
/// sentences between words. The text after a break is indented if the line is.
fn sentences(text: &str) -> String {
    let mut out = Vec::new();
    for line in text.split('\n') {
        if line.chars().count() <= LONG_LINE {
            out.push(line.to_owned());
            continue;
        }
        let margin = margin(line);
        let broken = line.replace(". ", ".\n").replace("! ", "!\n").replace("? ", "?\n");
        for (i, sentence) in broken.split('\n').enumerate() {
            let lead = if i == 0 { "" } else { margin.as_str() };
            out.extend(words(&format!("{lead}{sentence}"), &margin));
        }
    }
    out.join("\n")
}

/// Breaks long lines between words.
pub fn wrapped(text: &str) -> String {
    let lines = text.split('\n').flat_map(|line| words(line, &margin(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The indentation after a break: deeper than its line, if that is indented at all.
fn margin(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| *c == ' ').take(LONG_LINE / 4).collect();
    if indent.is_empty() { indent } else { format!("{indent}  ") }
}

/// A line in pieces of at most [`LONG_LINE`] characters, if spaces allow it; `margin` goes before
/// every piece but the first.
fn words(line: &str, margin: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = line.to_owned();
    while let Some((end, _)) = rest.char_indices().nth(LONG_LINE) {
        let text = rest.len() - rest.trim_start().len();
        let before = rest.get(text..end).and_then(|piece| piece.rfind(' ')).map(|space| text + space);
        let Some(space) =
            before.or_else(|| rest[end.max(text)..].find(' ').map(|space| end.max(text) + space))
        else {
            break;
        };
        let left = rest[space..].trim_start().to_owned();
        rest.truncate(space);
        pieces.push(std::mem::replace(&mut rest, format!("{margin}{left}")));
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        signed(&answer_diff(old, new, 4000)).map(|(sign, text)| format!("{sign}{text}\n")).collect()
    }

    #[test]
    fn json_answers_differ_by_field() {
        insta::assert_snapshot!(shown(
            r#"{"intent":"refund","reply":"No: 30 days, \"sorry\".","tags":[]}"#,
            r#"{ "intent": "refund", "reply": "Approved.", "tags": [] }"#), @r#"
         {
           "intent": "refund",
        -  "reply": "No: 30 days, \"sorry\".",
        +  "reply": "Approved.",
           "tags": []
         }
        "#);
    }

    #[test]
    fn json_that_differs_in_white_space_only_is_shown_as_written() {
        insta::assert_snapshot!(shown(r#"{"a":1}"#, r#"{"a": 1}"#), @r#"
        -{"a":1}
        +{"a": 1}
        "#);
    }

    #[test]
    fn long_prose_differs_by_sentence_and_unchanged_stretches_are_counted() {
        let old = "Thank you for writing to us. ".repeat(8) + "We refuse the refund. Bye.";
        insta::assert_snapshot!(shown(&old, &old.replace("refuse", "grant")), @"
        @@ 5 unchanged lines @@
         Thank you for writing to us.
         Thank you for writing to us.
         Thank you for writing to us.
        -We refuse the refund.
        +We grant the refund.
         Bye.
        ");
    }

    #[test]
    fn long_lines_break_between_words_and_lose_none() {
        let json = format!(r#"{{"a": "x", "reply": "{}"}}"#, "Größe und Maß, ".repeat(20));
        insta::assert_snapshot!(shown(&json, "Sorry."), @r#"
        -{"a": "x", "reply": "Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und
        -Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und
        -Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und Maß, Größe und
        -Maß, "}
        +Sorry.
        "#);
        let text = format!("  {} {}\n{}", "y".repeat(150), "ab ".repeat(90), "z".repeat(300));
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(bare(&wrapped(&text)), bare(&text));
        let longest = |text: &str| text.lines().map(|line| line.chars().count()).max();
        assert_eq!(longest(&wrapped(&"ab ".repeat(90))), Some(LONG_LINE - 1));
        assert_eq!(wrapped(&format!("  {} b", " ".repeat(200))), format!("  {} b", " ".repeat(200)));
    }

    #[test]
    fn json_layout_loses_no_token() {
        let text = r#"{"n":12345678901234567890123456789,"e":1e400,"s":"a\\","l":[ 1 , {} ]}"#;
        let laid = json_lines(text).expect("JSON");
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(bare(text), bare(&laid));
    }
}
