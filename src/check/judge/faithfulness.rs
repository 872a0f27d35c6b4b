//! `faithfulness`: which claims of the answer its context supports. An answer that claims nothing is vacuous: it invents
//! nothing, and the report says that there was nothing to look at.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::family::{Family, PassMark};
use super::super::finding::Finding;
use super::super::form::Form;
use super::super::quote::{number, quoted_list, shown_json};
use super::super::reader::Reader;
use super::super::scoring_input::ScoringInput;
use super::task::{Asks, Point, Property, Task, Verdict};
use super::{judged, threshold};
use crate::config::JudgeKind;
use crate::document::{Datum, Node};

/// The case's variable that is the context where none is named.
const CONTEXT: &str = "context";

/// Where the context is, and the share of supported claims from which it passes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::check) struct FaithfulnessCheck {
    /// The case's variable; `None`: `context`, and the conversation where the case has none.
    context: Option<String>,
    threshold: f64,
}

/// The question: which claims are supported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Faithfulness {
    /// What supports claims; `None`: the conversation.
    pub context: Option<String>,
}

/// Reads `faithfulness`: `true`, or the variable that holds the context.
pub(in crate::check) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<FaithfulnessCheck> {
    let threshold = threshold(reader, form.take("threshold")).ok()?.unwrap_or(1.0);
    let context = match form.main("context") {
        None | Some(Node { datum: Datum::Bool(true), .. }) => None,
        Some(node) => Some(reader.text(node, "faithfulness")?.trim().to_owned()),
    };
    Some(FaithfulnessCheck { context, threshold })
}

impl FaithfulnessCheck {
    fn found(&self, variables: Option<&BTreeMap<String, Value>>) -> Option<String> {
        let name = self.context.as_deref().unwrap_or(CONTEXT);
        match variables?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) if parts.iter().all(Value::is_string) => {
                Some(parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n\n"))
            }
            other => Some(other.to_string()),
        }
    }
}

impl Family for FaithfulnessCheck {
    fn label(&self) -> String {
        match &self.context {
            Some(name) => format!("faithfulness to `{name}`"),
            None => "faithfulness".to_owned(),
        }
    }

    fn context(&self, variables: Option<&BTreeMap<String, Value>>) -> Option<String> {
        self.found(variables)
    }

    fn pass_mark(&self) -> Option<PassMark> {
        Some(PassMark::Own(self.threshold))
    }

    fn tasks(&self, input: &ScoringInput<'_>) -> Vec<Task> {
        vec![Task::new(Faithfulness { context: self.found(input.variables) })]
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        if let Some(name) = &self.context
            && self.found(input.variables).is_none()
        {
            return Finding::unscored(format!("the case has no variable `{name}` to be faithful to"));
        }
        judged(self, input, |verdict, threshold| {
            let unsupported: Vec<&str> =
                verdict.points.iter().filter(|point| !point.met).map(|point| point.label.as_str()).collect();
            let claims = verdict.points.len();
            if claims == 0 {
                return "vacuous: the answer makes no claim".to_owned();
            }
            if unsupported.is_empty() {
                return format!("every claim is supported ({claims})");
            }
            let relation = if verdict.passed { "reaches" } else { "is below" };
            format!(
                "{} of {claims} claims are supported, {} {relation} {}; not supported: {}",
                claims - unsupported.len(),
                number(verdict.score),
                number(threshold),
                quoted_list(&unsupported)
            )
        })
    }
}

impl Asks for Faithfulness {
    fn kind(&self) -> JudgeKind {
        JudgeKind::Faithfulness
    }

    fn materials(&self) -> Vec<(&'static str, String)> {
        self.context.iter().map(|context| ("context", context.clone())).collect()
    }

    /// What the author expects is no source.
    fn shows_expected(&self) -> bool {
        false
    }

    fn properties(&self) -> Vec<Property> {
        let claim = json!({
            "type": "object",
            "properties": {
                "claim": {"type": "string", "description": "One factual claim, in the answer's words."},
                "evidence": {"type": "string", "description": "The words that support it; empty if there are none."},
                "supported": {"type": "boolean", "description": "Whether they do."}
            },
            "required": ["claim", "evidence", "supported"]
        });
        let claims = json!({
            "type": "array",
            "items": claim,
            "description": "Every factual claim of the answer; an empty list if it makes none."
        });
        vec![Property::new("claims", claims)]
    }

    fn size(&self) -> u32 {
        4
    }

    fn demand(&self) -> String {
        let source = if self.context.is_some() { "the context block" } else { "the conversation" };
        format!("List the factual claims of {{answer}} and say of each whether {source} supports it.")
    }

    fn read(&self, object: &Value) -> Result<Verdict, String> {
        let written = &object["claims"];
        let Some(claims) = written.as_array() else {
            return Err(format!("its claims are {}", shown_json(written)));
        };
        let mut points = Vec::new();
        for claim in claims {
            let (Some(label), Some(met)) = (claim["claim"].as_str(), claim["supported"].as_bool()) else {
                return Err(format!("a claim of it is {}", shown_json(claim)));
            };
            let evidence = claim["evidence"].as_str().unwrap_or_default().trim().to_owned();
            points.push(Point { label: label.trim().to_owned(), met, evidence });
        }
        let supported = points.iter().filter(|point| point.met).count();
        let score = if points.is_empty() { 1.0 } else { supported as f64 / points.len() as f64 };
        Ok(Verdict { score, reason: String::new(), points })
    }
}
