//! CI for LLM prompts.

pub mod gate;
pub mod stats;
pub mod trial;
