//! Labelled answers: which case, which answer, and whether people let it pass. As YAML or JSON, or as CSV from a
//! spreadsheet; and the sheet for people to fill in.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Datum, Fields, Format, Shape, Source, parse_source, read_text};
use crate::fingerprint::Fingerprint;
use crate::problem::{Mark, Problem, Problems};
use crate::report::{AnswerView, Report};

/// An answer, and what people say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The prompt's id.
    pub prompt: String,
    /// The case's id: it has the conversation and the judged checks.
    pub case: String,
    /// The answer's text.
    pub answer: String,
    /// Another answer to compare with, for pairwise checks.
    pub other: Option<String>,
    /// Whether people let it pass.
    pub passes: bool,
    /// What people say of single criteria, by name.
    pub criteria: BTreeMap<String, bool>,
    /// Where it is written.
    pub path: String,
    /// The line.
    pub mark: Mark,
}

impl Label {
    /// The name of the answer, and whether people let it pass; `None` where it was compared with another one.
    pub fn name_and_verdict(&self) -> Option<(Fingerprint, bool)> {
        self.other.is_none().then(|| (answer_name(&self.prompt, &self.case, &self.answer), self.passes))
    }
}

/// Names an answer to a case by its text, so that its label is found again.
pub fn answer_name(prompt: &str, case: &str, answer: &str) -> Fingerprint {
    Fingerprint::of_json(&("labelled answer", prompt, case, answer))
}

/// The labelled answers of a file, and how many rows nobody has labelled yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// In the file's order.
    pub labels: Vec<Label>,
    /// Rows with an empty verdict.
    pub unlabelled: usize,
}

const FILE: Shape = Shape { name: "a file of judgements", keys: &["prompt", "judgements"] };
const JUDGEMENT: Shape = Shape {
    name: "a judgement",
    keys: &["prompt", "case", "answer", "other", "verdict", "criteria", "note", "kind"],
};
const VERDICTS: &[(&str, Option<bool>)] = &[("pass", Some(true)), ("fail", Some(false)), ("", None)];
const COLUMNS: [&str; 4] = ["prompt", "case", "answer", "verdict"];

/// Reads a file; `None` when it cannot be used, and then there is at least one problem.
pub fn read(path: &str, bytes: &[u8], problems: &mut Problems) -> Option<Labels> {
    let mut found = Problems::new();
    let labels = match read_text(path, bytes) {
        Ok(source) if path.to_lowercase().ends_with(".csv") => of_table(&source, &mut found),
        Ok(source) => of_document(source, &mut found),
        Err(problem) => {
            found.push(problem);
            Labels::default()
        }
    };
    let usable = !found.has_errors();
    problems.extend(found);
    usable.then_some(labels)
}

fn of_document(source: Source, problems: &mut Problems) -> Labels {
    let format = if source.path.ends_with(".json") { Format::Json } else { Format::Yaml };
    let document = match parse_source(source, format) {
        Ok(document) => document,
        Err(problem) => {
            problems.push(problem);
            return Labels::default();
        }
    };
    let mut labels = Labels::default();
    let Some(file) = Fields::read(&document.source, &document.root, &FILE, problems) else { return labels };
    let of_file = file.text("prompt", problems);
    for node in file.list("judgements", problems).unwrap_or_default() {
        let Some(row) = Fields::read(&document.source, node, &JUDGEMENT, problems) else { continue };
        let mut text = |key: &str| {
            let text = row.text(key, problems).map(str::to_owned);
            if text.is_none() && !row.has(key) && !row.may_be_misspelt(key) {
                problems.push(row.error(key, format!("a judgement has no `{key}`")).help(EXAMPLE));
            }
            text
        };
        let (case, answer) = (text("case"), text("answer"));
        let prompt = match (row.text("prompt", problems), of_file) {
            (Some(prompt), _) | (None, Some(prompt)) => Some(prompt.to_owned()),
            (None, None) => {
                problems.push(
                    row.error("prompt", "a judgement names no prompt")
                        .help("write `prompt:` at the top of the file"),
                );
                None
            }
        };
        let verdict = row.choice("verdict", VERDICTS, problems).unwrap_or_default();
        let mut criteria = BTreeMap::new();
        for (key, node) in row.map("criteria", problems).unwrap_or_default() {
            match node.datum {
                Datum::Bool(met) => drop(criteria.insert(key.text.clone(), met)),
                _ => problems.push(
                    document
                        .source
                        .error(key.mark, "a criterion is `true` or `false`")
                        .help("say whether it is met"),
                ),
            }
        }
        let other = row.text("other", problems).map(str::to_owned);
        let (Some(prompt), Some(case), Some(answer)) = (prompt, case, answer) else { continue };
        match verdict {
            Some(passes) => labels.labels.push(Label {
                prompt,
                case,
                answer,
                other,
                passes,
                criteria,
                path: document.source.path.clone(),
                mark: row.mark,
            }),
            None => labels.unlabelled += 1,
        }
    }
    labels
}

const EXAMPLE: &str = "for example {case: refund-late, answer: \"No: 30 days are over.\", verdict: pass}";

fn of_table(source: &Source, problems: &mut Problems) -> Labels {
    let mut labels = Labels::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source.text.as_bytes());
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, |place| place.line() as u32);
        source
            .error(Mark::new(line, 0), format!("the table cannot be read: {error}"))
            .help("save it as CSV with commas, in UTF-8")
    };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.push(broken(&error));
            return labels;
        }
    };
    let column = |name: &str| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
    if let Some(missing) = COLUMNS.iter().find(|name| column(name).is_none()) {
        let message = format!("the table has no column `{missing}`");
        let help = format!("its first line names at least: {}", COLUMNS.join(","));
        problems.push(source.error(Mark::new(1, 0), message).help(help));
        return labels;
    }
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(broken(&error));
                return labels;
            }
        };
        let mark = Mark::new(record.position().map_or(1, |place| place.line() as u32), 0);
        let cell = |name: &str| column(name).and_then(|index| record.get(index)).unwrap_or_default();
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let written = cell("verdict").trim().to_lowercase();
        let Some((_, verdict)) = VERDICTS.iter().find(|(word, _)| *word == written) else {
            let problem: Problem = source.error(mark, "a verdict is `pass` or `fail`");
            problems.push(problem.help("leave the cell empty if nobody has decided yet"));
            continue;
        };
        let Some(passes) = *verdict else {
            labels.unlabelled += 1;
            continue;
        };
        let other = Some(plain(cell("other"))).filter(|other| !other.is_empty());
        labels.labels.push(Label {
            prompt: cell("prompt").trim().to_owned(),
            case: plain(cell("case").trim()),
            answer: plain(cell("answer")),
            other,
            passes,
            criteria: BTreeMap::new(),
            path: source.path.clone(),
            mark,
        });
    }
    labels
}

/// A cell without the apostrophe that keeps spreadsheets from taking it for a formula.
fn plain(cell: &str) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

/// The first characters of a cell that a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The sheet for people to fill in, as CSV: one row for each answer of the report, each answer once, at most so many.
/// The informative ones come first: those the judge failed, then those it passed where the other prompt's answer failed,
/// then the rest. The judge's verdict is not in it, because people who see it agree with it.
pub fn sheet(report: &Report, most: usize) -> String {
    let mut rows: Vec<(u8, [&str; 3])> = Vec::new();
    let mut seen = BTreeSet::new();
    for prompt in &report.prompts {
        let listed = [
            &prompt.broken,
            &prompt.unresolved,
            &prompt.flaky,
            &prompt.drifting,
            &prompt.must_pass,
            &prompt.failing,
            &prompt.fixed,
        ];
        for case in listed.into_iter().flatten() {
            let sides = [(&case.candidate, &case.baseline), (&case.baseline, &case.candidate)];
            for (answer, other) in sides {
                let Some(answer) = answer else { continue };
                if answer.score.is_some() && seen.insert((&prompt.head.id, &case.id, &answer.text)) {
                    rows.push((rank(answer, other.as_ref()), [&prompt.head.id, &case.id, &answer.text]));
                }
            }
        }
    }
    rows.sort_by_key(|(rank, _)| *rank);
    let mut text = String::from("prompt,case,answer,verdict,note\n");
    for (_, row) in rows.into_iter().take(most) {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&format!("{},,\n", cells.join(",")));
    }
    text
}

fn rank(answer: &AnswerView, other: Option<&AnswerView>) -> u8 {
    match (answer.passed, other.is_some_and(|other| !other.passed)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    }
}

/// A cell that no spreadsheet computes.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}
