//! Contents in S3, checked and cached: the content under a SHA-256 never changes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;

use super::aws::explained;
use crate::Error;
use crate::stored::Pointer;

/// Contents that are kept.
const KEPT: usize = 256;

/// Contents behind pointers.
#[derive(Debug)]
pub(crate) struct Objects {
    client: Client,
    kept: Mutex<BTreeMap<String, String>>,
}

impl Objects {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, kept: Mutex::default() }
    }

    pub(crate) async fn read(&self, pointer: &Pointer) -> Result<String, Error> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&pointer.sha256).cloned();
        if let Some(content) = kept {
            return Ok(content);
        }
        let content = pointer.check(self.fetch(pointer).await?)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_first();
        }
        kept.insert(pointer.sha256.clone(), content.clone());
        Ok(content)
    }

    async fn fetch(&self, pointer: &Pointer) -> Result<Vec<u8>, Error> {
        let version = pointer.version_id.clone();
        let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let call = self.client.get_object().bucket(&pointer.bucket).key(&pointer.key).set_version_id(version);
        let found = call.send().await.map_err(|error| match error.code() {
            Some("NoSuchKey" | "NoSuchVersion" | "NoSuchBucket") => {
                Error::Damaged(format!("{pointer}, where the prompt's content lies, does not exist"))
            }
            _ => explained(&error, &pointer.to_string(), action),
        })?;
        let length = found.content_length().unwrap_or_default();
        if usize::try_from(length).is_ok_and(|length| length > pointer.bytes) {
            let released = pointer.bytes;
            let message =
                format!("{pointer} has {length} bytes where {released} were released: it was altered");
            return Err(Error::Damaged(message));
        }
        let body = found.body.collect().await;
        let body = body.map_err(|error| Error::Unavailable(format!("{pointer}: {error}")))?;
        Ok(body.to_vec())
    }
}
