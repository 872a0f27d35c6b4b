//! Checks of what the model did besides its text: tool_call and stop_reason.

use serde::Serialize;
use serde_json::Value;

use crate::document::Datum;
use crate::model::{StopReason, ToolCall};
use crate::problem::nearest;

use super::equality::{lack, normal};
use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::quote::{listed, passage, shown_json, stop_reason};
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// A tool is called, with at least these arguments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ToolCallCheck {
    /// `None`: any tool.
    name: Option<String>,
    arguments: Option<Value>,
}

/// The model stopped for one of these reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct StopReasonCheck {
    reasons: Vec<StopReason>,
}

/// Reads `tool_call`.
pub(super) fn read_call(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<ToolCallCheck> {
    const EXAMPLE: &str = "tool_call: {name: find_order, arguments: {order: A-17}}";
    let arguments = match form.take("arguments") {
        None => None,
        Some(node) if matches!(node.datum, Datum::Map(_)) => Some(normal(node.to_value())),
        Some(node) => {
            reader.wrong(node, "arguments", "a mapping", format!("for example {EXAMPLE}"));
            return None;
        }
    };
    let name = match form.main("name") {
        None => {
            form.lacks(reader, "name", EXAMPLE);
            return None;
        }
        Some(node) => match node.datum {
            Datum::Bool(true) => None,
            Datum::Bool(false) => {
                reader.error(
                    node.mark,
                    "`tool_call: false` asks for nothing",
                    "write `not: {tool_call: true}`",
                );
                return None;
            }
            _ => Some(reader.text(node, "tool_call")?),
        },
    };
    Some(ToolCallCheck { name, arguments })
}

/// Reads `stop_reason`.
pub(super) fn read_stop(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<StopReasonCheck> {
    const ALL: [StopReason; 9] = [
        StopReason::EndTurn,
        StopReason::ToolUse,
        StopReason::StopSequence,
        StopReason::MaxTokens,
        StopReason::GuardrailIntervened,
        StopReason::ContentFiltered,
        StopReason::MalformedModelOutput,
        StopReason::MalformedToolUse,
        StopReason::ContextWindowExceeded,
    ];
    let names: Vec<String> = ALL.iter().map(stop_reason).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let node = form.main("one_of")?;
    let mut reasons = Vec::new();
    for text in reader.texts(node, "stop_reason")? {
        let Some(index) = names.iter().position(|name| *name == text) else {
            let help = match nearest(&text, &names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the reasons: {}", names.join(", ")),
            };
            reader.error(node.mark, format!("unknown stop reason `{text}`"), help);
            return None;
        };
        reasons.push(ALL[index].clone());
    }
    Some(StopReasonCheck { reasons })
}

impl Family for ToolCallCheck {
    fn label(&self) -> String {
        let arguments = match &self.arguments {
            Some(arguments) => format!(" with {}", shown_json(arguments)),
            None => String::new(),
        };
        format!("call of {}{arguments}", self.wanted())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let calls = &input.response.tool_calls;
        let named = || calls.iter().filter(|call| self.name.as_ref().is_none_or(|name| *name == call.name));
        let Some(first) = named().next() else {
            let made: Vec<String> = calls.iter().map(|call| format!("`{}`", passage(&call.name))).collect();
            let made = if made.is_empty() { "no call".to_owned() } else { listed(&made) };
            return Finding::failed(format!("expected a call of {}, found {made}", self.wanted()));
        };
        let lacking = |call: &ToolCall| self.arguments.as_ref().and_then(|part| lack(part, &call.input));
        if let Some(call) = named().find(|call| lacking(call).is_none()) {
            return Finding::passed(format!("called `{}`", passage(&call.name)));
        }
        let place = lacking(first).unwrap_or_default();
        let wanted = self.arguments.as_ref().and_then(|part| part.pointer(&place));
        let found = first.input.pointer(&place);
        let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), shown_json);
        let place = if place.is_empty() { "its arguments".to_owned() } else { format!("`{place}`") };
        Finding::failed(format!(
            "called `{}`, but for {place} expected {}, found {}",
            passage(&first.name),
            show(wanted),
            show(found)
        ))
    }
}

impl ToolCallCheck {
    fn wanted(&self) -> String {
        self.name.as_ref().map_or_else(|| "any tool".to_owned(), |name| format!("`{name}`"))
    }
}

impl Family for StopReasonCheck {
    fn label(&self) -> String {
        format!("stop reason {}", self.wanted())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let stop = &input.response.stop;
        let found = stop_reason(stop);
        if self.reasons.contains(stop) {
            return Finding::passed(format!("stopped with {found}"));
        }
        Finding::failed(format!("expected to stop with {}, found {found}", self.wanted()))
    }
}

impl StopReasonCheck {
    fn wanted(&self) -> String {
        self.reasons.iter().map(stop_reason).collect::<Vec<_>>().join(" or ")
    }
}
