//! The formats of a report: the name of each, its help, and how it renders.

use super::{PlanReport, Report, html, json, junit, markdown, plan, terminal};

/// A format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Terminal,
    /// The pull request's comment.
    Markdown,
    /// For programs.
    Json,
    /// For CI systems that read JUnit XML.
    Junit,
    /// For a person with a browser: one file, with every case.
    Html,
}

/// A format that every command has, not only those that evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// For a person at a terminal.
    Terminal,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// Every format, in the order of the help.
    pub const ALL: &[Self] = &[Self::Terminal, Self::Markdown, Self::Json, Self::Junit, Self::Html];

    /// Its word on the command line, and what it is for.
    pub fn name_and_help(self) -> (&'static str, &'static str) {
        match self {
            Self::Terminal => ("terminal", "For a person at a terminal"),
            Self::Markdown => ("markdown", "The pull request's comment"),
            Self::Json => ("json", "For programs; the schemas are in schemas/"),
            Self::Junit => ("junit", "For CI systems that read JUnit XML"),
            Self::Html => ("html", "A page for a browser, with every case; one file that needs no network"),
        }
    }

    /// Whether it shows every case with its texts, and not only what was found, and the scores of earlier runs.
    pub fn shows_everything(self) -> bool {
        matches!(self, Self::Json | Self::Html)
    }

    /// A report as text.
    pub fn report(self, report: &Report, style: terminal::Style) -> String {
        match self {
            Self::Terminal => terminal::render(report, style),
            Self::Markdown => markdown::render(report, markdown::Limits::default()),
            Self::Json => json::render(report),
            Self::Junit => junit::render(report),
            Self::Html => html::render(report),
        }
    }

    /// A plan as text; `None`: the format has no form for one.
    pub fn plan(self, report: &PlanReport, style: terminal::Style) -> Option<String> {
        Some(match self {
            Self::Terminal => terminal::render_plan(report, style),
            Self::Markdown => plan::render(report, markdown::Limits::default()),
            Self::Json => json::render_plan(report),
            Self::Html => html::render_plan(report),
            Self::Junit => return None,
        })
    }

    /// The same as a format of every command; `None`: only evaluations have it.
    pub fn text(self) -> Option<TextFormat> {
        match self {
            Self::Terminal => Some(TextFormat::Terminal),
            Self::Markdown => Some(TextFormat::Markdown),
            Self::Json => Some(TextFormat::Json),
            Self::Junit | Self::Html => None,
        }
    }
}
