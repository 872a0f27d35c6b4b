//! The message and the exit status of a failed command.

use super::output::Unwritten;
use crate::adapters::github::GitHubError;
use crate::batch::JobEnded;
use crate::cloud::Failure;
use crate::model::ModelError;
use crate::problem::Problems;
use crate::runner::RunnerError;
use crate::store::StoreError;
use crate::tree::TreeError;

/// 3 where calls, GitHub, the store or the disk failed in the middle of a run, else 2: usage or configuration.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let is_midway = error.downcast_ref::<Failure>().is_some()
        || error.downcast_ref::<StoreError>().is_some()
        // If the change exceeds a limit, its author must fix it.
        || matches!(error.downcast_ref::<GitHubError>(), Some(failed) if !matches!(failed, GitHubError::TooMuch { .. }))
        || error.downcast_ref::<JobEnded>().is_some()
        || error.downcast_ref::<Unwritten>().is_some()
        || matches!(error.downcast_ref::<RunnerError>(), Some(RunnerError::Store(_) | RunnerError::Stalled));
    if is_midway { 3 } else { 2 }
}

/// Writes the error to standard error.
pub fn say(error: &anyhow::Error) {
    crate::adapters::progress::say(&shown(error));
}

/// The error as printed: problems unchanged, anything else after `error:`.
pub fn shown(error: &anyhow::Error) -> String {
    let text = if let Some(problems) = error.downcast_ref::<Problems>() {
        collected(problems, "evaluated")
    } else if let Some(unread) = error.downcast_ref::<Unread>() {
        collected(&unread.problems, unread.undone)
    } else if let Some(failed) = error.downcast_ref::<ModelError>() {
        unready(failed)
    } else if let Some(outside) = error.downcast_ref::<TreeError>() {
        format!("error: {outside}\n   = {}", outside.help())
    } else {
        format!("error: {error:#}")
    };
    crate::report::untrusted::terminal(&text)
}

/// The mistakes in files that an error contains.
pub fn problems(error: &anyhow::Error) -> Option<&Problems> {
    let unread = || error.downcast_ref::<Unread>().map(|unread| &unread.problems);
    error.downcast_ref::<Problems>().or_else(unread)
}

/// The problems of a command that does not evaluate.
#[derive(Debug, thiserror::Error)]
#[error("{problems}")]
pub struct Unread {
    /// What is wrong.
    pub problems: Problems,
    /// What was not done, as in "nothing was ...".
    pub undone: &'static str,
}

fn collected(problems: &Problems, undone: &str) -> String {
    let count = problems.errors();
    format!("{problems}\n\n{count} error{}; nothing was {undone}", if count == 1 { "" } else { "s" })
}

/// A failure before the first call, with its help as a list where it names several ways.
fn unready(failed: &ModelError) -> String {
    let code = failed.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
    let said = format!("error: {code}{}; nothing was spent", failed.message);
    let Some(help) = &failed.help else { return said };
    match help.split_once(": ") {
        Some((lead, ways)) if ways.contains("; ") => {
            format!("{said}\n   = {lead}:\n     - {}", ways.replace("; ", "\n     - "))
        }
        _ => format!("{said}\n   = {help}"),
    }
}
