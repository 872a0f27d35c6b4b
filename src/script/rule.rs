//! The rules of a scripted model as values.

use regex::Regex;
use serde_json::{Map, Value};

use super::template::Template;
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
