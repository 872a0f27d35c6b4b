//! Git repositories as a pull request finds them: a base, a head, their test merge, and shallow
//! clones of any of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Runs Git; `None` when it says no.
pub fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Alex")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "alex@shop.example")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), "2026-01-05T09:00:00Z")))
        .output()
        .expect("git is installed");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn must(directory: &Path, arguments: &[&str]) -> String {
    git(directory, arguments).unwrap_or_else(|| panic!("git {arguments:?} in {}", directory.display()))
}

/// The repository on GitHub, with one open pull request.
pub struct Origin {
    /// Where it is.
    pub directory: TempDir,
    /// The commit that the pull request starts from.
    pub base: String,
    /// The pull request's commit.
    pub head: String,
    /// The test merge of both, `refs/pull/1/merge`.
    pub merge: String,
}

/// Paths and texts; an empty text removes the file.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// A catalog, a golden set of 30 cases of which the first version fails eight, and the rules of
/// the model that answers.
pub fn shop() -> Vec<(String, String)> {
    let cases: String = (1..=30)
        .map(|n| {
            format!("  - {{id: case-{n:02}, input: \"question {n}\", checks: [{{contains: \"yes\"}}]}}\n")
        })
        .collect();
    [
        (
            "prompts.yaml",
            "reply: \"Answer the customer. First version.\"\nother: \"Unchanged.\"\n".to_owned(),
        ),
        ("golden/reply.yaml", format!("cases:\n{cases}")),
        ("prompt-assay.yaml", CONFIG.to_owned()),
        ("rules.yaml", RULES.to_owned()),
        ("README.md", "# The shop\n".to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .to_vec()
}

/// The shop where a prompt alone meets the floor of new ones with 24 of 30 cases, and its broken version, with 15,
/// misses it beyond chance: for the main line, where prompts may have no baseline.
pub fn shop_of_the_main_line() -> Vec<(String, String)> {
    let mut files = shop();
    for (_, text) in files.iter_mut().filter(|(path, _)| path == "rules.yaml") {
        *text = text.replace("2[3-9]", "2[5-9]").replace(
            "{system: \"broken\", input: \"question [1-4]$\"}",
            "{system: \"broken\", input: \"question [1-9]$\"}",
        );
    }
    files
}

/// The catalog whose prompt has these words.
pub fn edited(words: &str) -> String {
    format!("reply: \"Answer the customer. {words}\"\nother: \"Unchanged.\"\n")
}

const CONFIG: &str = "provider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\n\
                      gate: {fail_fast: false}\n";

/// What the words of a prompt make of it.
const RULES: &str = r#"rules:
  - when: {system: "perfect"}
    text: "yes"
  - when: {system: "wobbly", input: "question [1-4]$"}
    answers: [{p: 0.5, text: "yes"}, {text: "no"}]
  - when: {system: "broken", input: "question [1-4]$"}
    text: "no"
  - when: {input: "question (2[3-9]|30)$"}
    text: "no"
default: {text: "yes"}
"#;

impl Origin {
    /// A pull request that writes these files over the shop's.
    pub fn of(edits: Files<'_>) -> Self {
        Self::between(&shop(), edits)
    }

    /// A pull request that changes the prompt to these words.
    pub fn with_prompt(words: &str) -> Self {
        Self::of(&[("prompts.yaml", &edited(words))])
    }

    /// A pull request that writes these files over a base.
    pub fn between(base: &[(String, String)], edits: Files<'_>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        must(root, &["init", "--quiet"]);
        for (path, text) in base {
            write(root, path, text);
        }
        let base = commit(root, "The shop");
        must(root, &["checkout", "--quiet", "-b", "edit"]);
        for (path, text) in edits {
            match *text {
                "" => drop(must(root, &["rm", "--quiet", path])),
                text => write(root, path, text),
            }
        }
        let head = commit(root, "Edit");
        must(root, &["checkout", "--quiet", "-b", "merged", &base]);
        must(root, &["merge", "--quiet", "--no-ff", "-m", "Merge", &head]);
        let merge = must(root, &["rev-parse", "HEAD"]).trim().to_owned();
        must(root, &["update-ref", "refs/pull/1/merge", &merge]);
        must(root, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        must(root, &["checkout", "--quiet", "main"]);
        Self { directory, base, head, merge }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What `actions/checkout` leaves: one commit, nothing before it.
    pub fn checkout(&self, commit: &str) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        must(root, &["init", "--quiet"]);
        let url = format!("file://{}", self.path().display());
        must(root, &["fetch", "--quiet", "--depth=1", "--no-tags", &url, commit]);
        must(root, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        assert_eq!(must(root, &["rev-list", "HEAD"]).lines().count(), 1, "one commit");
        directory
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let file: PathBuf = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn commit(root: &Path, message: &str) -> String {
    must(root, &["add", "--all"]);
    must(root, &["commit", "--quiet", "--allow-empty", "-m", message]);
    must(root, &["rev-parse", "HEAD"]).trim().to_owned()
}
