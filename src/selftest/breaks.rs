//! Three breaks that are planted: what a slip of a hand does to a prompt. Only the golden set can show whether a model
//! needs the lost line, so a break that no case notices is reported as such.

use std::ops::Range;

use super::words::is_prose;

/// A planted break.
pub(super) struct Break {
    /// Its name in reports.
    pub name: &'static str,
    plant: fn(&str, &[Range<usize>]) -> Option<String>,
}

impl Break {
    /// The broken text; `None` where there is nothing of that kind to break.
    pub fn apply(&self, text: &str) -> Option<String> {
        (self.plant)(text, &instructions(text)).filter(|broken| broken != text && !broken.trim().is_empty())
    }
}

/// All of them.
pub(super) const BREAKS: [Break; 3] = [
    Break { name: "format removed", plant: |text, all| Some(without(text, &all[format_of(text, all)?])) },
    Break {
        name: "instruction deleted",
        plant: |text, all| Some(without(text, &all[longest_other(text, all)?])),
    },
    Break { name: "instruction contradicted", plant: contradicted },
];

/// Words of an instruction about the form of the answer.
const FORM: [&str; 12] = [
    "json",
    "format",
    "answer with",
    "reply with",
    "respond with",
    "return",
    "output",
    "one word",
    "one of",
    "exactly",
    "only",
    "label",
];

/// The places of the instructions: lines of prose, or their sentences where a line has several.
fn instructions(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut begin, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        if is_prose(line) && !fenced && !is_fence && !line.starts_with('#') {
            let mut at = begin;
            for sentence in line.split_inclusive(". ") {
                found.push(at..at + sentence.len());
                at += sentence.len();
            }
        }
        begin += line.len();
    }
    found
}

/// The last instruction about the form of the answer.
fn format_of(text: &str, all: &[Range<usize>]) -> Option<usize> {
    let is_form = |place: &Range<usize>| {
        let words = text[place.clone()].to_lowercase();
        FORM.iter().any(|form| words.contains(form))
    };
    all.iter().rposition(is_form)
}

/// The longest instruction beside the form's; the first of equals.
fn longest_other(text: &str, all: &[Range<usize>]) -> Option<usize> {
    let form = format_of(text, all);
    (0..all.len())
        .filter(|place| Some(*place) != form)
        .min_by_key(|place| std::cmp::Reverse(all[*place].len()))
}

fn without(text: &str, place: &Range<usize>) -> String {
    format!("{}{}", &text[..place.start], &text[place.end..])
}

/// Takes the form back, else the last instruction, right after it.
fn contradicted(text: &str, all: &[Range<usize>]) -> Option<String> {
    let place = &all[format_of(text, all).or_else(|| all.len().checked_sub(1))?];
    let (before, after) = text.split_at(place.end);
    let gap = if before.ends_with(['\n', ' ']) { "" } else { " " };
    let end = if before.ends_with('\n') { "\n" } else { " " };
    Some(format!("{before}{gap}That rule no longer holds: do the opposite of it.{end}{after}"))
}
