//! Which comment is ours: a hidden first line that names the key and the run, and its author.

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

impl Marker {
    /// A marker; what a key may not hold is replaced, so that it cannot end the line.
    pub fn new(key: &str, commit: &str, run: (u64, u64)) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._/".contains(c) { c } else { '_' };
        let key: String = key.chars().take(100).map(plain).collect();
        Self { key, commit: commit.to_owned(), run }
    }

    /// As the comment's first line.
    pub fn line(&self) -> String {
        format!("{OPEN}{} commit={} run={}.{} -->", self.key, self.commit, self.run.0, self.run.1)
    }

    /// The marker on a comment's first line.
    pub fn parse(body: &str) -> Option<Self> {
        let inner = body.lines().next()?.trim_end().strip_prefix(OPEN)?.strip_suffix(" -->")?;
        let (key, rest) = inner.split_once(" commit=")?;
        let (commit, run) = rest.split_once(" run=")?;
        let (run, attempt) = run.split_once('.')?;
        Some(Self {
            key: key.to_owned(),
            commit: commit.to_owned(),
            run: (run.parse().ok()?, attempt.parse().ok()?),
        })
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

/// What to do with the comments that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The comment to edit; `None`: there is none yet.
    pub edit: Option<u64>,
    /// Later copies, to be deleted.
    pub duplicates: Vec<u64>,
    /// A newer run has written already: its result stays.
    pub is_overtaken: bool,
}

/// Finds our comment among all: by marker and by author, for anybody can paste a marker.
pub fn placement(comments: &[PostedComment], ours: &Marker, author: &str) -> Placement {
    let mut mine: Vec<(u64, Marker)> = comments
        .iter()
        .filter(|comment| comment.author == author)
        .filter_map(|comment| Some((comment.id, Marker::parse(&comment.body)?)))
        .filter(|(_, marker)| marker.key == ours.key)
        .collect();
    mine.sort_by_key(|(id, _)| *id);
    Placement {
        is_overtaken: mine.iter().any(|(_, marker)| marker.run > ours.run),
        edit: mine.first().map(|(id, _)| *id),
        duplicates: mine.iter().skip(1).map(|(id, _)| *id).collect(),
    }
}
