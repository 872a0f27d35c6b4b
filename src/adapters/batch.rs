//! Batch inference jobs of Bedrock: submitted, looked up, found by name. Their files are in S3.

use aws_sdk_bedrock::Client;
use aws_sdk_bedrock::error::BuildError;
use aws_sdk_bedrock::operation::create_model_invocation_job::builders::CreateModelInvocationJobFluentBuilder;
use aws_sdk_bedrock::types::{
    ModelInvocationJobInputDataConfig as Input, ModelInvocationJobOutputDataConfig as Output,
    ModelInvocationJobS3InputDataConfig as S3Input, ModelInvocationJobS3OutputDataConfig as S3Output,
    ModelInvocationJobStatus, ModelInvocationType, S3InputFormat,
};

use crate::adapters::aws::{Call, Connection};
use crate::batch::{Job, JobState, Submission};
use crate::cloud::{Failure, FailureClass};
use crate::iam::partition;

/// The jobs of one account and region. One call is one attempt.
#[derive(Clone, Debug)]
pub struct Jobs {
    client: Client,
    connection: Connection,
}

impl Jobs {
    /// Sends nothing.
    pub fn connect(connection: &Connection) -> Self {
        Self { client: Client::new(connection.config()), connection: connection.clone() }
    }

    /// Submits a job; its ARN. The same name again is the same job.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn submit(&self, submission: &Submission) -> Result<String, Failure> {
        let call = self.call("bedrock:CreateModelInvocationJob", &submission.name, "model-invocation-job/*");
        let request = self
            .request(submission)
            .map_err(|error| call.fails(FailureClass::Refused, format!("cannot be built: {error}")))?;
        match request.send().await {
            Ok(created) => Ok(created.job_arn),
            Err(error) => Err(explained(call.failed(&error), submission)),
        }
    }

    fn request(&self, submission: &Submission) -> Result<CreateModelInvocationJobFluentBuilder, BuildError> {
        let input =
            S3Input::builder().s3_uri(&submission.input).s3_input_format(S3InputFormat::Jsonl).build()?;
        let output = S3Output::builder().s3_uri(&submission.output).build()?;
        Ok(self
            .client
            .create_model_invocation_job()
            .job_name(&submission.name)
            .client_request_token(&submission.name)
            .model_id(&submission.model)
            .role_arn(&submission.role_arn)
            .model_invocation_type(ModelInvocationType::Converse)
            .input_data_config(Input::S3InputDataConfig(input))
            .output_data_config(Output::S3OutputDataConfig(output))
            .timeout_duration_in_hours(i32::try_from(submission.timeout_hours).unwrap_or(i32::MAX)))
    }

    /// A job by its ARN; `None`: there is none.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn job(&self, arn: &str) -> Result<Option<Job>, Failure> {
        let call = self.call("bedrock:GetModelInvocationJob", arn, "model-invocation-job/*");
        let found = match self.client.get_model_invocation_job().job_identifier(arn).send().await {
            Ok(found) => found,
            Err(error) => {
                return match call.failed(&error) {
                    failure if failure.class == FailureClass::Missing => Ok(None),
                    failure => Err(failure),
                };
            }
        };
        let message = found.message().filter(|message| !message.is_empty()).map(str::to_owned);
        let name = found.job_name().unwrap_or_default();
        Ok(Some(job(arn, name, found.status(), message)))
    }

    /// The jobs whose names contain these words, newest first.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub async fn named(&self, words: &str) -> Result<Vec<Job>, Failure> {
        let call = self.call("bedrock:ListModelInvocationJobs", words, "*");
        let mut pages =
            self.client.list_model_invocation_jobs().name_contains(words).into_paginator().items().send();
        let mut jobs = Vec::new();
        while let Some(next) = pages.next().await {
            let found = next.map_err(|error| call.failed(&error))?;
            let message = found.message().filter(|message| !message.is_empty()).map(str::to_owned);
            jobs.push(job(found.job_arn(), found.job_name(), found.status(), message));
        }
        Ok(jobs)
    }

    fn call(&self, action: &'static str, resource: &str, path: &str) -> Call<'_> {
        let region = self.connection.region();
        let arn = match path {
            "*" => path.to_owned(),
            path => format!("arn:{}:bedrock:{region}:*:{path}", partition(region)),
        };
        let attempt_timeout = self.connection.attempt_timeout();
        Call { action, resource: resource.to_owned(), arn, region, attempt_timeout }
    }
}

fn job(arn: &str, name: &str, status: Option<&ModelInvocationJobStatus>, message: Option<String>) -> Job {
    // Without a status nothing is known: it is read again later.
    let status = status.map_or("Submitted", ModelInvocationJobStatus::as_str).to_owned();
    Job { arn: arn.to_owned(), name: name.to_owned(), state: JobState::of(&status), status, message }
}

/// Adds the help to failures that only a submission has.
fn explained(mut failure: Failure, submission: &Submission) -> Failure {
    let role = &submission.role_arn;
    let about_role = failure.message.to_lowercase().contains("role");
    let help = match failure.code.as_deref() {
        Some("ValidationException") if about_role => format!(
            "let `bedrock.amazonaws.com` take `{role}` (its trust policy), and let the role read and write the bucket: \
             both policies are in docs/batch.md"
        ),
        Some("ValidationException") => format!(
            "check that {} has batch inference in this region, and that `calls.batch.min_records` is at least its quota",
            submission.model
        ),
        Some("ServiceQuotaExceededException") => {
            "wait for other jobs to end, or ask for more batch jobs of this model in Service Quotas, Amazon Bedrock"
                .to_owned()
        }
        Some("ConflictException") => "a job of this name was submitted just now: run it again".to_owned(),
        Some("ResourceNotFoundException") => {
            format!("check the id {}: it must have batch inference in this region", submission.model)
        }
        _ => return failure,
    };
    failure.help = Some(help);
    failure
}
