//! `tests` and `defaultTest` of a configuration as cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Allowance, Datum, Format, Key, Node, Source, parse_line, parse_source};
use crate::problem::{Mark, Problem, nearest};
use crate::tree::{directory, resolve};

use super::super::{Cases, items, made, places};
use super::assertion::Assertions;
use super::prompts::text_of;
use super::{Reader, slug, table_rows};

/// Keys of a test that are read, and those that only promptfoo needs.
const READ: [&str; 3] = ["vars", "assert", "description"];
const UNREAD: [&str; 3] = ["metadata", "provider", "providers"];

/// Keys of a test that change what it demands.
const LEFT: [(&str, &str); 4] = [
    ("threshold", "a test here passes if all its checks hold; a prompt with `score: mean` is graded"),
    ("options", "write what it changes into the prompt or the checks"),
    ("prompts", "all cases of a golden set are run with every prompt that names it: split the set"),
    ("assertScoringFunction", "code is never run"),
];

/// Cases that lists of values may make of one test.
const MOST_COMBINATIONS: usize = 1_000;

/// A test, and the file that it is in.
struct Test {
    source: Source,
    node: Node,
}

/// What `defaultTest` gives to all tests.
#[derive(Default)]
struct Defaults {
    variables: Vec<(Key, Node)>,
    /// Assertions with places for values.
    differing: Vec<Node>,
    checks: Vec<Node>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Cases> {
    let root = reader.root;
    let tests = tests(reader, &root.entry("tests")?.1.clone());
    let defaults = defaults(reader);
    let mut ids = BTreeSet::new();
    let mut rows = Vec::new();
    for test in &tests {
        rows.extend(cases(reader, test, &defaults, &mut ids));
        if reader.is_full {
            break;
        }
    }
    let mut entries = vec![("checks", made::list(root.mark, defaults.checks))];
    if !defaults.variables.is_empty() {
        entries.push(("vars", Node { mark: root.mark, datum: Datum::Map(defaults.variables) }));
    }
    Some(Cases { defaults: made::map(root.mark, entries), rows })
}

/// All tests: those that are written here, and those of files.
fn tests(reader: &mut Reader<'_>, node: &Node) -> Vec<Test> {
    let nodes = match &node.datum {
        Datum::List(items) => items.clone(),
        Datum::Text(_) | Datum::Map(_) => vec![node.clone()],
        _ => {
            let message = format!("`tests` of promptfoo is a list, found {}", node.kind());
            reader.leave::<()>(node.mark, message, "write - vars: {…} with `assert`");
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for node in nodes {
        let path = match &node.datum {
            Datum::Text(path) => Some(path.clone()),
            Datum::Map(_) => match node.entry("path").map(|(_, node)| &node.datum) {
                Some(Datum::Text(path)) => Some(path.clone()),
                _ => None,
            },
            _ => None,
        };
        match path {
            Some(path) => found.extend(of_file(reader, node.mark, path.trim_start_matches("file://"))),
            None => found.push(Test { source: reader.source.clone(), node }),
        }
    }
    found
}

fn of_file(reader: &mut Reader<'_>, mark: Mark, path: &str) -> Vec<Test> {
    read_file(reader, mark, path).unwrap_or_default()
}

fn read_file(reader: &mut Reader<'_>, mark: Mark, path: &str) -> Option<Vec<Test>> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if !["yaml", "yml", "json", "jsonl", "csv"].contains(&ending) {
        let help =
            "code is never run, and services are not asked: write the tests to a YAML, JSONL or CSV file";
        return reader.leave(mark, format!("the tests of `{path}` are not read"), help);
    }
    if !reader.follows {
        let help = "write a golden set: `prompt-assay import promptfoo FILE` makes one of all of them";
        return reader.leave(mark, format!("tests in another file, `{path}`, are not read in place"), help);
    }
    let full = match resolve(directory(&reader.source.path), path) {
        Ok(full) => full,
        Err(error) => return reader.leave(mark, error.to_string(), error.help()),
    };
    let source = text_of(reader, mark, &full)?;
    let nodes = match ending {
        "csv" => table_rows(&source, &mut reader.left),
        "jsonl" => {
            let allowance = Allowance::default();
            let lines = source.text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let parsed = lines.map(|(line, number)| parse_line(&source, line, number, &allowance));
            parsed.filter_map(|node| node.map_err(|problem| reader.left.push(problem)).ok()).collect()
        }
        _ => {
            let format = Format::of_path(&full)?;
            match parse_source(source.clone(), format) {
                Ok(document) => items(Some(&document.root)).to_vec(),
                Err(problem) => {
                    reader.left.push(problem);
                    Vec::new()
                }
            }
        }
    };
    Some(nodes.into_iter().map(|node| Test { source: source.clone(), node }).collect())
}

fn defaults(reader: &mut Reader<'_>) -> Defaults {
    let root = reader.root;
    let Some((key, node)) = root.entry("defaultTest") else { return Defaults::default() };
    if !matches!(node.datum, Datum::Map(_)) {
        reader.leave::<()>(
            key.mark,
            "`defaultTest` in another file is not read",
            "write it into the configuration",
        );
        return Defaults::default();
    }
    let source = reader.source.clone();
    keys(reader, &source, node);
    let variables = match node.entry("vars").map(|(_, vars)| &vars.datum) {
        Some(Datum::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    let asserted = items(node.entry("assert").map(|(_, node)| node)).iter().cloned();
    let (differing, same): (Vec<Node>, Vec<Node>) = asserted.partition(has_places);
    let checks = checks(reader, &source, &same, &BTreeMap::new());
    Defaults { variables, differing, checks }
}

/// Whether an assertion has a place for a value of the test.
fn has_places(node: &Node) -> bool {
    match &node.datum {
        Datum::Text(text) => !places::names(text).is_empty(),
        Datum::List(items) => items.iter().any(has_places),
        Datum::Map(entries) => entries.iter().any(|(_, node)| has_places(node)),
        _ => false,
    }
}

fn checks(
    reader: &mut Reader<'_>,
    source: &Source,
    nodes: &[Node],
    values: &BTreeMap<String, String>,
) -> Vec<Node> {
    let mut assertions = Assertions { source, values, left: &mut reader.left, made: &mut reader.made };
    nodes.iter().filter_map(|node| assertions.check(node)).collect()
}

/// Reports the keys of a test that are not read.
fn keys(reader: &mut Reader<'_>, source: &Source, node: &Node) {
    let Datum::Map(entries) = &node.datum else { return };
    for (key, _) in entries {
        let name = key.text.as_str();
        if UNREAD.contains(&name) {
            reader.unread.push((format!("{name} of tests"), key.mark));
        } else if !READ.contains(&name) {
            let problem = match LEFT.iter().find(|(left, _)| *left == name) {
                Some((_, help)) => {
                    source.error(key.mark, format!("`{name}` of a test has no counterpart")).help(*help)
                }
                None => unknown(source, key),
            };
            reader.left.push(problem);
        }
    }
}

fn unknown(source: &Source, key: &Key) -> Problem {
    let known: Vec<&str> = READ.iter().chain(&UNREAD).copied().collect();
    let problem = source.error(key.mark, format!("unknown key `{}` in a test of promptfoo", key.text));
    match nearest(&key.text, &known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("take it out, if promptfoo does not need it"),
    }
}

/// The cases of a test: one, or one for every combination of the values in lists.
fn cases(reader: &mut Reader<'_>, test: &Test, defaults: &Defaults, ids: &mut BTreeSet<String>) -> Vec<Node> {
    let (source, node) = (&test.source, &test.node);
    if !matches!(node.datum, Datum::Map(_)) {
        let problem =
            source.error(node.mark, format!("a test of promptfoo is a mapping, found {}", node.kind()));
        reader.left.push(problem.help("write vars: {…} with `assert`"));
        return Vec::new();
    }
    keys(reader, source, node);
    let own = match node.entry("vars").map(|(_, vars)| (&vars.datum, vars.mark)) {
        Some((Datum::Map(entries), _)) => entries.as_slice(),
        Some((_, mark)) => {
            let problem = source.error(mark, "`vars` of a test is not a mapping");
            reader.left.push(problem.help("write vars: {name: value}"));
            return Vec::new();
        }
        None => &[],
    };
    let Some(combinations) = combinations(own) else {
        let message = format!("the lists in `vars` make more than {MOST_COMBINATIONS} cases");
        reader.left.push(source.error(node.mark, message).help("write the cases that matter"));
        return Vec::new();
    };
    let asserted: Vec<Node> = items(node.entry("assert").map(|(_, node)| node)).to_vec();
    let title = match node.entry("description").map(|(_, node)| &node.datum) {
        Some(Datum::Text(text)) => slug(text),
        _ => String::new(),
    };
    let mut found = Vec::new();
    for variables in combinations {
        let before = reader.left.len();
        if let Some(file) = variables.iter().find(|(_, node)| is_file(node)) {
            let problem =
                source.error(file.1.mark, format!("the variable `{}` is in another file", file.0.text));
            reader.left.push(problem.help("write its text here"));
            continue;
        }
        // The test's own values come last, and win.
        let values = defaults.variables.iter().chain(&variables);
        let values: BTreeMap<String, String> =
            values.filter_map(|(key, node)| Some((key.text.clone(), made::printed(source, node)?))).collect();
        let mut checks = checks(reader, source, &asserted, &values);
        let config = reader.source.clone();
        checks.extend(self::checks(reader, &config, &defaults.differing, &values));
        reader.tell_once(before);
        if checks.is_empty() && defaults.checks.is_empty() {
            let message = "no assertion of the test has a counterpart: nothing could fail";
            reader.left.push(source.error(node.mark, message).help("give it a check that has one"));
            continue;
        }
        if variables.is_empty() && defaults.variables.is_empty() {
            let message = "a test without `vars` gives the prompt nothing";
            reader.left.push(source.error(node.mark, message).help("add `vars`"));
            continue;
        }
        let mut case = Vec::new();
        if let Some(id) = free(&title, ids) {
            case.push(("id", made::text(node.mark, id)));
        }
        if !variables.is_empty() {
            case.push(("vars", Node { mark: node.mark, datum: Datum::Map(variables) }));
        }
        if !checks.is_empty() {
            case.push(("checks", made::list(node.mark, checks)));
        }
        let case = made::map(node.mark, case);
        if !reader.made.take(&case) {
            if !reader.is_full {
                let message =
                    "the tests, with every combination of their values and all assertions, take too much";
                reader.left.push(source.error(node.mark, message).help("write fewer of them"));
            }
            reader.is_full = true;
            break;
        }
        found.push(case);
    }
    found
}

fn is_file(node: &Node) -> bool {
    matches!(&node.datum, Datum::Text(text) if text.starts_with("file://"))
}

/// The title as an id that no other case has.
fn free(title: &str, ids: &mut BTreeSet<String>) -> Option<String> {
    if title.is_empty() {
        return None;
    }
    let numbered = (2..).map(|number| format!("{title}-{number}"));
    let id = std::iter::once(title.to_owned()).chain(numbered).find(|id| !ids.contains(id))?;
    ids.insert(id.clone());
    Some(id)
}

/// Every combination of the values in lists.
fn combinations(variables: &[(Key, Node)]) -> Option<Vec<Vec<(Key, Node)>>> {
    let mut all: Vec<Vec<(Key, Node)>> = vec![Vec::new()];
    for (key, node) in variables {
        let choices: Vec<&Node> = match &node.datum {
            Datum::List(items) if items.iter().all(|item| matches!(item.datum, Datum::Text(_))) => {
                items.iter().collect()
            }
            _ => vec![node],
        };
        if all.len() * choices.len() > MOST_COMBINATIONS {
            return None;
        }
        let with = |before: &Vec<(Key, Node)>, choice: &Node| {
            let mut variables = before.clone();
            variables.push((key.clone(), choice.clone()));
            variables
        };
        all = all.iter().flat_map(|before| choices.iter().map(move |choice| with(before, choice))).collect();
    }
    Some(all)
}
