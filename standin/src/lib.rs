//! Stand-ins for model servers over HTTP: scripted answers, latency, quotas and every fault, on a
//! loopback port, for tests and benchmarks.
//!
//! [`Standin`] speaks the wire format of `Converse` and `CountTokens` as the AWS SDKs and the AWS CLI do, and that of
//! `GetInferenceProfile` and Prompt Management. [`ChatStandin`] speaks that of OpenAI's Chat Completions.
//!
//! ```
//! use prompt_assay_standin::{Config, Reply, Standin};
//!
//! let standin = Standin::start(Config::default(), |call| {
//!     Reply::text(format!("you said: {}", call.last_user_text()))
//! })
//! .expect("a free loopback port");
//! assert!(standin.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(standin.counters().total, 0);
//! ```

mod bedrock;
mod bucket;
mod cache;
mod call;
mod chat;
mod config;
mod embedding;
mod exchange;
mod fault;
mod ledger;
mod library;
mod number;
mod refusals;
mod reply;
mod request;
mod server;
mod validation;
mod wire;

pub use bedrock::Standin;
pub use call::{ConverseCall, Headers, Message, Parameters, Tool, ToolChoice};
pub use chat::{ChatCall, ChatReply, ChatStandin};
pub use config::{Account, Config, FaultRate, Latency, Quota, Rate};
pub use fault::Fault;
pub use ledger::{Counters, Operation, Recorded};
pub use library::{Library, Strike};
pub use reply::{Answer, Block, Reply, Usage};
