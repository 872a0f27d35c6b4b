//! The wording of numbers, names and changes, the same in every format.

use super::{CaseCounts, CaseFinding, Difference, PromptReport, Rate, Revision};
use crate::change::{Cause, ChangeKind, DiffLine};
use crate::verdict::Verdict;

/// The label of answers that no language model gave.
pub const SCRIPTED_LABEL: &str =
    "No language model was called: answers come from a rules file (provider scripted).";

/// What `enforce: false` means for the reader.
pub const NOT_ENFORCED: &str = "Not enforced: this result is reported and blocks nothing (`enforce: false`).";

/// `1 case`, `2 cases`.
pub fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n as u64))
}

/// `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A share of 1 as a percentage with one decimal: `93.0 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference of shares in percentage points with its sign: `-1.0`.
pub fn points(difference: f64) -> String {
    let rounded = (difference * 1000.0).round() / 10.0;
    if rounded == 0.0 { "0.0".to_owned() } else { format!("{rounded:+.1}") }
}

/// An evidence or a capital, never negative, with three significant digits.
pub fn amount(value: f64) -> String {
    match value {
        v if v >= 1e6 => "over a million".to_owned(),
        v if v >= 1_000.0 => {
            let unit = 10_f64.powf(v.log10().floor() - 2.0);
            thousands(((v / unit).round() * unit).round() as u64)
        }
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => trimmed(format!("{value:.1}")),
        _ => trimmed(format!("{value:.2}")),
    }
}

/// A p-value: two digits, never 0.
pub fn p_value(p: f64) -> String {
    match p {
        p if p < 0.0001 => "below 0.0001".to_owned(),
        p if p < 0.01 => format!("{p:.4}"),
        p => format!("{p:.2}"),
    }
}

fn trimmed(decimal: String) -> String {
    match decimal.contains('.') {
        true => decimal.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => decimal,
    }
}

/// US dollars with their unit; an unknown price is never 0.
pub fn money(usd: Option<f64>) -> String {
    let amount = dollars(usd);
    if usd.is_some() { format!("{amount} USD") } else { amount }
}

/// US dollars for a column that names the unit.
pub fn dollars(usd: Option<f64>) -> String {
    match usd {
        None => "unknown".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(usd) if usd < 0.0001 => "below 0.0001".to_owned(),
        Some(usd) if usd < 1.0 => format!("{usd:.4}"),
        Some(usd) => format!("{usd:.2}"),
    }
}

/// `39/40`.
pub fn fraction(rate: Rate) -> String {
    format!("{}/{}", rate.passed, rate.of)
}

/// A side's result for its table cell; a stopped run's cases are not a sample for a share.
pub fn side_cell(prompt: &PromptReport, side: Option<Rate>) -> String {
    match side {
        None => "-".to_owned(),
        Some(found) if stopped_early(prompt) => fraction(found),
        Some(found) => rate(found),
    }
}

/// `93/100 (93.0 %)`; of nothing there is no share.
pub fn rate(rate: Rate) -> String {
    match rate.of {
        0 => "0/0".to_owned(),
        of => format!("{} ({})", fraction(rate), percent(rate.passed as f64 / of as f64)),
    }
}

/// `-1.0 pt (95 % CI -6.7 to +4.8)`, as sentences say it.
pub fn difference(difference: &Difference) -> String {
    let [low, high] = difference.ci95;
    format!("{} pt (95 % CI {} to {})", points(difference.estimate), points(low), points(high))
}

/// The change of a prompt for its table cell, under a head that says what the brackets hold: the
/// interval, or why there is none.
pub fn change_cell(prompt: &PromptReport) -> String {
    match &prompt.difference {
        Some(found) => {
            let [low, high] = found.ci95.map(points);
            format!("{} pt [{low}, {high}]", points(found.estimate))
        }
        None if stopped_early(prompt) => format!("stopped early: {} of {} run", prompt.screened, prompt.n),
        None => "-".to_owned(),
    }
}

/// Whether the gate ended before all compared cases were screened.
pub fn stopped_early(prompt: &PromptReport) -> bool {
    prompt.screened + prompt.lost.len() < prompt.n
}

/// `old -> new`, or the one model of both sides.
pub fn models(prompt: &PromptReport) -> Vec<&str> {
    match &prompt.head.models.baseline {
        Some(baseline) if *baseline != prompt.head.models.candidate => {
            vec![baseline, &prompt.head.models.candidate]
        }
        _ => vec![&prompt.head.models.candidate],
    }
}

/// What happened to a prompt, with the causes: `edited: text, include`.
pub fn change(kind: &ChangeKind, causes: &[Cause]) -> String {
    let kind = match kind {
        ChangeKind::Added => "added".to_owned(),
        ChangeKind::Edited => "edited".to_owned(),
        ChangeKind::Removed => "removed".to_owned(),
        ChangeKind::Renamed { from } => format!("renamed from {}", super::untrusted::quoted(from)),
    };
    let causes: Vec<&str> = causes.iter().map(|cause| cause_words(*cause)).collect();
    if causes.is_empty() { kind } else { format!("{kind}: {}", causes.join(", ")) }
}

fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Text => "text",
        Cause::Include => "included file",
        Cause::Model => "model",
        Cause::Parameters => "parameters",
        Cause::Tools => "tools",
        Cause::GoldenSet => "golden set",
        Cause::Checks => "checks",
        Cause::Judge => "judge",
        Cause::Name => "name",
    }
}

/// `60 cases: 40 to compare, 2 to score only, 18 unaffected`.
pub fn case_counts(cases: &CaseCounts) -> String {
    format!(
        "{}: {} to compare, {} to score only, {} unaffected",
        count(cases.total, "case"),
        cases.compare.len(),
        cases.score.len(),
        cases.unaffected
    )
}

/// Lines added and removed: `+3 -1`.
pub fn diff_size(diff: &[DiffLine]) -> String {
    let added = diff.iter().filter(|line| matches!(line, DiffLine::Added(_))).count();
    let removed = diff.iter().filter(|line| matches!(line, DiffLine::Removed(_))).count();
    format!("+{added} -{removed}")
}

/// The counts beside the verdict: `2 broken, 1 fixed`.
pub fn tally(prompts: &[PromptReport]) -> String {
    let sum = |of: fn(&PromptReport) -> usize| prompts.iter().map(of).sum::<usize>();
    let counted = [
        (sum(|p| p.broken.len()), "broken"),
        (sum(|p| p.must_pass.len()), "must-pass failing"),
        (sum(|p| p.unresolved.len()), "unresolved"),
        (sum(|p| p.lost.len()), "lost"),
        (sum(|p| p.fixed.len()), "fixed"),
    ];
    let parts: Vec<String> =
        counted.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let mixed = prompts.iter().any(|p| p.verdict == Verdict::Regression && fixes_are_significant(p));
    format!("{}{}", if mixed { "mixed: " } else { "" }, parts.join(", "))
}

/// One-sided exact sign test of the fixes against the breaks, at 5 %: it only chooses a title.
fn fixes_are_significant(prompt: &PromptReport) -> bool {
    let (fixed, worse) = (prompt.fixed.len(), prompt.broken.len());
    let pairs = fixed + worse;
    let mut term = 0.5_f64.powi(pairs as i32);
    let mut tail = 0.0;
    for j in 0..=worse {
        tail += term;
        term *= (pairs - j) as f64 / (j + 1) as f64;
    }
    pairs > 0 && tail <= 0.05
}

/// Fresh re-runs of a case: `baseline 3/3, candidate 0/3 on re-run`.
pub fn reruns(case: &CaseFinding) -> Option<String> {
    let side = |name: &str, rate: Option<Rate>| rate.map(|rate| format!("{name} {}", fraction(rate)));
    let sides: Vec<String> =
        [side("baseline", case.baseline_reruns), side("candidate", case.candidate_reruns)]
            .into_iter()
            .flatten()
            .collect();
    (!sides.is_empty()).then(|| format!("{} on re-run", sides.join(", ")))
}

/// `abc1234`, or the name with the commit it stands for.
pub fn revision(revision: &Revision) -> String {
    match &revision.commit {
        Some(commit) if !commit.starts_with(&revision.name) => {
            format!("{} ({})", revision.name, commit.get(..12).unwrap_or(commit))
        }
        _ => revision.name.clone(),
    }
}

/// The symbol before a verdict in a heading.
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✓",
        Verdict::Improved => "▲",
        Verdict::Inconclusive => "?",
        Verdict::Mixed => "±",
        Verdict::Regression => "✗",
        Verdict::NotMeasured => "!",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_read_them() {
        assert_eq!(count(1, "case"), "1 case");
        assert_eq!(count(1200, "call"), "1,200 calls");
        assert_eq!(points(-0.0104), "-1.0");
        assert_eq!(points(-0.0001), "0.0");
        assert_eq!(points(0.048), "+4.8");
        assert_eq!(
            [amount(0.76), amount(20.0), amount(45.23), amount(999.7), amount(123_456.0), amount(1e300)],
            ["0.76", "20", "45.2", "1000", "123,000", "over a million"]
        );
        assert_eq!([p_value(1e-9), p_value(0.0017), p_value(0.4)], ["below 0.0001", "0.0017", "0.40"]);
    }

    #[test]
    fn an_unknown_price_is_not_zero() {
        assert_eq!(money(None), "unknown");
        assert_eq!(money(Some(0.0)), "0 USD");
        assert_eq!(money(Some(0.00004)), "below 0.0001 USD");
        assert_eq!(money(Some(12.5)), "12.50 USD");
    }

    #[test]
    fn a_regression_with_significant_fixes_is_mixed() {
        let mut prompt = crate::report::examples::confirmed_breaks().prompts.remove(0);
        assert_eq!(tally(std::slice::from_ref(&prompt)), "2 broken, 1 fixed");
        prompt.fixed = vec![prompt.fixed[0].clone(); 9];
        assert_eq!(tally(std::slice::from_ref(&prompt)), "mixed: 2 broken, 9 fixed");
    }

    #[test]
    fn lists_read_as_sentences() {
        let items = |n: usize| ["a", "b", "c"][..n].iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(&items(1)), "a");
        assert_eq!(listed(&items(2)), "a and b");
        assert_eq!(listed(&items(3)), "a, b and c");
    }
}
