//! The options of `doctor` and `iam`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::iam::Job;

/// `doctor`.
#[derive(Clone, Debug, Default, Args)]
pub struct DoctorArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Write what was found to this file instead of standard output.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
}

/// `iam`.
#[derive(Clone, Debug, Args)]
pub struct IamArgs {
    /// Whose policy; default: everybody's that the configuration has something for.
    #[arg(value_enum)]
    pub job: Option<Job>,
    /// How it is written. `json` and `arns` are of one job.
    #[arg(long, value_enum, default_value_t = IamFormat::Json, env = "PROMPT_ASSAY_FORMAT")]
    pub format: IamFormat,
    /// Write it to this file instead of standard output.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
    /// What the policies are about.
    #[command(flatten)]
    pub place: IamPlaceArgs,
    /// Who assumes the roles.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// What the policies are about.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where")]
pub struct IamPlaceArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// The environment of `release:`; default: its `default`, or the only one.
    #[arg(long, value_name = "NAME", env = "PROMPT_ASSAY_ENV")]
    pub env: Option<String>,
    /// The account, twelve digits; in templates the default is the account that they are used in.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_ACCOUNT")]
    pub account: Option<String>,
    /// The region of the model calls; default: AWS_REGION, then AWS_DEFAULT_REGION.
    #[arg(long, value_name = "NAME", env = "PROMPT_ASSAY_REGION")]
    pub region: Option<String>,
    /// The id of AppConfig's application; default: all of the account, since the configuration may give a
    /// name.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_APPLICATION")]
    pub application: Option<String>,
}

/// Who assumes the roles.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Who assumes the roles")]
pub struct TrustArgs {
    /// Print the policy of trust (`json`), or roles with it (`cloudformation`, `hcl`).
    #[arg(long, value_enum, env = "PROMPT_ASSAY_TRUST")]
    pub trust: Option<TakerArg>,
    /// With `--trust github`: ORG/REPO; for a repository that was created, renamed or transferred since July
    /// 2026, ORG@ID/REPO@ID.
    #[arg(long, value_name = "ORG/REPO", env = "PROMPT_ASSAY_REPOSITORY")]
    pub repository: Option<String>,
    /// With `--trust github`: the default branch.
    #[arg(long, value_name = "NAME", default_value = "main", env = "PROMPT_ASSAY_BRANCH")]
    pub branch: String,
    /// With `--trust github`: the environment of the job that releases.
    #[arg(long, value_name = "NAME", default_value = "production", env = "PROMPT_ASSAY_GITHUB_ENVIRONMENT")]
    pub github_environment: String,
}

/// How policies are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum IamFormat {
    /// A policy.
    #[default]
    Json,
    /// A template with managed policies, and roles with `--trust`.
    Cloudformation,
    /// The same as resources of Terraform.
    Hcl,
    /// The models that the job asks, separated by commas: `ModelArns` of deploy/store.yaml.
    Arns,
}

/// Who assumes the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TakerArg {
    /// GitHub Actions.
    Github,
    /// CodeBuild.
    Codebuild,
}

impl ValueEnum for Job {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Evaluation => "Jobs of pull requests",
            Self::MainLine => "Jobs of the default branch and its merge queue",
            Self::Batch => "`--batch`, beside one of the two above",
            Self::BatchService => "Bedrock itself, which answers the files of batch jobs",
            Self::Release => "`release`, `rollback`, `history` and the like",
            Self::Drift => "`drift`",
            Self::Runtime => "The application",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}
