//! `demo`: an example repository with a plausible edit, evaluated by the real code. The model is a
//! file of rules, and the output says so.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::signals::Interrupts;
use super::{eval, output};
use crate::adapters::git::{Commit, write_commit};
use crate::adapters::progress::say;
use crate::cli::{DemoArgs, EvalArgs, SideArgs};
use crate::report::{html, json, markdown};

/// A fixed moment, so that the demo's commits have the same ids everywhere.
const TIME: i64 = 1_767_225_600;

macro_rules! embedded {
    ($side:literal, [$($path:literal),* $(,)?]) => {
        &[$(($path, include_str!(concat!("../../demo/", $side, "/", $path)))),*]
    };
}

const BASE: &[(&str, &str)] = embedded!(
    "base",
    [
        "golden/customer_service_prompt.yaml",
        "golden/delay_notice.yaml",
        "golden/review_reply.yaml",
        "golden/schema/reply.json",
        "golden/ticket_title.jsonl",
        "prompt-assay.yaml",
        "prompts.yaml",
        "rules.yaml",
        "shared/tone.md",
    ]
);

const HEAD: &[(&str, &str)] = embedded!("head", ["prompts.yaml"]);

/// Makes the repository, evaluates its newest commit, prints the comment and leaves everything on
/// disk.
///
/// # Errors
/// When the directory cannot be written, or see [`eval::evaluate`].
pub fn run(args: &DemoArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    let directory = directory(args.directory.as_deref())?;
    let repository = directory.join("repository");
    let base = commit(&repository, None, "main", "Answer customers by the book", BASE)?;
    let overlaid: Vec<(&str, &str)> = BASE
        .iter()
        .map(|(path, text)| {
            (*path, HEAD.iter().find(|(head, _)| head == path).map_or(*text, |(_, text)| *text))
        })
        .collect();
    commit(
        &repository,
        Some(&base),
        "warmer-replies",
        "Be warmer and shorter with upset customers",
        &overlaid,
    )?;
    say(&format!(
        "A repository with two commits was made in {}.\nThe second one edits one of its five prompts. No language \
         model is called: answers come from `rules.yaml`.\n",
        repository.display()
    ));
    let sides =
        SideArgs { base: Some("main".to_owned()), head: Some("HEAD".to_owned()), ..SideArgs::default() };
    let (markdown, json_file) = (directory.join("comment.md"), directory.join("report.json"));
    let page = directory.join("report.html");
    let args = EvalArgs { sides, html: Some(page.clone()), ..EvalArgs::default() };
    let report = eval::evaluate(&repository, &args, interrupts)?;
    let comment = markdown::render(&report, markdown::Limits::default());
    output::write(&comment, Some(&markdown))?;
    output::write(&json::render(&report), Some(&json_file))?;
    output::write(&html::render(&report), Some(&page))?;
    output::write(&comment, None)?;
    say(&format!(
        "\nThis is the comment a reviewer would see: {}\nThe same as a page for a browser, with every case: {}\nThe same for programs: {}\nVerdict {}, reason `{}`: in CI this edit would not merge (exit status {}).",
        markdown.display(),
        page.display(),
        json_file.display(),
        report.verdict.words(),
        report.prompts.first().map_or("none".to_owned(), |prompt| prompt.reason.to_string()),
        report.exit_code
    ));
    Ok(report.exit_code)
}

fn directory(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = match wanted {
        Some(directory) => {
            let is_free = std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none());
            anyhow::ensure!(is_free, "`{}` is not empty; name a new directory", directory.display());
            directory.to_path_buf()
        }
        None => {
            let name = format!("prompt-assay-demo-{}-{}", super::clock::now(), std::process::id());
            std::env::temp_dir().join(name)
        }
    };
    // In a shared directory, an existing file of this name belongs to somebody else.
    let made =
        if wanted.is_some() { std::fs::create_dir_all(&directory) } else { std::fs::create_dir(&directory) };
    made.with_context(|| format!("cannot make `{}`", directory.display()))?;
    Ok(directory)
}

fn commit(
    repository: &Path,
    parent: Option<&str>,
    branch: &str,
    message: &str,
    files: &[(&str, &str)],
) -> anyhow::Result<String> {
    std::fs::create_dir_all(repository).with_context(|| format!("cannot make `{}`", repository.display()))?;
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Ok(write_commit(repository, parent, &Commit { branch, message, time: TIME, files: &files })?)
}
