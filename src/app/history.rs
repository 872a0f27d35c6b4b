//! What earlier runs say, from the store.

use crate::report::Report;
use crate::report::past::PastRun;
use crate::store::{RunRecord, Store, StoreError};

/// Runs that are looked through for scores and for the evaluations of a pull request.
pub const RUNS: usize = 300;

/// What the newest runs say, newest first; one that cannot be read says nothing.
///
/// # Errors
/// When the store cannot be read.
pub fn past(store: &dyn Store, most: usize) -> Result<Vec<PastRun>, StoreError> {
    let mut runs = Vec::new();
    store.look_at_runs(most, &mut |run| runs.extend(PastRun::read(run.ended_at, &run.report)))?;
    Ok(runs)
}

/// The newest run, whole.
///
/// # Errors
/// When the store cannot be read.
pub fn newest(store: &dyn Store) -> Result<Option<RunRecord>, StoreError> {
    let mut newest = None;
    store.look_at_runs(1, &mut |run| newest = Some(run))?;
    Ok(newest)
}

/// Adds the scores that a report's prompts had in earlier runs of the store.
///
/// # Errors
/// When the store cannot be read.
pub fn add(report: &mut Report, store: &dyn Store) -> Result<(), StoreError> {
    report.add_history(&past(store, RUNS)?);
    Ok(())
}
