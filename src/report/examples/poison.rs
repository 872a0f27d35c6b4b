//! Hostile text in every place of a report, and what Markdown must be in spite of it.

use std::sync::Arc;

use proptest::prelude::*;

use super::{flaky, refund_late, several};
use crate::change::{ChangeKind, DiffLine};
use crate::remark::Remark;
use crate::report::sentence::{Evaluation, overall_sentence, prompt_sentence};
use crate::report::{
    CaseFinding, CaseReason, CaseResult, CheckFailure, MovedBar, PastScore, Rate, Report, Revision,
};
use crate::verdict::Verdict;

/// Text of every kind that a surface must neutralise, and ordinary text around it.
pub fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[ -~\n]{0,12}",
        prop::sample::select(vec![
            "<!--",
            "-->",
            "<!-",
            "-",
            "@octocat",
            "@",
            "#1",
            "##[error]",
            "#",
            "[",
            "::set-output name=x::y",
            "::",
            ":",
            "\n",
            "\r",
            "\r\n",
            "\t",
            "````",
            "`",
            "~~~",
            "|",
            "</details>",
            "<details>",
            "<script>",
            "&lt;",
            "https://evil.example",
            "www.evil.example",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{200b}",
            "\u{feff}",
            "\u{85}",
            "\u{2028}",
            "\\",
            "*",
            "_",
            "$x$",
            "GH-1",
            "1. ",
            "- ",
            "> ",
            "===",
            "    ",
            "é",
            "漢字",
            "🙂",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A report in which every text is hostile.
pub fn poisoned(text: &str) -> Report {
    let mut report = several();
    let case = |case: &mut CaseFinding| {
        case.id = text.into();
        case.input = text.into();
        case.tags = vec![text.into()];
        case.expected = Some(text.into());
        for answer in [&mut case.baseline, &mut case.candidate].into_iter().flatten() {
            answer.text = format!("{}{text}", answer.text);
            answer.failures = vec![CheckFailure { check: text.into(), reason: text.into() }];
        }
    };
    for p in &mut report.prompts {
        p.unresolved = vec![flaky()];
        p.must_pass = vec![refund_late()];
        let groups = [&mut p.broken, &mut p.fixed, &mut p.flaky, &mut p.unresolved, &mut p.must_pass];
        groups.into_iter().flatten().for_each(case);
        p.head.id = text.into();
        p.head.catalog = text.into();
        p.head.change = ChangeKind::Renamed { from: text.into() };
        p.head.models.candidate = text.into();
        p.head.models.judge = [text.to_owned()].into_iter().collect();
        p.diff = text.lines().map(|line| DiffLine::Added(line.into())).collect();
        p.lost = vec![CaseReason { case: text.into(), reason: text.into() }];
        p.accepted = vec![CaseReason { case: text.into(), reason: text.into() }];
        p.notes = vec![text.into()];
        p.cost.unknown_models = vec![text.into()];
        p.results.iter_mut().for_each(|result| poison(result, text));
        p.history = vec![PastScore {
            ended_at: 1,
            head: Revision { name: text.into(), commit: Some(text.into()) },
            verdict: Verdict::Ok,
            candidate: Rate { passed: 1, of: 2 },
        }];
        p.sentence = prompt_sentence(p, &Evaluation::default());
    }
    report.moved_bars = vec![MovedBar {
        prompt: Some(text.into()),
        what: Remark::quoting(text),
        lowers: true,
        ..MovedBar::default()
    }];
    report.warnings = vec![text.into()];
    report.seed = text.into();
    report.base = Revision { name: text.into(), commit: Some(text.into()) };
    report.spend.retries = [(text.to_owned(), 1)].into();
    report.cost.unknown_models = vec![text.into()];
    report.sentence = format!("{} {text}", overall_sentence(&report));
    report
}

/// A case in which every text is hostile.
fn poison(result: &mut CaseResult, text: &str) {
    result.id = text.into();
    result.tags = vec![text.into()];
    let Some(detail) = &mut result.detail else { return };
    let detail = Arc::make_mut(detail);
    detail.input = text.into();
    detail.expected = Some(text.into());
    let reruns = detail.reruns.iter_mut().map(|rerun| &mut rerun.answer);
    for answer in [&mut detail.baseline, &mut detail.candidate].into_iter().flatten().chain(reruns) {
        answer.text = format!("{}{text}", answer.text);
        for check in &mut answer.checks {
            (check.check, check.reason) = (text.into(), text.into());
        }
    }
}

/// Lines outside of fences; panics when a fence is never closed.
fn outside(text: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    let mut out = Vec::new();
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 4 => fence = Some(ticks),
            None => out.push(line),
        }
    }
    assert_eq!(fence, None, "an open fence");
    out
}

/// Comments that do nothing: no marker, no mention, no command, all folds and fences closed.
pub fn assert_calm(text: &str, limit: usize) {
    assert!(text.len() <= limit, "{} > {limit}", text.len());
    assert!(!text.contains("<!--") && !text.contains("##["));
    let mut depth = 0_i32;
    // The one link that is the program's own.
    let text = &text.replace(crate::report::numbers::EXPLAINED, "");
    for line in outside(text) {
        depth += line.matches("<details>").count() as i32 - line.matches("</details>").count() as i32;
        assert!(depth >= 0);
        assert!(!line.contains('@') && !line.contains("::") && !line.contains("://"), "{line}");
        assert!(!line.contains("<script") && !line.contains("<!"));
    }
    assert_eq!(depth, 0, "an open fold");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}
