//! `iam`: the least policies that the configuration of the working directory needs. Asks nobody.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::{output, variable, workspace};
use crate::adapters::git::{Repository, relative_directory};
use crate::check::Check;
use crate::cli::{IamArgs, IamFormat, IamPlaceArgs, TakerArg, TrustArgs};
use crate::golden;
use crate::iam::{self, GitHub, Job, Needs, Place, Role, Taker};
use crate::problem::Problems;
use crate::release::settings;
use crate::snapshot::Snapshot;

/// What CloudFormation calls its own account.
const ACCOUNT_OF_STACK: &str = "${AWS::AccountId}";
/// What Terraform does.
const ACCOUNT_OF_MODULE: &str = "${data.aws_caller_identity.current.account_id}";

/// Runs `iam` in the current directory.
///
/// # Errors
/// What is wrong with the files, or missing on the command line.
pub fn run(args: &IamArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let needs = needs(&here, args)?;
    let taker = taker(&args.trust)?;
    let roles = roles(args, &needs, taker.as_ref())?;
    let text = match args.format {
        IamFormat::Json => pretty(&iam::json(of_one(&roles, args)?)),
        IamFormat::Arns => {
            let asked = |statement: &&iam::Statement| statement.actions.contains(&"bedrock:InvokeModel");
            let arns = roles[0].policy.iter().filter(asked).flat_map(|asked| &asked.resources);
            arns.map(String::as_str).collect::<Vec<_>>().join(",")
        }
        IamFormat::Cloudformation => pretty(&iam::cloudformation(&roles)),
        IamFormat::Hcl => iam::hcl(&roles, needs.place.account == ACCOUNT_OF_MODULE),
    };
    output::write(&text, args.output.as_deref())?;
    Ok(0)
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).expect("a policy is JSON")
}

/// The policy that is printed: the role's, or who takes it.
fn of_one<'r>(roles: &'r [Role], args: &IamArgs) -> anyhow::Result<&'r iam::Policy> {
    let role = &roles[0];
    match args.trust.trust {
        None => Ok(&role.policy),
        Some(_) => role.trust.as_ref().with_context(|| {
            format!("the role of `{}` is assumed by your application, not by a job of CI", role.job.as_str())
        }),
    }
}

/// Reads what the configuration and the catalogs ask for.
fn needs(start: &Path, args: &IamArgs) -> anyhow::Result<Needs> {
    let place = place(args)?;
    let repository = Repository::discover(start)?;
    let tree = repository.working_directory();
    let here = relative_directory(repository.root(), start);
    let config = workspace::config_path(&here, args.place.config.as_deref(), &tree)?;
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, config.as_deref(), &mut problems);
    let settings = settings::read(&tree, &snapshot.config, &snapshot.prompts, &mut problems);
    let mut environment = None;
    if snapshot.config.release.is_some() || args.place.env.is_some() {
        match settings.environment(args.place.env.as_deref()) {
            Ok(found) => environment = Some(found.clone()),
            Err(problem) => problems.push(problem),
        }
    }
    let of_checks = models_of_checks(&snapshot, &mut problems);
    if problems.has_errors() {
        return Err(problems.into());
    }
    Ok(Needs::of(&snapshot, &settings, environment.as_ref(), &of_checks, place)?)
}

/// The models that checks ask by themselves.
fn models_of_checks(snapshot: &Snapshot<'_>, problems: &mut Problems) -> BTreeSet<String> {
    let paths: BTreeSet<&str> =
        snapshot.prompts.iter().filter_map(|prompt| prompt.golden.as_deref()).collect();
    let mut models = BTreeSet::new();
    for path in paths {
        let set = golden::read(snapshot.bar().tree, path, &mut BTreeSet::new(), problems);
        let checks = set.iter().flat_map(|set| &set.cases).flat_map(|case| &case.checks);
        models.extend(checks.flat_map(Check::models).map(str::to_owned));
    }
    models
}

fn place(args: &IamArgs) -> anyhow::Result<Place> {
    let IamPlaceArgs { account, region, application, .. } = &args.place;
    let region = region.clone().or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.context(
        "the region is not known: pass `--region`, or set AWS_REGION; which models stand behind an inference profile \
         depends on it",
    )?;
    let account = match (account, args.format) {
        (Some(account), _) => {
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            anyhow::ensure!(is_account, "`--account` must be the account's twelve digits");
            account.clone()
        }
        (None, IamFormat::Cloudformation) => ACCOUNT_OF_STACK.to_owned(),
        (None, IamFormat::Hcl) => ACCOUNT_OF_MODULE.to_owned(),
        (None, _) => anyhow::bail!(
            "the account is not known: pass `--account` (`aws sts get-caller-identity` says it), or take \
             `--format cloudformation` or `hcl`, which fill it in"
        ),
    };
    let is_word = |text: &String| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    for (option, value) in [("--region", Some(&region)), ("--application", application.as_ref())] {
        anyhow::ensure!(value.is_none_or(is_word), "`{option}` is made of letters, digits and `-`");
    }
    Ok(Place { region, account, application: application.clone() })
}

fn taker(args: &TrustArgs) -> anyhow::Result<Option<Taker>> {
    Ok(match args.trust {
        None => None,
        Some(TakerArg::Codebuild) => Some(Taker::CodeBuild),
        Some(TakerArg::Github) => {
            let repository = args.repository.clone().context(
                "`--trust github` needs `--repository ORG/REPO`: only jobs of that repository may assume the roles",
            )?;
            let (branch, environment) = (args.branch.clone(), args.github_environment.clone());
            let github = GitHub { repository, branch, environment };
            github.check().map_err(anyhow::Error::msg)?;
            Some(Taker::GitHub(github))
        }
    })
}

/// The roles that are meant: the one named, else all that the configuration has something for.
fn roles(args: &IamArgs, needs: &Needs, taker: Option<&Taker>) -> anyhow::Result<Vec<Role>> {
    let is_one = matches!(args.format, IamFormat::Json | IamFormat::Arns);
    let Some(job) = args.job else {
        anyhow::ensure!(
            !is_one,
            "name a job, such as `prompt-assay iam evaluation`; `--format cloudformation` and `hcl` print all of them"
        );
        let all = Job::ALL.into_iter();
        return Ok(all
            .filter_map(|job| Some(Role::of(job, iam::policy(job, needs)?, taker, &needs.place)))
            .collect());
    };
    let policy = iam::policy(job, needs).with_context(|| nothing(job))?;
    Ok(vec![Role::of(job, policy, taker, &needs.place)])
}

/// Why a job has no policy.
fn nothing(job: Job) -> String {
    let missing = match job {
        Job::Evaluation | Job::MainLine => {
            "no prompt is answered by a model of Bedrock: name one under `models:` (docs/configuration.md)"
        }
        Job::Batch | Job::BatchService => "there is no `calls.batch` (docs/batch.md)",
        Job::Release | Job::Drift | Job::Runtime => {
            "there is no `release:`, or its environment is a directory (docs/release.md)"
        }
    };
    format!("the configuration has nothing for `{}`: {missing}", job.as_str())
}
