//! Evaluators of a `.prompt.yml` as checks.

use std::collections::BTreeMap;

use crate::document::{Datum, Fields, Key, Node, Shape, Source, quoted};
use crate::problem::{Mark, Problems, nearest};

use super::super::{made, places};

const EVALUATOR: Shape = Shape { name: "an evaluator", keys: &["name", "string", "llm", "uses"] };
const LLM: Shape =
    Shape { name: "`llm` of an evaluator", keys: &["modelId", "prompt", "systemPrompt", "choices"] };
const CHOICE: Shape = Shape { name: "a choice", keys: &["choice", "score"] };

/// Demands of `string`, the check here, and whether letters count in any case.
const STRINGS: &[(&str, (&str, bool))] = &[
    ("equals", ("equals", false)),
    ("contains", ("contains", true)),
    ("startsWith", ("starts_with", true)),
    ("endsWith", ("ends_with", true)),
];

/// The evaluators that GitHub Models has built in, and what a judge is asked instead.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "github/similarity",
        "The answer means the same as the expected answer: the same facts, none missing, none added, none changed.",
    ),
    (
        "github/coherence",
        "The answer is coherent: its sentences follow from each other and read as one text.",
    ),
    ("github/fluency", "The answer is fluent: correct grammar, natural wording, easy to read."),
    ("github/relevance", "The answer addresses what the input asks for, all of it, and nothing else."),
    ("github/groundedness", "Every statement of the answer is supported by the input. Nothing is made up."),
];

/// What an evaluator wants; its text may have places for the values of a case.
pub(super) struct Evaluator {
    name: Option<Node>,
    mark: Mark,
    text: String,
    demand: Demand,
}

enum Demand {
    /// A check of text, and whether letters count in any case.
    Text(&'static str, bool),
    /// A judge's rubric.
    Judge,
}

/// The evaluators of a file; those with mistakes are left out, and reported.
pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Evaluator> {
    let nodes = fields.list("evaluators", problems).unwrap_or_default();
    nodes.iter().filter_map(|node| evaluator(fields.source, node, problems)).collect()
}

fn evaluator(source: &Source, node: &Node, problems: &mut Problems) -> Option<Evaluator> {
    let fields = Fields::read(source, node, &EVALUATOR, problems)?;
    fields.at_most_one(&["string", "llm", "uses"], problems);
    let name = fields.node("name").filter(|name| matches!(name.datum, Datum::Text(_))).cloned();
    let (mark, text, demand) = if let Some(demands) = fields.node("string") {
        string(source, demands, problems)?
    } else if let Some(llm) = fields.node("llm") {
        (llm.mark, rubric(source, llm, problems)?, Demand::Judge)
    } else if fields.has("uses") {
        (fields.node("uses")?.mark, built_in(&fields, problems)?, Demand::Judge)
    } else {
        let help =
            "write string: {contains: \"…\"}, or llm: {prompt: …, choices: …}, or uses: github/similarity";
        problems.push(source.error(node.mark, "an evaluator needs `string`, `llm` or `uses`").help(help));
        return None;
    };
    Some(Evaluator { name, mark, text, demand })
}

fn string(source: &Source, node: &Node, problems: &mut Problems) -> Option<(Mark, String, Demand)> {
    let names: Vec<&str> = STRINGS.iter().map(|(name, _)| *name).collect();
    let one_of = format!("an evaluator's `string` has one of {}", quoted(&names));
    let Datum::Map(entries) = &node.datum else {
        problems.push(source.error(node.mark, format!("{one_of}, found {}", node.kind())));
        return None;
    };
    let [(key, wanted)] = entries.as_slice() else {
        let mark = entries.get(1).map_or(node.mark, |(key, _)| key.mark);
        problems.push(source.error(mark, one_of).help("write a separate evaluator for each"));
        return None;
    };
    let Some((_, (kind, ignores_case))) = STRINGS.iter().find(|(name, _)| *name == key.text) else {
        let problem = source.error(key.mark, format!("unknown `{}` in an evaluator's `string`", key.text));
        problems.push(problem.help(match nearest(&key.text, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => one_of,
        }));
        return None;
    };
    let Some(text) = made::printed(source, wanted).filter(|text| !text.is_empty()) else {
        let message = format!("`{}` of an evaluator must be text, found {}", key.text, wanted.kind());
        problems.push(source.error(wanted.mark, message));
        return None;
    };
    Some((wanted.mark, text, Demand::Text(kind, *ignores_case)))
}

/// The rubric of a judge that is asked a question with choices. The judge here gives a score itself, so that the
/// choices become instructions for it.
fn rubric(source: &Source, node: &Node, problems: &mut Problems) -> Option<String> {
    let fields = Fields::read(source, node, &LLM, problems)?;
    let mut parts = Vec::new();
    for key in ["systemPrompt", "prompt"] {
        parts.extend(
            fields.text(key, problems).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        );
    }
    if !fields.has("prompt") {
        let problem = source.error(node.mark, "`llm` of an evaluator needs `prompt`");
        problems.push(problem.help("write what the judge is asked, with `{{completion}}` for the answer"));
        return None;
    }
    let choices = fields.list("choices", problems).unwrap_or_default();
    let mut scores = Vec::new();
    for choice in choices {
        let fields = Fields::read(source, choice, &CHOICE, problems)?;
        let score = fields.number("score", 0.0..=1.0, problems)?;
        let named = fields.node("choice").and_then(|node| made::printed(source, node));
        let Some(named) = named else {
            problems.push(source.error(choice.mark, "a choice needs `choice` and `score`"));
            return None;
        };
        scores.push(format!("{score} for \"{named}\""));
    }
    if !scores.is_empty() {
        parts.push(format!("Choose one of these answers, and give its score: {}.", scores.join(", ")));
    }
    Some(parts.join("\n\n"))
}

fn built_in(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let written = fields.text("uses", problems)?;
    if let Some((_, rubric)) = BUILT_IN.iter().find(|(name, _)| *name == written) {
        return Some((*rubric).to_owned());
    }
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    let problem = fields.error("uses", format!("unknown evaluator `{written}`"));
    problems.push(problem.help(match nearest(written, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the built-in ones are {}; write others as `llm`", quoted(&names)),
    }));
    None
}

/// What a judge sees beside the rubric, and how the rubric calls it.
const SEEN: [(&str, &str); 3] =
    [("completion", "[the answer]"), ("input", "[the input]"), ("expected", "[the expected answer]")];

impl Evaluator {
    /// Whether its check differs from case to case.
    pub(super) fn differs(&self) -> bool {
        let seen = |name: &str| match self.demand {
            Demand::Judge => SEEN.iter().any(|(seen, _)| *seen == name),
            Demand::Text(..) => places::is_only(&self.text, "expected"),
        };
        places::names(&self.text).into_iter().any(|name| !seen(name))
    }

    /// The check of all cases.
    pub(super) fn check(&self) -> Node {
        self.of_case(&BTreeMap::new()).unwrap_or_else(|_| self.with(self.text.clone()))
    }

    /// The check of a case with these values.
    ///
    /// # Errors
    /// See [`places::filled`].
    pub(super) fn of_case(&self, values: &BTreeMap<String, String>) -> Result<Node, places::Unfilled> {
        match self.demand {
            Demand::Text(kind, ignores_case) if places::is_only(&self.text, "expected") => {
                let mut options = vec![("expected", made::yes(self.mark))];
                options.extend(ignores_case.then(|| ("ignore_case", made::yes(self.mark))));
                Ok(self.named(kind, made::map(self.mark, options)))
            }
            Demand::Text(..) => Ok(self.with(places::filled(&self.text, values)?)),
            Demand::Judge => {
                let mut values = values.clone();
                values.extend(SEEN.map(|(name, called)| (name.to_owned(), called.to_owned())));
                Ok(self.with(places::filled(&self.text, &values)?))
            }
        }
    }

    fn with(&self, text: String) -> Node {
        let text = made::text(self.mark, text);
        match self.demand {
            Demand::Judge => self.named("judge", text),
            Demand::Text(kind, false) => self.named(kind, text),
            Demand::Text(kind, true) => {
                let options = vec![("value", text), ("ignore_case", made::yes(self.mark))];
                self.named(kind, made::map(self.mark, options))
            }
        }
    }

    fn named(&self, kind: &str, value: Node) -> Node {
        let key = |text: &str| Key { mark: self.mark, text: text.to_owned() };
        let mut entries = vec![(key(kind), value)];
        entries.extend(self.name.clone().map(|name| (key("name"), name)));
        Node { mark: self.mark, datum: Datum::Map(entries) }
    }
}
