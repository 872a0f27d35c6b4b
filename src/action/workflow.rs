//! Which tier the workflows of a repository will need, from their contents.

use crate::document::{Datum, Format, Source, parse_source};

/// Events after which the action evaluates on the main tier.
const MAIN_EVENTS: [&str; 3] = ["push", "merge_group", "schedule"];

/// Whether a workflow uses this program and starts where the main tier applies. An unreadable workflow does
/// not: GitHub will not run it either.
pub fn needs_main_tier(path: &str, text: &str) -> bool {
    if !text.contains("prompt-assay") {
        return false;
    }
    let Ok(document) = parse_source(Source::new(path, text), Format::Yaml) else { return false };
    let Datum::Map(entries) = &document.root.datum else { return false };
    let is_main = |name: &str| MAIN_EVENTS.contains(&name);
    entries.iter().filter(|(key, _)| key.text == "on").any(|(_, node)| match &node.datum {
        Datum::Text(event) => is_main(event),
        Datum::List(events) => {
            events.iter().any(|event| matches!(&event.datum, Datum::Text(name) if is_main(name)))
        }
        Datum::Map(events) => events.iter().any(|(event, _)| is_main(&event.text)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_of_a_workflow_that_uses_this_program_count() {
        let of = |on: &str, uses: &str| {
            let text = format!("name: x\n{on}\njobs:\n  a:\n    steps:\n      - uses: {uses}\n");
            needs_main_tier("w.yml", &text)
        };
        let ours = "prompt-assay/prompt-assay@v1";
        let pushes =
            ["on: push", "on: [pull_request, push]", "on:\n  pull_request:\n  push: {branches: [main]}"];
        for on in pushes.into_iter().chain(["\"on\": [merge_group]", "on: {schedule: [{cron: '0 3 * * *'}]}"])
        {
            assert!(of(on, ours), "{on}");
            assert!(!of(on, "actions/cache@v5"), "{on}");
        }
        for on in [
            "on: pull_request",
            "on: [pull_request, workflow_dispatch]",
            "on: {pull_request: {branches: [push]}}",
            "on: {",
        ] {
            assert!(!of(on, ours), "{on}");
        }
    }
}
