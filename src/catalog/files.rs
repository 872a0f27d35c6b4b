//! Links prompts to the files of a tree: default golden sets found, named files there.

use std::collections::BTreeSet;

use super::locate::base;
use crate::config::Config;
use crate::document::read_text;
use crate::problem::{Mark, Problem, Problems};
use crate::prompt::{Prompt, TextSource};
use crate::tree::{Tree, TreeError, resolve};

/// Endings of a default golden set, in the order they are named in messages.
pub(super) const ENDINGS: [&str; 5] = ["yaml", "yml", "json", "jsonl", "csv"];

/// What to do about a path that leaves the repository.
pub(super) const PATHS: &str = "paths are relative to the catalog's directory and stay inside the repository";

/// Fills in the default golden sets and reports files that are named but missing.
pub fn link(tree: &dyn Tree, config: &Config, prompts: &mut [Prompt], problems: &mut Problems) {
    let directory = match resolve(base(config), &config.golden) {
        Ok(directory) => directory,
        Err(error) => return problems.push(Problem::error(format!("`golden`: {error}"))),
    };
    let present: BTreeSet<String> = match tree.list(&directory) {
        Ok(paths) => paths.into_iter().collect(),
        Err(error) => return problems.push(Problem::error(error.to_string()).help(error.help())),
    };
    for prompt in prompts {
        // Each problem reads the catalog once more, for its line.
        if problems.is_full() {
            return;
        }
        if prompt.golden_explicit {
            let mark = prompt.mark;
            if let Some(path) = &prompt.golden {
                expect(tree, prompt, path, (mark, "golden set"), problems);
            }
        } else {
            let found = default_golden(tree, prompt, (&directory, &present), problems);
            if let (Some(found), Some(own)) = (&found, &prompt.golden) {
                let message = format!(
                    "the golden set of `{}` is `{found}`: the cases of `{own}` are not run",
                    prompt.id
                );
                let help = "remove one of the two";
                problems.push(Problem::warning(message).path(own).help(help));
            }
            prompt.golden = found.or_else(|| prompt.golden.take());
        }
        for message in &prompt.messages {
            if let TextSource::File(path) = &message.text {
                expect(tree, prompt, path, (message.mark, "file"), problems);
            }
        }
    }
}

fn default_golden(
    tree: &dyn Tree,
    prompt: &Prompt,
    (directory, present): (&str, &BTreeSet<String>),
    problems: &mut Problems,
) -> Option<String> {
    let found: Vec<String> = ENDINGS
        .iter()
        .filter_map(|ending| resolve(directory, &format!("{}.{ending}", prompt.id)).ok())
        .filter(|path| present.contains(path))
        .collect();
    if let [first, second, ..] = found.as_slice() {
        let message = format!("the prompt `{}` has two golden sets: `{first}` and `{second}`", prompt.id);
        problems
            .push(placed(tree, prompt, prompt.mark, message).help("remove one, or name one under `golden`"));
    }
    found.into_iter().next()
}

fn expect(tree: &dyn Tree, prompt: &Prompt, path: &str, (mark, what): (Mark, &str), problems: &mut Problems) {
    let error = match tree.blob(path) {
        Ok(Some(_)) => return,
        Ok(None) => None,
        Err(error) => Some(error),
    };
    problems.push(unusable_file(tree, prompt, (path, what, mark), error.as_ref()));
}

/// The problem of a file that a prompt names (path, its role, and the place of the name) and that
/// is missing or, with an error, cannot be read.
pub fn unusable_file(
    tree: &dyn Tree,
    prompt: &Prompt,
    (path, what, mark): (&str, &str, Mark),
    error: Option<&TreeError>,
) -> Problem {
    let message = match error {
        None => format!("the {what} `{path}` of `{}` does not exist", prompt.id),
        Some(error) => error.to_string(),
    };
    let help = match error {
        None => "create it or correct the name; paths are relative to the catalog's directory",
        Some(error) => error.help(),
    };
    placed(tree, prompt, mark, message).help(help)
}

/// An error at a place of the prompt's catalog, which is read again for the line to show.
pub fn placed(tree: &dyn Tree, prompt: &Prompt, mark: Mark, message: String) -> Problem {
    let bytes = tree.read(&prompt.catalog).ok().flatten().unwrap_or_default();
    let text = read_text(&prompt.catalog, &bytes).map(|source| source.text).unwrap_or_default();
    Problem::error(message).at(&prompt.catalog, &text, mark)
}
