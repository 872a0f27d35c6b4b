//! Where the trees of a run come from: the clone if it contains them, else GitHub's API.

use super::{Run, Session};
use crate::action::{Base, Checkout, Head, Host, Inputs, Job, is_commit_id};
use crate::adapters::git::{Repository, RevisionTree};
use crate::adapters::github::{ApiTree, GitHub, GitHubError, Options, Pace};
use crate::app::database;
use crate::app::workspace::{self, Trees, Workspace};
use crate::cli::SideArgs;
use crate::tree::{MemoryTree, Tree};

/// The clone, if there is one, and GitHub.
pub struct Sources {
    clone: Option<Repository>,
    github: GitHub,
    token_is_given: bool,
    /// Without GitHub all there is stands in the clone.
    reaches_github: bool,
}

/// Ancestors that a clone is asked for, as many as GitHub gives.
const MOST_ANCESTORS: usize = 99;

/// One revision's files.
pub(super) enum Source {
    Local(Box<RevisionTree>),
    Remote(Box<ApiTree>),
}

impl Source {
    pub(super) fn tree(&self) -> &dyn Tree {
        match self {
            Source::Local(tree) => tree.as_ref(),
            Source::Remote(tree) => tree.as_ref(),
        }
    }

    pub(super) fn commit(&self) -> String {
        match self {
            Source::Local(tree) => tree.commit(),
            Source::Remote(tree) => tree.commit().to_owned(),
        }
    }

    /// A file that GitHub did not return does not count as missing.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        match self {
            Source::Remote(tree) => Ok(tree.failure().map_or(Ok(()), Err)?),
            Source::Local(tree) => Ok(tree.failure().map_or(Ok(()), Err)?),
        }
    }
}

impl Sources {
    /// Looks for a clone in the workspace; connects to nothing yet.
    ///
    /// # Errors
    /// When the API's address is malformed.
    pub fn new(job: &Job, inputs: &Inputs, session: &Session) -> anyhow::Result<Self> {
        let _inside = session.runtime.enter();
        let github = GitHub::new(Options {
            api_url: job.api_url.clone(),
            token: inputs.token.clone(),
            repository: job.repository.clone(),
            pace: Pace::default(),
        })?;
        let clone = Repository::discover(std::path::Path::new(&job.workspace)).ok();
        let token_is_given = inputs.token.is_some();
        Ok(Self { clone, github, token_is_given, reaches_github: job.host == Host::GitHub || token_is_given })
    }

    /// The clone, if there is one.
    pub fn clone_of(&self) -> Option<&Repository> {
        self.clone.as_ref()
    }

    /// The commit at the tip of a branch of the repository that was cloned, where the clone has it.
    pub fn tip(&self, branch: &str) -> Option<String> {
        let clone = self.clone.as_ref()?;
        let named = [format!("refs/remotes/origin/{branch}"), format!("refs/heads/{branch}")];
        named.iter().find_map(|name| Some(clone.revision(name).ok()?.commit()))
    }

    /// The clone, where there is no other source.
    fn alone(&self) -> Option<&Repository> {
        self.clone.as_ref().filter(|_| !self.reaches_github)
    }

    /// GitHub.
    pub fn github(&self) -> &GitHub {
        &self.github
    }

    /// What is checked out; `None` without a clone.
    ///
    /// # Errors
    /// When the clone holds no commit.
    pub fn checkout(&self) -> anyhow::Result<Option<Checkout>> {
        let Some(clone) = &self.clone else { return Ok(None) };
        let (commit, parents) = clone.checked_out()?;
        Ok(Some(Checkout { commit, parents }))
    }

    /// Reads both sides and compares the head with the commit that the decision names.
    ///
    /// # Errors
    /// What is wrong with the head's files, or what GitHub did not give.
    pub fn compare(&self, run: &Run, session: &Session) -> anyhow::Result<Workspace> {
        let base = self.base(run, session)?;
        self.compare_with(run, Some(&base), &run.args.sides, session)
    }

    /// Compares the head with this commit, or with nothing.
    ///
    /// # Errors
    /// What is wrong with the head's files, or what GitHub did not give.
    pub(super) fn compare_with(
        &self,
        run: &Run,
        base: Option<&str>,
        sides: &SideArgs,
        session: &Session,
    ) -> anyhow::Result<Workspace> {
        let base = base.map(|commit| self.open(commit, session)).transpose()?;
        let head = self.open(run.decision.head.commit(), session)?;
        database::refuse(head.tree(), &run.reserved()?)?;
        let trusted = match &run.decision.head {
            Head::Data { trusted, .. } => Some(self.open(trusted, session)?),
            Head::CheckedOut(_) => None,
        };
        let tip = match &run.decision.base {
            Base::MergeBase { of, .. } if is_commit_id(of) => match &base {
                Some(base) if base.commit() != *of => Some(self.open(of, session)?),
                _ => None,
            },
            _ => None,
        };
        let nothing = MemoryTree::default();
        let trees = Trees {
            root: std::path::PathBuf::from(&run.job.workspace),
            here: run.inputs.working_directory.clone().unwrap_or_default(),
            base: match &base {
                Some(base) => (base.tree(), Some(base.commit())),
                None => (&nothing, None),
            },
            head: (head.tree(), Some(head.commit())),
            trusted: trusted.as_ref().map(Source::tree),
            scripted: run.inputs.scripted.as_deref(),
            tip: tip.as_ref().map(Source::tree),
            settings: None,
        };
        let compared = workspace::compare(trees, sides);
        for source in [base.as_ref(), Some(&head), trusted.as_ref(), tip.as_ref()].into_iter().flatten() {
            source.check()?;
        }
        let mut compared = compared?;
        // A merged change is not a proposal.
        let trusted = compared.trusted.take().filter(|_| !run.is_on_default_branch);
        if let Some(trusted) = &trusted {
            trusted.keep_places(&mut compared);
        }
        compared.trusted = trusted;
        Ok(compared)
    }

    /// The base's commit.
    fn base(&self, run: &Run, session: &Session) -> anyhow::Result<String> {
        let wait = |error: GitHubError| self.explained(error);
        match &run.decision.base {
            Base::Revision(revision) => match &self.clone {
                Some(clone) if !is_commit_id(revision) && clone.revision(revision).is_ok() => {
                    Ok(clone.revision(revision)?.commit())
                }
                _ if is_commit_id(revision) => Ok(revision.clone()),
                _ if !self.reaches_github => self.tip(revision).ok_or_else(|| {
                    anyhow::anyhow!(
                        "the base `{revision}` is not in this clone: {}",
                        Host::CodeBuild.checkout_help()
                    )
                }),
                _ => session.runtime.block_on(self.github.commit(revision)).map_err(wait),
            },
            Base::MergeBase { of, and } => self.merge_base(of, and, session),
            Base::NewestPassed { before, .. } => Ok(before.clone()),
        }
    }

    /// A commit's ancestors, newest first.
    ///
    /// # Errors
    /// What GitHub did not give.
    pub(super) fn ancestors(&self, commit: &str, session: &Session) -> anyhow::Result<Vec<String>> {
        if let Some(clone) = self.alone() {
            return Ok(clone.ancestors(commit, MOST_ANCESTORS));
        }
        let listed = session.runtime.block_on(self.github.ancestors(commit));
        let listed = listed.map_err(|error| self.explained(error))?;
        Ok(listed.into_iter().filter(|listed| listed != commit).collect())
    }

    /// A commit's files.
    ///
    /// # Errors
    /// What GitHub did not give.
    pub(super) fn open(&self, commit: &str, session: &Session) -> anyhow::Result<Source> {
        if let Some(clone) = &self.clone
            && clone.holds(commit)
            // Objects that a partial clone lacks are read from GitHub.
            && (!clone.is_partial() || !self.reaches_github)
        {
            return Ok(Source::Local(Box::new(clone.revision(commit)?)));
        }
        anyhow::ensure!(
            self.reaches_github,
            "the commit {} is not in this clone, and there is no token to read it from GitHub with: {}",
            commit.get(..7).unwrap_or(commit),
            Host::CodeBuild.checkout_help()
        );
        let clone = self.clone.clone();
        let local = Box::new(move |blob: &str| clone.as_ref()?.blob(blob));
        let tree = ApiTree::open(&self.github, session.runtime.handle(), commit, local)
            .map_err(|error| self.explained(error))?;
        Ok(Source::Remote(Box::new(tree)))
    }

    /// The newest commit that both have among their ancestors.
    ///
    /// # Errors
    /// What GitHub did not give.
    pub(super) fn merge_base(&self, one: &str, other: &str, session: &Session) -> anyhow::Result<String> {
        if let Some(clone) = self.alone() {
            let one = self.tip(one).unwrap_or_else(|| one.to_owned());
            return Ok(clone.merge_base(&one, other)?);
        }
        let asked = session.runtime.block_on(self.github.merge_base(one, other));
        asked.map_err(|error| self.explained(error))
    }

    fn explained(&self, error: GitHubError) -> anyhow::Error {
        let error = anyhow::Error::from(error);
        match self.token_is_given {
            true => error,
            false => {
                error.context("the base is not in the clone and there is no `github-token` to read it with")
            }
        }
    }
}
