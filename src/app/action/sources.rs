//! Where the trees of a run come from: the clone where it holds them, else GitHub's API.

use anyhow::Context;

use super::{Run, Session};
use crate::action::{Base, Checkout, Head, Inputs, Job, is_commit_id};
use crate::adapters::database::Database;
use crate::adapters::git::{Repository, RevisionTree};
use crate::adapters::github::{ApiTree, GitHub, GitHubError, Options, Pace};
use crate::app::workspace::{self, Trees, Workspace};
use crate::store::Store;
use crate::tree::Tree;

/// Finished runs that are searched for one on an ancestor.
const RUNS: usize = 200;

/// The clone, if there is one, and GitHub.
pub struct Sources {
    clone: Option<Repository>,
    github: GitHub,
    token_is_given: bool,
}

/// One revision's files.
enum Source {
    Local(Box<RevisionTree>),
    Remote(Box<ApiTree>),
}

impl Source {
    fn tree(&self) -> &dyn Tree {
        match self {
            Source::Local(tree) => tree.as_ref(),
            Source::Remote(tree) => tree.as_ref(),
        }
    }

    fn commit(&self) -> String {
        match self {
            Source::Local(tree) => tree.commit(),
            Source::Remote(tree) => tree.commit().to_owned(),
        }
    }

    /// Files that GitHub did not give are no missing files.
    fn check(&self) -> Result<(), GitHubError> {
        match self {
            Source::Remote(tree) => tree.failure().map_or(Ok(()), Err),
            Source::Local(_) => Ok(()),
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
        Ok(Self { clone, github, token_is_given: inputs.token.is_some() })
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

    /// Reads and compares both sides.
    ///
    /// # Errors
    /// What is wrong with the head's files, or what GitHub did not give.
    pub fn compare(&mut self, run: &Run, session: &Session) -> anyhow::Result<Workspace> {
        let base = self.base(run, session)?;
        let base = self.open(&base, session)?;
        let head = self.open(run.decision.head.commit(), session)?;
        let trusted = match &run.decision.head {
            Head::Data { trusted, .. } => Some(self.open(trusted, session)?),
            Head::CheckedOut(_) => None,
        };
        let trees = Trees {
            root: std::path::PathBuf::from(&run.job.workspace),
            here: run.inputs.working_directory.clone().unwrap_or_default(),
            base: (base.tree(), Some(base.commit())),
            head: (head.tree(), Some(head.commit())),
            trusted: trusted.as_ref().map(Source::tree),
        };
        let compared = workspace::compare(trees, &run.args.sides);
        for source in [Some(&base), Some(&head), trusted.as_ref()].into_iter().flatten() {
            source.check()?;
        }
        let mut workspace = compared?;
        if let Base::NewestPassed { otherwise, .. } = &run.decision.base
            && base.commit() == *otherwise
            && !workspace.changes.prompts.is_empty()
        {
            workspace.warnings.push(format!(
                "No commit before this one is known to have passed the main tier, so the baseline is the commit \
                 before, `{}`. Keep the directory `{}` between runs (docs/action.md, \"Merge queue and main\").",
                otherwise.get(..7).unwrap_or(otherwise),
                run.inputs.cache
            ));
        }
        Ok(workspace)
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
                _ => session.runtime.block_on(self.github.commit(revision)).map_err(wait),
            },
            Base::MergeBase { of, and } => {
                session.runtime.block_on(self.github.merge_base(of, and)).map_err(wait)
            }
            Base::NewestPassed { head, otherwise } => self.newest_passed(run, session, (head, otherwise)),
        }
    }

    /// The newest ancestor of the head that passed the main tier, as far as the store knows.
    fn newest_passed(
        &self,
        run: &Run,
        session: &Session,
        (head, otherwise): (&str, &str),
    ) -> anyhow::Result<String> {
        let passed = passed_commits(run)?;
        if passed.is_empty() {
            return Ok(otherwise.to_owned());
        }
        let ancestors =
            session.runtime.block_on(self.github.ancestors(head)).map_err(|error| self.explained(error))?;
        let newest = ancestors.into_iter().find(|commit| commit != head && passed.contains(commit));
        Ok(newest.unwrap_or_else(|| otherwise.to_owned()))
    }

    fn open(&self, commit: &str, session: &Session) -> anyhow::Result<Source> {
        if let Some(clone) = &self.clone
            && clone.holds(commit)
        {
            return Ok(Source::Local(Box::new(clone.revision(commit)?)));
        }
        let clone = self.clone.clone();
        let local = Box::new(move |blob: &str| clone.as_ref()?.blob(blob));
        let tree = ApiTree::open(&self.github, session.runtime.handle(), commit, local)
            .map_err(|error| self.explained(error))?;
        Ok(Source::Remote(Box::new(tree)))
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

/// Commits whose run on the main tier ended with a pass.
fn passed_commits(run: &Run) -> anyhow::Result<std::collections::BTreeSet<String>> {
    let path = std::path::Path::new(&run.job.workspace).join(run.cache.path("assay.db"));
    if !path.exists() {
        return Ok(Default::default());
    }
    let runs = Database::open(&path)?.runs(RUNS).context("cannot read the earlier runs")?;
    let reports = runs.iter().filter_map(|run| crate::report::json::parse(&run.report).ok());
    Ok(reports
        .filter(|report| report.tier == crate::prompt::Tier::Main)
        // What one shard found says nothing about the others.
        .filter(|report| report.part.is_none())
        .filter(|report| {
            matches!(report.verdict, crate::verdict::Verdict::Ok | crate::verdict::Verdict::Improved)
        })
        .filter_map(|report| report.head.commit)
        .collect())
}
