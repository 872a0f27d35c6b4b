//! S3: one bucket that keeps versions, with conditional writes.

use prompt_assay::release::outside::{Failure, Object, Objects, Written};

use super::Aws;

impl Objects for Aws {
    fn bucket(&self) -> &str {
        "prompts"
    }

    fn get(&self, key: &str, version_id: Option<&str>) -> Result<Option<Object>, Failure> {
        self.call("s3:GetObject", key, |world| {
            let Some(versions) = world.objects.get(key) else { return Ok(None) };
            let index = match version_id {
                Some(id) => id.trim_start_matches('v').parse::<usize>().unwrap_or(0).wrapping_sub(1),
                None => versions.len().wrapping_sub(1),
            };
            let object = |bytes: &Vec<u8>| Object { bytes: bytes.clone(), version_id: Some(format!("v{}", index + 1)) };
            Ok(versions.get(index).map(object))
        })
    }

    fn put_new(&self, key: &str, bytes: &[u8], _content_type: &str) -> Result<Written, Failure> {
        self.call("s3:PutObject", key, |world| {
            let versions = world.objects.entry(key.to_owned()).or_default();
            if !versions.is_empty() {
                return Ok(Written::Exists);
            }
            versions.push(bytes.to_vec());
            Ok(Written::New(Some("v1".to_owned())))
        })
    }

    fn put(&self, key: &str, bytes: &[u8], _content_type: &str) -> Result<(), Failure> {
        self.call("s3:PutObject", key, |world| {
            world.objects.entry(key.to_owned()).or_default().push(bytes.to_vec());
            Ok(())
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        self.call("s3:ListBucket", prefix, |world| {
            Ok(world.objects.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
        })
    }
}
