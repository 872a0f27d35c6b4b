//! What a report means for the check: forks, moved bars and overrides, on top of the verdict.

use super::annotation::{Annotation, Level, of_report};
use super::{Decision, GoldenChanges, Inputs, Job, OnFork};
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
}

/// Concludes.
pub fn conclude(report: &Report, inputs: &Inputs, decision: &Decision, job: &Job) -> Conclusion {
    let mut conclusion =
        Conclusion { exit_code: report.exit_code, notes: Vec::new(), annotations: of_report(report) };
    without_secrets(&mut conclusion, report, inputs, decision);
    moved_bars(&mut conclusion, report, inputs);
    break_glass(&mut conclusion, inputs, decision, job);
    conclusion
}

/// A run without secrets measures what is stored, and says what it could not.
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
            "A maintainer can have it evaluated: push this very commit to a branch of the repository itself and \
             open a pull request from there, or let the merge queue evaluate it and set `on-fork: skip`."
        }
    };
    conclusion.notes.push(format!("{lead} {note}"));
}

/// A change that moves its own bar.
fn moved_bars(conclusion: &mut Conclusion, report: &Report, inputs: &Inputs) {
    let level = match inputs.golden_changes {
        _ if report.moved_bars.is_empty() => return,
        GoldenChanges::Allow => return,
        GoldenChanges::Warn => Level::Warning,
        GoldenChanges::Fail => Level::Error,
    };
    let n = report.moved_bars.len();
    let plural = if n == 1 { "" } else { "s" };
    let mut message =
        format!("This change moves its own bar in {n} place{plural}; the comment and the summary list them.");
    if inputs.golden_changes == GoldenChanges::Fail {
        message.push_str(" `golden-changes: fail` asks for a change of its own for that.");
        if conclusion.exit_code == 0 {
            conclusion.exit_code = 1;
        }
        conclusion.notes.push(message.clone());
    }
    conclusion.annotations.insert(0, Annotation::new(level, "prompt-assay: moved bar", message));
}

/// One commit let through, with reason and name (design.md 10.13).
fn break_glass(conclusion: &mut Conclusion, inputs: &Inputs, decision: &Decision, job: &Job) {
    let Some(glass) = &inputs.break_glass else { return };
    if !glass.passes(&decision.commit) && !glass.passes(decision.head.commit()) {
        let message =
            format!("`break-glass` names the commit `{}`, not this one; it does nothing", glass.commit);
        conclusion.annotations.push(Annotation::new(Level::Notice, "prompt-assay: break-glass", message));
        return;
    }
    if conclusion.exit_code == 0 {
        return;
    }
    conclusion.notes.insert(
        0,
        format!(
            "Break-glass: commit `{}` passes although the check would have ended with status {}. Started by {}. Reason: {}",
            glass.commit,
            conclusion.exit_code,
            quoted(&job.actor),
            quoted_reason(&glass.reason)
        ),
    );
    conclusion.exit_code = 0;
}

fn quoted_reason(reason: &str) -> String {
    crate::report::untrusted::shortened(&reason.replace('`', "'"), 300)
}
