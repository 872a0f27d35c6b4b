//! What the readers of the files say, as findings.

use super::finding::{Finding, Level, Linted};
use crate::problem::{MistakeKind, Problem, Problems, Severity};

pub(super) const INVALID: &str = "invalid-file";
pub(super) const LIKELY: &str = "likely-mistake";
pub(super) const UNBOUND: &str = "unbound-variable";
pub(super) const UNUSED: &str = "unused-variable";
pub(super) const UNSENT: &str = "unsent-input";
pub(super) const SYNTAX: &str = "other-syntax";
pub(super) const STRAY: &str = "stray-golden-set";
pub(super) const CATALOG: &str = "missing-catalog";
pub(super) const MODEL: &str = "missing-model";

/// All that was said, and the line about what was only counted. Catalogs that are missing are named in `config`.
pub(super) fn findings(problems: &Problems, config: Option<&str>) -> Linted {
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
