//! Policies from configurations.

mod roles;

use super::*;
use crate::problem::Problems;
use crate::release::settings;
use crate::snapshot::Snapshot;
use crate::tree::MemoryTree;

const ACCOUNT: &str = "123456789012";

fn needs_in(region: &str, config: &str, catalog: &str) -> Result<Needs, NotPlain> {
    let tree = MemoryTree::new([("prompt-assay.yaml", config), ("prompts.yaml", catalog)]);
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, Some("prompt-assay.yaml"), &mut problems);
    let settings = settings::read(&tree, &snapshot.config, &snapshot.prompts, &mut problems);
    assert_eq!(problems.to_string(), "");
    let environment = settings.environment(None).ok();
    let place = Place { region: region.to_owned(), account: ACCOUNT.to_owned(), application: None };
    Needs::of(&snapshot, &settings, environment, &std::collections::BTreeSet::new(), place)
}

fn needs(config: &str, catalog: &str) -> Needs {
    needs_in("us-east-1", config, catalog).expect("plain words")
}

/// Statement by statement: what, on what, when.
fn shown(policy: Option<Policy>) -> String {
    let mut lines = Vec::new();
    for statement in policy.unwrap_or_default() {
        lines.push(format!("{}: {}", statement.sid, statement.actions.join(" ")));
        lines.extend(statement.principal.map(|(kind, name)| format!("  {kind} {name}")));
        lines.extend(statement.resources.iter().map(|resource| format!("  {resource}")));
        for (operator, key, values) in statement.conditions {
            lines.push(format!("  if {operator} {key} {}", values.join(" ")));
        }
    }
    lines.join("\n")
}

const SHOP: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: us.amazon.nova-pro-v1:0, judge: us.amazon.nova-pro-v1:0}
shared_store: s3://answers/assay
release:
  environments:
    prod: {region: eu-central-1, ssm: \"/prod/{name}/llm\", s3: {bucket: long}, secure: true, key: alias/prompts}
calls:
  batch: {role_arn: \"arn:aws:iam::123456789012:role/batch\", s3: s3://files/jobs}
";

const CATALOG: &str = "\
plain: Be kind.
own: {text: Be kind., model: global.anthropic.claude-haiku-4-5-20251001-v1:0, release: {ssm: legacy}}
never: {text: Be kind., release: false}
";

#[test]
fn pull_requests_ask_the_cheap_model_and_read_what_main_paid_for() {
    insta::assert_snapshot!(shown(policy(Job::Evaluation, &needs(SHOP, CATALOG))), @"
    AskModels: bedrock:InvokeModel bedrock:CountTokens
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    CountBehindProfiles: bedrock:CountTokens
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
    ListProfiles: bedrock:ListInferenceProfiles
      *
    AskBehindProfiles: bedrock:InvokeModel
      arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0
      if StringLike bedrock:InferenceProfileArn arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0 arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
    SharedStore: s3:GetObject
      arn:aws:s3:::answers/assay/main/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::answers
    ");
}

#[test]
fn the_main_line_asks_all_models_keeps_answers_and_reads_what_is_live() {
    insta::assert_snapshot!(shown(policy(Job::MainLine, &needs(SHOP, CATALOG))), @"
    AskModels: bedrock:InvokeModel bedrock:CountTokens
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    CountBehindProfiles: bedrock:CountTokens
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
    ListProfiles: bedrock:ListInferenceProfiles
      *
    AskBehindProfiles: bedrock:InvokeModel
      arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0
      arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0
      if StringLike bedrock:InferenceProfileArn arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0 arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
    SharedStore: s3:GetObject s3:PutObject
      arn:aws:s3:::answers/assay/main/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::answers
    ReadWhatIsLive: ssm:GetParameterHistory
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*/llm
      arn:aws:ssm:eu-central-1:123456789012:parameter/legacy
    UseTheKey: kms:Decrypt
      arn:aws:kms:eu-central-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    ");
}

#[test]
fn a_release_writes_parameters_and_contents_and_asks_no_model() {
    insta::assert_snapshot!(shown(policy(Job::Release, &needs(SHOP, CATALOG))), @"
    WriteParameters: ssm:GetParameter ssm:GetParameterHistory ssm:PutParameter ssm:LabelParameterVersion ssm:AddTagsToResource
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*/llm
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*/llm.audit.*
      arn:aws:ssm:eu-central-1:123456789012:parameter/legacy
      arn:aws:ssm:eu-central-1:123456789012:parameter/legacy.audit.*
    LongContents: s3:GetObject s3:GetObjectVersion s3:PutObject
      arn:aws:s3:::long/prompts/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::long
    UseTheKey: kms:Encrypt kms:Decrypt kms:GenerateDataKey
      arn:aws:kms:eu-central-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    ");
}

#[test]
fn drift_and_applications_read() {
    let needs = needs(SHOP, CATALOG);
    insta::assert_snapshot!(shown(policy(Job::Drift, &needs)), @"
    ReadWhatIsLive: ssm:GetParameterHistory
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*/llm
      arn:aws:ssm:eu-central-1:123456789012:parameter/legacy
    UseTheKey: kms:Decrypt
      arn:aws:kms:eu-central-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    LongContents: s3:GetObject s3:GetObjectVersion
      arn:aws:s3:::long/prompts/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::long
    ListNames: ssm:DescribeParameters
      *
    ");
    insta::assert_snapshot!(shown(policy(Job::Runtime, &needs)), @"
    ReadParameters: ssm:GetParameters ssm:GetParameter
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*/llm
      arn:aws:ssm:eu-central-1:123456789012:parameter/legacy
    LongContents: s3:GetObject s3:GetObjectVersion
      arn:aws:s3:::long/prompts/*
    UseTheKey: kms:Decrypt
      arn:aws:kms:eu-central-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    ");
}

#[test]
fn batch_jobs_are_submitted_by_one_and_answered_by_another() {
    let needs = needs(SHOP, "plain: Be kind.\n");
    insta::assert_snapshot!(shown(policy(Job::Batch, &needs)), @"
    FindJobs: bedrock:ListModelInvocationJobs
      *
    LookAtJobs: bedrock:GetModelInvocationJob
      arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/*
    SubmitJobs: bedrock:CreateModelInvocationJob
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/*
    HandTheRoleOn: iam:PassRole
      arn:aws:iam::123456789012:role/batch
      if StringEquals iam:PassedToService bedrock.amazonaws.com
    BatchFiles: s3:GetObject s3:PutObject
      arn:aws:s3:::files/jobs/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::files
    ");
    insta::assert_snapshot!(shown(policy(Job::BatchService, &needs)), @"
    BatchFiles: s3:GetObject s3:PutObject
      arn:aws:s3:::files/jobs/*
    FindObjects: s3:ListBucket
      arn:aws:s3:::files
    AskModels: bedrock:InvokeModel
      arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-pro-v1:0
      arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0
    ");
}

#[test]
fn appconfig_is_allowed_by_the_application_and_its_lists_for_all() {
    let config = "models: {branch: a.b}\nrelease: {environments: {app: {appconfig: {application: shop, environment: prod}}}}\n";
    let mut needs = needs(config, "plain: Be kind.\n");
    needs.place.application = Some("ab12cd3".to_owned());
    insta::assert_snapshot!(shown(policy(Job::Release, &needs)), @"
    FindByName: appconfig:ListApplications appconfig:ListDeploymentStrategies
      *
    ReadWhatIsLive: appconfig:ListEnvironments appconfig:ListConfigurationProfiles appconfig:ListHostedConfigurationVersions appconfig:GetHostedConfigurationVersion appconfig:ListDeployments appconfig:GetDeployment
      arn:aws:appconfig:us-east-1:123456789012:application/ab12cd3
      arn:aws:appconfig:us-east-1:123456789012:application/ab12cd3/*
    Deploy: appconfig:CreateHostedConfigurationVersion appconfig:StartDeployment
      arn:aws:appconfig:us-east-1:123456789012:application/ab12cd3
      arn:aws:appconfig:us-east-1:123456789012:application/ab12cd3/*
      arn:aws:appconfig:us-east-1:123456789012:deploymentstrategy/*
    ");
    insta::assert_snapshot!(shown(policy(Job::Runtime, &needs)), @"
    ReadConfigurations: appconfig:StartConfigurationSession appconfig:GetLatestConfiguration
      arn:aws:appconfig:us-east-1:123456789012:application/ab12cd3/environment/*/configuration/*
    ");
}

#[test]
fn what_stands_behind_a_profile_depends_on_where_it_is_asked() {
    let behind = |region: &str, model: &str| {
        let touched = models::touched(model, region, ACCOUNT);
        let lines: Vec<String> = std::iter::once(touched.named).chain(touched.behind).collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(behind("us-east-1", "amazon.nova-lite-v1:0"), @"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0");
    insta::assert_snapshot!(behind("ca-central-1", "us.amazon.nova-lite-v1:0"), @"
    arn:aws:bedrock:ca-central-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0
    arn:aws:bedrock:ca-central-1::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0
    ");
    insta::assert_snapshot!(behind("eu-west-1", "global.anthropic.claude-x"), @"
    arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-x
    arn:aws:bedrock:::foundation-model/anthropic.claude-x
    arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x
    ");
    insta::assert_snapshot!(behind("us-gov-west-1", "us-gov.anthropic.claude-x"), @"
    arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.anthropic.claude-x
    arn:aws-us-gov:bedrock:us-gov-east-1::foundation-model/anthropic.claude-x
    arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-x
    ");
    insta::assert_snapshot!(behind("us-east-1", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"), @"
    arn:aws:bedrock:us-east-1:1:application-inference-profile/abc
    arn:aws:bedrock:*::foundation-model/*
    ");
    insta::assert_snapshot!(behind("us-east-1", "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0"), @"
    arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0
    arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-west-1::foundation-model/amazon.nova-lite-v1:0
    arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0
    ");
    insta::assert_snapshot!(behind("us-east-1", "arn:aws:bedrock:us-east-1:1:provisioned-model/abc"), @"arn:aws:bedrock:us-east-1:1:provisioned-model/abc");
    assert_eq!(crate::price::of_profile("ai21.jamba"), None);
}

#[test]
fn every_key_of_a_secure_string_is_one_resource() {
    let of = |key: &str| {
        let config = format!(
            "models: {{branch: a.b}}\nrelease: {{environments: {{prod: {{ssm: \"/p/{{name}}\", secure: true, key: \"{key}\"}}}}}}\n"
        );
        let policy = policy(Job::Runtime, &needs(&config, "plain: Be kind.\n")).expect("a policy");
        shown(Some(policy.into_iter().filter(|statement| statement.sid == "UseTheKey").collect()))
    };
    let arn = "arn:aws:kms:us-east-1:123456789012";
    let keys = ["1234abcd", "alias/prompts", &format!("{arn}:key/1234abcd"), &format!("{arn}:alias/prompts")];
    insta::assert_snapshot!(keys.map(of).join("\n"), @"
    UseTheKey: kms:Decrypt
      arn:aws:kms:us-east-1:123456789012:key/1234abcd
    UseTheKey: kms:Decrypt
      arn:aws:kms:us-east-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    UseTheKey: kms:Decrypt
      arn:aws:kms:us-east-1:123456789012:key/1234abcd
    UseTheKey: kms:Decrypt
      arn:aws:kms:us-east-1:123456789012:key/*
      if ForAnyValue:StringEquals kms:ResourceAliases alias/prompts
    ");
    let without =
        "models: {branch: a.b}\nrelease: {environments: {prod: {ssm: \"/p/{name}\", secure: true}}}\n";
    // AWS's own key asks for nothing.
    assert!(!shown(policy(Job::Runtime, &needs(without, "plain: Be kind.\n"))).contains("kms"));
}

#[test]
fn a_word_that_would_widen_a_policy_is_refused() {
    let config = |model: &str, bucket: &str| {
        format!(
            "models: {{branch: '{model}'}}\nrelease: {{environments: {{prod: {{ssm: \"/p/{{name}}\", s3: {{bucket: '{bucket}'}}}}}}}}\n"
        )
    };
    let said = |model, bucket| {
        needs_in("us-east-1", &config(model, bucket), "p: Be kind.\n").map_err(|error| error.to_string())
    };
    assert!(said("a.b", "prompts").is_ok());
    assert_eq!(said("*", "b").unwrap_err(), "the model \"*\" would mean something else in a policy");
    assert_eq!(said("a.?", "b").unwrap_err(), "the model \"a.?\" would mean something else in a policy");
    assert_eq!(
        said("a.b", "${aws:x}").unwrap_err(),
        "the bucket \"${aws:x}\" would mean something else in a policy"
    );
}

#[test]
fn nothing_is_allowed_where_nothing_is_configured() {
    let needs = needs("provider: {scripted: rules.yaml}\n", "plain: Be kind.\n");
    for job in Job::ALL {
        assert_eq!(policy(job, &needs), None, "{job:?}");
    }
}

#[test]
fn prompt_management_is_written_read_and_called_and_versions_are_deleted_only_where_so_configured() {
    let config = |inner: &str| {
        format!(
            "models: {{branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}}\nrelease:\n  environments:\n    prod: \
             {{region: eu-central-1, ssm: \"/prod/{{name}}\", prompt_management: {inner}}}\n"
        )
    };
    let keeping = needs(&config("{keep: 8}"), "plain: Be kind.\n");
    let shown_of = |job| shown(policy(job, &keeping));
    insta::assert_snapshot!([Job::Release, Job::Drift, Job::Runtime].map(shown_of).join("\n\n"), @"
    WriteParameters: ssm:GetParameter ssm:GetParameterHistory ssm:PutParameter ssm:LabelParameterVersion ssm:AddTagsToResource
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*
    FindPrompts: bedrock:ListPrompts bedrock:CreatePrompt
      *
    WritePrompts: bedrock:GetPrompt bedrock:UpdatePrompt bedrock:CreatePromptVersion
      arn:aws:bedrock:eu-central-1:123456789012:prompt/*
    DeleteOldVersions: bedrock:DeletePrompt
      arn:aws:bedrock:eu-central-1:123456789012:prompt/*:*

    ReadWhatIsLive: ssm:GetParameterHistory
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*
    ReadPrompts: bedrock:GetPrompt
      arn:aws:bedrock:eu-central-1:123456789012:prompt/*
    ListNames: ssm:DescribeParameters
      *

    ReadParameters: ssm:GetParameters ssm:GetParameter
      arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*
    CallPrompts: bedrock:RenderPrompt
      arn:aws:bedrock:eu-central-1:123456789012:prompt/*
    ");
    let all = shown(policy(Job::Release, &needs(&config("{}"), "plain: Be kind.\n")));
    assert!(!all.contains("Delete"), "{all}");
}

#[test]
fn every_model_of_a_panel_may_be_asked() {
    let config = "models: {branch: amazon.nova-lite-v1:0}\njudge: {panel: [amazon.nova-pro-v1:0, deepseek.v3-v1:0, mistral.m]}\n";
    let needs = needs(config, "plain: Be kind.\n");
    let asked = ["amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0", "deepseek.v3-v1:0", "mistral.m"];
    assert_eq!(needs.on_branches, asked.map(str::to_owned).into());
    let forged = config.replace("mistral.m", "mistral.*");
    assert_eq!(needs_in("us-east-1", &forged, "plain: Be kind.\n").unwrap_err().value, "mistral.*");
}
