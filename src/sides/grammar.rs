//! How a side is written: a revision, settings, or both, separated by commas: `main`, `model=ID`, `HEAD~1,temperature=0`.

use std::fmt;

use super::Settings;

/// Sides of one comparison at most: each has a letter.
const MOST: usize = 26;

/// One side: which tree, and which settings its prompts get.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// As a person wrote it.
    pub written: String,
    /// Where its files are.
    pub place: Place,
    /// What its prompts are asked with.
    pub settings: Settings,
}

/// Where the files of a side are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// `.`: the working directory, uncommitted edits included.
    #[default]
    WorkingDirectory,
    /// A revision of Git.
    Revision(String),
}

/// A side that is written wrongly, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n   = {help}")]
pub struct SideError {
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl SideError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// The sides as written, or one for each of `models`; settings that a side does not have are those of `common`.
///
/// # Errors
/// When a side is written wrongly, is given twice or alone, or three and more are not of one tree.
pub fn sides(written: &[String], models: &[String], common: &Settings) -> Result<Vec<Side>, SideError> {
    let of_models = models.iter().map(|model| format!("model={model}"));
    let mut sides: Vec<Side> = Vec::new();
    for written in written.iter().cloned().chain(of_models) {
        let mut side = Side::read(&written)?;
        side.settings.complete(common);
        let is_same = |known: &&Side| (&known.place, &known.settings) == (&side.place, &side.settings);
        if let Some(known) = sides.iter().find(is_same) {
            return Err(SideError::new(
                format!("`{}` and `{written}` are the same side", known.written),
                "name two sides that differ",
            ));
        }
        sides.push(side);
    }
    match sides.as_slice() {
        [] => Err(SideError::new("no side is named", HOW)),
        [only] => Err(alone(only)),
        [first, rest @ ..] if rest.len() > 1 && rest.iter().any(|side| side.place != first.place) => {
            Err(SideError::new(
                "three or more sides must be of one revision: only their models and parameters may differ",
                "compare revisions two at a time",
            ))
        }
        many if many.len() > MOST => {
            Err(SideError::new(format!("{} sides are too many", many.len()), format!("name at most {MOST}")))
        }
        _ => Ok(sides),
    }
}

const HOW: &str = "a side is a revision (`main`, `.` for the working directory), settings (`model=ID`, `temperature=0`), or both \
                   with a comma between them (`main,model=ID`)";

/// One side is compared with nothing. The other is most often the prompts as they are.
fn alone(only: &Side) -> SideError {
    let as_they_are = Side { written: String::new(), settings: Settings::default(), ..only.clone() };
    let help = match only.settings == Settings::default() && only.place == Place::WorkingDirectory {
        true => HOW.to_owned(),
        false if only.settings == Settings::default() => {
            format!("`compare {} .` compares it with the working directory", only.written)
        }
        false => format!(
            "`compare {} {}` compares the prompts as they are with it",
            as_they_are.place, only.written
        ),
    };
    SideError::new(format!("`{}` is compared with nothing", only.written), help)
}

impl Place {
    /// The revision; `None`: the working directory.
    pub fn revision(&self) -> Option<&str> {
        match self {
            Self::WorkingDirectory => None,
            Self::Revision(name) => Some(name),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.revision().unwrap_or("."))
    }
}

impl Side {
    fn read(written: &str) -> Result<Self, SideError> {
        let (mut place, mut settings) = (None, Settings::default());
        for part in written.split(',').map(str::trim) {
            let revision = match part.split_once('=') {
                Some(("rev", name)) => name,
                Some((key, value)) => {
                    settings.set(key, value)?;
                    continue;
                }
                None => part,
            };
            if revision.is_empty() {
                return Err(SideError::new(format!("`{written}` has an empty part"), HOW));
            }
            let named = match revision {
                "." => Place::WorkingDirectory,
                name => Place::Revision(name.to_owned()),
            };
            if let Some(known) = place.replace(named) {
                return Err(SideError::new(
                    format!("`{written}` names two revisions, `{known}` and `{revision}`"),
                    "sides are separated by a space; a comma stands between a revision and its settings",
                ));
            }
        }
        Ok(Self { written: written.to_owned(), place: place.unwrap_or_default(), settings })
    }
}
