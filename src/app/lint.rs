//! `lint`: reads the working directory, applies the rules, and writes what they find. Only `--fix` changes a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::models::Models;
use super::{database, gating, output, workspace};
use crate::adapters::files::Root;
use crate::adapters::git::{Repository, relative_directory};
use crate::adapters::progress::say;
use crate::catalog;
use crate::change::{self, ChangeSet};
use crate::cli::LintArgs;
use crate::compare::Redaction;
use crate::lint::{self, Fix, Linted, Material};
use crate::problem::Problems;
use crate::release::settings;
use crate::report::untrusted;
use crate::snapshot::{Choice, Snapshot};
use crate::stability::Stabilities;
use crate::store::location::Location;
use crate::tree::{MemoryTree, Tree};

/// Runs `lint` in the current directory: 1 with an error, or with `--strict` a warning.
///
/// # Errors
/// No repository, no single configuration, a file that cannot be written.
pub fn run(args: &LintArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let repository = Repository::discover(&here)?;
    let below = relative_directory(repository.root(), &here);
    let tree = repository.working_directory();
    let look = || {
        let config = workspace::config_path(&below, args.config.as_deref(), &tree)?;
        look(repository.root(), &tree, config.as_deref())
    };
    let mut linted = look()?;
    if args.fix && write(repository.root(), &linted)? {
        linted = look()?;
    }
    output::write(&args.format.write(&linted), args.output.as_deref())?;
    Ok(linted.exit_code(args.strict))
}

/// Reads a tree as an evaluation without a base does, and applies the rules.
fn look(root: &Path, tree: &dyn Tree, config: Option<&str>) -> anyhow::Result<Linted> {
    let mut problems = Problems::new();
    let mut head = Snapshot::read(tree, config, &mut problems);
    workspace::refuse_committed(tree, &head.config, &mut problems)?;
    let settings = settings::read(tree, &head.config, &head.prompts, &mut problems);
    catalog::orphans(tree, &head.config, &head.prompts, &mut problems);
    head.assume_models();
    let nothing = MemoryTree::default();
    let changes = change::compare(&Snapshot::empty(&nothing), &head, &Choice::default(), &mut problems);
    let earlier = earlier(root, &head, &changes, &mut problems)?;
    let material = Material {
        head: &head,
        changes: &changes,
        settings: &settings,
        problems: &problems,
        earlier: &earlier,
    };
    let linted = lint::look(&material);
    // Findings show lines of golden sets.
    let redaction = Redaction::new(&head.config.redact);
    Ok(linted.redacted(|text| redaction.apply(text)))
}

/// How cases behaved before, from the store, if there is one. None is made.
fn earlier(
    root: &Path,
    head: &Snapshot<'_>,
    changes: &ChangeSet,
    problems: &mut Problems,
) -> anyhow::Result<BTreeMap<String, Stabilities>> {
    let models = match Models::of_tree(&head.config.provider, head.tree) {
        Ok(models) => models,
        Err(error) => {
            problems.extend(error.downcast::<Problems>()?);
            return Ok(BTreeMap::new());
        }
    };
    // A committed store is an error of its own, and is not read.
    if problems.has_errors() {
        return Ok(BTreeMap::new());
    }
    let location = Location::of_database(&head.config.database);
    let Some(database) = database::existing(root, &location)? else { return Ok(BTreeMap::new()) };
    let store = models.namespace(Arc::new(database));
    let known = changes
        .prompts
        .iter()
        .map(|change| Ok((change.id.clone(), gating::of_contents(store.as_ref(), change)?)));
    known.collect()
}

/// Writes what corrects the findings, and says so; false if there is nothing to write.
fn write(root: &Path, linted: &Linted) -> anyhow::Result<bool> {
    let fixes: BTreeMap<&str, &Fix> = linted
        .findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .map(|fix| (fix.path.as_str(), fix))
        .collect();
    if fixes.is_empty() {
        return Ok(false);
    }
    let directory = Root::open(root).with_context(|| format!("cannot write below `{}`", root.display()))?;
    for (path, fix) in &fixes {
        directory.write(path, fix.text.as_bytes()).with_context(|| format!("cannot write `{path}`"))?;
        say(&untrusted::terminal(&format!("corrected {path}")));
    }
    Ok(true)
}
