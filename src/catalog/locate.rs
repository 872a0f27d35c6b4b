//! Where the catalogs are: the configuration's globs, matched against a tree.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use crate::config::Config;
use crate::problem::{MistakeKind, Problem};
use crate::tree::{Tree, directory, resolve};

/// The paths of a tree's catalogs, sorted; empty when there is none.
///
/// # Errors
/// A glob that leaves the repository or does not compile, and a tree that cannot be listed.
pub fn locate(tree: &dyn Tree, config: &Config) -> Result<Vec<String>, Problem> {
    let mut found = BTreeSet::new();
    for pattern in &config.catalogs {
        let full = resolve(base(config), pattern)
            .map_err(|error| in_config(config, format!("catalog pattern: {error}")))?;
        if !is_glob(&full) {
            // What cannot be read is reported where it is read.
            if !matches!(tree.blob(&full), Ok(None)) {
                found.insert(full);
            }
            continue;
        }
        let matcher =
            matcher(&full).map_err(|error| in_config(config, format!("catalog pattern {error}")))?;
        let paths = tree.list(literal_prefix(&full)).map_err(|e| in_config(config, e.to_string()))?;
        found.extend(paths.into_iter().filter(|path| matcher.is_match(path)));
    }
    Ok(found.into_iter().collect())
}

/// Catalogs that the configuration names and that the tree lacks, while it has others. They have no
/// place in a file. For a base this is not an error: every new catalog is missing there.
pub(super) fn absent(config: &Config, found: &[String]) -> Vec<Problem> {
    if config.catalogs == Config::default().catalogs {
        return Vec::new();
    }
    let problem = |pattern: &String| {
        let full = resolve(base(config), pattern).ok()?;
        let names = format!("`catalogs` names `{pattern}`");
        if is_glob(&full) {
            let matcher = matcher(&full).ok()?;
            let help = "correct the pattern, or take it out of `catalogs`";
            let is_empty = !found.iter().any(|path| matcher.is_match(path));
            return is_empty.then(|| Problem::warning(format!("{names}, which no file matches")).help(help));
        }
        let help = "commit the file (`git add`), correct its name, or take it out of `catalogs`";
        (!found.contains(&full)).then(|| Problem::error(format!("{names}, which does not exist")).help(help))
    };
    config
        .catalogs
        .iter()
        .filter_map(problem)
        .map(|problem| problem.kind(MistakeKind::MissingCatalog))
        .collect()
}

/// The problem of a tree without any catalog.
pub fn none_found(config: &Config) -> Problem {
    let base = base(config);
    let place = if base.is_empty() { "the repository's root".to_owned() } else { format!("`{base}`") };
    let patterns: Vec<String> = config.catalogs.iter().map(|pattern| format!("`{pattern}`")).collect();
    Problem::error(format!("no prompt catalog found: looked for {} in {place}", patterns.join(", ")))
        .help("write prompts.yaml (`prompt-assay init` proposes one), or name your catalogs under `catalogs` in prompt-assay.yaml")
        .kind(MistakeKind::MissingCatalog)
}

/// The directory that the configuration's paths are relative to.
pub(super) fn base(config: &Config) -> &str {
    config.path.as_deref().map_or("", directory)
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
}

/// The directory above the first part that is a pattern.
fn literal_prefix(pattern: &str) -> &str {
    let end = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    directory(&pattern[..end])
}

fn matcher(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).literal_separator(true).build()?.compile_matcher())
}

fn in_config(config: &Config, message: String) -> Problem {
    let problem = Problem::error(message).help("see `catalogs` in prompt-assay.yaml");
    match &config.path {
        Some(path) => problem.path(path),
        None => problem,
    }
}
