//! Credentials: found once before anything is spent, kept fresh by the SDK, never shown.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::cure;
use super::failure::chain;
use crate::model::{ErrorClass, ModelError};

/// Bounds the search. The EC2 metadata service, last in the chain, gives up after 1 s when
/// nobody answers; SSO, STS and `credential_process` may need longer.
const SEARCH_LIMIT: Duration = Duration::from_secs(30);

/// An access key, given instead of found.
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

/// Where credentials come from.
pub(super) struct Source {
    first: Arc<First>,
    bearer_token: bool,
}

/// Hands out what [`Source::ready`] found before it searches again: a `credential_process` may
/// ask for a second factor, and once is enough.
#[derive(Debug)]
struct First {
    chain: Option<SharedCredentialsProvider>,
    found: Mutex<Option<Credentials>>,
}

impl Source {
    /// The chain, or given keys. A Bedrock API key in the environment needs neither.
    pub(super) fn new(chain: Option<SharedCredentialsProvider>, given: bool) -> Self {
        let bearer_token =
            !given && std::env::var_os("AWS_BEARER_TOKEN_BEDROCK").is_some_and(|token| !token.is_empty());
        Self { first: Arc::new(First { chain, found: Mutex::new(None) }), bearer_token }
    }

    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        let first: Arc<dyn ProvideCredentials> = Arc::<First>::clone(&self.first);
        SharedCredentialsProvider::new(first)
    }

    pub(super) async fn ready(&self) -> Result<(), ModelError> {
        if self.bearer_token {
            return Ok(());
        }
        let message = match tokio::time::timeout(SEARCH_LIMIT, self.first.search()).await {
            Ok(Ok(credentials)) => {
                *self.first.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials);
                return Ok(());
            }
            Ok(Err(CredentialsError::CredentialsNotLoaded(_))) => not_found(),
            Ok(Err(error)) => match chain(&error) {
                // The last in the chain: nobody before it had any.
                reason if reason.contains("IMDS") => not_found(),
                reason => format!("AWS credentials could not be loaded: {reason}"),
            },
            Err(_) => format!("no AWS credentials were found within {} s", SEARCH_LIMIT.as_secs()),
        };
        Err(unusable(None, message))
    }
}

/// A profile that does not exist is no error to the SDK, so it is named.
fn not_found() -> String {
    match std::env::var("AWS_PROFILE") {
        Ok(profile) => format!("no AWS credentials were found (AWS_PROFILE is {profile:?})"),
        Err(_) => "no AWS credentials were found".to_owned(),
    }
}

/// Credentials that are missing or refused.
pub(super) fn unusable(code: Option<String>, message: String) -> ModelError {
    ModelError { class: ErrorClass::NoCredentials, code, message, cure: Some(cure::CREDENTIALS.to_owned()) }
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
