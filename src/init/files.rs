//! The proposal: which files would be new or other, and what to know about them.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::document::{Format, parse};
use crate::import::promptfoo::{self, Places};
use crate::problem::{Problem, Problems};
use crate::prompt::{Prompt, Speaker, TextSource};
use crate::snapshot::Snapshot;
use crate::store::location::{self, Location};
use crate::template::{Parts, Place, Template};
use crate::tree::{Tree, TreeError};

use super::found::{Candidate, Found};
use super::overlay::Overlay;
use super::{rules, texts};

const CONFIG: &str = "prompt-assay.yaml";
const CATALOG: &str = "prompts.yaml";
const WORKFLOW: &str = ".github/workflows/prompt-assay.yml";
const IGNORED: &str = ".gitignore";
/// The directory of the store.
const STORE: &str = ".prompt-assay/";
/// Beside the store: what answers in place of a model is for this machine.
const RULES: &str = ".prompt-assay/rules.yaml";

/// A file that would be new or other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path from the repository's root.
    pub path: String,
    /// Its text now, if it exists.
    pub before: Option<String>,
    /// Its text then.
    pub after: String,
}

impl Change {
    /// The change as a diff.
    pub fn diff(&self) -> String {
        let old = if self.before.is_some() { &self.path } else { "/dev/null" };
        TextDiff::from_lines(self.before.as_deref().unwrap_or_default(), &self.after)
            .unified_diff()
            .context_radius(2)
            .header(old, &self.path)
            .to_string()
    }
}

/// What would be written, and what to know.
#[derive(Debug, Default)]
pub struct Proposal {
    /// The files, by path.
    pub changes: Vec<Change>,
    /// What was found and what follows from it, in sentences.
    pub said: Vec<String>,
    /// What to do when the files are written: commands, each on its line, and what they do.
    pub next: String,
}

/// Why a file that exists cannot be read: it is never written over.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{0}")]
    Unread(TreeError),
    #[error("`{0}` is not UTF-8 text")]
    NotText(String),
}

/// The state of a proposal.
struct Draft<'t> {
    tree: &'t dyn Tree,
    files: BTreeMap<String, String>,
    said: Vec<String>,
}

/// Proposes what a repository lacks.
///
/// # Errors
/// What is wrong in the files that it has.
pub fn propose(tree: &dyn Tree, found: &Found, region: &str) -> Result<Proposal, Problems> {
    let mut draft = Draft { tree, files: BTreeMap::new(), said: Vec::new() };
    let has_config = crate::config::find(tree, "")?.is_some();
    let mut problems = Problems::new();
    let now = Snapshot::read(tree, None, &mut problems);
    if now.fault.is_some() {
        return Err(problems);
    }
    let known: Vec<Prompt> = now.prompts.clone();
    let mut catalogs = draft.of_tools(found);
    draft.literals(found, &known);
    let own = draft.files.contains_key(CATALOG) || tree.blob(CATALOG).is_ok_and(|blob| blob.is_some());
    if own && !catalogs.is_empty() {
        catalogs.insert(0, CATALOG.to_owned());
    }
    if has_config {
        draft.missing_catalogs(found, &now);
    } else if own || !catalogs.is_empty() {
        draft.add(CONFIG, texts::config(&catalogs, region));
    }
    if !own && catalogs.is_empty() && known.is_empty() {
        draft.said.push(
            "no catalog, .prompt.yml, configuration of promptfoo or prompt in Python, TypeScript, JavaScript or Rust was \
             found: write prompts.yaml (docs/configuration.md), and run this again"
                .to_owned(),
        );
        return Ok(Proposal { said: draft.said, ..Proposal::default() });
    }
    let has_starters = draft.golden();
    if !found.has_workflow && draft.add(WORKFLOW, texts::workflow(region)) {
        draft.said.push(format!(
            "`{WORKFLOW}` takes the role in the repository's variable PROMPT_ASSAY_ROLE: docs/aws.md makes it"
        ));
    }
    draft.ignored();
    draft.rules();
    let reserved = Location::of_database(&now.config.database).reserved();
    let committed = location::committed(tree, &reserved)
        .map_err(|error| Problem::error(error.to_string()).help(error.help()))?;
    Ok(draft.finish(committed.as_ref(), has_starters))
}

impl Draft<'_> {
    /// The text at a path, with what is proposed; `None` if there is nothing.
    fn existing(&self, path: &str) -> Result<Option<String>, Unusable> {
        if let Some(text) = self.files.get(path) {
            return Ok(Some(text.clone()));
        }
        let bytes = self.tree.read(path).map_err(Unusable::Unread)?;
        let text = |bytes| String::from_utf8(bytes).map_err(|_| Unusable::NotText(path.to_owned()));
        bytes.map(text).transpose()
    }

    /// The text at a path, if there is one.
    fn text(&self, path: &str) -> Option<String> {
        self.existing(path).ok().flatten()
    }

    /// Proposes a file where there is none; what is there stays. Returns whether the file is proposed.
    fn add(&mut self, path: &str, text: String) -> bool {
        let stays = match self.existing(path) {
            Ok(None) => {
                self.files.insert(path.to_owned(), text);
                return true;
            }
            Ok(Some(_)) => format!("`{path}` exists"),
            Err(unusable) => unusable.to_string(),
        };
        self.said.push(format!("{stays}: it stays as it is; move it away and run this again for a new one"));
        false
    }

    /// The catalogs of other tools that are read in place; what cannot be is imported.
    fn of_tools(&mut self, found: &Found) -> Vec<String> {
        let mut catalogs = Vec::new();
        for ending in [".prompt.yml", ".prompt.yaml"] {
            let count = found.prompt_yml.iter().filter(|path| path.ends_with(ending)).count();
            if count > 0 {
                let files = if count == 1 { "file is" } else { "files are" };
                self.said.push(format!("{count} {ending} {files} read in place"));
                catalogs.push(format!("**/*{ending}"));
            }
        }
        for path in &found.promptfoo {
            match self.promptfoo(path) {
                Ok(catalog) => catalogs.push(catalog),
                Err(problems) => self.said.push(format!("`{path}` cannot be used:\n{problems}")),
            }
        }
        catalogs
    }

    fn promptfoo(&mut self, path: &str) -> Result<String, Problems> {
        let config = crate::config::Config { catalogs: vec![path.to_owned()], ..Default::default() };
        let mut problems = Problems::new();
        let catalogs = crate::catalog::read(self.tree, &config, &mut problems);
        for golden in
            catalogs.prompts.iter().filter_map(|prompt| prompt.golden.as_deref()).collect::<BTreeSet<_>>()
        {
            crate::golden::read(self.tree, golden, &mut BTreeSet::new(), &mut problems);
        }
        if !problems.has_errors() {
            self.said.push(format!("`{path}` of promptfoo is read in place"));
            return Ok(path.to_owned());
        }
        let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or("promptfoo");
        let places =
            Places { catalog: format!("prompts/{stem}.yaml"), golden: format!("golden/{stem}.yaml") };
        if self.text(&places.catalog).is_some() {
            self.said.push(format!("`{path}` of promptfoo was imported to `{}` before", places.catalog));
            return Ok(places.catalog);
        }
        let bytes = self.text(path).unwrap_or_default();
        let format = Format::of_path(path).unwrap_or(Format::Yaml);
        let document = parse(path, bytes.as_bytes(), format).map_err(Problems::from)?;
        let imported = promptfoo::import(&document, self.tree, &places)?;
        for (path, text) in imported.files {
            self.add(&path, text);
        }
        let left: Vec<&Problem> = imported.left.iter().filter(|problem| problem.is_error()).collect();
        self.said.push(format!("`{path}` of promptfoo is imported: {}", imported.said.join("; ")));
        if !left.is_empty() {
            let listed: Vec<String> = left.iter().map(|problem| problem.to_string()).collect();
            self.said.push(format!("of it, this has no counterpart and is left out:\n{}", listed.join("\n")));
        }
        Ok(places.catalog)
    }

    /// The prompts in code that no catalog has yet.
    fn literals(&mut self, found: &Found, known: &[Prompt]) {
        let texts: BTreeSet<&str> = known
            .iter()
            .flat_map(|prompt| &prompt.messages)
            .filter_map(|message| match &message.text {
                TextSource::Inline(text) => Some(text.trim()),
                TextSource::File(_) => None,
            })
            .collect();
        let has_id = |candidate: &Candidate| known.iter().any(|prompt| prompt.id == candidate.id);
        let mut new = Vec::new();
        for candidate in &found.literals {
            let place = format!("{}:{}", candidate.path, candidate.line);
            if texts.contains(candidate.text.trim()) {
                continue;
            }
            if has_id(candidate) {
                self.said.push(format!(
                    "{place} differs from the prompt `{}` in the catalog; which one counts?",
                    candidate.id
                ));
                continue;
            }
            new.push(candidate);
        }
        if new.is_empty() {
            return;
        }
        let before = match self.existing(CATALOG) {
            Ok(before) => before,
            Err(unusable) => {
                self.said.push(format!("{unusable}: no prompt is added to it"));
                return;
            }
        };
        let mut after = before.clone().unwrap_or_else(|| {
            texts::schema("catalog") + "# Written by `prompt-assay init`: docs/configuration.md\n"
        });
        if !after.ends_with('\n') {
            after.push('\n');
        }
        for candidate in &new {
            after.push_str(&texts::entry(candidate));
        }
        if !self.is_read(&after, &new) {
            self.said.push(format!(
                "`{CATALOG}` has a form that no entry can be added to; add these prompts yourself"
            ));
            return;
        }
        for candidate in new {
            self.tell(candidate);
        }
        self.files.insert(CATALOG.to_owned(), after);
    }

    /// Whether the catalog with new entries is read with all of them.
    fn is_read(&self, catalog: &str, new: &[&Candidate]) -> bool {
        let mut problems = Problems::new();
        let engine = crate::prompt::Engine::Jinja;
        let read = crate::catalog::read_one(self.tree, (CATALOG, catalog.as_bytes()), engine, &mut problems);
        !problems.has_errors() && new.iter().all(|one| read.iter().any(|prompt| prompt.id == one.id))
    }

    fn tell(&mut self, candidate: &Candidate) {
        let Candidate { id, path, line, explained, .. } = candidate;
        let reading = texts::reading(candidate);
        self.said.push(format!(
            "{path}:{line} becomes the prompt `{id}`; the application reads it with {reading}"
        ));
        for (name, expression) in explained {
            self.said.push(format!("  its variable `{name}` is `{expression}` there"));
        }
    }

    /// Tells of files that the configuration does not name.
    fn missing_catalogs(&mut self, found: &Found, now: &Snapshot<'_>) {
        let located: BTreeSet<String> =
            crate::catalog::locate(self.tree, &now.config).unwrap_or_default().into_iter().collect();
        let missing: Vec<String> = found
            .prompt_yml
            .iter()
            .chain(&found.promptfoo)
            .filter(|path| !located.contains(*path))
            .map(|path| format!("`{path}`"))
            .collect();
        if !missing.is_empty() {
            self.said.push(format!(
                "add to `catalogs` in {CONFIG}, if they are to be evaluated: {}",
                missing.join(", ")
            ));
        }
    }

    /// Starter cases for prompts that would have none; returns whether there are any.
    fn golden(&mut self) -> bool {
        let overlay = Overlay { below: self.tree, files: self.files.clone() };
        let mut problems = Problems::new();
        let then = Snapshot::read(&overlay, None, &mut problems);
        if problems.has_errors() {
            self.said.push(format!("these files need a correction; then run this again:\n{problems}"));
            return false;
        }
        let uncovered: Vec<&Prompt> = then.prompts.iter().filter(|prompt| prompt.golden.is_none()).collect();
        let mut has_starters = false;
        for prompt in uncovered {
            let mut variables = BTreeSet::new();
            let mut is_json = false;
            for message in &prompt.messages {
                let text = match &message.text {
                    TextSource::Inline(text) => text.clone(),
                    TextSource::File(path) => self.text(path).unwrap_or_default(),
                };
                is_json |= text.contains("JSON");
                let nowhere = Place { root: "", path: "" };
                if let Ok(template) = Template::compile(prompt.engine, nowhere, &text, &Parts::new()) {
                    variables.extend(template.variables());
                }
            }
            let has_user = prompt.messages.last().is_some_and(|message| message.speaker == Speaker::User);
            if has_user && variables.is_empty() {
                self.said.push(format!(
                    "`{}` sends the same text always: write its golden set yourself",
                    prompt.id
                ));
                continue;
            }
            let variables: Vec<String> = variables.into_iter().collect();
            let path = format!("{}/{}.yaml", then.config.golden.trim_end_matches('/'), prompt.id);
            has_starters |= self.add(&path, texts::golden(&prompt.id, &variables, has_user, is_json));
        }
        has_starters
    }

    /// Rules that answer in place of a model, with the first files and never in place of others.
    fn rules(&mut self) {
        if self.files.is_empty() || self.text(RULES).is_some() {
            return;
        }
        let overlay = Overlay { below: self.tree, files: self.files.clone() };
        let then = Snapshot::read(&overlay, None, &mut Problems::new());
        self.add(RULES, rules::rules(&then));
    }

    /// The store is kept out of Git.
    fn ignored(&mut self) {
        match self.existing(IGNORED) {
            Ok(before) => {
                if let Some(after) = ignoring(&before.unwrap_or_default(), STORE) {
                    self.files.insert(IGNORED.to_owned(), after);
                }
            }
            Err(unusable) => self.said.push(format!("{unusable}: add the line `{STORE}` to it yourself")),
        }
    }

    /// The proposal, and what to do then; an evaluation refuses what is `committed` of the store.
    fn finish(self, committed: Option<&location::Committed>, has_starters: bool) -> Proposal {
        let has_rules = self.text(RULES).is_some();
        let next = texts::next(has_rules.then_some(RULES), committed, has_starters);
        let tree = self.tree;
        let now = |path: &str| tree.read(path).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        let changes = self.files.into_iter().map(|(path, after)| Change { before: now(&path), path, after });
        let is_other = |change: &Change| change.before.as_ref() != Some(&change.after);
        let mut changes: Vec<Change> = changes.filter(is_other).collect();
        // What comes next in the terminal is the command that reads them.
        changes.sort_by_key(|change| change.path == RULES);
        Proposal { changes, said: self.said, next }
    }
}

/// A `.gitignore` with a line for a place more; `None` if it has that line.
pub fn ignoring(before: &str, place: &str) -> Option<String> {
    let bare = |line: &str| line.trim().trim_start_matches('/').trim_end_matches('/').to_owned();
    if before.lines().any(|line| bare(line) == bare(place)) {
        return None;
    }
    let mut after = before.to_owned();
    if !after.is_empty() && !after.ends_with('\n') {
        after.push('\n');
    }
    after.push_str(place);
    after.push('\n');
    Some(after)
}
