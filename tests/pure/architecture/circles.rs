//! Circles between modules: files that name each other, directly or through others, are one topic
//! in several files.
//!
//! A file and its own folder count as one here: `gate/mod.rs` declares what `gate/confirm.rs` uses,
//! and vice versa.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{ModulePath, Source};

/// Which module names which.
pub type Graph = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

/// The graph of the main crate's files.
pub fn graph_of_files(sources: &[Source]) -> Graph {
    let sources: Vec<&Source> = sources.iter().filter(|source| source.room().is_some()).collect();
    let modules: BTreeSet<ModulePath> = sources.iter().map(|source| source.module()).collect();
    let mut graph = Graph::new();
    for source in sources {
        let from = source.module();
        let named = source.names(&modules);
        let targets = named.iter().filter(|named| named.path[0] == "crate");
        let targets = targets.filter_map(|named| longest_module(&named.path[1..], &modules));
        let others = targets.filter(|to| !to.is_empty() && !to.starts_with(&from) && !from.starts_with(to));
        graph.entry(from.clone()).or_default().extend(others);
    }
    graph
}

/// The graph of the crate's top modules.
pub fn graph_of_rooms(files: &Graph) -> Graph {
    let mut rooms = Graph::new();
    for (from, targets) in files.iter().filter(|(from, _)| !from.is_empty()) {
        let room = from[..1].to_vec();
        let others = targets.iter().map(|to| to[..1].to_vec()).filter(|to| *to != room);
        let others: Vec<ModulePath> = others.collect();
        rooms.entry(room).or_default().extend(others);
    }
    rooms
}

fn longest_module(path: &[String], modules: &BTreeSet<ModulePath>) -> Option<ModulePath> {
    (0..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| modules.contains(module))
}

/// The sets of modules that reach each other, each sorted.
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        graph.keys().map(|from| (from, reachable(graph, from))).collect();
    let mut found = BTreeSet::new();
    for (from, targets) in &reach {
        if !targets.contains(from) {
            continue;
        }
        let back = targets.iter().filter(|to| reach.get(**to).is_some_and(|back| back.contains(from)));
        found.insert(back.map(|module| module.join("/")).collect::<Vec<_>>());
    }
    found.into_iter().collect()
}

fn reachable<'g>(graph: &'g Graph, from: &ModulePath) -> BTreeSet<&'g ModulePath> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&ModulePath> = graph.get(from).into_iter().flatten().collect();
    while let Some(module) = open.pop() {
        if seen.insert(module) {
            open.extend(graph.get(module).into_iter().flatten());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        circles(&graph_of_files(&sources))
    }

    #[test]
    fn files_that_name_each_other_are_a_circle() {
        let direct = [("src/a.rs", "use crate::b::B;"), ("src/b.rs", "use crate::a::A;")];
        assert_eq!(circles_of(&direct), [["a", "b"]]);
        let within = [
            ("src/a/mod.rs", "mod x; mod y; mod z;"),
            ("src/a/x.rs", "use super::y::Y;"),
            ("src/a/y.rs", "fn f() { crate::a::z::g() }"),
            ("src/a/z.rs", "use super::x;"),
        ];
        assert_eq!(circles_of(&within), [["a/x", "a/y", "a/z"]]);
    }

    #[test]
    fn a_file_and_its_folder_are_none() {
        let folder = [("src/a/mod.rs", "mod x; use x::X;"), ("src/a/x.rs", "use super::A;")];
        assert!(circles_of(&folder).is_empty());
        let chain = [("src/a.rs", "use crate::b::B;"), ("src/b.rs", "use crate::c::C;"), ("src/c.rs", "")];
        assert!(circles_of(&chain).is_empty());
    }
}
