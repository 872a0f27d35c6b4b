//! Golden sets that belong to no prompt: misspelt, or left over after a rename. Their cases are never run.

use std::collections::BTreeSet;

use super::files::ENDINGS;
use super::locate::base;
use crate::config::Config;
use crate::document::{Datum, Format, parse};
use crate::problem::{MistakeKind, Problem, Problems, nearest};
use crate::prompt::Prompt;
use crate::tree::{Tree, directory, resolve};

/// The maximum number of files that are read.
const MOST: usize = 50;

/// Warns of every golden set in the directory of golden sets that no prompt has.
pub fn orphans(tree: &dyn Tree, config: &Config, prompts: &[Prompt], problems: &mut Problems) {
    let Ok(place) = resolve(base(config), &config.golden) else { return };
    // The configuration's directory contains other files, too.
    if place == base(config) || problems.has_errors() {
        return;
    }
    let Ok(paths) = tree.list(&place) else { return };
    let known: BTreeSet<&str> = prompts
        .iter()
        .flat_map(|prompt| [Some(prompt.catalog.as_str()), prompt.golden.as_deref()])
        .flatten()
        .collect();
    let stray = paths.into_iter().filter(|path| directory(path) == place && !known.contains(path.as_str()));
    let without: Vec<&str> =
        prompts.iter().filter(|prompt| prompt.golden.is_none()).map(|prompt| prompt.id.as_str()).collect();
    for path in stray.take(MOST).filter(|path| is_golden_set(tree, path)) {
        let name = path[place.len()..].trim_start_matches('/');
        let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
        let help = match nearest(name, &without) {
            Some(id) => format!("name it after the prompt `{id}`, if it belongs to it"),
            None => "give it its prompt's name, name it under the prompt's `golden`, or remove it".to_owned(),
        };
        let message = format!("the golden set `{path}` belongs to no prompt: its cases are not run");
        problems.push(Problem::warning(message).path(&path).help(help).kind(MistakeKind::StrayGoldenSet));
    }
}

/// Whether a file looks like a golden set; schemas are in the same directory.
fn is_golden_set(tree: &dyn Tree, path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if !ENDINGS.contains(&ending) {
        return false;
    }
    let Some(format) = Format::of_path(path) else { return true };
    let Ok(Some(bytes)) = tree.read(path) else { return false };
    match parse(path, &bytes, format).map(|document| document.root.datum) {
        Ok(Datum::List(_)) => true,
        Ok(Datum::Map(entries)) => entries.iter().any(|(key, _)| key.text == "cases"),
        _ => false,
    }
}
