//! One request and its response, and the loop for requests that may be made twice. `pace` decides
//! about the next attempt; the creation of a comment has its own loop, in `comments`.

use std::time::Duration;

use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Answer;
use super::pace::Next;
use super::{GitHub, GitHubError};

/// The request.
#[derive(Clone, Copy)]
pub(super) enum Verb<'a> {
    Get,
    Post(&'a Value),
    Patch(&'a Value),
    Delete,
}

/// The description of the request, for errors.
pub(super) struct Ask<'a> {
    /// `read the tree of …`
    pub what: &'a str,
    /// The permission that the job needs, as YAML.
    pub permission: &'a str,
}

impl GitHub {
    /// One attempt.
    pub(super) async fn once(&self, verb: Verb<'_>, route: &str) -> Result<Answer, String> {
        let limit = self.pace.attempt;
        let exchange = exchange(&self.octocrab, verb, route);
        match tokio::time::timeout(limit, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(root(&error)),
            Err(_) => Err(format!("no answer within {} s", limit.as_secs_f64())),
        }
    }

    /// Repeats until it succeeds or a repetition is useless. Only for requests that may be made twice.
    pub(super) async fn persist(
        &self,
        verb: Verb<'_>,
        route: &str,
        ask: &Ask<'_>,
    ) -> Result<Answer, GitHubError> {
        let mut attempt = 1;
        loop {
            let outcome = self.once(verb, route).await;
            if let Ok(answer) = &outcome
                && answer.is_success()
            {
                return outcome.map_err(|reason| unavailable(ask, reason));
            }
            match self.pace.next(outcome.as_ref().ok(), attempt) {
                Next::Limited(wait) | Next::Unclear(wait) => tokio::time::sleep(wait).await,
                Next::Never => return Err(failure(outcome, ask)),
            }
            attempt += 1;
        }
    }

    /// All pages of a list.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        route: &str,
        ask: &Ask<'_>,
    ) -> Result<Vec<T>, GitHubError> {
        const MOST_PAGES: u32 = 300;
        let mut items = Vec::new();
        for page in 1..=MOST_PAGES {
            let route = format!("{route}?per_page=100&page={page}");
            let answer = self.persist(Verb::Get, &route, ask).await?;
            items.extend(answer.parsed::<Vec<T>>(ask.what)?);
            if !answer.has_next_page {
                break;
            }
        }
        Ok(items)
    }
}

async fn exchange(octocrab: &Octocrab, verb: Verb<'_>, route: &str) -> Result<Answer, octocrab::Error> {
    let response = match verb {
        Verb::Get => octocrab._get(route).await?,
        Verb::Post(body) => octocrab._post(route, Some(body)).await?,
        Verb::Patch(body) => octocrab._patch(route, Some(body)).await?,
        Verb::Delete => octocrab._delete(route, None::<&Value>).await?,
    };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let number = |name: &str| header(name).and_then(|value| value.trim().parse().ok());
    let mut answer = Answer {
        status: response.status().as_u16(),
        has_next_page: header("link").is_some_and(|link| link.contains("rel=\"next\"")),
        retry_after: number("retry-after").map(Duration::from_secs),
        remaining: number("x-ratelimit-remaining"),
        reset: number("x-ratelimit-reset"),
        body: String::new(),
    };
    answer.body = octocrab.body_to_string(response).await?;
    Ok(answer)
}

/// The error after the last attempt.
pub(super) fn failure(outcome: Result<Answer, String>, ask: &Ask<'_>) -> GitHubError {
    match outcome {
        Err(reason) => unavailable(ask, reason),
        Ok(answer) if matches!(answer.status, 408 | 429 | 500..) => {
            unavailable(ask, format!("{} {}", answer.status, answer.message()))
        }
        Ok(answer) => GitHubError::Refused {
            what: ask.what.to_owned(),
            status: answer.status,
            message: answer.message(),
            help: match answer.status {
                401 => {
                    "the token is not valid: pass `github-token: ${{ github.token }}`, or leave the input out"
                        .to_owned()
                }
                403 | 404 => format!(
                    "the token may lack a permission; add to the job:\n       permissions:\n         {}",
                    ask.permission
                ),
                _ => "this may be a bug in prompt-assay; please report it".to_owned(),
            },
        },
    }
}

fn unavailable(ask: &Ask<'_>, reason: String) -> GitHubError {
    GitHubError::Unavailable { what: ask.what.to_owned(), reason }
}

/// The innermost cause: octocrab's own words only name the layer.
fn root(error: &octocrab::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string().lines().next().unwrap_or_default().to_owned()
}
