//! What was found: the rule, how bad it is, where, what, and what to do.

use serde::Serialize;

use crate::problem::Mark;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// An evaluation or a release ends with it.
    Error,
    /// Hardly meant, or a gap in what is measured.
    Warning,
    /// To know; nothing is wrong.
    Note,
}

impl Level {
    /// All, worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A file as it would be without the finding. Only what changes neither a prompt nor a case is ever fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The path from the repository's root.
    pub path: String,
    /// Its whole text then.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// The file, from the repository's root.
    pub path: Option<String>,
    /// Where in the file.
    pub mark: Mark,
    /// Other places in the file with the same mistake.
    pub also: Vec<Mark>,
    /// The line there, where the reader shows it.
    pub line: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// What `--fix` would write.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of a rule, without a place.
    pub(super) fn new(level: Level, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            rule: "",
            level,
            message: message.into(),
            path: None,
            mark: Mark::default(),
            also: Vec::new(),
            line: None,
            help: Some(help.into()),
            fix: None,
        }
    }

    /// Adds the place.
    pub(super) fn at(self, path: &str, mark: Mark) -> Self {
        Self { path: Some(path.to_owned()), mark, ..self }
    }
}

/// Where a rule puts what it finds.
pub(super) type Sink<'s> = dyn FnMut(Finding) + 's;

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linted {
    /// By file and place, worst first at the same place.
    pub findings: Vec<Finding>,
    /// The line about mistakes that the readers only counted.
    pub unlisted: Option<String>,
    /// Errors among those.
    pub(super) unlisted_errors: usize,
}

impl Linted {
    pub(super) fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            let key = |finding: &Finding| (finding.mark, finding.level, finding.rule);
            a.path.cmp(&b.path).then_with(|| key(a).cmp(&key(b))).then_with(|| a.message.cmp(&b.message))
        });
    }

    /// How many findings of a level there are.
    pub fn count(&self, level: Level) -> usize {
        let unlisted = if level == Level::Error { self.unlisted_errors } else { 0 };
        self.findings.iter().filter(|finding| finding.level == level).count() + unlisted
    }

    /// 0; 1 with an error, or with a warning if they count like errors.
    pub fn exit_code(&self, is_strict: bool) -> u8 {
        let worst = if is_strict { Level::Warning } else { Level::Error };
        u8::from(Level::ALL.into_iter().any(|level| level <= worst && self.count(level) > 0))
    }

    /// Texts of others replaced: `shown` gives what may be seen of one.
    #[must_use]
    pub fn redacted(mut self, shown: impl Fn(&str) -> String) -> Self {
        for finding in &mut self.findings {
            finding.message = shown(&finding.message);
            finding.line = finding.line.as_deref().map(&shown);
            finding.help = finding.help.as_deref().map(&shown);
        }
        self
    }
}
