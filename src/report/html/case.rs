//! One case: its line in the list and, below it, the input, both answers, every check and the fresh answers.

use std::borrow::Cow;

use super::markup::{block, code, fold, line, name, table};
use super::words;
use crate::check::Outcome;
use crate::report::untrusted::html;
use crate::report::wording::count;
use crate::report::{
    AnswerDetail, AnswerView, CaseDetail, CaseFinding, CaseResult, CheckDetail, Rate, Rerun,
};
use crate::trial::{Phase, Side};

/// The longest reason in a table, in characters: where there is room, and where other texts are cut to less.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 160..=1_000;
/// The longest reason beside a case's name, in characters.
const WHY_CHARS: usize = 140;
/// Where this many characters of a text are shown, there is room for reasons of passing checks, too.
const ROOMY: usize = 1_500;
/// Names of passing checks in a sentence, at most.
const NAMED_CHECKS: usize = 12;
/// Fresh answers that are shown of a case, at most.
const FRESH: usize = 24;

/// A case as it is shown, with what the page knows of it beside the result.
pub(super) struct Shown<'a> {
    pub result: &'a CaseResult,
    /// If it is listed.
    pub finding: Option<&'a CaseFinding>,
    /// Its texts; `None`: they were not kept.
    pub detail: Option<Cow<'a, CaseDetail>>,
}

impl<'a> Shown<'a> {
    /// A case and, if it is listed, its finding, which has the texts if the result has none.
    pub fn new(result: &'a CaseResult, finding: Option<&'a CaseFinding>) -> Self {
        let own = result.detail.as_deref().map(Cow::Borrowed);
        let detail = own.or_else(|| finding.map(|finding| Cow::Owned(detail(finding))));
        Self { result, finding, detail }
    }

    /// The checks that failed with either prompt.
    pub fn failed_checks(&self) -> impl Iterator<Item = &str> {
        let sides = self.detail.iter().flat_map(|detail| [&detail.candidate, &detail.baseline]);
        let checks = sides.flatten().flat_map(|answer| &answer.checks);
        checks.filter(|check| check.outcome == Outcome::Failed).map(|check| check.check.as_str())
    }

    /// Why it is in its state: the first failure, the new prompt's first.
    pub fn why(&self) -> Option<&str> {
        let detail = self.detail.as_deref()?;
        let answers = [&detail.candidate, &detail.baseline].into_iter().flatten();
        let mut checks = answers.flat_map(|answer| &answer.checks);
        let failure = checks.find(|check| matches!(check.outcome, Outcome::Failed | Outcome::Unscored));
        failure.map(|check| check.reason.as_str())
    }

    /// The case in the list, with so many characters of each text; `id` is its anchor, `attributes` are for the script.
    pub fn html(&self, id: &str, attributes: &str, max_chars: usize) -> String {
        format!(
            "<details class=\"case\" id=\"{id}\"{attributes}><summary>{}</summary><div class=\"body\">\n{}</div></details>\n",
            self.summary(),
            self.body(max_chars)
        )
    }

    fn summary(&self) -> String {
        let state = self.result.state;
        let must_pass =
            if self.finding.is_some_and(|finding| finding.must_pass) { " (must pass)" } else { "" };
        let why = match self.why().filter(|_| state.is_remarkable()) {
            Some(why) => format!("{state}{must_pass}: {}", line(why, WHY_CHARS)),
            None => format!("{state}{must_pass}"),
        };
        let tags: String =
            self.result.tags.iter().map(|tag| format!(" <span class=\"tag\">{}</span>", name(tag))).collect();
        format!(
            "<span class=\"m s{}\"></span><b class=\"id\">{}</b> <span class=\"why\">{why}</span>{tags}",
            state as usize,
            name(&self.result.id)
        )
    }

    fn body(&self, max_chars: usize) -> String {
        if max_chars == 0 {
            return "The JSON report has its texts.\n".to_owned();
        }
        let Some(detail) = &self.detail else {
            return "<p class=\"dim\">Input and answers of this case were not kept with the run; the JSON file of the run, \
                    or its own page, has them.</p>\n"
                .to_owned();
        };
        let mut out = format!("<h4>Input</h4><pre>{}</pre>\n", block(&detail.input, max_chars));
        if let Some(expected) = &detail.expected {
            out.push_str(&format!("<h4>Expected</h4><pre>{}</pre>\n", block(expected, max_chars)));
        }
        out.push_str(&answers(self.result, detail, max_chars));
        out.push_str(&checks(detail, max_chars));
        if let Some(again) = self.asked_again(detail) {
            out.push_str(&format!("<p>Asked again, fresh: {again}.</p>\n"));
        }
        out.push_str(&fresh(&detail.reruns, max_chars));
        out
    }

    /// `old 2 of 2, new 0 of 2`.
    fn asked_again(&self, detail: &CaseDetail) -> Option<String> {
        let counted = |side| {
            let of_side = || detail.reruns.iter().filter(|rerun| rerun.side == side);
            let passed = of_side().filter(|rerun| rerun.measured.passed).count();
            let of = of_side().count();
            (of > 0).then_some(Rate { passed, of })
        };
        let old =
            self.finding.and_then(|finding| finding.baseline_reruns).or_else(|| counted(Side::Baseline));
        let new =
            self.finding.and_then(|finding| finding.candidate_reruns).or_else(|| counted(Side::Candidate));
        let said = |word: &str, rate: Option<Rate>| rate.map(|r| format!("{word} {} of {}", r.passed, r.of));
        let sides: Vec<String> = [said("old", old), said("new", new)].into_iter().flatten().collect();
        (!sides.is_empty()).then(|| sides.join(", "))
    }
}

/// What a finding knows, for runs that kept no more.
fn detail(finding: &CaseFinding) -> CaseDetail {
    let answer = |view: &AnswerView| AnswerDetail {
        text: view.text.clone(),
        checks: view
            .failures
            .iter()
            .map(|failure| CheckDetail {
                check: failure.check.clone(),
                outcome: Outcome::Failed,
                reason: failure.reason.clone(),
            })
            .collect(),
    };
    CaseDetail {
        input: finding.input.clone(),
        expected: finding.expected.clone(),
        baseline: finding.baseline.as_ref().map(answer),
        candidate: finding.candidate.as_ref().map(answer),
        reruns: Vec::new(),
    }
}

/// Both answers side by side; equal ones once.
fn answers(result: &CaseResult, detail: &CaseDetail, max_chars: usize) -> String {
    let result_of = |measured: Option<crate::report::Measured>| match measured {
        Some(found) if found.score.is_none() => "<span class=\"warn-ink\">no result</span>".to_owned(),
        Some(found) if found.passed => {
            format!("<span class=\"good-ink\">passes</span>{}", share(found.score))
        }
        Some(found) => format!("<span class=\"bad-ink\">fails</span>{}", share(found.score)),
        None => String::new(),
    };
    let side = |title: &str, measured, text: &str, left_out: Option<usize>| {
        let shown = if text.is_empty() { "<span class=\"dim\">(empty)</span>" } else { text };
        let more = left_out.map_or(String::new(), |n| {
            format!("\n<p class=\"dim\">… {} left out</p>", count(n, "more character"))
        });
        format!("<div><h4>{title} {}</h4><pre>{shown}</pre>{more}</div>\n", result_of(measured))
    };
    match (&detail.baseline, &detail.candidate) {
        (Some(old), Some(new)) if old.text == new.text => {
            let (text, left_out) = cut(&new.text, max_chars);
            side("Both prompts, the same answer:", result.candidate, &html(text), left_out)
        }
        (Some(old), Some(new)) => {
            let ((old, old_left), (new, new_left)) = (cut(&old.text, max_chars), cut(&new.text, max_chars));
            let (old, new) = words::compared(old, new);
            format!(
                "<div class=\"two\">{}{}</div>\n",
                side("Old prompt", result.baseline, &old, old_left),
                side("New prompt", result.candidate, &new, new_left)
            )
        }
        (Some(only), None) => {
            let (text, left_out) = cut(&only.text, max_chars);
            side("Old prompt", result.baseline, &html(text), left_out)
        }
        (None, Some(only)) => {
            let (text, left_out) = cut(&only.text, max_chars);
            side("New prompt", result.candidate, &html(text), left_out)
        }
        (None, None) => "<p class=\"dim\">It was not asked before the run ended.</p>\n".to_owned(),
    }
}

/// A score that is neither 0 nor 1.
fn share(score: Option<f64>) -> String {
    match score {
        Some(score) if score > 0.0 && score < 1.0 => format!(" <span class=\"dim\">score {score:.2}</span>"),
        _ => String::new(),
    }
}

/// How much of a reason is shown where texts are cut to `max_chars`.
fn reason_chars(max_chars: usize) -> usize {
    max_chars.clamp(*REASON_CHARS.start(), *REASON_CHARS.end())
}

/// The beginning of a text, and how many characters follow.
fn cut(text: &str, max_chars: usize) -> (&str, Option<usize>) {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => (&text[..end], Some(text[end..].chars().count())),
        None => (text, None),
    }
}

/// Every check with its result on both sides. Where room is scarce and all pass, their names are enough.
fn checks(detail: &CaseDetail, max_chars: usize) -> String {
    let reason_line = |text: &str| line(text, reason_chars(max_chars));
    let rows = paired_checks(detail);
    let passes = |check: &CheckDetail| check.outcome == Outcome::Passed;
    if max_chars < ROOMY && rows.iter().flatten().flatten().all(|check| passes(check)) {
        let labels = rows.iter().filter_map(|[old, new]| new.or(*old)).map(|check| code(&check.check));
        let named: Vec<String> = labels.take(NAMED_CHECKS).collect();
        let more = match rows.len().saturating_sub(NAMED_CHECKS) {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        return match rows.len() {
            0 => String::new(),
            _ => format!("<p>Checks, all passed: {}{more}</p>\n", named.join(", ")),
        };
    }
    let row = |[old, new]: [Option<&CheckDetail>; 2]| {
        let label = new.or(old).map(|check| code(&check.check)).unwrap_or_default();
        let reason = |check: Option<&CheckDetail>| check.map_or("", |check| check.reason.as_str()).to_owned();
        let said = match (reason(old), reason(new)) {
            (old, new) if old == new => reason_line(&new),
            (old, new) => {
                let sides = [("old", old), ("new", new)].into_iter().filter(|(_, reason)| !reason.is_empty());
                let sides = sides.map(|(word, reason)| format!("<b>{word}:</b> {}", reason_line(&reason)));
                sides.collect::<Vec<_>>().join("<br>")
            }
        };
        vec![label, outcome(old), outcome(new), said]
    };
    table(&["Check", "Old", "New", "Reason"], &[], rows.into_iter().map(row))
}

/// The checks of both sides, equal ones beside each other. Both sides have the same ones, but for a call that
/// failed or an answer that was empty.
fn paired_checks(detail: &CaseDetail) -> Vec<[Option<&CheckDetail>; 2]> {
    let old = detail.baseline.iter().flat_map(|answer| &answer.checks);
    let mut old: Vec<Option<&CheckDetail>> = old.map(Some).collect();
    let mut rows = Vec::new();
    for new in detail.candidate.iter().flat_map(|answer| &answer.checks) {
        let same = old.iter_mut().find(|check| check.is_some_and(|check| check.check == new.check));
        rows.push([same.and_then(Option::take), Some(new)]);
    }
    rows.extend(old.into_iter().flatten().map(|only| [Some(only), None]));
    rows
}

fn outcome(check: Option<&CheckDetail>) -> String {
    let (class, word) = match check.map(|check| check.outcome) {
        None => return "–".to_owned(),
        Some(Outcome::Passed) => ("good-ink", "pass"),
        Some(Outcome::Failed) => ("bad-ink", "fail"),
        Some(Outcome::Unscored) => ("warn-ink", "no result"),
        Some(Outcome::NotAsked) => ("dim", "not asked"),
        Some(Outcome::AdvisoryMet) => ("dim", "within"),
        Some(Outcome::AdvisoryMissed) => ("warn-ink", "beyond, not counted"),
        Some(Outcome::AdvisoryUnknown) => ("dim", "not known"),
    };
    format!("<span class=\"{class}\">{word}</span>")
}

/// The fresh answers, folded.
fn fresh(reruns: &[Rerun], max_chars: usize) -> String {
    let shown = reruns.iter().take(FRESH).map(|rerun| {
        let side = match rerun.side {
            Side::Baseline => "old",
            Side::Candidate => "new",
        };
        let why = match rerun.phase {
            Phase::Screen | Phase::Confirm => "asked again",
            Phase::Fresh => "fresh pair",
            Phase::Must => "must-pass re-run",
        };
        let result = if rerun.measured.passed {
            "<span class=\"good-ink\">pass</span>"
        } else {
            "<span class=\"bad-ink\">fail</span>"
        };
        let mut reasons: Vec<String> = rerun
            .answer
            .checks
            .iter()
            .filter(|check| matches!(check.outcome, Outcome::Failed | Outcome::Unscored))
            .map(|check| line(&check.reason, reason_chars(max_chars)))
            .collect();
        // An answer that is no JSON fails every check that reads JSON, for one reason.
        reasons.dedup();
        vec![
            format!("{side}, {why} {}", rerun.k),
            result.to_owned(),
            format!("{}<pre>{}</pre>", reasons.join("<br>"), block(&rerun.answer.text, max_chars / 4)),
        ]
    });
    let body = table(&["Which", "Result", "Reason and answer"], &[], shown);
    let more = match reruns.len().saturating_sub(FRESH) {
        0 => String::new(),
        n => format!("<p class=\"dim\">and {}</p>\n", count(n, "more fresh answer")),
    };
    fold(&count(reruns.len(), "fresh answer"), &format!("{body}{more}"))
}
