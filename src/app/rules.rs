//! The scripted model's rules: a file of the tree that is evaluated, or any file that a person
//! names on the command line.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use anyhow::Context;

use crate::document::read_text;
use crate::fingerprint::Fingerprint;
use crate::problem::{Problem, Problems};
use crate::script::Rules;
use crate::tree::{MAX_FILE_BYTES, Tree, TreeError};

/// A file of rules as a tree holds it.
#[derive(Clone)]
pub struct RulesFile {
    path: String,
    content: Result<Option<Vec<u8>>, TreeError>,
}

impl RulesFile {
    /// The file at this path, to be read later.
    pub fn of(tree: &dyn Tree, path: &str) -> Self {
        Self { path: path.to_owned(), content: tree.read(path) }
    }

    /// Its rules, and the fingerprint of its text.
    ///
    /// # Errors
    /// A [`Problems`] with what is wrong with it.
    pub fn rules(&self) -> anyhow::Result<(Rules, Fingerprint)> {
        let path = &self.path;
        match &self.content {
            Ok(Some(bytes)) => Ok(parse(path, bytes)?),
            Ok(None) => Err(only(
                Problem::error(format!("the scripted model's rules `{path}` do not exist"))
                    .help("create the file and commit it, or name another one"),
            )),
            Err(error) => Err(only(Problem::error(error.to_string()).path(path).help(error.help()))),
        }
    }
}

/// The rules in a file that a person names, `name` in messages. It may be anywhere, but a file outside of the checkout,
/// which is at `root`, is not quoted, because a link of the checkout can lead to it.
///
/// # Errors
/// When it cannot be read, or a [`Problems`] with what is wrong with it.
pub fn of_disk(file: &Path, name: &str, root: &Path) -> anyhow::Result<(Rules, Fingerprint)> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let problem = Problem::error(format!("the scripted model's rules `{name}` do not exist"));
            return Err(only(
                problem.help("write what your model would say, at the least: default: {text: \"…\"}"),
            ));
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the scripted model's rules `{name}`"));
        }
    }
    Ok(parse(name, &bytes)
        .map_err(|problems| if is_inside(file, root) { problems } else { without_text(name, &problems) })?)
}

fn parse(path: &str, bytes: &[u8]) -> Result<(Rules, Fingerprint), Problems> {
    let rules = Rules::read(path, &read_text(path, bytes)?.text)?;
    Ok((rules, Fingerprint::of_bytes(bytes)))
}

/// Whether a file, links followed, is in the checkout and not one of Git's own files.
fn is_inside(file: &Path, root: &Path) -> bool {
    let (Ok(file), Ok(root)) = (file.canonicalize(), root.canonicalize()) else { return false };
    let inside = file.strip_prefix(&root).ok();
    inside.is_some_and(|path| path.components().all(|part| !part.as_os_str().eq_ignore_ascii_case(".git")))
}

/// Where the first mistake is, without text of the file; messages would quote it, too.
fn without_text(name: &str, problems: &Problems) -> Problems {
    let mut shown = Problem::error("this is not a file of rules for the scripted model")
        .path(name)
        .help("its text is not shown, because the file lies outside of the repository");
    shown.mark = problems.sorted().first().map(|problem| problem.mark).unwrap_or_default();
    shown.into()
}

fn only(problem: Problem) -> anyhow::Error {
    Problems::from(problem).into()
}
