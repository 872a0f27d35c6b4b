//! Tests of promptfoo in a table: a column for each variable, and `__expected` columns with assertions as text.

use std::sync::LazyLock;

use regex::Regex;

use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problem};

use super::super::made;
use super::names::named;

/// `type: value`, `type(0.8): value`, or `type`.
static ASSERTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^\s*([a-z][a-z:-]*)(?:\(([0-9.]+)\))?\s*(?::\s*(.*))?$")
        .expect("the expression is a constant")
});

/// The rows of a table, as tests.
pub fn rows(source: &Source, left: &mut Vec<Problem>) -> Vec<Node> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source.text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            left.push(Problem::error(format!("not a table: {error}")).path(&source.path));
            return Vec::new();
        }
    };
    let mut tests = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                left.push(Problem::error(format!("not a table: {error}")).path(&source.path));
                break;
            }
        };
        let line = record.position().map_or(0, |place| u32::try_from(place.line()).unwrap_or(0));
        let mark = Mark::new(line, 1);
        let (mut variables, mut asserted, mut test) = (Vec::new(), Vec::new(), Vec::new());
        for (column, cell) in header.iter().zip(record.iter()) {
            match column.trim() {
                _ if cell.trim().is_empty() => {}
                "__description" => test.push(("description", made::text(mark, cell))),
                "__threshold" => test.push(("threshold", made::text(mark, cell))),
                "__prefix" | "__suffix" => test.push(("options", made::text(mark, cell))),
                "__metric" | "__metadata" => {}
                column if column.starts_with("__expected") => asserted.push(assertion(mark, cell)),
                column if column.starts_with("__metadata:") => {}
                column => {
                    variables.push((Key { mark, text: column.to_owned() }, made::text(mark, cell)));
                }
            }
        }
        test.push(("vars", Node { mark, datum: Datum::Map(variables) }));
        test.push(("assert", made::list(mark, asserted)));
        tests.push(made::map(mark, test));
    }
    tests
}

/// A cell as an assertion: a text alone must be the answer.
fn assertion(mark: Mark, cell: &str) -> Node {
    let asserted = |kind: &str, value: Option<&str>, threshold: Option<&str>| {
        let mut entries = vec![("type", made::text(mark, kind))];
        entries.extend(value.map(|value| ("value", made::text(mark, value.trim()))));
        let number = threshold.and_then(|number| number.parse().ok()).and_then(serde_json::Number::from_f64);
        entries.extend(number.map(|number| ("threshold", Node { mark, datum: Datum::Number(number) })));
        made::map(mark, entries)
    };
    if let Some(rubric) = cell.trim().strip_prefix("grade:") {
        return asserted("llm-rubric", Some(rubric), None);
    }
    if ["fn:", "eval:"].iter().any(|code| cell.trim().starts_with(code)) {
        return asserted("javascript", Some(cell), None);
    }
    match ASSERTION.captures(cell).filter(|found| named(&found[1]).is_some()) {
        Some(found) => {
            let part = |at| found.get(at).map(|part| part.as_str());
            asserted(&found[1], part(3), part(2))
        }
        None => asserted("equals", Some(cell), None),
    }
}
