//! Who takes roles, and how policies are written.

use super::*;

#[test]
fn roles_are_taken_by_named_jobs_alone() {
    let taker = |repository: &str| {
        Taker::GitHub(GitHub {
            repository: repository.to_owned(),
            branch: "main".to_owned(),
            environment: "production".to_owned(),
        })
    };
    let place = Place { region: "us-east-1".to_owned(), account: ACCOUNT.to_owned(), application: None };
    let trusts = |taker: &Taker| {
        Job::ALL
            .map(|job| format!("{}\n{}", job.as_str(), shown(trust::trust(job, taker, &place))))
            .join("\n")
    };
    insta::assert_snapshot!(trusts(&taker("acme@12/shop@345")), @"
    evaluation
    GitHubActions: sts:AssumeRoleWithWebIdentity
      Federated arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
      if StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com
      if StringEquals token.actions.githubusercontent.com:sub repo:acme@12/shop@345:pull_request
    main-line
    GitHubActions: sts:AssumeRoleWithWebIdentity
      Federated arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
      if StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com
      if StringLike token.actions.githubusercontent.com:sub repo:acme@12/shop@345:ref:refs/heads/main repo:acme@12/shop@345:ref:refs/heads/gh-readonly-queue/main/*
    batch
    GitHubActions: sts:AssumeRoleWithWebIdentity
      Federated arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
      if StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com
      if StringLike token.actions.githubusercontent.com:sub repo:acme@12/shop@345:ref:refs/heads/main repo:acme@12/shop@345:ref:refs/heads/gh-readonly-queue/main/*
    batch-service
    Service: sts:AssumeRole
      Service bedrock.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
      if ArnLike aws:SourceArn arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/*
    release
    GitHubActions: sts:AssumeRoleWithWebIdentity
      Federated arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
      if StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com
      if StringEquals token.actions.githubusercontent.com:sub repo:acme@12/shop@345:environment:production
    drift
    GitHubActions: sts:AssumeRoleWithWebIdentity
      Federated arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
      if StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com
      if StringEquals token.actions.githubusercontent.com:sub repo:acme@12/shop@345:ref:refs/heads/main
    runtime
    ");
    insta::assert_snapshot!(trusts(&Taker::CodeBuild), @"
    evaluation
    Service: sts:AssumeRole
      Service codebuild.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
    main-line
    Service: sts:AssumeRole
      Service codebuild.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
    batch
    Service: sts:AssumeRole
      Service codebuild.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
    batch-service
    Service: sts:AssumeRole
      Service bedrock.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
      if ArnLike aws:SourceArn arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/*
    release
    Service: sts:AssumeRole
      Service codebuild.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
    drift
    Service: sts:AssumeRole
      Service codebuild.amazonaws.com
      if StringEquals aws:SourceAccount 123456789012
    runtime
    ");
    for (repository, is_one) in [
        ("acme/shop", true),
        ("acme@1/shop@2", true),
        ("acme/*", false),
        ("acme", false),
        ("acme@1/shop", false),
        ("acme/shop:ref", false),
        ("a/b/c", false),
    ] {
        let Taker::GitHub(github) = taker(repository) else { unreachable!() };
        assert_eq!(github.check().is_ok(), is_one, "{repository}");
    }
}

#[test]
fn a_policy_is_written_for_each_reader() {
    let needs = Needs {
        place: Place { account: "${AWS::AccountId}".to_owned(), ..needs(SHOP, CATALOG).place },
        ..needs(SHOP, CATALOG)
    };
    let drift = policy(Job::Drift, &needs).expect("a policy");
    let policy = drift.into_iter().filter(|statement| statement.sid == "ReadWhatIsLive").collect();
    let role = Role::of(Job::Drift, policy, Some(&Taker::CodeBuild), &needs.place);
    let roles = [role];
    insta::assert_snapshot!(serde_json::to_string_pretty(&cloudformation(&roles)).unwrap(), @r#"
    {
      "AWSTemplateFormatVersion": "2010-09-09",
      "Description": "The least policies that a configuration of prompt-assay needs.",
      "Resources": {
        "DriftPolicy": {
          "Type": "AWS::IAM::ManagedPolicy",
          "Properties": {
            "Description": "prompt-assay: what drift may do.",
            "PolicyDocument": {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Sid": "ReadWhatIsLive",
                  "Effect": "Allow",
                  "Action": [
                    "ssm:GetParameterHistory"
                  ],
                  "Resource": [
                    {
                      "Fn::Sub": "arn:aws:ssm:eu-central-1:${AWS::AccountId}:parameter/prod/*/llm"
                    },
                    {
                      "Fn::Sub": "arn:aws:ssm:eu-central-1:${AWS::AccountId}:parameter/legacy"
                    }
                  ]
                }
              ]
            }
          }
        },
        "DriftRole": {
          "Type": "AWS::IAM::Role",
          "Properties": {
            "AssumeRolePolicyDocument": {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Sid": "Service",
                  "Effect": "Allow",
                  "Principal": {
                    "Service": "codebuild.amazonaws.com"
                  },
                  "Action": [
                    "sts:AssumeRole"
                  ],
                  "Condition": {
                    "StringEquals": {
                      "aws:SourceAccount": {
                        "Fn::Sub": "${AWS::AccountId}"
                      }
                    }
                  }
                }
              ]
            },
            "ManagedPolicyArns": [
              {
                "Ref": "DriftPolicy"
              }
            ]
          }
        }
      },
      "Outputs": {
        "DriftPolicyArn": {
          "Value": {
            "Ref": "DriftPolicy"
          }
        },
        "DriftRoleArn": {
          "Value": {
            "Fn::GetAtt": [
              "DriftRole",
              "Arn"
            ]
          }
        }
      }
    }
    "#);
    insta::assert_snapshot!(hcl(&roles, true), @r#"
    data "aws_caller_identity" "current" {}

    resource "aws_iam_policy" "drift" {
      name_prefix = "prompt-assay-drift-"
      description = "prompt-assay: what drift may do."
      policy = jsonencode({
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "ReadWhatIsLive",
            "Effect": "Allow",
            "Action": [
              "ssm:GetParameterHistory"
            ],
            "Resource": [
              "arn:aws:ssm:eu-central-1:${AWS::AccountId}:parameter/prod/*/llm",
              "arn:aws:ssm:eu-central-1:${AWS::AccountId}:parameter/legacy"
            ]
          }
        ]
      })
    }

    resource "aws_iam_role" "drift" {
      name_prefix = "prompt-assay-drift-"
      assume_role_policy = jsonencode({
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "Service",
            "Effect": "Allow",
            "Principal": {
              "Service": "codebuild.amazonaws.com"
            },
            "Action": [
              "sts:AssumeRole"
            ],
            "Condition": {
              "StringEquals": {
                "aws:SourceAccount": "${AWS::AccountId}"
              }
            }
          }
        ]
      })
    }

    resource "aws_iam_role_policy_attachment" "drift" {
      role       = aws_iam_role.drift.name
      policy_arn = aws_iam_policy.drift.arn
    }
    "#);
}
