//! Who answers the requests: every provider, what it is called, what it can do, and how it is written.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::server::{self, Server};
use crate::document::{Datum, Fields, Shape};
use crate::problem::Problems;
use crate::settings::path;
use crate::tree::{directory, resolve};

const PROVIDER: Shape = Shape { name: "`provider`", keys: &["scripted", "openai"] };

/// Who answers the requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Amazon Bedrock.
    #[default]
    Bedrock,
    /// A server with OpenAI's Chat Completions.
    #[serde(rename = "openai")]
    OpenAi(Server),
    /// A file of rules, by path; no language model.
    Scripted(String),
}

/// Which provider it is, as reports and evidence say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Amazon Bedrock.
    #[default]
    Bedrock,
    /// A server with OpenAI's Chat Completions.
    #[serde(rename = "openai")]
    OpenAi,
    /// A file of rules.
    Scripted,
}

/// What a provider is and can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// What reports and evidence call it.
    pub name: &'static str,
    /// Whether a language model answers: for money, with somebody's credentials. Only such answers
    /// are shared between machines.
    pub is_language_model: bool,
    /// Whether it takes batch jobs.
    pub has_batch: bool,
    /// Whether it counts the tokens of a request.
    pub counts_tokens: bool,
    /// Whether it caches the beginning of a request that comes back, if the request marks its end.
    pub caches_prompts: bool,
    /// Whether it is a service of AWS: with a region, permissions, service tiers and inference profiles.
    pub is_on_aws: bool,
    /// Whether the configuration says where the answers come from. A change of the configuration could then bring
    /// answers of its own.
    pub has_configured_source: bool,
}

impl Capabilities {
    /// Whether language models answer that are not Bedrock's: they have no built-in prices, and nothing that only
    /// Bedrock has.
    pub fn is_third_party(&self) -> bool {
        self.is_language_model && !self.is_on_aws
    }
}

impl Provider {
    /// The address of the server that answers, where the configuration names one.
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::OpenAi(server) => Some(&server.base_url),
            Self::Bedrock | Self::Scripted(_) => None,
        }
    }

    /// Which provider it is.
    pub fn kind(&self) -> ProviderKind {
        match self {
            Self::Bedrock => ProviderKind::Bedrock,
            Self::OpenAi(_) => ProviderKind::OpenAi,
            Self::Scripted(_) => ProviderKind::Scripted,
        }
    }

    /// What it is and can do.
    pub fn capabilities(&self) -> Capabilities {
        self.kind().capabilities()
    }

    /// The file of the tree whose rules answer, if no service does.
    pub fn rules(&self) -> Option<&str> {
        match self {
            Self::Scripted(path) => Some(path),
            Self::Bedrock | Self::OpenAi(_) => None,
        }
    }
}

impl ProviderKind {
    /// What it is and can do.
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Bedrock => Capabilities {
                name: "bedrock",
                is_language_model: true,
                has_batch: true,
                counts_tokens: true,
                caches_prompts: true,
                is_on_aws: true,
                has_configured_source: false,
            },
            Self::OpenAi => Capabilities {
                name: "openai",
                is_language_model: true,
                has_batch: false,
                counts_tokens: false,
                caches_prompts: false,
                is_on_aws: false,
                has_configured_source: true,
            },
            Self::Scripted => Capabilities {
                name: "scripted",
                is_language_model: false,
                has_batch: false,
                counts_tokens: false,
                caches_prompts: false,
                is_on_aws: false,
                has_configured_source: true,
            },
        }
    }

    /// Whether a language model answers.
    pub fn is_language_model(self) -> bool {
        self.capabilities().is_language_model
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.capabilities().name)
    }
}

/// `bedrock`, `{openai: {base_url: …}}` or `{scripted: path}`; the path counts from the repository's root afterwards.
pub(super) fn provider(fields: &Fields<'_>, problems: &mut Problems) -> Option<Provider> {
    let node = fields.node("provider")?;
    match &node.datum {
        Datum::Text(name) if name == "bedrock" => Some(Provider::Bedrock),
        Datum::Map(_) => {
            let inner = Fields::read(fields.source, node, &PROVIDER, problems)?;
            inner.at_most_one(PROVIDER.keys, problems);
            if inner.has("openai") {
                return server::server(&inner, problems).map(Provider::OpenAi);
            }
            if !inner.has("scripted") {
                problems.push(
                    fields.error("provider", "`provider` needs `scripted: path` or `openai: {base_url: …}`"),
                );
            }
            let written = path(&inner, "scripted", problems)?;
            resolve(directory(&fields.source.path), &written).ok().map(Provider::Scripted)
        }
        _ => {
            let help = "write `provider: bedrock`, `provider: {openai: {base_url: …}}` or `provider: {scripted: rules.yaml}`";
            problems.push(fields.error("provider", "this provider is not known").help(help));
            None
        }
    }
}
