//! The line diff of a prompt's text, includes resolved.

use similar::{ChangeTag, TextDiff};

use super::DiffLine;
use crate::prompt::Speaker;
use crate::snapshot::Resolved;

/// Unchanged lines kept around a change.
const CONTEXT: usize = 3;

/// The prompt's source as one text: its messages in order, then the parts they include.
fn source(prompt: &Resolved) -> String {
    let mut text = String::new();
    for message in &prompt.texts {
        if prompt.texts.len() > 1 || message.speaker != Speaker::System {
            let speaker = match message.speaker {
                Speaker::System => "system",
                Speaker::User => "user",
                Speaker::Assistant => "assistant",
            };
            text.push_str(&format!("[{speaker}]\n"));
        }
        push_lines(&mut text, &message.text);
    }
    for (path, part) in &prompt.parts {
        text.push_str(&format!("[included {path}]\n"));
        push_lines(&mut text, part);
    }
    text
}

fn push_lines(text: &mut String, more: &str) {
    text.push_str(more);
    if !more.ends_with('\n') {
        text.push('\n');
    }
}

/// The diff of two prompts' texts, with three lines of context; empty when they are equal.
pub fn prompt_diff(base: Option<&Resolved>, head: Option<&Resolved>) -> Vec<DiffLine> {
    let (old, new) = (base.map(source).unwrap_or_default(), head.map(source).unwrap_or_default());
    if old == new {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let mut lines = Vec::new();
    let mut shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        if start > shown {
            lines.push(DiffLine::Skipped(start - shown));
        }
        shown = group.last().map_or(shown, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches(['\n', '\r']).to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => DiffLine::Same(line),
                ChangeTag::Delete => DiffLine::Removed(line),
                ChangeTag::Insert => DiffLine::Added(line),
            });
        }
    }
    let total = old.lines().count();
    if total > shown {
        lines.push(DiffLine::Skipped(total - shown));
    }
    lines
}
