//! One assertion of promptfoo as a check.

use std::collections::BTreeMap;

use crate::document::{Allowance, Datum, Key, Node, Source, parse_line};
use crate::problem::{Mark, Problem, nearest};

use super::super::places::Unfilled;
use super::super::{made, places};
use super::names::{ASSERTIONS, Counterpart, named};

/// Keys of an assertion that are read.
const READ: [&str; 6] = ["type", "value", "threshold", "weight", "metric", "assert"];

/// Keys of other options, which have no counterpart: the judge's model and prompt, code that changes the answer first.
const UNSUPPORTED: [(&str, &str); 5] = [
    ("transform", "code that changes the answer before the check is never run"),
    ("contextTransform", "code that makes the context is never run"),
    ("provider", "the judge is the one of prompt-assay.yaml (`models: {judge: …}`)"),
    ("rubricPrompt", "the judge's prompt is the one of prompt-assay.yaml (`judge: {prompt: …}`)"),
    ("config", "options of code have no counterpart"),
];

/// What stands before the name of a model for embeddings.
const MODELS: [&str; 4] =
    ["bedrock:embeddings:", "bedrock:embedding:", "openai:embeddings:", "openai:embedding:"];

fn is_semantic(name: &str) -> bool {
    ["similar", "similar:cosine"].contains(&name)
}

/// The one that is written, else promptfoo's own of comparisons.
fn threshold(node: &Node, mark: Mark) -> Option<Node> {
    let usual = || Some(Node { mark, datum: serde_json::Number::from_f64(0.75).map(Datum::Number)? });
    node.entry("threshold").map(|(_, threshold)| threshold.clone()).or_else(usual)
}

/// The assertions of a test, with the values of its variables.
pub(super) struct Assertions<'a> {
    pub(super) source: &'a Source,
    pub(super) values: &'a BTreeMap<String, String>,
    /// What has no counterpart, each at its place.
    pub(super) left: &'a mut Vec<Problem>,
    /// What all cases may still take.
    pub(super) made: &'a mut made::Allowance,
}

impl Assertions<'_> {
    /// The check of an assertion; `None`: it has no counterpart, and is in `left`.
    pub(super) fn check(&mut self, node: &Node) -> Option<Node> {
        let text = |key| match node.entry(key).map(|(_, node)| &node.datum) {
            Some(Datum::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let Some(written) = text("type") else {
            let found = format!("an assertion needs `type`, found {}", node.kind());
            return self.leave(node.mark, found, "write {type: contains, value: …}");
        };
        let mark = node.entry("type").map_or(node.mark, |(_, node)| node.mark);
        let Some((name, counterpart, is_negated)) = named(written) else {
            if written.starts_with("promptfoo:") {
                let help = "it is made and graded by `promptfoo redteam`: write what the answer may not do as `judge`";
                return self.leave(mark, format!("`{written}` of promptfoo has no counterpart here"), help);
            }
            let names: Vec<&str> = ASSERTIONS.iter().map(|(name, _)| *name).collect();
            let (not, positive) = match written.strip_prefix("not-") {
                Some(positive) => ("not-", positive),
                None => ("", written),
            };
            let help = match nearest(positive, &names) {
                Some(near) => format!("promptfoo has `{not}{near}`"),
                None => "docs/import.md lists all of them".to_owned(),
            };
            return self.leave(mark, format!("unknown assertion `{written}`"), &help);
        };
        if let Counterpart::None(why) = counterpart {
            return self.leave(mark, format!("`{written}` of promptfoo has no counterpart here"), why);
        }
        let entries = if let Datum::Map(entries) = &node.datum { entries.as_slice() } else { &[] };
        let is_read = |key: &str| READ.contains(&key) || (key == "provider" && is_semantic(name));
        if let Some((key, _)) = entries.iter().find(|(key, _)| !is_read(&key.text)) {
            let known = UNSUPPORTED.iter().find(|(name, _)| *name == key.text);
            let why = known.map_or("docs/import.md lists what is read", |(_, why)| why);
            return self.leave(key.mark, format!("`{}` of an assertion is not read", key.text), why);
        }
        if is_negated && ["latency", "cost"].contains(&name) {
            let help = "write it without `not-`, as an upper bound";
            return self.leave(
                mark,
                format!("`{written}` has no counterpart: no answer can be too fast or too cheap"),
                help,
            );
        }
        let mut entries = self.demand(name, node, mark)?;
        if is_negated {
            entries = vec![("not", made::map(mark, entries))];
        }
        let mut check: Vec<(&str, Node)> = entries;
        if let Some((_, metric)) =
            node.entry("metric").filter(|(_, node)| matches!(node.datum, Datum::Text(_)))
        {
            check.push(("name", metric.clone()));
        }
        if let Some((key, weight)) = node.entry("weight") {
            if matches!(&weight.datum, Datum::Number(number) if number.as_f64() == Some(0.0)) {
                let message = "an assertion of `weight: 0` only reports, and every check here decides";
                return self.leave(key.mark, message.to_owned(), "take it out, or give it a weight");
            }
            check.push(("weight", weight.clone()));
        }
        Some(made::map(mark, check))
    }

    fn leave<T>(&mut self, mark: Mark, message: String, help: &str) -> Option<T> {
        self.left.push(self.source.error(mark, message).help(help));
        None
    }

    /// The kind of check and its value.
    fn demand(&mut self, name: &str, node: &Node, mark: Mark) -> Option<Vec<(&'static str, Node)>> {
        let one = |kind, value| Some(vec![(kind, value)]);
        let ignoring_case = |value| made::map(mark, vec![("value", value), ("ignore_case", made::yes(mark))]);
        match name {
            "equals" => match &node.entry("value")?.1.datum {
                Datum::List(_) | Datum::Map(_) => {
                    let value = node.entry("value")?.1.clone();
                    one("json_schema", made::map(mark, vec![("const", value)]))
                }
                _ => one("equals", self.text(name, node, mark)?),
            },
            "contains" | "regex" => {
                one(if name == "regex" { "regex" } else { "contains" }, self.text(name, node, mark)?)
            }
            "starts-with" => one("starts_with", self.text(name, node, mark)?),
            "icontains" => one("contains", ignoring_case(self.text(name, node, mark)?)),
            "contains-all" => one("contains", self.texts(name, node, mark)?),
            "contains-any" => one("contains_any", self.texts(name, node, mark)?),
            "icontains-all" => one("contains", ignoring_case(self.texts(name, node, mark)?)),
            "icontains-any" => one("contains_any", ignoring_case(self.texts(name, node, mark)?)),
            "is-json" => match node.entry("value") {
                None => one("json", made::yes(mark)),
                Some((_, schema)) => one("json_schema", self.schema(schema)?),
            },
            "rouge-n" => {
                let threshold = threshold(node, mark)?;
                let metric = made::text(mark, "rouge1");
                let to = self.text(name, node, mark)?;
                one("rouge", made::map(mark, vec![("to", to), ("metric", metric), ("threshold", threshold)]))
            }
            _ if is_semantic(name) => one("semantic", self.semantic(name, node, mark)?),
            "word-count" => one("length", self.words(node, mark)?),
            "latency" | "cost" => {
                let Some((_, most)) = node.entry("threshold") else {
                    return self.leave(mark, format!("`{name}` needs `threshold`"), "write threshold: 2000");
                };
                let option = if name == "cost" { "max_usd" } else { "max_ms" };
                one(
                    if name == "cost" { "cost" } else { "latency" },
                    made::map(mark, vec![(option, most.clone())]),
                )
            }
            "finish-reason" => {
                let Datum::Text(reason) = self.text(name, node, mark)?.datum else { return None };
                let reason = match reason.as_str() {
                    "stop" => "end_turn",
                    "length" => "max_tokens",
                    "content_filter" => "content_filtered",
                    "tool_calls" => "tool_use",
                    _ => {
                        let help = "promptfoo has stop, length, content_filter and tool_calls";
                        return self.leave(mark, format!("unknown finish reason `{reason}`"), help);
                    }
                };
                one("stop_reason", made::text(mark, reason))
            }
            "assert-set" => self.set(node, mark),
            _ => one("judge", self.rubric(name, node, mark)?),
        }
    }

    /// The text that is looked for, a test's values filled in.
    fn text(&mut self, name: &str, node: &Node, mark: Mark) -> Option<Node> {
        let Some((_, value)) = node.entry("value") else {
            return self.leave(mark, format!("`{name}` needs `value`"), "write value: \"…\"");
        };
        let Some(text) = made::printed(self.source, value) else {
            let message = format!("the value of `{name}` must be text, found {}", value.kind());
            return self.leave(value.mark, message, "write value: \"…\"");
        };
        self.filled(value, &text)
    }

    fn filled(&mut self, node: &Node, text: &str) -> Option<Node> {
        if let Some(file) = text.strip_prefix("file://") {
            let help = "write the value here; files that are code are never run";
            return self.leave(node.mark, format!("the value in the file `{file}` is not read"), help);
        }
        if let Some((_, shown)) = places::sign(text) {
            let help = "only `{{name}}` is filled in: write the value itself";
            return self.leave(node.mark, format!("`{shown}` in an assertion is code of a template"), help);
        }
        match places::filled(text, self.values) {
            Ok(filled) => {
                let filled = made::text(node.mark, filled);
                // A case that would take too much is reported once, where it is made.
                self.made.take(&filled).then_some(filled)
            }
            Err(Unfilled::TooLong) => {
                let message = "an assertion with the values of the test is too long".to_owned();
                self.leave(node.mark, message, "shorten it, or the values")
            }
            Err(Unfilled::NoValue(name)) => {
                let message = format!("the test has no variable `{name}`, which an assertion asks for");
                self.leave(node.mark, message, "add it to the test's `vars`, or to those of `defaultTest`")
            }
        }
    }

    fn texts(&mut self, name: &str, node: &Node, mark: Mark) -> Option<Node> {
        let Some((_, value)) = node.entry("value") else {
            return self.leave(mark, format!("`{name}` needs `value`"), "write value: [\"…\", \"…\"]");
        };
        let texts = match &value.datum {
            Datum::List(items) => {
                let printed = |item: &Node| Some((item.clone(), made::printed(self.source, item)?));
                let texts: Option<Vec<(Node, String)>> = items.iter().map(printed).collect();
                match texts {
                    Some(texts) => texts,
                    None => {
                        let message = format!("the value of `{name}` must be a list of texts");
                        return self.leave(value.mark, message, "write value: [\"…\", \"…\"]");
                    }
                }
            }
            // In a table, values stand between commas.
            Datum::Text(text) => {
                text.split(',').map(|part| (value.clone(), part.trim().to_owned())).collect()
            }
            _ => {
                let message =
                    format!("the value of `{name}` must be a list of texts, found {}", value.kind());
                return self.leave(value.mark, message, "write value: [\"…\", \"…\"]");
            }
        };
        let filled: Option<Vec<Node>> = texts.iter().map(|(node, text)| self.filled(node, text)).collect();
        Some(made::list(mark, filled?))
    }

    /// A JSON Schema: a mapping, a text that contains one, or the path of a file.
    fn schema(&mut self, node: &Node) -> Option<Node> {
        let Datum::Text(text) = &node.datum else { return Some(node.clone()) };
        if let Some(path) = text.strip_prefix("file://") {
            let is_json = path.ends_with(".json");
            let message = || format!("the schema in `{path}` is not read");
            return match is_json {
                true => Some(made::text(node.mark, path)),
                false => {
                    self.leave(node.mark, message(), "write the schema as a JSON file; code is never run")
                }
            };
        }
        match parse_line(self.source, text, node.mark.line, &Allowance::default()) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                self.left.push(problem);
                None
            }
        }
    }

    /// A nearness in meaning. The model must be one for embeddings that is named: promptfoo's own default is OpenAI's.
    fn semantic(&mut self, name: &str, node: &Node, mark: Mark) -> Option<Node> {
        let help = "write provider: bedrock:embeddings:amazon.titan-embed-text-v2:0, and the threshold for that model";
        let Some((key, provider)) = node.entry("provider") else {
            return self.leave(mark, format!("`{name}` needs the model for its embeddings"), help);
        };
        let model = match &provider.datum {
            Datum::Text(text) => MODELS.iter().find_map(|prefix| text.strip_prefix(prefix)),
            _ => None,
        };
        let Some(model) = model.filter(|model| !model.is_empty()) else {
            return self.leave(
                key.mark,
                format!("the `provider` of `{name}` names no model for embeddings"),
                help,
            );
        };
        let to = self.text(name, node, mark)?;
        let model = made::text(provider.mark, model);
        let threshold = threshold(node, mark)?;
        Some(made::map(mark, vec![("to", to), ("model", model), ("threshold", threshold)]))
    }

    fn words(&mut self, node: &Node, mark: Mark) -> Option<Node> {
        let value = node.entry("value").map(|(_, value)| value);
        match value.map(|value| (value, &value.datum)) {
            Some((value, Datum::Number(_))) => {
                Some(made::map(mark, vec![("min_words", value.clone()), ("max_words", value.clone())]))
            }
            Some((value, Datum::Map(_))) => {
                let bound = |key, name| value.entry(key).map(|(_, bound)| (name, bound.clone()));
                let bounds = [bound("min", "min_words"), bound("max", "max_words")];
                Some(made::map(mark, bounds.into_iter().flatten().collect()))
            }
            _ => self.leave(mark, "`word-count` needs `value`".to_owned(), "write value: {min: 5, max: 80}"),
        }
    }

    /// What a judge is asked.
    fn rubric(&mut self, name: &str, node: &Node, mark: Mark) -> Option<Node> {
        let said = |text: &str| made::text(mark, text);
        let rubric = match name {
            "answer-relevance" => said("The answer addresses what the input asks for."),
            "is-refusal" => said("The answer refuses what the input asks for."),
            "g-eval" if matches!(node.entry("value").map(|(_, node)| &node.datum), Some(Datum::List(_))) => {
                let Datum::List(criteria) = self.texts(name, node, mark)?.datum else { return None };
                let criteria = criteria.iter().filter_map(|one| made::printed(self.source, one));
                made::text(mark, criteria.collect::<Vec<_>>().join("\n"))
            }
            "factuality" | "model-graded-factuality" => {
                let reference = self.text(name, node, mark)?;
                let Datum::Text(reference) = reference.datum else { return None };
                made::text(mark, format!("The answer agrees in its facts with this reference: {reference}"))
            }
            _ => self.text(name, node, mark)?,
        };
        match node.entry("threshold") {
            None => Some(rubric),
            Some((_, threshold)) => {
                Some(made::map(mark, vec![("rubric", rubric), ("threshold", threshold.clone())]))
            }
        }
    }

    /// A set of assertions that must all hold.
    fn set(&mut self, node: &Node, mark: Mark) -> Option<Vec<(&'static str, Node)>> {
        if let Some((key, _)) = node.entry("threshold") {
            let help = "write the checks, and `score: mean` at the prompt if they are graded";
            return self.leave(
                key.mark,
                "an `assert-set` of which a share must hold has no counterpart".to_owned(),
                help,
            );
        }
        let Some((_, Node { datum: Datum::List(inner), .. })) = node.entry("assert") else {
            return self.leave(mark, "`assert-set` needs `assert`".to_owned(), "write assert: [{type: …}]");
        };
        // Inside `all` there are no weights.
        let bare = |check: Node| match check.datum {
            Datum::Map(entries) => {
                let entries: Vec<(Key, Node)> =
                    entries.into_iter().filter(|(key, _)| key.text != "weight").collect();
                Node { datum: Datum::Map(entries), ..check }
            }
            datum => Node { datum, ..check },
        };
        let all: Vec<Option<Node>> = inner.iter().map(|node| self.check(node)).collect();
        let all: Option<Vec<Node>> = all.into_iter().map(|check| check.map(bare)).collect();
        Some(vec![("all", made::list(mark, all?))])
    }
}
