//! `lint`: everything that is wrong or weak in the files, found without a model. Rules over what was read become findings;
//! nothing here reads or writes.
//!
//! ```text
//! Snapshot, ChangeSet against nothing, Settings, earlier answers = Material
//! Problems of the readers + every rule (Material) = Linted → text, JSON, SARIF, annotations
//! ```

mod cases;
mod files;
mod finding;
pub mod format;
mod models;
mod rules;
mod texts;

use std::collections::BTreeMap;

pub use finding::{Finding, Fix, Level, Linted};
pub use models::note_without_main_model;
pub use rules::{RULES, Rule};

use crate::change::ChangeSet;
use crate::problem::{MistakeKind, Problem, Problems, Severity};
use crate::prompt::Prompt;
use crate::release::settings::Settings;
use crate::snapshot::Snapshot;
use crate::stability::Stabilities;

/// What the rules look at.
pub struct Material<'a> {
    /// The tree as it was read.
    pub head: &'a Snapshot<'a>,
    /// Every prompt with every case, as an evaluation without a base sees them.
    pub changes: &'a ChangeSet,
    /// Where prompts are released to.
    pub settings: &'a Settings,
    /// What the readers said of the files.
    pub problems: &'a Problems,
    /// How cases behaved before, by prompt; empty without a store.
    pub earlier: &'a BTreeMap<String, Stabilities>,
}

impl<'a> Material<'a> {
    /// The prompts that were read with all they need, each with its golden set, if it has one.
    fn prompts(&self) -> impl Iterator<Item = Examined<'a>> {
        let (head, changes) = (self.head, self.changes);
        let by_id: BTreeMap<&str, &Prompt> =
            head.prompts.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect();
        changes.prompts.iter().filter_map(move |change| Some((*by_id.get(change.id.as_str())?, change)))
    }

    /// Whether something in a file was refused, so that not all of it is here.
    fn is_refused(&self, path: &str) -> bool {
        self.problems
            .sorted()
            .iter()
            .any(|problem| problem.is_error() && problem.path.as_deref() == Some(path))
    }
}

/// A prompt, and its cases.
type Examined<'a> = (&'a Prompt, &'a crate::change::PromptChange);

/// Applies every rule, after what the readers said.
pub fn look(material: &Material<'_>) -> Linted {
    let mut linted = findings(material.problems, material.head.config.path.as_deref());
    for rule in RULES {
        if let Some(find) = rule.find {
            // Each rule reads texts again, and the limits are those of one reading.
            material.head.renew_allowance();
            find(material, &mut |finding| linted.findings.push(Finding { rule: rule.name, ..finding }));
        }
    }
    linted.sort();
    linted
}

const INVALID: &str = "invalid-file";
const LIKELY: &str = "likely-mistake";
const UNBOUND: &str = "unbound-variable";
const UNUSED: &str = "unused-variable";
const UNSENT: &str = "unsent-input";
const SYNTAX: &str = "other-syntax";
const STRAY: &str = "stray-golden-set";
const CATALOG: &str = "missing-catalog";
const MODEL: &str = "missing-model";

/// What the readers of the files said, and the line about what was only counted. Catalogs that are missing are named in `config`.
fn findings(problems: &Problems, config: Option<&str>) -> Linted {
    let placed = |finding: Finding| match (&finding.path, config) {
        (None, Some(config)) if finding.rule == CATALOG => {
            Finding { path: Some(config.to_owned()), ..finding }
        }
        _ => finding,
    };
    let findings: Vec<Finding> = problems.sorted().into_iter().map(finding).map(placed).collect();
    let listed = findings.iter().filter(|finding| finding.level == Level::Error).count();
    Linted { findings, unlisted: problems.unlisted(), unlisted_errors: problems.errors() - listed }
}

fn finding(problem: &Problem) -> Finding {
    let level = match problem.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    Finding {
        rule: rule(problem.kind, level),
        level,
        message: problem.message.clone(),
        path: problem.path.clone(),
        mark: problem.mark,
        also: problem.also().to_vec(),
        line: problem.line.clone(),
        help: problem.help.clone(),
        fix: None,
    }
}

fn rule(kind: Option<MistakeKind>, level: Level) -> &'static str {
    match kind {
        Some(MistakeKind::UnboundVariable) => UNBOUND,
        Some(MistakeKind::UnusedVariable) => UNUSED,
        Some(MistakeKind::UnsentInput) => UNSENT,
        Some(MistakeKind::OtherSyntax) => SYNTAX,
        Some(MistakeKind::StrayGoldenSet) => STRAY,
        Some(MistakeKind::MissingCatalog) => CATALOG,
        Some(MistakeKind::MissingModel) => MODEL,
        None if level == Level::Error => INVALID,
        None => LIKELY,
    }
}
