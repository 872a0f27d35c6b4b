//! The similarity check: the share of two texts that is the same, in order.

use serde::Serialize;
use similar::{Algorithm, DiffOp, DiffableStr, capture_diff_slices};

use crate::lookalike::nfc;

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::quote::quoted;
use super::reader::Reader;
use super::reference::Reference;
use super::scoring_input::ScoringInput;

/// Texts up to this many bytes are compared by character, longer ones by word.
const BY_CHARACTER: usize = 2_000;
/// Parts compared between the common beginning and the common end; those beyond count as
/// different, so that the cost is bounded and the ratio never too high.
const MOST: usize = 3_000;

/// Similarity to a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct SimilarityCheck {
    to: Reference,
    threshold: f64,
    ignore_case: bool,
}

const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Reads `similarity`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<SimilarityCheck> {
    let ignore_case = form.flag(reader, "ignore_case", false);
    let threshold = match form.take("threshold") {
        Some(node) => reader.number(node, "threshold", THRESHOLD)?,
        None => 0.8,
    };
    let to = Reference::read(reader, form)?;
    Some(SimilarityCheck { to, threshold, ignore_case })
}

impl Family for SimilarityCheck {
    fn needs_expected(&self) -> bool {
        self.to.needs_expected()
    }

    fn label(&self) -> String {
        format!("similarity {} to {}", self.threshold, self.to.label())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(wanted) = self.to.of(input) else { return Finding::missing_expected() };
        let (text, wanted) = (&*nfc(input.text.trim()), &*nfc(wanted.trim()));
        let ratio = if self.ignore_case {
            ratio(&wanted.to_lowercase(), &text.to_lowercase())
        } else {
            ratio(wanted, text)
        };
        let passed = ratio >= self.threshold;
        let shown = (ratio * 1000.0).floor() / 1000.0;
        let reason = if passed {
            format!("similarity {shown}")
        } else {
            let threshold = self.threshold;
            format!(
                "similarity {shown} is below {threshold}: wanted {}, found {}",
                quoted(wanted),
                quoted(text)
            )
        };
        Finding::graded(passed, ratio, reason)
    }
}

/// Twice the parts in common over all parts of both, 0 to 1; two empty texts are the same.
pub fn ratio(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if a.len().max(b.len()) <= BY_CHARACTER {
        of_parts(&a.tokenize_graphemes(), &b.tokenize_graphemes())
    } else {
        of_parts(&a.split_whitespace().collect::<Vec<_>>(), &b.split_whitespace().collect::<Vec<_>>())
    }
}

fn of_parts(a: &[&str], b: &[&str]) -> f64 {
    let all = a.len() + b.len();
    if all == 0 {
        return 1.0;
    }
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    let middle: usize = capture_diff_slices(Algorithm::Myers, a, b)
        .iter()
        .map(|op| match op {
            DiffOp::Equal { len, .. } => *len,
            _ => 0,
        })
        .sum();
    2.0 * (start + middle + end) as f64 / all as f64
}
