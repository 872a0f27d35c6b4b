//! What can go wrong, for the person who reads it.

/// Why a prompt could not be read.
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
    /// The store's content is not what was released: edited by hand, or an S3 object lost or changed.
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
    /// The same, with a text before it.
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

    /// Whether it is a mistake rather than an outage: an immediate retry or a fallback would only
    /// hide it.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::AccessDenied { .. })
    }
}
