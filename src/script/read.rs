//! Reading a file of rules, with errors that name the line.

use super::Rules;
use super::rule::File;
use crate::problem::{Mark, Problem, nearest};

/// Longest message, in characters.
const LONGEST: usize = 400;

impl Rules {
    /// Reads a file of rules; `path` is only for messages.
    ///
    /// # Errors
    /// The first problem, with file, line and what to write instead.
    pub fn read(path: &str, text: &str) -> Result<Self, Box<Problem>> {
        let file: File =
            serde_yaml::from_str(text).map_err(|error| Box::new(unreadable(path, text, &error)))?;
        Ok(Self {
            seed: file.seed.0,
            latency: file.latency_ms,
            rules: file.rules,
            default: file.default.map(|fallback| fallback.0),
        })
    }
}

fn unreadable(path: &str, text: &str, error: &serde_yaml::Error) -> Problem {
    let full = error.to_string();
    // The parser quotes values whole.
    let message = full.split_once(" at line ").map_or(full.as_str(), |(message, _)| message);
    let message = message.char_indices().nth(LONGEST).map_or(message, |(end, _)| &message[..end]);
    let problem = match error.location() {
        Some(place) => Problem::error(message).at(path, text, mark(place.line(), place.column())),
        None => Problem::error(message).path(path),
    };
    match meant(message) {
        Some(known) => problem.help(format!("did you mean `{known}`?")),
        None => problem,
    }
}

fn mark(line: usize, column: usize) -> Mark {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Mark::new(narrow(line), narrow(column))
}

/// The known word nearest to the unknown one, from serde's "unknown field `a`, expected one of
/// `b`, `c`".
fn meant(message: &str) -> Option<&str> {
    let (_, words) = message.split_once(": unknown ").or_else(|| message.split_once("unknown "))?;
    let mut quoted = words.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, &quoted.collect::<Vec<_>>())
}
