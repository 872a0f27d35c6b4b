//! The self-test as a person reads it.

use super::Aim;
use super::figures::{BlockRate, Comparison, Selftest};
use crate::report::untrusted::{quoted, terminal_line};
use crate::report::wording::{count, times};
use crate::verdict::Verdict;

/// Marginal cases that are named.
const NAMED: usize = 8;

/// The report of one prompt.
pub fn render(found: &Selftest) -> String {
    let mut lines = vec![format!(
        "Self-test of {} with {}, {}",
        quoted(&found.prompt),
        terminal_line(&found.model),
        count(found.cases, "case")
    )];
    section(&mut lines, "The prompt against itself, asked again", found, Aim::Itself, itself(found));
    section(&mut lines, "Edits without meaning", found, Aim::Edit, edits(found));
    section(&mut lines, "Planted breaks", found, Aim::Break, breaks(found));
    if !found.not_applicable.is_empty() {
        lines.push(format!("\nNot applicable to this text: {}.", found.not_applicable.join(", ")));
    }
    lines.push(format!("\n{}", marginal(found)));
    if found.as_written.of > 0 && found.varied.of > 0 {
        lines.push(format!(
            "White space: {} cases sent as written pass, {} with neutral white space.",
            times(found.as_written),
            times(found.varied)
        ));
    }
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, title: &str, found: &Selftest, aim: Aim, summary: String) {
    lines.push(format!("\n{title}: {summary}"));
    if aim != Aim::Itself {
        lines.extend(found.about(aim).map(line));
    }
}

fn itself(found: &Selftest) -> String {
    match found.about(Aim::Itself).next() {
        Some(one) if one.is_measured() => {
            let was = if one.blocked { "blocked" } else { "not blocked" };
            format!("{was} ({}; {} worse, {} better at first)", one.verdict.words(), one.worse, one.better)
        }
        _ => "not measured".to_owned(),
    }
}

fn edits(found: &Selftest) -> String {
    let Some(rate) = found.rate(Aim::Edit) else { return "none could be measured".to_owned() };
    let mixed = found.about(Aim::Edit).filter(|one| one.verdict == Verdict::Mixed && !one.blocked).count();
    let mixed = if mixed == 0 { String::new() } else { format!("; {mixed} more MIXED") };
    format!("{} blocked{}{mixed}", of(rate), interval(rate))
}

fn breaks(found: &Selftest) -> String {
    let Some(rate) = found.rate(Aim::Break) else { return "none could be measured".to_owned() };
    let unnoticed = found.about(Aim::Break).filter(|one| one.is_measured() && one.worse == 0).count();
    let unnoticed = match unnoticed {
        0 => String::new(),
        n => format!("; {n} changed no case for the worse, so that the golden set cannot show it"),
    };
    format!("{} found{unnoticed}", of(rate))
}

fn of(rate: BlockRate) -> String {
    format!("{} of {}", rate.blocked, rate.of)
}

/// `, 9 % [2, 38]`.
fn interval(rate: BlockRate) -> String {
    let [low, high] = rate.ci95;
    format!(
        ", {:.0} % [{:.0}, {:.0}]",
        100.0 * rate.blocked as f64 / rate.of as f64,
        100.0 * low,
        100.0 * high
    )
}

fn line(one: &Comparison) -> String {
    let broken = match one.broken.as_slice() {
        [] => String::new(),
        [case] => format!("; breaks {}", quoted(case)),
        [case, others @ ..] => format!("; breaks {} and {}", quoted(case), count(others.len(), "other")),
    };
    format!(
        "  {:<26}{:<14}{:>3} worse, {:>3} better{broken}",
        one.name,
        one.verdict.words(),
        one.worse,
        one.better
    )
}

fn marginal(found: &Selftest) -> String {
    let n = found.marginal.len();
    if n == 0 {
        return "No case is marginal for this model.".to_owned();
    }
    let name = |(case, passes): &(String, crate::stability::Passes)| {
        format!("{} ({} of {})", quoted(case), passes.passed, passes.of)
    };
    let named: Vec<String> = found.marginal.iter().take(NAMED).map(name).collect();
    let more = if n > NAMED { format!(" and {} more", n - NAMED) } else { String::new() };
    let (is, they) = if n == 1 { ("is", "it turns") } else { ("are", "they turn") };
    format!(
        "{n} of {} {is} marginal for this model, because {they} with any edit: {}{more}.",
        count(found.cases, "case"),
        named.join(", ")
    )
}
