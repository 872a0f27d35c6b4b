//! One entry of a catalog: a text, or a mapping with everything a prompt may declare.

use super::files::PATHS;
use super::{messages, tools};
use crate::document::{Datum, Fields, Key, Node, Shape, Source, first_line, text};
use crate::per_call::BudgetPerCall;
use crate::problem::Problems;
use crate::prompt::{
    Engine, MessageTemplate, Models, ParameterOverrides, Prompt, ScoreMode, Speaker, TextSource,
};
use crate::settings;
use crate::tree::{directory, resolve};

pub(super) const PROMPT: Shape = Shape {
    name: "a prompt",
    keys: &[
        "file",
        "text",
        "system",
        "user",
        "messages",
        "input",
        "golden",
        "models",
        "model",
        "parameters",
        "tools",
        "tool_choice",
        "template",
        "score",
        "min_score",
        "budget_per_call",
        "was",
        "release",
        "description",
        "name",
        "id",
        "version",
    ],
};

/// Keys of [`PROMPT`] that people use everywhere: they do not make a mapping a prompt, and are not
/// sent.
pub(super) const LABELS: [&str; 3] = ["name", "id", "version"];

const SCORES: &[(&str, ScoreMode)] = &[("pass_fail", ScoreMode::PassFail), ("mean", ScoreMode::Mean)];

/// What `input` can say: that the prompt ignores its cases' input.
const INPUTS: &[(&str, bool)] = &[("none", true)];

/// A catalog's key and value.
pub(super) struct Entry<'a> {
    pub(super) source: &'a Source,
    /// Its name, with the names of its levels.
    pub(super) key: Key,
    pub(super) node: &'a Node,
    /// The template language of prompts that name none.
    pub(super) template: Engine,
}

/// Reads one prompt; `None` when it has no usable messages.
pub(super) fn read(entry: &Entry<'_>, problems: &mut Problems) -> Option<Prompt> {
    match &entry.node.datum {
        Datum::Map(_) => {
            let fields = Fields::read(entry.source, entry.node, &PROMPT, problems)?;
            mapping(entry, &fields, problems)
        }
        _ => plain(entry, problems),
    }
}

/// `name: "text"`.
fn plain(entry: &Entry<'_>, problems: &mut Problems) -> Option<Prompt> {
    let Entry { source, key, node, .. } = entry;
    let text = text(source, node, &format!("the prompt `{}`", key.text))
        .map_err(|problem| problems.push(problem))
        .ok()?;
    if text.trim().is_empty() {
        let message = format!("the prompt `{}` is empty", key.text);
        problems.push(source.error(node.mark, message).help("write its text, or remove it"));
        return None;
    }
    let text = TextSource::Inline(text.to_owned());
    messages::warn(source, node, &format!("the prompt `{}`", key.text), problems);
    let first_line = first_line(source, node);
    let message = MessageTemplate { speaker: Speaker::System, text, mark: node.mark, first_line };
    Some(with_defaults(entry, vec![message]))
}

fn with_defaults(entry: &Entry<'_>, messages: Vec<MessageTemplate>) -> Prompt {
    Prompt {
        id: entry.key.text.clone(),
        catalog: entry.source.path.clone(),
        mark: entry.key.mark,
        description: None,
        engine: entry.template,
        messages,
        ignores_input: false,
        golden: None,
        golden_explicit: false,
        models: Models::default(),
        parameters: ParameterOverrides::default(),
        tools: Vec::new(),
        tool_choice: None,
        score: ScoreMode::default(),
        min_score: None,
        budget_per_call: BudgetPerCall::default(),
        was: None,
        release: None,
    }
}

fn mapping(entry: &Entry<'_>, fields: &Fields<'_>, problems: &mut Problems) -> Option<Prompt> {
    let messages = messages::read(&entry.key.text, fields, problems);
    let tools = tools::read(fields, problems);
    let golden = golden(fields, problems);
    let prompt = Prompt {
        description: fields.text("description", problems).map(str::to_owned),
        engine: fields.choice("template", settings::ENGINES, problems).unwrap_or(entry.template),
        ignores_input: fields.choice("input", INPUTS, problems).unwrap_or_default(),
        golden_explicit: golden.is_some(),
        golden,
        models: models(fields, problems),
        parameters: settings::parameters(fields, problems),
        tool_choice: tools::choice(fields, &tools, problems),
        tools,
        score: fields.choice("score", SCORES, problems).unwrap_or_default(),
        min_score: fields.number("min_score", 0.0..=1.0, problems),
        budget_per_call: settings::budget_per_call(fields, problems),
        was: was(entry, fields, problems),
        release: fields.kept("release"),
        ..with_defaults(entry, Vec::new())
    };
    messages.map(|messages| Prompt { messages, ..prompt })
}

fn golden(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let written = fields.text("golden", problems)?;
    resolve(directory(&fields.source.path), written)
        .map_err(|error| problems.push(fields.error("golden", error.to_string()).help(PATHS)))
        .ok()
}

fn models(fields: &Fields<'_>, problems: &mut Problems) -> Models {
    fields.at_most_one(&["model", "models"], problems);
    match settings::identifier(fields, "model", problems) {
        Some(model) => Models { branch: Some(model.clone()), main: Some(model), judge: None },
        None => settings::models(fields, problems),
    }
}

fn was(entry: &Entry<'_>, fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let was = fields.text("was", problems)?;
    if was == entry.key.text {
        problems
            .push(fields.error("was", "`was` names the prompt itself").help("write the key it had before"));
        return None;
    }
    Some(was.to_owned())
}
