//! How a store differs from the commit, as a person or a program reads it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::report::{self, Report};
use crate::report::format::TextFormat;
use crate::report::{table, untrusted};

/// What `drift` writes.
#[derive(Debug, Serialize)]
pub struct Drift<'a> {
    /// 1.
    pub schema_version: u32,
    /// The environment.
    pub environment: &'a str,
    /// The commit.
    pub commit: Option<&'a str>,
    /// What differs.
    pub findings: &'a [Finding],
    /// What `--heal` did; null: nothing was to be done.
    pub healed: Option<&'a Report>,
}

/// How the store differs from the commit: a stable word in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was never released.
    Missing,
    /// Somebody else wrote the live version.
    Edited,
    /// Somebody else made an older version live.
    RolledBack,
    /// Somebody else made another version live.
    LabelMoved,
    /// No version carries the label.
    Unlabelled,
    /// A version was written and not made live.
    Unfinished,
    /// The live version is not what its record says.
    Unreadable,
    /// The content is another one.
    Differs,
    /// A recorded rollback explains the difference.
    Held,
    /// It belongs to no prompt.
    Extra,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Missing => "missing",
            Kind::Edited => "edited",
            Kind::RolledBack => "rolled_back",
            Kind::LabelMoved => "label_moved",
            Kind::Unlabelled => "unlabelled",
            Kind::Unfinished => "unfinished",
            Kind::Unreadable => "unreadable",
            Kind::Differs => "differs",
            Kind::Held => "held",
            Kind::Extra => "extra",
        })
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One difference.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The prompt; null: the parameter belongs to no prompt.
    pub prompt: Option<String>,
    /// The parameter.
    pub parameter: String,
    /// How it differs.
    pub kind: Kind,
    /// For a person.
    pub what: String,
}

impl Finding {
    /// Whether it is an external change: only a person replaces it.
    pub fn is_outside(&self) -> bool {
        matches!(self.kind, Kind::Edited | Kind::RolledBack | Kind::LabelMoved)
    }

    /// Whether a recorded rollback holds the commit's content: this is a person's decision.
    pub fn is_held(&self) -> bool {
        self.kind == Kind::Held
    }
}

impl Drift<'_> {
    /// The whole in a format; `heals`: the command also releases.
    pub fn shown(&self, format: Option<TextFormat>, heals: bool) -> String {
        match format {
            Some(TextFormat::Json) => untrusted::json(self),
            Some(TextFormat::Markdown) => {
                let healed = self.healed.map(|report| format!("\n{}", report::markdown(report)));
                self.markdown() + &healed.unwrap_or_default()
            }
            Some(TextFormat::Terminal) | None => {
                self.terminal(heals) + &self.healed.map(report::terminal).unwrap_or_default()
            }
        }
    }

    /// `3 differ`, `2 differ, 1 held`.
    fn counted(&self) -> String {
        let held = self.findings.iter().filter(|finding| finding.is_held()).count();
        match (self.findings.len() - held, held) {
            (differ, 0) => format!("{differ} differ"),
            (0, held) => format!("{held} held, as decided; nothing else differs"),
            (differ, held) => format!("{differ} differ, {held} held"),
        }
    }

    fn terminal(&self, heals: bool) -> String {
        let findings = self.findings;
        if findings.is_empty() {
            return format!("{}: the store equals the commit\n", self.environment);
        }
        let row = |finding: &Finding| {
            let what = untrusted::terminal_line(&finding.what);
            vec![finding.kind.to_string(), finding.parameter.clone(), what]
        };
        let rows: Vec<Vec<String>> = findings.iter().map(row).collect();
        let mut help = String::new();
        let is_healable =
            |finding: &Finding| finding.prompt.is_some() && !finding.is_outside() && !finding.is_held();
        if !heals && findings.iter().any(is_healable) {
            help.push_str("  = `prompt-assay drift --heal` releases the commit's contents that passed\n");
        }
        if findings.iter().any(Finding::is_held) {
            help.push_str(
                "  = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`\n",
            );
        }
        if !heals && findings.iter().any(Finding::is_outside) {
            help.push_str(
                "  = external changes stay; change the prompt, or pass `--heal --overwrite REASON`\n",
            );
        }
        format!("{}{}: {}\n{help}", table::text(&rows, 0), self.environment, self.counted())
    }

    fn markdown(&self) -> String {
        let environment = untrusted::inline_code(self.environment);
        if self.findings.is_empty() {
            return format!("The store of {environment} equals the commit.\n");
        }
        let title = match self.findings.iter().any(Finding::is_held) {
            true => format!("{environment}: {}", self.counted()),
            false => format!("{} of {environment} differ from the commit", self.findings.len()),
        };
        let mut rows = vec![["parameter", "kind", "what"].map(str::to_owned).to_vec()];
        rows.extend(self.findings.iter().map(|finding| {
            let what = untrusted::prose(&finding.what, 300);
            vec![untrusted::inline_code(&finding.parameter), finding.kind.to_string(), what]
        }));
        format!("**{title}**\n\n{}", table::markdown(&rows))
    }
}
