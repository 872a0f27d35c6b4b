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
    let present = match tree.list(&directory) {
        Ok(paths) => paths.into_iter().collect(),
        Err(error) => return problems.push(Problem::error(error.to_string()).help(error.help())),
    };
    let golden_sets = Folder { directory, present };
    for prompt in prompts {
        // Each problem reads the catalog once more, for its line.
        if problems.is_full() {
            return;
        }
        if prompt.golden_explicit {
            if let Some(path) = &prompt.golden {
                let file = NamedFile { path, role: "golden set", mark: prompt.mark };
                expect(tree, prompt, &file, problems);
            }
        } else {
            let found = default_golden(tree, prompt, &golden_sets, problems);
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
                let file = NamedFile { path, role: "file", mark: message.mark };
                expect(tree, prompt, &file, problems);
            }
        }
    }
}

/// The directory of default golden sets, and the files below it.
struct Folder {
    directory: String,
    present: BTreeSet<String>,
}

impl Folder {
    /// The golden sets that a prompt's name leads to.
    fn named_after(&self, prompt: &Prompt) -> Vec<String> {
        let paths = ENDINGS.iter().map(|ending| resolve(&self.directory, &format!("{}.{ending}", prompt.id)));
        paths.flatten().filter(|path| self.present.contains(path)).collect()
    }
}

/// A file that a prompt names.
pub struct NamedFile<'a> {
    /// Its path from the root.
    pub path: &'a str,
    /// What it is to the prompt, in words.
    pub role: &'static str,
    /// Where the prompt names it.
    pub mark: Mark,
}

fn default_golden(
    tree: &dyn Tree,
    prompt: &Prompt,
    golden_sets: &Folder,
    problems: &mut Problems,
) -> Option<String> {
    let found = golden_sets.named_after(prompt);
    if let [first, second, ..] = found.as_slice() {
        let message = format!("the prompt `{}` has two golden sets: `{first}` and `{second}`", prompt.id);
        problems
            .push(placed(tree, prompt, prompt.mark, message).help("remove one, or name one under `golden`"));
    }
    found.into_iter().next()
}

fn expect(tree: &dyn Tree, prompt: &Prompt, file: &NamedFile<'_>, problems: &mut Problems) {
    let error = match tree.blob(file.path) {
        Ok(Some(_)) => return,
        Ok(None) => None,
        Err(error) => Some(error),
    };
    problems.push(unusable_file(tree, prompt, file, error.as_ref()));
}

/// The problem of a file that a prompt names and that is missing or, with an error, cannot be read.
pub fn unusable_file(
    tree: &dyn Tree,
    prompt: &Prompt,
    file: &NamedFile<'_>,
    error: Option<&TreeError>,
) -> Problem {
    let message = match error {
        None => format!("the {} `{}` of `{}` does not exist", file.role, file.path, prompt.id),
        Some(error) => error.to_string(),
    };
    let help = match error {
        None => "create it or correct the name; paths are relative to the catalog's directory",
        Some(error) => error.help(),
    };
    placed(tree, prompt, file.mark, message).help(help)
}

/// An error at a place of the prompt's catalog, which is read again for the line to show.
pub fn placed(tree: &dyn Tree, prompt: &Prompt, mark: Mark, message: String) -> Problem {
    let bytes = tree.read(&prompt.catalog).ok().flatten().unwrap_or_default();
    let text = read_text(&prompt.catalog, &bytes).map(|source| source.text).unwrap_or_default();
    Problem::error(message).at(&prompt.catalog, &text, mark)
}
