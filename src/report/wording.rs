//! The wording of numbers, names and changes, the same in every format.

use super::{CaseCounts, CaseFinding, Cost, PromptReport, Rate, Revision};
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

/// A problem as it is printed, on one line: its place in brackets, what to do after a semicolon, without the line of the file.
pub fn in_a_line(block: &str) -> String {
    let mut lines = block.lines();
    let first = lines.next().unwrap_or_default();
    let mut said = capitalised(first.strip_prefix("warning: ").unwrap_or(first));
    for line in lines {
        match line.trim_start().split_once(' ') {
            Some(("-->", place)) => said.push_str(&format!(" ({place})")),
            Some(("=", help)) => said.push_str(&format!("; {help}")),
            Some(("|", _)) => {}
            _ => said.push_str(&format!("\n{line}")),
        }
    }
    said
}

/// The text with a capital at its beginning, unless it begins with an identifier: a model's id, a path or a key stays as it is.
pub fn capitalised(text: &str) -> String {
    let word =
        text.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ',', ':', ';', '?', '!']);
    let is_identifier = word.contains(|c: char| ".:/_=".contains(c) || c.is_ascii_digit());
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_identifier => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
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

/// Whether the gate ended before all compared cases were screened.
pub fn stopped_early(prompt: &PromptReport) -> bool {
    prompt.screened + prompt.lost.len() < prompt.n
}

/// The models of both sides, if the change exchanges them.
pub fn exchanged_models(prompt: &PromptReport) -> Option<[&str; 2]> {
    let models = &prompt.head.models;
    let old = models.baseline.as_deref().filter(|old| *old != models.candidate)?;
    Some([old, &models.candidate])
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

/// `60 cases: 40 compared, 2 only scored, 18 unaffected`.
pub fn case_counts(cases: &CaseCounts) -> String {
    format!(
        "{}: {} compared, {} only scored, {} unaffected",
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

/// What asking a case again has shown: `asked again: old 3 of 3, new 0 of 3`.
pub fn reruns(case: &CaseFinding) -> Option<String> {
    let sides = both_reruns(case);
    (!sides.is_empty()).then(|| format!("asked again: {sides}"))
}

/// `old 3 of 3, new 0 of 3`; empty if it was not asked again.
pub fn both_reruns(case: &CaseFinding) -> String {
    both_reruns_of(case, ["old", "new"])
}

/// The same with names of the sides.
pub fn both_reruns_of(case: &CaseFinding, [old, new]: [&str; 2]) -> String {
    let side = |name: &str, rate: Option<Rate>| rate.map(|rate| format!("{name} {}", times(rate)));
    let sides = [side(old, case.baseline_reruns), side(new, case.candidate_reruns)];
    sides.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `3 of 4`.
pub fn times(rate: Rate) -> String {
    format!("{} of {}", rate.passed, rate.of)
}

/// A share as a bar of Unicode blocks, 20 wide. Only all of them fill it, and only none leave it empty.
pub fn bar(rate: Rate) -> String {
    const HALVES: usize = 40;
    let halves = match rate {
        Rate { of: 0, .. } => 0,
        Rate { passed, of } if passed >= of => HALVES,
        Rate { passed: 0, .. } => 0,
        Rate { passed, of } => ((2 * passed * HALVES + of) / (2 * of)).clamp(1, HALVES - 1),
    };
    let half = if halves % 2 == 1 { "▌" } else { "" };
    let (full, rest) = (halves / 2, (HALVES - halves) / 2);
    format!("{}{half}{}", "█".repeat(full), "░".repeat(rest))
}

/// What a run or a prompt cost, or would have cost.
pub fn cost(cost: &Cost) -> String {
    match (cost.hypothetical, cost.spent_usd) {
        (false, usd) => format!("cost {}", money(usd)),
        (true, Some(usd)) => format!("would have cost {}; nothing was paid", money(Some(usd))),
        (true, None) => "nothing was paid".to_owned(),
    }
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

/// The symbol before a verdict in a heading of Markdown.
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Improved => "✅",
        Verdict::Mixed => "⚖️",
        Verdict::Inconclusive => "❓",
        Verdict::Regression => "❌",
        Verdict::NotMeasured => "⚠️",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Mark, Problem};

    #[test]
    fn a_problem_keeps_its_place_and_its_help_on_one_line() {
        let problem = Problem::warning("`tags` is not read").at("p.yaml", "a\ntags: [b]\n", Mark::new(2, 1));
        let problem = problem.help("take it out");
        assert_eq!(in_a_line(&problem.to_string()), "`tags` is not read (p.yaml:2:1); take it out");
        assert_eq!(in_a_line("Nothing differs."), "Nothing differs.");
    }

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
    fn a_bar_is_full_only_for_all_and_empty_only_for_none() {
        let bar = |passed, of| bar(Rate { passed, of });
        assert_eq!(bar(48, 50), "███████████████████░");
        assert_eq!(bar(39, 40), "███████████████████▌");
        assert_eq!(bar(41, 50), "████████████████▌░░░");
        assert_eq!(bar(999, 1000), "███████████████████▌");
        assert_eq!(bar(1, 1000), "▌░░░░░░░░░░░░░░░░░░░");
        assert_eq!([bar(7, 7), bar(0, 7), bar(0, 0)].concat(), "█".repeat(20) + &"░".repeat(40));
        for of in 1..60 {
            assert!((0..=of).all(|passed| bar(passed, of).chars().count() == 20));
        }
    }

    #[test]
    fn what_nobody_paid_is_not_called_a_cost() {
        let cost =
            |spent_usd, hypothetical| super::cost(&Cost { spent_usd, hypothetical, ..Cost::nothing() });
        assert_eq!(cost(Some(0.0435), false), "cost 0.0435 USD");
        assert_eq!(cost(None, false), "cost unknown");
        assert_eq!(cost(Some(0.0435), true), "would have cost 0.0435 USD; nothing was paid");
        assert_eq!(cost(None, true), "nothing was paid");
    }

    #[test]
    fn lists_read_as_sentences() {
        let items = |n: usize| ["a", "b", "c"][..n].iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(&items(1)), "a");
        assert_eq!(listed(&items(2)), "a and b");
        assert_eq!(listed(&items(3)), "a, b and c");
    }

    #[test]
    fn an_identifier_keeps_its_first_letter() {
        for (text, expected) in [
            ("a policy denies it.", "A policy denies it."),
            ("on-demand calls", "On-demand calls"),
            ("done. next", "Done. next"),
            ("us.anthropic.claude-haiku-4-5 is gone", "us.anthropic.claude-haiku-4-5 is gone"),
            ("prompts.yaml:3 is new", "prompts.yaml:3 is new"),
            ("gate.net: 2", "gate.net: 2"),
        ] {
            assert_eq!(capitalised(text), expected);
        }
    }
}
