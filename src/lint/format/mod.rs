//! How findings are written: for a person, as JSON, as SARIF for code scanning, and as annotations of GitHub.

mod json;
mod sarif;
mod text;

use super::Linted;
use super::finding::{Finding, Level};
use crate::action::annotation::{self, Annotation};

/// A form of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    #[default]
    Text,
    /// One object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines of a pull request.
    Github,
}

impl Format {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Text, Self::Json, Self::Sarif, Self::Github];

    /// The name in options, and what it is.
    pub fn name_and_help(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "For a person"),
            Self::Json => ("json", "One JSON object with every finding"),
            Self::Sarif => ("sarif", "SARIF 2.1.0, for code scanning and editors"),
            Self::Github => ("github", "Annotations of a pull request's lines, as workflow commands"),
        }
    }

    /// The result in this form.
    pub fn write(self, linted: &Linted) -> String {
        match self {
            Self::Text => text::write(linted),
            Self::Json => json::write(linted),
            Self::Sarif => sarif::write(linted),
            Self::Github => github(linted),
        }
    }
}

fn github(linted: &Linted) -> String {
    let annotations = linted.findings.iter().map(annotation);
    let mut lines: Vec<String> =
        annotation::most(annotations.collect()).iter().map(Annotation::command).collect();
    lines.push(text::sum(linted));
    lines.join("\n")
}

fn annotation(finding: &Finding) -> Annotation {
    let level = match finding.level {
        Level::Error => annotation::Level::Error,
        Level::Warning => annotation::Level::Warning,
        Level::Note => annotation::Level::Notice,
    };
    let title = format!("prompt-assay: {}", finding.rule);
    Annotation {
        place: finding.path.clone().map(|path| (path, finding.mark.line)),
        ..Annotation::new(level, &title, told(finding))
    }
}

/// What, and what to do, in one line.
fn told(finding: &Finding) -> String {
    let help = finding.help.as_deref().map(|help| format!(" – {help}")).unwrap_or_default();
    format!("{}{help}", finding.message)
}
