//! Links prompts to the files of a tree: default golden sets found, named files there.

use std::collections::BTreeSet;

use super::locate::base;
use crate::config::Config;
use crate::document::read_text;
use crate::problem::{Mark, Problem, Problems};
use crate::prompt::{Prompt, TextSource};
use crate::tree::{Tree, TreeError, resolve};

/// Endings of a default golden set, in the order they are named in messages.
const ENDINGS: [&str; 5] = ["yaml", "yml", "json", "jsonl", "csv"];

/// Fills in the default golden sets and reports files that are named but missing.
pub fn link(tree: &dyn Tree, config: &Config, prompts: &mut [Prompt], problems: &mut Problems) {
    let directory = match resolve(base(config), &config.golden) {
        Ok(directory) => directory,
        Err(error) => return problems.push(Problem::error(format!("`golden`: {error}"))),
    };
    let present: BTreeSet<String> = match tree.list(&directory) {
        Ok(paths) => paths.into_iter().collect(),
        Err(error) => return problems.push(Problem::error(error.to_string())),
    };
    for prompt in prompts {
        if prompt.golden_explicit {
            let mark = prompt.mark;
            if let Some(path) = &prompt.golden {
                expect(tree, prompt, path, (mark, "golden set"), problems);
            }
        } else {
            prompt.golden = default_golden(tree, prompt, (&directory, &present), problems);
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
    let problem = match tree.blob(path) {
        Ok(Some(_)) => return,
        Ok(None) => {
            placed(tree, prompt, mark, format!("the {what} `{path}` of `{}` does not exist", prompt.id))
                .help("paths are relative to the catalog's directory")
        }
        Err(error @ TreeError::Outside(_)) => placed(tree, prompt, mark, error.to_string())
            .help("a prompt may only use files of its own repository"),
        Err(error) => placed(tree, prompt, mark, error.to_string()),
    };
    problems.push(problem);
}

/// An error at a place of the prompt's catalog, which is read again for the line to show.
pub(super) fn placed(tree: &dyn Tree, prompt: &Prompt, mark: Mark, message: String) -> Problem {
    let bytes = tree.read(&prompt.catalog).ok().flatten().unwrap_or_default();
    let text = read_text(&prompt.catalog, &bytes).map(|source| source.text).unwrap_or_default();
    Problem::error(message).at(&prompt.catalog, &text, mark)
}
