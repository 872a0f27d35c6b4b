//! A job as Bedrock reports it, and what to do if one ends without its answers.

/// What is submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The job's name, and the token by which Bedrock knows a request that is sent again.
    pub name: String,
    /// The model's id.
    pub model: String,
    /// The role that Bedrock takes.
    pub role_arn: String,
    /// The file of records, `s3://bucket/key`.
    pub input: String,
    /// Where the answers go, `s3://bucket/prefix/`.
    pub output: String,
    /// How long it may take.
    pub timeout_hours: u32,
}

/// A job as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What that status means here.
    pub state: JobState,
    /// Bedrock's word for it.
    pub status: String,
    /// Why, where Bedrock says so (untrusted text).
    pub message: Option<String>,
}

/// What a job offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nothing yet: wait.
    Going,
    /// Its answers; perhaps not to all records.
    Answered,
    /// It ended early; perhaps it left some answers.
    Ended,
}

impl JobState {
    /// The meaning of a status; with an unknown status the program waits.
    pub fn of(status: &str) -> Self {
        match status {
            "Completed" | "PartiallyCompleted" => JobState::Answered,
            "Failed" | "Stopped" | "Expired" => JobState::Ended,
            _ => JobState::Going,
        }
    }
}

/// A job ended early. Nothing is bought at the full price instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the batch job `{name}` ended as {status}{}; {answered} of its {records} answers came and are stored\n   = {}",
    .message.as_ref().map(|message| format!(": {message}")).unwrap_or_default(),
    self.help()
)]
pub struct JobEnded {
    /// Its name.
    pub name: String,
    /// Bedrock's status; `gone` if it has no such job.
    pub status: String,
    /// Bedrock's reason (untrusted text).
    pub message: Option<String>,
    /// Answers that are stored now.
    pub answered: usize,
    /// Records it had.
    pub records: usize,
    /// Hours it was allowed.
    pub timeout_hours: u32,
}

impl JobEnded {
    fn help(&self) -> String {
        match self.status.as_str() {
            "Expired" => format!(
                "it did not end within `calls.batch.timeout_hours` ({}): raise it, or run at a quieter hour; the next \
                 run with `--batch` asks only for what is missing, a run without it asks at once and at the full price",
                self.timeout_hours
            ),
            "Stopped" => "somebody stopped it: the next run with `--batch` asks only for what is missing, a run \
                          without it asks at once and at the full price"
                .to_owned(),
            "Failed" => "fix the cause that the reason names (the role's access to the bucket, a model that has no batch \
                         inference here, fewer records than the model's quota asks for) and run it again: another job \
                         is submitted"
                .to_owned(),
            "gone" => "it does not exist any more: run it again, and another job is submitted".to_owned(),
            _ => "its files are missing: make sure that no lifecycle rule removes them within a \
                  day, and run it again"
                .to_owned(),
        }
    }
}
