//! CI for LLM prompts.

pub mod adapters;
pub mod check;
pub mod config;
pub mod document;
pub mod fingerprint;
pub mod golden;
pub mod model;
pub mod price;
pub mod problem;
pub mod prompt;
pub mod runner;
pub mod store;
pub mod tree;
pub mod trial;
