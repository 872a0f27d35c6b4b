//! What can go wrong, for the person who reads it.

/// Why a prompt could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store has no prompt of that name, version or label.
    #[error("{0}")]
    NotFound(String),
    /// The role may not read it.
    #[error("{message}")]
    AccessDenied {
        /// What happened.
        message: String,
        /// The IAM action it lacks.
        action: String,
    },
    /// What the store holds is not what was released: edited by hand, or an S3 object lost or altered.
    #[error("{0}")]
    Damaged(String),
    /// The store did not answer: throttled, unreachable, or too slow.
    #[error("{0}")]
    Unavailable(String),
    /// A template cannot be rendered with these variables.
    #[error("{0}")]
    Render(String),
}

impl Error {
    /// The same, with more said before it.
    pub(crate) fn after(self, before: &str) -> Self {
        let said = |message: String| format!("{before}{message}");
        match self {
            Self::NotFound(message) => Self::NotFound(said(message)),
            Self::AccessDenied { message, action } => Self::AccessDenied { message: said(message), action },
            Self::Damaged(message) => Self::Damaged(said(message)),
            Self::Unavailable(message) => Self::Unavailable(said(message)),
            Self::Render(message) => Self::Render(said(message)),
        }
    }

    /// Whether it is a mistake of somebody rather than an outage: asking again at once, or something
    /// else in its place, would only hide it.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::AccessDenied { .. })
    }
}
