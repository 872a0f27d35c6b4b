//! Credentials: found once before anything is spent, kept fresh by the SDK, never shown.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::help;
use crate::cloud::{Failure, FailureClass, chain};

/// Limits the search. The EC2 metadata service, last in the chain, gives up after 1 s without an
/// answer; SSO, STS and `credential_process` may need longer.
const SEARCH_LIMIT: Duration = Duration::from_secs(30);

/// An access key that is given instead of found.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, for temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(not shown)")
    }
}

impl Keys {
    pub(super) fn for_sdk(&self) -> Credentials {
        let (id, secret) = (&self.access_key_id, &self.secret_access_key);
        Credentials::new(id, secret, self.session_token.clone(), None, "given")
    }
}

/// Why there is no connection to AWS; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No region is configured.
    #[error("no AWS region is configured ({})", help::REGION)]
    NoRegion,
    /// No credentials could be found or loaded; the reason.
    #[error("{0} ({help})", help = help::credentials(""))]
    NoCredentials(String),
}

impl Unusable {
    /// As the failure of the call that would have been made.
    #[must_use]
    pub fn failure(self, action: &'static str, resource: &str) -> Failure {
        let (message, help) = match self {
            Unusable::NoRegion => ("no AWS region is configured".to_owned(), help::REGION.to_owned()),
            Unusable::NoCredentials(message) => (message, help::credentials("")),
        };
        let (class, resource) = (FailureClass::NoCredentials, resource.to_owned());
        Failure { class, action, resource, code: None, message, help: Some(help) }
    }
}

/// Where credentials come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    first: Arc<First>,
    given: bool,
}

/// Returns the credentials that [`Source::ready`] found before it searches again: a
/// `credential_process` may ask for a second factor, and once is enough.
#[derive(Debug)]
struct First {
    chain: Option<SharedCredentialsProvider>,
    found: Mutex<Option<Credentials>>,
}

impl Source {
    /// The chain, or given keys.
    pub(super) fn new(chain: Option<SharedCredentialsProvider>, given: bool) -> Self {
        Self { first: Arc::new(First { chain, found: Mutex::new(None) }), given }
    }

    pub(super) fn given(&self) -> bool {
        self.given
    }

    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        let first: Arc<dyn ProvideCredentials> = Arc::<First>::clone(&self.first);
        SharedCredentialsProvider::new(first)
    }

    pub(super) async fn ready(&self) -> Result<(), Unusable> {
        let message = match tokio::time::timeout(SEARCH_LIMIT, self.first.search()).await {
            Ok(Ok(credentials)) => {
                *self.first.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials);
                return Ok(());
            }
            Ok(Err(CredentialsError::CredentialsNotLoaded(_))) => not_found(),
            Ok(Err(error)) => match chain(&error) {
                // The last in the chain: no provider before it had any.
                reason if reason.contains("IMDS") => not_found(),
                reason => format!("AWS credentials could not be loaded: {reason}"),
            },
            Err(_) => format!("no AWS credentials were found within {} s", SEARCH_LIMIT.as_secs()),
        };
        Err(Unusable::NoCredentials(message))
    }
}

/// A missing profile is not an error for the SDK, so the message names it.
pub(super) fn not_found() -> String {
    match std::env::var("AWS_PROFILE") {
        Ok(profile) => format!("no AWS credentials were found (AWS_PROFILE is {profile:?})"),
        Err(_) => "no AWS credentials were found".to_owned(),
    }
}

impl First {
    async fn search(&self) -> Result<Credentials, CredentialsError> {
        match &self.chain {
            Some(chain) => chain.provide_credentials().await,
            None => Err(CredentialsError::not_loaded_no_source()),
        }
    }
}

impl ProvideCredentials for First {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.found.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None => future::ProvideCredentials::new(self.search()),
        }
    }
}
