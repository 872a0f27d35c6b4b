//! From a file to a [`GoldenSet`]: rows of any notation, then cases, then the rules for the whole
//! set.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::case::{self, Defaults, Row};
use super::{Case, GoldenSet, rows};
use crate::check::Resources;
use crate::document::{Source, read_text};
use crate::fingerprint::Fingerprint;
use crate::problem::{Mark, Problem, Problems};
use crate::tree::{Tree, directory, resolve};

/// Reads a golden set of a tree. The files it refers to are added to `references`, those that do
/// not exist included. `None` when the set cannot be used; then there is at least one problem.
pub fn read(
    tree: &dyn Tree,
    path: &str,
    references: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Option<GoldenSet> {
    let bytes = match tree.read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            problems.push(Problem::error(format!("the golden set `{path}` does not exist")).path(path));
            return None;
        }
        Err(error) => {
            problems.push(Problem::error(error.to_string()).path(path).help(error.help()));
            return None;
        }
    };
    let mut found = Problems::new();
    let files = Files { tree, directory: directory(path), seen: RefCell::default() };
    let cases = cases(path, &bytes, &mut Resources::new(&mut |written| files.read(written)), &mut found);
    let seen: Vec<String> = files.seen.into_inner().into_keys().collect();
    references.extend(seen.iter().cloned());
    let usable = !found.has_errors();
    problems.extend(found);
    usable.then(|| GoldenSet {
        path: path.to_owned(),
        cases: cases.into_iter().map(Arc::new).collect(),
        references: seen,
        bytes: bytes.len(),
    })
}

fn cases(path: &str, bytes: &[u8], resources: &mut Resources<'_>, problems: &mut Problems) -> Vec<Case> {
    let set = match read_text(path, bytes).and_then(|source| rows::read(source, problems)) {
        Ok(set) => set,
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let defaults = match &set.defaults {
        Some(node) => Defaults::read(&set, node, resources, problems),
        None => Defaults::default(),
    };
    if set.rows.is_empty() && !problems.has_errors() {
        problems.push(
            Problem::error("the golden set holds no cases")
                .path(path)
                .help("add a case with `input` and `checks`, or remove the file and the prompt's `golden`"),
        );
    }
    let mut cases = Vec::new();
    for node in &set.rows {
        if problems.is_full() {
            break;
        }
        let row = Row { source: &set.source, node, defaults: &defaults };
        cases.extend(row.read(resources, problems));
    }
    named(cases, &set.source, problems)
}

/// Gives ids to cases without one and refuses ids that occur twice.
fn named(mut cases: Vec<Case>, source: &Source, problems: &mut Problems) -> Vec<Case> {
    let mut first: BTreeMap<String, Mark> = BTreeMap::new();
    for case in &mut cases {
        let derived = case.id.is_empty();
        if derived {
            case.id = derived_id(case);
        }
        let Some(before) = first.insert(case.id.clone(), case.mark) else { continue };
        let place = format!("line {}", before.line);
        problems.push(if derived {
            let message = format!("a case without `id` has the same input as the one on {place}");
            source.error(case.mark, message).help("give both an `id`, or remove one")
        } else {
            let message = format!("duplicate case id `{}`, first on {place}", case.id);
            source.error(case.mark, message).help("every case of a golden set needs its own id")
        });
    }
    cases
}

fn derived_id(case: &Case) -> String {
    let messages = match &case.input {
        case::Input::Messages(messages) => messages.as_slice(),
        case::Input::Text(_) | case::Input::Variables => &[],
    };
    format!("case-{}", Fingerprint::of_json(&(messages, case.values())).short(8))
}

/// The files of a tree that checks refer to, each read once.
struct Files<'a> {
    tree: &'a dyn Tree,
    directory: &'a str,
    seen: RefCell<BTreeMap<String, Option<String>>>,
}

impl Files<'_> {
    fn read(&self, written: &str) -> Result<Option<String>, Problem> {
        let path = resolve(self.directory, written).map_err(|error| {
            Problem::error(error.to_string())
                .help("paths are relative to the golden set's directory and stay inside the repository")
        })?;
        if let Some(text) = self.seen.borrow().get(&path) {
            return Ok(text.clone());
        }
        let text = match self.tree.read(&path) {
            Ok(Some(bytes)) => read_text(&path, &bytes).map(|source| Some(source.text)),
            Ok(None) => Ok(None),
            Err(error) => Err(Problem::error(error.to_string()).help(error.help())),
        };
        let known = text.as_ref().ok().cloned().flatten();
        self.seen.borrow_mut().insert(path, known);
        text
    }
}
