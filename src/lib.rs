//! CI for LLM prompts.

pub mod catalog;
pub mod check;
pub mod config;
pub mod document;
pub mod fingerprint;
pub mod golden;
pub mod model;
pub mod problem;
pub mod prompt;
pub mod settings;
pub mod tree;
pub mod trial;
