//! What to do about a failure, in words for the person who reads the report.

use super::failure::Said;
use super::http::NoAnswer;
use crate::cloud::untrusted_certificate;
use crate::config::Server;
use crate::model::ErrorClass;

/// The server's models that are named.
const NAMED: usize = 8;

/// Where a call was made.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) server: &'a Server,
    pub(super) model: &'a str,
}

impl Place<'_> {
    fn url(&self) -> &str {
        &self.server.base_url
    }

    /// What to do about an error of this kind; `None` if the user can only wait.
    pub(super) fn help(&self, status: u16, class: ErrorClass, said: &Said) -> Option<String> {
        if said.message.is_none() && class.is_fatal() && class != ErrorClass::NoCredentials {
            return Some(self.another_service(status));
        }
        match class {
            ErrorClass::NoCredentials => Some(self.key()),
            ErrorClass::AccessDenied => Some(format!(
                "{} may not use {}: allow it in the account's settings, or name another model under `models`",
                self.holder(),
                self.model
            )),
            ErrorClass::NotFound if !said.blames_model() => Some(self.another_service(status)),
            ErrorClass::QuotaExceeded => Some(self.quota(said)),
            ErrorClass::ContextOverflow => Some(
                "shorten the prompt or the case's input, lower max_tokens, or choose a model with a larger context \
                 window"
                    .to_owned(),
            ),
            ErrorClass::Invalid => Some(self.refusal(said)),
            _ => None,
        }
    }

    /// Nothing came back.
    pub(super) fn unreached(&self, broken: &NoAnswer) -> Option<String> {
        let message = match broken {
            NoAnswer::NotBuilt(message) | NoAnswer::Unconnected(message) | NoAnswer::Broken(message) => {
                message
            }
            NoAnswer::TimedOut(_) | NoAnswer::TooLarge => return None,
        };
        if let Some(help) = untrusted_certificate(message) {
            return Some(help);
        }
        matches!(broken, NoAnswer::Unconnected(_)).then(|| match self.server.is_local() {
            true => format!(
                "is the server at {} running? `ollama serve` starts Ollama. Check `base_url`, too",
                self.url()
            ),
            false => format!("check the network, HTTPS_PROXY, and `base_url` ({})", self.url()),
        })
    }

    /// A key is missing or refused.
    pub(super) fn key(&self) -> String {
        match &self.server.key_variable {
            Some(variable) => format!(
                "set {variable} to a key for {}; in GitHub Actions from a secret: `env: {{{variable}: ${{{{ \
                 secrets.{variable} }}}}}}`",
                self.url()
            ),
            None => format!(
                "{} wants a key: put it into an environment variable, and name that with `key_variable` beside \
                 `base_url`",
                self.url()
            ),
        }
    }

    fn holder(&self) -> String {
        match &self.server.key_variable {
            Some(variable) => format!("the key in {variable}"),
            None => "a client without a key".to_owned(),
        }
    }

    fn another_service(&self, status: u16) -> String {
        let url = self.url();
        match status {
            300..=399 => format!("{url} is somewhere else now: write the new address as `base_url`"),
            404 | 405 => format!(
                "nothing is at {url}/chat/completions: check `base_url`, which ends in `/v1` for most servers"
            ),
            _ => "a proxy or another service answered: check `base_url` and HTTPS_PROXY".to_owned(),
        }
    }

    fn quota(&self, said: &Said) -> String {
        if said.is_too_large_for_quota() {
            return "one call asks for more tokens than the account has in a minute: lower `parameters.max_tokens`, \
                    shorten the prompt, or ask for a higher limit"
                .to_owned();
        }
        if said.is_daily() {
            return "the account's limit for a day is used up: run it again tomorrow, or ask for a higher limit; what was \
                    paid for is stored"
                .to_owned();
        }
        format!("the account at {} has no credit left: add some, or check its spending limit", self.url())
    }

    fn refusal(&self, said: &Said) -> String {
        let message = said.message.as_deref().unwrap_or_default().to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["max_tokens", "max_completion_tokens"]) {
            "set `parameters.max_tokens` to what the message allows".to_owned()
        } else if says(&["response_format", "json_schema"]) {
            "name a model with structured output under `models`, or write the schema as the message says: in every object \
             `additionalProperties: false`, and all its properties in `required`"
                .to_owned()
        } else if says(&["tool"]) {
            format!(
                "{} takes no tools in this form here: name another model, or start the server with tools",
                self.model
            )
        } else if says(&["system"]) && says(&["role"]) {
            format!(
                "{} takes no system text: write the instructions into the user's message, or name another model",
                self.model
            )
        } else {
            "change the prompt's `parameters` as the message says, or name another model under `models`"
                .to_owned()
        }
    }

    /// The model is not there; `offered`: what is, if the server tells.
    pub(super) fn unknown_model(&self, offered: Option<&[String]>) -> String {
        let Some(offered) = offered.filter(|offered| !offered.is_empty()) else {
            return format!(
                "check the name {} under `models`: {} does not offer it to {}",
                self.model,
                self.url(),
                self.holder()
            );
        };
        let near: Vec<&str> = offered.iter().map(String::as_str).collect();
        let near = crate::problem::nearest(self.model, &near).map(|near| format!("; did you mean {near}?"));
        let rest = offered.len().saturating_sub(NAMED);
        let named = offered.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let pull = match self.server.is_local() && is_plain(self.model) {
            true => format!(" (with Ollama, `ollama pull {}` gets the one that is named)", self.model),
            false => String::new(),
        };
        format!("the server has {named}{more}{}{pull}", near.unwrap_or_default())
    }
}

/// Whether a name may stand in a command that a person copies.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._:/-".contains(c))
}
