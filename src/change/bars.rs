//! What a change does to its own bar in one prompt: golden cases, checks, thresholds, models.

use std::collections::{BTreeMap, BTreeSet};

use super::MovedBar;
use super::cases::counted;
use crate::check::Judge;
use crate::golden::{Case, GoldenSet};
use crate::prompt::Prompt;

/// Names listed before the rest is only counted.
const NAMED: usize = 10;

/// One prompt in both trees.
pub(super) struct Both<'a> {
    pub old: Option<&'a Prompt>,
    pub new: &'a Prompt,
    pub before: Option<&'a GoldenSet>,
    pub after: Option<&'a GoldenSet>,
    /// The head's judge: what it asks is told apart from who is asked.
    pub judge: Option<&'a Judge>,
}

/// What moved for one prompt.
pub(super) fn of_prompt(both: &Both<'_>) -> Vec<MovedBar> {
    let Some(old) = both.old else { return Vec::new() };
    let prompt = Some(both.new.id.clone());
    let bar = |(what, lowers)| MovedBar { prompt: prompt.clone(), what, lowers, removes_cases: false };
    let mut bars: Vec<MovedBar> = declared(old, both.new).into_iter().map(bar).collect();
    let (removal, others) = match (&old.golden, both.before, both.after) {
        (Some(path), _, None) => (Some(format!("the golden set `{path}` is removed")), Vec::new()),
        (_, Some(before), Some(after)) => (removed(before, after), of_cases(both, before, after)),
        _ => (None, Vec::new()),
    };
    bars.extend(removal.map(|what| MovedBar { removes_cases: true, ..bar((what, true)) }));
    bars.extend(others.into_iter().map(bar));
    bars
}

/// The cases that went, when any did.
fn removed(before: &GoldenSet, after: &GoldenSet) -> Option<String> {
    let kept: BTreeSet<&str> = after.cases.iter().map(|case| case.id.as_str()).collect();
    let ids = before.cases.iter().map(|case| case.id.as_str()).filter(|id| !kept.contains(id));
    let ids: Vec<&str> = ids.collect();
    let counted = counted(ids.len(), "golden case");
    (!ids.is_empty()).then(|| format!("{counted} removed: {}", listed(&ids)))
}

/// What the declaration itself moves.
fn declared(old: &Prompt, new: &Prompt) -> Vec<(String, bool)> {
    let mut bars = Vec::new();
    if old.min_score != new.min_score {
        let shown = |value: Option<f64>| value.map_or("none".to_owned(), |value| value.to_string());
        let what = format!("`min_score`: {} → {}", shown(old.min_score), shown(new.min_score));
        bars.push((what, new.min_score < old.min_score));
    }
    if old.score != new.score {
        bars.push(("how checks become a score (`score`) changed".to_owned(), false));
    }
    for (key, old, new) in [
        ("models.branch", &old.models.branch, &new.models.branch),
        ("models.main", &old.models.main, &new.models.main),
        ("models.judge", &old.models.judge, &new.models.judge),
    ] {
        if old != new {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            bars.push((format!("`{key}`: {} → {}", shown(old), shown(new)), false));
        }
    }
    bars
}

/// What the golden set moves.
fn of_cases(both: &Both<'_>, before: &GoldenSet, after: &GoldenSet) -> Vec<(String, bool)> {
    let new_cases: BTreeMap<&str, &Case> =
        after.cases.iter().map(|case| (case.id.as_str(), case.as_ref())).collect();
    let marks = |case: &Case| case.scoring(both.new.score, both.judge).fingerprint();
    let ids = |such: &dyn Fn(&Case, Option<&Case>) -> bool| -> Vec<&str> {
        let cases = before.cases.iter().filter(|case| such(case, new_cases.get(case.id.as_str()).copied()));
        cases.map(|case| case.id.as_str()).collect()
    };
    let checks = ids(&|old, new| new.is_some_and(|new| marks(old) != marks(new)));
    let inputs =
        ids(&|old, new| new.is_some_and(|new| old.input != new.input || old.variables != new.variables));
    let freed = ids(&|old, new| old.must_pass && new.is_some_and(|new| !new.must_pass));
    let exact = ids(&|old, new| !old.exact && new.is_some_and(|new| new.exact));
    [
        (checks, "with other checks or expectations", false),
        (inputs, "with another input", false),
        (freed, "no longer must-pass", true),
        (exact, "newly `exact`: re-run without a reference line", true),
    ]
    .into_iter()
    .filter(|(ids, _, _)| !ids.is_empty())
    .map(|(ids, what, lowers)| {
        (format!("{} {what}: {}", counted(ids.len(), "golden case"), listed(&ids)), lowers)
    })
    .collect()
}

/// The first few ids, the rest counted.
pub fn listed(ids: &[&str]) -> String {
    let mut text = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(&format!(" and {} more", ids.len() - NAMED));
    }
    text
}
