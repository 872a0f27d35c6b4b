//! The action's outputs, for later steps: values behind delimiters that nobody can guess.

use serde_json::{Value, json};

use super::Override;
use crate::report::{PromptReport, Report};

/// The outputs of `action.yml`, in order.
pub const NAMES: &[&str] = &[
    "verdict",
    "reason",
    "exit-code",
    "prompts",
    "baseline-score",
    "candidate-score",
    "broken",
    "fixed",
    "cost",
    "calls",
    "report-json",
    "report-markdown",
    "comment-url",
    "break-glass",
    "evidence",
    "released",
    "prefetched",
];

/// What outputs need beside the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The action's exit status.
    pub exit_code: u8,
    /// Path of the JSON report, from the workspace.
    pub json: String,
    /// Path of the Markdown report, from the workspace.
    pub markdown: String,
    /// The comment's page.
    pub comment: Option<String>,
    /// The break-glass that let the commit through.
    pub break_glass: Option<Override>,
    /// Path of the evidence, from the workspace.
    pub evidence: Option<String>,
    /// The prompts of a release, each with its outcome.
    pub released: Option<Value>,
    /// What was prefetched for pull requests.
    pub prefetched: Option<Value>,
}

/// The values, in the order of [`NAMES`]. What is not known is empty, never 0.
pub fn of_report(report: &Report, results: &Results) -> Vec<(&'static str, String)> {
    let worst = report.prompts.iter().max_by_key(|prompt| prompt.verdict);
    let cases = |of: fn(&PromptReport) -> usize| report.prompts.iter().map(of).sum::<usize>().to_string();
    let values = [
        report.verdict.words().to_owned(),
        worst.map_or("nothing_affected".to_owned(), |prompt| prompt.reason.to_string()),
        results.exit_code.to_string(),
        ascii(&Value::Array(report.prompts.iter().map(prompt).collect())),
        share(report, |prompt| prompt.baseline),
        share(report, |prompt| prompt.candidate),
        cases(|prompt| prompt.broken.len()),
        cases(|prompt| prompt.fixed.len()),
        report.cost.spent_usd.map_or(String::new(), |usd| format!("{usd:.6}")),
        report.spend.paid_calls.to_string(),
        results.json.clone(),
        results.markdown.clone(),
        results.comment.clone().unwrap_or_default(),
        results.break_glass.as_ref().map(|break_glass| ascii(&broken(break_glass))).unwrap_or_default(),
        results.evidence.clone().unwrap_or_default(),
        results.released.as_ref().map(ascii).unwrap_or_default(),
        results.prefetched.as_ref().map(ascii).unwrap_or_default(),
    ];
    NAMES.iter().copied().zip(values).collect()
}

/// The outputs of a run that had nothing to evaluate.
pub fn of_nothing(reason: &str) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "reason" => reason.to_owned(),
        "exit-code" => "0".to_owned(),
        "prompts" => "[]".to_owned(),
        _ => String::new(),
    };
    NAMES.iter().map(|name| (*name, value(name))).collect()
}

/// The outputs of a run that failed before there was a report.
pub fn of_failure(reason: &str, exit_code: u8) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "verdict" => "NOT MEASURED".to_owned(),
        "reason" => reason.to_owned(),
        "exit-code" => exit_code.to_string(),
        "prompts" => "[]".to_owned(),
        _ => String::new(),
    };
    NAMES.iter().map(|name| (*name, value(name))).collect()
}

/// The outputs of a run that releases what an earlier job found out.
pub fn of_release(released: Option<&Value>, exit_code: u8) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "reason" if exit_code == 0 => "released".to_owned(),
        "reason" => "not_released".to_owned(),
        "exit-code" => exit_code.to_string(),
        "prompts" => "[]".to_owned(),
        "released" => released.map(ascii).unwrap_or_default(),
        _ => String::new(),
    };
    NAMES.iter().map(|name| (*name, value(name))).collect()
}

/// The text to append to the output file; `delimiter` yields a new random word each time.
///
/// # Errors
/// When a value holds its own delimiter, which chance does not do.
pub fn render(
    outputs: &[(&'static str, String)],
    mut delimiter: impl FnMut() -> String,
) -> Result<String, String> {
    let mut text = String::new();
    for (name, value) in outputs {
        let delimiter = format!("end_{}", delimiter());
        if value.contains(&delimiter) {
            return Err(format!("the output `{name}` holds its own delimiter"));
        }
        text.push_str(&format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"));
    }
    Ok(text)
}

fn broken(break_glass: &Override) -> Value {
    json!({
        "commit": break_glass.commit,
        "actor": break_glass.actor,
        "reason": break_glass.reason,
        "label": break_glass.label,
    })
}

fn prompt(prompt: &PromptReport) -> Value {
    json!({
        "id": prompt.head.id,
        "verdict": prompt.verdict.words(),
        "reason": prompt.reason,
        "broken": prompt.broken.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(),
        "fixed": prompt.fixed.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(),
    })
}

/// Passed of screened over all prompts, 0 to 1; empty when nothing was screened.
fn share(report: &Report, rate: impl Fn(&PromptReport) -> Option<crate::report::Rate>) -> String {
    let (passed, of) = report
        .prompts
        .iter()
        .filter_map(rate)
        .fold((0, 0), |(passed, of), rate| (passed + rate.passed, of + rate.of));
    if of == 0 { String::new() } else { format!("{:.4}", passed as f64 / of as f64) }
}

/// JSON in ASCII: no invisible character reaches a later step's log.
fn ascii(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}
