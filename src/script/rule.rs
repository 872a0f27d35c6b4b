//! The rules file as values: the allowed keys, and what each means.

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::template::Template;
use crate::model::{ErrorClass, StopReason};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub seed: Seed,
    /// For rules without one.
    #[serde(default)]
    pub latency_ms: Latency,
    #[serde(default)]
    pub rules: Vec<Rule>,
    pub default: Option<Fallback>,
}

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

/// A rule as it is written, not validated yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    #[serde(default)]
    pub when: When,
    /// Short for a single answer.
    pub text: Option<Template>,
    #[serde(default)]
    pub answers: Vec<Answer>,
    pub error: Option<Failure>,
    pub latency_ms: Option<Latency>,
    #[serde(default)]
    pub tokens: Tokens,
}

/// The conditions for a request; absent conditions hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct When {
    pub system: Option<Pattern>,
    /// Against the last user message, without the white space around it.
    pub input: Option<Pattern>,
    pub model: Option<Pattern>,
    /// Name of a tool the request offers.
    pub tool: Option<String>,
    /// Sampling parameters that must have exactly these values.
    pub parameters: Option<Map<String, Value>>,
}

/// One possible answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// Probability, 0 to 1; answers without one share the rest.
    pub p: Option<f64>,
    pub text: Option<Template>,
    /// Arguments of a tool call; texts in it are templates.
    pub tool: Option<Value>,
    pub stop: Option<StopReason>,
}

/// The answer to requests that no rule matches; it has no probability.
#[derive(Clone, Debug)]
pub(super) struct Fallback(pub Answer);

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
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tokens {
    pub input: Option<u64>,
    pub output: Option<u64>,
}

/// A regular expression that ignores case.
#[derive(Clone, Debug)]
pub(super) struct Pattern(pub Regex);

/// A text that all draws depend on; written as a number or a text.
#[derive(Debug)]
pub(super) struct Seed(pub String);

impl Default for Seed {
    fn default() -> Self {
        Self("0".to_owned())
    }
}
