//! A bucket of S3 and a prefix in it, written `s3://bucket/prefix`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A bucket and a prefix in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket's name.
    pub bucket: String,
    /// Without slashes at its ends; may be empty.
    pub prefix: String,
}

impl FromStr for S3Location {
    type Err = String;

    /// Reads `s3://bucket/prefix`.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err(format!("{text:?} is not a location in S3; write s3://bucket/prefix"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let of_bucket = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(of_bucket) {
            return Err(format!("{bucket:?} is not the name of a bucket; write s3://bucket/prefix"));
        }
        let prefix = prefix.trim_matches('/');
        let of_prefix = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let is_plain = prefix.split('/').all(|part| part != "." && part != "..");
        if prefix.len() > 512 || !prefix.chars().all(of_prefix) || prefix.contains("//") || !is_plain {
            return Err(format!("the prefix {prefix:?} may hold letters, digits and `-_./` only"));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix.as_str() {
            "" => write!(f, "s3://{}", self.bucket),
            prefix => write!(f, "s3://{}/{prefix}", self.bucket),
        }
    }
}

impl Serialize for S3Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl S3Location {
    /// The key of an object below the prefix.
    pub fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_bucket_and_perhaps_a_prefix() {
        let key = |text: &str| {
            text.parse().map(|location: S3Location| (location.bucket.clone(), location.key("a/b")))
        };
        assert_eq!(key("s3://bucket"), Ok(("bucket".to_owned(), "a/b".to_owned())));
        assert_eq!(key("s3://bucket/team/assay/"), Ok(("bucket".to_owned(), "team/assay/a/b".to_owned())));
        for bad in [
            "",
            "bucket",
            "https://x/y",
            "s3://",
            "s3://B/x",
            "s3://bucket/../x",
            "s3://bucket/a b",
            "s3://bucket/a//b",
        ] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }
}
