//! The CloudFormation templates, made one after the other in MiniStack.

use std::path::Path;

use crate::emulator::{Emulator, boto3_says};

/// Runs the program that makes the stacks.
fn stacks(emulator: &Emulator) -> String {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let arguments =
        format!("import sys\nsys.argv[1:] = [{:?}, '000000000000']\n", templates.display().to_string());
    boto3_says(&emulator.url(), &format!("{arguments}{}", include_str!("stacks.py")))
}

#[test]
fn the_stacks_are_made_one_from_the_others_outputs_and_each_role_has_its_policies() {
    insta::assert_snapshot!(stacks(&Emulator::ministack()), @"
    not known to the emulator: AWS::IAM::OIDCProvider AWS::CodeBuild::ReportGroup AWS::CodePipeline::Pipeline
    store: AppConfig::Application AppConfig::ConfigurationProfile AppConfig::DeploymentStrategy AppConfig::Environment IAM::ManagedPolicy IAM::Role KMS::Key Lambda::Function Lambda::Permission S3::Bucket S3::BucketPolicy
    github-oidc: IAM::Role
    pipeline: CodeBuild::Project Events::Rule IAM::ManagedPolicy IAM::Policy IAM::Role Logs::LogGroup S3::Bucket S3::BucketPolicy SNS::Topic SNS::TopicPolicy
    DriftRoleArn
      StringEquals aud: sts.amazonaws.com
      StringEquals sub: repo:acme@12/shop@345:ref:refs/heads/main
      may: AppConfigReadPolicy DriftPolicy
    MainLineRoleArn
      StringEquals aud: sts.amazonaws.com
      StringLike sub: repo:acme@12/shop@345:ref:refs/heads/main repo:acme@12/shop@345:ref:refs/heads/gh-readonly-queue/main/*
      may: AppConfigReadPolicy EvaluationPolicy MainLinePolicy
    PullRequestRoleArn
      StringEquals aud: sts.amazonaws.com
      StringEquals sub: repo:acme@12/shop@345:pull_request
      may: EvaluationPolicy
    ReleaseRoleArn
      StringEquals aud: sts.amazonaws.com
      StringEquals sub: repo:acme@12/shop@345:environment:production
      may: AppConfigReadPolicy AppConfigReleasePolicy ReleasePolicy
    ");
}
