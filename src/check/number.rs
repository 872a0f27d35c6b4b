//! The number check: the first number of the answer, or the number at a JSON path.

use serde::Serialize;
use serde_json::Value;

use super::Kind;
use super::finding::Finding;
use super::form::Form;
use super::json::{parse_path, parsed};
use super::numeral::first_number;
use super::path::Path;
use super::quote::{number as shown, quoted, shown_json};
use super::reader::Reader;

/// A number and the allowed difference of the answer's number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct NumberCheck {
    /// `None`: the number in the case's `expected`.
    value: Option<f64>,
    slack: Slack,
    path: Option<Path>,
    fenced: bool,
    decimal_comma: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Slack {
    Tolerance(f64),
    Relative(f64),
}

const ANY: (&str, fn(f64) -> bool) = ("a number", |_| true);
const NOT_NEGATIVE: (&str, fn(f64) -> bool) = ("a number from 0", |slack| slack >= 0.0);

/// Reads `number`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Kind> {
    let tolerance = form.take("tolerance");
    let relative = form.take("relative");
    let decimal_comma = form.flag(reader, "decimal_comma", false);
    let fenced = form.flag(reader, "fenced", false);
    let path = match form.take("path") {
        None => None,
        Some(node) => {
            let text = reader.text(node, "path")?;
            Some(parse_path(reader, node, &text)?)
        }
    };
    let value = if form.wants_expected(reader) {
        form.refuse_beside_expected(reader, "value");
        None
    } else if let Some(node) = form.main("value") {
        Some(reader.number(node, "number", ANY)?)
    } else {
        form.lacks(reader, "value", "number: {value: 42, tolerance: 0.5}");
        return None;
    };
    let slack = match (tolerance, relative) {
        (Some(_), Some(node)) => {
            reader.error(
                node.mark,
                "`number` has both `tolerance` and `relative`",
                "keep one: `tolerance` is in the number's own unit, `relative` a share of it",
            );
            return None;
        }
        (Some(node), None) => Slack::Tolerance(reader.number(node, "tolerance", NOT_NEGATIVE)?),
        (None, Some(node)) => Slack::Relative(reader.number(node, "relative", NOT_NEGATIVE)?),
        (None, None) => Slack::Tolerance(0.0),
    };
    if let (Slack::Relative(_), Some(0.0), Some(node)) = (slack, value, relative) {
        reader.error(
            node.mark,
            "a share of 0 is 0: only exactly 0 would pass",
            "use `tolerance` in place of `relative`",
        );
        return None;
    }
    Some(Kind::Number(NumberCheck { value, slack, path, fenced, decimal_comma }))
}

impl NumberCheck {
    /// Whether it compares with the case's `expected`.
    pub fn needs_expected(&self) -> bool {
        self.value.is_none()
    }

    pub fn label(&self) -> String {
        let value = self.value.map_or_else(|| "expected".to_owned(), shown);
        let at = self.path.as_ref().map_or_else(String::new, |path| format!(" at {path}"));
        format!("number {}{at}", self.with_slack(&value))
    }

    fn with_slack(&self, value: &str) -> String {
        match self.slack {
            Slack::Tolerance(0.0) => value.to_owned(),
            Slack::Tolerance(slack) => format!("{value} ± {}", shown(slack)),
            Slack::Relative(share) => format!("{value} ± {} %", shown(share * 100.0)),
        }
    }

    pub fn find(&self, text: &str, expected: Option<&str>) -> Finding {
        let wanted = match (self.value, expected) {
            (Some(value), _) => value,
            (None, None) => return Finding::missing_expected(),
            (None, Some(expected)) => match first_number(expected, self.decimal_comma) {
                Some(value) => value,
                None => return Finding::unscored("the case's `expected` holds no number"),
            },
        };
        let asked = self.with_slack(&shown(wanted));
        match self.found(text) {
            Ok(found) => {
                let passed = self.accepts(wanted, found);
                let reason = if passed {
                    format!("found {}", shown(found))
                } else {
                    format!("expected {asked}, found {}", shown(found))
                };
                Finding::of(passed, reason)
            }
            Err(why) => Finding::failed(format!("expected {asked}, found {why}")),
        }
    }

    /// The answer's number, or the reason why there is none.
    fn found(&self, text: &str) -> Result<f64, String> {
        let Some(path) = &self.path else {
            return first_number(text, self.decimal_comma).ok_or_else(|| no_number(text));
        };
        let root = parsed(text, self.fenced)?;
        let values = path.select(&root);
        let numbers = values.iter().filter_map(|value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => first_number(text, self.decimal_comma),
            _ => None,
        });
        numbers.into_iter().next().ok_or_else(|| match values.first() {
            Some(value) => format!("{} at `{path}`", shown_json(value)),
            None => format!("nothing at `{path}` in {}", shown_json(&root)),
        })
    }

    fn accepts(&self, wanted: f64, found: f64) -> bool {
        let slack = match self.slack {
            Slack::Tolerance(slack) => slack,
            Slack::Relative(share) => share * wanted.abs(),
        };
        // 3.1 is within 0.1 of 3, but not as doubles.
        let rounding = if slack > 0.0 { 4.0 * f64::EPSILON * wanted.abs().max(found.abs()) } else { 0.0 };
        (found - wanted).abs() <= slack + rounding
    }
}

fn no_number(text: &str) -> String {
    format!("no number in {}", quoted(text))
}
