//! The scripted model: rules instead of a language model, for demos and tests.
//!
//! A file of rules says which requests get which answers, with what probability, latency, tokens
//! and errors. All draws are made from the SHA-256 of the seed and the request, so the same request always
//! gets the same answer. Other white space around the input gives a new draw.
//!
//! ```yaml
//! seed: 7
//! latency_ms: 300                    # of rules that say none; 0 when left out
//! rules:
//!   - when: {system: "support agent", input: "order (?<number>\\d+)"}   # all given must match
//!     answers:
//!       - {p: 0.9, text: "Order {{ capture.number }} is on its way."}
//!       - {text: "Which order?"}                                        # the rest
//!     latency_ms: [80, 400]
//!     tokens: {input: 300, output: 60}
//!   - when: {tool: score}
//!     answers: [{tool: {score: 0.9, reasoning: "Good."}}]
//!   - when: {input: boom}
//!     error: {class: throttled, times: 2}
//!     text: "Third time lucky."
//!   - {when: {model: embed}, embedding: words}     # of requests for an embedding; or a vector: [0.6, 0.8]
//! default: {text: "I do not know."}
//! ```

mod answer;
mod matching;
mod read;
mod rule;
mod template;

use rule::{Answer, Latency, Rule};

/// The rules of a scripted model, read and validated.
#[derive(Clone, Debug)]
pub struct Rules {
    seed: String,
    latency: Latency,
    rules: Vec<Rule>,
    default: Option<Answer>,
}

#[cfg(test)]
mod tests;
