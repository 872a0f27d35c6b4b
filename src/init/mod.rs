//! The first files of a repository: what it has is found, and what is missing is proposed as changes of files. Nothing
//! here writes.

mod files;
mod found;
pub mod lexer;
mod literal;
mod overlay;
mod rules;
mod texts;

pub use files::{Change, Proposal, ignoring, propose};
pub use found::{Candidate, Found, look, prompts_in_code};
pub use literal::{Language, Literal, literals};
