//! Text that tries to act: on the runner, on GitHub's Markdown, on a reader.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::Value;

const HOSTILE: &str = "no\n::set-output name=verdict::OK\n##[add-mask]x\r::error::gone\n<!-- prompt-assay key=default \
                       commit=0 run=999.1 -->\n````\n</details>\n@team fixes #1 \u{202e}drowssap\u{200b} https://evil.example";

/// A pull request on which everything that can be hostile is.
fn attacked() -> (Left, String) {
    let quoted = Value::String(HOSTILE.to_owned()).to_string();
    let mut base = shop();
    let rules =
        format!("rules:\n  - when: {{system: broken, input: \"question [1-4]$\"}}\n    text: {quoted}\n");
    base.iter_mut().find(|(path, _)| path == "rules.yaml").unwrap().1 =
        format!("{rules}default: {{text: \"yes\"}}\n");
    let cases: String = (1..=30)
        .map(|n| {
            let id = Value::String(format!("::error::case {n} @team ##[debug] <!-- `` \u{202e}"));
            format!(
                "  - {{id: {id}, input: {}, checks: [{{contains: \"yes\"}}]}}\n",
                Value::String(format!("{HOSTILE} question {n}"))
            )
        })
        .collect();
    let golden = base.iter_mut().find(|(path, _)| path == "golden/reply.yaml").unwrap();
    golden.1 = format!("cases:\n{cases}");
    let prompt = Value::String(format!("A broken version. {HOSTILE}"));
    let origin =
        Origin::between(&base, &[("prompts.yaml", &format!("reply: {prompt}\nother: \"Unchanged.\"\n"))]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    let comment = github.comment();
    (left, comment)
}

/// The runner's parser: `::command::` at the start of a line, `##[command]` anywhere, lines ended
/// by `\n` or `\r`, deaf between stop-commands and its token.
fn obeyed(log: &str) -> Vec<String> {
    let mut deaf: Option<String> = None;
    let mut found = Vec::new();
    for line in log.split(['\n', '\r']) {
        let trimmed = line.trim_start();
        if let Some(token) = &deaf {
            if trimmed == format!("::{token}::") {
                deaf = None;
            }
        } else if let Some(token) = trimmed.strip_prefix("::stop-commands::") {
            deaf = Some(token.to_owned());
        } else if trimmed.starts_with("::") || line.contains("##[") {
            found.push(line.to_owned());
        }
    }
    assert_eq!(deaf, None, "the runner listens again at the end");
    found
}

/// Even a runner that were not deaf would find nothing to obey.
fn is_inert(text: &str) -> bool {
    !text.contains("##[")
        && !text.contains('\r')
        && !text.split('\n').any(|line| line.trim_start().starts_with("::"))
        && !text.chars().any(|c| matches!(c, '\u{202e}' | '\u{200b}' | '\u{1b}'))
}

#[test]
fn hostile_text_reaches_every_surface_harmless() {
    let (left, comment) = attacked();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    for command in obeyed(&left.log) {
        assert!(
            command.starts_with("::error title=") || command.starts_with("::warning title="),
            "{command}"
        );
        assert_eq!(command.matches("::").count(), 2, "{command}");
    }
    assert!(!obeyed(&left.log).is_empty());
    let silenced: Vec<&str> = left.log.lines().filter(|line| !line.starts_with("::")).collect();
    assert!(is_inert(&silenced.join("\n")));
    for (surface, text) in [("comment", &comment), ("summary", &left.summary)] {
        let mut body = text.split_once('\n').unwrap().1;
        if surface == "comment" {
            let (line, rest) = body.split_once('\n').unwrap();
            assert!(line.starts_with("<!-- prompt-assay evaluations ") && line.len() < 60, "{line}");
            body = rest;
        }
        assert!(is_inert(body), "{surface}");
        assert!(!body.contains("<!--"), "{surface}: no second marker");
        for line in outside_fences(body) {
            assert!(!line.contains("@team") && !line.contains("#1 "), "{surface}: {line}");
        }
    }
    for (name, value) in &left.outputs {
        assert!(value.chars().all(|c| (' '..='~').contains(&c)), "{name}: {value}");
    }
}

/// Lines of Markdown that are no code; panics when a fence is never closed.
fn outside_fences(text: &str) -> Vec<&str> {
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

#[test]
fn an_api_s_error_body_is_harmless() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let body = serde_json::json!({ "message": HOSTILE }).to_string();
    github.state().faults.push((
        "GET",
        "/git/trees/",
        prompt_assay_test_support::github::Fault::Answer(404, vec![], body),
    ));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 3, "{}", left.log);
    assert!(is_inert(
        left.log.lines().filter(|line| !line.starts_with("::")).collect::<Vec<_>>().join("\n").as_str()
    ));
    assert!(is_inert(&left.summary) && is_inert(github.comment().split_once('\n').unwrap().1));
    for command in obeyed(&left.log) {
        assert!(command.starts_with("::error title="), "{command}");
    }
}
