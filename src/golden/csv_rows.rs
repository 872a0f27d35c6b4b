//! Golden sets as CSV: a header, one case per record, built into the same nodes as other notations.

use std::collections::BTreeSet;

use crate::document::{Allowance, Datum, Document, Format, Key, Node, Source, parse, too_much};
use crate::problem::{Mark, Problem, Problems, nearest};

/// Columns that are keys of a case.
const COLUMNS: &[&str] =
    &["id", "input", "expected", "tags", "must_pass", "exact", "checks", "vars", "messages"];

/// Checks that a column may be named after: those that want one text.
const CHECKS: &[&str] = &["equals", "contains", "starts_with", "ends_with", "regex", "judge", "json_schema"];

/// Most columns of a table.
const MOST_COLUMNS: usize = 1_000;

/// What a column's cells are.
enum Column {
    Text(&'static str),
    Tags,
    Flag(&'static str),
    Json(&'static str),
    Check(&'static str),
    Variable(String),
}

/// The cases of a CSV text. A cell has no column of its own: its record's line is known.
pub(super) fn read(source: &Source, problems: &mut Problems) -> Vec<Node> {
    let table = Table::of(&source.text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(table.delimiter)
        .flexible(true)
        .from_reader(&source.text.as_bytes()[table.begins..]);
    let mut lines = Lines { text: &source.text, at: 0, line: 1 };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.push(broken(source, &error, &mut lines));
            return Vec::new();
        }
    };
    let mark = Mark::new(lines.of(table.begins), 0);
    let Some(columns) = columns(source, &header, mark, problems) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let allowance = Allowance::default();
    for record in reader.records() {
        if problems.is_full() {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(broken(source, &error, &mut lines));
                continue;
            }
        };
        let begins = record.position().map_or(0, |place| place.byte() as usize);
        let mark = Mark::new(lines.of(table.begins + begins), 0);
        if !allowance.take_values(1 + record.len()) {
            problems.push(too_much(source, mark));
            break;
        }
        // Spreadsheets also write rows and columns that are now empty.
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let beyond = record.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
        if record.len() < columns.len() || beyond {
            let message = format!("the record has {} cells, the header {}", record.len(), columns.len());
            let help = "put cells that hold the separator, quotes or line breaks in double quotes";
            problems.push(source.error(mark, message).help(help));
            continue;
        }
        let mut row = RowBuilder { source, mark, entries: Vec::new(), checks: None };
        for (column, cell) in columns.iter().zip(record.iter()) {
            row.cell(column, cell, problems);
        }
        rows.push(row.finish());
    }
    rows
}

/// The format of a table: the separator of its cells, and the start of its header.
struct Table {
    delimiter: u8,
    begins: usize,
}

impl Table {
    /// Comma, semicolon or tab: the most frequent one in the header outside of quotes. Excel may set it
    /// in a separate line, `sep=;`.
    fn of(text: &str) -> Self {
        let first = text.split('\n').next().unwrap_or_default();
        if let Some(&[separator]) =
            first.strip_prefix("sep=").map(|rest| rest.trim_end_matches('\r').as_bytes())
        {
            return Self { delimiter: separator, begins: (first.len() + 1).min(text.len()) };
        }
        let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
        let mut is_quoted = false;
        for byte in text.trim_start_matches('\n').bytes() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' if !is_quoted => break,
                _ if is_quoted => {}
                byte => {
                    counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, n)| *n += 1)
                }
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let found = counts.iter().find(|(_, count)| *count == most);
        Self { delimiter: found.map_or(b',', |(separator, _)| *separator), begins: 0 }
    }
}

/// Lines of a text by place, requested in ascending order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first text at or after a place.
    fn of(&mut self, place: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let breaks = bytes.get(place..).unwrap_or_default().iter();
        let place = place + breaks.take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let passed = bytes.get(self.at..place).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u32;
        self.at = self.at.max(place);
        self.line
    }
}

fn broken(source: &Source, error: &csv::Error, lines: &mut Lines<'_>) -> Problem {
    let mark =
        error.position().map_or_else(Mark::default, |place| Mark::new(lines.of(place.byte() as usize), 0));
    source.error(mark, format!("not valid CSV: {error}"))
}

/// The columns; empty names at the end of the header are no columns.
fn columns(
    source: &Source,
    header: &csv::StringRecord,
    mark: Mark,
    problems: &mut Problems,
) -> Option<Vec<Column>> {
    let named = (1..=header.len()).rev().find(|last| !header[last - 1].trim().is_empty()).unwrap_or(0);
    if named > MOST_COLUMNS {
        let message = format!("the table has {named} columns; at most {MOST_COLUMNS} are read");
        problems.push(source.error(mark, message).help("give variables as JSON in one column `vars`"));
        return None;
    }
    let mut columns = Vec::new();
    let mut names = BTreeSet::new();
    for name in header.iter().take(named) {
        let name = name.trim();
        if !names.insert(name) {
            problems.push(source.error(mark, format!("two columns are named `{name}`")));
        }
        match column(name) {
            Some(column) => columns.push(column),
            None if name.is_empty() => {
                let help = "give it a name, or remove the column";
                problems.push(source.error(mark, "a column between others has no name").help(help));
            }
            None => {
                let known = [COLUMNS, CHECKS].concat();
                let problem = source.error(mark, format!("unknown column `{name}`"));
                problems.push(match nearest(name, &known) {
                    Some(near) => problem.help(format!("did you mean `{near}`? (a variable: `vars.{name}`)")),
                    None => problem.help(format!("a variable's column is called `vars.{name}`")),
                });
            }
        }
    }
    (columns.len() == named).then_some(columns)
}

fn column(name: &str) -> Option<Column> {
    if let Some(variable) = name.strip_prefix("vars.") {
        return (!variable.is_empty()).then(|| Column::Variable(variable.to_owned()));
    }
    let known = COLUMNS.iter().chain(CHECKS).find(|known| **known == name)?;
    Some(match *known {
        "id" | "input" | "expected" => Column::Text(known),
        "tags" => Column::Tags,
        "must_pass" | "exact" => Column::Flag(known),
        "checks" | "vars" | "messages" => Column::Json(known),
        _ => Column::Check(known),
    })
}

/// A record on its way to a mapping.
struct RowBuilder<'a> {
    source: &'a Source,
    mark: Mark,
    entries: Vec<(Key, Node)>,
    /// The checks of all columns; present once one is.
    checks: Option<Vec<Node>>,
}

impl RowBuilder<'_> {
    fn cell(&mut self, column: &Column, cell: &str, problems: &mut Problems) {
        if cell.is_empty() && !matches!(column, Column::Variable(_)) {
            return;
        }
        match column {
            Column::Text(key) => self.put(key, Datum::Text(cell.to_owned())),
            Column::Tags => {
                let tags = cell.split(';').map(str::trim).filter(|tag| !tag.is_empty());
                let tags = tags.map(|tag| self.node(Datum::Text(tag.to_owned()))).collect();
                self.put("tags", Datum::List(tags));
            }
            Column::Flag(key) => match cell.trim().to_ascii_lowercase().as_str() {
                "true" => self.put(key, Datum::Bool(true)),
                "false" => self.put(key, Datum::Bool(false)),
                _ => self.put(key, Datum::Text(cell.to_owned())),
            },
            Column::Json(key) => self.json(key, cell, problems),
            Column::Check(kind) => {
                let text = self.node(Datum::Text(cell.to_owned()));
                let check = self.node(Datum::Map(vec![(self.key(kind), text)]));
                self.checks.get_or_insert_default().push(check);
            }
            Column::Variable(name) => {
                let text = self.node(Datum::Text(cell.to_owned()));
                self.variable(self.key(name), text, problems);
            }
        }
    }

    fn json(&mut self, key: &str, cell: &str, problems: &mut Problems) {
        let mut node = match parse(&self.source.path, cell.as_bytes(), Format::Json) {
            Ok(Document { root, .. }) => root,
            Err(problem) => {
                let message = format!("the column `{key}` must hold JSON: {}", problem.message);
                return problems.push(self.source.error(self.mark, message));
            }
        };
        place(&mut node, self.mark);
        match (key, node.datum) {
            ("checks", Datum::List(checks)) => self.checks.get_or_insert_default().extend(checks),
            ("checks", check @ Datum::Map(_)) => {
                let check = self.node(check);
                self.checks.get_or_insert_default().push(check);
            }
            ("vars", Datum::Map(entries)) => {
                for (name, value) in entries {
                    self.variable(name, value, problems);
                }
            }
            (_, datum) => self.put(key, datum),
        }
    }

    fn variable(&mut self, name: Key, value: Node, problems: &mut Problems) {
        if !self.entries.iter().any(|(key, _)| key.text == "vars") {
            self.put("vars", Datum::Map(Vec::new()));
        }
        let Some((_, Node { datum: Datum::Map(variables), .. })) =
            self.entries.iter_mut().find(|(key, _)| key.text == "vars")
        else {
            return;
        };
        if variables.iter().any(|(key, _)| key.text == name.text) {
            let message = format!("the variable `{}` is given twice", name.text);
            problems.push(self.source.error(self.mark, message));
        } else {
            variables.push((name, value));
        }
    }

    fn finish(mut self) -> Node {
        if let Some(checks) = self.checks.take() {
            self.put("checks", Datum::List(checks));
        }
        Node { mark: self.mark, datum: Datum::Map(self.entries) }
    }

    fn put(&mut self, key: &str, datum: Datum) {
        self.entries.push((self.key(key), self.node(datum)));
    }

    fn key(&self, text: &str) -> Key {
        Key { mark: self.mark, text: text.to_owned() }
    }

    fn node(&self, datum: Datum) -> Node {
        Node { mark: self.mark, datum }
    }
}

/// Gives a whole value the place of its record.
fn place(node: &mut Node, mark: Mark) {
    node.mark = mark;
    match &mut node.datum {
        Datum::List(items) => items.iter_mut().for_each(|item| place(item, mark)),
        Datum::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            key.mark = mark;
            place(value, mark);
        }),
        _ => {}
    }
}
