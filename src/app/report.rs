//! `report`: a saved result, rendered again.

use anyhow::Context;

use super::{database, output, workspace};
use crate::adapters::git::Repository;
use crate::cli::{ReportArgs, SideArgs};
use crate::report::json;
use crate::store::Store;
use crate::store::location::Location;

/// Runs `report`; the exit status is the one of the saved result.
///
/// # Errors
/// When there is no saved result, or it cannot be read.
pub fn run(args: &ReportArgs) -> anyhow::Result<u8> {
    let saved = match &args.file {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?
        }
        None => newest()?,
    };
    let report = json::parse(&saved)?;
    output::report(&report, &args.output)?;
    Ok(report.exit_code)
}

fn newest() -> anyhow::Result<String> {
    let here = std::env::current_dir().context("the current directory is gone")?;
    let repository = Repository::discover(&here)?;
    let path = workspace::config(&repository, &here, &SideArgs::default())?.database;
    let database = database::existing(repository.root(), &Location::of_database(&path))?.with_context(|| {
        format!(
            "nothing has been evaluated here: `{}` does not exist; run `prompt-assay eval`, or name a JSON result",
            repository.root().join(&path).display()
        )
    })?;
    let newest = database.runs(1)?.into_iter().next();
    newest.map(|run| run.report).context("no finished run is stored; run `prompt-assay eval`")
}
