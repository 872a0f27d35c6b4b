//! CI for LLM prompts.

pub mod adapters;
pub mod fingerprint;
pub mod model;
pub mod trial;
