//! Problems a person must read: what is wrong, where, and what to do next.

use std::fmt;

use serde::Serialize;

/// Errors, and apart from them warnings, that are listed; the rest is counted. A hostile file may
/// hold a mistake in each of a million lines.
pub const MOST_LISTED: usize = 100;

/// The maximum number of places with the same mistake.
const MOST_ALIKE: usize = 2_000;

/// Characters of a message or of its help: they quote names and values of the files.
const MESSAGE_CHARS: usize = 4_000;

/// Characters of the offending line: a prompt's line may be megabytes long.
const LINE_CHARS: usize = 160;

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
    /// Is shown and counted, and does not stop the run.
    Warning,
}

/// Kinds of mistakes that `lint` tells apart by name; all others it knows by their severity alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MistakeKind {
    /// A text uses a variable that a case does not give.
    UnboundVariable,
    /// A case gives a variable that no text uses.
    UnusedVariable,
    /// What a case gives never reaches the model.
    UnsentInput,
    /// Placeholders of another template language.
    OtherSyntax,
    /// A golden set whose prompt does not exist.
    StrayGoldenSet,
    /// A catalog that is named and missing.
    MissingCatalog,
    /// A prompt without a model.
    MissingModel,
}

/// One problem of the user's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, one line of at most a few thousand characters.
    pub message: String,
    /// Path inside the repository, with `/` separators.
    pub path: Option<String>,
    /// Where in the file.
    pub mark: Mark,
    /// The offending line, harmless and shortened.
    pub line: Option<String>,
    /// What to write instead, or do next.
    pub help: Option<String>,
    /// Which mistake it is, if `lint` has a name for it.
    #[serde(skip)]
    pub kind: Option<MistakeKind>,
    /// The length in bytes of the message's beginning that names the item: problems with the same text
    /// after it are one mistake.
    #[serde(skip)]
    subject: u32,
    #[serde(skip)]
    also: Option<Box<Also>>,
}

/// Other places in the file with the same mistake. It is boxed, because few problems have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Also(Vec<Mark>);

impl Problem {
    /// An error without a place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: cut(message.into(), MESSAGE_CHARS),
            path: None,
            mark: Mark::default(),
            line: None,
            help: None,
            kind: None,
            subject: 0,
            also: None,
        }
    }

    /// An error of one of many items that may have the same mistake: `the case `x``, then the
    /// mistake.
    pub fn of(subject: &str, what: impl fmt::Display) -> Self {
        let problem = Self::error(format!("{subject}: {what}"));
        Self { subject: u32::try_from(subject.len()).unwrap_or(0), ..problem }
    }

    /// The mistake, without the name of the item.
    fn what(&self) -> Option<&str> {
        self.message.get(self.subject as usize..)
    }

    /// Whether another problem is the same mistake at another place in the same file.
    fn is_alike(&self, other: &Self) -> bool {
        (self.severity, &self.path, &self.help) == (other.severity, &other.path, &other.help)
            && self.mark.is_known()
            && other.mark.is_known()
            && self.what() == other.what()
    }

    /// The other places with the same mistake.
    pub fn also(&self) -> &[Mark] {
        self.also.as_deref().map_or(&[], |also| also.0.as_slice())
    }

    /// Adds another problem with the same mistake.
    fn join(&mut self, other: Self) {
        for mark in std::iter::once(&other.mark).chain(other.also()) {
            let is_new = *mark != self.mark && self.also().len() < MOST_ALIKE && !self.also().contains(mark);
            if is_new {
                self.also.get_or_insert_default().0.push(*mark);
            }
        }
    }

    /// The other places with the same mistake, in words.
    fn other_places(&self) -> Option<String> {
        let here = self.also().iter().filter(|mark| mark.line == self.mark.line).count();
        let more_here = || (here > 0).then(|| format!("and {here} more in this line"));
        other_lines(self.mark, self.also()).or_else(more_here)
    }

    /// A warning without a place yet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(cut(help.into(), MESSAGE_CHARS));
        self
    }

    /// Says which mistake it is.
    pub fn kind(mut self, kind: MistakeKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Adds the file, without a line.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds the place: file, position and the line found there in `text`, which is searched from its
    /// beginning; where many problems may lie in one file, see [`Problem::on_line`].
    pub fn at(self, path: &str, text: &str, mark: Mark) -> Self {
        let line = (mark.line as usize).checked_sub(1).and_then(|index| text.lines().nth(index));
        self.on_line(path, line, mark)
    }

    /// Adds the place: file, position and the line found there.
    pub fn on_line(mut self, path: &str, line: Option<&str>, mark: Mark) -> Self {
        self.path = Some(path.to_owned());
        self.mark = mark;
        self.line = line.map(|line| shortened(line.trim_end_matches('\r')));
        self
    }

    /// Whether the problem stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The lines of `also` beside that of `mark`, in words; `None`: there is no other line.
pub fn other_lines(mark: Mark, also: &[Mark]) -> Option<String> {
    /// Lines that are named.
    const NAMED: usize = 3;
    let mut lines: Vec<u32> = also.iter().map(|also| also.line).filter(|line| *line != mark.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let named: Vec<String> = lines.iter().take(NAMED).map(u32::to_string).collect();
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    match lines.len().saturating_sub(NAMED) {
        _ if lines.is_empty() => None,
        0 => Some(format!("also in {noun} {}", named.join(", "))),
        more => Some(format!("also in {noun} {} and {more} more", named.join(", "))),
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
            if let Some(others) = self.other_places() {
                write!(f, " ({others})")?;
            }
        }
        if let Some(line) = &self.line {
            write!(f, "\n   | {line}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n   = {help}")?;
        }
        Ok(())
    }
}

/// A line as it is kept and shown.
fn shortened(line: &str) -> String {
    let clean = line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c });
    cut(clean.take(LINE_CHARS + 1).collect(), LINE_CHARS)
}

/// A text of at most so many characters.
fn cut(text: String, most: usize) -> String {
    if text.len() <= most || text.chars().nth(most).is_none() {
        return text;
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Problems collected over a whole tree, so that all are reported at once: the first
/// [`MOST_LISTED`] of a severity, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    listed: Vec<Problem>,
    more_errors: usize,
    more_warnings: usize,
}

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        if self.listed.contains(&problem) {
            return;
        }
        if let Some(listed) = self.listed.iter_mut().find(|listed| listed.is_alike(&problem)) {
            return listed.join(problem);
        }
        let severity = problem.severity;
        if self.listed.iter().filter(|listed| listed.severity == severity).count() < MOST_LISTED {
            return self.listed.push(problem);
        }
        match severity {
            Severity::Error => self.more_errors += 1,
            Severity::Warning => self.more_warnings += 1,
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Problems) {
        for problem in other.listed {
            self.push(problem);
        }
        self.more_errors += other.more_errors;
        self.more_warnings += other.more_warnings;
    }

    /// Whether the run must stop.
    pub fn has_errors(&self) -> bool {
        self.listed.iter().any(Problem::is_error)
    }

    /// Whether further errors would only be counted: expensive searches for them are not needed.
    pub fn is_full(&self) -> bool {
        let alike = || self.listed.iter().filter(|p| p.is_error()).map(|p| p.also().len()).sum::<usize>();
        self.errors() >= MOST_LISTED || alike() >= MOST_ALIKE
    }

    /// How many errors there are, the same mistake in many places counted once; at least so many, where reading ended early.
    pub fn errors(&self) -> usize {
        self.listed.iter().filter(|p| p.is_error()).count() + self.more_errors
    }

    /// The line about those that are not listed.
    pub fn unlisted(&self) -> Option<String> {
        let of = |count: usize, noun: &str| {
            (count > 0).then(|| format!("{count} more {noun}{}", if count == 1 { "" } else { "s" }))
        };
        let said: Vec<String> = [of(self.more_errors, "error"), of(self.more_warnings, "warning")]
            .into_iter()
            .flatten()
            .collect();
        (!said.is_empty()).then(|| format!("… and at least {}, which are not listed", said.join(" and ")))
    }

    /// Those that are listed, by file and position; those without a file first.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.listed.iter().collect();
        all.sort_by(|a, b| (&a.path, a.mark, a.severity).cmp(&(&b.path, b.mark, b.severity)));
        all
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
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
        match self.unlisted() {
            Some(rest) => write!(f, "\n\n{rest}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problems {}

impl From<Option<Problem>> for Problems {
    fn from(problem: Option<Problem>) -> Self {
        problem.map_or_else(Self::new, Self::from)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        let mut problems = Self::new();
        problems.push(problem);
        problems
    }
}

/// Whether a name is negated: an author who writes `not-contains` does not mean `contains`.
fn is_negated(name: &str) -> bool {
    const NEGATIONS: [&str; 10] =
        ["not", "no", "non", "never", "without", "isnt", "doesnt", "dont", "cannot", "cant"];
    let mut word = String::new();
    let mut words = Vec::new();
    for c in name.chars().filter(|c| *c != '\'') {
        if (!c.is_alphanumeric() || c.is_uppercase()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.push(word);
    name.starts_with('!') || words.iter().any(|word| NEGATIONS.contains(&word.as_str()))
}

/// The candidate nearest to `word`, if it is near enough to be the intended one; never its opposite.
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    /// Longer names are not compared: a typing mistake in them is unlikely, and the cost is the
    /// product of the lengths.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let ratio = |candidate: &str| {
        similar::TextDiff::from_chars(word.to_lowercase().as_str(), candidate.to_lowercase().as_str()).ratio()
    };
    candidates
        .iter()
        .filter(|candidate| candidate.len() <= LONGEST && is_negated(candidate) == is_negated(word))
        .map(|candidate| (ratio(candidate), *candidate))
        .filter(|(ratio, _)| *ratio >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
