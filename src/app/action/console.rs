//! What the action writes to the runner's log. All of it goes to standard error: the runner reads
//! both streams with one parser and without a common order, and commands can be switched off
//! reliably on one stream only.

use crate::action::annotation::{Annotation, Level, resume, silence};
use crate::adapters::progress::say as print;
use crate::report::untrusted;

use super::files::random_word;

/// The log; the runner executes no commands in it until [`Console::finish`].
pub struct Console {
    token: String,
    annotations: Vec<Annotation>,
}

impl Console {
    /// Silences the runner's parser.
    ///
    /// # Errors
    /// When the system gives no random bytes.
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

    /// The same, and it is also logged now.
    pub fn remark(&mut self, annotation: Annotation) {
        let word = match annotation.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "note",
        };
        self.say(&format!("{word}: {}", annotation.message));
        self.annotate(annotation);
    }

    /// Switches the runner's parser on again, only for our own annotations.
    pub fn finish(self) {
        print(&resume(&self.token));
        for annotation in &self.annotations {
            print(&annotation.command());
        }
    }
}
