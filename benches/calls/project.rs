//! A repository with one edited, or one new, prompt of many cases.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measured::{self, Measured};

/// What is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Golden cases.
    pub cases: usize,
    /// Whether the base has the prompt too: then both sides are asked.
    pub edited: bool,
    /// Whether a judge scores.
    pub judged: bool,
}

/// A repository in a temporary directory.
pub struct Project(tempfile::TempDir);

impl Project {
    /// Makes it; `calls` is the section of that name in the configuration.
    pub fn new(shape: Shape, calls: &str) -> Self {
        let project = Self(tempfile::tempdir().expect("a directory"));
        let root = project.root();
        fs::create_dir_all(root.join("golden")).expect("a directory");
        let config = format!(
            "models: {{branch: amazon.nova-lite-v1:0, judge: amazon.nova-pro-v1:0}}\n\
             parameters: {{max_tokens: 200}}\ncalls: {calls}\n"
        );
        fs::write(root.join("prompt-assay.yaml"), config).expect("written");
        fs::write(root.join("golden/support.jsonl"), golden(shape)).expect("written");
        let base = if shape.edited { catalog("support", "one sentence") } else { catalog("other", "x") };
        fs::write(root.join("prompts.yaml"), &base).expect("written");
        project.git(&["init", "--quiet", "--initial-branch", "main"]);
        project.git(&["add", "."]);
        let commit =
            ["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "--quiet", "-m", "base"];
        project.git(&commit);
        let head = catalog("support", "one short sentence");
        let head = if shape.edited { head } else { base + &head };
        fs::write(root.join("prompts.yaml"), head).expect("written");
        project
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("repository")
    }

    fn git(&self, arguments: &[&str]) {
        let done = Command::new("git").args(arguments).current_dir(self.root()).status().expect("git runs");
        assert!(done.success());
    }

    /// Evaluates; returns the measure and the JSON report.
    pub fn eval(&self, url: &str, more: &[&str]) -> (Measured, serde_json::Value) {
        let output = self.0.path().join("report.json");
        let measured = measured::run(
            Command::new(env!("CARGO_BIN_EXE_prompt-assay"))
                .args(["eval", "--base", "HEAD", "--format", "json", "--quiet"])
                .args(more)
                .current_dir(self.root())
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("HOME", self.0.path())
                .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
                .env("AWS_REGION", "us-east-1")
                .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
                .env("AWS_SECRET_ACCESS_KEY", "secret"),
            &output,
        );
        let text = fs::read_to_string(&output).expect("a report");
        let errors = fs::read_to_string(Path::new(&output).with_extension("err")).unwrap_or_default();
        let report = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no report: {errors}"));
        (measured, report)
    }
}

fn catalog(name: &str, length: &str) -> String {
    format!(
        "{name}:\n  system: |\n    You are the assistant of a large company. Customers write to you about orders,\n    \
         parcels, refunds and invoices. Answer in {length}, politely, and name a day\n    where one is asked for.\n  \
         user: \"{{{{ input }}}}\"\n"
    )
}

fn golden(shape: Shape) -> String {
    let judge = if shape.judged { ", {\"judge\": \"Names a day.\"}" } else { "" };
    let mut text = String::new();
    for case in 0..shape.cases {
        let _ = writeln!(
            text,
            "{{\"id\": \"case-{case:05}\", \"input\": \"Question {case}: where is my order, and when will it \
             arrive?\", \"checks\": [{{\"contains\": \"ok\"}}{judge}]}}"
        );
    }
    text
}
