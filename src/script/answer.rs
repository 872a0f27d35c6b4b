//! Answering: the first rule that matches, one of its answers by lot, and what the call reports.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Rules;
use super::draw::Draws;
use super::rule::{Answer, Failure, Rule, When};
use super::template::{Scope, Template};
use crate::model::{
    ErrorClass, ModelError, Request, Response, Role, StopReason, ToolCall, ToolChoice, Usage,
};

/// The line that [`Request::with_nonce`] adds.
static NONCE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\s*\[ref [0-9a-f]{8}\]\s*\z").ok());

impl Rules {
    /// Answers a request; `attempt` counts from 1 and matters only to rules that fail at first.
    ///
    /// # Errors
    /// The rule's own error, or [`ErrorClass::Invalid`] when no rule matches and there is no
    /// default, or a template fails.
    pub fn answer(&self, request: &Request, attempt: u32) -> Result<Response, ModelError> {
        let rule = self.matching(request).map(|index| &self.rules[index]);
        let draws = Draws::new(&self.seed, request.fingerprint());
        if let Some(failure) = rule.and_then(|rule| rule.error.as_ref())
            && fails(failure, attempt, &draws)
        {
            return Err(error_of(failure));
        }
        let answer = rule
            .and_then(|rule| drawn(&rule.answers, draws.unit("answer")))
            .or(self.default.as_ref())
            .ok_or_else(|| unmatched(input_of(request)))?;
        Told { rule, request, draws: &draws }.response(answer)
    }

    /// The position of the rule that answers a request, from 0; `None`: the default does.
    pub fn matching(&self, request: &Request) -> Option<usize> {
        let input = input_of(request);
        self.rules.iter().position(|rule| rule.when.holds(request, input))
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none: only the default answers.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl When {
    fn holds(&self, request: &Request, input: &str) -> bool {
        let system = request.system.as_deref().unwrap_or_default();
        let tool = |name: &String| request.tools.iter().any(|tool| tool.name == *name);
        self.tool.as_ref().is_none_or(tool)
            && self.system.as_ref().is_none_or(|pattern| pattern.0.is_match(system))
            && self.input.as_ref().is_none_or(|pattern| pattern.0.is_match(input))
            && self.model.as_ref().is_none_or(|pattern| pattern.0.is_match(&request.model))
            && self.parameters.as_ref().is_none_or(|wanted| {
                let Ok(actual) = serde_json::to_value(&request.parameters) else { return false };
                wanted.iter().all(|(key, value)| actual.get(key).is_some_and(|found| same(found, value)))
            })
    }

    fn captures<'a>(&'a self, system: &'a str, input: &'a str) -> BTreeMap<&'a str, &'a str> {
        let mut found = BTreeMap::new();
        for (pattern, text) in [(&self.system, system), (&self.input, input)] {
            let Some(pattern) = pattern else { continue };
            let groups = pattern.0.captures(text);
            for name in pattern.0.capture_names().flatten() {
                let group = groups.as_ref().and_then(|groups| groups.name(name));
                found.insert(name, group.map_or("", |group| group.as_str()));
            }
        }
        found
    }
}

/// Numbers are equal by value: `0` is `0.0`.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The last user message, without a nonce.
fn input_of(request: &Request) -> &str {
    let last = request.messages.iter().rev().find(|message| message.role == Role::User);
    let text = last.map_or("", |message| message.text.as_str());
    let nonce = NONCE.as_ref().and_then(|nonce| nonce.find(text));
    nonce.map_or(text, |nonce| &text[..nonce.start()])
}

fn fails(failure: &Failure, attempt: u32, draws: &Draws) -> bool {
    failure.times.is_none_or(|times| attempt <= times)
        && failure.p.is_none_or(|p| draws.unit(&format!("error {attempt}")) < p)
}

fn error_of(failure: &Failure) -> ModelError {
    let message = failure.message.clone().unwrap_or_else(|| "the rules script this error".to_owned());
    ModelError { class: failure.class, code: None, message, cure: None }
}

fn unmatched(input: &str) -> ModelError {
    let mut first: String =
        input.split_whitespace().take(8).collect::<Vec<_>>().join(" ").chars().take(80).collect();
    if first.len() < input.trim().len() {
        first.push('…');
    }
    ModelError {
        class: ErrorClass::Invalid,
        code: None,
        message: format!("no rule of the scripted model matches the input \"{first}\""),
        cure: Some("add a rule with `when: {input: ...}`, or a `default:`".to_owned()),
    }
}

/// The answer that `lot`, in [0, 1), falls on; validation has made the shares add up to 1.
fn drawn(answers: &[Answer], lot: f64) -> Option<&Answer> {
    let named: f64 = answers.iter().filter_map(|answer| answer.p).sum();
    let unnamed = answers.iter().filter(|answer| answer.p.is_none()).count();
    let share = (1.0 - named).max(0.0) / unnamed.max(1) as f64;
    let mut reached = 0.0;
    answers
        .iter()
        .find(|answer| {
            reached += answer.p.unwrap_or(share);
            lot < reached
        })
        .or(answers.last())
}

/// What an answer is made from.
struct Told<'a> {
    rule: Option<&'a Rule>,
    request: &'a Request,
    draws: &'a Draws,
}

impl Told<'_> {
    fn response(&self, answer: &Answer) -> Result<Response, ModelError> {
        let system = self.request.system.as_deref().unwrap_or_default();
        let input = input_of(self.request);
        let capture = self.rule.map(|rule| rule.when.captures(system, input)).unwrap_or_default();
        let scope = Scope { input, system, capture };
        let text =
            answer.text.as_ref().map_or(Ok(String::new()), |text| text.render(&scope)).map_err(broken)?;
        let mut tool_calls = Vec::new();
        if let Some(arguments) = &answer.tool {
            let input = filled(arguments, &scope).map_err(broken)?;
            tool_calls.push(ToolCall { name: self.tool_name(), input });
        }
        let natural = if tool_calls.is_empty() { StopReason::EndTurn } else { StopReason::ToolUse };
        let latency = self.rule.map(|rule| rule.latency_ms).unwrap_or_default();
        Ok(Response {
            usage: self.usage(&text, &tool_calls),
            text,
            tool_calls,
            stop: answer.stop.clone().unwrap_or(natural),
            latency_ms: self.draws.between("latency", latency.from, latency.to),
        })
    }

    /// The tool the rule names, else the one the request demands, else the first on offer.
    fn tool_name(&self) -> String {
        let demanded = match &self.request.tool_choice {
            Some(ToolChoice::Tool(name)) => Some(name),
            _ => None,
        };
        let named = self.rule.and_then(|rule| rule.when.tool.as_ref()).or(demanded);
        let offered = self.request.tools.first().map(|tool| &tool.name);
        named.or(offered).cloned().unwrap_or_else(|| "tool".to_owned())
    }

    fn usage(&self, text: &str, tool_calls: &[ToolCall]) -> Usage {
        let tokens = self.rule.map(|rule| rule.tokens).unwrap_or_default();
        let said: usize = self.request.messages.iter().map(|message| message.text.chars().count()).sum();
        let system = self.request.system.as_deref().map_or(0, |system| system.chars().count());
        let called: usize = tool_calls.iter().map(|call| call.input.to_string().chars().count()).sum();
        Usage {
            input: tokens.input.unwrap_or_else(|| estimated(said + system)),
            output: tokens.output.unwrap_or_else(|| estimated(text.chars().count() + called)),
            ..Usage::default()
        }
    }
}

/// Tokens of a text of so many characters, by the usual rule of thumb of four each; at least 1.
fn estimated(characters: usize) -> u64 {
    characters.div_ceil(4).max(1) as u64
}

fn broken(why: String) -> ModelError {
    ModelError {
        class: ErrorClass::Invalid,
        code: None,
        message: format!("a template of the scripted model failed: {why}"),
        cure: Some("correct the rule's answer".to_owned()),
    }
}

/// A tool's arguments with every text in them rendered.
fn filled(arguments: &Value, scope: &Scope<'_>) -> Result<Value, String> {
    Ok(match arguments {
        Value::String(text) => Value::String(Template::parse(text)?.render(scope)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, scope)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| Ok((key.clone(), filled(value, scope)?)));
            Value::Object(entries.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}
