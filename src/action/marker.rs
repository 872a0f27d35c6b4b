//! How our comment is recognised: by its author, and by a hidden first line that names the key and
//! the run and is sealed over the whole comment.
//!
//! Other workflows write under the same author, and some repeat text of users. Therefore a marker
//! is ours only with the digest of its own comment, and its statements about other runs are
//! accepted only as far as they can be true: see [`Placement::newer`].

use crate::fingerprint::Fingerprint;

/// The first line of our comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Tells several comments on one pull request apart.
    pub key: String,
    /// The commit that was evaluated.
    pub commit: String,
    /// Run and attempt: later ones are greater.
    pub run: (u64, u64),
}

const OPEN: &str = "<!-- prompt-assay key=";

/// How much larger than ours the number of a later run can be: GitHub numbers the runs of all
/// repositories together, about twenty million a day, and no run takes longer than 35 days.
const MOST_LATER: u64 = 2_000_000_000;

impl Marker {
    /// A marker; characters that a key may not contain are replaced, so that they cannot end the line.
    pub fn new(key: &str, commit: &str, run: (u64, u64)) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._/".contains(c) { c } else { '_' };
        let key: String = key.chars().take(100).map(plain).collect();
        Self { key, commit: commit.to_owned(), run }
    }

    /// A comment of this text, the sealed marker as its first line.
    pub fn comment(&self, text: &str) -> String {
        let Self { key, commit, run } = self;
        format!("{OPEN}{key} commit={commit} run={}.{} seal={} -->\n{text}", run.0, run.1, self.seal(text))
    }

    /// The marker on a comment's first line, if its seal matches this comment.
    pub fn of(comment: &str) -> Option<Self> {
        let (first, text) = comment.split_once('\n')?;
        let inner = first.trim_end().strip_prefix(OPEN)?.strip_suffix(" -->")?;
        let (key, rest) = inner.split_once(" commit=")?;
        let (commit, rest) = rest.split_once(" run=")?;
        let (run, seal) = rest.split_once(" seal=")?;
        let (run, attempt) = run.split_once('.')?;
        let run = (run.parse().ok()?, attempt.parse().ok()?);
        let marker = Self { key: key.to_owned(), commit: commit.to_owned(), run };
        (marker.seal(text) == seal).then_some(marker)
    }

    /// Over the letters and digits of the text: white space may change on its way through GitHub.
    fn seal(&self, text: &str) -> String {
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        Fingerprint::of_json(&("comment", &self.key, &self.commit, self.run, letters)).short(16)
    }

    /// Whether another marker is of a run that can have begun after this one. Attempts of one run
    /// prove nothing: GitHub begins the next when the one before has ended.
    fn is_before(&self, other: &Self) -> bool {
        other.run.0 > self.run.0 && other.run.0 - self.run.0 <= MOST_LATER
    }
}

/// A comment as it stands on the pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedComment {
    /// Grows with time.
    pub id: u64,
    /// Login of its author.
    pub author: String,
    /// Its text.
    pub body: String,
    /// Its page.
    pub url: String,
}

/// What to do with the existing comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The comment to edit; `None`: there is none yet.
    pub edit: Option<u64>,
    /// Later copies, to be deleted.
    pub duplicates: Vec<u64>,
    /// Whether one of them is of a newer run. Any person can compute a seal, so this alone does not
    /// prevent writing: it counts only if GitHub reports a newer commit of the pull request than
    /// ours.
    pub newer: bool,
}

/// Finds our comment among all: by marker and by author, because any person can paste a marker.
pub fn placement(comments: &[PostedComment], ours: &Marker, author: &str) -> Placement {
    let mut mine: Vec<(u64, Marker)> = comments
        .iter()
        .filter(|comment| comment.author == author)
        .filter_map(|comment| Some((comment.id, Marker::of(&comment.body)?)))
        .filter(|(_, marker)| marker.key == ours.key)
        .collect();
    mine.sort_by_key(|(id, _)| *id);
    Placement {
        newer: mine.iter().any(|(_, marker)| ours.is_before(marker)),
        edit: mine.first().map(|(id, _)| *id),
        duplicates: mine.iter().skip(1).map(|(id, _)| *id).collect(),
    }
}
