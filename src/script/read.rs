//! Reading a file of rules: all mistakes at once, each with its line.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::Rules;
use super::rule::{Answer, Failure, Latency, Rule, Tokens, Vector, When};
use super::rule::{answer_is_sound, error_leaves_answers, shares_add_up};
use super::template::Template;
use crate::document::{Datum, Fields, Format, Node, Shape, Source, parse_source};
use crate::model::{Embedding, ErrorClass, StopReason};
use crate::problem::Problems;

const FILE: Shape = Shape { name: "a file of rules", keys: &["seed", "latency_ms", "rules", "default"] };
const RULE: Shape = Shape {
    name: "a rule",
    keys: &["when", "text", "answers", "embedding", "error", "latency_ms", "tokens"],
};
const WHEN: Shape = Shape { name: "`when`", keys: &["system", "input", "model", "tool", "parameters"] };
const ANSWER: Shape = Shape { name: "an answer", keys: &["p", "text", "tool", "stop"] };
const ERROR: Shape = Shape { name: "`error`", keys: &["class", "p", "times", "message"] };
const TOKENS: Shape = Shape { name: "`tokens`", keys: &["input", "output"] };

const CLASSES: &[(&str, ErrorClass)] = &[
    ("throttled", ErrorClass::Throttled),
    ("not_ready", ErrorClass::NotReady),
    ("transient", ErrorClass::Transient),
    ("timed_out", ErrorClass::TimedOut),
    ("invalid", ErrorClass::Invalid),
    ("context_overflow", ErrorClass::ContextOverflow),
    ("access_denied", ErrorClass::AccessDenied),
    ("no_credentials", ErrorClass::NoCredentials),
    ("not_found", ErrorClass::NotFound),
    ("quota_exceeded", ErrorClass::QuotaExceeded),
    ("offline", ErrorClass::Offline),
];

/// A probability.
const P: std::ops::RangeInclusive<f64> = 0.0..=1.0;

impl Rules {
    /// Reads a file of rules; `path` is only for messages.
    ///
    /// # Errors
    /// All problems, with file, line and what to write instead.
    pub fn read(path: &str, text: &str) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let rules = match parse_source(Source::new(path, text), Format::Yaml) {
            Ok(document) => file(&document.source, &document.root, &mut problems),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        rules.filter(|_| !problems.has_errors()).ok_or(problems)
    }
}

fn file(source: &Source, root: &Node, problems: &mut Problems) -> Option<Rules> {
    let fields = Fields::read(source, root, &FILE, problems)?;
    let rules = fields.list("rules", problems).unwrap_or_default();
    Some(Rules {
        seed: fields.text_or_integer("seed", problems).unwrap_or_else(|| "0".to_owned()),
        latency: latency(&fields, problems).unwrap_or_default(),
        rules: rules.iter().filter_map(|node| rule(source, node, problems)).collect(),
        default: fields.node("default").and_then(|node| default(source, node, problems)),
    })
}

fn rule(source: &Source, node: &Node, problems: &mut Problems) -> Option<Rule> {
    let fields = Fields::read(source, node, &RULE, problems)?;
    let mut own = Problems::new();
    let rule = parts(source, &fields, &mut own);
    // An answer that could not be read may be the missing one.
    if !own.has_errors() {
        if let Err(why) = shares_add_up(&rule.answers) {
            own.push(fields.error("answers", why));
        }
        if let Err(why) = error_leaves_answers(rule.error.as_ref(), &rule.answers) {
            own.push(source.error(fields.mark, why));
        }
    }
    problems.extend(own);
    Some(rule)
}

fn parts(source: &Source, fields: &Fields<'_>, problems: &mut Problems) -> Rule {
    let when = fields.inner("when", &WHEN, problems).map(|when| conditions(&when, problems));
    let when = when.unwrap_or_default();
    fields.at_most_one(&["text", "answers", "embedding"], problems);
    let captures = when.capture_names();
    let several = fields.list("answers", problems).unwrap_or_default();
    let mut answers: Vec<Answer> =
        several.iter().filter_map(|node| answer(source, node, &captures, problems)).collect();
    if let Some(text) = template(fields, "text", problems) {
        let only = Answer { text: Some(text), ..Answer::default() };
        if let Err(why) = answer_is_sound(&only, &captures) {
            problems.push(fields.error("text", why));
        }
        answers.push(only);
    }
    if let Some(vector) = embedding(fields, problems) {
        answers.push(Answer { embedding: Some(vector), ..Answer::default() });
    }
    let error = error(fields, problems);
    let latency_ms = latency(fields, problems);
    let tokens = tokens(fields, problems).unwrap_or_default();
    Rule { when, answers, error, latency_ms, tokens }
}

fn conditions(fields: &Fields<'_>, problems: &mut Problems) -> When {
    When {
        system: pattern(fields, "system", problems),
        input: pattern(fields, "input", problems),
        model: pattern(fields, "model", problems),
        tool: fields.text("tool", problems).map(str::to_owned),
        parameters: fields
            .map("parameters", problems)
            .map(|entries| entries.iter().map(|(key, node)| (key.text.clone(), node.to_value())).collect()),
    }
}

/// A regular expression that ignores case.
fn pattern(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<Regex> {
    let text = fields.text(key, problems)?;
    match RegexBuilder::new(text).case_insensitive(true).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            // The crate draws the pattern over several lines; the last one says why.
            let full = error.to_string();
            let why = full.lines().last().unwrap_or_default().trim_start_matches("error: ");
            problems.push(fields.error(key, format!("`{text}` is not a regular expression: {why}")));
            None
        }
    }
}

fn template(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<Template> {
    let parsed = Template::parse(fields.text(key, problems)?);
    parsed.map_err(|why| problems.push(fields.error(key, format!("the answer's template: {why}")))).ok()
}

fn answer(source: &Source, node: &Node, captures: &[&str], problems: &mut Problems) -> Option<Answer> {
    let fields = Fields::read(source, node, &ANSWER, problems)?;
    let mut own = Problems::new();
    let answer = Answer {
        p: fields.number("p", P, &mut own),
        text: template(&fields, "text", &mut own),
        tool: fields.node("tool").map(Node::to_value),
        stop: stop(&fields, &mut own),
        embedding: None,
    };
    if !own.has_errors()
        && let Err(why) = answer_is_sound(&answer, captures)
    {
        own.push(source.error(fields.mark, why));
    }
    let is_sound = !own.has_errors();
    problems.extend(own);
    is_sound.then_some(answer)
}

/// `words`, or the numbers of a vector.
fn embedding(fields: &Fields<'_>, problems: &mut Problems) -> Option<Vector> {
    let node = fields.node("embedding")?;
    let number = |node: &Node| match &node.datum {
        Datum::Number(number) => number.as_f64().map(|number| number as f32),
        _ => None,
    };
    let given = match &node.datum {
        Datum::Text(word) if word == "words" => return Some(Vector::Words),
        Datum::List(items) => items.iter().map(number).collect::<Option<Vec<f32>>>(),
        _ => None,
    };
    let why = match given.map(Embedding::new) {
        Some(Ok(embedding)) => return Some(Vector::Given(embedding)),
        Some(Err(why)) => format!("`embedding`: {why}"),
        None => "`embedding` must be `words`, or numbers such as [0.6, 0.8]".to_owned(),
    };
    problems.push(fields.error("embedding", why));
    None
}

/// The answer to requests that no rule matches; it has no probability.
fn default(source: &Source, node: &Node, problems: &mut Problems) -> Option<Answer> {
    let answer = answer(source, node, &[], problems)?;
    if answer.p.is_some() {
        problems.push(source.error(node.mark, "the default is always given: leave out its `p`"));
    }
    Some(answer)
}

/// Providers have more words than this program knows.
fn stop(fields: &Fields<'_>, problems: &mut Problems) -> Option<StopReason> {
    let word = fields.text("stop", problems)?;
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

/// A class, or a mapping with a class.
fn error(rule: &Fields<'_>, problems: &mut Problems) -> Option<Failure> {
    let always = |class| Failure { class, p: None, times: None, message: None };
    if !matches!(rule.node("error")?.datum, Datum::Map(_)) {
        return rule.choice("error", CLASSES, problems).map(always);
    }
    let fields = rule.inner("error", &ERROR, problems)?;
    if !fields.has("class") && !fields.may_be_misspelt("class") {
        problems
            .push(rule.error("error", "`error` needs `class`").help("write, for example, class: throttled"));
    }
    let most = 0..=u64::from(u32::MAX);
    Some(Failure {
        p: fields.number("p", P, problems),
        times: fields.integer("times", most, problems).and_then(|times| u32::try_from(times).ok()),
        message: fields.text("message", problems).map(str::to_owned),
        ..always(fields.choice("class", CLASSES, problems)?)
    })
}

/// Milliseconds, or two of them: from, to.
fn latency(fields: &Fields<'_>, problems: &mut Problems) -> Option<Latency> {
    let node = fields.node("latency_ms")?;
    let whole = |node: &Node| match &node.datum {
        Datum::Number(number) => number.as_u64(),
        _ => None,
    };
    let latency = match &node.datum {
        Datum::List(items) => match items.iter().map(whole).collect::<Option<Vec<u64>>>().as_deref() {
            Some(&[from, to]) => Some(Latency { from, to }),
            _ => None,
        },
        _ => whole(node).map(|ms| Latency { from: ms, to: ms }),
    };
    match latency {
        Some(Latency { from, to }) if from > to => {
            problems.push(fields.error("latency_ms", format!("latency from {from} to {to}: exchange them")));
            None
        }
        Some(latency) => Some(latency),
        None => {
            let message = "`latency_ms` must be whole milliseconds, or two of them: [from, to]";
            problems.push(fields.error("latency_ms", message));
            None
        }
    }
}

fn tokens(rule: &Fields<'_>, problems: &mut Problems) -> Option<Tokens> {
    let fields = rule.inner("tokens", &TOKENS, problems)?;
    Some(Tokens {
        input: fields.integer("input", 0.., problems),
        output: fields.integer("output", 0.., problems),
    })
}
