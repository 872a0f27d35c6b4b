//! What the action says to the runner. All of it goes to standard error: the runner reads the two
//! streams with one parser and no common order, and only one of them can be silenced for certain.

use crate::action::annotation::{Annotation, Level, resume, silence};
use crate::adapters::progress::say as print;
use crate::report::untrusted;

use super::files::random_word;

/// The log, in which the runner obeys nothing until [`Console::finish`].
pub struct Console {
    token: String,
    annotations: Vec<Annotation>,
}

impl Console {
    /// Silences the runner's parser.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn start() -> anyhow::Result<Self> {
        let token = random_word()?;
        print(&silence(&token));
        Ok(Self { token, annotations: Vec::new() })
    }

    /// A text for the log.
    pub fn say(&self, text: &str) {
        print(&untrusted::terminal(text));
    }

    /// An annotation, to be made at the end.
    pub fn annotate(&mut self, annotation: Annotation) {
        self.annotations.push(annotation);
    }

    /// The same, and the log says it now.
    pub fn remark(&mut self, annotation: Annotation) {
        let word = match annotation.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "note",
        };
        self.say(&format!("{word}: {}", annotation.message));
        self.annotate(annotation);
    }

    /// Lets the runner listen again, for our own annotations only.
    pub fn finish(self) {
        print(&resume(&self.token));
        for annotation in &self.annotations {
            print(&annotation.command());
        }
    }
}
