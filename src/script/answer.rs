//! Answering: one of the matching rule's answers, drawn at random, and what the call reports. Draws depend only on the
//! seed, the request and the purpose.

use serde_json::Value;

use super::Rules;
use super::matching::{input_of, system_of};
use super::rule::{Answer, Failure, Rule};
use super::template::{Scope, Template};
use crate::check::control_code;
use crate::fingerprint::Fingerprint;
use crate::model::{
    ErrorClass, ModelError, Operation, Request, Response, StopReason, ToolCall, ToolChoice, Usage,
};

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
            .or(self.default.as_ref().filter(|_| request.embedded().is_none()))
            .ok_or_else(|| unmatched(request))?;
        Told { rules: self, rule, request, draws: &draws }.response(answer)
    }
}

/// The source of all draws for one request.
#[derive(Clone, Debug)]
struct Draws {
    base: String,
}

impl Draws {
    /// Draws for a request under a seed.
    fn new(seed: &str, request: Fingerprint) -> Self {
        Self { base: format!("{seed}:{request}") }
    }

    /// A number in [0, 1) for a purpose; different purposes are independent.
    fn unit(&self, purpose: &str) -> f64 {
        let digest = Fingerprint::of_bytes(format!("{}:{purpose}", self.base).as_bytes()).short(13);
        // 13 hexadecimal digits are 52 bits: exact in an f64.
        let bits = u64::from_str_radix(&digest, 16).unwrap_or(0);
        bits as f64 / (1_u64 << 52) as f64
    }

    /// A whole number from `from` to `to`, both included.
    fn between(&self, purpose: &str, from: u64, to: u64) -> u64 {
        let width = (to - from) as f64 + 1.0;
        from + (self.unit(purpose) * width) as u64
    }
}

fn fails(failure: &Failure, attempt: u32, draws: &Draws) -> bool {
    failure.times.is_none_or(|times| attempt <= times)
        && failure.p.is_none_or(|p| draws.unit(&format!("error {attempt}")) < p)
}

fn error_of(failure: &Failure) -> ModelError {
    let message = failure.message.clone().unwrap_or_else(|| "the rules script this error".to_owned());
    ModelError { class: failure.class, code: None, message, help: None }
}

fn unmatched(request: &Request) -> ModelError {
    let input = input_of(request);
    let mut first: String =
        input.split_whitespace().take(8).collect::<Vec<_>>().join(" ").chars().take(80).collect();
    if first.len() < input.trim().len() {
        first.push('…');
    }
    let (what, help) = match request.embedded() {
        Some(_) => ("embeds", "add a rule such as {when: {model: embed}, embedding: words}"),
        None => ("matches", "add a rule with `when: {input: ...}`, or a `default:`"),
    };
    ModelError {
        class: ErrorClass::Invalid,
        code: None,
        message: format!("no rule of the scripted model {what} the input \"{first}\""),
        help: Some(help.to_owned()),
    }
}

/// The answer whose share contains `lot`, in [0, 1); after validation the shares add up to 1.
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

/// The inputs of an answer.
struct Told<'a> {
    rules: &'a Rules,
    rule: Option<&'a Rule>,
    request: &'a Request,
    draws: &'a Draws,
}

impl Told<'_> {
    fn response(&self, answer: &Answer) -> Result<Response, ModelError> {
        let system = system_of(self.request);
        let input = input_of(self.request);
        let capture = self.rule.map(|rule| rule.when.captures(system, input)).unwrap_or_default();
        let scope = Scope { input, system, capture };
        let text = match (&answer.embedding, &answer.text) {
            (Some(vector), _) => vector.of(input).to_text(),
            (None, Some(text)) => text.render(&scope).map_err(broken)?,
            (None, None) => String::new(),
        };
        let mut tool_calls = Vec::new();
        if let Some(arguments) = &answer.tool {
            let mut input = filled(arguments, &scope).map_err(broken)?;
            // A judge repeats the control code of its question.
            if let (Some(code), Some(input)) = (control_code(self.request), input.as_object_mut()) {
                input.entry("code").or_insert_with(|| code.into());
            }
            tool_calls.push(ToolCall { name: self.tool_name(), input });
        }
        let natural = if tool_calls.is_empty() { StopReason::EndTurn } else { StopReason::ToolUse };
        let latency = self.rule.and_then(|rule| rule.latency_ms).unwrap_or(self.rules.latency);
        Ok(Response {
            usage: self.usage(&text, &tool_calls),
            text,
            tool_calls,
            stop: answer.stop.clone().unwrap_or(natural),
            latency_ms: Some(self.draws.between("latency", latency.from, latency.to)),
        })
    }

    /// The tool that the rule names, else the one that the request demands, else the first one
    /// offered.
    fn tool_name(&self) -> String {
        let demanded = match &self.request.tool_choice {
            Some(ToolChoice::Tool(name) | ToolChoice::Object(name)) => Some(name),
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
            output: match self.request.operation {
                Operation::Answer => {
                    tokens.output.unwrap_or_else(|| estimated(text.chars().count() + called))
                }
                Operation::Embed => 0,
            },
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
        help: Some("correct the rule's answer".to_owned()),
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
