//! What a release needs from external stores, as AWS offers it: parameters (SSM), objects (S3),
//! configurations (AppConfig). Traits only. One call is one attempt: the caller (`client`) decides
//! whether to try again, because after a lost response only the caller can find out what happened.

use std::collections::BTreeMap;

use crate::cloud::Failure;

/// How a parameter is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// `String`.
    Plain,
    /// `SecureString`.
    Secure,
}

/// What a parameter costs and holds; ordered by size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterTier {
    /// Up to 4,096 bytes, free.
    Standard,
    /// Up to 8,192 bytes, charged. AWS does not allow the way back.
    Advanced,
}

/// Which version of a parameter is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The newest.
    Latest,
    /// This number, from 1.
    Version(u64),
    /// The one that carries this label.
    Label(String),
}

/// One version of a parameter, as its history lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterVersion {
    /// Its number, from 1.
    pub version: u64,
    /// Its value, decrypted.
    pub value: String,
    /// How it is stored.
    pub kind: ParameterKind,
    /// Its tier.
    pub tier: ParameterTier,
    /// What was written beside it; empty when nothing was.
    pub description: String,
    /// When it was written, seconds since 1970-01-01 UTC. AppConfig says when it first went live
    /// instead; 0: never.
    pub modified_at: i64,
    /// Who wrote it (an ARN); empty if the store does not say.
    pub modified_by: String,
    /// The labels it carries now, sorted.
    pub labels: Vec<String>,
    /// Whether readers get it only by its label (AppConfig). In other stores, readers without a label
    /// get the newest version.
    pub by_label_only: bool,
    /// How it stopped being live, if another program or person caused it and the store knows.
    pub left: Option<Left>,
}

impl ParameterVersion {
    /// Whether it carries a label now.
    pub fn carries(&self, label: &str) -> bool {
        self.labels.iter().any(|own| own == label)
    }
}

/// How a version stopped being live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// When, seconds since 1970-01-01 UTC; 0: unknown.
    pub at: i64,
    /// Who or what did it (untrusted text).
    pub by: String,
}

/// A version to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The parameter's name.
    pub name: String,
    /// Its value, at most 8,192 bytes.
    pub value: String,
    /// How it is stored.
    pub kind: ParameterKind,
    /// The key of a `SecureString`; `None` for the account's own.
    pub key_id: Option<String>,
    /// Its tier.
    pub tier: ParameterTier,
    /// At most 1,024 characters.
    pub description: String,
    /// True: the parameter must not exist yet, and the call fails with
    /// [`crate::cloud::FailureClass::Conflict`] when it does. There is no such guard for later versions.
    pub create: bool,
}

/// SSM Parameter Store.
pub trait Parameters: Send + Sync {
    /// One version (value, number, kind); description, labels, tier and author may be absent from
    /// the answer and are then empty or [`ParameterTier::Standard`]. `None`: no such parameter,
    /// version or label.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure>;

    /// Every version that is kept (at most 100), oldest first; empty: no such parameter.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure>;

    /// As much of the history as a release decides by: the newest ten versions or more, and those
    /// with a label. For stores where the whole history is expensive to read.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn recent(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure>;

    /// Versions that are no longer kept but whose record the store itself has, oldest first,
    /// without values. `None`: it has none; see [`super::archive`].
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn remembered(&self, name: &str) -> Result<Option<Vec<ParameterVersion>>, Failure>;

    /// Bytes of the longest content; `None`: SSM's tiers decide.
    fn most_bytes(&self) -> Option<usize>;

    /// Whether all of these can be written, known before the first write; a failure names every one
    /// that cannot.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn ready(&self, names: &[String]) -> Result<(), Failure>;

    /// Names of the parameters below a path, at any depth, sorted.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn below(&self, path: &str) -> Result<Vec<String>, Failure>;

    /// Writes a version; returns its number.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn put(&self, version: &NewVersion) -> Result<u64, Failure>;

    /// Moves labels to a version. A label that the service calls invalid is a failure.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure>;

    /// Adds tags or replaces their values.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure>;
}

/// An object as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
}

/// The outcome of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written, under this version if the bucket keeps versions.
    New(Option<String>),
    /// An object existed already; nothing was written.
    Exists,
}

/// One bucket of S3.
pub trait Objects: Send + Sync {
    /// The bucket's name.
    fn bucket(&self) -> &str;

    /// The object at a key; `None`: there is none.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn get(&self, key: &str, version_id: Option<&str>) -> Result<Option<Object>, Failure>;

    /// Writes an object if there is none yet (`If-None-Match: *`), with its SHA-256.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn put_new(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<Written, Failure>;

    /// Writes an object and replaces an existing one.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn put(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<(), Failure>;

    /// All keys that begin with a prefix, sorted.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure>;
}

/// Where in AppConfig: names or ids, as configured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigurationPlace {
    /// The application.
    pub application: String,
    /// The environment; at most one deployment at a time runs in it.
    pub environment: String,
    /// The configuration profile, with hosted content.
    pub profile: String,
    /// The deployment strategy.
    pub strategy: String,
}

/// A hosted configuration version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedVersion {
    /// Its number, from 1.
    pub version: u64,
    /// Its content.
    pub content: Vec<u8>,
    /// What was written beside it.
    pub description: String,
}

/// Where a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// BAKING, VALIDATING, DEPLOYING.
    InProgress,
    /// COMPLETE.
    Complete,
    /// ROLLING_BACK, ROLLED_BACK, REVERTED.
    RolledBack,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its number in the environment, from 1.
    pub number: u64,
    /// The profile's id it deploys.
    pub profile: String,
    /// The profile's name (untrusted text).
    pub name: String,
    /// The hosted version it deploys; 0 where that is no number.
    pub version: u64,
    /// Where it is.
    pub state: DeploymentState,
    /// What was written beside it; a listing does not say.
    pub description: String,
    /// When it began, seconds since 1970-01-01 UTC.
    pub started_at: i64,
    /// When it ended, seconds since 1970-01-01 UTC; 0: it has not, or the service does not say.
    pub ended_at: i64,
    /// Who or what rolled it back, and why (untrusted text); a listing does not say.
    pub rolled_back_by: Option<String>,
}

/// A place, resolved but for its profile, and the ids of profiles.
pub type Resolved = (ConfigurationPlace, Vec<Result<String, Failure>>);

/// AppConfig.
pub trait Configurations: Send + Sync {
    /// Checks that application, environment, strategy and these profiles exist, and resolves names to
    /// ids: the place without a profile, and the profiles' ids in their order. What is wrong with one profile leaves the others.
    ///
    /// # Errors
    /// [`crate::cloud::FailureClass::Missing`] names the application, environment or strategy that does not exist.
    fn resolve_all(&self, place: &ConfigurationPlace, profiles: &[String]) -> Result<Resolved, Failure>;

    /// Names of the application's profiles with hosted content, sorted. The application is resolved.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn profiles(&self, place: &ConfigurationPlace) -> Result<Vec<String>, Failure>;

    /// Hosted versions of a profile, without content, oldest first. `place` is resolved, as below.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn versions(&self, place: &ConfigurationPlace) -> Result<Vec<HostedVersion>, Failure>;

    /// One hosted version; `None`: no such version.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn version(&self, place: &ConfigurationPlace, version: u64) -> Result<Option<HostedVersion>, Failure>;

    /// Writes a hosted version, if the newest is still `after` (0: there is none, and
    /// then nothing is locked); returns its number.
    ///
    /// # Errors
    /// [`crate::cloud::FailureClass::Conflict`] where it is not.
    fn host(
        &self,
        place: &ConfigurationPlace,
        content: &[u8],
        description: &str,
        after: u64,
    ) -> Result<u64, Failure>;

    /// Deployments of the environment with numbers over `after`, of all profiles, oldest first.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn deployments(&self, place: &ConfigurationPlace, after: u64) -> Result<Vec<Deployment>, Failure>;

    /// Begins a deployment, if the newest is still `after` (0: there is none, and then nothing is
    /// locked); returns its number.
    ///
    /// # Errors
    /// [`crate::cloud::FailureClass::Conflict`] while another one is in progress in the environment.
    fn deploy(
        &self,
        place: &ConfigurationPlace,
        version: u64,
        description: &str,
        after: u64,
    ) -> Result<u64, Failure>;

    /// One deployment.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn deployment(&self, place: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure>;
}
