//! The event that started the run: only the needed fields of GitHub's event file.

use serde_json::Value;

use super::is_commit_id;
use super::job::of_branch;
use crate::report::untrusted::quoted;

/// The event file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// An event without prompts to compare.
    #[error(
        "the event {} is not one this action runs on; use `pull_request`, `merge_group`, `push`, \
         `workflow_dispatch`, `schedule` or, with care, `pull_request_target`",
        quoted(.0)
    )]
    Unsupported(String),
    /// No JSON.
    #[error("the event file is not JSON: {0}")]
    Syntax(String),
    /// JSON of another shape.
    #[error("the event file has no usable `{field}`; is it the file of a `{event}` event?")]
    Shape {
        /// The event's name.
        event: String,
        /// What is missing, as a path.
        field: &'static str,
    },
}

/// What started the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A pull request; the checkout is its test merge.
    PullRequest(PullRequest),
    /// A pull request, with the base's secrets: its head is data, never to be trusted.
    PullRequestTarget(PullRequest),
    /// A merge queue's candidate.
    MergeGroup {
        /// The queue's commit.
        head: String,
        /// What it would be merged into.
        base: String,
        /// Whether the queue is the default branch's: another branch's may ask less of a change.
        to_default_branch: bool,
    },
    /// A push.
    Push(Push),
    /// A push that deleted a branch: the run's commit does not belong to the event.
    Deleted,
    /// Started by hand or by a schedule.
    Started {
        /// Whether the run is on the default branch.
        on_default_branch: bool,
    },
}

impl Event {
    /// Whether the run is about a commit of the default branch.
    pub fn is_on_default_branch(&self) -> bool {
        match self {
            Event::Push(push) => push.to_default_branch,
            Event::Started { on_default_branch } => *on_default_branch,
            Event::PullRequest(_)
            | Event::PullRequestTarget(_)
            | Event::MergeGroup { .. }
            | Event::Deleted => false,
        }
    }
}

/// A pull request's part of the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Tip of the branch it would be merged into.
    pub base: String,
    /// Its own newest commit.
    pub head: String,
    /// Whether the head is in another repository, or in one that is gone.
    pub is_from_fork: bool,
    /// The label whose addition is the event.
    pub labelled: Option<String>,
    /// Its labels at the time of the event.
    pub labels: Vec<String>,
    /// Login of its author; empty when it is not given.
    pub author: String,
    /// The author's association with the repository, from GitHub: `MEMBER`, `CONTRIBUTOR`, `NONE`, …
    pub association: String,
    /// Login of the person who caused the event; empty when it is not given.
    pub sender: String,
    /// When the event happened, in GitHub's form `2026-01-05T09:00:00Z`; empty when it is not given.
    pub updated_at: String,
    /// Its description at the time of the event (untrusted text).
    pub description: String,
}

/// A push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The branch's commit before; `None` for a new branch.
    pub before: Option<String>,
    /// The pushed commit.
    pub after: String,
    /// The default branch's name.
    pub default_branch: String,
    /// Whether it was pushed to.
    pub to_default_branch: bool,
}

impl Event {
    /// Reads the event. `branch` is the branch of the run.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn read(name: &str, file: &str, branch: &str) -> Result<Self, EventError> {
        let known =
            ["pull_request", "pull_request_target", "merge_group", "push", "workflow_dispatch", "schedule"];
        if !known.contains(&name) {
            return Err(EventError::Unsupported(name.to_owned()));
        }
        let value: Value =
            serde_json::from_str(file).map_err(|error| EventError::Syntax(error.to_string()))?;
        let payload = Payload { event: name, value: &value };
        Ok(match name {
            "pull_request" => Event::PullRequest(payload.pull_request()?),
            "pull_request_target" => Event::PullRequestTarget(payload.pull_request()?),
            "merge_group" => Event::MergeGroup {
                head: payload.commit("merge_group.head_sha")?,
                base: payload.commit("merge_group.base_sha")?,
                to_default_branch: payload.is_queue_of_default_branch(),
            },
            "push" if payload.get("deleted").and_then(Value::as_bool) == Some(true) => Event::Deleted,
            "push" => Event::Push(payload.push(branch)?),
            _ => Event::Started {
                on_default_branch: payload.text("repository.default_branch").ok().as_deref() == Some(branch),
            },
        })
    }
}

struct Payload<'a> {
    event: &'a str,
    value: &'a Value,
}

impl Payload<'_> {
    fn get(&self, field: &str) -> Option<&Value> {
        self.value.pointer(&format!("/{}", field.replace('.', "/")))
    }

    fn missing(&self, field: &'static str) -> EventError {
        EventError::Shape { event: self.event.to_owned(), field }
    }

    fn text(&self, field: &'static str) -> Result<String, EventError> {
        self.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| self.missing(field))
    }

    fn commit(&self, field: &'static str) -> Result<String, EventError> {
        self.text(field).ok().filter(|id| is_commit_id(id)).ok_or_else(|| self.missing(field))
    }

    fn is_queue_of_default_branch(&self) -> bool {
        let base = self.get("merge_group.base_ref").and_then(Value::as_str).and_then(of_branch);
        base.is_some() && base == self.get("repository.default_branch").and_then(Value::as_str)
    }

    fn pull_request(&self) -> Result<PullRequest, EventError> {
        let number = "pull_request.number";
        let of_head = self.get("pull_request.head.repo.full_name").and_then(Value::as_str);
        let of_base = self.text("pull_request.base.repo.full_name")?;
        Ok(PullRequest {
            number: self.get(number).and_then(Value::as_u64).ok_or_else(|| self.missing(number))?,
            base: self.commit("pull_request.base.sha")?,
            head: self.commit("pull_request.head.sha")?,
            is_from_fork: of_head != Some(of_base.as_str()),
            labelled: (self.optional("action") == "labeled")
                .then(|| self.optional("label.name"))
                .filter(|name| !name.is_empty()),
            labels: self.labels(),
            author: self.optional("pull_request.user.login"),
            association: self.optional("pull_request.author_association"),
            sender: self.optional("sender.login"),
            updated_at: self.optional("pull_request.updated_at"),
            description: self.optional("pull_request.body"),
        })
    }

    fn optional(&self, field: &str) -> String {
        self.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn labels(&self) -> Vec<String> {
        let labels = self.get("pull_request.labels").and_then(Value::as_array);
        let names = labels.into_iter().flatten().filter_map(|label| label["name"].as_str());
        names.map(str::to_owned).collect()
    }

    fn push(&self, branch: &str) -> Result<Push, EventError> {
        let before = self.commit("before")?;
        let default_branch = self.text("repository.default_branch")?;
        Ok(Push {
            before: before.bytes().any(|digit| digit != b'0').then_some(before),
            after: self.commit("after")?,
            to_default_branch: default_branch == branch,
            default_branch,
        })
    }
}
