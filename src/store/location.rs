//! Where a store is on disk, and which files Git may not track there: a person who commits a store
//! chooses the answers in it, so a store that comes with a checkout is never read.

use crate::tree::{EntryKind, Tree, TreeError};

/// The program's own directory: Git must not track anything in it.
const OWN_DIRECTORY: &str = ".prompt-assay";

/// The files that SQLite writes beside a database and reads as a part of it.
const SIBLINGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Code points that file systems which fold case leave out of a comparison.
const IGNORED: [std::ops::RangeInclusive<char>; 4] =
    ['\u{200c}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{206a}'..='\u{206f}', '\u{feff}'..='\u{feff}'];

/// A database below a root, and the directory that is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    database: String,
    directory: Option<String>,
}

impl Location {
    /// A database at this path; its directory is exclusive only if it is the program's own.
    pub fn of_database(path: &str) -> Self {
        let own = path.split('/').next().filter(|first| *first == OWN_DIRECTORY && *first != path);
        Self { database: path.to_owned(), directory: own.map(str::to_owned) }
    }

    /// The database in a directory that holds nothing else.
    pub fn in_directory(directory: &str) -> Self {
        let directory = directory.trim_matches('/').to_owned();
        Self { database: format!("{directory}/assay.db"), directory: Some(directory) }
    }

    /// The database's path from the root.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The files that SQLite may leave beside it, by path from the root.
    pub fn siblings(&self) -> impl Iterator<Item = String> + '_ {
        SIBLINGS.iter().map(|ending| format!("{}{ending}", self.database))
    }

    /// Everything that Git may not track.
    pub fn reserved(&self) -> Vec<String> {
        let files = [self.database.clone()].into_iter().chain(self.siblings());
        self.directory.clone().into_iter().chain(files).collect()
    }
}

/// A tracked entry at a path where Git may not track files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{path}` is {}, and files that this program trusts may not come with the repository: a person who \
     commits them chooses the answers",
    kind_of(*.kind)
)]
pub struct Committed {
    /// The entry.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

impl Committed {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        "remove it from the repository (`git rm -r --cached` with that path), or name a path that Git does not track: \
         `cache` or the corresponding input in a workflow, `database:` in prompt-assay.yaml"
    }
}

fn kind_of(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Directory => "a committed directory",
        EntryKind::File => "a committed file",
        EntryKind::Link => "a committed link",
        EntryKind::Submodule => "a submodule",
    }
}

/// The first entry of a tree at or below one of these paths, or above one as anything but a
/// directory; letter case is ignored, because some disks ignore it.
///
/// # Errors
/// When the tree cannot be read.
pub fn committed(tree: &dyn Tree, reserved: &[String]) -> Result<Option<Committed>, TreeError> {
    // Directories that are not checked yet, each with the folded paths that are wanted below it, so
    // that each is listed once: listing an index reads all of it.
    let wanted =
        reserved.iter().map(|path| path.split('/').filter(|part| !part.is_empty()).map(folded).collect());
    let mut waiting: Vec<(String, Vec<Vec<String>>)> = vec![(String::new(), wanted.collect())];
    while let Some((directory, wanted)) = waiting.pop() {
        for (name, kind) in tree.entries(&directory)? {
            let first = folded(&name);
            let of_this = wanted.iter().filter(|parts| parts.first() == Some(&first));
            let rests: Vec<Vec<String>> = of_this.map(|parts| parts[1..].to_vec()).collect();
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            match kind {
                _ if rests.is_empty() => {}
                EntryKind::Directory if rests.iter().any(Vec::is_empty) => {
                    return first_in(tree, path).map(Some);
                }
                EntryKind::Directory => waiting.push((path, rests)),
                _ => return Ok(Some(Committed { path, kind })),
            }
        }
    }
    Ok(None)
}

/// The first entry in a directory that is not a directory itself: a file's path is more
/// informative.
fn first_in(tree: &dyn Tree, directory: String) -> Result<Committed, TreeError> {
    let mut path = directory;
    while let Some((name, kind)) = tree.entries(&path)?.into_iter().next() {
        path = format!("{path}/{name}");
        if kind != EntryKind::Directory {
            return Ok(Committed { path, kind });
        }
    }
    Ok(Committed { path, kind: EntryKind::Directory })
}

/// Names that could be one on some disk fold to the same text. Upper case first: `ſ` and `K` (the
/// sign of the kelvin) are letters of ASCII to a disk that folds.
fn folded(name: &str) -> String {
    let shown = name.chars().filter(|c| !IGNORED.iter().any(|range| range.contains(c)));
    shown.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    fn found(files: &[&str], location: &Location) -> Option<String> {
        let tree = MemoryTree::new(files.iter().map(|path| (*path, "x")));
        committed(&tree, &location.reserved()).unwrap().map(|found| found.path)
    }

    #[test]
    fn what_lies_at_below_or_above_the_store_is_found_in_any_letter_case() {
        let own = Location::of_database(".prompt-assay/assay.db");
        let nested = Location::in_directory("apps/Support/.cache");
        let elsewhere = Location::of_database("data/answers.db");
        for (location, path) in [
            (&own, ".prompt-assay/assay.db"),
            (&own, ".prompt-assay/assay.db-wal"),
            (&own, ".prompt-assay/deep/er/note.md"),
            (&own, ".prompt-assay"),
            (&own, ".PROMPT-assay/x"),
            (&own, ".prompt-a\u{17f}say/assay.db"),
            (&own, ".prompt-\u{200d}assay/assay.db"),
            (&nested, "apps/support/.cache/assay.db"),
            (&nested, "Apps/SUPPORT"),
            (&nested, "apps"),
            (&elsewhere, "data/answers.db"),
            (&elsewhere, "DATA/Answers.DB-journal"),
            (&elsewhere, "data/answers.db-shm/x"),
            (&elsewhere, "data"),
        ] {
            assert_eq!(found(&["prompts.yaml", path], location).as_deref(), Some(path));
        }
    }

    #[test]
    fn what_only_lies_near_the_store_is_left_alone() {
        let own = Location::of_database(".prompt-assay/assay.db");
        let nested = Location::in_directory("apps/support/.cache");
        let elsewhere = Location::of_database("data/answers.db");
        for (location, path) in [
            (&own, ".prompt-assay.yaml"),
            (&own, "docs/.prompt-assay/assay.db"),
            (&nested, "apps/support/prompts.yaml"),
            (&nested, "apps/.cache/assay.db"),
            (&elsewhere, "data/cities.csv"),
            (&elsewhere, "data/answers.db.md"),
        ] {
            assert_eq!(found(&["prompts.yaml", path], location), None, "{path}");
        }
    }
}
