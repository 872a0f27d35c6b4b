//! Workflow commands: annotations that point at a prompt's line, and the words that silence the
//! runner's parser while untrusted text is in the log.
//!
//! The runner obeys `::command::` at the start of a line and `##[command]` anywhere, on standard
//! output and standard error alike; a lone carriage return begins a line.

use crate::problem::{Problem, Problems};
use crate::report::sentence::prompt_headline;
use crate::report::untrusted::{is_seen, terminal_line};
use crate::report::{PromptReport, Report};
use crate::verdict::Verdict;

/// Shown per step and level; GitHub drops what exceeds it.
const MOST: usize = 10;

/// Longest message in characters; the runner cuts at 4,096.
const MESSAGE_CHARS: usize = 1_000;

/// The level of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// Grey.
    Notice,
}

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How loud.
    pub level: Level,
    /// File and line.
    pub place: Option<(String, u32)>,
    /// Few words.
    pub title: String,
    /// One sentence.
    pub message: String,
}

impl Annotation {
    /// An annotation without a place.
    pub fn new(level: Level, title: &str, message: impl Into<String>) -> Self {
        Self { level, place: None, title: title.to_owned(), message: message.into() }
    }

    /// The workflow command, one line.
    pub fn command(&self) -> String {
        let word = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = format!("title={}", property(&defused(&self.title)));
        let mut message = crate::report::untrusted::shortened(&self.message, MESSAGE_CHARS);
        if let Some((file, line)) = &self.place {
            // A path is kept unchanged, because a changed path would annotate nothing. One that would show a
            // reader something else than its letters is told in the message instead.
            match is_seen(file) {
                true => properties.push_str(&format!(",file={},line={}", property(file), (*line).max(1))),
                false => message.push_str(&format!(" (in {}, line {line})", terminal_line(file))),
            }
        }
        format!("::{word} {properties}::{}", data(&defused(&message)))
    }
}

/// All annotations, worst first, at most ten of each level.
pub fn of_report(report: &Report) -> Vec<Annotation> {
    most(report.prompts.iter().filter_map(of_prompt).collect())
}

/// So many of them as GitHub shows: worst first, at most ten of each level.
pub fn most(mut found: Vec<Annotation>) -> Vec<Annotation> {
    found.sort_by_key(|annotation| annotation.level);
    let mut kept = Vec::new();
    for level in [Level::Error, Level::Warning, Level::Notice] {
        kept.extend(found.iter().filter(|annotation| annotation.level == level).take(MOST).cloned());
    }
    kept
}

fn of_prompt(prompt: &PromptReport) -> Option<Annotation> {
    let level = match prompt.verdict {
        Verdict::Regression | Verdict::NotMeasured => Level::Error,
        Verdict::Inconclusive | Verdict::Mixed => Level::Warning,
        Verdict::Ok | Verdict::Improved if !prompt.head.covered => Level::Notice,
        Verdict::Ok | Verdict::Improved => return None,
    };
    let title = format!("prompt-assay: {} {}", prompt.head.id, prompt.verdict.words());
    Some(Annotation {
        level,
        place: Some((prompt.head.catalog.clone(), prompt.head.line)),
        title,
        message: format!("{}. {}", prompt_headline(prompt), prompt.sentence),
    })
}

/// The mistakes of a run that was refused, each at its line: the first ones are annotated.
pub fn of_problems(problems: &Problems) -> Vec<Annotation> {
    let errors = problems.sorted().into_iter().filter(|problem| problem.is_error());
    let annotation = |problem: &Problem| {
        let help = problem.help.as_deref().map(|help| format!(" – {help}")).unwrap_or_default();
        Annotation {
            level: Level::Error,
            place: problem.path.clone().map(|path| (path, problem.mark.line)),
            title: "prompt-assay: not measured".to_owned(),
            message: format!("{}{help}", problem.message),
        }
    };
    errors.map(annotation).take(MOST).collect()
}

/// From here on the runner accepts only the token.
pub fn silence(token: &str) -> String {
    format!("::stop-commands::{token}")
}

/// Ends [`silence`].
pub fn resume(token: &str) -> String {
    format!("::{token}::")
}

/// A command's data: `%` first, then line breaks.
/// One harmless line that cannot contain a second command, not even in the middle of a word.
fn defused(text: &str) -> String {
    let mut line = terminal_line(text);
    while line.contains("::") {
        line = line.replace("::", ": :");
    }
    line
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A command's property: as [`data`], and without the signs that end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C").replace("##[", "%23%23[")
}
