//! Limits of templates: the length of an expression before it is parsed, the steps of one
//! rendering, and the steps of all renderings of a comparison together.

use std::cell::{Cell, RefCell};

use super::TemplateError;

/// Steps of one rendering; every 64 bytes of text that are made or read also count as a step.
pub(super) const FUEL: u64 = 500_000;

/// Bytes of one rendered text: more than any model reads.
pub const MOST_RENDERED: usize = 8 << 20;

/// Operators of one expression, and branches of one `if`: what MiniJinja compiles level by level.
const LONGEST_CHAIN: usize = 500;

/// Bytes of one prompt's texts and all they include, as written.
const MOST_WRITTEN: usize = 8 << 20;

/// Steps of all renderings of one side of a comparison.
const RUN_FUEL: u64 = 20_000_000;

/// Bytes of all rendered texts of one side, which are kept until the comparison has ended.
const RUN_RENDERED: usize = 64 << 20;

/// Bytes of all texts of one side, as written; a file that several prompts include counts for each.
const RUN_WRITTEN: usize = 256 << 20;

/// Bytes of all golden sets of one side that are read case by case, because their cases are kept.
const RUN_GOLDEN: usize = 64 << 20;

/// What may still be read and rendered of one side of a comparison. An exceeded limit is
/// remembered: a text that exceeds it is never treated as a missing baseline.
#[derive(Debug)]
pub struct Allowance {
    fuel: Cell<u64>,
    rendered: Cell<usize>,
    written: Cell<usize>,
    golden: Cell<usize>,
    exceeded: RefCell<Option<TemplateError>>,
    subject: RefCell<Option<String>>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            fuel: Cell::new(RUN_FUEL),
            rendered: Cell::new(RUN_RENDERED),
            written: Cell::new(RUN_WRITTEN),
            golden: Cell::new(RUN_GOLDEN),
            exceeded: RefCell::default(),
            subject: RefCell::default(),
        }
    }
}

impl Allowance {
    /// The first limit that was exceeded, and where.
    pub fn exceeded(&self) -> Option<TemplateError> {
        self.exceeded.borrow().clone()
    }

    /// Takes a text as it is written, of a prompt that has `before` bytes already.
    ///
    /// # Errors
    /// When that exceeds a limit.
    pub fn take_written(&self, text: &str, before: usize, path: &str) -> Result<(), TemplateError> {
        let left = self.written.get().checked_sub(text.len());
        self.written.set(left.unwrap_or(0));
        let message = if before + text.len() > MOST_WRITTEN {
            format!("a prompt's texts and what they include have more than {} MiB", MOST_WRITTEN >> 20)
        } else if left.is_none() {
            format!(
                "the texts of this change have more than {} MiB, what prompts include counted for each",
                RUN_WRITTEN >> 20
            )
        } else {
            return Ok(());
        };
        Err(self.remembered(TemplateError::new(message, Some(path), None)))
    }

    /// Counts a golden set; an exceeded limit is remembered.
    pub fn take_golden(&self, bytes: usize, path: &str) {
        let left = self.golden.get().checked_sub(bytes);
        self.golden.set(left.unwrap_or(0));
        if left.is_none() {
            let message =
                format!("the golden sets of this change have more than {} MiB together", RUN_GOLDEN >> 20);
            self.remembered(TemplateError::new(message, Some(path), None));
        }
    }

    /// Counts what a case adds to the templates.
    ///
    /// # Errors
    /// When that exceeds a limit of the comparison.
    pub fn take_given(&self, bytes: usize, path: &str) -> Result<(), TemplateError> {
        self.take(0, bytes, path)
    }

    /// Records what is rendered next, for the message if it does not end.
    pub fn is_for(&self, subject: String) {
        self.subject.replace(Some(subject));
    }

    /// What is rendered, in a file.
    pub(super) fn subject(&self, path: &str) -> String {
        match &*self.subject.borrow() {
            Some(subject) if subject.starts_with(path) => subject.clone(),
            Some(subject) => format!("{subject}, in {path}"),
            None => path.to_owned(),
        }
    }

    /// Adds the case that exceeded a limit, if one has.
    pub fn was_of(&self, case: &str) {
        if let Some(error) = &mut *self.exceeded.borrow_mut()
            && !error.message.starts_with("the case ")
        {
            error.message = format!("the case `{case}`: {}", error.message);
        }
    }

    /// Counts the cost of a rendering.
    ///
    /// # Errors
    /// When that exceeds a limit of the comparison.
    pub(super) fn take(&self, fuel: u64, bytes: usize, path: &str) -> Result<(), TemplateError> {
        let (fuel, bytes) = (self.fuel.get().checked_sub(fuel), self.rendered.get().checked_sub(bytes));
        self.fuel.set(fuel.unwrap_or(0));
        self.rendered.set(bytes.unwrap_or(0));
        let message = match (fuel, bytes) {
            (Some(_), Some(_)) => return Ok(()),
            (None, _) => {
                format!(
                    "the templates of this change take more than {RUN_FUEL} steps, over all prompts and cases"
                )
            }
            (_, None) => format!(
                "the texts of this change have more than {} MiB rendered, over all prompts and cases of a side",
                RUN_RENDERED >> 20
            ),
        };
        Err(self.remembered(TemplateError::new(message, Some(path), None)))
    }

    /// Counts a text that is rendered without steps.
    ///
    /// # Errors
    /// When that exceeds a limit.
    pub(super) fn take_text(&self, text: &str, path: &str) -> Result<(), TemplateError> {
        if text.len() > MOST_RENDERED {
            return Err(self.remembered(too_long(path)));
        }
        self.take(0, text.len(), path)
    }

    /// Remembers that a limit was exceeded.
    pub(super) fn remembered(&self, error: TemplateError) -> TemplateError {
        self.exceeded.borrow_mut().get_or_insert_with(|| error.clone());
        error
    }
}

/// The error of a text that is rendered longer than [`MOST_RENDERED`].
pub(super) fn too_long(path: &str) -> TemplateError {
    let message = format!("the text has more than {} MiB rendered", MOST_RENDERED >> 20);
    TemplateError::new(message, Some(path), None)
}

/// The error of a rendering that ran out of [`FUEL`].
pub(super) fn too_many_steps() -> String {
    format!(
        "rendering takes too many steps: more than {FUEL}, or {} MiB of text on the way",
        (FUEL * 64) >> 20
    )
}

/// Refuses texts for which the parser or the compiler would run out of stack.
///
/// # Errors
/// Says which line has too long an expression.
pub(super) fn check(path: &str, text: &str) -> Result<(), TemplateError> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let fail = |at: usize, message: String| TemplateError::new(message, Some(path), Some(line(at)));
    let mut branches = 0;
    for tag in (Tags { text, at: 0 }) {
        let longest = longest_chain(&text[tag.inside.clone()]);
        if longest > LONGEST_CHAIN {
            let message = format!(
                "an expression has more than {LONGEST_CHAIN} operators, filters and brackets in a row; split it \
                 with `set`"
            );
            return Err(fail(tag.inside.start, message));
        }
        if tag.keyword == "elif" {
            branches += 1;
        } else if tag.keyword == "endif" {
            branches = 0;
        }
        if branches > LONGEST_CHAIN {
            let message = format!("an `if` has more than {LONGEST_CHAIN} branches; use a mapping");
            return Err(fail(tag.inside.start, message));
        }
    }
    Ok(())
}

/// A tag's content; comments and raw texts are passed over.
struct Tag<'t> {
    inside: std::ops::Range<usize>,
    keyword: &'t str,
}

struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let open = rest
                .match_indices('{')
                .map(|(at, _)| at)
                .find(|at| matches!(rest.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')))?;
            let (inside, kind) = (self.at + open + 2, rest.as_bytes()[open + 1]);
            if kind == b'#' {
                self.at = self.text[inside..].find("#}").map(|end| inside + end + 2)?;
                continue;
            }
            let closing = if kind == b'{' { b'}' } else { b'%' };
            let end = inside + end_of_tag(&self.text.as_bytes()[inside..], closing);
            self.at = end;
            let words = self.text[inside..end].trim_start_matches(['-', '+']).trim_start();
            let keyword = words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let keyword = if kind == b'%' { keyword } else { "" };
            if keyword == "raw" {
                self.at = after_raw(self.text, end)?;
                continue;
            }
            return Some(Tag { inside: inside..end, keyword });
        }
    }
}

/// The end of a tag whose content begins here: strings may contain the closing sign.
fn end_of_tag(bytes: &[u8], closing: u8) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = end_of_string(bytes, at, quote),
            byte if byte == closing && bytes.get(at + 1) == Some(&b'}') => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after_raw(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .match_indices("{%")
        .map(|(at, _)| from + at)
        .find(|at| text[at + 2..].trim_start_matches(['-', '+']).trim_start().starts_with("endraw"))
}

/// The maximum number of operators in a row: parts between commas are parallel, everything else is
/// nested in the worst case.
fn longest_chain(expression: &str) -> usize {
    const WORDS: [&str; 7] = ["and", "or", "not", "in", "is", "if", "else"];
    let bytes = expression.as_bytes();
    let (mut open, mut here, mut longest, mut at) = (Vec::new(), 0_usize, 0, 0);
    let mut inside = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at = end_of_string(bytes, at, quote);
                continue;
            }
            b',' => here = open.last().map_or(0, |(outer, _)| *outer),
            b'(' | b'[' | b'{' => {
                here += 1;
                open.push((here, inside));
                inside = here;
            }
            b')' | b']' | b'}' => {
                if let Some((_, before)) = open.pop() {
                    here = inside.max(here);
                    inside = before;
                }
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let end = bytes[at..].iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
                let end = end.map_or(bytes.len(), |end| at + end);
                here += usize::from(WORDS.contains(&&expression[at..end]));
                at = end;
                longest = longest.max(here);
                continue;
            }
            byte if byte.is_ascii_punctuation() && byte != b':' => here += 1,
            _ => {}
        }
        inside = inside.max(here);
        longest = longest.max(here);
        at += 1;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_row_is_counted_and_what_stands_beside_is_not() {
        for (expression, longest) in [
            ("a", 0),
            ("a ~ b ~ c", 2),
            ("not not not a", 3),
            ("a and b or c", 2),
            ("x|f|g|h", 3),
            ("a.b.c", 2),
            ("a[0][1]", 2),
            ("[1, 2, 3, 4, 5]", 1),
            ("[(1, 2), (3, 4), (5, 6)]", 2),
            ("(a ~ b ~ c) ~ d", 4),
            ("'a ~ b ~ c \\' ~' ~ d", 1),
            ("{'a': 1, 'b': 2}", 1),
            ("order ~ android", 1),
        ] {
            assert_eq!(longest_chain(expression), longest, "{expression}");
        }
    }

    #[test]
    fn long_expressions_are_refused_where_they_stand() {
        let terms = |n: usize| format!("a\n{{{{ 1{} }}}}", "~1".repeat(n));
        assert_eq!(check("p", &terms(LONGEST_CHAIN)), Ok(()));
        assert_eq!(check("p", &terms(LONGEST_CHAIN + 1)).unwrap_err().line, Some(2));
        let branches = |n: usize| format!("{{% if a %}}{}{{% endif %}}", "{%- elif b %}".repeat(n)).repeat(2);
        assert_eq!(check("p", &branches(LONGEST_CHAIN)), Ok(()));
        assert!(check("p", &branches(LONGEST_CHAIN + 1)).unwrap_err().message.contains("branches"));
    }

    #[test]
    fn what_is_no_expression_is_not_counted() {
        let long = "~1".repeat(2 * LONGEST_CHAIN);
        for text in [
            format!("{{# {long} #}}"),
            format!("{{% raw %}}{{{{ 1{long} }}}}{{%- endraw %}}"),
            format!("{{{{ '{long}' }}}}"),
            format!("{{{{ '}}}}{long}' }}}}"),
            long.clone(),
        ] {
            assert_eq!(check("p", &text), Ok(()), "{text}");
        }
        let after = format!("{{# x #}}{{% raw %}}{{{{{{% endraw %}}{{{{ 1{long} }}}}");
        assert!(check("p", &after).is_err());
    }
}
