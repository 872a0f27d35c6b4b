//! Git repositories as a pull request finds them: a base, a head, their test merge, and shallow
//! clones of any of them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Options of Git for a repository that lives only as long as a test: no sample hooks, no waiting until the disk has
/// everything, no maintenance, and what is fetched stays in one file. Each of these takes longer than a commit.
pub const SHORT_LIVED: [&str; 10] = [
    "-c",
    "init.templateDir=",
    "-c",
    "core.fsync=none",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "transfer.unpackLimit=1",
];

/// Runs Git; `None` when it says no.
pub fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = command(directory, arguments).output().expect("git is installed");
    told(&output)
}

/// Runs Git with an input.
fn fed(directory: &Path, arguments: &[&str], input: &[u8]) -> Option<String> {
    let mut command = command(directory, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git is installed");
    child.stdin.take().expect("a pipe").write_all(input).expect("Git reads");
    told(&child.wait_with_output().expect("Git ends"))
}

fn told(output: &Output) -> Option<String> {
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(directory)
        .args(SHORT_LIVED)
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Alex")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "alex@shop.example")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), "2026-01-05T09:00:00Z")));
    command
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
        let directory = crate::temporary::directory();
        let root = directory.path();
        must(root, &["init", "--quiet"]);
        let told =
            fed(root, &["fast-import", "--quiet"], history(base, edits).as_bytes()).expect("three commits");
        let [base, head, merge] = told.lines().collect::<Vec<_>>().try_into().expect("their ids");
        let [base, head, merge] = [base, head, merge].map(str::to_owned);
        must(root, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        must(root, &["reset", "--quiet", "--hard"]);
        Self { directory, base, head, merge }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What `actions/checkout` leaves: one commit, nothing before it.
    pub fn checkout(&self, commit: &str) -> TempDir {
        let directory = crate::temporary::directory();
        let root = directory.path();
        must(root, &["init", "--quiet"]);
        let url = format!("file://{}", self.path().display());
        must(root, &["fetch", "--quiet", "--depth=1", "--no-tags", &url, commit]);
        must(root, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        assert_eq!(must(root, &["rev-list", "HEAD"]).lines().count(), 1, "one commit");
        directory
    }
}

/// The base on `main`, the edit on `edit`, and their merge on `merged` and as the pull request's, as `git fast-import`
/// reads them: one process instead of fifteen. It prints the three ids.
fn history(base: &[(String, String)], edits: Files<'_>) -> String {
    let file =
        |path: &str, text: &str| format!("M 100644 inline {}\ndata {}\n{text}\n", quoted(path), text.len());
    for (path, _) in edits.iter().filter(|(_, text)| text.is_empty()) {
        assert!(base.iter().any(|(known, _)| known == path), "{path} is not there to be removed");
    }
    let of_base: String = base.iter().map(|(path, text)| file(path, text)).collect();
    let of_edit: String = edits
        .iter()
        .map(|(path, text)| if text.is_empty() { format!("D {}\n", quoted(path)) } else { file(path, text) })
        .collect();
    let commit = |reference: &str, mark: u8, message: &str, rest: &str| {
        // 2026-01-05T09:00:00Z
        format!(
            "commit {reference}\nmark :{mark}\ncommitter Alex <alex@shop.example> 1767603600 +0000\ndata {}\n{message}\n{rest}",
            message.len() + 1
        )
    };
    [
        commit("refs/heads/main", 1, "The shop", &of_base),
        commit("refs/heads/edit", 2, "Edit", &format!("from :1\n{of_edit}")),
        commit("refs/heads/merged", 3, "Merge", &format!("from :1\nmerge :2\n{of_edit}")),
        "reset refs/pull/1/merge\nfrom :3\n\nget-mark :1\nget-mark :2\nget-mark :3\n".to_owned(),
    ]
    .concat()
}

/// A path as `git fast-import` reads any.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
