//! `init`: proposes the first files of a repository, shows them as a diff, and writes them if a person agrees.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use anyhow::Context;

use crate::adapters::files::Root;
use crate::adapters::git::{Repository, relative_directory};
use crate::adapters::progress::say;
use crate::app::output;
use crate::cli::InitArgs;
use crate::init::{self, Change, Proposal};
use crate::report::untrusted;
use crate::report::wording::count;

/// The region of the models if nothing names another.
const REGION: &str = "us-east-1";

/// Runs `init` in the repository of the current directory.
///
/// # Errors
/// What is wrong in its files, or cannot be written; standard input that is no terminal, without `--yes`.
pub fn run(args: &InitArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let repository = Repository::discover(&here)?;
    let below = relative_directory(repository.root(), &here);
    anyhow::ensure!(
        below.is_empty(),
        "run `init` in the repository's root, `{}`",
        repository.root().display()
    );
    let (region, is_assumed) = region(args)?;
    let tree = repository.working_directory();
    let found = init::look(&tree)?;
    let Proposal { changes, said, next } = init::propose(&tree, &found, &region)?;
    if !said.is_empty() {
        say(&untrusted::terminal(&format!("{}\n", said.join("\n"))));
    }
    if changes.is_empty() {
        say("nothing is missing: no file would be new or other");
        return Ok(0);
    }
    let diffs: Vec<String> = changes.iter().map(Change::diff).collect();
    output::write(&untrusted::terminal(&diffs.join("\n")), None)?;
    if !args.yes && !agreed(changes.len())? {
        say("nothing was written");
        return Ok(0);
    }
    write(repository.root(), &changes)?;
    let another = if is_assumed { "; `--region` names another" } else { "" };
    say(&untrusted::terminal(&format!(
        "{} written for models in {region}{another}.\n{next}",
        count(changes.len(), "file")
    )));
    Ok(0)
}

/// The region as given, else the one that the AWS tools are set to, and whether neither names one.
fn region(args: &InitArgs) -> anyhow::Result<(String, bool)> {
    let set = |name: &str| std::env::var(name).ok().filter(|region| !region.is_empty());
    let of_tools = || set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
    let named = args.region.clone().or_else(of_tools);
    let is_assumed = named.is_none();
    let region = named.unwrap_or_else(|| REGION.to_owned());
    let is_name = !region.is_empty()
        && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    anyhow::ensure!(is_name, "`{region}` is not a region; write --region us-east-1");
    Ok((region, is_assumed))
}

fn agreed(files: usize) -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    anyhow::ensure!(
        stdin.is_terminal(),
        "nothing was written, because nobody can be asked; pass `--yes` to write these files"
    );
    say(&format!("Write {}? [y/N]", count(files, "file")));
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// Writes all files, or none if one may not be written at its place or is not what was shown.
fn write(root: &Path, changes: &[Change]) -> anyhow::Result<()> {
    let directory = Root::open(root).with_context(|| format!("cannot write below `{}`", root.display()))?;
    for Change { path, before, .. } in changes {
        let is_there = directory.holds(path).with_context(|| format!("cannot write `{path}`"))?;
        anyhow::ensure!(
            is_there == before.is_some(),
            "nothing was written, because `{path}` was made or removed meanwhile; run `init` again"
        );
    }
    for Change { path, after, .. } in changes {
        directory.write(path, after.as_bytes()).with_context(|| format!("cannot write `{path}`"))?;
    }
    Ok(())
}
