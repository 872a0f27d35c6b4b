//! promptfoo's configurations: `prompts` become entries of a catalog, `tests` and `defaultTest` cases with checks.
//!
//! What would be missed if it were dropped (an assertion without a counterpart, a test in code) is in `left`; what
//! only tells promptfoo how to run (`providers`, `outputPath`) is in `unread`.

mod assertion;
mod cases;
pub mod names;
mod prompts;
mod table;

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
    /// What has no counterpart and would be missed, each with its place.
    pub left: Vec<Problem>,
    /// The keys that are not needed here, with their places.
    pub unread: Vec<(String, Mark)>,
}

impl<'a> Reader<'a> {
    /// A reader of a configuration; files that it names are read from the tree.
    pub fn new(source: &'a Source, root: &'a Node, tree: &'a dyn Tree, follows: bool) -> Self {
        Self { source, root, tree, follows, left: Vec::new(), unread: Vec::new() }
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
