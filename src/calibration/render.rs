//! The figures of a calibration as a person reads them.

use super::figures::{Agreement, Calibration};
use super::power::{JudgeErrors, JudgeVotes, power};

/// Misjudged answers that are listed.
const LISTED: usize = 20;

/// The report of one judge. `cases`: how many cases of the golden sets ask it; `least`: the agreement below which a
/// warning stands.
pub fn render(figures: &Calibration, cases: usize, least: f64) -> String {
    let who = if figures.models.is_panel() { "Judges" } else { "Judge" };
    let mut lines = vec![format!("{who} {}: {}", figures.models, headline(figures))];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<22}{text}"));
    let rate = |rate: Option<Agreement>, none: &str| rate.map_or_else(|| none.to_owned(), percent);
    line("sensitivity", format!("{} of the answers that people pass", rate(figures.sensitivity, "no label")));
    line("specificity", format!("{} of the answers that people fail", rate(figures.specificity, "no label")));
    if figures.models.is_panel() {
        for of in &figures.votes {
            let rate = |found| rate(found, "no label");
            let text = format!(
                "{}: agrees in {}, sensitivity {}, specificity {}",
                one_line(&of.model),
                rate(of.agreement),
                rate(of.sensitivity),
                rate(of.specificity)
            );
            line("alone", text);
        }
    }
    if let Some(kappa) = figures.kappa {
        line("Cohen's kappa", format!("{:.2} [{:.2}, {:.2}]", kappa.value, kappa.low, kappa.high));
    }
    if let Some(share) = figures.self_agreement {
        line("agrees with itself", format!("{:.0} % of pairs of votes on one answer", 100.0 * share));
    }
    if let Some(first) = figures.first_preferred {
        line("prefers the first", format!("{} of its preferences; 50 % shows no bias", percent(first)));
    }
    if figures.unreadable > 0 {
        line("unreadable", format!("{} of {} answers", figures.unreadable, figures.labels));
    }
    let cost =
        figures.usd_per_vote.map_or("unknown: the model has no price".to_owned(), |usd| format!("${usd:.6}"));
    line("cost of a judgement", cost);
    for (name, agreement) in figures.criteria.iter().take(5) {
        line("criterion", format!("{}: {}", one_line(name), percent(*agreement)));
    }
    if let Some(judge) = votes(figures) {
        let errors = vec![JudgeErrors { sensitivity: 1.0, specificity: 1.0 }];
        let (ours, perfect) = (power(cases, &judge), power(cases, &JudgeVotes { errors, ..judge }));
        line(
            "the gate with it",
            format!(
                "{cases} cases: finds one broken case in {:.0} % of evaluations ({:.0} % with a perfect judge), blocks a \
                 change that changes nothing in {:.1} %, {:.0} votes for such a change",
                100.0 * ours.found,
                100.0 * perfect.found,
                100.0 * ours.false_block,
                ours.votes
            ),
        );
    }
    if let Some(agreement) = figures.agreement.filter(|agreement| agreement.value < least) {
        lines.push(format!(
            "  Warning: it agrees with people in {:.0} % of answers, less than {:.0} %: correct its prompt or its rubrics, or take \
             another model, before you trust its verdicts.",
            100.0 * agreement.value,
            100.0 * least
        ));
    }
    for wrong in figures.misjudged.iter().take(LISTED) {
        let (people, judge) = if wrong.people_pass { ("pass", "fails") } else { ("fail", "passes") };
        lines.push(format!(
            "  {}: {}/{}: people {people} it, the judge {judge} it: {}",
            one_line(&wrong.place),
            one_line(&wrong.prompt),
            one_line(&wrong.case),
            one_line(&wrong.reason)
        ));
    }
    if let Some(more) = figures.misjudged.len().checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}

/// How often its votes err; `None`: not known of all.
fn votes(figures: &Calibration) -> Option<JudgeVotes> {
    let errors = figures.votes.iter().map(|of| {
        Some(JudgeErrors { sensitivity: of.sensitivity?.value, specificity: of.specificity?.value })
    });
    let errors = errors.collect::<Option<Vec<JudgeErrors>>>().filter(|errors| !errors.is_empty())?;
    Some(JudgeVotes { panel: figures.panel, errors })
}

fn headline(figures: &Calibration) -> String {
    match figures.agreement {
        Some(agreement) => {
            let verb = if figures.models.is_panel() { "together agree" } else { "agrees" };
            format!("{verb} with people {}, n={}", percent(agreement), agreement.n)
        }
        None => "none of its answers could be read".to_owned(),
    }
}

/// `93 % [88, 96]`.
fn percent(rate: Agreement) -> String {
    format!("{:.0} % [{:.0}, {:.0}]", 100.0 * rate.value, 100.0 * rate.low, 100.0 * rate.high)
}

fn one_line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
