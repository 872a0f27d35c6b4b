//! Scores of earlier runs, for a report that shows them.

use crate::report::Report;
use crate::store::Store;

/// Runs that are looked through, newest first.
const RUNS: usize = 100;

/// Adds the scores that a report's prompts had in earlier runs of the store.
///
/// # Errors
/// When the store cannot be read.
pub fn add(report: &mut Report, store: &dyn Store) -> anyhow::Result<()> {
    let runs = store.runs(RUNS)?;
    report.add_history(runs.iter().map(|run| (run.ended_at, run.report.as_str())));
    Ok(())
}
