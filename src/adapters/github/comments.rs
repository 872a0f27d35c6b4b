//! The program's comment: found by marker and author over all pages, written, repaired.

use serde::Deserialize;
use serde_json::json;

use super::exchange::{Ask, Verb, failure};
use super::pace::Next;
use super::{GitHub, GitHubError};
use crate::action::{Marker, Placement, PostedComment, placement};

/// The maximum number of copies that one run deletes: a bot that repeats our comment must not keep a run busy.
const MOST_DELETED: usize = 20;

/// The place of our comment, and its possible author.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The pull request.
    pub pull_request: u64,
    /// Its newest commit when the run began; `None`: the run is not about its head.
    pub head: Option<&'a str>,
    /// Login of the author of our comments.
    pub author: &'a str,
}

/// The outcome for a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written; its page.
    Stands(String),
    /// A newer run has written; its result is kept.
    Overtaken,
}

#[derive(Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    user: Option<Author>,
    #[serde(default)]
    body: Option<String>,
    html_url: String,
}

#[derive(Deserialize)]
struct Author {
    login: String,
}

#[derive(Deserialize)]
struct PullRequest {
    head: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

impl From<Comment> for PostedComment {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            author: comment.user.map(|user| user.login).unwrap_or_default(),
            body: comment.body.unwrap_or_default(),
            url: comment.html_url,
        }
    }
}

const PERMISSION: &str = "pull-requests: write";

fn ask(what: &str) -> Ask<'_> {
    Ask { what, permission: PERMISSION }
}

impl GitHub {
    /// Sets our comment on a pull request to this text: creates it, edits it, or leaves it to a
    /// newer run; deletes later copies. Never creates two.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn write_comment(
        &self,
        spot: Spot<'_>,
        marker: &Marker,
        text: &str,
    ) -> Result<Written, GitHubError> {
        let comments = self.comments(spot.pull_request).await?;
        let found = placement(&comments, marker, spot.author);
        if self.is_overtaken(spot, found.newer).await {
            return Ok(Written::Overtaken);
        }
        let Some(id) = found.edit else {
            self.create_comment(spot, marker, text).await?;
            // Another run may have created one at the same time: the oldest is kept by both.
            let comments = self.comments(spot.pull_request).await?;
            return self.heal(spot, &comments, placement(&comments, marker, spot.author), text).await;
        };
        let url = self.edit_comment(id, text).await?;
        self.delete_duplicates(&found).await?;
        Ok(Written::Stands(url))
    }

    /// Our comment, if there is one.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn has_comment(&self, spot: Spot<'_>, marker: &Marker) -> Result<bool, GitHubError> {
        Ok(placement(&self.comments(spot.pull_request).await?, marker, spot.author).edit.is_some())
    }

    /// Whether a newer run's result is there. A comment alone is not a proof, because others can
    /// make the same author write it: the pull request must also have a newer commit.
    async fn is_overtaken(&self, spot: Spot<'_>, newer: bool) -> bool {
        match spot.head.filter(|_| newer) {
            None => false,
            Some(head) => self.pull_request_head(spot.pull_request).await.is_ok_and(|newest| newest != head),
        }
    }

    async fn pull_request_head(&self, pull_request: u64) -> Result<String, GitHubError> {
        let what = "read the pull request's newest commit";
        let route = self.route(&format!("pulls/{pull_request}"));
        let answer = self.persist(Verb::Get, &route, &ask(what)).await?;
        Ok(answer.parsed::<PullRequest>(what)?.head.sha)
    }

    /// The text of our comment, if there is one.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn comment_text(
        &self,
        pull_request: u64,
        marker: &Marker,
        author: &str,
    ) -> Result<Option<String>, GitHubError> {
        let comments = self.comments(pull_request).await?;
        let found = placement(&comments, marker, author).edit;
        Ok(comments.into_iter().find(|comment| Some(comment.id) == found).map(|comment| comment.body))
    }

    async fn comments(&self, pull_request: u64) -> Result<Vec<PostedComment>, GitHubError> {
        let route = self.route(&format!("issues/{pull_request}/comments"));
        let comments: Vec<Comment> = self.pages(&route, &ask("list the pull request's comments")).await?;
        Ok(comments.into_iter().map(Into::into).collect())
    }

    /// Creates it; after an ambiguous failure, checks whether it was created all the same.
    async fn create_comment(&self, spot: Spot<'_>, marker: &Marker, text: &str) -> Result<(), GitHubError> {
        let route = self.route(&format!("issues/{}/comments", spot.pull_request));
        let body = json!({ "body": text });
        let mut attempt = 1;
        loop {
            let outcome = self.once(Verb::Post(&body), &route).await;
            if outcome.as_ref().is_ok_and(super::answer::Answer::is_success) {
                return Ok(());
            }
            match self.pace.next(outcome.as_ref().ok(), attempt) {
                Next::Limited(wait) => tokio::time::sleep(wait).await,
                Next::Unclear(wait) => {
                    tokio::time::sleep(wait).await;
                    if self.has_comment(spot, marker).await? {
                        return Ok(());
                    }
                }
                Next::Never => return Err(failure(outcome, &ask("comment on the pull request"))),
            }
            attempt += 1;
        }
    }

    async fn heal(
        &self,
        spot: Spot<'_>,
        comments: &[PostedComment],
        found: Placement,
        text: &str,
    ) -> Result<Written, GitHubError> {
        let oldest = found.edit.and_then(|id| comments.iter().find(|comment| comment.id == id));
        let Some(oldest) = oldest else {
            return Err(GitHubError::Unavailable {
                what: "show the comment just written".to_owned(),
                reason: "no comment with this author; if the token is an App's or a person's, set `comment-author`".to_owned(),
            });
        };
        self.delete_duplicates(&found).await?;
        if self.is_overtaken(spot, found.newer).await {
            return Ok(Written::Overtaken);
        }
        if oldest.body.trim_end() == text.trim_end() {
            return Ok(Written::Stands(oldest.url.clone()));
        }
        self.edit_comment(oldest.id, text).await.map(Written::Stands)
    }

    async fn edit_comment(&self, id: u64, text: &str) -> Result<String, GitHubError> {
        let route = self.route(&format!("issues/comments/{id}"));
        let body = json!({ "body": text });
        let what = "edit the comment";
        let answer = self.persist(Verb::Patch(&body), &route, &ask(what)).await?;
        Ok(answer.parsed::<Comment>(what)?.html_url)
    }

    /// A copy that another run has already deleted counts as deleted.
    async fn delete_duplicates(&self, found: &Placement) -> Result<(), GitHubError> {
        for id in found.duplicates.iter().take(MOST_DELETED) {
            let route = self.route(&format!("issues/comments/{id}"));
            match self.persist(Verb::Delete, &route, &ask("delete a copy of the comment")).await {
                Ok(_) | Err(GitHubError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
