//! Matching: which rule a request belongs to, and what its patterns capture.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Rules;
use super::rule::{Answer, Rule, When};
use crate::model::{Operation, Request, Role};

impl Rules {
    /// The position of the rule that answers a request, from 0; `None`: the default does.
    pub fn matching(&self, request: &Request) -> Option<usize> {
        let input = input_of(request);
        let holds =
            |rule: &Rule| rule.answers_operation(request.operation) && rule.when.holds(request, input);
        self.rules.iter().position(holds)
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

impl Rule {
    /// Whether it is a rule for such requests: one that only fails is for all.
    fn answers_operation(&self, operation: Operation) -> bool {
        let embeds = |answer: &Answer| answer.embedding.is_some();
        self.answers.is_empty() || self.answers.iter().any(embeds) == (operation == Operation::Embed)
    }
}

impl When {
    fn holds(&self, request: &Request, input: &str) -> bool {
        let system = system_of(request);
        let tool = |name: &String| request.tools.iter().any(|tool| tool.name == *name);
        // The cheap conditions first: system texts are long.
        self.tool.as_ref().is_none_or(tool)
            && self.input.as_ref().is_none_or(|pattern| pattern.is_match(input))
            && self.system.as_ref().is_none_or(|pattern| pattern.is_match(system))
            && self.model.as_ref().is_none_or(|pattern| pattern.is_match(&request.model))
            && self.parameters.as_ref().is_none_or(|wanted| {
                let Ok(actual) = serde_json::to_value(&request.parameters) else { return false };
                wanted.iter().all(|(key, value)| actual.get(key).is_some_and(|found| same(found, value)))
            })
    }

    /// The named groups of its patterns.
    pub(super) fn capture_names(&self) -> Vec<&str> {
        let patterns = [&self.system, &self.input].into_iter().flatten();
        patterns.flat_map(|pattern| pattern.capture_names().flatten()).collect()
    }

    pub(super) fn captures<'a>(&'a self, system: &'a str, input: &'a str) -> BTreeMap<&'a str, &'a str> {
        let mut found = BTreeMap::new();
        for (pattern, text) in [(&self.system, system), (&self.input, input)] {
            let Some(pattern) = pattern else { continue };
            let groups = pattern.captures(text);
            for name in pattern.capture_names().flatten() {
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

/// The last user message, without the white space around it that a variation may have added.
pub(super) fn input_of(request: &Request) -> &str {
    let last = request.messages.iter().rev().find(|message| message.role == Role::User);
    last.map_or("", |message| message.text.trim())
}

/// The system text; a variation may have added white space at its end.
pub(super) fn system_of(request: &Request) -> &str {
    request.system.as_deref().unwrap_or_default().trim_end()
}
