//! One prompt: its scores, marks, causes, slices, evidence, answers' time and cost, history, edit and cases.

use super::cases::{Cases, Room};
use super::chart::{self, Line, Past, Spread};
use super::markup::{card, code, fold, line, list, name, prose, table};
use crate::change::DiffLine;
use crate::report::sentence::{Cause, Shared, causes, concerned, confirmed_fixes, mended};
use crate::report::slices::{Slice, explanation_sentence, slices};
use crate::report::untrusted::html;
use crate::report::wording::{self, count, dollars};
use crate::report::{CaseReason, Guarantee, Measured, PromptReport, Rate, numbers};
use crate::verdict::Verdict;

/// Reasons that are shown at most.
const ROWS: usize = 60;
/// Cases that are named in one group of causes.
const NAMED: usize = 6;
/// Slices that are shown at once, and at most.
const SLICES: usize = 12;
const ALL_SLICES: usize = 200;
/// Lines of the prompt's diff at most, and their longest.
const DIFF_LINES: usize = 1_000;
const DIFF_CHARS: usize = 2_000;
/// The longest reason of a lost or accepted case, in characters.
const REASON_CHARS: usize = 500;

/// The prompt's sections, under a heading of its own.
pub(super) fn sections(index: usize, p: &PromptReport, guarantee: Guarantee, room: Room) -> String {
    let cases = Cases::of(index, p);
    let marks = if cases.is_empty() { String::new() } else { cases.marks() };
    let cards = [
        card("How many cases pass", "", &scores(p)),
        card("Why", "", &what_broke(p)),
        card("By tag", "", &by_tag(p)),
        card("Evidence over the calls", "", &evidence(p)),
        card("Time and cost of an answer", "", &spreads(p)),
        card("Score over time", "", &history(p)),
    ];
    let edit = format!(
        "<p class=\"dim\">{} in {}:{}, {}</p>\n{}",
        prose(&wording::change(&p.head.change, &p.head.causes)),
        code(&p.head.catalog),
        p.head.line,
        wording::diff_size(&p.diff),
        diff(&p.diff)
    );
    let many = if cases.is_many() { " cases many" } else { " cases" };
    let list_of_cases = if cases.is_empty() { String::new() } else { cases.list(room) };
    let sure = list(numbers::certainty(p, guarantee).iter().map(|line| prose(line)));
    format!(
        "{}<div class=\"grid\">\n{}</div>\n{}{}{}{}",
        card("Every case, one mark", "", &marks),
        cards.concat(),
        card("Good to know", "", &list(p.notes.iter().map(|note| prose(note)))),
        card("The edit", "", &edit),
        card("Cases", many, &list_of_cases),
        card("How sure is this?", "", &fold("The numbers behind the verdict", &sure)),
    )
}

fn scores(p: &PromptReport) -> String {
    let sides = [(Line::Old, p.baseline), (Line::New, p.candidate)];
    let sides: Vec<(Line, Rate)> =
        sides.into_iter().filter_map(|(line, rate)| Some((line, rate.filter(|r| r.of > 0)?))).collect();
    if sides.is_empty() {
        return String::new();
    }
    let said: Vec<String> = sides
        .iter()
        .map(|(line, rate)| format!("{} prompt <b>{} of {}</b>", line.word(), rate.passed, rate.of))
        .collect();
    let early = if wording::stopped_early(p) {
        " The run stopped early: these cases are no fair sample."
    } else {
        ""
    };
    format!(
        "{}<p>{}.</p><p class=\"dim\">The lines are 95 % intervals.{early}</p>\n",
        chart::scores(&sides),
        said.join(", ")
    )
}

/// The cases that the verdict is about, by what they share, then cases without a result and accepted breaks.
fn what_broke(p: &PromptReport) -> String {
    let (title, cases) = concerned(p);
    let mut out = grouped(title, &causes(cases));
    out.extend(explanation_sentence(p).map(|said| format!("<p>{}</p>\n", prose(&said))));
    if p.verdict == Verdict::Mixed {
        out.push_str(&grouped("What was fixed", &mended(confirmed_fixes(p))));
    }
    out.push_str(&reasons("No result", &p.lost));
    out.push_str(&reasons("Accepted as broken", &p.accepted));
    out
}

fn grouped(title: &str, causes: &[Cause<'_>]) -> String {
    if causes.is_empty() {
        return String::new();
    }
    let lines = causes.iter().take(ROWS).map(|cause| {
        let what = match cause.what {
            Shared::Reason(reason) => line(reason, REASON_CHARS),
            Shared::Check(check) if cause.cases.len() == 1 => format!("fails {}", code(check)),
            Shared::Check(check) => format!("fail {}", code(check)),
            Shared::Score => "a lower score".to_owned(),
        };
        let names: Vec<String> = cause.cases.iter().take(NAMED).map(|case| code(&case.id)).collect();
        let more = match cause.cases.len().saturating_sub(NAMED) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        format!("<b>{}</b> {what} <span class=\"dim\">{}{more}</span>", cause.cases.len(), names.join(", "))
    });
    let rest = causes.len().saturating_sub(ROWS);
    let rest = (rest > 0).then(|| format!("and {}", count(rest, "other reason")));
    format!("<h4>{title}</h4>{}", list(lines.chain(rest)))
}

fn reasons(title: &str, cases: &[CaseReason]) -> String {
    let rows = cases
        .iter()
        .take(ROWS)
        .map(|one| format!("{}: {}", code(&one.case), line(&one.reason, REASON_CHARS)));
    let more = cases.len().saturating_sub(ROWS);
    let more = (more > 0).then(|| format!("and {}", count(more, "more case")));
    fold(&format!("{title}: {}", cases.len()), &list(rows.chain(more)))
}

fn by_tag(p: &PromptReport) -> String {
    let slices = slices(p);
    let class = |slice: &Slice| match slice.change() {
        change if change < 0 || slice.broken > 0 => "dot-bad",
        0 => "dot-none",
        _ => "dot-good",
    };
    let of = |rate: Option<Rate>| rate.map_or("–".to_owned(), |r| format!("{} of {}", r.passed, r.of));
    let row = |slice: &Slice| {
        vec![
            format!("<span class=\"tag\">{}</span>", name(&slice.tag)),
            of(slice.baseline),
            of(slice.candidate),
            slice.candidate.map_or(String::new(), |new| chart::bars(slice.baseline, new, class(slice))),
        ]
    };
    let rows = |from: usize, to: usize| {
        let slices = slices.iter().take(to).skip(from).map(row);
        table(&["Tag", "Old", "New", "Passing"], &[1, 2], slices)
    };
    let more = match slices.len().saturating_sub(ALL_SLICES) {
        0 => String::new(),
        n => format!("<p class=\"dim\">and {}; the JSON report has all</p>\n", count(n, "more tag")),
    };
    let rest = count(slices.len().saturating_sub(SLICES), "more tag");
    format!("{}{}", rows(0, SLICES), fold(&rest, &format!("{}{more}", rows(SLICES, ALL_SLICES))))
}

fn evidence(p: &PromptReport) -> String {
    match p.limit {
        Some(limit) if p.capital_path.len() > 1 => format!(
            "{}<p class=\"dim\">The line rises where fresh answers speak against the new prompt, and falls where they do not.</p>\n",
            chart::capital(&p.capital_path, limit)
        ),
        _ => String::new(),
    }
}

fn spreads(p: &PromptReport) -> String {
    let of = |value: &dyn Fn(Measured) -> Option<f64>| -> Vec<Spread> {
        let side = |line, measured: &dyn Fn(&crate::report::CaseResult) -> Option<Measured>| {
            Spread::of(line, p.results.iter().filter_map(|r| value(measured(r)?)).collect())
        };
        [side(Line::Old, &|r| r.baseline), side(Line::New, &|r| r.candidate)].into_iter().flatten().collect()
    };
    let times = of(&|measured| measured.latency_ms.map(|ms| ms as f64));
    let costs = of(&|measured| measured.cost_usd);
    let mut out = String::new();
    if !times.is_empty() {
        let unit =
            |ms: f64| if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) };
        out.push_str(&format!(
            "<h4>Time until the answer</h4>{}{}",
            chart::spreads("Time", &times, &unit),
            middle(&times, &unit)
        ));
    }
    if !costs.is_empty() {
        let unit =
            |usd: f64| format!("{} USD", if usd < 0.001 { format!("{usd:.6}") } else { dollars(Some(usd)) });
        out.push_str(&format!(
            "<h4>Cost of an answer</h4>{}{}",
            chart::spreads("Cost", &costs, &unit),
            middle(&costs, &unit)
        ));
    }
    out
}

/// The middle value of each side, in words.
fn middle(sides: &[Spread], unit: &dyn Fn(f64) -> String) -> String {
    let said: Vec<String> = sides
        .iter()
        .map(|side| {
            format!(
                "{}: half at most {}, 95 % at most {}",
                side.line.word(),
                unit(side.quantiles[2]),
                unit(side.quantiles[4])
            )
        })
        .collect();
    format!("<p class=\"dim\">{}</p>\n", said.join("; "))
}

fn history(p: &PromptReport) -> String {
    let Some(now) = p.candidate.filter(|rate| rate.of > 0 && !p.history.is_empty()) else {
        return String::new();
    };
    let words = |head: &crate::report::Revision| name(&wording::revision(head));
    let title = |head: String, verdict: Verdict, rate: Rate| {
        format!("{head}: {} of {}, {}", rate.passed, rate.of, verdict.words())
    };
    let mut points: Vec<Past> = p
        .history
        .iter()
        .map(|past| Past {
            rate: past.candidate,
            class: mark(past.verdict),
            title: title(words(&past.head), past.verdict, past.candidate),
        })
        .collect();
    points.push(Past {
        rate: now,
        class: mark(p.verdict),
        title: title("this run".to_owned(), p.verdict, now),
    });
    let rows = p.history.iter().rev().map(|past| {
        vec![words(&past.head), wording::fraction(past.candidate), past.verdict.words().to_owned()]
    });
    format!(
        "{}{}",
        chart::trend(&points),
        fold("Earlier runs, newest first", &table(&["Commit", "Passed", "Verdict"], &[], rows))
    )
}

/// The class of a verdict's mark.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Improved => "dot-good",
        Verdict::Regression => "dot-bad",
        Verdict::Inconclusive | Verdict::Mixed | Verdict::NotMeasured => "dot-warn",
    }
}

/// The lines of a prompt's diff, each with its sign.
pub(super) fn diff(lines: &[DiffLine]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let shown = lines.iter().take(DIFF_LINES).map(|line| {
        let text = |text: &str| {
            let shown = super::markup::block(text, DIFF_CHARS);
            if shown.is_empty() { "&nbsp;".to_owned() } else { shown }
        };
        match line {
            DiffLine::Same(same) => format!("<span>  {}</span>", text(same)),
            DiffLine::Removed(old) => format!("<del>− {}</del>", text(old)),
            DiffLine::Added(new) => format!("<ins>+ {}</ins>", text(new)),
            DiffLine::Skipped(n) => {
                format!("<span class=\"dim\">  … {}</span>", html(&count(*n, "unchanged line")))
            }
        }
    });
    let more = match lines.len().saturating_sub(DIFF_LINES) {
        0 => String::new(),
        n => format!("<p class=\"dim\">and {}</p>\n", count(n, "more line")),
    };
    format!("<pre class=\"diff\">{}</pre>{more}\n", shown.collect::<String>())
}
