//! CI for LLM prompts.
