//! A bucket with blocking calls, for the release.

use tokio::runtime::Handle;

use super::S3Bucket;
use crate::cloud::Failure;
use crate::release::ports::{Object, Objects, Written};

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
