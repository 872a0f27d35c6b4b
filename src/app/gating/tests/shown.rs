//! What a report shows, and what it must not.

use super::*;
use crate::report::{json, markdown, terminal};

#[test]
fn nothing_that_matches_a_redaction_pattern_reaches_a_report() {
    let mut lab = Lab::of(files(0), files(0));
    let golden = |check: &str| {
        (0..40)
            .map(|i| {
                format!(
                    "- {{id: c{i:03}, input: \"q{i} secret-in\", expected: \"secret-expected\", checks: [{check}]}}\n"
                )
            })
            .collect::<String>()
    };
    for tree in [&mut lab.base, &mut lab.head] {
        tree.insert("golden/p.yaml", golden("{contains: \"yes secret-wanted\"}"));
    }
    lab.head.insert("prompts.yaml", "p: \"two secret-prompt\"\n");
    lab.configure(
        "redact: [\"secret-[a-z]+\"]\naccepted_breaks: [{prompt: p, case: c039, reason: secret-reason}]",
    );
    lab.edit("prompt-assay.yaml", "secret-reason", "secret-excuse");
    let run = lab.run(|request| match input(request) {
        5 => error(ErrorClass::NotReady, "no secret-host for you"),
        3 if system(request).starts_with("two") => said(format!("no secret-answer {}", last(request))),
        _ => said(format!("yes secret-wanted {}", last(request))),
    });
    assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    let report = &run.report;
    for shown in [
        json::render(report),
        markdown::render(report, markdown::Limits::default()),
        terminal::render(report, terminal::Style { verbose: true, ..terminal::Style::default() }),
        crate::report::junit::render(report),
    ] {
        assert!(!shown.contains("secret"), "{shown}");
    }
    let broken = &report.prompts[0].broken[0];
    assert_eq!(broken.input, "q3 [redacted]");
    assert_eq!(broken.expected.as_deref(), Some("[redacted]"));
    let candidate = broken.candidate.as_ref().unwrap();
    assert_eq!(candidate.text.trim_end(), "no [redacted] q3 [redacted]");
    assert!(candidate.failures[0].reason.contains("[redacted]"), "{}", candidate.failures[0].reason);
    assert!(report.moved_bars[0].what.ends_with("is accepted: [redacted]"));
    let diff = format!("{:?}", report.prompts[0].diff);
    assert!(diff.contains("two [redacted]"), "{diff}");
}

#[test]
fn a_failure_in_the_providers_words_is_redacted_too() {
    let mut lab = Lab::edited(5);
    lab.configure("redact: [\"arn:[^ ]+\"]");
    let run = lab.run(|_| error(ErrorClass::AccessDenied, "no access to arn:aws:bedrock:x"));
    assert!(run.report.sentence.contains("no access to [redacted]"), "{}", run.report.sentence);
}

#[test]
fn wall_time_stands_in_times_alone() {
    let run = Lab::edited(10).run(fine);
    let timed = Report { wall_ms: 123_456, ..run.report.clone() };
    let (one, other) = (json::render(&run.report), json::render(&timed));
    let differing: Vec<_> = one.lines().zip(other.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!(differing.len(), 1, "{differing:?}");
    let value: serde_json::Value = serde_json::from_str(&other).unwrap();
    assert_eq!(value["times"]["wall_ms"], 123_456);
}

#[test]
fn no_change_asks_nothing_and_passes() {
    let run = Lab::of(files(5), files(5)).run(|_| panic!("nothing is asked"));
    assert_eq!((run.report.prompts.len(), run.report.unaffected, run.report.exit_code), (0, 1, 0));
    insta::assert_snapshot!(run.report.sentence, @"No prompt is affected by this change (1 unaffected); nothing was evaluated.");
}

#[test]
fn a_catalog_that_moves_with_what_it_includes_affects_nothing() {
    let catalog = "p: \"{% include 'tone.md' %} {% include './tone.md' %}\"\n";
    let moved = |directory: &str, tone: &str| {
        MemoryTree::new([
            (
                "prompt-assay.yaml".to_owned(),
                "models: {branch: m}\ncatalogs: [\"*/prompts.yaml\"]\n".to_owned(),
            ),
            (format!("{directory}/prompts.yaml"), catalog.to_owned()),
            (format!("{directory}/tone.md"), tone.to_owned()),
            ("b/tone.md".to_owned(), "rude".to_owned()),
            ("golden/p.yaml".to_owned(), cases(0..2)),
        ])
    };
    // Both trees hold b/tone.md, and it is the same; the catalog's own is another.
    let lab = Lab::of(moved("a", "kind"), moved("b", "rude"));
    assert_eq!(lab.run(fine).only().n, 2, "another directory, another tone");
    let lab = Lab::of(moved("a", "kind"), moved("c", "kind"));
    assert_eq!(lab.run(|_| panic!("the texts are the same")).report.prompts.len(), 0);
}
