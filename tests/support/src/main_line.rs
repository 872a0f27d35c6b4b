//! The default branch of a repository whose runs share a store: pushes, and runs of a merge queue.

use serde_json::json;
use tempfile::TempDir;

use crate::github::GitHub;
use crate::repository::{Origin, edited, git, shop_of_the_main_line};
use crate::step::{Left, Step, queued};

/// A default branch that grows, and the store its runs share.
pub struct Line {
    /// The repository.
    pub origin: Origin,
    /// Its GitHub.
    pub github: GitHub,
    /// What is kept from run to run.
    pub store: TempDir,
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    /// A line that starts with the shop; nothing is stored.
    pub fn new() -> Self {
        let base = shop_of_the_main_line();
        let origin = Origin::between(&base, &[("prompts.yaml", &edited("Second version."))]);
        let github = GitHub::start(Some(origin.path()));
        Self { origin, github, store: crate::temporary::directory() }
    }

    /// A commit on top of another one.
    pub fn commit(&self, files: &[(&str, &str)], parent: &str) -> String {
        let root = self.origin.path();
        git(root, &["checkout", "--quiet", "--detach", parent]).unwrap();
        for (path, text) in files {
            std::fs::write(root.join(path), text).unwrap();
        }
        git(root, &["add", "--all"]).unwrap();
        git(root, &["commit", "--quiet", "--message", "Edit"]).unwrap();
        git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned()
    }

    /// A commit that changes the prompt to these words.
    pub fn prompt(&self, words: &str, parent: &str) -> String {
        self.commit(&[("prompts.yaml", &edited(words))], parent)
    }

    /// The step of a push to the default branch.
    pub fn pushing(&self, before: &str, after: &str) -> Step<'_> {
        let payload = json!({"before": before, "after": after, "repository": {"default_branch": "main"}});
        Step::new(&self.origin, &self.github, ("push", payload), after).set("GITHUB_REF_NAME", "main")
    }

    /// A push to the default branch, run with the store.
    pub fn push(&self, before: &str, after: &str) -> Left {
        self.run(&self.pushing(before, after))
    }

    /// A run of the merge queue, with the store.
    pub fn queue(&self, base: &str, head: &str) -> Left {
        let payload = queued(head, base);
        self.run(&Step::new(&self.origin, &self.github, ("merge_group", payload), head))
    }

    /// A run with the store of the runs before, as `actions/cache` brings and keeps it, and with the
    /// directory that represents the live versions.
    pub fn run(&self, step: &Step<'_>) -> Left {
        copy(self.store.path(), step.workspace());
        let left = step.run();
        copy(step.workspace(), self.store.path());
        left
    }

    /// The commit that the line starts from.
    pub fn base(&self) -> &str {
        &self.origin.base
    }

    /// The commit that merged a good prompt.
    pub fn merge(&self) -> &str {
        &self.origin.merge
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    let database = |root: &std::path::Path| root.join(".prompt-assay/assay.db");
    if database(from).exists() {
        std::fs::create_dir_all(to.join(".prompt-assay")).unwrap();
        std::fs::copy(database(from), database(to)).unwrap();
    }
    if from.join("live").exists() {
        let copied = std::process::Command::new("cp").arg("-r").args([from.join("live"), to.into()]).status();
        assert!(copied.unwrap().success());
    }
}

/// How many calls a step made.
pub fn calls(left: &Left) -> u32 {
    left.outputs["calls"].parse().unwrap_or_else(|_| panic!("{}", left.log))
}
