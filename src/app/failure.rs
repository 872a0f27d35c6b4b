//! What a failed command says, and with which status it ends.

use crate::adapters::github::GitHubError;
use crate::model::ModelError;
use crate::problem::Problems;
use crate::runner::RunnerError;
use crate::store::StoreError;

/// 3 where calls, GitHub or the store failed in the middle of a run, else 2: usage or configuration.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let is_midway = error.downcast_ref::<StoreError>().is_some()
        || error.downcast_ref::<GitHubError>().is_some()
        || matches!(error.downcast_ref::<RunnerError>(), Some(RunnerError::Store(_) | RunnerError::Stalled));
    if is_midway { 3 } else { 2 }
}

/// The error as printed: problems as they are, anything else behind `error:`.
pub fn shown(error: &anyhow::Error) -> String {
    if let Some(problems) = error.downcast_ref::<Problems>() {
        let count = problems.errors();
        return format!(
            "{problems}\n\n{count} error{}; nothing was evaluated",
            if count == 1 { "" } else { "s" }
        );
    }
    if let Some(failed) = error.downcast_ref::<ModelError>() {
        return crate::report::untrusted::terminal(&format!("error: {failed}; nothing was spent"));
    }
    crate::report::untrusted::terminal(&format!("error: {error:#}"))
}
