//! A configuration of promptfoo, or a `.prompt.yml`, becomes a catalog and a golden set of this tool.

use super::{Imported, yaml};
use crate::document::{Datum, Document, Key, Node};
use crate::foreign::{Tool, promptfoo::Reader};
use crate::problem::{Mark, Problem, Problems};
use crate::tree::{Tree, directory};

/// Where the files go.
#[derive(Clone, Debug)]
pub struct Places {
    /// The catalog.
    pub catalog: String,
    /// The golden set.
    pub golden: String,
}

/// Reads the file, and those that it names, and makes the catalog and the golden set.
///
/// # Errors
/// A file without a prompt that can be used.
pub fn import(document: &Document, tree: &dyn Tree, places: &Places) -> Result<Imported, Problems> {
    let Document { source, root } = document;
    let (prompts, cases, mut left, unread) = match Tool::of(&source.path, root) {
        Some(Tool::Promptfoo) => {
            let mut reader = Reader::new(source, root, tree, true);
            let prompts = reader.prompts();
            let cases = reader.cases();
            (prompts, cases, reader.left, reader.unread)
        }
        Some(tool @ Tool::PromptYml) => {
            let mut problems = Problems::new();
            let prompts = tool.prompts((source, root), tree, &mut problems);
            let cases = tool.has_cases(root).then(|| tool.cases(source, root, &mut problems)).flatten();
            (prompts, cases, problems.sorted().into_iter().cloned().collect(), Vec::new())
        }
        None => {
            let problem =
                Problem::error("the file is neither a configuration of promptfoo nor a .prompt.yml");
            let help = "a configuration of promptfoo has `prompts` and `tests` or `providers`";
            return Err(problem.path(&source.path).help(help).into());
        }
    };
    let mut unread_keys: Vec<&str> = Vec::new();
    for (name, mark) in &unread {
        // The same key of a hundred tests is told of once.
        if !unread_keys.contains(&name.as_str()) {
            unread_keys.push(name);
            let help = "models, limits and reports are those of prompt-assay.yaml";
            left.push(source.warning(*mark, format!("`{name}` is not needed here, and not read")).help(help));
        }
    }
    if prompts.is_empty() {
        let mut problems = Problems::new();
        left.into_iter().for_each(|problem| problems.push(problem));
        if !problems.has_errors() {
            problems.push(
                Problem::error("the file has no prompt").path(&source.path).help("write it under `prompts`"),
            );
        }
        return Err(problems);
    }
    let has_cases = cases.as_ref().is_some_and(|cases| !cases.rows.is_empty());
    let names: Vec<String> = prompts.iter().map(|(key, _)| format!("`{}`", key.text)).collect();
    let entry = |(key, node): (Key, Node)| (key, of_catalog(node, source, places, has_cases));
    let catalog = Node { mark: Mark::default(), datum: Datum::Map(prompts.into_iter().map(entry).collect()) };
    let mut files = vec![(places.catalog.clone(), yaml::block(&catalog, 0))];
    let mut said = vec![format!("{} in `{}`", names.join(", "), places.catalog)];
    if let Some(mut cases) = cases.filter(|cases| !cases.rows.is_empty()) {
        let (from, to) = (directory(&source.path), directory(&places.golden));
        cases.defaults = moved(cases.defaults, from, to);
        cases.rows = cases.rows.into_iter().map(|row| moved(row, from, to)).collect();
        said.push(format!("{} cases in `{}`", cases.rows.len(), places.golden));
        let is_empty = matches!(&cases.defaults.datum, Datum::Map(entries) if entries.iter().all(|(_, node)| matches!(&node.datum, Datum::List(items) if items.is_empty())));
        let mut set = Vec::new();
        if !is_empty {
            set.push((key("defaults"), cases.defaults));
        }
        set.push((key("cases"), Node { mark: Mark::default(), datum: Datum::List(cases.rows) }));
        let set = Node { mark: Mark::default(), datum: Datum::Map(set) };
        files.push((places.golden.clone(), yaml::block(&set, 0)));
    }
    Ok(Imported { files, left, said })
}

fn key(text: &str) -> Key {
    Key { mark: Mark::default(), text: text.to_owned() }
}

/// The entry with its golden set, and with the paths of its texts from the catalog's directory.
fn of_catalog(node: Node, source: &crate::document::Source, places: &Places, has_cases: bool) -> Node {
    let mut node = moved(node, directory(&source.path), directory(&places.catalog));
    if let (true, Datum::Map(entries)) = (has_cases, &mut node.datum) {
        let path = relative(directory(&places.catalog), &places.golden);
        entries.push((key("golden"), Node { mark: Mark::default(), datum: Datum::Text(path) }));
    }
    node
}

/// The node with the path of each file (of a text, of a schema) counted from another directory.
fn moved(node: Node, from: &str, to: &str) -> Node {
    let datum = match node.datum {
        Datum::Map(entries) => Datum::Map(
            entries
                .into_iter()
                .map(|(key, node)| match (&key.text[..], &node.datum) {
                    ("file" | "json_schema", Datum::Text(path)) => {
                        let full = crate::tree::resolve(from, path).unwrap_or_else(|_| path.clone());
                        let node = Node { mark: node.mark, datum: Datum::Text(relative(to, &full)) };
                        (key, node)
                    }
                    _ => (key, moved(node, from, to)),
                })
                .collect(),
        ),
        Datum::List(items) => Datum::List(items.into_iter().map(|item| moved(item, from, to)).collect()),
        datum => datum,
    };
    Node { mark: node.mark, datum }
}

/// A path from the root as seen from a directory.
fn relative(directory: &str, path: &str) -> String {
    if directory.is_empty() {
        return path.to_owned();
    }
    let from: Vec<&str> = directory.split('/').collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}
