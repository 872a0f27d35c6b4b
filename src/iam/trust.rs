//! Who may assume a job's role.

use super::models::partition;
use super::needs::Place;
use super::{Job, Policy, Statement};

/// GitHub's issuer of tokens.
const ISSUER: &str = "token.actions.githubusercontent.com";

/// Who assumes the roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
    /// Jobs of a repository on GitHub Actions, without a stored key.
    GitHub(GitHub),
    /// Builds of CodeBuild.
    CodeBuild,
}

/// A repository on GitHub, and which of its jobs are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHub {
    /// `ORG/REPO`, or `ORG@ID/REPO@ID` where the repository's tokens say so.
    pub repository: String,
    /// The default branch.
    pub branch: String,
    /// The environment of the job that releases.
    pub environment: String,
}

impl GitHub {
    /// What is wrong with its words, which a policy would take for something else.
    ///
    /// # Errors
    /// One sentence.
    pub fn check(&self) -> Result<(), String> {
        let word = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let part = |text: &str| match text.split_once('@') {
            Some((name, id)) => word(name) && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()),
            None => word(text),
        };
        let is_repository = self.repository.split_once('/').is_some_and(|(owner, name)| {
            part(owner) && part(name) && owner.contains('@') == name.contains('@')
        });
        if !is_repository {
            return Err(format!(
                "{:?} is not a repository: write ORG/REPO as in the `sub` of its tokens, or ORG@ID/REPO@ID if it was created, \
                 renamed or transferred since July 2026",
                self.repository
            ));
        }
        if !self.branch.split('/').all(word) || !word(&self.environment) {
            return Err(
                "a branch and an environment are made of letters, digits, `-`, `_` and `.`".to_owned()
            );
        }
        Ok(())
    }

    /// Which tokens may assume a job's role, as their `sub` says it.
    fn subjects(&self, job: Job) -> Option<Vec<String>> {
        let Self { repository, branch, environment } = self;
        let says = |what: &str| format!("repo:{repository}:{what}");
        Some(match job {
            Job::Evaluation => vec![says("pull_request")],
            Job::MainLine | Job::Batch => vec![
                says(&format!("ref:refs/heads/{branch}")),
                // Branches that the queue alone makes, such as pr-7-1a2b3c.
                says(&format!("ref:refs/heads/gh-readonly-queue/{branch}/*")),
            ],
            Job::Release => vec![says(&format!("environment:{environment}"))],
            Job::Drift => vec![says(&format!("ref:refs/heads/{branch}"))],
            Job::BatchService | Job::Runtime => return None,
        })
    }
}

/// Who may assume the role; `None`: it is not for this principal.
pub(super) fn trust(job: Job, taker: &Taker, place: &Place) -> Option<Policy> {
    let (partition, account) = (partition(&place.region), &place.account);
    if job == Job::BatchService {
        let jobs = format!("arn:{partition}:bedrock:{}:{account}:model-invocation-job/*", place.region);
        let statement = by_service("bedrock.amazonaws.com", account);
        return Some(vec![statement.when("ArnLike", "aws:SourceArn", vec![jobs])]);
    }
    match taker {
        Taker::CodeBuild if job == Job::Runtime => None,
        Taker::CodeBuild => Some(vec![by_service("codebuild.amazonaws.com", account)]),
        Taker::GitHub(github) => {
            let subjects = github.subjects(job)?;
            let operator = match subjects.iter().any(|subject| subject.ends_with('*')) {
                true => "StringLike",
                false => "StringEquals",
            };
            let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{ISSUER}");
            let statement = Statement {
                sid: "GitHubActions",
                principal: Some(("Federated", provider)),
                actions: vec!["sts:AssumeRoleWithWebIdentity"],
                resources: Vec::new(),
                conditions: Vec::new(),
            };
            let audience = vec!["sts.amazonaws.com".to_owned()];
            let statement = statement.when("StringEquals", format!("{ISSUER}:aud"), audience);
            Some(vec![statement.when(operator, format!("{ISSUER}:sub"), subjects)])
        }
    }
}

/// A service of AWS, for this account's own resources only.
fn by_service(service: &str, account: &str) -> Statement {
    let statement = Statement {
        sid: "Service",
        principal: Some(("Service", service.to_owned())),
        actions: vec!["sts:AssumeRole"],
        resources: Vec::new(),
        conditions: Vec::new(),
    };
    statement.when("StringEquals", "aws:SourceAccount", vec![account.to_owned()])
}
