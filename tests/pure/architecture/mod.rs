//! Compares the sources with `docs/architecture.md`: which module may name which, what is pure, the
//! form of a file, and that the documents list every dependency and module.

mod circles;
mod rules;
mod source;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folders of the workspace's packages, from the repository's root; the root itself is "".
fn packages() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let members =
        manifest.lines().find_map(|line| line.strip_prefix("members = [")).expect("members on one line");
    let named = members.split('"').skip(1).step_by(2).map(|member| format!("{member}/"));
    std::iter::once(String::new()).chain(named).collect()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the workspace's packages, sorted.
fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    for package in packages() {
        files_below(&root().join(package).join("src"), &mut files);
    }
    files.sort();
    files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(root()).expect("a file below the root");
            Source { path: path.to_string_lossy().replace('\\', "/"), text: read(file) }
        })
        .collect()
}

/// The names in backquotes in the first column of the document's tables, section by section.
fn table_keys(document: &str, heading: &str) -> BTreeSet<String> {
    document
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The direct dependencies of a manifest, whatever they are for.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut listing = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            listing = section.ends_with("dependencies");
            if let Some((_, name)) = section.split_once("dependencies.") {
                found.insert(name.to_owned());
            }
        } else if listing && line.starts_with(|c: char| c.is_alphanumeric()) {
            let name = line.split(|c: char| c == '=' || c == '.' || c.is_whitespace()).next();
            found.extend(name.map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_sources_keep_the_rules_of_the_house() {
    let sources = sources();
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the sources were not found");
    let faults: Vec<String> = rules::faults(&sources).iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{} places break a rule:\n\n{}\n", faults.len(), faults.join("\n\n"));
}

#[test]
fn verdicts_reasons_and_outcomes_are_compared_as_values() {
    let found: Vec<String> = words::compared_words(&sources())
        .iter()
        .map(|found| format!("{}:{}: \"{}\"", found.path, found.line, found.text))
        .collect();
    assert!(
        found.is_empty(),
        "a text is compared with the word of a verdict, a reason, a status or an outcome; compare the \
         enum's value, and let its own file write and read the word:\n{}",
        found.join("\n")
    );
}

#[test]
fn every_module_has_a_row_in_the_architecture() {
    let document = read("docs/architecture.md");
    let rows = table_keys(&document, "## The modules");
    let modules: BTreeSet<String> = sources()
        .iter()
        .filter(|source| source.room().is_some())
        .filter_map(|source| source.module().first().cloned())
        .collect();
    let missing: Vec<_> = modules.difference(&rows).collect();
    assert!(missing.is_empty(), "add a row under `## The modules` of docs/architecture.md for {missing:?}");
}

#[test]
fn no_modules_name_each_other_in_a_circle() {
    let files = circles::graph_of_files(&sources());
    let mut found = circles::circles(&circles::graph_of_rooms(&files));
    found.extend(circles::circles(&files));
    assert!(
        found.is_empty(),
        "circles between modules: move what they share to where neither has to look back: {found:?}"
    );
}

/// The column "what it may name" of the architecture, by module.
fn allowed_names(document: &str) -> BTreeMap<String, BTreeSet<String>> {
    let rooms = document.lines().skip_while(|line| *line != "## The modules").skip(1);
    let rows = rooms.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let name = quoted(cells[1]).remove(0);
        (name, quoted(cells[cells.len() - 2]).into_iter().collect())
    })
    .collect()
}

#[test]
fn modules_name_only_what_the_architecture_lets_them() {
    let allowed = allowed_names(&read("docs/architecture.md"));
    let rim = ["adapters", "app", "cli", "main"];
    let mut faults = Vec::new();
    for (from, targets) in circles::graph_of_rooms(&circles::graph_of_files(&sources())) {
        let named: BTreeSet<String> = targets.into_iter().map(|to| to[0].clone()).collect();
        match allowed.get(&from[0]) {
            Some(_) if rim.contains(&from[0].as_str()) => {}
            Some(column) if named == *column => {}
            Some(column) => faults.push(format!("`{}` names {named:?}, its row says {column:?}", from[0])),
            None => faults.push(format!("`{}` has no row", from[0])),
        }
    }
    assert!(faults.is_empty(), "docs/architecture.md, `## The modules`:\n{}", faults.join("\n"));
}

#[test]
fn every_decision_that_a_comment_names_exists() {
    let anchors: BTreeSet<String> = read("docs/decisions.md")
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|heading| {
            let kept = heading.to_lowercase().replace(' ', "-");
            kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
        })
        .collect();
    let named = sources().into_iter().flat_map(|source| {
        let pieces: Vec<String> = source.text.split("decisions.md#").skip(1).map(str::to_owned).collect();
        pieces.into_iter().map(move |piece| (source.path.clone(), piece))
    });
    let mut count = 0;
    for (path, piece) in named {
        let anchor: String = piece.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
        assert!(
            anchors.contains(&anchor),
            "{path} names the decision `{anchor}`, which docs/decisions.md has not"
        );
        count += 1;
    }
    assert!(count > 0, "comments name decisions");
}

#[test]
fn every_dependency_has_its_reason() {
    let document = read("docs/dependencies.md");
    for package in packages() {
        let manifest = format!("{package}Cargo.toml");
        let declared = dependencies(&read(&manifest));
        let explained = table_keys(&document, &format!("## `{manifest}`"));
        let missing: Vec<_> = declared.difference(&explained).collect();
        assert!(
            missing.is_empty(),
            "say in docs/dependencies.md, under `{manifest}`, why {missing:?} is there"
        );
        let gone: Vec<_> = explained.difference(&declared).collect();
        assert!(gone.is_empty(), "docs/dependencies.md explains {gone:?}, which {manifest} no longer names");
    }
}

/// A file that two programs of tests compile belongs to `tests/support`.
#[test]
fn no_file_is_brought_in_by_its_path() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "standin"] {
        files_below(&root().join(folder), &mut files);
    }
    let by_path = |file: &PathBuf| read(file).lines().any(|line| line.trim_start().starts_with("#[path"));
    let found: Vec<PathBuf> = files.into_iter().filter(by_path).collect();
    assert!(found.is_empty(), "modules are found by their names: {found:?}");
}

#[test]
fn dependencies_are_found_in_every_form() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\n# b = 1\nc = \"1\"\nd.workspace = true\n\
                    [dev-dependencies.e]\npath = \"e\"\n[target.'cfg(unix)'.dependencies]\nf-g = { version = \"1\" }\n\
                    [profile.dev]\ndebug = false\n";
    assert_eq!(dependencies(manifest).into_iter().collect::<Vec<_>>(), ["c", "d", "e", "f-g"]);
}

#[test]
fn keys_are_read_from_the_tables_of_one_section() {
    let document =
        "## A\n| `x` | y |\n## B\n| name | why |\n|---|---|\n| `b-c` | d `e` |\ntext `f`\n## C\n| `g` | |\n";
    assert_eq!(table_keys(document, "## B").into_iter().collect::<Vec<_>>(), ["b-c"]);
}
