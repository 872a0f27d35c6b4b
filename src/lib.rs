//! CI for LLM prompts.

pub mod fingerprint;
pub mod model;
pub mod trial;
