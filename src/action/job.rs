//! The job this runs in: the `GITHUB_*` variables that matter.

use std::collections::BTreeMap;

use super::is_commit_id;
use crate::report::untrusted::quoted;

/// Where the job runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// GitHub Actions: a runner that obeys what the log says, and gives forks no secrets.
    #[default]
    GitHub,
    /// AWS CodeBuild: a build has its role, no matter who wrote the commit.
    CodeBuild,
}

impl Host {
    /// What to do about a checkout that lacks something.
    pub fn checkout_help(self) -> &'static str {
        match self {
            Host::GitHub => "add a step `uses: actions/checkout` before this one",
            Host::CodeBuild => {
                "give the build the repository with its history: in a project `GitCloneDepth: 0`, in a pipeline \
                 `OutputArtifactFormat: CODEBUILD_CLONE_REF` of its source action"
            }
        }
    }
}

/// The job, its repository and its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Where it runs.
    pub host: Host,
    /// `pull_request` and the like.
    pub event: String,
    /// Path of the event file.
    pub event_path: Option<String>,
    /// `owner/name`; empty where the host is CodeBuild and the repository is not on GitHub.
    pub repository: String,
    /// The commit the event is about.
    pub commit: String,
    /// The branch's name; empty if the run is about something else, such as a tag of the same name.
    pub branch: String,
    /// Where the repository is checked out.
    pub workspace: String,
    /// Grows with every run of the repository.
    pub run: u64,
    /// Grows with every re-run.
    pub attempt: u64,
    /// GitHub's API, Enterprise Server included.
    pub api_url: String,
    /// The page of the run, where the job summary stands.
    pub run_url: String,
    /// Who started the run.
    pub actor: String,
    /// The file for outputs.
    pub output: Option<String>,
    /// The file for the summary.
    pub summary: Option<String>,
}

impl Job {
    /// Reads the job from the environment's variables.
    ///
    /// # Errors
    /// Everything that is missing or malformed, one sentence each.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let get = |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let mut errors = Vec::new();
        let mut required = |name: &str| {
            let value = get(name);
            if value.is_none() {
                errors.push(format!("`{name}` is not set"));
            }
            value.unwrap_or_default().to_owned()
        };
        let mut job = Self {
            host: Host::GitHub,
            event: required("GITHUB_EVENT_NAME"),
            event_path: get("GITHUB_EVENT_PATH").map(str::to_owned),
            repository: required("GITHUB_REPOSITORY"),
            commit: required("GITHUB_SHA"),
            branch: get("GITHUB_REF").and_then(of_branch).unwrap_or_default().to_owned(),
            workspace: required("GITHUB_WORKSPACE"),
            run: get("GITHUB_RUN_ID").and_then(|id| id.parse().ok()).unwrap_or(0),
            attempt: get("GITHUB_RUN_ATTEMPT").and_then(|n| n.parse().ok()).unwrap_or(1),
            api_url: get("GITHUB_API_URL").unwrap_or("https://api.github.com").to_owned(),
            run_url: String::new(),
            actor: get("GITHUB_TRIGGERING_ACTOR").or(get("GITHUB_ACTOR")).unwrap_or_default().to_owned(),
            output: get("GITHUB_OUTPUT").map(str::to_owned),
            summary: get("GITHUB_STEP_SUMMARY").map(str::to_owned),
        };
        if !errors.is_empty() {
            errors.push(
                "this command runs inside GitHub Actions or AWS CodeBuild; elsewhere use `prompt-assay eval`"
                    .to_owned(),
            );
            return Err(errors);
        }
        if !is_repository(&job.repository) {
            errors
                .push(format!("`GITHUB_REPOSITORY` is {}; it must be `owner/name`", quoted(&job.repository)));
        }
        if !is_commit_id(&job.commit) {
            errors.push(format!("`GITHUB_SHA` is {}; it must be a full commit id", quoted(&job.commit)));
        }
        let server = get("GITHUB_SERVER_URL").unwrap_or("https://github.com");
        job.run_url =
            format!("{server}/{}/actions/runs/{}/attempts/{}", job.repository, job.run, job.attempt);
        if errors.is_empty() { Ok(job) } else { Err(errors) }
    }

    /// Whether Dependabot started the run: it gets no secrets and a read-only token.
    pub fn is_dependabot(&self) -> bool {
        self.actor == "dependabot[bot]"
    }
}

/// A branch's name, from its full one: `GITHUB_REF_NAME` does not distinguish a branch from a tag.
pub(super) fn of_branch(reference: &str) -> Option<&str> {
    reference.strip_prefix("refs/heads/")
}

fn is_repository(text: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && !matches!(part, "." | "..")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}
