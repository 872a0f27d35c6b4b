//! `report`: a saved result, rendered again.

use anyhow::Context;

use super::{database, history, output, workspace};
use crate::adapters::git::Repository;
use crate::cli::{ReportArgs, SideArgs};
use crate::report::{Report, json};
use crate::store::location::Location;

/// Runs `report`; the exit status is the one of the saved result.
///
/// # Errors
/// When there is no saved result, or it cannot be read.
pub fn run(args: &ReportArgs) -> anyhow::Result<u8> {
    let report = match &args.file {
        Some(file) => {
            let saved = std::fs::read_to_string(file);
            json::parse(&saved.with_context(|| format!("cannot read `{}`", file.display()))?)?
        }
        None => newest(args.output.format.shows_everything())?,
    };
    output::report(&report, &args.output)?;
    Ok(report.exit_code)
}

/// The newest run of the store; with the scores of the runs before it, if they are shown.
fn newest(has_history: bool) -> anyhow::Result<Report> {
    let here = super::here()?;
    let repository = Repository::discover(&here)?;
    let path = workspace::config(&repository, &here, &SideArgs::default())?.database;
    let database = database::existing(repository.root(), &Location::of_database(&path))?.with_context(|| {
        format!(
            "nothing has been evaluated here: `{}` does not exist; run `prompt-assay eval`, or name a JSON result",
            repository.root().join(&path).display()
        )
    })?;
    let newest = history::newest(&database)?;
    let newest = newest.context("no finished run is stored; run `prompt-assay eval`")?;
    let mut report = json::parse(&newest.report)?;
    if has_history {
        history::add(&mut report, &database)?;
    }
    Ok(report)
}
