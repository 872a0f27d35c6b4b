//! The action's outputs, for later steps: values between delimiters that cannot be guessed.

use serde_json::{Value, json};

use super::Override;
use crate::report::{PromptReport, Rate, Report};
use crate::verdict::Verdict;

/// How a run of the action ended.
#[derive(Clone, Copy, Debug)]
pub enum Ended<'a> {
    /// With a report.
    Evaluated(&'a Report),
    /// There was nothing to evaluate; why, in one word.
    Nothing(&'a str),
    /// Before there was a report; why, in one word.
    Failed(&'a str),
    /// What an earlier job found out was to be released.
    Released,
}

/// What outputs need in addition to the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The action's exit status.
    pub exit_code: u8,
    /// Path of the JSON report, from the workspace.
    pub json: String,
    /// Path of the Markdown report, from the workspace.
    pub markdown: String,
    /// Path of the report as a page, from the workspace.
    pub html: String,
    /// The comment's page.
    pub comment: Option<String>,
    /// The break-glass that let the commit pass.
    pub break_glass: Option<Override>,
    /// Path of the evidence, from the workspace.
    pub evidence: Option<String>,
    /// The prompts of a release, each with its outcome.
    pub released: Option<Value>,
    /// What was prefetched for pull requests.
    pub prefetched: Option<Value>,
}

/// The outputs of `action.yml`, in its order. What is not known is empty, never 0.
pub fn of(ended: Ended<'_>, results: &Results) -> Vec<(&'static str, String)> {
    let (verdict, reason) = match ended {
        Ended::Evaluated(report) => {
            let worst = report.prompts.iter().max_by_key(|prompt| prompt.verdict);
            let reason = worst.map_or("nothing_affected".to_owned(), |prompt| prompt.reason.to_string());
            (report.verdict.words(), reason)
        }
        Ended::Nothing(reason) => ("", reason.to_owned()),
        Ended::Failed(reason) => (Verdict::NotMeasured.words(), reason.to_owned()),
        Ended::Released if results.exit_code == 0 => ("", "released".to_owned()),
        Ended::Released => ("", "not_released".to_owned()),
    };
    let report = match ended {
        Ended::Evaluated(report) => Some(report),
        _ => None,
    };
    let prompts = report.map(|report| report.prompts.as_slice()).unwrap_or_default();
    let cases = |of: fn(&PromptReport) -> usize| match report {
        Some(_) => prompts.iter().map(of).sum::<usize>().to_string(),
        None => String::new(),
    };
    let spent = report.and_then(|report| report.cost.spent_usd);
    let json = |value: Option<Value>| value.as_ref().map(ascii).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        ("verdict", verdict.to_owned()),
        ("reason", reason),
        ("exit-code", results.exit_code.to_string()),
        ("prompts", ascii(&Value::Array(prompts.iter().map(prompt).collect()))),
        ("baseline-score", share(prompts, |prompt| prompt.baseline)),
        ("candidate-score", share(prompts, |prompt| prompt.candidate)),
        ("broken", cases(|prompt| prompt.broken.len())),
        ("fixed", cases(|prompt| prompt.fixed.len())),
        ("cost", spent.map_or(String::new(), |usd| format!("{usd:.6}"))),
        ("calls", report.map_or(String::new(), |report| report.spend.paid_calls.to_string())),
        ("report-json", results.json.clone()),
        ("report-markdown", results.markdown.clone()),
        ("report-html", results.html.clone()),
        ("comment-url", text(&results.comment)),
        ("break-glass", json(results.break_glass.as_ref().map(overridden))),
        ("evidence", text(&results.evidence)),
        ("released", json(results.released.clone())),
        ("prefetched", json(results.prefetched.clone())),
    ]
}

/// The text to append to the output file; `delimiter` yields a new random word each time.
///
/// # Errors
/// When a value contains its own delimiter, which does not happen by chance.
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

fn overridden(break_glass: &Override) -> Value {
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
        "trade": prompt.trade,
        "fixed": prompt.fixed.iter().map(|case| case.id.as_str()).collect::<Vec<_>>(),
    })
}

/// Passed of screened over all prompts, 0 to 1; empty when nothing was screened.
fn share(prompts: &[PromptReport], rate: impl Fn(&PromptReport) -> Option<Rate>) -> String {
    let rates = prompts.iter().filter_map(rate);
    let (passed, of) = rates.fold((0, 0), |(passed, of), rate| (passed + rate.passed, of + rate.of));
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
