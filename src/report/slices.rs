//! Slices: the score and its change by tag, and whether a tag explains the breaks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::untrusted::quoted;
use super::wording::count;
use super::{CaseResult, CaseState, PromptReport, Rate};
use crate::stats::hypergeometric::upper_tail;

/// A tag explains the breaks if chance alone would put them all under some tag less often than this.
const RARE: f64 = 0.05;

/// The cases with one tag. A case with several tags is in several slices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// The tag.
    pub tag: String,
    /// Cases with it, measured or not.
    pub cases: usize,
    /// Passed of measured, baseline; null if no case has a baseline. If there is one, both sides are about
    /// the cases measured on both.
    pub baseline: Option<Rate>,
    /// Passed of measured, candidate; null if nothing was measured.
    pub candidate: Option<Rate>,
    /// Cases that the change broke, must-pass cases included.
    pub broken: usize,
    /// Cases that the change fixed, at screening.
    pub fixed: usize,
}

impl Slice {
    fn of(tag: &str, cases: &[&CaseResult]) -> Self {
        let pairs: Vec<_> = cases.iter().filter_map(|case| case.pair()).collect();
        let alone: Vec<_> =
            cases.iter().filter_map(|case| case.candidate.filter(|found| found.score.is_some())).collect();
        let rate = |passes: Vec<bool>| {
            let passed = passes.iter().filter(|passed| **passed).count();
            (!passes.is_empty()).then_some(Rate { passed, of: passes.len() })
        };
        let (baseline, candidate) = match pairs.is_empty() {
            true => (None, rate(alone.iter().map(|found| found.passed).collect())),
            false => (
                rate(pairs.iter().map(|(old, _)| old.passed).collect()),
                rate(pairs.iter().map(|(_, new)| new.passed).collect()),
            ),
        };
        Self {
            tag: tag.to_owned(),
            cases: cases.len(),
            baseline,
            candidate,
            broken: cases.iter().filter(|case| case.state.is_break()).count(),
            fixed: cases.iter().filter(|case| case.state == CaseState::Fixed).count(),
        }
    }

    /// Passes gained with the candidate; below 0, lost.
    pub fn change(&self) -> i64 {
        let passed = |rate: Option<Rate>| rate.map_or(0, |rate| rate.passed as i64);
        if self.baseline.is_some() { passed(self.candidate) - passed(self.baseline) } else { 0 }
    }
}

/// The slices of a prompt: those with the most breaks first, then those that lost most, then by tag.
pub fn slices(prompt: &PromptReport) -> Vec<Slice> {
    let mut by_tag: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for case in &prompt.results {
        let tags: BTreeSet<&str> = case.tags.iter().map(String::as_str).collect();
        for tag in tags {
            by_tag.entry(tag).or_default().push(case);
        }
    }
    let mut slices: Vec<Slice> = by_tag.into_iter().map(|(tag, cases)| Slice::of(tag, &cases)).collect();
    slices.sort_by_key(|slice| (Reverse(slice.broken), slice.change()));
    slices
}

/// The tag that all broken cases have, if that is no coincidence: there are at least two, and with all the
/// tags of the set one would rarely cover them all by chance.
pub fn explanation(prompt: &PromptReport) -> Option<Slice> {
    let broken = prompt.results.iter().filter(|case| case.state.is_break()).count();
    let all = prompt.results.len();
    if broken < 2 {
        return None;
    }
    let slices = slices(prompt);
    let tags = slices.len() as f64;
    let covering = slices.into_iter().filter(|slice| slice.broken == broken);
    let rarest = covering.min_by_key(|slice| slice.cases)?;
    let by_chance = upper_tail(broken, rarest.cases, broken, all) * tags;
    (by_chance <= RARE).then_some(rarest)
}

/// The explanation as a sentence.
pub fn explanation_sentence(prompt: &PromptReport) -> Option<String> {
    let slice = explanation(prompt)?;
    let all = if slice.broken == 2 { "Both".to_owned() } else { format!("All {}", slice.broken) };
    Some(format!(
        "{all} broken cases are tagged {}, which {} of {} are.",
        quoted(&slice.tag),
        slice.cases,
        count(prompt.results.len(), "case")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Measured;
    use crate::report::examples;

    fn measured(passed: bool) -> Option<Measured> {
        let score = Some(f64::from(u8::from(passed)));
        Some(Measured { passed, score, latency_ms: None, cost_usd: None })
    }

    /// So many cases with a tag, of which the first are broken; the rest of them and 20 others pass.
    fn tagged(tags: &[(&str, usize, usize)]) -> PromptReport {
        let mut prompt = examples::ok().prompts.remove(0);
        let case = |id: String, tag: Option<&str>, is_broken: bool| CaseResult {
            id,
            state: if is_broken { CaseState::Broken } else { CaseState::Passing },
            tags: tag.into_iter().map(str::to_owned).collect(),
            baseline: measured(true),
            candidate: measured(!is_broken),
            detail: None,
        };
        prompt.results = (0..20).map(|i| case(format!("plain-{i}"), None, false)).collect();
        for (tag, cases, broken) in tags {
            prompt.results.extend((0..*cases).map(|i| case(format!("{tag}-{i}"), Some(tag), i < *broken)));
        }
        prompt
    }

    #[test]
    fn a_slice_compares_the_cases_measured_on_both_sides() {
        let mut prompt = tagged(&[("refund", 4, 1), ("angry", 2, 2)]);
        prompt.results.last_mut().expect("a case").baseline = None;
        let rate = |passed, of| Some(Rate { passed, of });
        let slice = |tag: &str, cases, baseline, candidate, broken| Slice {
            tag: tag.to_owned(),
            cases,
            baseline,
            candidate,
            broken,
            fixed: 0,
        };
        assert_eq!(
            slices(&prompt),
            [slice("angry", 2, rate(1, 1), rate(0, 1), 2), slice("refund", 4, rate(4, 4), rate(3, 4), 1)]
        );
    }

    #[test]
    fn without_a_baseline_a_slice_has_one_side() {
        let mut prompt = tagged(&[("mail", 3, 1)]);
        for case in &mut prompt.results {
            case.baseline = None;
        }
        let slice = &slices(&prompt)[0];
        assert_eq!((slice.baseline, slice.candidate), (None, Some(Rate { passed: 2, of: 3 })));
        assert_eq!(slice.change(), 0);
    }

    #[test]
    fn a_tag_explains_the_breaks_only_if_chance_would_not() {
        let said = |tags: &[(&str, usize, usize)]| explanation_sentence(&tagged(tags));
        assert_eq!(
            said(&[("spanish", 4, 3), ("refund", 6, 0)]).as_deref(),
            Some("All 3 broken cases are tagged `spanish`, which 4 of 30 cases are.")
        );
        assert_eq!(said(&[("spanish", 4, 1)]), None, "one case has some tag in any event");
        assert_eq!(said(&[("spanish", 4, 2), ("refund", 6, 1)]), None, "another case is broken, too");
        assert_eq!(said(&[("english", 60, 3)]), None, "most cases have the tag");
        let many: Vec<(String, usize)> = (0..40).map(|i| (format!("tag-{i:02}"), 1)).collect();
        let mut tags: Vec<(&str, usize, usize)> = many.iter().map(|(tag, n)| (tag.as_str(), *n, 0)).collect();
        tags.push(("spanish", 10, 2));
        assert_eq!(said(&tags), None, "with so many tags one fits by chance");
    }
}
