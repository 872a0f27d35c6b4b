//! Region, credentials, models, what is read of the stores, and the token for GitHub.

use std::path::Path;
use std::time::Duration;

use super::files::Read;
use crate::adapters::aws::{Connection, Options};
use crate::adapters::github::{self, GitHub, GitHubError};
use crate::adapters::s3::S3Bucket;
use crate::app::models::Models;
use crate::app::{failure, pricing, release, variable};
use crate::cli::EnvironmentArgs;
use crate::cloud::Failure;
use crate::config::CallPolicy;
use crate::doctor::{Finding, Look};
use crate::model::{Counted, ErrorClass, ModelError, Parameters, Request};
use crate::report::wording::count;

/// A person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Looks at the provider's models and at everything that the configuration names in AWS.
///
/// # Errors
/// When the system refuses threads.
pub(super) fn look(start: &Path, read: &Read, models: &Models) -> anyhow::Result<Vec<Look>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut looks = Vec::new();
    let options = Options { attempt_timeout: PATIENCE, ..Options::default() };
    let capabilities = models.kind().capabilities();
    if capabilities.is_on_aws {
        match runtime.block_on(Connection::open(options.clone())) {
            Ok(connection) => looks.push(Look::new("region", Finding::Fine(connection.region().to_owned()))),
            Err(error) => {
                looks.push(Look::new("region", of_failure(&error.failure("connect", "AWS"))));
                return Ok(looks);
            }
        }
    }
    let policy = CallPolicy { attempt_timeout_s: PATIENCE.as_secs(), ..CallPolicy::default() };
    let asked = models.connect(&policy, &runtime.block_on(pricing::here()), None, None);
    if let Err(error) = runtime.block_on(asked.ready()) {
        let help = error.help.unwrap_or_default();
        looks.push(Look::new("credentials", Finding::Fault(error.message, help)));
        return Ok(looks);
    }
    looks.push(Look::new("credentials", Finding::Fine("found".to_owned())));
    for (model, tiers) in &read.models {
        let at = format!("model {model} ({})", tiers.join(", "));
        let finding = match capabilities.counts_tokens {
            true => of_count(runtime.block_on(asked.count_tokens(&hello(model)))),
            false => Finding::Untold(UNCOUNTED.to_owned()),
        };
        looks.push(Look::new(at, finding));
    }
    let places = [
        ("shared_store", read.config.shared_store.as_ref().map(|place| (place, "main/"))),
        ("calls.batch", read.config.calls.batch.as_ref().map(|policy| (&policy.s3, ""))),
    ];
    for (key, place) in places {
        let Some((place, below)) = place else { continue };
        let finding = runtime.block_on(bucket(&place.bucket, &place.key(below), options.clone()));
        looks.push(Look::new(format!("{key} {place}"), finding));
    }
    for environment in &read.environments {
        if let Some((name, prefix)) = &environment.bucket {
            let options = Options { region: environment.region.clone(), ..options.clone() };
            let finding = runtime.block_on(bucket(name, prefix, options));
            looks.push(Look::new(format!("bucket {name} of {}", environment.name), finding));
        }
    }
    drop(runtime);
    looks.extend(read.environments.iter().map(|environment| live(start, &environment.name)));
    Ok(looks)
}

/// A model of which nothing can be asked without paying for an answer.
const UNCOUNTED: &str =
    "its tokens cannot be counted, and no other request is free: the first call will tell";

/// One short question, of which the provider only counts the tokens.
fn hello(model: &str) -> Request {
    Request {
        parameters: Parameters { max_tokens: 1, ..Parameters::default() },
        ..Request::new(model, "Hello")
    }
}

/// What the counting says of a model: it is there, and this identity may ask it.
fn of_count(counted: Result<Counted, ModelError>) -> Finding {
    let error = match counted {
        Ok(_) => return Finding::Fine("answers".to_owned()),
        Err(error) => error,
    };
    let cannot_count =
        error.message.contains("counting tokens") || error.message.contains("CountTokens is not");
    if cannot_count && error.class != ErrorClass::AccessDenied {
        return Finding::Untold(UNCOUNTED.to_owned());
    }
    if matches!(error.class, ErrorClass::Throttled | ErrorClass::NotReady | ErrorClass::Transient)
        && error.help.is_none()
    {
        return Finding::Untold(format!("{}: run it again in a minute", words(&error)));
    }
    let help = error.help.clone().unwrap_or_else(|| "see docs/aws.md, \"Models\"".to_owned());
    Finding::Fault(words(&error), help)
}

/// What the service said, without what to do about it.
fn words(error: &ModelError) -> String {
    match &error.code {
        Some(code) => format!("{code}: {}", error.message),
        None => error.message.clone(),
    }
}

/// Lists what lies below a prefix.
async fn bucket(name: &str, prefix: &str, options: Options) -> Finding {
    match Connection::open(options).await {
        Err(error) => Finding::Fault(error.to_string(), "see above".to_owned()),
        Ok(connection) => match S3Bucket::connect(&connection, name).list(prefix).await {
            Ok(keys) => Finding::Fine(format!("readable, {} objects", keys.len())),
            Err(failure) => of_failure(&failure),
        },
    }
}

fn of_failure(failure: &Failure) -> Finding {
    let help = failure.help.clone().unwrap_or_else(|| "run it again in a minute".to_owned());
    Finding::Fault(failure.message.clone(), help)
}

/// Reads what is live of every prompt, as a comparison on the main line does.
fn live(start: &Path, name: &str) -> Look {
    let at = format!("release to {name}");
    let args = EnvironmentArgs { env: Some(name.to_owned()), ..EnvironmentArgs::default() };
    let looked = release::readable(start, &args);
    Look::new(
        at,
        match looked {
            Ok((prompts, live)) => {
                Finding::Fine(format!("readable; live: {live} of {}", count(prompts, "prompt")))
            }
            Err(error) => match error.downcast_ref::<Failure>() {
                Some(failure) => of_failure(failure),
                None => Finding::Fault(
                    failure::shown(&error).trim_start_matches("error: ").to_owned(),
                    "the release reads the commit that is checked out (docs/release.md)".to_owned(),
                ),
            },
        },
    )
}

/// Looks whether the token with which the action reads the base and writes its comment reads the repository's
/// commits, where there is one. Whether it may write a comment shows when one is written.
///
/// # Errors
/// When the system refuses threads.
pub(super) fn token() -> anyhow::Result<Option<Look>> {
    let token = variable("PROMPT_ASSAY_GITHUB_TOKEN").or_else(|| variable("GITHUB_TOKEN"));
    let (Some(token), Some(repository)) = (token, variable("GITHUB_REPOSITORY")) else { return Ok(None) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked: Result<String, GitHubError> = runtime.block_on(async {
        let github = GitHub::new(github::Options {
            api_url: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            token: Some(token),
            repository: repository.clone(),
            pace: github::Pace::default(),
        })?;
        github.commit("HEAD").await
    });
    let finding = match asked {
        Ok(_) => Finding::Fine("the token reads its commits".to_owned()),
        Err(GitHubError::Refused { status, message, help, .. }) => {
            Finding::Fault(format!("GitHub refuses to read its commits: {status} {message}"), help)
        }
        Err(error) => {
            Finding::Fault(error.to_string(), "check the network, HTTPS_PROXY and GITHUB_API_URL".to_owned())
        }
    };
    Ok(Some(Look::new(format!("GitHub {repository}"), finding)))
}
