//! What a model refuses: sampling parameters and cache points, and, where an object is wanted, forms to ask for one and
//! system text. Recognised, left out or replaced, remembered, also in the store for later runs. Adapters of models share
//! this; each knows the strictest form of its models.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::model::ladder::{self, Rung};
use crate::model::{ErrorClass, ModelError, Request};
use crate::store::{Note, Store};

/// Something that some models refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// `temperature`.
    Temperature,
    /// `top_p`.
    TopP,
    /// `top_p` in a request that also sets `temperature`.
    TopPBesideTemperature,
    /// The cache point after the system text; without it the answer is the same.
    CachePoint,
    /// `max_tokens` by this name; the model takes it as `max_completion_tokens`.
    MaxTokens,
    /// System text. Only where an object is wanted is it moved: a prompt under test is not rewritten.
    SystemText,
    /// Every form above this one to ask for an object.
    FormsAbove(Rung),
}

/// What each model is known to refuse.
pub struct Refused {
    known: Mutex<BTreeMap<String, BTreeSet<Parameter>>>,
    /// The strictest form of a model to ask for an object, by its id.
    first: fn(&str) -> Rung,
    store: Option<Arc<dyn Store>>,
}

/// What one model is known to refuse, when an attempt starts.
#[derive(Clone, Debug)]
pub struct LeftOut {
    refused: BTreeSet<Parameter>,
    first: Rung,
}

impl Refused {
    /// Nothing is known yet but what the store remembers, if there is one.
    pub fn new(first: fn(&str) -> Rung, store: Option<Arc<dyn Store>>) -> Self {
        Self { known: Mutex::default(), first, store }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<Parameter>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a model is known to refuse.
    pub fn of(&self, model: &str) -> LeftOut {
        let stored = || self.stored(model).unwrap_or_default();
        let refused = self.known().entry(model.to_owned()).or_insert_with(stored).clone();
        LeftOut { refused, first: (self.first)(model) }
    }

    /// A model refused this.
    pub fn note(&self, model: &str, parameter: Parameter) {
        let mut known = self.known();
        let of_model = known.entry(model.to_owned()).or_default();
        of_model.insert(parameter);
        let (Some(store), Ok(text)) = (&self.store, serde_json::to_string(&of_model)) else { return };
        // It only saves calls that cost nothing.
        if let Err(error) = store.keep_note(Note::Refused, name(model), &text) {
            tracing::debug!(%error, "what the model refuses is not remembered");
        }
    }

    fn stored(&self, model: &str) -> Option<BTreeSet<Parameter>> {
        let text = self.store.as_ref()?.note(Note::Refused, name(model)).ok()??;
        serde_json::from_str(&text).ok()
    }
}

fn name(model: &str) -> Fingerprint {
    Fingerprint::of_json(&("refused by", model))
}

impl LeftOut {
    /// The request as it is sent.
    pub fn without<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let wants_object = ladder::wanted(request).is_some();
        if self.refused.is_empty() && !wants_object {
            return Cow::Borrowed(request);
        }
        let mut sent = self.rung().applied_to(request).into_owned();
        if wants_object && self.has(Parameter::SystemText) {
            sent = ladder::without_system(&sent);
        }
        let parameters = &mut sent.parameters;
        if self.has(Parameter::Temperature) {
            parameters.temperature = None;
        }
        let beside = parameters.temperature.is_some() && self.has(Parameter::TopPBesideTemperature);
        if beside || self.has(Parameter::TopP) {
            parameters.top_p = None;
        }
        Cow::Owned(sent)
    }

    /// The form in which an object is asked for.
    fn rung(&self) -> Rung {
        let refused = self.refused.iter().filter_map(|parameter| match parameter {
            Parameter::FormsAbove(rung) => Some(*rung),
            _ => None,
        });
        refused.max().unwrap_or(self.first)
    }

    /// Whether the model is known to refuse this.
    pub fn has(&self, parameter: Parameter) -> bool {
        self.refused.contains(&parameter)
    }

    /// The parameter that the model refused just now; `cached`: a cache point was sent. It is one that was sent, so
    /// that the number of omitted parameters is limited.
    pub fn next_refusal(&self, error: &ModelError, request: &Request, cached: bool) -> Option<Parameter> {
        if cached && refuses_cache_point(error) {
            return Some(Parameter::CachePoint);
        }
        if error.class != ErrorClass::Invalid {
            return None;
        }
        let message = error.message.to_lowercase().replace('’', "'");
        let sent = self.without(request);
        if ladder::wanted(request).is_some() {
            if let Some(next) = self.rung().after_refusal(&message) {
                return Some(Parameter::FormsAbove(next));
            }
            let refuses_system = message.contains("support system messages")
                || ["system", "role", "support"].iter().all(|word| message.contains(word));
            if sent.system.is_some() && refuses_system {
                return Some(Parameter::SystemText);
            }
        }
        if message.contains("max_completion_tokens") && !self.has(Parameter::MaxTokens) {
            return Some(Parameter::MaxTokens);
        }
        let sent = &sent.parameters;
        let (temperature, top_p) = (sent.temperature.is_some(), sent.top_p.is_some());
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let names_temperature = says(&["temperature"]);
        let names_top_p = says(&["top_p", "topp", "top p"]);
        if names_temperature && names_top_p && temperature && top_p && says(&["both", "only one"]) {
            return Some(Parameter::TopPBesideTemperature);
        }
        // The error for a value out of range names the parameter too; the author must fix that.
        if !says(&["deprecated", "not support", "n't support", "unsupported", "not permitted", "not allowed"])
        {
            return None;
        }
        if names_temperature && temperature {
            return Some(Parameter::Temperature);
        }
        (names_top_p && top_p).then_some(Parameter::TopP)
    }
}

/// If a model caches no prompts, Bedrock reports missing access.
fn refuses_cache_point(error: &ModelError) -> bool {
    let refused = matches!(error.code.as_deref(), Some("ValidationException" | "AccessDeniedException"));
    let message = error.message.to_lowercase();
    let words =
        ["cachepoint", "cache point", "cache_point", "cache_control", "prompt caching", "cache checkpoint"];
    refused && words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameters;

    fn request(temperature: Option<f64>, top_p: Option<f64>) -> Request {
        let parameters = Parameters { temperature, top_p, ..Parameters::default() };
        Request { parameters, ..Request::new("m", "hi") }
    }

    fn nothing() -> LeftOut {
        Refused::new(Rung::first, None).of("m")
    }

    fn refusal(message: &str, request: &Request) -> Option<Parameter> {
        let code = Some("ValidationException".to_owned());
        let error = ModelError { class: ErrorClass::Invalid, code, message: message.to_owned(), help: None };
        nothing().next_refusal(&error, request, false)
    }

    #[test]
    fn refusals_in_the_words_of_bedrock_are_recognised() {
        let both = request(Some(0.0), Some(0.9));
        for (message, parameter) in [
            (
                "The model returned the following errors: `temperature` and `top_p` cannot both be specified for \
                 this model. Please use only one.",
                Parameter::TopPBesideTemperature,
            ),
            ("`temperature` is deprecated for this model.", Parameter::Temperature),
            (
                "This model doesn’t support the temperature field. Remove temperature and try again.",
                Parameter::Temperature,
            ),
            ("This model doesn't support the topP field. Remove topP and try again.", Parameter::TopP),
            (
                "Malformed input request: #: extraneous key [temperature] is not permitted",
                Parameter::Temperature,
            ),
            (
                "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is \
                 supported.",
                Parameter::Temperature,
            ),
            ("Unsupported parameter: 'top_p' is not supported with this model.", Parameter::TopP),
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' \
                 instead.",
                Parameter::MaxTokens,
            ),
        ] {
            assert_eq!(refusal(message, &both), Some(parameter), "{message}");
        }
    }

    #[test]
    fn other_complaints_and_parameters_that_were_not_sent_are_left_alone() {
        let range = "1 validation error detected: Value '1.5' at 'inferenceConfig.temperature' failed to satisfy \
                     constraint: Member must have value less than or equal to 1";
        assert_eq!(refusal(range, &request(Some(1.5), None)), None);
        assert_eq!(refusal("`temperature` is deprecated for this model.", &request(None, Some(0.9))), None);
        assert_eq!(refusal("tools are not supported", &request(Some(0.0), None)), None);
    }

    #[test]
    fn a_refused_cache_point_is_recognised_where_one_was_sent() {
        let refusal = |code: &str, message: &str, cached| {
            let (class, code) = (ErrorClass::Invalid, Some(code.to_owned()));
            let error = ModelError { class, code, message: message.to_owned(), help: None };
            nothing().next_refusal(&error, &request(None, None), cached)
        };
        let unsupported = "You invoked an unsupported model or your request did not allow prompt caching. See the \
                           documentation for more information.";
        let extraneous = "Malformed input request: extraneous key [cachePoint] is not permitted";
        for (code, message) in [("AccessDeniedException", unsupported), ("ValidationException", extraneous)] {
            assert_eq!(refusal(code, message, true), Some(Parameter::CachePoint), "{message}");
            assert_eq!(refusal(code, message, false), None, "{message}");
        }
        assert_eq!(refusal("AccessDeniedException", "You don't have access to the model", true), None);
        assert_eq!(refusal("ThrottlingException", unsupported, true), None);
    }

    #[test]
    fn what_was_left_out_is_not_left_out_again() {
        let refused = Refused::new(Rung::first, None);
        refused.note("m", Parameter::TopPBesideTemperature);
        let left_out = refused.of("m");
        assert_eq!(*left_out.without(&request(Some(0.0), Some(0.9))), request(Some(0.0), None));
        assert_eq!(*left_out.without(&request(None, Some(0.9))), request(None, Some(0.9)));
        assert_eq!(
            *refused.of("other").without(&request(Some(0.0), Some(0.9))),
            request(Some(0.0), Some(0.9))
        );
    }
}
