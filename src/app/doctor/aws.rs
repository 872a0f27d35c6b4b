//! Region, credentials, models, and what is read of the stores.

use std::path::Path;
use std::time::Duration;

use super::files::Read;
use crate::adapters::aws::{Connection, Options};
use crate::adapters::bedrock::{Bedrock, Counted, instead};
use crate::adapters::s3::S3Bucket;
use crate::app::failure;
use crate::app::release;
use crate::cli::EnvironmentArgs;
use crate::cloud::Failure;
use crate::doctor::{Finding, Look};
use crate::model::{ErrorClass, Message, Model, ModelError, Parameters, Request, Role};
use crate::price;
use crate::report::wording::count;

/// Nobody waits for a doctor.
const PATIENCE: Duration = Duration::from_secs(15);

/// Looks at everything that the configuration names in AWS.
///
/// # Errors
/// When the system refuses threads.
pub(super) fn look(start: &Path, read: &Read) -> anyhow::Result<Vec<Look>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut looks = Vec::new();
    let options = Options { attempt_timeout: PATIENCE, ..Options::default() };
    let bedrock = match runtime.block_on(Bedrock::connect(options.clone())) {
        Ok(bedrock) => bedrock,
        Err(error) => {
            looks.push(of_model_error("region", error));
            return Ok(looks);
        }
    };
    looks.push(Look::new("region", Finding::Fine(bedrock.region().to_owned())));
    if let Err(error) = runtime.block_on(bedrock.ready()) {
        looks.push(of_model_error("credentials", error));
        return Ok(looks);
    }
    looks.push(Look::new("credentials", Finding::Fine("found".to_owned())));
    for (model, tiers) in &read.models {
        let at = format!("model {model} ({})", tiers.join(", "));
        // Tokens are counted by the model behind a profile, whether or not the region has the profile.
        if price::of_profile(model).is_some()
            && let Ok(profiles) = runtime.block_on(bedrock.profiles())
            && !profiles.contains(model)
        {
            let said = format!("{} has no such inference profile", bedrock.region());
            looks.push(Look::new(at, Finding::Fault(said, instead(model, profiles, bedrock.region()))));
            continue;
        }
        let counted = runtime.block_on(bedrock.count_tokens(&hello(model)));
        looks.push(Look::new(at, of_count(counted)));
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

/// One short question, of which Bedrock only counts the tokens.
fn hello(model: &str) -> Request {
    Request {
        model: model.to_owned(),
        system: None,
        messages: vec![Message { role: Role::User, text: "Hello".to_owned() }],
        parameters: Parameters { max_tokens: 1, ..Parameters::default() },
        tools: Vec::new(),
        tool_choice: None,
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
        return Finding::Untold(
            "Bedrock counts no tokens for it, which is all that costs nothing: its first call will tell"
                .to_owned(),
        );
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

fn of_model_error(at: &str, error: ModelError) -> Look {
    let help = error.help.clone().unwrap_or_default();
    Look::new(at, Finding::Fault(error.message, help))
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
