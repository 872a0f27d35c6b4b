//! promptfoo's configurations: `prompts` become entries of a catalog, `tests` and `defaultTest` cases with checks.
//!
//! What would be missed if it were dropped (an assertion without a counterpart, a test in code) is in `left`; what
//! only tells promptfoo how to run (`providers`, `outputPath`) is in `unread`.

mod assertion;
mod cases;
pub mod names;
mod prompts;
mod table;

use std::collections::BTreeSet;

use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problem, nearest};
use crate::tree::Tree;

pub(super) use table::rows as table_rows;

/// Keys that make a mapping with `prompts` a configuration of promptfoo.
const SIGNS: [&str; 7] =
    ["tests", "providers", "targets", "defaultTest", "scenarios", "evaluateOptions", "redteam"];

/// Keys that are read.
const READ: [&str; 3] = ["prompts", "tests", "defaultTest"];

/// Keys that change what is tested, and why they are not read.
const LEFT: [(&str, &str); 5] = [
    ("scenarios", "write their tests under `tests`"),
    ("nunjucksFilters", "code is never run: templates have the filters of Jinja"),
    ("extensions", "code is never run"),
    ("redteam", "attacks are no golden set: write those that matter as cases"),
    ("derivedMetrics", "a report here has its own numbers"),
];

/// Keys that only say how promptfoo runs.
const UNREAD: [&str; 13] = [
    "description",
    "providers",
    "targets",
    "evaluateOptions",
    "commandLineOptions",
    "outputPath",
    "sharing",
    "env",
    "tags",
    "metadata",
    "writeLatestResults",
    "$schema",
    "version",
];

/// Bytes of the files that a configuration names, together.
const MOST_BYTES: usize = 32 << 20;

/// Whether a document is a configuration of promptfoo.
pub(super) fn is_config(root: &Node) -> bool {
    let Datum::Map(entries) = &root.datum else { return false };
    let has = |name: &str| entries.iter().any(|(key, _)| key.text == name);
    has("prompts") && SIGNS.iter().any(|sign| has(sign))
}

/// A configuration that is being read.
pub struct Reader<'a> {
    source: &'a Source,
    root: &'a Node,
    tree: &'a dyn Tree,
    /// Whether tests may be in other files: their places are then in those.
    follows: bool,
    /// Bytes of other files that may still be read.
    room: usize,
    /// What its cases may still take.
    made: super::made::Allowance,
    /// Whether they took more.
    is_full: bool,
    /// What was reported: the same for every combination of values, and for every test of `defaultTest`.
    told: BTreeSet<String>,
    /// What has no counterpart and would be missed, each with its place.
    pub left: Vec<Problem>,
    /// The keys that are not needed here, with their places.
    pub unread: Vec<(String, Mark)>,
}

impl<'a> Reader<'a> {
    /// A reader of a configuration; files that it names are read from the tree.
    pub fn new(source: &'a Source, root: &'a Node, tree: &'a dyn Tree, follows: bool) -> Self {
        Self {
            source,
            root,
            tree,
            follows,
            room: MOST_BYTES,
            made: Default::default(),
            is_full: false,
            told: BTreeSet::new(),
            left: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// The prompts, as entries of a catalog in the configuration's directory.
    pub fn prompts(&mut self) -> Vec<(Key, Node)> {
        self.keys();
        prompts::read(self)
    }

    /// The tests, as parts of a golden set; `None`: there are none.
    pub fn cases(&mut self) -> Option<super::Cases> {
        cases::read(self)
    }

    fn keys(&mut self) {
        let Datum::Map(entries) = &self.root.datum else { return };
        for (key, _) in entries.iter().filter(|(key, _)| !READ.contains(&key.text.as_str())) {
            if key.text.starts_with("x-") {
                continue;
            }
            if UNREAD.contains(&key.text.as_str()) {
                self.unread.push((key.text.clone(), key.mark));
                continue;
            }
            let (message, help) = match LEFT.iter().find(|(name, _)| *name == key.text) {
                Some((name, help)) => {
                    (format!("`{name}` of promptfoo has no counterpart"), (*help).to_owned())
                }
                None => {
                    let known: Vec<&str> = READ.iter().chain(&UNREAD).copied().collect();
                    let help = nearest(&key.text, &known).map(|near| format!("did you mean `{near}`?"));
                    let help =
                        help.unwrap_or_else(|| "take it out, if promptfoo does not need it".to_owned());
                    (format!("unknown key `{}` in a configuration of promptfoo", key.text), help)
                }
            };
            self.left.push(self.source.error(key.mark, message).help(help));
        }
    }

    /// Keeps what is new in `left` from a position on.
    fn tell_once(&mut self, from: usize) {
        for problem in self.left.split_off(from.min(self.left.len())) {
            if self.told.insert(problem.to_string()) {
                self.left.push(problem);
            }
        }
    }

    fn leave<T>(&mut self, mark: Mark, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.left.push(self.source.error(mark, message).help(help));
        None
    }
}

/// A name made of a title or a path: letters, digits, `-`, `_` and `.`.
fn slug(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut slug = String::new();
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || c == '_' => slug.extend(c.to_lowercase()),
            '.' if !slug.is_empty() => slug.push('.'),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
        if slug.chars().count() >= LONGEST {
            break;
        }
    }
    slug.trim_end_matches(['-', '.']).to_owned()
}
