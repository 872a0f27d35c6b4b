//! One step of a workflow: the binary with the runner's environment, and everything it leaves.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::github::{GitHub, REPOSITORY};
use crate::repository::Origin;

/// The event of the default branch's merge queue.
pub fn queued(head: &str, base: &str) -> Value {
    let group = json!({"head_sha": head, "base_sha": base, "base_ref": "refs/heads/main"});
    json!({"merge_group": group, "repository": {"default_branch": "main"}})
}

/// A step about to run.
pub struct Step<'a> {
    origin: &'a Origin,
    workspace: TempDir,
    event: &'static str,
    payload: Value,
    environment: BTreeMap<String, String>,
}

/// What a step left.
#[derive(Debug)]
pub struct Left {
    /// The exit status.
    pub status: i32,
    /// Standard error, the only stream that is used.
    pub log: String,
    /// The outputs, as the runner reads them.
    pub outputs: BTreeMap<String, String>,
    /// The job's summary.
    pub summary: String,
}

impl<'a> Step<'a> {
    /// On pull request 1, its test merge checked out.
    pub fn pull_request(origin: &'a Origin, github: &'a GitHub) -> Self {
        let payload = json!({"repository": {"default_branch": "main"}, "pull_request": {
            "number": 1,
            "base": {"sha": origin.base, "ref": "main", "repo": {"full_name": REPOSITORY}},
            "head": {"sha": origin.head, "ref": "edit", "repo": {"full_name": REPOSITORY}},
        }});
        Self::new(origin, github, ("pull_request", payload), &origin.merge)
    }

    /// On an event, with a commit checked out.
    pub fn new(
        origin: &'a Origin,
        github: &'a GitHub,
        (event, payload): (&'static str, Value),
        commit: &str,
    ) -> Self {
        let environment = [
            ("GITHUB_REPOSITORY", REPOSITORY),
            ("GITHUB_SHA", commit),
            ("GITHUB_REF_NAME", "1/merge"),
            ("GITHUB_RUN_ID", "100"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_ACTOR", "alex"),
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("INPUT_GITHUB-TOKEN", "secret-token"),
            // The runner passes every declared input, the unset ones empty.
            ("INPUT_CONFIG", ""),
            ("INPUT_FAIL-ON", ""),
        ];
        let mut environment: BTreeMap<String, String> =
            environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        environment.insert("GITHUB_API_URL".to_owned(), github.url());
        Self { origin, workspace: origin.checkout(commit), event, payload, environment }
    }

    /// Sets a variable of the environment.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets an input of the action.
    pub fn input(self, name: &str, value: &str) -> Self {
        self.set(&format!("INPUT_{}", name.to_uppercase()), value)
    }

    /// Changes the event, or adds to it: a field of an object that is there.
    pub fn event(mut self, pointer: &str, value: Value) -> Self {
        let (object, field) = pointer.rsplit_once('/').expect("a pointer");
        self.payload.pointer_mut(object).expect("a field of the event")[field] = value;
        self
    }

    /// The workspace of another commit.
    pub fn checkout(mut self, commit: &str) -> Self {
        self.workspace = self.origin.checkout(commit);
        self
    }

    /// Where the commit is checked out.
    pub fn workspace(&self) -> &Path {
        self.workspace.path()
    }

    /// The full name of what the run is about, where a test does not set it: a branch, or a pull request.
    fn reference(&self) -> String {
        let name = &self.environment["GITHUB_REF_NAME"];
        let kind = if name.ends_with("/merge") { "pull" } else { "heads" };
        format!("refs/{kind}/{name}")
    }

    /// Runs it to its end.
    pub fn run(&self) -> Left {
        self.start().left()
    }

    /// Starts it and does not wait.
    pub fn start(&self) -> Running {
        let files = crate::temporary::directory();
        let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("event.json"), self.payload.to_string()).unwrap();
        let child = Command::new(crate::program())
            .arg("action")
            .env_clear()
            .current_dir(self.workspace.path())
            .env("GITHUB_EVENT_NAME", self.event)
            .env("GITHUB_EVENT_PATH", path("event.json"))
            .env("GITHUB_WORKSPACE", self.workspace.path())
            .env("GITHUB_OUTPUT", path("output"))
            .env("GITHUB_STEP_SUMMARY", path("summary"))
            .env("GITHUB_REF", self.reference())
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running { child, files }
    }
}

/// A step in progress.
pub struct Running {
    child: Child,
    files: TempDir,
}

impl Running {
    /// Sends it a signal, as the runner does when a job is cancelled.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until something is the case; false: it ended before.
    pub fn until(&mut self, is_so: impl Fn() -> bool) -> bool {
        loop {
            if is_so() {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
    }

    /// Waits for its end, which a signal may have caused: `None`.
    pub fn status(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Waits for its end.
    pub fn left(self) -> Left {
        let output = self.child.wait_with_output().unwrap();
        assert!(output.stdout.is_empty(), "one stream only: {}", String::from_utf8_lossy(&output.stdout));
        let read = |name: &str| std::fs::read_to_string(self.files.path().join(name)).unwrap_or_default();
        Left {
            status: output.status.code().expect("an exit status"),
            log: String::from_utf8(output.stderr).unwrap(),
            outputs: outputs(&read("output")),
            summary: read("summary"),
        }
    }
}

/// The output file, read as the runner reads it.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("name<<delimiter");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}
