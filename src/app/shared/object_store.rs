//! The objects of a shared store: read, written once, or overwritten. The connection is made when
//! first needed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::adapters::aws::{Connection, Options};
use crate::adapters::s3::S3Bucket;
use crate::cloud::{Failure, FailureClass};

/// The result of an operation.
pub type Ending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Objects by key.
pub trait ObjectStore: Send + Sync {
    /// An object's content; `None`: there is none.
    fn get<'a>(&'a self, key: &'a str) -> Ending<'a, Option<Vec<u8>>>;
    /// Writes an object; `replaces`: an existing one is replaced; otherwise only if there is none.
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, replaces: bool) -> Ending<'a, ()>;
    /// The keys below a prefix, sorted.
    fn list<'a>(&'a self, prefix: &'a str) -> Ending<'a, Vec<String>>;
}

/// A bucket of S3. A run also works without it, so no operation here waits for long.
pub struct Bucket {
    name: String,
    connected: OnceCell<S3Bucket>,
}

const PATIENCE: Duration = Duration::from_secs(5);

impl Bucket {
    /// Connects to nothing yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), connected: OnceCell::new() }
    }

    async fn bucket(&self) -> Result<&S3Bucket, Failure> {
        let connect = || async {
            let options = Options {
                attempt_timeout: PATIENCE,
                connect_timeout: Duration::from_secs(3),
                ..Options::default()
            };
            let connection = Connection::open(options).await.map_err(|error| self.unusable(&error))?;
            connection.ready().await.map_err(|error| self.unusable(&error))?;
            Ok(S3Bucket::connect(&connection, &self.name))
        };
        self.connected.get_or_try_init(connect).await
    }

    fn unusable(&self, error: &impl std::fmt::Display) -> Failure {
        Failure {
            class: FailureClass::NoCredentials,
            action: "s3:GetObject",
            resource: format!("s3://{}", self.name),
            code: None,
            message: error.to_string(),
            help: None,
        }
    }
}

impl ObjectStore for Bucket {
    fn get<'a>(&'a self, key: &'a str) -> Ending<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let found = self.bucket().await?.get(key, None).await?;
            Ok(found.map(|object| object.bytes))
        })
    }

    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, replaces: bool) -> Ending<'a, ()> {
        Box::pin(async move {
            let bucket = self.bucket().await?;
            if replaces {
                return bucket.put(key, &bytes, "application/json").await;
            }
            bucket.put_new(key, &bytes, "application/json").await.map(drop)
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Ending<'a, Vec<String>> {
        Box::pin(async move { self.bucket().await?.list(prefix).await })
    }
}
