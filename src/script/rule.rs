//! The rules of a scripted model as values.

use regex::Regex;
use serde_json::{Map, Value};

use super::template::Template;
use crate::fingerprint::Fingerprint;
use crate::model::{Embedding, ErrorClass, StopReason};

/// One rule: the first whose `when` holds answers.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub when: When,
    /// Their shares add up to 1; empty only where the rule always fails.
    pub answers: Vec<Answer>,
    pub error: Option<Failure>,
    pub latency_ms: Option<Latency>,
    pub tokens: Tokens,
}

/// The conditions for a request; absent conditions hold.
#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub system: Option<Regex>,
    /// Against the last user message, without the white space around it.
    pub input: Option<Regex>,
    pub model: Option<Regex>,
    /// Name of a tool the request offers.
    pub tool: Option<String>,
    /// Sampling parameters that must have exactly these values.
    pub parameters: Option<Map<String, Value>>,
}

/// One possible answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// Probability, 0 to 1; answers without one share the rest.
    pub p: Option<f64>,
    pub text: Option<Template>,
    /// Arguments of a tool call; texts in it are templates.
    pub tool: Option<Value>,
    pub stop: Option<StopReason>,
    /// The vector of the input, where an embedding is asked for; nothing else is answered then.
    pub embedding: Option<Vector>,
}

/// How the scripted model embeds a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Vector {
    /// By its words: the more of them two texts share, the nearer they are.
    Words,
    /// Always so.
    Given(Embedding),
}

/// How, and how often, a rule fails.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub class: ErrorClass,
    /// Probability of each attempt to fail; absent means 1.
    pub p: Option<f64>,
    /// How many attempts of a request may fail; absent means all.
    pub times: Option<u32>,
    pub message: Option<String>,
}

/// Milliseconds: from, to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Latency {
    pub from: u64,
    pub to: u64,
}

/// Tokens to report; estimated from the texts when absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    pub input: Option<u64>,
    pub output: Option<u64>,
}

/// Numbers of a vector by words; two words share one now and then, as they do in real ones.
const LENGTH: usize = 256;

impl Vector {
    /// The vector of a text.
    pub(super) fn of(&self, text: &str) -> Embedding {
        match self {
            Self::Given(embedding) => embedding.clone(),
            Self::Words => by_words(text),
        }
    }
}

/// How often each word occurs; a text without words counts as one of its own.
fn by_words(text: &str) -> Embedding {
    let text = text.to_lowercase();
    let mut numbers = vec![0.0; LENGTH];
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for word in if words.is_empty() { vec![text.as_str()] } else { words } {
        let digest = Fingerprint::of_bytes(word.as_bytes()).short(8);
        numbers[usize::from_str_radix(&digest, 16).unwrap_or(0) % LENGTH] += 1.0;
    }
    Embedding::new(numbers).expect("at least one number is above 0, and none is infinite")
}

/// Tolerance for sums of probabilities written as decimals.
const SLACK: f64 = 1e-9;

/// Checks that a rule can always be followed.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn error_leaves_answers(error: Option<&Failure>, answers: &[Answer]) -> Result<(), String> {
    let Some(failure) = error else {
        return if answers.is_empty() {
            Err("a rule needs `text`, `answers`, `embedding` or `error`".to_owned())
        } else {
            Ok(())
        };
    };
    let may_stop = failure.p.is_some_and(|p| p < 1.0) || failure.times.is_some();
    match (may_stop, answers.is_empty()) {
        (true, true) => Err("the error may stop, and then the rule has no `text` or `answers`".to_owned()),
        (false, false) => {
            Err("the rule always fails, so its answers are never given; add `p` or `times`".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks the probabilities of a rule's answers.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn shares_add_up(answers: &[Answer]) -> Result<(), String> {
    let sum: f64 = answers.iter().filter_map(|answer| answer.p).sum();
    let has_rest = answers.iter().any(|answer| answer.p.is_none());
    if sum > 1.0 + SLACK {
        return Err(format!("the `p` of its answers add up to {sum:.3}, more than 1"));
    }
    if !answers.is_empty() && !has_rest && sum < 1.0 - SLACK {
        return Err(format!(
            "the `p` of its answers add up to {sum:.3}, not 1; leave out the last one's, and it takes the rest"
        ));
    }
    Ok(())
}

/// Checks that an answer has content, and uses only existing values.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn answer_is_sound(answer: &Answer, captures: &[&str]) -> Result<(), String> {
    if answer.text.is_none() && answer.tool.is_none() && answer.stop.is_none() && answer.embedding.is_none() {
        return Err("an answer needs `text`, `tool` or `stop`".to_owned());
    }
    if answer.tool.as_ref().is_some_and(|tool| !tool.is_object()) {
        return Err("`tool` holds the call's arguments, a mapping such as {score: 0.9}".to_owned());
    }
    let mut templates: Vec<Template> = answer.text.iter().cloned().collect();
    if let Some(tool) = &answer.tool {
        collect_texts(tool, &mut templates)?;
    }
    match templates.iter().find_map(|template| template.unknown_variable(captures)) {
        Some(name) => Err(format!(
            "`{name}` is unknown to an answer; there are `input`, `system` and, for a named group of the rule's patterns, `capture.<name>`"
        )),
        None => Ok(()),
    }
}

fn collect_texts(value: &Value, found: &mut Vec<Template>) -> Result<(), String> {
    match value {
        Value::String(text) => {
            found.push(Template::parse(text)?);
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| collect_texts(item, found)),
        Value::Object(map) => map.values().try_for_each(|item| collect_texts(item, found)),
        _ => Ok(()),
    }
}
