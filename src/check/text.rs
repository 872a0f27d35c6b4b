//! Text checks: equals, one_of, contains, contains_any, starts_with, ends_with.

use std::borrow::Cow;

use serde::Serialize;

use crate::document::Datum;
use crate::lookalike::{self, nfc};

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::quote::{quoted, quoted_end, quoted_list};
use super::reader::Reader;
use super::scoring_input::ScoringInput;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Relation {
    OneOf,
    Contains,
    ContainsAny,
    StartsWith,
    EndsWith,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Texts(Vec<String>),
    Expected,
}

/// A relation between the answer and given texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct TextCheck {
    relation: Relation,
    wanted: Wanted,
    ignore_case: bool,
    trim: bool,
    /// Whether white space of any kind and length counts as one space.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    any_whitespace: bool,
}

/// Reads `equals`.
pub(super) fn read_equals(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::OneOf, false)
}

/// Reads `one_of`.
pub(super) fn read_one_of(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::OneOf, true)
}

/// Reads `contains`.
pub(super) fn read_contains(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::Contains, true)
}

/// Reads `contains_any`.
pub(super) fn read_contains_any(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::ContainsAny, true)
}

/// Reads `starts_with`.
pub(super) fn read_starts_with(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::StartsWith, false)
}

/// Reads `ends_with`.
pub(super) fn read_ends_with(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<TextCheck> {
    read(reader, form, Relation::EndsWith, false)
}

/// `several`: whether a list of texts is allowed.
fn read(
    reader: &mut Reader<'_, '_>,
    form: &mut Form<'_>,
    relation: Relation,
    several: bool,
) -> Option<TextCheck> {
    let looks_inside = matches!(relation, Relation::Contains | Relation::ContainsAny);
    let ignore_case = form.flag(reader, "ignore_case", false);
    let trim = !looks_inside && form.flag(reader, "trim", true);
    let any_whitespace = any_whitespace(reader, form);
    let check = |wanted| TextCheck { relation, wanted, ignore_case, trim, any_whitespace };
    if form.wants_expected(reader) {
        form.refuse_beside_expected(reader, "value");
        return Some(check(Wanted::Expected));
    }
    let name = form.name();
    let Some(node) = form.main("value") else {
        form.lacks(reader, "value", &format!("{name}: \"thirty days\""));
        return None;
    };
    let texts =
        if several { reader.texts(node, name)? } else { reader.text(node, name).map(|text| vec![text])? };
    let texts: Vec<String> =
        texts.iter().map(|text| nfc(relation.stripped(text, trim)).into_owned()).collect();
    if relation != Relation::OneOf && texts.iter().any(String::is_empty) {
        reader.error(
            node.mark,
            format!("`{name}` with an empty text holds for every answer"),
            "write the text to look for, or remove the check",
        );
        return None;
    }
    // A list of one text is the same as the text.
    let relation = match relation {
        Relation::ContainsAny if texts.len() == 1 => Relation::Contains,
        other => other,
    };
    Some(TextCheck { relation, ..check(Wanted::Texts(texts)) })
}

/// `whitespace: any`, or `exact`, which is the default.
fn any_whitespace(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> bool {
    let Some(node) = form.take("whitespace") else { return false };
    match &node.datum {
        Datum::Text(word) if word == "any" => true,
        Datum::Text(word) if word == "exact" => false,
        _ => {
            reader.wrong(node, "whitespace", "`any` or `exact`", "write whitespace: any");
            false
        }
    }
}

impl Relation {
    /// The text without the white space that a trimmed answer cannot have at that end.
    fn stripped(self, text: &str, trim: bool) -> &str {
        match self {
            _ if !trim => text,
            Relation::OneOf => text.trim(),
            Relation::StartsWith => text.trim_start(),
            Relation::EndsWith => text.trim_end(),
            Relation::Contains | Relation::ContainsAny => text,
        }
    }

    fn holds(self, text: &str, wanted: &str) -> bool {
        match self {
            Relation::OneOf => text == wanted,
            Relation::Contains | Relation::ContainsAny => text.contains(wanted),
            Relation::StartsWith => text.starts_with(wanted),
            Relation::EndsWith => text.ends_with(wanted),
        }
    }
}

impl TextCheck {
    /// The texts that it looks for; of several of which one is enough, the first.
    pub fn texts(&self) -> Vec<&str> {
        let texts = match &self.wanted {
            Wanted::Texts(texts) => texts.as_slice(),
            Wanted::Expected => &[],
        };
        let enough = if self.relation == Relation::Contains { texts.len() } else { 1 };
        texts.iter().take(enough).map(String::as_str).collect()
    }
}

impl Family for TextCheck {
    fn needs_expected(&self) -> bool {
        self.wanted == Wanted::Expected
    }

    fn label(&self) -> String {
        let (texts, one) = match &self.wanted {
            Wanted::Texts(texts) => (quoted_list(texts), texts.len() == 1),
            Wanted::Expected => ("expected".to_owned(), true),
        };
        match self.relation {
            Relation::OneOf if one => format!("equals {texts}"),
            Relation::OneOf => format!("one of {texts}"),
            Relation::Contains => format!("contains {texts}"),
            Relation::ContainsAny => format!("contains any of {texts}"),
            Relation::StartsWith => format!("starts with {texts}"),
            Relation::EndsWith => format!("ends with {texts}"),
        }
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let wanted: Vec<&str> = match (&self.wanted, input.expected.map(str::trim)) {
            (Wanted::Texts(texts), _) => texts.iter().map(String::as_str).collect(),
            (Wanted::Expected, None) => return Finding::missing_expected(),
            (Wanted::Expected, Some("")) if self.relation != Relation::OneOf => {
                return Finding::unscored("the case's `expected` is empty");
            }
            (Wanted::Expected, Some(expected)) => vec![expected],
        };
        let text = if self.trim { input.text.trim() } else { input.text };
        let compared = self.compared(text);
        let (held, missing): (Vec<&str>, Vec<&str>) =
            wanted.iter().partition(|wanted| self.relation.holds(&compared, &self.compared(wanted)));
        let passed = match self.relation {
            Relation::Contains => missing.is_empty(),
            _ => !held.is_empty(),
        };
        if passed {
            return Finding::passed(self.praise(&held));
        }
        Finding::failed(format!("{}{}", self.complaint(&missing, text), self.by_white_space(&missing, text)))
    }
}

impl TextCheck {
    /// The note that only white space differs.
    fn by_white_space(&self, missing: &[&str], text: &str) -> &'static str {
        let lenient = Self { any_whitespace: true, ..self.clone() };
        let compared = lenient.compared(text);
        let holds = |wanted: &&str| self.relation.holds(&compared, &lenient.compared(wanted));
        match !self.any_whitespace && missing.iter().all(holds) {
            true => " (only white space differs; `whitespace: any` accepts that)",
            false => "",
        }
    }

    fn praise(&self, held: &[&str]) -> String {
        let texts = quoted_list(held);
        match self.relation {
            Relation::OneOf => format!("is {texts}"),
            Relation::Contains | Relation::ContainsAny => format!("contains {texts}"),
            Relation::StartsWith => format!("starts with {texts}"),
            Relation::EndsWith => format!("ends with {texts}"),
        }
    }

    fn complaint(&self, missing: &[&str], text: &str) -> String {
        let (texts, found) = (quoted_list(missing), quoted(text));
        match self.relation {
            Relation::OneOf if missing.len() == 1 && lookalike::are(missing[0], text) => {
                let (wanted, found) = lookalike::told_apart(missing[0], text);
                format!("expected {}, found {}", quoted(&wanted), quoted(&found))
            }
            Relation::OneOf if missing.len() == 1 => format!("expected {texts}, found {found}"),
            Relation::OneOf => format!("expected one of {texts}, found {found}"),
            Relation::Contains => format!("{texts} not in {found}"),
            Relation::ContainsAny => format!("none of {texts} in {found}"),
            Relation::StartsWith => format!("expected to start with {texts}, found {found}"),
            Relation::EndsWith => format!("expected to end with {texts}, found {}", quoted_end(text)),
        }
    }

    /// A text in the form for comparison.
    fn compared<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = nfc(text);
        if self.any_whitespace {
            text = Cow::Owned(lookalike::with_single_spaces(&text));
        }
        if self.ignore_case { Cow::Owned(fold(&text)) } else { text }
    }
}

/// Case folded character by character, so that the result for a character does not depend on its
/// context; through the upper case, which makes ß equal SS and final ς equal σ.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
