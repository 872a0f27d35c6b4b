//! Problems a person must read: what is wrong, where, and what to do next.

use std::fmt;

use serde::Serialize;

/// A position in a text file; both count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    /// Line, from 1; 0 when unknown.
    pub line: u32,
    /// Column in characters, from 1; 0 when unknown.
    pub column: u32,
}

impl Mark {
    /// A known position.
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }

    /// Whether the line is known.
    pub fn is_known(self) -> bool {
        self.line > 0
    }
}

/// Whether a problem stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Stops the run with exit code 2.
    Error,
    /// Is shown and counted, and stops nothing.
    Warning,
}

/// One problem of the user's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, one line.
    pub message: String,
    /// Path inside the repository, with `/` separators.
    pub path: Option<String>,
    /// Where in the file.
    pub mark: Mark,
    /// The offending line, as written.
    pub line: Option<String>,
    /// What to write instead, or do next.
    pub help: Option<String>,
}

impl Problem {
    /// An error without a place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            path: None,
            mark: Mark::default(),
            line: None,
            help: None,
        }
    }

    /// A warning without a place yet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the file, without a line.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds the place: file, position and the line found there in `text`.
    pub fn at(mut self, path: &str, text: &str, mark: Mark) -> Self {
        self.path = Some(path.to_owned());
        self.mark = mark;
        self.line = (mark.line as usize)
            .checked_sub(1)
            .and_then(|index| text.lines().nth(index))
            .map(|line| line.trim_end_matches('\r').to_owned());
        self
    }

    /// Whether the problem stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_error() { "error" } else { "warning" };
        write!(f, "{word}: {}", self.message)?;
        if let Some(path) = &self.path {
            write!(f, "\n  --> {path}")?;
            if self.mark.is_known() {
                write!(f, ":{}:{}", self.mark.line, self.mark.column.max(1))?;
            }
        }
        if let Some(line) = &self.line {
            write!(f, "\n   | {}", shortened(line))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n   = {help}")?;
        }
        Ok(())
    }
}

/// Long lines are cut for display: a prompt's line may be kilobytes long.
fn shortened(line: &str) -> String {
    const WIDTH: usize = 160;
    let clean: String =
        line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= WIDTH {
        return clean;
    }
    clean.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// Problems collected over a whole tree, so that all are reported at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Problems) {
        for problem in other.0 {
            self.push(problem);
        }
    }

    /// Whether the run must stop.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Problem::is_error)
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|p| p.is_error()).count()
    }

    /// All, by file and position; those without a file first.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.0.iter().collect();
        all.sort_by(|a, b| (&a.path, a.mark, a.severity).cmp(&(&b.path, b.mark, b.severity)));
        all
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.sorted().into_iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Self::new();
        problems.push(problem);
        problems
    }
}

/// The candidate nearest to `word`, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let ratio = |candidate: &str| {
        similar::TextDiff::from_chars(word.to_lowercase().as_str(), candidate.to_lowercase().as_str()).ratio()
    };
    candidates
        .iter()
        .map(|candidate| (ratio(candidate), *candidate))
        .filter(|(ratio, _)| *ratio >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
