//! `lint` in repositories as people have them: what each rule finds and what it leaves alone, the forms of the result, and
//! what `--fix` does.

mod fixes;
mod formats;
mod rules;

use std::collections::BTreeMap;

use prompt_assay_test_support::on_disk::{Project, Ran};

/// The files of a project in which nothing is wrong.
fn sound() -> BTreeMap<String, String> {
    let cases: String = (1..=30)
        .map(|n| {
            format!(
                "  - {{id: guest-{n:02}, input: \"Guest {n} arrives\", vars: {{name: Ada}}, checks: [{{contains: \"room {n}\"}}]}}\n"
            )
        })
        .collect();
    [
        (
            "prompts.yaml",
            "greet:\n  text: |\n    Greet {{ name }} warmly.\n  user: \"{{ input }}\"\n".to_owned(),
        ),
        ("golden/greet.yaml", format!("cases:\n{cases}")),
        (
            "prompt-assay.yaml",
            "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\n".to_owned(),
        ),
        (".gitignore", ".prompt-assay/\n".to_owned()),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text))
    .collect()
}

/// The sound project with these files instead of its own, or besides them.
fn with(files: &[(&str, &str)]) -> Project {
    let mut all = sound();
    all.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let all: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Project::new(&all)
}

/// The findings of one rule: how bad, where, what, and what to do.
fn of_rule(ran: &Ran, rule: &str) -> String {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let findings = ran.json()["findings"].as_array().expect("a list").clone();
    let shown = findings.iter().filter(|finding| finding["rule"] == rule).map(|finding| {
        let also = finding["also_lines"].as_array().filter(|lines| !lines.is_empty());
        let also = also.map(|lines| format!(" and {}", serde_json::json!(lines))).unwrap_or_default();
        format!(
            "{} {}:{}{also}: {}\n  {}\n",
            text(&finding["severity"]),
            text(&finding["path"]),
            finding["line"],
            text(&finding["message"]),
            text(&finding["help"])
        )
    });
    shown.collect()
}
