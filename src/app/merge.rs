//! `merge`: combines the reports of shards into one report.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{database, output, session};
use crate::cli::MergeArgs;
use crate::report::merge::Named;
use crate::report::{Report, json, merge};
use crate::seal::Seals;

/// How deep below a directory reports are looked for: artifacts are downloaded into one directory each.
const DEPTH: usize = 4;

/// Runs `merge`; the exit status is that of the merged report.
///
/// # Errors
/// When a report cannot be read, or they make no whole.
pub fn run(args: &MergeArgs) -> anyhow::Result<u8> {
    let report = merged(&args.reports, session::main_tier_seals()?.as_ref())?;
    output::report(&report, &args.output)?;
    Ok(report.exit_code)
}

/// The report of the whole, from files and from the `.json` files below directories. `seals` say which count.
///
/// # Errors
/// When a report cannot be read, or they make no whole.
pub fn merged(places: &[PathBuf], seals: &Seals) -> anyhow::Result<Report> {
    let mut files = Vec::new();
    for place in places {
        if place.is_dir() {
            find(place, DEPTH, &mut files)
                .with_context(|| format!("cannot read the directory `{}`", place.display()))?;
        } else {
            files.push(place.clone());
        }
    }
    files.sort();
    files.dedup();
    let reports = files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<Named>>>()?;
    Ok(merge::merge(reports, seals)?)
}

fn find(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && depth > 1 {
            find(&path, depth - 1, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Named> {
    database::refuse_tracked(file)?;
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{name}`"))?;
    let report = json::parse(&text).with_context(|| format!("`{name}`"))?;
    Ok(Named::new(name, report))
}
