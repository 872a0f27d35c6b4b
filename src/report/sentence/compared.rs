//! Why, by comparison: what asking both prompts again, side by side, has shown.

use super::{is_graded, moved, named};
use crate::report::untrusted::quoted;
use crate::report::wording::{both_reruns, count, p_value, points, stopped_early, times};
use crate::report::{CaseFinding, CaseStatus, EscalationReport, PromptReport, Rate};

/// Weakest cases that a sentence names.
const WEAKEST: usize = 3;

pub(super) fn confirmed_breaks(p: &PromptReport) -> String {
    let old = added(p.broken.iter().filter_map(|case| case.baseline_reruns));
    let new = added(p.broken.iter().filter_map(|case| case.candidate_reruns));
    let cases = match p.broken.len() {
        0 => "the suspicious cases were".to_owned(),
        1 => format!("{} was", quoted(&p.broken[0].id)),
        n => format!("the {n} cases were"),
    };
    let verb = if is_graded(p) { "kept its score in" } else { "passed" };
    let found = match new.of {
        0 => "the new prompt did worse again".to_owned(),
        _ => format!("the old prompt {verb} {}, the new one {}", times(old), times(new)),
    };
    let early = match stopped_early(p) {
        true => format!(" This was clear after {} of {}.", p.screened, count(p.n, "case")),
        false => String::new(),
    };
    format!("Not bad luck: {cases} asked again, fresh: {found}.{early}")
}

fn added(rates: impl Iterator<Item = Rate>) -> Rate {
    rates.fold(Rate { passed: 0, of: 0 }, |sum, rate| Rate {
        passed: sum.passed + rate.passed,
        of: sum.of + rate.of,
    })
}

/// Both sides of a trade are confirmed, and a person must weigh them.
pub(super) fn trade(p: &PromptReport) -> String {
    let Some(trade) = p.trade else {
        return "Some cases broke and others were fixed, and both came out so again when asked again."
            .to_owned();
    };
    let fixes: Vec<&CaseFinding> = confirmed_fixes(p).collect();
    let reruns = |cases: &[&CaseFinding]| {
        let side = |of: fn(&CaseFinding) -> Option<Rate>| added(cases.iter().filter_map(|case| of(case)));
        format!(
            "old {}, new {}",
            times(side(|case| case.baseline_reruns)),
            times(side(|case| case.candidate_reruns))
        )
    };
    let broken: Vec<&CaseFinding> = p.broken.iter().collect();
    if trade.fixes == 0 {
        return format!(
            "Asked again, fresh, the {} stayed broken ({}). Earlier edits turned such cases, too, though seldom, so this may \
             be the edit's doing or not.",
            count(trade.breaks, "broken case"),
            reruns(&broken),
        );
    }
    format!(
        "Not luck: asked again, fresh, the {} stayed fixed ({}), the {} stayed broken ({}). On balance {:+.1} cases of {}.",
        count(trade.fixes, "fixed case"),
        reruns(&fixes),
        count(trade.breaks, "broken case"),
        reruns(&broken),
        trade.net,
        p.n
    )
}

/// Fixes that came out so again in fresh pairs.
pub fn confirmed_fixes(p: &PromptReport) -> impl Iterator<Item = &CaseFinding> {
    p.fixed.iter().filter(|case| case.status == CaseStatus::FixConfirmed)
}

/// Only cases that change with any edit broke.
pub(super) fn marginal_breaks(p: &PromptReport) -> String {
    let cases: Vec<&CaseFinding> = p.broken.iter().chain(&p.unresolved).collect();
    let (fail, they, do_not) = match cases.len() {
        1 => ("fails", "it", "it does"),
        _ => ("fail", "they", "they do"),
    };
    format!(
        "{} {fail} now, but {they} changed with earlier harmless edits, too, so {do_not} not block alone. {}",
        named(cases.iter().map(|case| case.id.as_str())),
        visible(p)
    )
}

pub(super) fn overall_drop(p: &PromptReport) -> String {
    let shown = match p.escalation {
        Some(pairs) => format!("Not bad luck: asked again, {}", side_by_side(pairs)),
        None => {
            let chance = p
                .p_screen
                .map(|p| format!("; by chance alone that has probability {}", p_value(p)))
                .unwrap_or_default();
            format!("Not bad luck: both prompts were asked afresh, and {}{chance}", moved(p))
        }
    };
    let weakest = weakest(p);
    let named: Vec<String> = weakest.iter().take(WEAKEST).copied().map(with_reruns).collect();
    let (noun, rest) = match weakest.len() {
        0 => return format!("{shown}."),
        1 => ("Weakest case", String::new()),
        n if n > WEAKEST => ("Weakest cases", format!(" and {} more", n - WEAKEST)),
        _ => ("Weakest cases", String::new()),
    };
    format!("{shown}. {noun}: {}{rest}.", named.join(", "))
}

/// `side by side, the old prompt did better 24 times, the new one 5 times`.
fn side_by_side(pairs: EscalationReport) -> String {
    format!(
        "side by side, the old prompt did better {}, the new one {}",
        count(pairs.baseline_better, "time"),
        if pairs.candidate_better == 0 { "never".to_owned() } else { count(pairs.candidate_better, "time") }
    )
}

/// The cases that looked worse and did not pass each time they were asked again, the worst first.
pub fn weakest(p: &PromptReport) -> Vec<&CaseFinding> {
    let suspects = [&p.broken, &p.unresolved, &p.flaky].into_iter().flatten();
    let mut cases: Vec<&CaseFinding> = suspects.filter(|case| !case.passed_every_rerun()).collect();
    cases.sort_by(|a, b| loss(b).total_cmp(&loss(a)));
    cases
}

/// By how much the new prompt passes less often when asked again, -1 to 1.
fn loss(case: &CaseFinding) -> f64 {
    let share = |rate: Option<Rate>| rate.filter(|r| r.of > 0).map(|r| r.passed as f64 / r.of as f64);
    // A case that failed once and was not asked again is between one that failed again and one that did not.
    share(case.baseline_reruns).unwrap_or(1.0) - share(case.candidate_reruns).unwrap_or(0.5)
}

/// `` `c16` (old 4 of 4, new 1 of 4)``.
fn with_reruns(case: &CaseFinding) -> String {
    match both_reruns(case) {
        sides if sides.is_empty() => quoted(&case.id),
        sides => format!("{} ({sides})", quoted(&case.id)),
    }
}

pub(super) fn passes_only_when_varied(p: &PromptReport) -> String {
    let worse = if p.n == 0 { "failed" } else { "got worse" };
    let groups = p.contrast.map_or(String::new(), |c| {
        format!(
            "Of {} sent exactly as production sends them {} {worse}; of {} with a space or a line break more {}. ",
            count(c.plain_of, "case"),
            c.plain_worse,
            c.varied_of,
            c.varied_worse
        )
    });
    format!("{groups}The prompt seems to notice that it is tested.")
}

pub(super) fn no_regression_found(p: &PromptReport) -> String {
    let mut said = vec![suspects(p)];
    if let (Some(old), Some(new)) = (p.baseline, p.candidate)
        && old.of == new.of
        && new.passed > old.passed
    {
        said.push(format!("{} more than before.", passes(new.passed - old.passed)));
    }
    if is_graded(p)
        && let Some(found) = &p.difference
    {
        said.push(format!("The mean score changed by {} points.", points(found.estimate)));
    }
    said.push(visible(p));
    said.retain(|sentence| !sentence.is_empty());
    said.join(" ")
}

/// `3 cases pass`.
fn passes(n: usize) -> String {
    format!("{} {}", count(n, "case"), if n == 1 { "passes" } else { "pass" })
}

/// What became of the cases that looked worse at first.
fn suspects(p: &PromptReport) -> String {
    let (passed, mixed): (Vec<&CaseFinding>, Vec<&CaseFinding>) =
        p.flaky.iter().partition(|case| case.passed_every_rerun());
    let mut said = Vec::new();
    if !passed.is_empty() {
        said.push(format!(
            "{} failed once and passed when asked again ({})",
            count(passed.len(), "case"),
            named(passed.iter().map(|case| case.id.as_str()))
        ));
    }
    if !mixed.is_empty() {
        said.push(format!(
            "{} passed in some repetitions and not in others, too few to tell ({})",
            count(mixed.len(), "case"),
            named(mixed.iter().map(|case| case.id.as_str()))
        ));
    }
    if !p.drifting.is_empty() {
        let verb = if p.drifting.len() == 1 { "fails" } else { "fail" };
        said.push(format!("{} {verb} with the old prompt, too", count(p.drifting.len(), "case")));
    }
    match said.is_empty() {
        true => "No case got worse.".to_owned(),
        false => format!("{}.", said.join("; ")),
    }
}

/// What so many cases can show; below 30 there is no figure (docs/statistics.md).
fn visible(p: &PromptReport) -> String {
    match p.smallest_visible_drop {
        Some(drop) if p.n >= 30 => format!(
            "With {}, a drop of {:.0} points over all of them would be found four times in five; smaller ones can hide.",
            count(p.n, "case"),
            drop * 100.0
        ),
        _ => format!("With {} only large drops are visible.", count(p.n, "case")),
    }
}

pub(super) fn improved(p: &PromptReport) -> String {
    let against = if p.paid { "the old prompt" } else { "the stored answers of the old prompt" };
    let by = match &p.difference {
        Some(d) if is_graded(p) => format!(": the mean score changed by {} points", points(d.estimate)),
        _ => String::new(),
    };
    format!("More than luck explains, compared with {against}{by}. No case is suspected of being worse.")
}

pub(super) fn drop_not_reproduced(p: &PromptReport) -> String {
    let looked = match (p.baseline, p.candidate) {
        (Some(b), Some(c)) if c.passed < b.passed => format!("The first answers looked worse ({})", moved(p)),
        _ => "Some first answers looked worse".to_owned(),
    };
    let pairs = p.escalation.map_or(String::new(), |pairs| format!(": {}", side_by_side(pairs)));
    let open = if p.unresolved.is_empty() { String::new() } else { format!(" {}", open_suspects(p)) };
    format!("{looked}, but asking both again did not repeat it{pairs}.{open}")
}

pub(super) fn drop_unresolved(p: &PromptReport) -> String {
    let pairs = p.escalation.map_or("the calls that are permitted were not enough".to_owned(), side_by_side);
    format!("Asked again, {pairs}: too close to call ({} at first).", moved(p))
}

pub(super) fn suspects_unresolved(p: &PromptReport) -> String {
    format!("{} Over all: {}.", open_suspects(p), moved(p))
}

fn open_suspects(p: &PromptReport) -> String {
    let named: Vec<String> = p.unresolved.iter().take(WEAKEST).map(with_reruns).collect();
    let more = match p.unresolved.len().saturating_sub(WEAKEST) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("Neither a break nor a chance result: {}{more}.", named.join(", "))
}
