//! `.prompt.yml` of GitHub Models: a prompt, its test data and its evaluators in one file.
//!
//! ```text
//! messages, modelParameters, responseFormat, jsonSchema  -> an entry of a catalog
//! testData                                               -> cases
//! evaluators, responseFormat, jsonSchema                 -> checks (`evaluator`)
//! ```

mod evaluator;
mod format;

use std::collections::BTreeMap;

use super::places::Unfilled;
use super::{Cases, items, made, places};
use crate::document::{Datum, Fields, Key, Node, Shape, Source, first_line, quoted};
use crate::problem::{Mark, Problem, Problems, nearest};

const FILE: Shape = Shape {
    name: "a .prompt.yml",
    keys: &[
        "name",
        "description",
        "model",
        "modelParameters",
        "responseFormat",
        "jsonSchema",
        "messages",
        "testData",
        "evaluators",
    ],
};

const SHORTEN: &str = "shorten the evaluators or the values, or split the file";

/// Names of parameters, as people write them, and the names here.
const PARAMETERS: &[(&str, &str)] = &[
    ("maxTokens", "max_tokens"),
    ("max_tokens", "max_tokens"),
    ("maxCompletionTokens", "max_tokens"),
    ("max_completion_tokens", "max_tokens"),
    ("temperature", "temperature"),
    ("topP", "top_p"),
    ("top_p", "top_p"),
    ("stop", "stop"),
];

/// The prompt's name: the file's name without its ending; `None`: it is another file.
pub(super) fn id(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let id = name.strip_suffix(".prompt.yml").or_else(|| name.strip_suffix(".prompt.yaml"))?;
    (!id.is_empty()).then_some(id)
}

/// The file as an entry of a catalog.
pub(super) fn prompt(source: &Source, root: &Node, problems: &mut Problems) -> Option<(Key, Node)> {
    let root = &without_nothing(root);
    let fields = fields(source, root, problems)?;
    let id = id(&source.path)?.to_owned();
    let Some(messages) = fields.node("messages") else {
        let help = "write messages: [{role: user, content: \"…\"}]";
        problems.push(source.error(root.mark, "a .prompt.yml needs `messages`").help(help));
        return None;
    };
    refuse_signs(source, messages, problems);
    let mut entry =
        vec![("messages", with_small_roles(messages)), ("template", made::text(root.mark, "jinja"))];
    if let Some(said) = fields.node("description").or_else(|| fields.node("name")) {
        entry.push(("description", said.clone()));
    }
    if let Some(model) = fields.text("model", problems) {
        match is_of_bedrock(model) {
            true => entry.push(("model", fields.node("model")?.clone())),
            false => problems.push(foreign_model(model)),
        }
    }
    let mut parameters = parameters(&fields, problems);
    parameters.extend(format::response_format(&fields, problems).map(|format| ("response_format", format)));
    if !parameters.is_empty() {
        entry.push(("parameters", made::map(root.mark, parameters)));
    }
    unscored(&fields, problems);
    let mark = Mark::new(root.mark.line.max(1), root.mark.column.max(1));
    Some((Key { mark, text: id }, made::map(mark, entry)))
}

/// Its cases. All checks that are the same for every case are in `defaults`.
pub(super) fn cases(source: &Source, root: &Node, problems: &mut Problems) -> Option<Cases> {
    let root = &without_nothing(root);
    let fields = fields(source, root, &mut Problems::new())?;
    let mut found = Problems::new();
    let evaluators = evaluator::read(&fields, &mut found);
    let is_usable = !found.has_errors();
    problems.extend(found);
    if !is_usable {
        return None;
    }
    let mut common: Vec<Node> = format::checks(&fields, &mut Problems::new());
    let (own, same): (Vec<_>, Vec<_>) = evaluators.into_iter().partition(evaluator::Evaluator::differs);
    common.extend(same.iter().map(evaluator::Evaluator::check));
    let mut rows = Vec::new();
    let mut allowance = made::Allowance::default();
    for row in fields.list("testData", problems).unwrap_or_default() {
        let Datum::Map(entries) = &row.datum else {
            let message = format!("each of `testData` must be a mapping of variables, found {}", row.kind());
            problems.push(source.error(row.mark, message).help("write - input: \"…\""));
            continue;
        };
        let values: BTreeMap<String, String> = entries
            .iter()
            .filter_map(|(key, node)| Some((key.text.clone(), made::printed(source, node)?)))
            .collect();
        let checked = own.iter().map(|one| {
            let check = one.of_case(&values)?;
            if allowance.take(&check) { Ok(check) } else { Err(Unfilled::TooLong) }
        });
        match checked.collect::<Result<Vec<Node>, Unfilled>>() {
            Ok(checks) => rows.push(case(source, row, entries, checks)),
            Err(Unfilled::TooLong) => {
                let message = "the evaluators with the values of the cases up to this one take too much";
                problems.push(source.error(row.mark, message).help(SHORTEN));
                break;
            }
            Err(Unfilled::NoValue(name)) => {
                let message = format!("the case has no `{name}`, which an evaluator asks for");
                let help = format!("add `{name}`, or take `{{{{{name}}}}}` out of the evaluator");
                problems.push(source.error(row.mark, message).help(help));
            }
        }
    }
    let defaults = made::map(root.mark, vec![("checks", made::list(root.mark, common))]);
    Some(Cases { defaults, rows })
}

/// One row of `testData`: `input` and `expected` as they are called here, the rest as variables.
fn case(source: &Source, row: &Node, entries: &[(Key, Node)], checks: Vec<Node>) -> Node {
    let mut case = Vec::new();
    let mut variables = Vec::new();
    for (key, node) in entries {
        let as_text = || match &node.datum {
            Datum::Number(_) | Datum::Bool(_) => {
                // At the place of the row: at its own it looks like a number that was meant as text.
                made::printed(source, node).map(|text| made::text(row.mark, text))
            }
            _ => None,
        };
        match key.text.as_str() {
            name @ ("input" | "expected") => case.push((name, as_text().unwrap_or_else(|| node.clone()))),
            _ => variables.push((key.clone(), node.clone())),
        }
    }
    if !variables.is_empty() {
        case.push(("vars", Node { mark: row.mark, datum: Datum::Map(variables) }));
    }
    if !checks.is_empty() {
        case.push(("checks", made::list(row.mark, checks)));
    }
    made::map(row.mark, case)
}

/// Whether it has test data, and something that could fail.
pub(super) fn has_cases(root: &Node) -> bool {
    let entry = |key| root.entry(key).map(|(_, node)| node);
    let is_json =
        matches!(entry("responseFormat").map(|node| &node.datum), Some(Datum::Text(form)) if form != "text");
    !items(entry("testData")).is_empty() && (is_json || !items(entry("evaluators")).is_empty())
}

/// Says that test data or evaluators alone score nothing. What is no list is an error, and not as good as nothing.
fn unscored(fields: &Fields<'_>, problems: &mut Problems) {
    let is_other = |key: &&str| fields.node(key).is_some_and(|node| !matches!(node.datum, Datum::List(_)));
    let others: Vec<&str> = ["testData", "evaluators"].into_iter().filter(is_other).collect();
    if !others.is_empty() {
        for key in others {
            fields.list(key, problems);
        }
        return;
    }
    let filled = |key: &str| !items(fields.node(key)).is_empty();
    let (lone, lacking) = match (filled("testData"), filled("evaluators")) {
        (true, false) if !has_format(fields) => ("testData", "evaluators"),
        (false, true) => ("evaluators", "testData"),
        _ => return,
    };
    let message = format!("`{lone}` without `{lacking}` scores nothing: the prompt has no golden set");
    let help = format!("add `{lacking}`, or write a golden set for it");
    problems.push(fields.source.warning(fields.key_mark(lone), message).help(help));
}

/// The messages with their roles in small letters: the files' own reader takes `System` for `system`.
fn with_small_roles(messages: &Node) -> Node {
    let mut messages = messages.clone();
    let Datum::List(items) = &mut messages.datum else { return messages };
    for item in items {
        let Datum::Map(entries) = &mut item.datum else { continue };
        for (_, role) in entries.iter_mut().filter(|(key, _)| key.text == "role") {
            if let Datum::Text(name) = &mut role.datum {
                *name = name.to_lowercase();
            }
        }
    }
    messages
}

/// The file without keys that have nothing behind them: `evaluators:` alone is as if it were not there, as for the files' own
/// reader.
fn without_nothing(root: &Node) -> Node {
    let mut root = root.clone();
    if let Datum::Map(entries) = &mut root.datum {
        entries.retain(|(_, node)| !matches!(node.datum, Datum::Null));
    }
    root
}

fn has_format(fields: &Fields<'_>) -> bool {
    matches!(fields.node("responseFormat").map(|node| &node.datum), Some(Datum::Text(form)) if form != "text")
}

/// The keys of a file. An unknown key that resembles a known one is an error, every other one a warning: the files'
/// own reader ignores them.
fn fields<'a>(source: &'a Source, root: &'a Node, problems: &mut Problems) -> Option<Fields<'a>> {
    if let Datum::Map(entries) = &root.datum {
        problems.extend(unknown(source, entries, FILE.keys, "a .prompt.yml"));
        return Fields::read(source, root, &FILE, &mut Problems::new());
    }
    let message = format!("a .prompt.yml must be a mapping, found {}", root.kind());
    problems.push(source.error(root.mark, message).help(format!("its keys are {}", quoted(FILE.keys))));
    None
}

fn unknown(source: &Source, entries: &[(Key, Node)], known: &[&str], what: &str) -> Problems {
    let mut problems = Problems::new();
    for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
        problems.push(match nearest(&key.text, known) {
            Some(near) => source
                .error(key.mark, format!("unknown key `{}` in {what}", key.text))
                .help(format!("did you mean `{near}`?")),
            None => source
                .warning(key.mark, format!("`{}` of {what} has no counterpart and is not read", key.text))
                .help("take it out, if nothing else reads it"),
        });
    }
    problems
}

fn parameters(fields: &Fields<'_>, problems: &mut Problems) -> Vec<(&'static str, Node)> {
    let Some(entries) = fields.map("modelParameters", problems) else { return Vec::new() };
    let known: Vec<&str> = PARAMETERS.iter().map(|(name, _)| *name).collect();
    problems.extend(unknown(fields.source, entries, &known, "`modelParameters`"));
    let mut found: Vec<(&'static str, Node)> = Vec::new();
    for (key, node) in entries {
        let Some((_, name)) = PARAMETERS.iter().find(|(written, _)| *written == key.text) else { continue };
        if found.iter().any(|(other, _)| other == name) {
            let message = format!("`{}` is given twice, under two names", key.text);
            problems.push(fields.source.error(key.mark, message).help("keep one of the two"));
        } else {
            found.push((name, node.clone()));
        }
    }
    found
}

/// Whether a model's name may be an id of Bedrock: an ARN, or `amazon.nova-lite-v1:0`. Names of GitHub Models are
/// `openai/gpt-4.1` or `gpt-4.1`.
fn is_of_bedrock(model: &str) -> bool {
    let has_publisher = || {
        model.split_once('.').is_some_and(|(publisher, rest)| {
            publisher.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '2' || c == '1')
                && rest.starts_with(|c: char| c.is_ascii_alphabetic())
        })
    };
    model.starts_with("arn:") || (!model.contains('/') && has_publisher())
}

/// Without a place: a hundred files that name the same model are reported once.
fn foreign_model(model: &str) -> Problem {
    let shown: String = model.chars().take(60).collect();
    Problem::warning(format!("`model: {shown}` of .prompt.yml files is no id of Bedrock and does not count"))
        .help("set `models` in prompt-assay.yaml, or write an id of Bedrock there")
}

/// GitHub Models replaces `{{name}}` and sends everything else as it is; a template of Jinja does not.
fn refuse_signs(source: &Source, messages: &Node, problems: &mut Problems) {
    for content in items(Some(messages)).iter().filter_map(|message| message.entry("content")) {
        let Datum::Text(text) = &content.1.datum else { continue };
        let Some((line, shown)) = places::sign(text) else { continue };
        let first = first_line(source, content.1);
        let mark = if first == 0 { content.1.mark } else { Mark::new(first + line, 1) };
        let message =
            format!("`{shown}` is no place for a variable in a .prompt.yml: there it is `{{{{name}}}}`");
        let help = "names have letters, digits and `_`; a text with other braces belongs into prompts.yaml, with its \
                    own `template`";
        problems.push(source.error(mark, message).help(help));
    }
}
