//! The pull-request comment, for a person who knows no statistics: the verdict in plain words, both scores, why it
//! is not chance, what broke, what to do now; everything else is folded.
//!
//! A comment has a size limit. What does not fit is left out from the least important on, the
//! size is measured again after every step, and the comment says what is missing.

mod cases;
mod detail;
mod page;
pub(crate) mod parts;
mod section;

use super::untrusted::prose;
use super::wording::SCRIPTED_LABEL;
use super::{Report, wording};
use detail::{Detail, STEPS};

/// How large the comment may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// UTF-8 bytes at most; GitHub refuses more than 65,536 characters. At least 2,000.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 60_000 }
    }
}

/// Renders the comment within the limits.
pub fn render(report: &Report, limits: Limits) -> String {
    let mut detail = Detail::default();
    let mut text = page::page(report, &detail);
    let mut left_out: Vec<&str> = Vec::new();
    for step in STEPS {
        if text.len() + note(&left_out).len() <= limits.bytes {
            break;
        }
        (step.apply)(&mut detail);
        let smaller = page::page(report, &detail);
        if smaller.len() < text.len() && !left_out.contains(&step.what) {
            left_out.push(step.what);
        }
        text = smaller;
    }
    text.push_str(&note(&left_out));
    if text.len() <= limits.bytes { text } else { verdict_only(report) }
}

fn note(left_out: &[&str]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    format!("\nShortened to fit; left out: {}. The JSON report has everything.\n", left_out.join(", "))
}

/// What is never left out.
fn verdict_only(report: &Report) -> String {
    let bars = match report.moved_bars.len() {
        0 => String::new(),
        n => format!("\nThis change also moves its own bar ({}).\n", wording::count(n, "change")),
    };
    let label = match report.provider.is_language_model() {
        true => String::new(),
        false => format!("\n**{SCRIPTED_LABEL}**\n"),
    };
    format!(
        "{}\n{}\n{label}{bars}\nShortened to fit; the JSON report has everything.\n",
        page::heading(report),
        prose(&report.sentence, 100),
    )
}

#[cfg(test)]
mod tests;
