//! One bucket of S3: objects are read and written as a whole, and only once if requested.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::ChecksumAlgorithm;
use base64::Engine as _;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use crate::adapters::aws::{Call, Connection};
use crate::cloud::{Failure, FailureClass};
use crate::iam::partition;
use crate::release::ports::{Object, Objects, Written};

/// A bucket. Cheap to clone. One call is one attempt.
#[derive(Clone, Debug)]
pub struct S3Bucket {
    client: Client,
    connection: Connection,
    bucket: String,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// When it was written, seconds since 1970-01-01 UTC.
    pub modified_at: i64,
}

impl S3Bucket {
    /// Sends nothing: whether the bucket exists shows with the first call.
    pub fn connect(connection: &Connection, bucket: &str) -> Self {
        // Emulators and private stores seldom have a host name for every bucket.
        let path_style = connection.endpoint_of("S3").is_some();
        let config = Builder::from(connection.config()).force_path_style(path_style).build();
        Self { client: Client::from_conf(config), connection: connection.clone(), bucket: bucket.to_owned() }
    }

    /// Another bucket through the same connection.
    pub fn of(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The object at a key, of one version or the newest; `None`: there is none.
    ///
    /// # Errors
    /// See [`FailureClass`]. Who may not list the bucket is denied what does not exist.
    pub async fn get(&self, key: &str, version_id: Option<&str>) -> Result<Option<Object>, Failure> {
        let action = if version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let call = self.on_object(action, key);
        let asked = self.client.get_object().bucket(&self.bucket).key(key);
        let sent = asked.set_version_id(version_id.map(str::to_owned)).send().await;
        let output = match sent {
            Ok(output) => output,
            Err(error) => return self.unless_absent(call.failed(&error)),
        };
        let version_id = genuine_version(output.version_id);
        // The attempt's limit ends with the headers.
        let limit = self.connection.attempt_timeout();
        let unclear = |message| call.fails(FailureClass::Unclear, message);
        match tokio::time::timeout(limit, output.body.collect()).await {
            Ok(Ok(body)) => Ok(Some(Object { bytes: body.to_vec(), version_id })),
            Ok(Err(error)) => Err(unclear(format!("the answer broke off: {error}"))),
            Err(_) => Err(unclear(format!("no whole answer within {limit:?}"))),
        }
    }

    /// The metadata of the object at a key; `None`: there is none (or no bucket; S3 does not distinguish).
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn head(&self, key: &str) -> Result<Option<Head>, Failure> {
        let call = self.on_object("s3:GetObject", key);
        let output = match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(output) => output,
            Err(error) => return self.unless_absent(call.failed(&error)),
        };
        Ok(Some(Head {
            bytes: output.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default(),
            version_id: genuine_version(output.version_id),
            modified_at: output.last_modified.as_ref().map(DateTime::secs).unwrap_or_default(),
        }))
    }

    /// Writes an object if there is none yet (`If-None-Match: *`), with its SHA-256.
    ///
    /// # Errors
    /// See [`FailureClass`]; [`FailureClass::Conflict`] when another writer is at it just now.
    pub async fn put_new(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<Written, Failure> {
        let call = self.on_object("s3:PutObject", key);
        match self.writing(key, bytes, content_type).if_none_match("*").send().await {
            Ok(output) => Ok(Written::New(genuine_version(output.version_id))),
            Err(error) => match self.explained(call.failed(&error)) {
                failure if failure.code.as_deref() == Some("PreconditionFailed") => Ok(Written::Exists),
                failure => Err(failure),
            },
        }
    }

    /// Writes an object and replaces an existing one, with its SHA-256.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn put(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<(), Failure> {
        let call = self.on_object("s3:PutObject", key);
        let sent = self.writing(key, bytes, content_type).send().await;
        sent.map(drop).map_err(|error| self.explained(call.failed(&error)))
    }

    /// All keys that begin with a prefix, sorted.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let call = self.on_bucket("s3:ListBucket");
        let (mut keys, mut next) = (Vec::new(), None);
        loop {
            let asked = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
            let sent = asked.set_continuation_token(next).send().await;
            let page = sent.map_err(|error| self.explained(call.failed(&error)))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
            next = page.next_continuation_token.filter(|token| !token.is_empty());
            if next.is_none() {
                keys.sort();
                return Ok(keys);
            }
        }
    }

    fn writing(&self, key: &str, bytes: &[u8], content_type: &str) -> PutObjectFluentBuilder {
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes));
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(digest)
            .body(ByteStream::from(bytes.to_vec()))
    }

    fn on_object(&self, action: &'static str, key: &str) -> Call<'_> {
        self.call(action, format!("/{key}"))
    }

    fn on_bucket(&self, action: &'static str) -> Call<'_> {
        self.call(action, String::new())
    }

    fn call(&self, action: &'static str, path: String) -> Call<'_> {
        let (region, bucket) = (self.connection.region(), &self.bucket);
        Call {
            action,
            resource: format!("s3://{bucket}{path}"),
            arn: format!("arn:{}:s3:::{bucket}{path}", partition(region)),
            region,
            attempt_timeout: self.connection.attempt_timeout(),
        }
    }

    fn unless_absent<T>(&self, failure: Failure) -> Result<Option<T>, Failure> {
        // 405 is the answer for a version that marks a deletion.
        let absent = ["NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed"];
        match &failure.code {
            Some(code) if absent.contains(&code.as_str()) => Ok(None),
            _ => Err(self.explained(failure)),
        }
    }

    /// Adds the parts that only S3's failures need.
    fn explained(&self, mut failure: Failure) -> Failure {
        let (bucket, region) = (&self.bucket, self.connection.region());
        match failure.code.as_deref() {
            Some("NoSuchBucket") => {
                failure.help = Some(format!(
                    "create the bucket `{bucket}`, or check its name and that AWS_REGION ({region}) is the bucket's region"
                ));
            }
            _ if failure.class == FailureClass::Denied && failure.action.starts_with("s3:GetObject") => {
                let arn = format!("arn:{}:s3:::{bucket}", partition(region));
                let help = failure.help.take().unwrap_or_default();
                failure.help = Some(format!(
                    "{help}; and `s3:ListBucket` on `{arn}`, without which an object that does not exist is denied too"
                ));
            }
            _ => {}
        }
        failure
    }
}

/// S3 returns `null` if versions are not kept.
fn genuine_version(version_id: Option<String>) -> Option<String> {
    version_id.filter(|id| !id.is_empty() && id != "null")
}

/// A bucket whose calls block. Not for use inside a runtime's tasks.
#[derive(Clone, Debug)]
pub struct BlockingBucket {
    bucket: S3Bucket,
    runtime: Handle,
}

impl S3Bucket {
    /// The same bucket with blocking calls; `runtime` makes the calls.
    pub fn blocking(&self, runtime: &Handle) -> BlockingBucket {
        BlockingBucket { bucket: self.clone(), runtime: runtime.clone() }
    }
}

impl Objects for BlockingBucket {
    fn bucket(&self) -> &str {
        self.bucket.bucket()
    }

    fn get(&self, key: &str, version_id: Option<&str>) -> Result<Option<Object>, Failure> {
        self.runtime.block_on(self.bucket.get(key, version_id))
    }

    fn put_new(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<Written, Failure> {
        self.runtime.block_on(self.bucket.put_new(key, bytes, content_type))
    }

    fn put(&self, key: &str, bytes: &[u8], content_type: &str) -> Result<(), Failure> {
        self.runtime.block_on(self.bucket.put(key, bytes, content_type))
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        self.runtime.block_on(self.bucket.list(prefix))
    }
}
