//! What a report means for the check: forks, moved bars and overrides, in addition to the verdict,
//! which `gate` and `compare` have decided.

use std::collections::BTreeSet;

use super::annotation::{Annotation, Level, of_report};
use super::{Decision, GoldenChanges, Inputs, NotOverridden, OnFork, Override, Stance};
use crate::report::Report;
use crate::report::untrusted::quoted;
use crate::verdict::Verdict;

/// The check's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The exit status: 0 pass, 1 the gate failed, 3 could not measure.
    pub exit_code: u8,
    /// For the head of comment and summary.
    pub notes: Vec<String>,
    /// For the files of the pull request.
    pub annotations: Vec<Annotation>,
    /// The break-glass that let the commit pass.
    pub break_glass: Option<Override>,
}

/// Concludes; break-glass comes afterwards, see [`Conclusion::break_glass`].
pub fn conclude(report: &Report, inputs: &Inputs, decision: &Decision, stance: &Stance) -> Conclusion {
    let mut conclusion = Conclusion {
        exit_code: report.exit_code,
        notes: Vec::new(),
        annotations: of_report(report),
        break_glass: None,
    };
    without_secrets(&mut conclusion, report, inputs, decision);
    moved_bars(&mut conclusion, report, stance);
    conclusion
}

impl Conclusion {
    /// Lets one commit pass, with reason and name (decisions.md#adoption-and-emergencies).
    pub fn break_glass(&mut self, break_glass: Result<Option<Override>, NotOverridden>) {
        let break_glass = match break_glass {
            Ok(break_glass) => break_glass,
            Err(whole) => {
                let title = "prompt-assay: break-glass";
                self.annotations.push(Annotation::new(Level::Notice, title, whole.to_string()));
                None
            }
        };
        let Some(break_glass) = break_glass.filter(|_| self.exit_code != 0) else { return };
        let how = match &break_glass.label {
            Some(label) => format!("The label {} was added by", quoted(label)),
            None => "Started by".to_owned(),
        };
        let note = format!(
            "Break-glass: commit `{}` passes although the check would have ended with status {}. {how} {}. Reason: {}",
            break_glass.commit,
            self.exit_code,
            quoted(&break_glass.actor),
            quoted_reason(&break_glass.reason)
        );
        self.notes.insert(0, note);
        self.exit_code = 0;
        self.break_glass = Some(break_glass);
    }
}

/// A run without secrets uses stored answers, and says what it could not measure.
fn without_secrets(conclusion: &mut Conclusion, report: &Report, inputs: &Inputs, decision: &Decision) {
    if !decision.is_without_secrets || report.verdict != Verdict::NotMeasured {
        return;
    }
    let broke = report.enforced && report.prompts.iter().any(|p| p.verdict == Verdict::Regression);
    let lead = "This run has no secrets, because it comes from a fork or from Dependabot: only stored answers \
                were used, and no model was called.";
    let note = match inputs.on_fork {
        OnFork::Skip => {
            conclusion.exit_code = u8::from(broke);
            "The check passes all the same (`on-fork: skip`), which is safe only behind a merge queue that evaluates."
        }
        OnFork::Fail => {
            "A maintainer can have it evaluated: push this commit to a branch of the repository itself and \
             open a pull request from there, or let the merge queue evaluate it and set `on-fork: skip`."
        }
    };
    conclusion.notes.push(format!("{lead} {note}"));
}

/// A change that moves its own bar.
fn moved_bars(conclusion: &mut Conclusion, report: &Report, stance: &Stance) {
    let bars = &report.moved_bars;
    let protected: BTreeSet<&str> =
        bars.iter().filter(|bar| bar.protected).map(|bar| bar.part.as_str()).collect();
    let is_bound = !protected.is_empty() && !stance.is_merged;
    let level = match stance.golden_changes {
        _ if bars.is_empty() => return,
        _ if is_bound => Level::Error,
        GoldenChanges::Fail => Level::Error,
        GoldenChanges::Warn => Level::Warning,
        GoldenChanges::Allow => return,
    };
    let plural = if bars.len() == 1 { "" } else { "s" };
    let mut message = format!(
        "This change moves its own bar in {} place{plural}; the comment and the summary list them.",
        bars.len()
    );
    if is_bound {
        let parts: Vec<String> = protected.iter().map(|part| format!("`{part}`")).collect();
        message.push_str(&format!(
            " The base protects {}: no proposed change may move that and pass, whatever else it does. Break-glass \
             lets one commit pass.",
            parts.join(", ")
        ));
    }
    if stance.golden_changes == GoldenChanges::Fail {
        message.push_str(&match &stance.because {
            None => " `golden-changes: fail` requires a separate change for that.".to_owned(),
            Some(because) => {
                format!(" It does not pass, because {because} (`golden-changes`).")
            }
        });
    }
    if level == Level::Error {
        conclusion.exit_code = conclusion.exit_code.max(1);
        conclusion.notes.push(message.clone());
    }
    conclusion.annotations.insert(0, Annotation::new(level, "prompt-assay: moved bar", message));
}

fn quoted_reason(reason: &str) -> String {
    crate::report::untrusted::shortened(&reason.replace('`', "'"), 300)
}
