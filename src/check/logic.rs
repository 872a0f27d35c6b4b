//! Checks made of checks: not, any, all. A check without a result stays without one, unless the
//! other checks decide.

use serde::Serialize;

use crate::document::Datum;
use crate::prompt::ScoreMode;

use super::Check;
use super::family::Family;
use super::finding::{Finding, Outcome};
use super::form::Form;
use super::quote::passage;
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// `not`, `any` or `all`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Logic {
    Not(Box<Check>),
    Any(Vec<Check>),
    All(Vec<Check>),
}

/// Reads `not`.
pub(super) fn read_not(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Logic> {
    if let Datum::List(_) = form.body.datum {
        reader.error(
            form.body.mark,
            "`not` takes one check, not a list",
            "for none of several, write `not: {any: [...]}`",
        );
        return None;
    }
    let inner = reader.inner(form.body)?;
    Some(Logic::Not(Box::new(inner)))
}

/// Reads `any`.
pub(super) fn read_any(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Logic> {
    checks(reader, form).map(Logic::Any)
}

/// Reads `all`.
pub(super) fn read_all(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Logic> {
    checks(reader, form).map(Logic::All)
}

fn checks(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Vec<Check>> {
    let name = form.name();
    let nodes = match &form.body.datum {
        Datum::List(nodes) if !nodes.is_empty() => nodes,
        Datum::List(_) => {
            reader.error(form.body.mark, format!("`{name}` has an empty list"), "name at least one check");
            return None;
        }
        _ => {
            let help = format!("for example {name}: [{{contains: yes}}, {{contains: ja}}]");
            reader.wrong(form.body, name, "a list of checks", help);
            return None;
        }
    };
    let inner: Vec<Option<Check>> = nodes.iter().map(|node| reader.inner(node)).collect();
    inner.into_iter().collect()
}

impl Family for Logic {
    fn inner(&self) -> &[Check] {
        match self {
            Logic::Not(inner) => std::slice::from_ref(inner),
            Logic::Any(inner) | Logic::All(inner) => inner,
        }
    }

    fn label(&self) -> String {
        let labels: Vec<String> = self.inner().iter().map(Check::label).collect();
        match self {
            Logic::Not(_) => format!("not {}", labels.join("")),
            Logic::Any(_) => passage(&format!("any of ({})", labels.join("; "))),
            Logic::All(_) => passage(&format!("all of ({})", labels.join("; "))),
        }
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        match self {
            Logic::Not(inner) => negated(inner.find(input)),
            Logic::Any(inner) => several(input, inner, Outcome::Passed),
            Logic::All(inner) => several(input, inner, Outcome::Failed),
        }
    }
}

fn negated(inner: Finding) -> Finding {
    let Some(score) = inner.score else { return inner };
    let reason = if inner.is_passed() { format!("unwanted: {}", inner.reason) } else { inner.reason.clone() };
    Finding { parts: inner.parts.clone(), ..Finding::graded(inner.is_failed(), 1.0 - score, reason) }
}

/// One passed check decides `any`, one failed check decides `all`; a graded score is decided only
/// if no other check can change it.
fn several(input: &ScoringInput<'_>, inner: &[Check], decisive: Outcome) -> Finding {
    let any = decisive == Outcome::Passed;
    let findings: Vec<Finding> = inner.iter().map(|check| check.find(input)).collect();
    let extreme = if any { 1.0 } else { 0.0 };
    let decided = findings.iter().any(|finding| {
        finding.outcome == decisive && (input.mode == ScoreMode::PassFail || finding.score == Some(extreme))
    });
    if !decided {
        for open in [Outcome::NotAsked, Outcome::Unscored] {
            if let Some(finding) = findings.iter().find(|finding| finding.outcome == open) {
                return finding.clone();
            }
        }
    }
    let scores = findings.iter().filter_map(|finding| finding.score);
    let score = if any { scores.fold(0.0, f64::max) } else { scores.fold(1.0, f64::min) };
    let hit = findings.iter().any(|finding| finding.outcome == decisive);
    let finding = Finding::graded(hit == any, score, reason(inner, &findings, decisive));
    Finding { parts: findings.into_iter().flat_map(|finding| finding.parts).collect(), ..finding }
}

/// The reason of the decisive check; without one, all reasons.
fn reason(inner: &[Check], findings: &[Finding], decisive: Outcome) -> String {
    let said: Vec<String> = inner
        .iter()
        .zip(findings)
        .filter(|(_, finding)| finding.outcome == decisive)
        .map(|(check, finding)| match &check.name {
            Some(name) => format!("{name}: {}", finding.reason),
            None => finding.reason.clone(),
        })
        .collect();
    if !said.is_empty() {
        return passage(&said.join("; "));
    }
    let all: Vec<&str> = findings.iter().map(|finding| finding.reason.as_str()).collect();
    passage(&all.join("; "))
}
