//! What a comparison says, in plain words: sides by their letter, prompts by their name.

use super::{Comparison, Finding, LeftOut, Row, Why};
use crate::report::sentence::{is_graded, weakest, whose_answers};
use crate::report::untrusted::quoted;
use crate::report::wording::{count, listed, percent, points, times};
use crate::report::{CaseFinding, PromptReport, Rate};
use crate::verdict::Reason;

/// Names in a sentence before the rest is only counted.
const NAMED: usize = 6;

impl Finding {
    /// In a table.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::NoDifference => "no difference seen",
            Self::Mixed => "mixed",
            Self::Undecided => "undecided",
            Self::NotMeasured => "not measured",
        }
    }

    /// A sign that any terminal has.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Worse => "✗",
            Self::Better => "✓",
            Self::NoDifference => "=",
            Self::Mixed => "±",
            Self::Undecided => "?",
            Self::NotMeasured => "!",
        }
    }
}

/// What one side is against the first over all prompts, with the most important finding; `None`: it asks the same
/// as the first.
pub(super) fn headline(found: &Comparison, side: usize) -> Option<(Finding, String)> {
    let letter = Comparison::letter(side);
    let all: Vec<(&str, &Row)> =
        found.prompts.iter().map(|prompt| (prompt.id.as_str(), &prompt.rows[side])).collect();
    let findings: Vec<(&str, Finding, &PromptReport)> = all
        .iter()
        .filter_map(|(id, row)| row.against.as_ref().map(|against| (*id, against.finding, &against.pair)))
        .collect();
    let worst = findings.iter().map(|(_, finding, _)| *finding).min()?;
    if let [(id, finding, pair)] = findings.as_slice() {
        let id = quoted(id);
        let short = short(pair, letter);
        let text = match finding {
            Finding::Worse => format!("{letter} is worse than A for {id}: {short}"),
            Finding::Better => format!("{letter} is better than A for {id}: {short}"),
            Finding::NoDifference => format!("No difference seen between A and {letter} for {id}: {short}"),
            Finding::Mixed => {
                format!("{letter} is worse than A in some cases of {id} and better in others: {short}")
            }
            Finding::Undecided => format!("Undecided whether {letter} is worse than A for {id}: {short}"),
            Finding::NotMeasured => format!("Not measured, A against {letter} for {id}: {short}"),
        };
        return Some((worst, text));
    }
    let mut parts = Vec::new();
    let order = [
        Finding::Worse,
        Finding::NotMeasured,
        Finding::Mixed,
        Finding::Undecided,
        Finding::Better,
        Finding::NoDifference,
    ];
    for wanted in order {
        let such: Vec<&str> =
            findings.iter().filter(|(_, finding, _)| *finding == wanted).map(|(id, _, _)| *id).collect();
        if such.is_empty() {
            continue;
        }
        let names =
            if wanted == Finding::NoDifference { String::new() } else { format!(" ({})", names(&such)) };
        parts.push(format!("{} for {}{names}", wanted.word(), such.len()));
    }
    let prompts = count(findings.len(), "prompt");
    Some((worst, format!("{letter} against A, {prompts}: {}", parts.join(", "))))
}

/// The rule that decided, in a clause about the side `b`.
pub(super) fn short(p: &PromptReport, b: char) -> String {
    let cases = |n: usize| format!("{n} of {}", count(p.n, "case"));
    match p.reason {
        Reason::ConfirmedBreaks if p.broken.is_empty() => "several cases are worse".to_owned(),
        // The gate stops asking again when it is sure.
        Reason::ConfirmedBreaks => {
            let verb = if is_graded(p) { "it scores lower in" } else { "it breaks" };
            let least = if p.unresolved.is_empty() { "" } else { " at least" };
            format!("{verb}{least} {}", cases(p.broken.len()))
        }
        Reason::OverallDrop => format!("fewer cases pass over all ({})", moved(p)),
        Reason::MustPass => match p.must_pass.as_slice() {
            [one] => format!("it fails the must-pass case {}", quoted(&one.id)),
            several => format!("it fails {} must-pass cases", several.len()),
        },
        Reason::PassesOnlyWhenVaried => {
            "it does better with a space or a line break more than as it is sent".to_owned()
        }
        Reason::Trade | Reason::TradeFloorUnresolved | Reason::TradeBudgetPerCallUnresolved => {
            match p.trade {
                Some(trade) => format!("it breaks {} and fixes {}", count(trade.breaks, "case"), trade.fixes),
                None => moved(p),
            }
        }
        Reason::SuspectsUnresolved => {
            let n = count(p.unresolved.len(), "case");
            format!("{n} looked worse, and asking again did not settle it")
        }
        Reason::OverallDropUnresolved | Reason::OverallDropNotReproduced => moved(p),
        Reason::LostCalls => format!("{} got no usable answer", count(p.lost.len(), "case")),
        Reason::EmptyOrCut => format!("most answers of {b} are empty or cut"),
        Reason::JudgeUnreadable => format!("{} could not be read", whose_answers(&p.head.models)),
        Reason::Budget => "the budget ended first".to_owned(),
        Reason::Interrupted | Reason::ShardMissing => "the run ended first".to_owned(),
        Reason::Fatal => "no call can succeed".to_owned(),
        // What passes; the reasons of floors, names and golden sets do not come up in a comparison.
        _ => moved(p),
    }
}

/// `30 of 30 cases pass with A, 22 of 30 with B`.
fn moved(p: &PromptReport) -> String {
    match (p.baseline, p.candidate) {
        (Some(a), Some(b)) if a.of == b.of => {
            format!("{} → {} of {} pass", a.passed, b.passed, count(b.of, "case"))
        }
        (Some(a), Some(b)) => format!("{} → {} pass", times(a), times(b)),
        _ => "nothing was asked".to_owned(),
    }
}

/// Why, in sentences: what asking again has shown, the difference, and what so many cases can show.
pub(super) fn why(p: &PromptReport, finding: Finding, b: char) -> Vec<String> {
    let mut said = Vec::new();
    let suspects: Vec<&CaseFinding> = match finding {
        Finding::Worse | Finding::Mixed => p.broken.iter().chain(&p.must_pass).collect(),
        _ => p.unresolved.iter().collect(),
    };
    let suspects = if suspects.is_empty() { weakest(p) } else { suspects };
    let (of_a, of_b) =
        (added(&suspects, |case| case.baseline_reruns), added(&suspects, |case| case.candidate_reruns));
    if of_b.of > 0 {
        let again = |case: &&&CaseFinding| case.candidate_reruns.is_some_and(|rate| rate.of > 0);
        let noun = match suspects.iter().filter(again).count() {
            1 => "that case".to_owned(),
            n => format!("{n} such cases"),
        };
        let a = if of_a.of > 0 { format!("A passed {}, ", times(of_a)) } else { String::new() };
        said.push(format!(
            "Asked again, fresh, in {noun}: {a}{b} {}{}.",
            if a.is_empty() { "passed " } else { "" },
            times(of_b)
        ));
    }
    if let Some(pairs) = p.escalation {
        said.push(format!(
            "Asked again side by side in {}: A did better {}, {b} {}.",
            count(pairs.pairs, "pair"),
            count(pairs.baseline_better, "time"),
            count(pairs.candidate_better, "time")
        ));
    }
    if let Some(found) = p.difference {
        let what = if is_graded(p) { "mean score" } else { "pass rate" };
        let [low, high] = found.ci95.map(points);
        said.push(format!(
            "The {what} of {b} differs from A's by {} points (95 % interval {low} to {high}).",
            points(found.estimate)
        ));
    }
    if matches!(finding, Finding::NoDifference | Finding::Undecided) {
        said.push(match p.smallest_visible_drop {
            Some(drop) if p.n >= 30 => format!(
                "With {}, a drop of {:.0} points over all of them would be found four times in five; smaller ones can hide.",
                count(p.n, "case"),
                drop * 100.0
            ),
            _ => format!("With {} only large differences are visible.", count(p.n, "case")),
        });
    }
    if matches!(p.reason, Reason::Budget | Reason::Interrupted) {
        let more = if p.reason == Reason::Budget { " with a larger budget" } else { "" };
        said.push(format!("Run it again{more}: what was bought and stored costs nothing then."));
    }
    if let Some(first) = p.lost.first() {
        said.push(format!(
            "{} without a usable answer; the first, {}: {}",
            count(p.lost.len(), "case"),
            quoted(&first.case),
            first.reason
        ));
    }
    said
}

fn added(cases: &[&CaseFinding], side: impl Fn(&CaseFinding) -> Option<Rate>) -> Rate {
    cases.iter().filter_map(|case| side(case)).fold(Rate { passed: 0, of: 0 }, |sum, rate| Rate {
        passed: sum.passed + rate.passed,
        of: sum.of + rate.of,
    })
}

/// The head of the table and its rows; texts are not neutralised yet.
pub(super) const COLUMNS: [&str; 9] =
    ["", "score", "95 %", "USD/1k calls", "median", "p95", "passes alone", "fails alone", "against A"];

/// One row.
pub(super) fn cells(row: &Row, side: usize) -> Vec<String> {
    let mut cells = vec![Comparison::letter(side).to_string()];
    match &row.figures {
        None => cells.extend(std::iter::repeat_n("-".to_owned(), COLUMNS.len() - 2)),
        Some(figures) => {
            let [low, high] = figures.ci95;
            let latency = |of: fn(&super::Latency) -> u64| {
                figures
                    .latency_ms
                    .as_ref()
                    .map_or_else(|| "unknown".to_owned(), |latency| milliseconds(of(latency)))
            };
            cells.extend([
                percent(figures.mean),
                format!("{:.0} to {:.0} %", 100.0 * low, 100.0 * high),
                crate::report::wording::dollars(figures.usd_per_1000_calls),
                latency(|latency| latency.median),
                latency(|latency| latency.p95),
                figures.only_passes.len().to_string(),
                figures.only_fails.len().to_string(),
            ]);
        }
    }
    cells.push(match (&row.against, side) {
        (_, 0) => String::new(),
        (Some(against), _) => against.finding.word().to_owned(),
        (None, _) => "asks the same".to_owned(),
    });
    cells
}

fn milliseconds(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1_000.0) }
}

/// `Only B fails: `a`, `b`` for each side that has such cases. Of two sides, what only one fails, only the other passes.
pub(super) fn only(rows: &[Row]) -> Vec<String> {
    let mut said = Vec::new();
    for (side, row) in rows.iter().enumerate() {
        let letter = Comparison::letter(side);
        let Some(figures) = &row.figures else { continue };
        let fails = (rows.len() > 2).then_some(("fails", &figures.only_fails));
        let lists = [("passes", &figures.only_passes)].into_iter().chain(fails);
        said.extend(
            lists
                .filter(|(_, cases)| !cases.is_empty())
                .map(|(verb, cases)| format!("Only {letter} {verb}: {}", names(cases))),
        );
    }
    said
}

/// The cases that the finding is about, with whether the side is worse in them.
pub(super) fn decisive(p: &PromptReport) -> Vec<(bool, &CaseFinding)> {
    let worse = p.must_pass.iter().chain(&p.broken).chain(&p.unresolved).map(|case| (true, case));
    worse.chain(p.fixed.iter().map(|case| (false, case))).collect()
}

/// What is not compared, by reason.
pub(super) fn left_out(found: &Comparison) -> Vec<String> {
    let all = &found.left_out;
    [Why::UnreadableFirst, Why::OnlyFirst, Why::OnlySecond, Why::NoGoldenSet, Why::SameRequests]
        .into_iter()
        .filter_map(|why| {
            let such: Vec<&str> =
                all.iter().filter(|one: &&LeftOut| one.why == why).map(|one| one.prompt.as_str()).collect();
            let said = match why {
                Why::OnlyFirst => "only A has it",
                Why::OnlySecond => "only B has it",
                Why::UnreadableFirst => "A's cannot be read or rendered",
                Why::NoGoldenSet => "no golden set to measure it with",
                Why::SameRequests => "no case sends another request",
            };
            (!such.is_empty()).then(|| format!("Not compared, {said}: {}", names(&such)))
        })
        .collect()
}

fn names<T: AsRef<str>>(ids: &[T]) -> String {
    let shown: Vec<String> = ids.iter().take(NAMED).map(|id| quoted(id.as_ref())).collect();
    match ids.len().saturating_sub(NAMED) {
        0 => listed(&shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `45 calls cost 0.0021 USD; 15 answers were stored.`
pub(super) fn spent(found: &Comparison) -> String {
    let usd = match (found.provider.is_language_model(), found.spent.usd) {
        (false, _) => "; nothing was paid".to_owned(),
        (true, usd) => format!(", cost {}", crate::report::wording::money(usd)),
    };
    format!(
        "{}{usd}; {} from the store.",
        count(usize::try_from(found.spent.calls).unwrap_or(usize::MAX), "call"),
        count(usize::try_from(found.spent.stored).unwrap_or(usize::MAX), "answer")
    )
}

/// `A: model=x, working directory`, with the model that answered unless it is named.
pub(super) fn legend(found: &Comparison, place: usize) -> String {
    let side = &found.sides[place];
    let mut models: Vec<&str> =
        found.prompts.iter().map(|prompt| prompt.rows[place].model.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    let models = match models.as_slice() {
        [only] if side.settings.model.is_none() => format!("; model {only}"),
        [] | [_] => String::new(),
        several => format!("; {}", count(several.len(), "model")),
    };
    format!(
        "{}: {} ({}){models}",
        Comparison::letter(place),
        side.written,
        crate::report::wording::revision(&side.revision)
    )
}

/// When no prompt is compared.
pub(super) fn nothing(found: &Comparison) -> &'static str {
    match found.left_out.is_empty() {
        true => "Nothing differs: all sides send the same requests.",
        false => "Nothing could be compared.",
    }
}
