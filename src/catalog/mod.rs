//! Catalogs: the files that declare prompts, found by glob and read into [`Prompt`]s.

mod entry;
mod files;
mod levels;
mod locate;
mod messages;
mod orphans;
#[cfg(test)]
mod tests;
mod tools;

pub use files::{NamedFile, link, placed, unusable_file};
use locate::absent;
pub use locate::{locate, none_found};
pub use orphans::orphans;

use std::collections::BTreeMap;

use crate::config::Config;
use crate::document::{Datum, Document, Format, Key, Node, Source, parse};
use crate::foreign::Tool;
use crate::problem::{Problem, Problems};
use crate::prompt::{Engine, Prompt};
use crate::tree::Tree;

/// Bytes of all catalogs of a tree together: one object of Git may be at a thousand paths.
const MOST_BYTES: usize = 32 << 20;

/// Prompts of a tree.
const MOST_PROMPTS: usize = 10_000;

/// The catalogs of a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogs {
    /// The catalogs' paths, sorted.
    pub paths: Vec<String>,
    /// All prompts: catalog by catalog, each in the order of its file; ids unique.
    pub prompts: Vec<Prompt>,
}

/// Reads all catalogs of a tree: located, read one by one, joined and linked to their files.
/// A tree without any catalog is a problem; [`locate()`] alone tells whether there is one.
pub fn read(tree: &dyn Tree, config: &Config, problems: &mut Problems) -> Catalogs {
    let paths = match locate(tree, config) {
        Ok(paths) if paths.is_empty() => {
            problems.push(none_found(config));
            return Catalogs::default();
        }
        Ok(paths) => paths,
        Err(problem) => {
            problems.push(problem);
            return Catalogs::default();
        }
    };
    for problem in absent(config, &paths) {
        problems.push(problem);
    }
    let mut prompts = Vec::new();
    let mut left = MOST_BYTES;
    for path in &paths {
        match tree.read(path) {
            Ok(Some(bytes)) => {
                let Some(after) = left.checked_sub(bytes.len()) else {
                    let message = format!(
                        "the catalogs have more than {} MiB together, and this one exceeds the limit",
                        MOST_BYTES >> 20
                    );
                    let help = "name fewer under `catalogs`, or put long texts into separate files";
                    problems.push(Problem::error(message).path(path).help(help));
                    break;
                };
                left = after;
                prompts.extend(read_one(tree, (path, &bytes), config.template, problems));
                if prompts.len() > MOST_PROMPTS {
                    problems.push(too_many(path));
                    break;
                }
            }
            Ok(None) => {}
            Err(error) => problems.push(Problem::error(error.to_string()).path(path).help(error.help())),
        }
    }
    let mut prompts = unique(tree, prompts, problems);
    link(tree, config, &mut prompts, problems);
    Catalogs { paths, prompts }
}

/// Reads one catalog; only a file of another tool reads others of the tree. It checks neither default golden sets
/// nor the existence of files: [`link`] does that.
pub fn read_one(
    tree: &dyn Tree,
    (path, bytes): (&str, &[u8]),
    template: Engine,
    problems: &mut Problems,
) -> Vec<Prompt> {
    let format = Format::of_path(path).unwrap_or(Format::Yaml);
    let Document { source, root } = match parse(path, bytes, format) {
        Ok(document) => document,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let is_empty = match &root.datum {
        Datum::Map(entries) => entries.is_empty(),
        Datum::List(items) => items.is_empty(),
        datum => *datum == Datum::Null,
    };
    if is_empty {
        problems.push(levels::empty(path));
        return Vec::new();
    }
    if let Some(tool) = Tool::of(path, &root) {
        return of_tool(tool, (&source, &root), tree, template, problems);
    }
    if let Some((message, help)) = Tool::misnamed(&root) {
        problems.push(source.error(root.mark, message).help(help));
        return Vec::new();
    }
    let found = levels::entries(&source, &root, MOST_PROMPTS, problems);
    if found.len() > MOST_PROMPTS {
        problems.push(too_many(path));
        return Vec::new();
    }
    let entry = |found: levels::Found<'_>| {
        let levels::Found { key, node } = found;
        entry::read(&entry::Entry { source: &source, key, node, template }, problems)
    };
    found.into_iter().filter_map(entry).collect()
}

/// The prompts of another tool's file. Its own cases are their golden set, unless they get another one.
fn of_tool(
    tool: Tool,
    (source, root): (&Source, &Node),
    tree: &dyn Tree,
    template: Engine,
    problems: &mut Problems,
) -> Vec<Prompt> {
    let golden = tool.has_cases(root).then(|| source.path.clone());
    let entries = tool.prompts((source, root), tree, problems);
    let prompts = entries.into_iter().filter_map(|(key, node)| {
        if let Some(problem) = unusable(source, &key) {
            problems.push(problem);
            return None;
        }
        let prompt = entry::read(&entry::Entry { source, key, node: &node, template }, problems)?;
        Some(Prompt { golden: prompt.golden.or_else(|| golden.clone()), ..prompt })
    });
    prompts.collect()
}

fn too_many(path: &str) -> Problem {
    Problem::error(format!("the catalogs declare more than {MOST_PROMPTS} prompts"))
        .path(path)
        .help("name fewer catalogs in `catalogs`, and give the rest a configuration of its own")
}

/// Why a key cannot be a prompt's id.
fn unusable(source: &Source, key: &Key) -> Option<Problem> {
    const LONGEST: usize = 200;
    let id = key.text.as_str();
    let (message, help) = if id.trim().is_empty() {
        ("a prompt's name must not be empty".to_owned(), "give it a name")
    } else if id.chars().any(char::is_control) {
        (format!("the prompt name {id:?} holds a control character"), "remove it")
    } else if id.trim() != id {
        (format!("the prompt name `{id}` begins or ends with a space"), "remove the space")
    } else if id.chars().count() > LONGEST {
        (format!("the prompt name is longer than {LONGEST} characters"), "shorten it")
    } else {
        return crate::document::ambiguous_key(source, key).map(|reading| {
            let message = format!("many YAML readers take the prompt name `{id}` for {reading}");
            source.error(key.mark, message).help(format!("quote it: \"{id}\""))
        });
    };
    Some(source.error(key.mark, message).help(help))
}

/// Keeps the first prompt of each id; a second one is a problem that names both places.
pub fn unique(tree: &dyn Tree, prompts: Vec<Prompt>, problems: &mut Problems) -> Vec<Prompt> {
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut kept = Vec::with_capacity(prompts.len());
    for prompt in prompts {
        let place = format!("{}:{}", prompt.catalog, prompt.mark.line);
        match places.get(&prompt.id) {
            // Each problem reads the catalog once more, for its line.
            Some(_) if problems.is_full() => {}
            Some(first) => {
                let message = format!("the prompt `{}` is declared twice, first at {first}", prompt.id);
                let problem = files::placed(tree, &prompt, prompt.mark, message);
                problems.push(problem.help("rename one of the two"));
            }
            None => {
                places.insert(prompt.id.clone(), place);
                kept.push(prompt);
            }
        }
    }
    kept
}
