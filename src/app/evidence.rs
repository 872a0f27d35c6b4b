//! The end of an evaluation on the main tier: its evidence is stored and written to a file.

use std::path::Path;

use super::{origin, output};
use crate::adapters::clock;
use crate::evidence::{self, BreakGlass, Evidence, Making, Origin, SubjectPair};
use crate::prompt::Tier;
use crate::report::Report;
use crate::seal::Seals;
use crate::store::{Store, StoreError};

/// Stores the evidence of a finished evaluation and returns it, with the stored evidence of the
/// prompts that the change does not affect: together, everything that a release of this head
/// requires. Nothing for the branch tier, which releases nothing.
///
/// `break_glass` makes records that allow the release of this commit, whatever the verdict is.
///
/// # Errors
/// When the store fails.
pub fn record(
    report: &Report,
    subjects: &[SubjectPair],
    origin: &Origin,
    break_glass: Option<&BreakGlass>,
    store: &dyn Store,
) -> Result<Vec<Evidence>, StoreError> {
    if report.tier != Tier::Main {
        return Ok(Vec::new());
    }
    let making = Making { subjects, origin, break_glass, at: clock::now() };
    let mut all = evidence::make(report, making, |content| store.evidence(content))?;
    for made in &all {
        store.keep_evidence(made)?;
    }
    for pair in subjects {
        for known in store.evidence(pair.candidate.content)? {
            if all.iter().all(|other| other.id != known.id) {
                all.push(known);
            }
        }
    }
    Ok(all)
}

/// The same at the end of `eval`, with the environment's origin, and the file if one is asked for.
///
/// # Errors
/// When the store fails or the file cannot be written.
pub fn conclude(
    report: &Report,
    subjects: &[SubjectPair],
    store: &dyn Store,
    file: Option<(&Path, &Seals)>,
) -> anyhow::Result<()> {
    let all = record(report, subjects, &origin::of_process(), None, store)?;
    match file {
        None => Ok(()),
        Some(_) if report.tier != Tier::Main => {
            anyhow::bail!("`--evidence` needs `--tier main`: only the full model's verdict releases")
        }
        Some((file, seals)) => output::write(&evidence::render(&all, seals), Some(file)),
    }
}
