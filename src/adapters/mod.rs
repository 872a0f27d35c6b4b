//! The rim: what talks to the world outside, one folder or file for each, none knowing another.

pub mod bedrock;
