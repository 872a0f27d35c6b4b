//! Two snapshots become a change set: which prompts changed, why, and for which cases it matters.

/// What happened to a prompt between base and head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// New in the head: no baseline.
    Added,
    /// In both, and something that matters differs.
    Edited,
    /// Gone from the head.
    Removed,
    /// Another key, gated against the old one.
    Renamed {
        /// The base's key.
        from: String,
    },
}

/// What of a prompt changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The text of its messages.
    Text,
    /// A file its text includes.
    Include,
    /// The model id.
    Model,
    /// Sampling parameters.
    Parameters,
    /// Tools on offer.
    Tools,
    /// Cases added, removed or with other inputs.
    GoldenSet,
    /// What the cases ask of an answer.
    Checks,
    /// The judge's model or prompt.
    Judge,
    /// The key.
    Name,
}

/// One line of a prompt's diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    /// In both.
    Same(String),
    /// Only in the base.
    Removed(String),
    /// Only in the head.
    Added(String),
    /// So many unchanged lines left out.
    Skipped(usize),
}
