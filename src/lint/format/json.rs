//! Findings as JSON, whose keys stay: `schemas/lint.schema.json`.

use serde::Serialize;

use crate::lint::finding::{Finding, Level, Linted};
use crate::problem::Mark;
use crate::report::untrusted;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    errors: usize,
    warnings: usize,
    notes: usize,
    findings: Vec<Entry<'a>>,
    /// What the readers only counted, in words.
    unlisted: Option<&'a str>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Level,
    message: &'a str,
    path: Option<&'a str>,
    /// From 1.
    line: Option<u32>,
    column: Option<u32>,
    also_lines: Vec<u32>,
    help: Option<&'a str>,
    /// Whether `--fix` takes it away.
    fixable: bool,
}

pub(super) fn write(linted: &Linted) -> String {
    let entry = |finding: &'_ Finding| -> Vec<u32> { finding.also.iter().map(|mark| mark.line).collect() };
    let known = |number: u32| (number > 0).then_some(number);
    let findings = linted.findings.iter().map(|finding| {
        let Mark { line, column } = finding.mark;
        Entry {
            rule: finding.rule,
            severity: finding.level,
            message: &finding.message,
            path: finding.path.as_deref(),
            line: known(line),
            column: known(column),
            also_lines: entry(finding),
            help: finding.help.as_deref(),
            fixable: finding.fix.is_some(),
        }
    });
    untrusted::json(&Document {
        schema_version: 1,
        errors: linted.count(Level::Error),
        warnings: linted.count(Level::Warning),
        notes: linted.count(Level::Note),
        findings: findings.collect(),
        unlisted: linted.unlisted.as_deref(),
    })
}
