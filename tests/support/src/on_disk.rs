//! A Git repository in a temporary directory, and the program run in it as a person runs it: the
//! real binary, with its own environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::repository::SHORT_LIVED;

/// A small project: one prompt, two cases, a model with a known price.
pub const GREETING: &[(&str, &str)] = &[
    ("prompts.yaml", "greet:\n  text: |\n    Greet {{ name }} warmly.\n  user: \"{{ input }}\"\n"),
    (
        "golden/greet.yaml",
        "cases:\n  - id: morning\n    input: Good morning\n    vars: {name: Ada}\n    checks: [{contains: Ada}]\n  \
         - id: evening\n    input: Good evening\n    vars: {name: Grace}\n    checks: [{contains: Grace}]\n",
    ),
    ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
    ("rules.yaml", "default: {text: \"Hello Ada, hello Grace\"}\n"),
];

/// A repository, and beside it an empty home.
pub struct Project(TempDir);

impl Project {
    /// A directory that is no repository.
    pub fn nowhere() -> Self {
        let place = Self(crate::temporary::directory());
        for name in ["repository", "home"] {
            fs::create_dir(place.0.path().join(name)).expect("a directory");
        }
        place
    }

    /// A repository whose only commit, on `main`, has these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self::nowhere();
        project.git(&["init", "--quiet", "--initial-branch", "main"]);
        for (path, text) in files {
            project.write(path, text);
        }
        project.record("base");
        project
    }

    /// [`GREETING`], committed, and its text edited in the working directory.
    pub fn edited() -> Self {
        let project = Self::new(GREETING);
        project.edit("prompts.yaml", "warmly", "kindly");
        project
    }

    /// The working directory.
    pub fn root(&self) -> PathBuf {
        self.0.path().join("repository")
    }

    /// Writes a file, and the directories above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).expect("the file was there");
    }

    /// Replaces a part of a file's text.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.root().join(path)).expect("the file is there");
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replace(from, to));
    }

    /// Commits everything; returns the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.record(message);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn record(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs Git in the working directory.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.bare("git").args(SHORT_LIVED).args(arguments).output().expect("git is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// A clone with this history and nothing more.
    pub fn cloned(&self, options: &[&str]) -> Self {
        let clone = Self::nowhere();
        let origin = format!("file://{}", self.root().display());
        clone.git(&[&["clone", "--quiet"], options, &[origin.as_str(), "."]].concat());
        clone
    }

    /// A process in the working directory, with an environment of its own: what the person who
    /// runs the tests has set must not matter.
    fn bare(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let home = self.0.path().join("home");
        command
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [("NAME", "Ada"), ("EMAIL", "ada@example.invalid"), ("DATE", "2026-01-31T12:00:00Z")]
                    .map(|(what, value)| (format!("GIT_{who}_{what}"), value))
            }));
        command
    }

    /// The program with arguments; without credentials, and without a search for them on EC2.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(crate::program());
        command.args(arguments).env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Runs lines of a shell, in which the program is on the path; it stops at the first line that fails.
    pub fn shell(&self, lines: &str) -> Ran {
        let program = crate::program();
        let directories = std::env::var_os("PATH").unwrap_or_default();
        let directories =
            program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&directories));
        let mut command = self.bare("bash");
        command
            .args(["-euo", "pipefail", "-c", lines])
            .env("PATH", std::env::join_paths(directories).expect("a path"))
            .env("TMPDIR", self.0.path().join("home"))
            .env("AWS_EC2_METADATA_DISABLED", "true");
        self.ran(&mut command)
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(&mut self.command(arguments))
    }

    /// Runs a prepared command to its end.
    pub fn ran(&self, command: &mut Command) -> Ran {
        Ran::new(command.output().expect("the program starts"), &self.root())
    }

    /// `eval` of the working directory against the last commit, answered by `rules.yaml`.
    pub fn eval(&self) -> Ran {
        self.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml"])
    }
}

/// What a run left behind.
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error, without progress.
    pub stderr: String,
}

impl Ran {
    /// Takes a process's output; the repository's place is called `[repository]`.
    pub fn new(output: Output, root: &Path) -> Self {
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("UTF-8");
            text.replace(&root.display().to_string(), "[repository]")
        };
        let stderr = text(output.stderr);
        let stays = |line: &&str| !line.contains(" of about ") && !line.starts_with("done: ");
        Self {
            status: output.status.code().expect("an exit status"),
            stdout: text(output.stdout),
            stderr: stderr.lines().filter(stays).map(|line| format!("{line}\n")).collect(),
        }
    }

    /// The output for a person: the exit status and standard error.
    pub fn told(&self) -> String {
        format!("exit status {}\n{}", self.status, self.stderr)
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}
