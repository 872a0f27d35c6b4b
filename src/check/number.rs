//! The number check: the first number of the answer, or the number at a JSON path.

use serde::Serialize;
use serde_json::Value;

use crate::document::Node;

use super::decimal::Decimal;
use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::json_text::parsed;
use super::numeral::first_number;
use super::path::Path;
use super::quote::{quoted, shown_json};
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// A number and the allowed difference of the answer's number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct NumberCheck {
    /// `None`: the number in the case's `expected`.
    value: Option<Decimal>,
    slack: Slack,
    path: Option<Path>,
    fenced: bool,
    decimal_comma: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Slack {
    Tolerance(Decimal),
    Relative(Decimal),
}

/// A number of the answer.
enum Found {
    /// As it is written.
    Written(Decimal),
    /// A JSON number that is not whole: as programs read it.
    Double(f64),
}

const NOT_NEGATIVE: (&str, fn(f64) -> bool) = ("a number from 0", |slack| slack >= 0.0);

/// Reads `number`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<NumberCheck> {
    let tolerance = form.take("tolerance");
    let relative = form.take("relative");
    let decimal_comma = form.flag(reader, "decimal_comma", false);
    let fenced = form.flag(reader, "fenced", false);
    let path = match form.take("path") {
        None => None,
        Some(node) => {
            let text = reader.text(node, "path")?;
            Some(reader.path(node, &text)?)
        }
    };
    let value = if form.wants_expected(reader) {
        form.refuse_beside_expected(reader, "value");
        None
    } else if let Some(node) = form.main("value") {
        Some(reader.decimal(node, "number")?)
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
        (Some(node), None) => Slack::Tolerance(slack(reader, node, "tolerance")?),
        (None, Some(node)) => Slack::Relative(slack(reader, node, "relative")?),
        (None, None) => Slack::Tolerance(Decimal::of(0.0)),
    };
    if let (Some(value), Some(node)) = (&value, relative)
        && value.is_zero()
    {
        reader.error(
            node.mark,
            "a share of 0 is 0: only exactly 0 would pass",
            "use `tolerance` in place of `relative`",
        );
        return None;
    }
    Some(NumberCheck { value, slack, path, fenced, decimal_comma })
}

fn slack(reader: &mut Reader<'_, '_>, node: &Node, what: &str) -> Option<Decimal> {
    reader.number(node, what, NOT_NEGATIVE).map(Decimal::of)
}

impl Family for NumberCheck {
    fn needs_expected(&self) -> bool {
        self.value.is_none()
    }

    fn label(&self) -> String {
        let value = self.value.as_ref().map_or_else(|| "expected".to_owned(), Decimal::to_string);
        let at = self.path.as_ref().map_or_else(String::new, |path| format!(" at {path}"));
        format!("number {}{at}", self.with_slack(&value))
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let wanted = match (&self.value, input.expected) {
            (Some(value), _) => value.clone(),
            (None, None) => return Finding::missing_expected(),
            (None, Some(expected)) => match first_number(expected, self.decimal_comma) {
                Some(value) => value,
                None => return Finding::unscored("the case's `expected` holds no number"),
            },
        };
        let asked = self.with_slack(&wanted.to_string());
        match self.found(input.text) {
            Ok(found) => {
                let passed = self.accepts(&wanted, &found);
                let shown = match &found {
                    Found::Written(number) => number.to_string(),
                    Found::Double(number) => Decimal::of(*number).to_string(),
                };
                let reason = if passed {
                    format!("found {shown}")
                } else {
                    format!("expected {asked}, found {shown}")
                };
                Finding::of(passed, reason)
            }
            Err(why) => Finding::failed(format!("expected {asked}, found {why}")),
        }
    }
}

impl NumberCheck {
    fn with_slack(&self, value: &str) -> String {
        match &self.slack {
            Slack::Tolerance(slack) if slack.is_zero() => value.to_owned(),
            Slack::Tolerance(slack) => format!("{value} ± {slack}"),
            Slack::Relative(share) => format!("{value} ± {} %", share.times(&Decimal::of(100.0))),
        }
    }

    /// The answer's number, or the reason why there is none.
    fn found(&self, text: &str) -> Result<Found, String> {
        let written = |text: &str| first_number(text, self.decimal_comma).map(Found::Written);
        let Some(path) = &self.path else {
            return written(text).ok_or_else(|| no_number(text));
        };
        let root = parsed(text, self.fenced)?;
        let values = path.select(&root);
        let numbers = values.iter().filter_map(|value| match value {
            Value::Number(number) if number.is_f64() => number.as_f64().map(Found::Double),
            Value::Number(number) => Decimal::parse(&number.to_string()).map(Found::Written),
            Value::String(text) => written(text),
            _ => None,
        });
        numbers.into_iter().next().ok_or_else(|| match values.first() {
            Some(value) => format!("{} at `{path}`", shown_json(value)),
            None => format!("nothing at `{path}` in {}", shown_json(&root)),
        })
    }

    fn accepts(&self, wanted: &Decimal, found: &Found) -> bool {
        let number = match found {
            Found::Double(number) if *number == wanted.nearest_double() => return true,
            Found::Double(number) => &Decimal::of(*number),
            Found::Written(number) => number,
        };
        let distance = number.distance(wanted);
        match &self.slack {
            Slack::Tolerance(slack) => distance.is_at_most(slack),
            Slack::Relative(share) => distance.is_at_most(&share.times(&wanted.size())),
        }
    }
}

fn no_number(text: &str) -> String {
    format!("no number in {}", quoted(text))
}
