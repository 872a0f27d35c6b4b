//! The texts of the files that are proposed.

use crate::import::yaml;
use crate::price;
use crate::prompt::Engine;
use crate::store::location::Committed;

use super::found::Candidate;
use super::literal::Language;

/// Models that begin well, cheapest first; the first one that the region has is proposed.
const CHEAP: [&str; 3] =
    ["amazon.nova-lite-v1:0", "amazon.nova-2-lite-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"];
const FULL: [&str; 2] = ["amazon.nova-pro-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"];

/// Ids of a cheap and a full model that can be called from a region.
pub(super) fn models(region: &str) -> Option<(String, String)> {
    let offered =
        |models: &[&str]| models.iter().find_map(|model| price::in_region(model, region).into_iter().next());
    // A region with one of the two has it for both.
    match (offered(&CHEAP), offered(&FULL)) {
        (Some(cheap), Some(full)) => Some((cheap, full)),
        (cheap, full) => cheap.or(full).map(|one| (one.clone(), one)),
    }
}

/// The line by which editors find the schema of a file (`schemas/`): completion, and mistakes marked while they are typed.
pub(super) fn schema(name: &str) -> String {
    format!(
        "# yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/{name}.schema.json\n"
    )
}

/// `prompt-assay.yaml`.
pub(super) fn config(catalogs: &[String], region: &str) -> String {
    let mut text = schema("config");
    text.push_str("# Written by `prompt-assay init`. Everything else has a default: docs/configuration.md\n");
    if !catalogs.is_empty() {
        let written: Vec<String> = catalogs.iter().map(|path| yaml::scalar(path)).collect();
        text.push_str(&format!("catalogs: [{}]\n", written.join(", ")));
    }
    match models(region) {
        Some((cheap, full)) => text.push_str(&format!(
            "models: # as they are called from {region}\n  branch: {cheap} # pull requests and laptops\n  \
             main: {full} # merge queue, main and releases\n  judge: {full} # scores `judge` checks\n"
        )),
        None => text
            .push_str(&format!("# models: {{branch: …, main: …, judge: …}} # none is known for {region}\n")),
    }
    text
}

/// What to do when the files are written: with rules, if there are some, and without what an evaluation refuses.
pub(super) fn next(rules: Option<&str>, committed: Option<&Committed>, has_starters: bool) -> String {
    let mut steps = Vec::new();
    if let Some(Committed { path, .. }) = committed {
        steps.push(format!(
            "first take `{path}` out of Git and commit that; an evaluation refuses it, because whoever commits it chooses \
             the answers\n  git rm -r --cached -- {}",
            for_shell(path)
        ));
    }
    if let Some(rules) = rules {
        steps.push(format!(
            "next, free and without an account: rules in that file answer in place of a model\n  \
             prompt-assay eval --base none --scripted {rules}"
        ));
    }
    let cases = if has_starters { " put real inputs in place of the starter cases in golden/;" } else { "," };
    steps.push(format!(
        "then{cases} with a model:\n  \
         prompt-assay plan --base none    what an evaluation would run and cost; calls no model\n  \
         prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock\n  \
         prompt-assay doctor              says what a run on Bedrock still needs"
    ));
    steps.join("\n")
}

/// A path as one word of a command in a shell.
fn for_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// The workflow that evaluates pull requests.
pub(super) fn workflow(region: &str) -> String {
    format!(
        "name: Prompts
on:
  pull_request:
  merge_group:
  push: {{branches: [main]}}
permissions: {{}}
jobs:
  prompts:
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read       # to check out, and to read the base
      pull-requests: write # to keep the comment up to date
      id-token: write      # to take the AWS role
    steps:
      - uses: actions/checkout@v6
        with: {{persist-credentials: false}}
      - uses: aws-actions/configure-aws-credentials@v6
        # A fork gets no identity; the action then uses stored answers only.
        if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository
        with:
          role-to-assume: ${{{{ vars.PROMPT_ASSAY_ROLE }}}} # a variable of the repository: the role's ARN
          aws-region: {region}
      - uses: prompt-assay/prompt-assay@v1
"
    )
}

/// One entry of a catalog.
pub(super) fn entry(candidate: &Candidate) -> String {
    use crate::document::{Datum, Key, Node};
    let mark = crate::problem::Mark::default();
    let text = |text: &str| Node { mark, datum: Datum::Text(text.to_owned()) };
    let key = |text: &str| Key { mark, text: text.to_owned() };
    let mut entries = vec![(key("description"), text(&format!("from {}", candidate.path)))];
    let engine = match candidate.engine {
        Engine::Jinja => None,
        Engine::Python => Some("python"),
        Engine::Braces => Some("braces"),
        Engine::None => Some("none"),
    };
    entries.extend(engine.map(|engine| (key("template"), text(engine))));
    // A text with places is what the program sends as a whole.
    let role = if candidate.variables.is_empty() { "text" } else { "user" };
    entries.push((key(role), text(&candidate.text)));
    let entry = Node { mark, datum: Datum::Map(entries) };
    yaml::block(&Node { mark, datum: Datum::Map(vec![(key(&candidate.id), entry)]) }, 0)
}

/// A golden set to begin with.
pub(super) fn golden(id: &str, variables: &[String], has_user_message: bool, is_json: bool) -> String {
    let mut text = schema("golden");
    text.push_str(&yaml::comment(
        &format!("Starter cases of {id}: they show that an answer comes, and no more. Put real inputs in"),
        0,
    ));
    text.push_str("# their place, and say with `checks` what a good answer is: docs/checks.md\n");
    text.push_str("cases:\n");
    for number in 1..=2 {
        text.push_str(&format!("  - id: example-{number}\n"));
        if !has_user_message {
            text.push_str(&format!("    input: \"Replace this by what a user writes ({number}).\"\n"));
        }
        let variables: Vec<&String> =
            variables.iter().filter(|name| has_user_message || *name != "input").collect();
        if !variables.is_empty() {
            text.push_str("    vars:\n");
            for name in variables {
                text.push_str(&format!("      {}: \"Replace this value ({number}).\"\n", yaml::scalar(name)));
            }
        }
        let check = if is_json { "json: true" } else { "length: {min_words: 1}" };
        text.push_str(&format!("    checks:\n      - {check}\n"));
    }
    text
}

/// How an application reads a prompt from now on.
pub(super) fn reading(candidate: &Candidate) -> String {
    let Candidate { language, id, variables, explained, .. } = candidate;
    // The expression that stood at the variable's place, without how it was printed.
    let value = |name: &String| {
        let expression =
            explained.iter().find(|(other, _)| other == name).map_or(name, |(_, expression)| expression);
        expression.split(['!', ':']).next().unwrap_or(name).trim().to_owned()
    };
    let pairs = |between: &str, quote: &str| {
        let pair = |name: &String| format!("{quote}{name}{quote}{between}{}", value(name));
        variables.iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    match language {
        Language::Python => format!("prompts.get(\"{id}\").render({})", pairs("=", "")),
        Language::JavaScript if variables.is_empty() => format!("(await prompts.get(\"{id}\")).render({{}})"),
        Language::JavaScript => format!("(await prompts.get(\"{id}\")).render({{ {} }})", pairs(": ", "")),
        Language::Rust => format!("prompts.get(\"{id}\").await?.render(&json!({{{}}}))?", pairs(": ", "\"")),
    }
}
