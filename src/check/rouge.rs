//! The ROUGE check: how many words, word pairs or words in order an answer shares with a reference text
//! (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries").

use std::collections::BTreeMap;

use serde::Serialize;
use similar::DiffableStr;

use crate::document::Datum;
use crate::lookalike::nfc;
use crate::problem::nearest;

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::quote::quoted;
use super::reader::Reader;
use super::reference::Reference;
use super::scoring_input::ScoringInput;

/// Words of both texts that are compared for the longest common subsequence; those beyond count as different, so that
/// the cost is bounded and the score never too high.
const MOST: usize = 3_000;

/// What two texts share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Metric {
    /// Words, wherever they stand.
    #[serde(rename = "rouge1")]
    Words,
    /// Pairs of words that follow each other.
    #[serde(rename = "rouge2")]
    Pairs,
    /// The longest sequence of words in the same order, with any words between them.
    #[serde(rename = "rougeL")]
    Sequence,
}

/// What the shared part is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Measure {
    /// The answer's size: how much of the answer is in the reference.
    Precision,
    /// The reference's size: how much of the reference is in the answer.
    Recall,
    /// The harmonic mean of the two.
    F1,
}

const METRICS: &[(&str, Metric)] =
    &[("rouge1", Metric::Words), ("rouge2", Metric::Pairs), ("rougeL", Metric::Sequence)];
const MEASURES: &[(&str, Measure)] =
    &[("f1", Measure::F1), ("precision", Measure::Precision), ("recall", Measure::Recall)];
const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Overlap with a reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RougeCheck {
    to: Reference,
    metric: Metric,
    measure: Measure,
    threshold: f64,
}

/// Reads `rouge`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<RougeCheck> {
    let metric = word(reader, form, "metric", METRICS)?.unwrap_or(Metric::Sequence);
    let measure = word(reader, form, "measure", MEASURES)?.unwrap_or(Measure::F1);
    let threshold = match form.take("threshold") {
        Some(node) => reader.number(node, "threshold", THRESHOLD)?,
        None => 0.5,
    };
    let to = Reference::read(reader, form)?;
    if let Some(few) = to.given().and_then(|text| metric.lacks(&words(text))) {
        reader.error(form.body.mark, format!("the text of `rouge` {few}"), "write a longer text");
        return None;
    }
    Some(RougeCheck { to, metric, measure, threshold })
}

/// One of a few words; `Some(None)`: not given.
fn word<T: Copy>(
    reader: &mut Reader<'_, '_>,
    form: &mut Form<'_>,
    option: &'static str,
    words: &[(&str, T)],
) -> Option<Option<T>> {
    let Some(node) = form.take(option) else { return Some(None) };
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let Datum::Text(text) = &node.datum else {
        reader.wrong(
            node,
            option,
            &format!("one of {}", names.join(", ")),
            format!("for example {option}: {}", names[0]),
        );
        return None;
    };
    let found = words.iter().find(|(word, _)| word == text).map(|(_, value)| *value);
    if found.is_none() {
        let help = match nearest(text, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the values: {}", names.join(", ")),
        };
        reader.error(node.mark, format!("unknown {option} `{text}`"), help);
    }
    found.map(Some)
}

impl Metric {
    fn name(self) -> &'static str {
        METRICS.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }

    /// Why nothing can be shared with a text of these words.
    fn lacks(self, words: &[String]) -> Option<&'static str> {
        match (self, words.len()) {
            (_, 0) => Some("has no words"),
            (Metric::Pairs, 1) => Some("has only one word, and `rouge2` compares pairs"),
            _ => None,
        }
    }

    /// The size of what two texts share, of the answer and of the reference.
    fn sizes(self, answer: &[String], reference: &[String]) -> [usize; 3] {
        match self {
            Metric::Words => shared(answer.chunks(1), reference.chunks(1)),
            Metric::Pairs => shared(answer.windows(2), reference.windows(2)),
            Metric::Sequence => [in_order(answer, reference), answer.len(), reference.len()],
        }
    }
}

impl Measure {
    fn of(self, [shared, answer, reference]: [usize; 3]) -> f64 {
        let ratio = |all: usize| if all == 0 { 0.0 } else { shared as f64 / all as f64 };
        match self {
            Measure::Precision => ratio(answer),
            Measure::Recall => ratio(reference),
            Measure::F1 if shared == 0 => 0.0,
            Measure::F1 => 2.0 * shared as f64 / (answer + reference) as f64,
        }
    }

    fn name(self) -> &'static str {
        MEASURES.iter().find(|(_, measure)| *measure == self).map_or("", |(name, _)| name)
    }
}

impl Family for RougeCheck {
    fn needs_expected(&self) -> bool {
        self.to.needs_expected()
    }

    fn label(&self) -> String {
        format!("{} {} {} to {}", self.metric.name(), self.measure.name(), self.threshold, self.to.label())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(wanted) = self.to.of(input) else { return Finding::missing_expected() };
        let reference = words(wanted);
        if let Some(few) = self.metric.lacks(&reference) {
            return Finding::unscored(format!("the case's `expected` {few}"));
        }
        let score = self.measure.of(self.metric.sizes(&words(input.text), &reference));
        let shown = (score * 1000.0).floor() / 1000.0;
        let named = format!("{} {} {shown}", self.metric.name(), self.measure.name());
        let passed = score >= self.threshold;
        let reason = match passed {
            true => named,
            false => format!(
                "{named} is below {}: wanted {}, found {}",
                self.threshold,
                quoted(wanted),
                quoted(input.text)
            ),
        };
        Finding::graded(passed, score, reason)
    }
}

/// The words of a text in lower case, as Unicode separates words (UAX #29), without punctuation inside and between
/// them.
fn words(text: &str) -> Vec<String> {
    let text = nfc(text).to_lowercase();
    let is_between = |c: char| c.is_ascii_punctuation() || c == '’';
    let parts = text.tokenize_unicode_words().into_iter().flat_map(|word| word.split(is_between));
    parts.filter(|part| part.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
}

/// Sizes for parts that may stand anywhere; a part that is repeated is shared as often as both texts have it.
fn shared<'a>(
    answer: impl Iterator<Item = &'a [String]>,
    reference: impl Iterator<Item = &'a [String]>,
) -> [usize; 3] {
    let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut of_reference = 0;
    for part in reference {
        *counts.entry(part).or_default() += 1;
        of_reference += 1;
    }
    let (mut of_answer, mut in_both) = (0, 0);
    for part in answer {
        of_answer += 1;
        if let Some(left) = counts.get_mut(part).filter(|left| **left > 0) {
            *left -= 1;
            in_both += 1;
        }
    }
    [in_both, of_answer, of_reference]
}

/// The length of the longest common subsequence.
fn in_order(a: &[String], b: &[String]) -> usize {
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    let mut lengths = vec![0_usize; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (j, other) in b.iter().enumerate() {
            let above = lengths[j + 1];
            lengths[j + 1] = if word == other { diagonal + 1 } else { above.max(lengths[j]) };
            diagonal = above;
        }
    }
    lengths[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(metric: Metric, measure: Measure, answer: &str, reference: &str) -> f64 {
        measure.of(metric.sizes(&words(answer), &words(reference)))
    }

    /// Values of Google's `rouge_score`, without its stemmer.
    #[test]
    fn scores_are_those_of_the_reference_implementation() {
        let reference = "The quick brown fox jumps over the lazy dog";
        let answer = "The quick brown dog jumps on the log.";
        for (metric, precision, recall, f1) in [
            (Metric::Words, 6.0 / 8.0, 6.0 / 9.0, 12.0 / 17.0),
            (Metric::Pairs, 2.0 / 7.0, 2.0 / 8.0, 4.0 / 15.0),
            (Metric::Sequence, 5.0 / 8.0, 5.0 / 9.0, 10.0 / 17.0),
        ] {
            let of = |measure| score(metric, measure, answer, reference);
            assert_eq!(
                [of(Measure::Precision), of(Measure::Recall), of(Measure::F1)],
                [precision, recall, f1],
                "{metric:?}"
            );
        }
    }

    #[test]
    fn words_are_those_of_the_script() {
        assert_eq!(words("Don't PAY $3.14, e-mail_us!"), ["don", "t", "pay", "3", "14", "e", "mail", "us"]);
        assert_eq!(words("退款需要三十天。"), ["退", "款", "需", "要", "三", "十", "天"]);
        assert_eq!(words("Größe\u{301} नमस्ते"), ["größé", "नमस्ते"]);
        assert!(words(" … – !").is_empty());
    }

    #[test]
    fn a_score_is_bounded_and_one_only_for_all_words() {
        let long: String = (0..20_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(score(Metric::Words, Measure::F1, &long, &long), 1.0);
        let capped = score(Metric::Sequence, Measure::F1, &long, &long);
        assert_eq!(capped, MOST as f64 / 20_000.0, "words beyond the limit count as different");
        for metric in [Metric::Words, Metric::Pairs, Metric::Sequence] {
            assert_eq!(score(metric, Measure::F1, "a b a b", "c d"), 0.0);
            assert_eq!(score(metric, Measure::F1, "", "c d"), 0.0);
        }
        assert_eq!(score(Metric::Words, Measure::Precision, "a a a a", "a b"), 0.25);
    }
}
