//! JUnit XML: one test suite per prompt, its verdict and each finding as test cases.

use super::untrusted::xml;
use super::wording::NOT_ENFORCED;
use super::{AnswerView, CaseFinding, PromptReport, Report};
use crate::verdict::Verdict;

/// Renders the report. NOT MEASURED is an error, a blocking verdict a failure, INCONCLUSIVE is
/// skipped; a case fails only if the verdict is based on it.
pub fn render(report: &Report) -> String {
    let suites: String = report.prompts.iter().map(|p| suite(p, report.enforced)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"prompt-assay\" time=\"{:.3}\">\n{suites}</testsuites>\n",
        report.wall_ms as f64 / 1000.0
    )
}

fn suite(p: &PromptReport, enforced: bool) -> String {
    let mut cases = vec![verdict(p, enforced)];
    cases.extend([&p.must_pass, &p.broken].into_iter().flatten().map(|case| failed(p, case)));
    // Single failing cases do not decide; the floor over all of them does.
    let quiet = [&p.failing, &p.unresolved, &p.flaky, &p.drifting];
    cases.extend(quiet.into_iter().flatten().map(|case| skipped(p, case)));
    cases.extend(p.lost.iter().map(|lost| {
        testcase(p, &lost.case, &format!("    <error type=\"lost\" message=\"{}\"/>\n", xml(&lost.reason)))
    }));
    cases.extend(p.fixed.iter().map(|case| testcase(p, &case.id, "")));
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
    let sentence = xml(&p.sentence);
    let body = match p.verdict {
        Verdict::Ok | Verdict::Improved => format!("    <system-out>{sentence}</system-out>\n"),
        Verdict::Inconclusive => format!("    <skipped message=\"INCONCLUSIVE: {sentence}\"/>\n"),
        Verdict::Mixed => format!("    <skipped message=\"MIXED: {sentence}\"/>\n"),
        Verdict::Regression if enforced => {
            format!("    <failure type=\"{}\" message=\"{sentence}\"/>\n", p.reason)
        }
        Verdict::Regression => {
            format!("    <skipped message=\"{} REGRESSION: {sentence}\"/>\n", xml(NOT_ENFORCED))
        }
        Verdict::NotMeasured => format!("    <error type=\"{}\" message=\"{sentence}\"/>\n", p.reason),
    };
    testcase(p, "verdict", &body)
}

fn failed(p: &PromptReport, case: &CaseFinding) -> String {
    let text = |answer: &Option<AnswerView>| answer.as_ref().map_or(String::new(), |a| xml(&a.text));
    let body = format!(
        "    <failure type=\"{}\" message=\"{}\">input: {}\nbaseline: {}\ncandidate: {}</failure>\n",
        xml(&case.status.to_string()),
        xml(&message(case)),
        xml(&case.input),
        text(&case.baseline),
        text(&case.candidate)
    );
    testcase(p, &case.id, &body)
}

fn skipped(p: &PromptReport, case: &CaseFinding) -> String {
    testcase(p, &case.id, &format!("    <skipped message=\"{}\"/>\n", xml(&message(case))))
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
