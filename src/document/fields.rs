//! A mapping's known keys, read one by one; each wrong key becomes a separate problem.

use std::ops::{Bound, RangeBounds};

use super::asked::{self, Form, note};
use super::{Datum, Kept, Key, Node, Source, text};
use crate::problem::{Mark, Problem, Problems, nearest};

/// The keys a mapping may have.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What the mapping is, with an article: `a prompt`.
    pub name: &'static str,
    /// All keys it may have.
    pub keys: &'static [&'static str],
}

/// A mapping of a known [`Shape`]. Methods return `None` both for an absent key and for a wrong
/// value; a wrong value is also reported.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The file.
    pub source: &'a Source,
    /// Where the mapping begins.
    pub mark: Mark,
    shape: Shape,
    entries: &'a [(Key, Node)],
}

impl<'a> Fields<'a> {
    /// A mapping's fields; unknown keys are reported with the nearest known one.
    pub fn read(source: &'a Source, node: &'a Node, shape: &Shape, problems: &mut Problems) -> Option<Self> {
        note(source, node.mark, None, || Form::Mapping(shape.keys));
        let Datum::Map(entries) = &node.datum else {
            let message = format!("{} must be a mapping, found {}", shape.name, node.kind());
            let keys = quoted(shape.keys);
            problems.push(source.error(node.mark, message).help(format!("its keys are {keys}")));
            return None;
        };
        for (key, _) in entries {
            if !shape.keys.contains(&key.text.as_str()) {
                problems.push(unknown_key(source, key, shape));
            }
        }
        Some(Self { source, mark: node.mark, shape: *shape, entries })
    }

    /// The value of a key, whatever it is.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    /// An entry for a later step.
    pub fn kept(&self, key: &str) -> Option<Kept> {
        let (key, node) = self.entries.iter().find(|(k, _)| k.text == key)?;
        Some(Kept { key: key.clone(), node: node.clone() })
    }

    /// Where a key stands; where the mapping begins when there is no such key.
    pub fn key_mark(&self, key: &str) -> Mark {
        self.entries.iter().find(|(k, _)| k.text == key).map_or(self.mark, |(k, _)| k.mark)
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.node(key).is_some()
    }

    /// Whether a key is absent and an unknown key may be a misspelling of it, which is already
    /// reported.
    pub fn may_be_misspelt(&self, key: &str) -> bool {
        let unknown = || self.entries.iter().filter(|(own, _)| !self.shape.keys.contains(&own.text.as_str()));
        !self.has(key) && unknown().any(|(own, _)| nearest(&own.text, self.shape.keys) == Some(key))
    }

    /// Text.
    pub fn text(&self, key: &str, problems: &mut Problems) -> Option<&'a str> {
        self.note(key, || Form::Text);
        let node = self.node(key)?;
        text(self.source, node, &format!("`{key}`")).map_err(|problem| problems.push(problem)).ok()
    }

    /// Text, or a whole number as text.
    pub fn text_or_integer(&self, key: &str, problems: &mut Problems) -> Option<String> {
        self.note(key, || Form::Text);
        match &self.node(key)?.datum {
            Datum::Number(_) => self.integer(key, 0.., problems).map(|number| number.to_string()),
            _ => self.text(key, problems).map(str::to_owned),
        }
    }

    /// The fields of a mapping inside this one.
    pub fn inner(&self, key: &str, shape: &Shape, problems: &mut Problems) -> Option<Fields<'a>> {
        Fields::read(self.source, self.node(key)?, shape, problems)
    }

    /// True or false.
    pub fn flag(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        self.note(key, || Form::Flag);
        let node = self.node(key)?;
        match node.datum {
            Datum::Bool(value) => Some(value),
            _ => {
                self.wrong(key, "true or false", problems);
                None
            }
        }
    }

    /// A number within bounds.
    pub fn number(&self, key: &str, bounds: impl RangeBounds<f64>, problems: &mut Problems) -> Option<f64> {
        self.note(key, || {
            let (low, high) = asked::bounds(&bounds);
            Form::Number(low, high)
        });
        let node = self.node(key)?;
        let value = match &node.datum {
            Datum::Number(number) => number.as_f64(),
            _ => None,
        };
        let value = value.filter(|value| bounds.contains(value));
        if value.is_none() {
            self.wrong(key, &format!("a number{}", described(&bounds)), problems);
        }
        value
    }

    /// A whole number within bounds.
    pub fn integer(&self, key: &str, bounds: impl RangeBounds<u64>, problems: &mut Problems) -> Option<u64> {
        self.note(key, || {
            let (low, high) = asked::bounds(&bounds);
            Form::Integer(low, high)
        });
        let node = self.node(key)?;
        let value = match &node.datum {
            Datum::Number(number) => number.as_u64(),
            _ => None,
        };
        let value = value.filter(|value| bounds.contains(value));
        if value.is_none() {
            self.wrong(key, &format!("a whole number{}", described(&bounds)), problems);
        }
        value
    }

    /// A list.
    pub fn list(&self, key: &str, problems: &mut Problems) -> Option<&'a [Node]> {
        self.note(key, || Form::List);
        match &self.node(key)?.datum {
            Datum::List(items) => Some(items),
            _ => {
                self.wrong(key, "a list", problems);
                None
            }
        }
    }

    /// A mapping with keys of the user's own.
    pub fn map(&self, key: &str, problems: &mut Problems) -> Option<&'a [(Key, Node)]> {
        self.note(key, || Form::Map);
        match &self.node(key)?.datum {
            Datum::Map(entries) => Some(entries),
            _ => {
                self.wrong(key, "a mapping", problems);
                None
            }
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub fn texts(&self, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
        self.note(key, || Form::Texts);
        let node = self.node(key)?;
        let items = match &node.datum {
            Datum::List(items) => items.as_slice(),
            Datum::Text(_) => std::slice::from_ref(node),
            _ => {
                self.wrong(key, "a list of texts", problems);
                return None;
            }
        };
        let what = format!("each of `{key}`");
        let mut texts = Vec::new();
        for item in items {
            match text(self.source, item, &what) {
                Ok(text) => texts.push(text.to_owned()),
                Err(problem) => problems.push(problem),
            }
        }
        Some(texts)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        self.note(key, || Form::Choice(words.iter().map(|(word, _)| (*word).to_owned()).collect()));
        let node = self.node(key)?;
        let word = match &node.datum {
            Datum::Text(word) => word.as_str(),
            _ => "",
        };
        if let Some((_, value)) = words.iter().find(|(name, _)| *name == word) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let found = if word.is_empty() { node.kind().to_owned() } else { format!("`{word}`") };
        let problem = self.error(key, format!("`{key}` must be one of {}, found {found}", quoted(&names)));
        problems.push(match nearest(word, &names) {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem,
        });
        None
    }

    /// Reports every key of `keys` after the first that is there: they exclude each other.
    pub fn at_most_one(&self, keys: &[&str], problems: &mut Problems) {
        let mut present = keys.iter().filter(|key| self.has(key));
        let Some(first) = present.next() else { return };
        for key in present {
            let message = format!("`{first}` and `{key}` exclude each other");
            problems.push(self.source.error(self.key_mark(key), message).help("keep one of the two"));
        }
    }

    /// An error at a key's value.
    pub fn error(&self, key: &str, message: impl Into<String>) -> Problem {
        let mark = self.node(key).map(|node| node.mark).filter(|mark| mark.is_known());
        self.source.error(mark.unwrap_or_else(|| self.key_mark(key)), message)
    }

    fn note(&self, key: &str, form: impl FnOnce() -> Form) {
        note(self.source, self.mark, Some(key), form);
    }

    fn wrong(&self, key: &str, expected: &str, problems: &mut Problems) {
        let Some(node) = self.node(key) else { return };
        let found = match &node.datum {
            Datum::Null | Datum::List(_) | Datum::Map(_) => node.kind().to_owned(),
            Datum::Text(text) if text.chars().count() > 40 => "text".to_owned(),
            Datum::Text(text) => format!("the text `{text}`"),
            other => Node { mark: node.mark, datum: other.clone() }.to_value().to_string(),
        };
        problems.push(self.error(key, format!("`{key}` must be {expected}, found {found}")));
    }
}

fn unknown_key(source: &Source, key: &Key, shape: &Shape) -> Problem {
    let problem = source.error(key.mark, format!("unknown key `{}` in {}", key.text, shape.name));
    problem.help(match nearest(&key.text, shape.keys) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("its keys are {}", quoted(shape.keys)),
    })
}

/// Words in backquotes, with commas.
pub(crate) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn described<T: std::fmt::Display>(bounds: &impl RangeBounds<T>) -> String {
    let low = match bounds.start_bound() {
        Bound::Included(low) => Some(format!("at least {low}")),
        Bound::Excluded(low) => Some(format!("more than {low}")),
        Bound::Unbounded => None,
    };
    let high = match bounds.end_bound() {
        Bound::Included(high) => Some(format!("at most {high}")),
        Bound::Excluded(high) => Some(format!("less than {high}")),
        Bound::Unbounded => None,
    };
    match (low, high) {
        (None, None) => String::new(),
        (Some(one), None) | (None, Some(one)) => format!(", {one}"),
        (Some(low), Some(high)) => format!(", {low} and {high}"),
    }
}
