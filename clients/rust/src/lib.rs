//! Reads the prompts that prompt-assay releases: from memory, with SSM Parameter Store, S3 or AppConfig
//! behind it.
//!
//! ```no_run
//! # async fn example() -> Result<(), prompt_assay_client::Error> {
//! use prompt_assay_client::{Prompts, Values};
//! let prompts = Prompts::builder(Values::new([("support", "Help {name}.")])).build();
//! let prompt = prompts.get("support").await?;
//! let text = prompt.render(&serde_json::json!({"name": "Ada"}))?;
//! assert_eq!(text.text(), Some("Help Ada."));
//! # Ok(())
//! # }
//! ```

mod braces;
mod cache;
mod converse;
mod error;
mod prompt;
mod python;
mod sources;
mod stored;
mod template;

pub use cache::{Builder, Event, Get, Prompts};
pub use converse::Converse;
pub use error::Error;
pub use prompt::{Prompt, Rendered};
pub use sources::agent::AppConfigAgent;
#[cfg(feature = "appconfig")]
pub use sources::appconfig::{AppConfig, AppConfigBuilder};
pub use sources::directory::Directory;
#[cfg(feature = "ssm")]
pub use sources::ssm::{Ssm, SsmBuilder};
pub use sources::values::Values;
pub use sources::{Answer, Found, Key, Reading, Source, Which};
pub use stored::{Content, Message, Role};
pub use template::Language;
