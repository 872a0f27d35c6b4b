//! Rules about golden sets: their size, what their checks demand, and how often they ask the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::finding::{Finding, Level, Sink};
use super::{Examined, Material};
use crate::change::NEW_PROMPT_FLOOR;
use crate::check::Subject;
use crate::golden::{Case, CaseInput};
use crate::import::likeness::{MOST, groups_within};
use crate::model::Response;
use crate::report::wording::count;
use crate::stats::planning::{FEWEST_CASES, smallest_drop_caught};
use crate::stats::proportion::wilson;

/// How far below its floor a golden set may let a pass rate fall before that is a warning.
const WIDEST_GAP: f64 = 0.2;

/// Steps of comparisons that all golden sets together may take, each with up to 64 letters.
const MOST_COMPARED: u64 = 4_000_000_000;

/// Cases of a group that are named.
const NAMED: usize = 3;

/// Golden sets with too few cases.
pub(super) fn small(material: &Material<'_>, found: &mut Sink<'_>) {
    for (prompt, change) in covered(material) {
        let Some(path) = prompt.golden.as_ref().filter(|path| !material.is_refused(path)) else { continue };
        let (n, floor) = (change.cases.len(), change.min_score.unwrap_or(NEW_PROMPT_FLOOR));
        let missed = (0..=n).rev().find(|passed| is_missed(*passed, n, floor));
        let gap = floor - missed.map_or(0.0, |passed| passed as f64 / n as f64);
        let is_wide = floor > 0.0 && (missed.is_none() || gap > WIDEST_GAP);
        if n >= FEWEST_CASES && !is_wide {
            continue;
        }
        let whose = if change.min_score.is_some() { "" } else { " (that of a new prompt)" };
        let blocks = match missed {
            Some(passed) => format!("its floor {floor}{whose} fails it only if {passed} or fewer pass; "),
            None if floor > 0.0 => format!("its floor {floor}{whose} can never fail it; "),
            None => String::new(),
        };
        let points = |drop: f64| format!("{} percentage points", (drop * 1000.0).round() / 10.0);
        let drop = match smallest_drop_caught(n) {
            Some(drop) => {
                format!("the smallest drop of the pass rate that is mostly seen is {}", points(drop))
            }
            None => format!(
                "a drop of the pass rate is mostly seen only if it is larger than {}",
                points(smallest_drop_caught(FEWEST_CASES).unwrap_or(1.0))
            ),
        };
        let message = format!("the golden set of `{}` has {}: {blocks}{drop}", prompt.id, count(n, "case"));
        let help = format!(
            "add real inputs until it has {FEWEST_CASES} cases or more, 100 if small drops matter (docs/golden-sets.md)"
        );
        let level = if is_wide { Level::Warning } else { Level::Note };
        found(Finding::new(level, message, help).at(path, crate::problem::Mark::default()));
    }
}

/// Whether so many passes are significantly below the floor.
fn is_missed(passed: usize, n: usize, floor: f64) -> bool {
    wilson(passed as f64, n).is_some_and(|interval| interval.high < floor)
}

/// Answers that no prompt is meant to give.
const NONSENSE: [&str; 3] = ["Qwx zvq.", r#"{"qwxzvq": null}"#, r#"["qwxzvq"]"#];

/// Cases that nonsense passes.
pub(super) fn weak(material: &Material<'_>, found: &mut Sink<'_>) {
    let answers = NONSENSE.map(Response::saying);
    for (prompt, change) in covered(material) {
        let Some(path) = &prompt.golden else { continue };
        let mut weak: Vec<(&Case, &str)> = Vec::new();
        let mut before: Option<(&Case, Option<&str>)> = None;
        for case in change.cases.iter().map(|case| &case.case) {
            let is_known = |(other, _): &(&Case, Option<&str>)| {
                other.checks == case.checks && !case.checks.iter().any(crate::check::Check::needs_expected)
            };
            let passing = match before.filter(is_known) {
                Some((_, passing)) => passing,
                None => {
                    let scoring = case.scoring(prompt.score, None);
                    let accepts = |response| scoring.accepts(Subject { response, cost_usd: Some(0.0) });
                    answers.iter().find(|answer| accepts(answer)).map(|answer| answer.text.as_str())
                }
            };
            before = Some((case, passing));
            weak.extend(passing.map(|answer| (case.as_ref(), answer)));
        }
        let Some((first, answer)) = weak.first() else { continue };
        let more = match weak.len() - 1 {
            0 => String::new(),
            more => format!(" and those of {}", count(more, "more case")),
        };
        let labels: Vec<String> = first
            .checks
            .iter()
            .filter(|check| !check.is_advisory())
            .map(crate::check::Check::label)
            .collect();
        let wants = if labels.is_empty() { "no check that scores".to_owned() } else { labels.join(", ") };
        let message = format!(
            "nonsense such as `{answer}` passes all checks of the case `{}` of `{}`{more}: it asks for {wants}",
            first.id, prompt.id
        );
        let help = "add a check of what a good answer says: `contains`, `json_keys`, `json_path`, `number`, or a `judge` \
                    (docs/checks.md)";
        let mut finding = Finding::new(Level::Warning, message, help).at(path, first.mark);
        finding.also = weak.iter().skip(1).map(|(case, _)| case.mark).collect();
        found(finding);
    }
}

/// Cases that ask nearly the same.
pub(super) fn alike(material: &Material<'_>, found: &mut Sink<'_>) {
    let (mut left, mut is_partial) = (MOST_COMPARED, false);
    for (prompt, change) in covered(material) {
        let Some(path) = &prompt.golden else { continue };
        let cases: Vec<&Arc<Case>> = change.cases.iter().map(|case| &case.case).collect();
        let texts = own_texts(&cases);
        for demand in by_demand(&cases) {
            is_partial |= demand.len() > MOST;
            let of_demand: Vec<String> = demand.iter().map(|at| texts[*at].clone()).collect();
            for group in groups_within(&of_demand, &mut left).iter().filter(|group| group.members.len() > 1) {
                let members: Vec<&Case> =
                    group.members.iter().map(|at| cases[demand[*at]].as_ref()).collect();
                let named: Vec<String> =
                    members.iter().take(NAMED).map(|case| format!("`{}`", case.id)).collect();
                let more = match members.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let message = format!(
                    "the cases {}{more} of `{}` ask nearly the same and demand the same: {} that test one thing",
                    named.join(", "),
                    prompt.id,
                    count(members.len(), "case")
                );
                let help = "keep one of them, or let each ask something else; the statistics take them for independent";
                let mut finding = Finding::new(Level::Note, message, help).at(path, members[0].mark);
                finding.also = members.iter().skip(1).map(|case| case.mark).collect();
                found(finding);
            }
        }
    }
    if left == 0 || is_partial {
        let message = "not all cases were compared with each other: the golden sets are very large";
        found(Finding::new(Level::Note, message, "split them; only some of the near-duplicates are listed"));
    }
}

/// The cases by what they demand of an answer: cases that ask nearly the same and demand something else are the best.
fn by_demand(cases: &[&Arc<Case>]) -> Vec<Vec<usize>> {
    let mut demands: BTreeMap<(bool, Option<&str>, String), Vec<usize>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        // Checks are always JSON; equal ones have equal JSON.
        let checks = serde_json::to_string(&case.checks).unwrap_or_default();
        demands.entry((case.must_pass, case.expected.as_deref(), checks)).or_default().push(at);
    }
    let mut demands: Vec<Vec<usize>> = demands.into_values().collect();
    demands.sort_unstable();
    demands
}

/// What each case says itself: values that all cases have alike are left out.
fn own_texts(cases: &[&Arc<Case>]) -> Vec<String> {
    let is_shared =
        |name: &String, value: &Value| cases.iter().all(|case| case.variables.get(name) == Some(value));
    let shared: Vec<&String> = match cases {
        [first, _, ..] => first
            .variables
            .iter()
            .filter(|(name, value)| is_shared(name, value))
            .map(|(name, _)| name)
            .collect(),
        _ => Vec::new(),
    };
    let text = |case: &Case| {
        let mut texts: Vec<String> = match &case.input {
            CaseInput::Text(text) => vec![text.clone()],
            CaseInput::Messages(messages) => messages.iter().map(|message| message.text.clone()).collect(),
            CaseInput::Variables => Vec::new(),
        };
        let own = case.variables.iter().filter(|(name, _)| !shared.contains(name));
        texts.extend(own.map(|(_, value)| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
        texts.join("\n")
    };
    cases.iter().map(|case| text(case)).collect()
}

/// Cases whose result changed with any edit.
pub(super) fn marginal(material: &Material<'_>, found: &mut Sink<'_>) {
    for (prompt, change) in covered(material) {
        let (Some(path), Some(known)) = (&prompt.golden, material.earlier.get(&prompt.id)) else { continue };
        for case in change.cases.iter().map(|case| &case.case) {
            let Some(stability) = known.get(&case.id).filter(|known| known.is_marginal()) else { continue };
            let message = format!(
                "the case `{}` of `{}` passed {} of {} times, and turned with edits that need not concern it",
                case.id, prompt.id, stability.answers.passed, stability.answers.of
            );
            let help = "say in its checks what a good answer is, or in the prompt what is wanted; alone it never blocks \
                        (docs/statistics.md)";
            found(Finding::new(Level::Note, message, help).at(path, case.mark));
        }
    }
}

/// The prompts with cases.
fn covered<'a>(material: &Material<'a>) -> impl Iterator<Item = Examined<'a>> {
    material.prompts().filter(|(_, change)| !change.cases.is_empty())
}
