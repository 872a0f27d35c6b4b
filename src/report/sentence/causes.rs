//! What broke, as few groups of cases as possible: those that fail the same check, or for the same reason.

use crate::report::{AnswerView, CaseFinding, CheckFailure, PromptReport};
use crate::verdict::Reason;

/// Cases that fail alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause<'a> {
    /// What they share.
    pub what: Shared<'a>,
    /// The cases, in the order given.
    pub cases: Vec<&'a CaseFinding>,
}

impl Cause<'_> {
    /// The verb before a check's name.
    pub fn verb(&self) -> &'static str {
        if self.cases.len() == 1 { "fails" } else { "fail" }
    }
}

/// What a group of cases shares. The texts are foreign: escape them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shared<'a> {
    /// A reason, or its beginning: `not JSON`.
    Reason(&'a str),
    /// A check, by its name or its demand.
    Check(&'a str),
    /// The score is lower; no check fails.
    Score,
}

/// The cases that a verdict is about, under their title.
pub fn concerned(p: &PromptReport) -> (&'static str, &[CaseFinding]) {
    match p.reason {
        Reason::MustPass => ("Why", &p.must_pass),
        Reason::BelowFloor | Reason::FloorUnresolved => ("What fails", &p.failing),
        Reason::MarginalBreaks => ("What changes with any edit", &p.broken),
        _ => ("What broke", &p.broken),
    }
}

/// Groups cases by what their new answers fail.
pub fn causes<'a>(cases: impl IntoIterator<Item = &'a CaseFinding>) -> Vec<Cause<'a>> {
    grouped(cases, |case| case.candidate.as_ref())
}

/// Groups cases by what their old answers failed.
pub fn mended<'a>(cases: impl IntoIterator<Item = &'a CaseFinding>) -> Vec<Cause<'a>> {
    grouped(cases, |case| case.baseline.as_ref())
}

/// The largest group first, until no two cases share anything; the rest one by one.
fn grouped<'a>(
    cases: impl IntoIterator<Item = &'a CaseFinding>,
    answer: fn(&'a CaseFinding) -> Option<&'a AnswerView>,
) -> Vec<Cause<'a>> {
    let failures = |case| answer(case).map(|view| view.failures.as_slice()).unwrap_or_default();
    let mut open: Vec<(&CaseFinding, Vec<Shared<'_>>)> =
        cases.into_iter().map(|case| (case, shared(failures(case)))).collect();
    let mut found = Vec::new();
    while let Some(what) = most_shared(&open) {
        let (alike, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, keys)| keys.contains(&what));
        found.push(Cause { what, cases: alike.into_iter().map(|(case, _)| case).collect() });
        open = rest;
    }
    found.extend(open.into_iter().map(|(case, _)| {
        let alone = failures(case).first().map_or(Shared::Score, alone);
        Cause { what: alone, cases: vec![case] }
    }));
    found
}

/// What is said of a case that shares nothing: the beginning of its reason, or the name of the check if that is in
/// words, or the whole reason.
fn alone(failure: &CheckFailure) -> Shared<'_> {
    let is_in_words =
        |name: &str| name.contains(' ') && name.chars().all(|c| c.is_alphabetic() || " -,'".contains(c));
    match gist(&failure.reason) {
        Some(gist) => Shared::Reason(gist),
        None if is_in_words(&failure.check) => Shared::Check(&failure.check),
        None => Shared::Reason(&failure.reason),
    }
}

/// What two cases at least share, and most cases; the earliest of equals.
fn most_shared<'a>(open: &[(&CaseFinding, Vec<Shared<'a>>)]) -> Option<Shared<'a>> {
    let mut counted: Vec<(Shared<'a>, usize)> = Vec::new();
    let mut places = std::collections::HashMap::new(); // order never leaves
    for key in open.iter().flat_map(|(_, keys)| keys) {
        let place = *places.entry(*key).or_insert_with(|| {
            counted.push((*key, 0));
            counted.len() - 1
        });
        counted[place].1 += 1;
    }
    let most = counted.iter().map(|(_, n)| *n).max().filter(|most| *most > 1)?;
    counted.into_iter().find(|(_, n)| *n == most).map(|(key, _)| key)
}

/// Everything by which an answer can be grouped, the most telling first, each once.
fn shared(failures: &[CheckFailure]) -> Vec<Shared<'_>> {
    let mut keys = Vec::new();
    if failures.is_empty() {
        keys.push(Shared::Score);
    }
    for failure in failures {
        let of_reason = [gist(&failure.reason), Some(failure.reason.as_str())];
        let all = of_reason.into_iter().flatten().map(Shared::Reason).chain([Shared::Check(&failure.check)]);
        for key in all {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// The words before a colon, if they are a statement of their own: `not JSON` of `not JSON: expected value …`.
/// Numbers and quotations belong to one answer only.
fn gist(reason: &str) -> Option<&str> {
    let (before, _) = reason.split_once(": ")?;
    let is_own =
        before.contains(' ') && !before.contains(|c: char| c.is_ascii_digit() || "\"`“/".contains(c));
    is_own.then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples::{angry, refund_late};

    fn failing(id: &str, failures: &[(&str, &str)]) -> CaseFinding {
        let mut case = CaseFinding { id: id.to_owned(), ..angry() };
        case.candidate.as_mut().expect("an answer").failures = failures
            .iter()
            .map(|(check, reason)| CheckFailure { check: (*check).into(), reason: (*reason).into() })
            .collect();
        case
    }

    fn said(cases: &[CaseFinding]) -> String {
        let lines = causes(cases).into_iter().map(|cause| {
            let ids: Vec<&str> = cause.cases.iter().map(|case| case.id.as_str()).collect();
            format!("{:?} {}\n", cause.what, ids.join(" "))
        });
        lines.collect()
    }

    #[test]
    fn the_largest_group_is_first_and_single_cases_say_why() {
        let cases = [
            failing(
                "a",
                &[("no promise", "unwanted: \"refund\" matches /x/"), ("length", "expected 60, found 61")],
            ),
            failing("b", &[("json keys", "not JSON: expected value at column 1: \"So sorry\"")]),
            failing(
                "c",
                &[("json $.intent", "not JSON: trailing text: \"Dear\""), ("no promise", "not JSON: x: y")],
            ),
            failing("d", &[("no promise", "unwanted: \"voucher\" matches /x/")]),
            failing("e", &[("one of \"es\"", "expected \"es\", found \"en\"")]),
            failing("f", &[]),
            failing("g", &[("json keys", "not JSON: expected value at column 1: \"Oh no\"")]),
        ];
        insta::assert_snapshot!(said(&cases), @r#"
        Check("no promise") a c d
        Reason("not JSON") b g
        Reason("expected \"es\", found \"en\"") e
        Score f
        "#);
    }

    #[test]
    fn a_reason_with_numbers_or_quotations_is_not_shared_by_its_beginning() {
        assert_eq!(gist("not JSON: expected value"), Some("not JSON"));
        for whole in
            ["the judge's 0.2 is below 0.7: rude", "unwanted: \"x\"", "at `$.a`: nothing", "no colon"]
        {
            assert_eq!(gist(whole), None, "{whole}");
        }
    }

    #[test]
    fn nothing_is_lost_and_nothing_twice() {
        let cases: Vec<CaseFinding> =
            (0..40).map(|i| failing(&format!("{i}"), &[("x", &i.to_string())])).collect();
        assert_eq!(causes(&cases).iter().map(|cause| cause.cases.len()).sum::<usize>(), 40);
        assert_eq!(causes(&[refund_late()]).len(), 1);
        assert_eq!(causes(&[]).len(), 0);
    }
}
