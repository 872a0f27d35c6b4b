//! CI for LLM prompts.

pub mod trial;
