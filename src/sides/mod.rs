//! What `compare` sets side by side: revisions, models or parameters of the same prompts, as a person names them; and
//! what was found, as one value with its formats. Nothing here gates: a side is worse, better or neither.

mod figures;
mod found;
mod grammar;
mod json;
mod markdown;
mod settings;
mod terminal;
#[cfg(test)]
mod tests;
mod words;

pub use figures::{Figures, Latency};
pub use found::{Against, ComparedPrompt, Comparison, Finding, LeftOut, Row, SideHead, Spent, Why, divide};
pub use grammar::{Place, Side, SideError, sides};
pub use json::render as render_json;
pub use markdown::render as render_markdown;
pub use settings::Settings;
pub use terminal::render as render_terminal;
