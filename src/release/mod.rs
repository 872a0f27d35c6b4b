//! Release: prompts that passed go live, failed ones do not. The live and the wanted content become
//! steps; the stores are declared here and implemented by adapters.
//!
//! ```text
//! history + wanted --step--> Item --decide--> put | label | restore | done, one call at a time
//! ```

pub mod appconfig;
pub mod archive;
pub mod audit;
pub mod client;
pub mod content;
pub mod decide;
pub mod drift;
pub mod environment;
pub mod execute;
pub mod intervention;
pub mod names;
pub mod outcome;
pub mod ports;
pub mod prompt_management;
pub mod prompt_target;
pub mod report;
pub mod rollback;
pub mod settings;
pub mod step;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod trail;
pub mod value;
pub mod versions;
