//! The line diff of a prompt's text, includes resolved.

use similar::{ChangeTag, TextDiff};

use super::DiffLine;
use crate::lookalike;
use crate::prompt::Speaker;
use crate::snapshot::Resolved;

/// Unchanged lines kept around a change.
const CONTEXT: usize = 3;

/// Lines between the common beginning and the common end whose old number times the new one is
/// compared line by line; beyond, all of the old ones are removed and all of the new ones added.
const MOST_COMPARED: usize = 25_000_000;

/// Lines of a diff that are kept.
const MOST_LINES: usize = 5_000;

/// Characters of a line that are kept, and of all lines together.
const LINE_CHARS: usize = 20_000;
const DIFF_BYTES: usize = 1 << 20;

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
    bounded(match is_comparable(&old, &new) {
        true => by_line(&old, &new),
        false => by_block(&old, &new),
    })
}

/// Whether comparing line by line takes bounded time.
fn is_comparable(old: &str, new: &str) -> bool {
    let (old, new, ..) = middles(old, new);
    old.len().saturating_mul(new.len()) <= MOST_COMPARED
}

/// The lines of both between the common beginning and the common end, and how long those are.
fn middles<'t>(old: &'t str, new: &'t str) -> (Vec<&'t str>, Vec<&'t str>, usize, usize) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(old, new)| old == new).count();
    (old[start..old.len() - end].to_vec(), new[start..new.len() - end].to_vec(), start, end)
}

/// The whole difference as one block.
fn by_block(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new, start, end) = middles(old, new);
    let skipped = |count: usize| (count > 0).then_some(DiffLine::Skipped(count));
    let removed = old.into_iter().map(|line| DiffLine::Removed(line.to_owned()));
    let added = new.into_iter().map(|line| DiffLine::Added(line.to_owned()));
    skipped(start).into_iter().chain(removed).chain(added).chain(skipped(end)).collect()
}

/// The part of a diff that is kept: it is for people, and every report contains it.
fn bounded(lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let lines = told_apart(lines);
    let mut bytes = 0;
    let mut kept = Vec::new();
    let mut rest = 0_usize;
    for line in lines {
        let line = shortened(line);
        bytes += match &line {
            DiffLine::Same(text) | DiffLine::Removed(text) | DiffLine::Added(text) => text.len(),
            DiffLine::Skipped(_) => 0,
        };
        if kept.len() < MOST_LINES && bytes <= DIFF_BYTES {
            kept.push(line);
        } else {
            rest += usize::from(!matches!(line, DiffLine::Skipped(_)));
        }
    }
    if rest > 0 {
        kept.push(DiffLine::Added(format!("… and {rest} more lines of this diff, which are not shown")));
    }
    kept
}

/// The same with code points if a line was replaced by one that looks equal.
fn told_apart(mut lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let mut at = 0;
    while at < lines.len() {
        let removed = lines[at..].iter().take_while(|line| matches!(line, DiffLine::Removed(_))).count();
        let rest = &lines[at + removed..];
        let added = rest.iter().take_while(|line| matches!(line, DiffLine::Added(_))).count();
        for pair in 0..removed.min(added) {
            let (one, other) = (at + pair, at + removed + pair);
            if let (DiffLine::Removed(old), DiffLine::Added(new)) = (&lines[one], &lines[other])
                && lookalike::are(old, new)
            {
                let (old, new) = lookalike::told_apart(old, new);
                (lines[one], lines[other]) = (DiffLine::Removed(old), DiffLine::Added(new));
            }
        }
        at += (removed + added).max(1);
    }
    lines
}

fn shortened(line: DiffLine) -> DiffLine {
    let cut = |text: String| match text.char_indices().nth(LINE_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    };
    match line {
        DiffLine::Same(text) => DiffLine::Same(cut(text)),
        DiffLine::Removed(text) => DiffLine::Removed(cut(text)),
        DiffLine::Added(text) => DiffLine::Added(cut(text)),
        DiffLine::Skipped(count) => DiffLine::Skipped(count),
    }
}

fn by_line(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(old, new);
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
