//! Jobs and their files in the account: each request is repeated after transient failures.

use std::cell::Cell;
use std::time::Duration;

use crate::adapters::aws::{Connection, Options};
use crate::adapters::batch::Jobs;
use crate::adapters::s3::S3Bucket;
use crate::batch::{self, Batch, Job, JobState, Output, Submission};
use crate::cloud::{Failure, FailureClass, Patience};
use crate::config::BatchPolicy;
use crate::store::pending::PendingJob;

/// How often a request is sent, and the pauses between.
const ATTEMPTS: u32 = 5;
const PATIENCE: Patience =
    Patience { first: Duration::from_millis(500), factor: 4, longest: Duration::from_secs(60) };
/// A file of records may be some hundred megabytes.
const LONGEST: Duration = Duration::from_secs(300);

/// Bedrock's job interface, and the bucket of the policy.
pub(super) struct Service {
    jobs: Jobs,
    bucket: S3Bucket,
}

impl Service {
    /// Connects, and finds credentials.
    pub(super) async fn connect(policy: &BatchPolicy) -> Result<Self, Failure> {
        let unusable = |error: &dyn std::fmt::Display| Failure {
            class: FailureClass::NoCredentials,
            action: "bedrock:ListModelInvocationJobs",
            resource: policy.s3.to_string(),
            code: None,
            message: error.to_string(),
            help: None,
        };
        let options = Options { attempt_timeout: LONGEST, ..Options::default() };
        let connection = Connection::open(options).await.map_err(|error| unusable(&error))?;
        connection.ready().await.map_err(|error| unusable(&error))?;
        Ok(Self {
            jobs: Jobs::connect(&connection),
            bucket: S3Bucket::connect(&connection, &policy.s3.bucket),
        })
    }

    /// The newest job with exactly these requests, from any run: the attempt and the job.
    pub(super) async fn newest(&self, batch: &Batch) -> Result<Option<(u32, Job)>, Failure> {
        let jobs = patiently(async || self.jobs.named(&batch.stem).await).await?;
        let attempts = jobs.into_iter().filter_map(|job| Some((batch.attempt(&job.name)?, job)));
        Ok(attempts.max_by_key(|(attempt, _)| *attempt))
    }

    /// The job that was remembered; `None`: it was never submitted, or is gone.
    pub(super) async fn remembered(&self, pending: &PendingJob) -> Result<Option<Job>, Failure> {
        match &pending.arn {
            Some(arn) => self.job(arn).await,
            None => self.of_name(&pending.name).await,
        }
    }

    /// A job as it is now.
    pub(super) async fn job(&self, arn: &str) -> Result<Option<Job>, Failure> {
        patiently(async || self.jobs.job(arn).await).await
    }

    async fn of_name(&self, name: &str) -> Result<Option<Job>, Failure> {
        patiently(async || {
            let jobs = self.jobs.named(name).await?;
            Ok(jobs.into_iter().find(|job| job.name == name))
        })
        .await
    }

    /// Writes the file of records.
    pub(super) async fn put(&self, submission: &Submission, file: &str) -> Result<(), Failure> {
        let (bucket, key) = self.at(&submission.input);
        patiently(async || bucket.put(&key, file.as_bytes(), "application/jsonl").await).await
    }

    /// Submits a job. After a lost response it is looked up before it is submitted again; the
    /// token, which is the same, is a second protection.
    pub(super) async fn submit(&self, submission: &Submission) -> Result<Job, Failure> {
        let name = &submission.name;
        let is_lost = Cell::new(false);
        patiently(async || {
            if is_lost.get()
                && let Some(job) = self.jobs.named(name).await?.into_iter().find(|job| job.name == *name)
            {
                return Ok(job);
            }
            let ending = self.jobs.submit(submission).await;
            is_lost.set(matches!(&ending, Err(failure) if failure.class == FailureClass::Unclear));
            let (state, status, message) = (JobState::Going, "Submitted".to_owned(), None);
            ending.map(|arn| Job { arn, name: name.clone(), state, status, message })
        })
        .await
    }

    /// What a job has answered so far; `None`: it has written nothing.
    pub(super) async fn output(&self, pending: &PendingJob) -> Result<Option<Output>, Failure> {
        let (bucket, prefix) = self.at(&pending.output);
        let keys = patiently(async || bucket.list(&prefix).await).await?;
        let mut files = keys.iter().filter(|key| key.ends_with(".jsonl.out")).peekable();
        if files.peek().is_none() {
            return Ok(None);
        }
        let mut output = Output::default();
        for key in files {
            let object = patiently(async || bucket.get(key, None).await).await?;
            let bytes = object.map(|object| object.bytes).unwrap_or_default();
            batch::read(&String::from_utf8_lossy(&bytes), &mut output);
        }
        Ok(Some(output))
    }

    /// The bucket and the key of `s3://bucket/key`.
    fn at(&self, uri: &str) -> (S3Bucket, String) {
        let (bucket, key) = uri.trim_start_matches("s3://").split_once('/').unwrap_or((uri, ""));
        (self.bucket.of(bucket), key.to_owned())
    }
}

/// Repeats a request after transient failures.
async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    for attempt in 0..ATTEMPTS - 1 {
        match ask().await {
            Err(failure) if failure.class.is_passing() => {
                tracing::debug!(%failure, "asked again");
                tokio::time::sleep(PATIENCE.after(attempt)).await;
            }
            ending => return ending,
        }
    }
    ask().await
}
