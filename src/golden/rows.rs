//! The cases of a file as nodes, whatever its notation.

use super::csv_rows;
use crate::document::{
    Allowance, Datum, Document, Fields, Format, Node, Shape, Source, parse_line, parse_source,
};
use crate::foreign::{Cases, Tool};
use crate::problem::{Problem, Problems};

const SET: Shape = Shape { name: "a golden set", keys: &["defaults", "cases"] };

/// A golden set, its cases not read yet.
pub(super) struct Rows {
    pub(super) source: Source,
    pub(super) defaults: Option<Node>,
    pub(super) rows: Vec<Node>,
}

/// Splits a file into its cases; the notation follows from the path.
///
/// # Errors
/// A notation that is not known, or a file that is broken as a whole.
pub(super) fn read(source: Source, problems: &mut Problems) -> Result<Rows, Problem> {
    let ending = source.path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let rows = match ending {
        "jsonl" | "ndjson" => {
            let (defaults, rows) = lines(&source, problems);
            return Ok(Rows { source, defaults, rows });
        }
        "csv" => csv_rows::read(&source, problems),
        _ => match Format::of_path(&source.path) {
            Some(format) => return document(parse_source(source, format)?, problems),
            None => {
                let message = format!("`{}` is not a golden set's name", source.path);
                return Err(Problem::error(message)
                    .path(&source.path)
                    .help("golden sets end in .yaml, .yml, .json, .jsonl or .csv"));
            }
        },
    };
    Ok(Rows { source, defaults: None, rows })
}

/// `{defaults, cases}` or a bare list.
fn document(document: Document, problems: &mut Problems) -> Result<Rows, Problem> {
    let Document { source, root } = document;
    if let Some(tool) = Tool::of(&source.path, &root) {
        let cases = tool.cases(&source, &root, problems);
        let (defaults, rows) = cases.map(|Cases { defaults, rows }| (defaults, rows)).unzip();
        return Ok(Rows { source, defaults, rows: rows.unwrap_or_default() });
    }
    let (mut defaults, mut rows) = (None, Vec::new());
    match root.datum {
        Datum::List(items) => rows = items,
        Datum::Null => {}
        Datum::Map(_) => {
            if let Some(fields) = Fields::read(&source, &root, &SET, problems)
                && fields.list("cases", problems).is_none()
                && !fields.has("cases")
            {
                problems.push(source.error(root.mark, "a golden set needs `cases`"));
            }
            (defaults, rows) = parts(root);
        }
        _ => {
            let message = format!("a golden set must be a list of cases, found {}", root.kind());
            return Err(source.error(root.mark, message).help("write cases: [{id, input, checks}]"));
        }
    }
    Ok(Rows { source, defaults, rows })
}

/// The defaults and the cases of a mapping, not copied: they are most of the file.
fn parts(set: Node) -> (Option<Node>, Vec<Node>) {
    let (mut defaults, mut rows) = (None, Vec::new());
    let Datum::Map(entries) = set.datum else { return (defaults, rows) };
    for (key, node) in entries {
        match (key.text.as_str(), node.datum) {
            ("defaults", datum) => defaults = Some(Node { mark: node.mark, datum }),
            ("cases", Datum::List(items)) => rows = items,
            _ => {}
        }
    }
    (defaults, rows)
}

const DEFAULTS: Shape = Shape { name: "the line of `defaults`", keys: &["defaults"] };

/// One JSON value per line, the first of which may be `{"defaults": {...}}`; blank lines are skipped.
fn lines(source: &Source, problems: &mut Problems) -> (Option<Node>, Vec<Node>) {
    let mut defaults = None;
    let mut rows = Vec::new();
    let allowance = Allowance::default();
    for (line, number) in source.text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        if problems.is_full() || allowance.is_exceeded() {
            break;
        }
        match parse_line(source, line, number, &allowance) {
            Ok(row) if has_defaults(&row) => {
                let fields = Fields::read(source, &row, &DEFAULTS, problems);
                if defaults.is_some() || !rows.is_empty() {
                    let message = "`defaults` must be in the first line, above their cases";
                    problems
                        .push(source.error(row.mark, message).help("move the line to the top of the file"));
                }
                defaults = fields.and_then(|fields| fields.node("defaults").cloned()).or(defaults);
            }
            Ok(row) => rows.push(row),
            Err(problem) => problems.push(problem),
        }
    }
    (defaults, rows)
}

fn has_defaults(row: &Node) -> bool {
    matches!(&row.datum, Datum::Map(entries) if entries.iter().any(|(key, _)| key.text == "defaults"))
}
