//! The files that form a prompt's text, and whether they are the same in two trees.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::catalog::{NamedFile, unusable_file};
use crate::document::read_text;
use crate::problem::{Mark, Problem, Problems};
use crate::prompt::{Engine, Prompt, TextSource};
use crate::snapshot::{Snapshot, TemplateText};
use crate::template::{Allowance, Parts, include_names};
use crate::tree::{Tree, directory};

/// Files that include each other in a row.
const LONGEST_CHAIN: usize = 50;

/// A prompt's message texts and all parts they include, read from a snapshot's tree.
///
/// Problems (a missing file, text that is not UTF-8, an include cycle, a name that leaves the
/// repository) are collected; `None` when there was one.
pub fn texts_of(
    snapshot: &Snapshot<'_>,
    prompt: &Prompt,
    problems: &mut Problems,
) -> Option<(Vec<TemplateText>, Parts)> {
    let mut reader = Reader {
        tree: snapshot.tree,
        allowance: snapshot.allowance(),
        prompt,
        parts: Parts::new(),
        written: 0,
        problems,
        failed: false,
    };
    let mut texts = Vec::new();
    for message in &prompt.messages {
        let (path, text) = match &message.text {
            TextSource::Inline(text) => {
                (prompt.catalog.clone(), reader.taken(&prompt.catalog, text).map(|()| text.clone()))
            }
            TextSource::File(path) => (path.clone(), reader.file(path, message.mark)),
        };
        let Some(text) = text else { continue };
        let text = TemplateText {
            speaker: message.speaker,
            path,
            mark: message.mark,
            text,
            first_line: message.first_line,
        };
        if prompt.engine == Engine::Jinja {
            reader.collect(&text, &mut vec![text.path.clone()]);
        }
        texts.push(text);
    }
    let failed = reader.failed;
    let parts = reader.parts;
    (!failed).then_some((texts, parts))
}

struct Reader<'a> {
    tree: &'a dyn Tree,
    allowance: Rc<Allowance>,
    prompt: &'a Prompt,
    parts: Parts,
    /// Bytes read so far.
    written: usize,
    problems: &'a mut Problems,
    failed: bool,
}

impl Reader<'_> {
    fn fail(&mut self, problem: Problem) {
        self.failed = true;
        self.problems.push(problem);
    }

    /// The text of a file that the catalog names.
    fn file(&mut self, path: &str, mark: Mark) -> Option<String> {
        let error = match self.tree.read(path) {
            Ok(Some(bytes)) => return self.text(path, &bytes),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        // The same text as in the catalog's reader, so that it is reported once.
        let file = NamedFile { path, role: "file", mark };
        self.fail(unusable_file(self.tree, self.prompt, &file, error.as_ref()));
        None
    }

    /// The text of a file that another one includes in a line.
    fn part(&mut self, path: &str, from: &TemplateText, line: u32) -> Option<String> {
        let problem = match self.tree.read(path) {
            Ok(Some(bytes)) => return self.text(path, &bytes),
            Ok(None) => Problem::error(format!(
                "the prompt `{}` includes `{path}`, which does not exist",
                self.prompt.id
            ))
            .help("create the file or correct the name; paths count from the catalog's directory"),
            Err(error) => Problem::error(error.to_string()).help(error.help()),
        };
        self.fail(from.place(problem, &self.prompt.catalog, line));
        None
    }

    fn text(&mut self, path: &str, bytes: &[u8]) -> Option<String> {
        let source = read_text(path, bytes).map_err(|problem| self.fail(problem)).ok()?;
        self.taken(path, &source.text)?;
        Some(source.text)
    }

    /// Counts a text for the allowance.
    fn taken(&mut self, path: &str, text: &str) -> Option<()> {
        let taken = self.allowance.take_written(text, self.written, path);
        self.written += text.len();
        taken
            .map_err(|error| {
                let help = "shorten the text or what it includes (docs/limits.md)";
                let message = format!("the prompt `{}`: {}", self.prompt.id, error.message);
                self.fail(Problem::error(message).path(path).help(help));
            })
            .ok()
    }

    /// Reads the includes of a template, recursively.
    fn collect(&mut self, from: &TemplateText, chain: &mut Vec<String>) {
        let catalog = &self.prompt.catalog;
        for name in include_names(directory(catalog), &from.path, &from.text) {
            let name = match name {
                Ok(name) => name,
                Err(error) => {
                    let line = u32::try_from(error.line.unwrap_or(0)).unwrap_or(0);
                    let problem = Problem::error(error.message).help("name a file inside the repository");
                    self.fail(from.place(problem, catalog, line));
                    continue;
                }
            };
            let is_in_chain = chain.contains(&name);
            if !is_in_chain && self.parts.contains_key(&name) {
                continue;
            }
            let last = name.rsplit('/').next().unwrap_or(&name);
            let line = from.text.lines().position(|line| line.contains(last)).map_or(0, |at| at as u32 + 1);
            if chain.len() >= LONGEST_CHAIN {
                let message = format!("more than {LONGEST_CHAIN} files include each other in a row");
                let problem = Problem::error(message).help("write some of them into one file");
                self.fail(from.place(problem, catalog, line));
                return;
            }
            if is_in_chain {
                let cycle = format!("{} → {name}", chain.join(" → "));
                let problem =
                    Problem::error(format!("an include cycle: {cycle}")).help("remove one of these includes");
                self.fail(from.place(problem, catalog, line));
                return;
            }
            let Some(part) = self.part(&name, from, line) else { continue };
            self.parts.insert(name.clone(), part.clone());
            let part = TemplateText {
                speaker: from.speaker,
                path: name.clone(),
                mark: Mark::default(),
                text: part,
                first_line: 0,
            };
            chain.push(name);
            self.collect(&part, chain);
            chain.pop();
        }
    }
}

/// Compares files of two trees, and remembers the results.
pub struct Unchanged<'a> {
    base: &'a dyn Tree,
    head: &'a dyn Tree,
    files: BTreeMap<String, bool>,
    with_parts: BTreeMap<(String, String), bool>,
}

impl<'a> Unchanged<'a> {
    /// For two trees of the same kind of repository.
    pub fn new(base: &'a dyn Tree, head: &'a dyn Tree) -> Self {
        Self { base, head, files: BTreeMap::new(), with_parts: BTreeMap::new() }
    }

    /// Whether a file is the same, or absent on both sides. An unreadable file counts as changed,
    /// so that the next reader reports the reason.
    pub fn file(&mut self, path: &str) -> bool {
        if let Some(known) = self.files.get(path) {
            return *known;
        }
        let same = match (self.base.blob(path), self.head.blob(path)) {
            (Ok(base), Ok(head)) => base == head,
            _ => false,
        };
        self.files.insert(path.to_owned(), same);
        same
    }

    /// Whether everything a prompt's texts are made of is the same; the declarations themselves
    /// are compared by the caller.
    pub fn texts(&mut self, prompt: &Prompt) -> bool {
        let root = directory(&prompt.catalog);
        prompt.messages.iter().all(|message| match &message.text {
            TextSource::Inline(text) => {
                prompt.engine != Engine::Jinja
                    || self.includes(root, &prompt.catalog, text, &mut BTreeSet::new())
            }
            TextSource::File(path) if prompt.engine != Engine::Jinja => self.file(path),
            TextSource::File(path) => self.part(root, path, &mut BTreeSet::new()),
        })
    }

    fn part(&mut self, root: &str, path: &str, visiting: &mut BTreeSet<String>) -> bool {
        let key = (root.to_owned(), path.to_owned());
        if let Some(known) = self.with_parts.get(&key) {
            return *known;
        }
        if visiting.len() > LONGEST_CHAIN {
            return false;
        }
        if !visiting.insert(path.to_owned()) {
            return true;
        }
        let same = self.file(path)
            && match self.head.read(path) {
                Ok(Some(bytes)) => self.includes(root, path, &String::from_utf8_lossy(&bytes), visiting),
                Ok(None) => true,
                Err(_) => false,
            };
        visiting.remove(path);
        self.with_parts.insert(key, same);
        same
    }

    fn includes(&mut self, root: &str, path: &str, text: &str, visiting: &mut BTreeSet<String>) -> bool {
        if !text.contains("{%") {
            return true;
        }
        include_names(root, path, text).into_iter().all(|name| match name {
            Ok(name) => self.part(root, &name, visiting),
            Err(_) => false,
        })
    }
}
