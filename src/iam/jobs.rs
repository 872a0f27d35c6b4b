//! What each kind of job may do. None may delete, but old versions in Prompt Management where the configuration says so;
//! a release calls no model; a pull request writes nothing.

use std::collections::BTreeSet;

use super::models::{partition, touched};
use super::needs::{Destinations, Needs};
use super::{Policy, Statement};
use crate::price::of_profile;
use crate::s3_location::S3Location;

/// A kind of job, which has a role of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Evaluates pull requests.
    Evaluation,
    /// Evaluates the default branch and its merge queue.
    MainLine,
    /// Buys answers in batch jobs; beside one of the two above.
    Batch,
    /// Bedrock itself, which answers the files of batch jobs.
    BatchService,
    /// Releases, rolls back, and reads what happened.
    Release,
    /// Compares what is live with Git.
    Drift,
    /// The application.
    Runtime,
}

impl Job {
    /// All of them, in the order of a prompt's way.
    pub const ALL: [Self; 7] = [
        Self::Evaluation,
        Self::MainLine,
        Self::Batch,
        Self::BatchService,
        Self::Release,
        Self::Drift,
        Self::Runtime,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::MainLine => "main-line",
            Self::Batch => "batch",
            Self::BatchService => "batch-service",
            Self::Release => "release",
            Self::Drift => "drift",
            Self::Runtime => "runtime",
        }
    }
}

/// What a job may do; `None`: the configuration has nothing for it.
pub fn policy(job: Job, needs: &Needs) -> Option<Policy> {
    let policy = match job {
        Job::Evaluation => {
            let mut policy = asking(needs, &needs.on_branches);
            policy.extend(shared(needs, &["s3:GetObject"]));
            policy
        }
        Job::MainLine => {
            let mut policy = asking(needs, &needs.on_main);
            policy.extend(shared(needs, &["s3:GetObject", "s3:PutObject"]));
            policy.extend(needs.release.iter().flat_map(|release| live(needs, release)));
            policy
        }
        Job::Batch => batch(needs)?,
        Job::BatchService => batch_service(needs)?,
        Job::Release => release(needs, needs.release.as_ref()?),
        Job::Drift => drift(needs, needs.release.as_ref()?),
        Job::Runtime => runtime(needs, needs.release.as_ref()?),
    };
    let policy = joined(policy);
    (!policy.is_empty()).then_some(policy)
}

/// One statement for each bucket's listing, however many ask for it.
fn joined(policy: Policy) -> Policy {
    let mut joined: Policy = Vec::new();
    for statement in policy {
        let same = |known: &&mut Statement| {
            (known.sid, &known.actions, &known.conditions)
                == (statement.sid, &statement.actions, &statement.conditions)
        };
        match joined.iter_mut().find(same) {
            Some(known) => {
                known.resources.extend(statement.resources);
                known.resources.sort();
                known.resources.dedup();
            }
            None => joined.push(statement),
        }
    }
    joined
}

/// Converse is allowed by `bedrock:InvokeModel`. `plan --count-tokens` counts, which costs nothing.
fn asking(needs: &Needs, models: &BTreeSet<String>) -> Policy {
    let touched: Vec<_> =
        models.iter().map(|model| touched(model, &needs.place.region, &needs.place.account)).collect();
    let named: BTreeSet<&String> = touched.iter().map(|touched| &touched.named).collect();
    let mut policy = Vec::new();
    if !named.is_empty() {
        let named = named.into_iter().cloned().collect();
        policy.push(Statement::allow("AskModels", &["bedrock:InvokeModel", "bedrock:CountTokens"], named));
    }
    // Tokens are counted by the model behind a profile, where the profile's own id cannot be asked.
    let counted: BTreeSet<String> = models.iter().filter_map(|model| counted_as(model, needs)).collect();
    if !counted.is_empty() {
        let counted = counted.into_iter().collect();
        policy.push(Statement::allow("CountBehindProfiles", &["bedrock:CountTokens"], counted));
    }
    let looked_up: Vec<String> =
        models.iter().filter(|model| model.contains(":application-inference-profile/")).cloned().collect();
    if !looked_up.is_empty() {
        policy.push(Statement::allow("LookUpProfiles", &["bedrock:GetInferenceProfile"], looked_up));
    }
    if !models.is_empty() {
        // To name what the region offers instead of an unknown one; AWS grants it for all or none.
        let all = vec!["*".to_owned()];
        policy.push(Statement::allow("ListProfiles", &["bedrock:ListInferenceProfiles"], all));
    }
    let handing: Vec<_> = touched.iter().filter(|touched| !touched.behind.is_empty()).collect();
    let behind: BTreeSet<&String> = handing.iter().flat_map(|touched| &touched.behind).collect();
    if !behind.is_empty() {
        let behind = behind.into_iter().cloned().collect();
        let profiles = handing.iter().map(|touched| touched.named.clone()).collect();
        let statement = Statement::allow("AskBehindProfiles", &["bedrock:InvokeModel"], behind);
        policy.push(statement.when("StringLike", "bedrock:InferenceProfileArn", profiles));
    }
    policy
}

/// The model behind a profile, in the region of the caller; any, where the profile is the account's own.
fn counted_as(model: &str, needs: &Needs) -> Option<String> {
    let base = match of_profile(model) {
        Some((_, base)) => base,
        None if model.contains(":application-inference-profile/") => "*",
        None => return None,
    };
    let region = &needs.place.region;
    Some(format!("arn:{}:bedrock:{region}::foundation-model/{base}", partition(region)))
}

fn shared(needs: &Needs, actions: &[&'static str]) -> Policy {
    let Some(place) = &needs.shared else { return Vec::new() };
    let partition = partition(&needs.place.region);
    let objects = format!("arn:{partition}:s3:::{}/{}", place.bucket, place.key("main/*"));
    vec![Statement::allow("SharedStore", actions, vec![objects]), listing(partition, &place.bucket)]
}

/// Without it S3 calls an object that is not there denied.
fn listing(partition: &str, bucket: &str) -> Statement {
    Statement::allow("FindObjects", &["s3:ListBucket"], vec![format!("arn:{partition}:s3:::{bucket}")])
}

/// The files of batch jobs, and their answers.
fn batch_files(partition: &str, files: &S3Location) -> Statement {
    let objects = format!("arn:{partition}:s3:::{}/{}", files.bucket, files.key("*"));
    Statement::allow("BatchFiles", &["s3:GetObject", "s3:PutObject"], vec![objects])
}

/// What is live, by its records: a version's description names the commit that its content comes from.
fn live(needs: &Needs, to: &Destinations) -> Policy {
    let mut policy = match to.is_appconfig {
        true => appconfig_reading(needs, to),
        false => {
            let named = to.parameters.iter().map(|name| parameter(needs, to, name)).collect();
            vec![Statement::allow("ReadWhatIsLive", &["ssm:GetParameterHistory"], named)]
        }
    };
    policy.extend(key(needs, to, &["kms:Decrypt"]));
    policy
}

fn release(needs: &Needs, to: &Destinations) -> Policy {
    let mut policy = Vec::new();
    if to.is_appconfig {
        policy.extend(appconfig_reading(needs, to));
        let mut resources = application(needs, to);
        let strategies = appconfig(needs, to, "deploymentstrategy/*");
        resources.push(strategies);
        policy.push(Statement::allow(
            "Deploy",
            &["appconfig:CreateHostedConfigurationVersion", "appconfig:StartDeployment"],
            resources,
        ));
    } else {
        let mut actions = vec![
            "ssm:GetParameter",
            "ssm:GetParameterHistory",
            "ssm:PutParameter",
            "ssm:LabelParameterVersion",
        ];
        actions.extend(to.tags.then_some("ssm:AddTagsToResource"));
        policy.push(Statement::allow("WriteParameters", &actions, parameters(needs, to)));
    }
    policy.extend(write_prompts(needs, to));
    policy.extend(contents(to, &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]));
    policy.extend(key(needs, to, &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]));
    policy
}

fn drift(needs: &Needs, to: &Destinations) -> Policy {
    let mut policy = live(needs, to);
    if to.prompt_management.is_some() {
        policy.push(Statement::allow("ReadPrompts", &["bedrock:GetPrompt"], vec![prompts(needs, to, "*")]));
    }
    policy.extend(contents(to, &["s3:GetObject", "s3:GetObjectVersion"]));
    if !to.is_appconfig {
        // Names without values. AWS grants it for all parameters or none.
        policy.push(Statement::allow("ListNames", &["ssm:DescribeParameters"], vec!["*".to_owned()]));
    }
    policy
}

fn runtime(needs: &Needs, to: &Destinations) -> Policy {
    let mut policy = Vec::new();
    if to.is_appconfig {
        let path = format!(
            "application/{}/environment/*/configuration/*",
            needs.place.application.as_deref().unwrap_or("*")
        );
        policy.push(Statement::allow(
            "ReadConfigurations",
            &["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
            vec![appconfig(needs, to, &path)],
        ));
    } else {
        // The clients read ten in one call; AWS's extension for Lambda reads one.
        policy.push(Statement::allow(
            "ReadParameters",
            &["ssm:GetParameters", "ssm:GetParameter"],
            to.parameters.iter().map(|name| parameter(needs, to, name)).collect(),
        ));
    }
    if to.prompt_management.is_some() {
        // Beside the permission to ask the model.
        policy.push(Statement::allow(
            "CallPrompts",
            &["bedrock:RenderPrompt"],
            vec![prompts(needs, to, "*")],
        ));
    }
    policy.extend(objects(to, &["s3:GetObject", "s3:GetObjectVersion"]));
    policy.extend(key(needs, to, &["kms:Decrypt"]));
    policy
}

/// Contents as versions in Prompt Management.
fn write_prompts(needs: &Needs, to: &Destinations) -> Policy {
    let Some(settings) = to.prompt_management else { return Vec::new() };
    let mut policy = vec![
        // AWS gives a prompt its id, and names are found in the list.
        Statement::allow(
            "FindPrompts",
            &["bedrock:ListPrompts", "bedrock:CreatePrompt"],
            vec!["*".to_owned()],
        ),
        Statement::allow(
            "WritePrompts",
            &["bedrock:GetPrompt", "bedrock:UpdatePrompt", "bedrock:CreatePromptVersion"],
            vec![prompts(needs, to, "*")],
        ),
    ];
    if settings.keep.is_some() {
        // A version, never a prompt.
        let versions = vec![prompts(needs, to, "*:*")];
        policy.push(Statement::allow("DeleteOldVersions", &["bedrock:DeletePrompt"], versions));
    }
    policy
}

fn prompts(needs: &Needs, to: &Destinations, id: &str) -> String {
    format!("arn:{}:bedrock:{}:{}:prompt/{id}", partition(&to.region), to.region, needs.place.account)
}

fn parameter(needs: &Needs, to: &Destinations, name: &str) -> String {
    let (partition, account) = (partition(&to.region), &needs.place.account);
    format!("arn:{partition}:ssm:{}:{account}:parameter/{}", to.region, name.trim_start_matches('/'))
}

/// The parameters, and those that keep the records of versions which SSM dropped.
fn parameters(needs: &Needs, to: &Destinations) -> Vec<String> {
    let mut arns: Vec<String> = Vec::new();
    for name in &to.parameters {
        arns.push(parameter(needs, to, name));
        if !name.ends_with('*') {
            arns.push(parameter(needs, to, &format!("{name}.audit.*")));
        }
    }
    arns
}

fn objects(to: &Destinations, actions: &[&'static str]) -> Option<Statement> {
    let (bucket, prefix) = to.bucket.as_ref()?;
    let objects = format!("arn:{}:s3:::{bucket}/{prefix}*", partition(&to.region));
    Some(Statement::allow("LongContents", actions, vec![objects]))
}

fn contents(to: &Destinations, actions: &[&'static str]) -> Policy {
    let listed = to.bucket.iter().map(|(bucket, _)| listing(partition(&to.region), bucket));
    objects(to, actions).into_iter().chain(listed).collect()
}

/// AWS's own key needs no permission; an alias is none of a key's resources.
fn key(needs: &Needs, to: &Destinations, actions: &[&'static str]) -> Option<Statement> {
    let key = to.key.as_deref()?;
    let arn = |resource: &str| {
        format!("arn:{}:kms:{}:{}:{resource}", partition(&to.region), to.region, needs.place.account)
    };
    let name = match key.starts_with("arn:") {
        true => key.rsplit(':').next().unwrap_or(key),
        false => key,
    };
    Some(match name.starts_with("alias/") {
        true => Statement::allow("UseTheKey", actions, vec![arn("key/*")]).when(
            "ForAnyValue:StringEquals",
            "kms:ResourceAliases",
            vec![name.to_owned()],
        ),
        false if key.starts_with("arn:") => Statement::allow("UseTheKey", actions, vec![key.to_owned()]),
        false => Statement::allow("UseTheKey", actions, vec![arn(&format!("key/{key}"))]),
    })
}

fn appconfig(needs: &Needs, to: &Destinations, resource: &str) -> String {
    format!("arn:{}:appconfig:{}:{}:{resource}", partition(&to.region), to.region, needs.place.account)
}

fn application(needs: &Needs, to: &Destinations) -> Vec<String> {
    match &needs.place.application {
        None => vec![appconfig(needs, to, "application/*")],
        Some(id) => {
            ["", "/*"].map(|below| appconfig(needs, to, &format!("application/{id}{below}"))).to_vec()
        }
    }
}

fn appconfig_reading(needs: &Needs, to: &Destinations) -> Policy {
    vec![
        // Names are looked up, and AWS grants the lists for all or none.
        Statement::allow(
            "FindByName",
            &["appconfig:ListApplications", "appconfig:ListDeploymentStrategies"],
            vec!["*".to_owned()],
        ),
        Statement::allow(
            "ReadWhatIsLive",
            &[
                "appconfig:ListEnvironments",
                "appconfig:ListConfigurationProfiles",
                "appconfig:ListHostedConfigurationVersions",
                "appconfig:GetHostedConfigurationVersion",
                "appconfig:ListDeployments",
                "appconfig:GetDeployment",
            ],
            application(needs, to),
        ),
    ]
}

/// What the jobs of a batch run on: its models, or whatever the profiles hand them on to.
fn of_batch(needs: &Needs) -> (Vec<String>, Vec<String>) {
    let place = &needs.place;
    let touched: Vec<_> =
        needs.on_main.iter().map(|model| touched(model, &place.region, &place.account)).collect();
    let named = touched.iter().map(|touched| touched.named.clone()).collect::<BTreeSet<_>>();
    let behind = touched.into_iter().flat_map(|touched| touched.behind).collect::<BTreeSet<_>>();
    (named.into_iter().collect(), behind.into_iter().collect())
}

fn batch(needs: &Needs) -> Option<Policy> {
    let (role, files) = needs.batch.as_ref()?;
    let (region, account) = (&needs.place.region, &needs.place.account);
    let partition = partition(region);
    let jobs = format!("arn:{partition}:bedrock:{region}:{account}:model-invocation-job/*");
    let (mut models, behind) = of_batch(needs);
    models.extend(behind);
    models.push(jobs.clone());
    Some(vec![
        // AWS grants it for all jobs or none.
        Statement::allow("FindJobs", &["bedrock:ListModelInvocationJobs"], vec!["*".to_owned()]),
        Statement::allow("LookAtJobs", &["bedrock:GetModelInvocationJob"], vec![jobs]),
        Statement::allow("SubmitJobs", &["bedrock:CreateModelInvocationJob"], models),
        Statement::allow("HandTheRoleOn", &["iam:PassRole"], vec![role.clone()]).when(
            "StringEquals",
            "iam:PassedToService",
            vec!["bedrock.amazonaws.com".to_owned()],
        ),
        batch_files(partition, files),
        listing(partition, &files.bucket),
    ])
}

fn batch_service(needs: &Needs) -> Option<Policy> {
    let (_, files) = needs.batch.as_ref()?;
    let partition = partition(&needs.place.region);
    let (named, behind) = of_batch(needs);
    let profiles: Vec<String> = named.into_iter().filter(|arn| arn.contains("inference-profile/")).collect();
    let mut policy = vec![batch_files(partition, files), listing(partition, &files.bucket)];
    if !profiles.is_empty() {
        // A job on a model itself needs no permission to ask it.
        let resources = profiles.into_iter().chain(behind).collect();
        policy.push(Statement::allow("AskModels", &["bedrock:InvokeModel"], resources));
    }
    Some(policy)
}
