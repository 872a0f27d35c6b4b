//! AWS CodeBuild as the same values: what its variables say of a build becomes inputs, job and event, so that a build
//! compares, decides and releases as a job of GitHub Actions does.

use std::collections::BTreeMap;

use super::job::{Host, Job, of_branch};
use super::{Event, PullRequest, Push, is_commit_id};
use crate::report::untrusted::quoted;

type Environment = BTreeMap<String, String>;

/// What names the default branch, where it is not called `main`.
const DEFAULT_BRANCH: &str = "PROMPT_ASSAY_DEFAULT_BRANCH";

/// GitHub's own API.
const GITHUB: &str = "https://api.github.com";

/// Whether this is a build of CodeBuild. A runner of GitHub Actions inside a build belongs to GitHub.
pub fn is_here(environment: &Environment) -> bool {
    environment.contains_key("CODEBUILD_BUILD_ID") && !environment.contains_key("GITHUB_ACTIONS")
}

/// Variables of a build that are no inputs: they are for the buildspec, other commands, and this file.
const NO_INPUTS: [&str; 3] = ["IMAGE", "ENV", "DEFAULT_BRANCH"];

/// The inputs as GitHub's runner would pass them: `PROMPT_ASSAY_MAX_COST` is `max-cost`.
pub fn inputs(environment: &Environment) -> Environment {
    let given = |(name, value): (&String, &String)| {
        let name = name.strip_prefix("PROMPT_ASSAY_").filter(|name| !NO_INPUTS.contains(name))?;
        Some((format!("INPUT_{}", name.replace('_', "-")), value.clone()))
    };
    environment.iter().filter_map(given).collect()
}

/// The page of a build in the console, from its ARN.
pub fn page(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, build) = (parts.next()?, parts.next()?, parts.next()?);
    let (project, id) = build.strip_prefix("build/")?.split_once(':')?;
    let console = match region {
        _ if region.starts_with("cn-") => "console.amazonaws.cn",
        _ if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    Some(format!(
        "https://{region}.{console}/codesuite/codebuild/{account}/projects/{project}/build/{project}%3A{id}"
    ))
}

/// The job.
///
/// # Errors
/// Everything that is missing, one sentence each.
pub fn job(environment: &Environment) -> Result<Job, Vec<String>> {
    let get = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let commit = get("CODEBUILD_RESOLVED_SOURCE_VERSION").unwrap_or_default();
    let workspace = get("CODEBUILD_SRC_DIR").unwrap_or_default();
    let mut errors = Vec::new();
    if !is_commit_id(commit) {
        errors.push(format!(
            "`CODEBUILD_RESOLVED_SOURCE_VERSION` is {}; it must be a full commit id: the source must be a repository",
            quoted(commit)
        ));
    }
    if workspace.is_empty() {
        errors.push("`CODEBUILD_SRC_DIR` is not set".to_owned());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (api_url, repository) = get("CODEBUILD_SOURCE_REPO_URL")
        .and_then(of_github)
        .unwrap_or_else(|| (GITHUB.to_owned(), String::new()));
    let own_page = get("CODEBUILD_BUILD_ARN").and_then(page);
    Ok(Job {
        host: Host::CodeBuild,
        event: get("CODEBUILD_WEBHOOK_EVENT").unwrap_or("build").to_owned(),
        event_path: None,
        repository,
        commit: commit.to_owned(),
        branch: get("CODEBUILD_WEBHOOK_HEAD_REF").and_then(of_branch).unwrap_or_default().to_owned(),
        workspace: workspace.to_owned(),
        run: get("CODEBUILD_BUILD_NUMBER").and_then(|number| number.parse().ok()).unwrap_or(0),
        attempt: 1,
        api_url,
        run_url: get("CODEBUILD_PUBLIC_BUILD_URL").map(str::to_owned).or(own_page).unwrap_or_default(),
        actor: get("CODEBUILD_INITIATOR").unwrap_or_default().to_owned(),
        output: None,
        summary: None,
    })
}

/// The API and `owner/name` of a repository on GitHub, from the address that the project names; another
/// host's has neither.
fn of_github(url: &str) -> Option<(String, String)> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let host = host.rsplit('@').next()?;
    if !host.split('.').any(|word| word.starts_with("github") || word == "ghe") {
        return None;
    }
    let repository = path.trim_end_matches('/').trim_end_matches(".git");
    (repository.split('/').count() == 2).then(|| {
        let api = match host {
            "github.com" => GITHUB.to_owned(),
            enterprise => format!("https://{enterprise}/api/v3"),
        };
        (api, repository.to_owned())
    })
}

/// What the build is about. `tip` finds the commit at the tip of a branch, where the clone has it.
///
/// # Errors
/// One sentence: what cannot be known, and what to do.
pub fn event(
    environment: &Environment,
    job: &Job,
    tip: &dyn Fn(&str) -> Option<String>,
) -> Result<Event, String> {
    let get = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let default_branch = get(DEFAULT_BRANCH).unwrap_or("main");
    match get("CODEBUILD_WEBHOOK_EVENT") {
        Some(name) if name.starts_with("PULL_REQUEST") => {
            let number = get("CODEBUILD_WEBHOOK_TRIGGER").and_then(|trigger| trigger.strip_prefix("pr/"));
            let number = number.and_then(|number| number.parse().ok());
            let base = get("CODEBUILD_WEBHOOK_BASE_REF").and_then(of_branch);
            let (Some(number), Some(base)) = (number, base) else {
                return Err(format!(
                    "the webhook's {name} names no pull request and no branch \
                     (`CODEBUILD_WEBHOOK_TRIGGER`, `CODEBUILD_WEBHOOK_BASE_REF`)"
                ));
            };
            let tip = tip(base).ok_or_else(|| {
                format!("the branch {} is not in this clone; {}", quoted(base), job.host.checkout_help())
            })?;
            // CodeBuild does not say whether it comes from a fork. The person who lets a build start gives it a role.
            Ok(Event::PullRequest(PullRequest {
                number,
                base: tip,
                head: job.commit.clone(),
                is_from_fork: true,
                ..PullRequest::default()
            }))
        }
        Some("PUSH") => {
            let before = get("CODEBUILD_WEBHOOK_PREV_COMMIT").filter(|id| is_commit_id(id));
            let before = before.filter(|id| id.bytes().any(|digit| digit != b'0'));
            Ok(Event::Push(Push {
                before: before.map(str::to_owned),
                after: job.commit.clone(),
                to_default_branch: job.branch == default_branch,
                default_branch: default_branch.to_owned(),
            }))
        }
        Some(name) => Err(format!(
            "the webhook's event {} has no prompts to compare; filter the project's webhook to PUSH and PULL_REQUEST_*",
            quoted(name)
        )),
        // A pipeline has one branch, and builds what is on it.
        None if job.actor.starts_with("codepipeline/") => Ok(Event::Push(Push {
            before: None,
            after: job.commit.clone(),
            to_default_branch: true,
            default_branch: default_branch.to_owned(),
        })),
        None => {
            let version = get("CODEBUILD_SOURCE_VERSION").unwrap_or(default_branch);
            let on_default_branch = of_branch(version).unwrap_or(version) == default_branch;
            Ok(Event::Started { on_default_branch })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Base, Checkout, Inputs, decide};

    const HEAD: &str = "1111111111111111111111111111111111111111";
    const PARENT: &str = "2222222222222222222222222222222222222222";
    const TIP: &str = "3333333333333333333333333333333333333333";

    fn build(more: &[(&str, &str)]) -> Environment {
        let fixed = [
            ("CODEBUILD_BUILD_ID", "shop-evaluate:5f0e"),
            ("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:eu-west-1:123456789012:build/shop-evaluate:5f0e"),
            ("CODEBUILD_BUILD_NUMBER", "42"),
            ("CODEBUILD_SRC_DIR", "/codebuild/output/src1/src"),
            ("CODEBUILD_RESOLVED_SOURCE_VERSION", HEAD),
            ("CODEBUILD_SOURCE_REPO_URL", "https://github.com/acme/shop.git"),
        ];
        let all = fixed.iter().chain(more);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// What a build does: event, tier, base; or why it cannot.
    fn does(more: &[(&str, &str)]) -> String {
        let environment = build(more);
        let (inputs, _) = Inputs::read(&super::inputs(&environment)).expect("inputs");
        let job = super::job(&environment).expect("a job");
        let tip = |branch: &str| (branch == "main").then(|| TIP.to_owned());
        let checkout = Checkout { commit: HEAD.to_owned(), parents: vec![PARENT.to_owned()] };
        let decided = event(&environment, &job, &tip).and_then(|event| {
            Ok((event.is_on_default_branch(), decide(&event, &inputs, &job, Some(&checkout))?))
        });
        match decided {
            Err(error) => error,
            Ok((is_default, decision)) => {
                let base = match decision.base {
                    Base::Revision(revision) => format!("against {}", &revision[..4]),
                    Base::MergeBase { of, .. } => format!("against where it left {}", &of[..4]),
                    Base::NewestPassed { before, .. } => {
                        format!("against what passed, before: {}", &before[..4])
                    }
                };
                let request = decision.pull_request.map(|number| format!(", pull request {number}"));
                format!(
                    "{} {base}{}{}{}",
                    decision.tier.as_str(),
                    request.unwrap_or_default(),
                    if is_default { ", default branch" } else { "" },
                    if decision.is_without_secrets { ", without secrets" } else { "" }
                )
            }
        }
    }

    #[test]
    fn a_build_compares_what_its_start_is_about() {
        let pull_request = [
            ("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_UPDATED"),
            ("CODEBUILD_WEBHOOK_TRIGGER", "pr/7"),
            ("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main"),
            ("CODEBUILD_WEBHOOK_HEAD_REF", "refs/heads/kinder"),
        ];
        let push = |branch| {
            [
                ("CODEBUILD_WEBHOOK_EVENT", "PUSH"),
                ("CODEBUILD_WEBHOOK_HEAD_REF", branch),
                ("CODEBUILD_WEBHOOK_PREV_COMMIT", TIP),
            ]
        };
        let unknown = [pull_request[0], pull_request[1], ("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/gone")];
        let said = [
            does(&pull_request),
            does(&unknown),
            does(&[pull_request[0]]),
            does(&push("refs/heads/main")),
            does(&push("refs/heads/kinder")),
            does(&[("CODEBUILD_WEBHOOK_EVENT", "RELEASED")]),
            does(&[("CODEBUILD_INITIATOR", "codepipeline/shop")]),
            does(&[("CODEBUILD_INITIATOR", "ada")]),
            does(&[("CODEBUILD_INITIATOR", "ada"), ("PROMPT_ASSAY_BASE", PARENT)]),
            does(&[("CODEBUILD_SOURCE_VERSION", "kinder"), ("PROMPT_ASSAY_BASE", PARENT)]),
            does(&[
                ("CODEBUILD_SOURCE_VERSION", "refs/heads/trunk"),
                ("PROMPT_ASSAY_BASE", PARENT),
                (DEFAULT_BRANCH, "trunk"),
            ]),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        branch against where it left 3333, pull request 7
        the branch `gone` is not in this clone; give the build the repository with its history: in a project `GitCloneDepth: 0`, in a pipeline `OutputArtifactFormat: CODEBUILD_CLONE_REF` of its source action
        the webhook's PULL_REQUEST_UPDATED names no pull request and no branch (`CODEBUILD_WEBHOOK_TRIGGER`, `CODEBUILD_WEBHOOK_BASE_REF`)
        main against what passed, before: 3333, default branch
        branch against where it left main
        the webhook's event `RELEASED` has no prompts to compare; filter the project's webhook to PUSH and PULL_REQUEST_*
        main against what passed, before: 2222, default branch
        a run that was started by hand or by a schedule has no base: set the input `base` to a branch, a tag or a commit
        main against 2222, default branch
        branch against 2222
        main against 2222, default branch
        ");
    }

    #[test]
    fn a_build_has_a_page_and_perhaps_a_repository_on_github() {
        let job = super::job(&build(&[])).expect("a job");
        assert_eq!(
            job.run_url,
            "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/shop-evaluate/build/shop-evaluate%3A5f0e"
        );
        assert_eq!((job.api_url.as_str(), job.repository.as_str()), ("https://api.github.com", "acme/shop"));
        let of = |url| super::job(&build(&[("CODEBUILD_SOURCE_REPO_URL", url)])).expect("a job");
        let enterprise = of("https://github.acme.example/team/shop");
        assert_eq!(
            (enterprise.api_url.as_str(), enterprise.repository.as_str()),
            ("https://github.acme.example/api/v3", "team/shop")
        );
        for other in [
            "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop",
            "https://gitlab.com/acme/shop.git",
            "arn:aws:s3:::bucket/key",
            "",
        ] {
            assert_eq!(of(other).repository, "", "{other}");
        }
        let without = build(&[("CODEBUILD_RESOLVED_SOURCE_VERSION", "arn:aws:s3:::a/b")]);
        insta::assert_snapshot!(super::job(&without).unwrap_err().join("\n"), @"`CODEBUILD_RESOLVED_SOURCE_VERSION` is `arn:aws:s3:::a/b`; it must be a full commit id: the source must be a repository");
    }

    #[test]
    fn inputs_are_the_variables_of_the_command_line() {
        let given = [
            ("PROMPT_ASSAY_MAX_COST", "1.5"),
            ("PROMPT_ASSAY_GITHUB_TOKEN", "t"),
            ("PROMPT_ASSAY_IMAGE", "x"),
        ];
        let (inputs, warnings) = Inputs::read(&super::inputs(&build(&given))).expect("inputs");
        assert_eq!((inputs.max_cost, inputs.token.as_deref(), warnings.len()), (Some(1.5), Some("t"), 0));
        // A runner of GitHub Actions that lives in a build is GitHub's.
        let mut runner = build(&given);
        runner.insert("GITHUB_ACTIONS".to_owned(), "true".to_owned());
        assert!(is_here(&build(&given)) && !is_here(&runner));
    }
}
