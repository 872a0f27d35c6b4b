//! How a change moves its own bar in one prompt: golden cases, checks, thresholds, models, where it
//! goes live.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::counted;
use super::config_bars::shown;
use super::{MovedBar, limits};
use crate::check::Judge;
use crate::config::{BarPart, GatePolicy};
use crate::document::Kept;
use crate::golden::{Case, GoldenSet};
use crate::prompt::Prompt;
use crate::remark::Remark;

/// The number of names that are listed; the rest are only counted.
const NAMED: usize = 10;

/// One prompt in both trees.
pub(super) struct Both<'a> {
    pub old: Option<&'a Prompt>,
    pub new: &'a Prompt,
    pub before: Option<&'a GoldenSet>,
    pub after: Option<&'a GoldenSet>,
    /// The head's judge: its text and its model are distinguished.
    pub judge: Option<&'a Judge>,
    /// The floors and limits of prompts that declare none, in the base and in the head.
    pub policies: (&'a GatePolicy, &'a GatePolicy),
}

/// What moved for one prompt.
pub(super) fn of_prompt(both: &Both<'_>) -> Vec<MovedBar> {
    let mut bars = match both.old {
        Some(old) => declared(old, both),
        None => undercut(both),
    };
    match (both.old.and_then(|old| old.golden.as_ref()), both.before, both.after) {
        (Some(path), before, None) => {
            // An unreadable set may contain such cases.
            let must_pass = before.is_none_or(|before| before.cases.iter().any(|case| case.must_pass));
            let what = Remark::new("the golden set ").name(path).and(" is removed");
            bars.push(MovedBar { removes_cases: true, ..bar(of_golden(must_pass), what, true) });
        }
        (_, Some(before), Some(after)) => {
            bars.extend(removed(before, after));
            bars.extend(of_cases(both, before, after));
        }
        _ => {}
    }
    for bar in &mut bars {
        bar.prompt = Some(both.new.id.clone());
    }
    bars
}

/// A removed prompt with must-pass cases: the prompt that replaces it is not tested with them.
pub(super) fn of_removed(old: &Prompt, before: Option<&GoldenSet>) -> Option<MovedBar> {
    old.golden.as_ref()?;
    let what = match before {
        Some(before) => {
            let must_pass = before.cases.iter().filter(|case| case.must_pass).count();
            if must_pass == 0 {
                return None;
            }
            Remark::new(format!("the prompt is removed, with {}", counted(must_pass, "must-pass case")))
        }
        None => Remark::new("the prompt is removed, with a golden set that cannot be read"),
    };
    Some(MovedBar { prompt: Some(old.id.clone()), ..bar(BarPart::MustPass, what, true) })
}

fn bar(part: BarPart, what: Remark, lowers: bool) -> MovedBar {
    MovedBar { part, what, lowers, ..MovedBar::default() }
}

fn of_golden(must_pass: bool) -> BarPart {
    if must_pass { BarPart::MustPass } else { BarPart::Golden }
}

/// The removed cases, if there are any.
fn removed(before: &GoldenSet, after: &GoldenSet) -> Option<MovedBar> {
    let kept: BTreeSet<&str> = after.cases.iter().map(|case| case.id.as_str()).collect();
    let gone: Vec<&Case> =
        before.cases.iter().map(AsRef::as_ref).filter(|case| !kept.contains(case.id.as_str())).collect();
    if gone.is_empty() {
        return None;
    }
    let ids: Vec<&str> = gone.iter().map(|case| case.id.as_str()).collect();
    let what = Remark::new(format!("{} removed: ", counted(ids.len(), "golden case"))).then(&listed(&ids));
    let part = of_golden(gone.iter().any(|case| case.must_pass));
    Some(MovedBar { removes_cases: true, ..bar(part, what, true) })
}

/// What the declaration itself moves.
fn declared(old: &Prompt, both: &Both<'_>) -> Vec<MovedBar> {
    let (new, (before, after)) = (both.new, both.policies);
    let mut bars = Vec::new();
    if old.min_score != new.min_score {
        let what = format!("`min_score`: {} → {}", shown(old.min_score), shown(new.min_score));
        let applies = (old.min_score.or(before.min_score), new.min_score.or(after.min_score));
        bars.push(bar(BarPart::Gate, Remark::new(what), applies.1 < applies.0));
    }
    // Over the same configuration: what that moves is listed once, not for each prompt.
    let applied = |prompt: &Prompt| prompt.budget_per_call.or(&after.budget_per_call);
    for moved in limits::moved(&applied(old), &applied(new)) {
        let what = Remark::new(moved.words("budget_per_call"));
        bars.push(bar(BarPart::Gate, what, moved.lowers_the_bar()));
    }
    if old.score != new.score {
        let what = Remark::new("how checks become a score (`score`) changed");
        bars.push(bar(BarPart::Gate, what, false));
    }
    for (key, old, new) in [
        ("models.branch", &old.models.branch, &new.models.branch),
        ("models.main", &old.models.main, &new.models.main),
        ("models.judge", &old.models.judge, &new.models.judge),
    ] {
        bars.extend(written(BarPart::Models, key, old.as_ref(), new.as_ref()));
    }
    let release = |prompt: &Prompt| prompt.release.as_ref().map(Kept::value);
    bars.extend(written(BarPart::Release, "release", release(old), release(new)));
    bars
}

/// Where a new prompt's own bar is lower than the base's configuration, which would apply to it otherwise.
fn undercut(both: &Both<'_>) -> Vec<MovedBar> {
    let (new, configured) = (both.new, both.policies.0);
    let floor = new.min_score.or(configured.min_score);
    let floor = (floor < configured.min_score)
        .then(|| format!("`min_score` of a new prompt: {} → {}", shown(configured.min_score), shown(floor)));
    let applied = new.budget_per_call.or(&configured.budget_per_call);
    let limits = limits::moved(&configured.budget_per_call, &applied).into_iter();
    let limits = limits
        .filter(limits::MovedLimit::lowers_the_bar)
        .map(|moved| format!("{} in a new prompt", moved.words("budget_per_call")));
    floor.into_iter().chain(limits).map(|what| bar(BarPart::Gate, Remark::new(what), true)).collect()
}

/// A value of the declaration, as it was and as it is.
fn written<T: PartialEq + ToString>(
    part: BarPart,
    key: &str,
    old: Option<T>,
    new: Option<T>,
) -> Option<MovedBar> {
    if old == new {
        return None;
    }
    let what = Remark::new(format!("`{key}`: ")).quote(shown(old)).and(" → ").quote(shown(new));
    Some(bar(part, what, false))
}

/// What the golden set moves.
fn of_cases(both: &Both<'_>, before: &GoldenSet, after: &GoldenSet) -> Vec<MovedBar> {
    let new_cases: BTreeMap<&str, &Case> =
        after.cases.iter().map(|case| (case.id.as_str(), case.as_ref())).collect();
    let marks = |case: &Case| case.scoring(both.new.score, both.judge).fingerprint();
    let such = |is_such: &dyn Fn(&Case, &Case) -> bool| -> Vec<&Case> {
        let cases = before.cases.iter().map(AsRef::as_ref);
        let changed =
            cases.filter(|old: &&Case| new_cases.get(old.id.as_str()).is_some_and(|new| is_such(old, new)));
        changed.collect()
    };
    [
        (such(&|old, new| marks(old) != marks(new)), "with other checks or expectations", false),
        (
            such(&|old, new| old.input != new.input || old.variables != new.variables),
            "with another input",
            false,
        ),
        (such(&|old, new| old.must_pass && !new.must_pass), "no longer must-pass", true),
        (such(&|old, new| !old.exact && new.exact), "newly `exact`: asked without neutral variations", true),
    ]
    .into_iter()
    .filter(|(cases, _, _)| !cases.is_empty())
    .map(|(cases, what, lowers)| {
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let what = Remark::new(format!("{} {what}: ", counted(ids.len(), "golden case"))).then(&listed(&ids));
        bar(of_golden(cases.iter().any(|case| case.must_pass)), what, lowers)
    })
    .collect()
}

/// The first few ids, the rest counted.
pub fn listed(ids: &[&str]) -> Remark {
    let mut list = Remark::default();
    for (index, id) in ids.iter().take(NAMED).enumerate() {
        list = list.and(if index > 0 { ", " } else { "" }).name(id);
    }
    if ids.len() > NAMED {
        list = list.and(format!(" and {} more", ids.len() - NAMED));
    }
    list
}
