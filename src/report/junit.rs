//! JUnit XML: a test suite for each prompt, with its verdict and every case as test cases.

use std::collections::BTreeMap;

use super::sentence::prompt_headline;
use super::untrusted::xml;
use super::wording::NOT_ENFORCED;
use super::{AnswerView, CaseFinding, CaseReason, CaseResult, CaseState, PromptReport, Report};
use crate::verdict::Verdict;

/// Renders the report. NOT MEASURED is an error, a verdict that blocks a failure, one that leaves a question open is
/// skipped. A case fails if it breaks a verdict that blocks, so that a dashboard counts what is broken; one that was not
/// asked is skipped, and so is one that fails without being the cause.
pub fn render(report: &Report) -> String {
    let suites: String = report.prompts.iter().map(|p| suite(p, report.enforced)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"prompt-assay\" time=\"{:.3}\">\n{suites}</testsuites>\n",
        report.wall_ms as f64 / 1000.0
    )
}

fn suite(p: &PromptReport, enforced: bool) -> String {
    let known = Known::of(p);
    let mut cases = vec![verdict(p, enforced)];
    let blocks = enforced && p.verdict == Verdict::Regression;
    cases.extend(p.results.iter().map(|case| testcase(p, &case.id, &outcome(case, &known, blocks))));
    let body = cases.concat();
    format!(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{body}</testsuite>\n",
        xml(&p.head.id),
        cases.len(),
        body.matches("<failure ").count(),
        body.matches("<error ").count(),
        body.matches("<skipped ").count()
    )
}

fn verdict(p: &PromptReport, enforced: bool) -> String {
    let said = xml(&format!("{}. {}", prompt_headline(p), p.sentence));
    let skipped = |lead: &str| format!("    <skipped message=\"{lead}: {said}\"/>\n");
    let body = match p.verdict {
        Verdict::Ok | Verdict::Improved => format!("    <system-out>{said}</system-out>\n"),
        Verdict::Inconclusive | Verdict::Mixed => skipped(p.verdict.words()),
        Verdict::Regression if enforced => {
            format!("    <failure type=\"{}\" message=\"{said}\"/>\n", p.reason)
        }
        Verdict::Regression => skipped(&format!("{} REGRESSION", xml(NOT_ENFORCED))),
        Verdict::NotMeasured => format!("    <error type=\"{}\" message=\"{said}\"/>\n", p.reason),
    };
    testcase(p, "verdict", &body)
}

/// What the report's lists know about a case.
struct Known<'a> {
    findings: BTreeMap<&'a str, &'a CaseFinding>,
    reasons: BTreeMap<&'a str, &'a CaseReason>,
}

impl<'a> Known<'a> {
    fn of(p: &'a PromptReport) -> Self {
        // Of a case in two lists, the first: the lists that decide come first.
        let lists = [&p.must_pass, &p.broken, &p.unresolved, &p.failing, &p.drifting, &p.flaky, &p.fixed];
        let mut findings = BTreeMap::new();
        for case in lists.into_iter().flatten() {
            findings.entry(case.id.as_str()).or_insert(case);
        }
        let reasons = p.lost.iter().chain(&p.accepted).map(|found| (found.case.as_str(), found)).collect();
        Self { findings, reasons }
    }
}

/// What is inside a test case; nothing if it passed.
fn outcome(case: &CaseResult, known: &Known<'_>, blocks: bool) -> String {
    let finding = known.findings.get(case.id.as_str());
    let said = finding.map_or_else(|| case.state.to_string(), |finding| message(finding));
    let reason = known.reasons.get(case.id.as_str()).map_or("", |found| found.reason.as_str());
    match case.state {
        // One failing case of a set that is good enough, or of a gate that does not block, fails no job.
        CaseState::MustPass | CaseState::Broken | CaseState::Failing if blocks => {
            let body = finding.map_or_else(String::new, |finding| both_answers(finding));
            format!(
                "    <failure type=\"{}\" message=\"{}\">{body}</failure>\n",
                xml(&case.state.to_string()),
                xml(&said)
            )
        }
        CaseState::Lost => format!("    <error type=\"lost\" message=\"{}\"/>\n", xml(reason)),
        CaseState::Accepted => skipped(&format!("accepted as broken: {reason}")),
        CaseState::MustPass | CaseState::Broken | CaseState::Failing => skipped(&said),
        CaseState::Unresolved | CaseState::Drifting | CaseState::FailingBoth | CaseState::NotRun => {
            skipped(&said)
        }
        CaseState::Flaky | CaseState::Fixed | CaseState::Passing => String::new(),
    }
}

fn skipped(message: &str) -> String {
    format!("    <skipped message=\"{}\"/>\n", xml(message))
}

fn both_answers(case: &CaseFinding) -> String {
    let text = |answer: &Option<AnswerView>| answer.as_ref().map_or(String::new(), |a| xml(&a.text));
    format!("input: {}\nold: {}\nnew: {}", xml(&case.input), text(&case.baseline), text(&case.candidate))
}

fn message(case: &CaseFinding) -> String {
    let reasons =
        case.candidate.iter().flat_map(|a| &a.failures).map(|f| format!("{}: {}", f.check, f.reason));
    std::iter::once(case.status.to_string()).chain(reasons).collect::<Vec<_>>().join("; ")
}

fn testcase(p: &PromptReport, name: &str, body: &str) -> String {
    let open = format!("  <testcase classname=\"{}\" name=\"{}\"", xml(&p.head.id), xml(name));
    if body.is_empty() { format!("{open}/>\n") } else { format!("{open}>\n{body}  </testcase>\n") }
}

#[cfg(test)]
mod tests;
