//! Where prompts come from.

pub(crate) mod agent;
#[cfg(feature = "appconfig")]
pub(crate) mod appconfig;
#[cfg(feature = "aws")]
mod aws;
pub(crate) mod directory;
mod loopback;
#[cfg(feature = "s3")]
pub(crate) mod s3;
#[cfg(feature = "ssm")]
pub(crate) mod ssm;
pub(crate) mod values;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::Error;

/// Which version of a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// The live one.
    #[default]
    Live,
    /// This one, which never changes.
    Version(u64),
    /// The one that carries this label.
    Label(String),
}

/// What is requested.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The prompt's name.
    pub name: String,
    /// Which version of it.
    pub which: Which,
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.which {
            Which::Live => write!(out, "{}", self.name),
            Which::Version(version) => write!(out, "{}:{version}", self.name),
            Which::Label(label) => write!(out, "{}:{label}", self.name),
        }
    }
}

/// A content, and its version if the store reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The content, taken out of its envelope or its object.
    pub content: String,
    /// The version.
    pub version: Option<u64>,
}

/// A source's answer for one key.
pub type Answer = Result<Found, Error>;

/// A read in progress: one answer for every key, in their order.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Vec<Answer>> + Send + 'a>>;

/// A store of prompts.
pub trait Source: Send + Sync + 'static {
    /// For [`Prompt::source`](crate::Prompt::source).
    fn kind(&self) -> &'static str;

    /// How many prompts one read may ask for.
    fn batch(&self) -> usize {
        10
    }

    /// How old its answers may be, if it has its own cache.
    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    /// Reads.
    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a>;
}
