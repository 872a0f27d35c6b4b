//! `demo`: an example repository with a plausible edit, evaluated by the real code, shown as a story on a terminal. The
//! model is a file of rules, and the output says so.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::signals::Interrupts;
use super::{eval, output};
use crate::adapters::git::{Commit, write_commit};
use crate::cli::{DemoArgs, EvalArgs, OutputArgs, SideArgs};
use crate::report::{html, json, markdown, terminal};

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

/// The story before the report.
const OPENING: [&str; 2] = [
    "A shop's support bot answers in JSON. A colleague makes it warmer with upset customers: three lines of \
     `prompts.yaml`. 50 golden cases say what good answers are; the old and the new prompt answer them now, by rules \
     in a file: no account, no model.",
    "$ prompt-assay eval --base main --head warmer-replies",
];

/// What happened.
const HAPPENED: &str = "What just happened: of five prompts only the edited one was asked, and what got worse was asked \
                        again, old beside new. On a pull request this is a comment and a red check (exit status 1).";

/// How to go on.
const NEXT: &str = "In your own project: put prompts into `prompts.yaml` and cases into `golden/NAME.yaml`, and commit. \
                    `prompt-assay doctor` says what is missing. Then edit a prompt, and run `prompt-assay eval`.";

/// Makes the repository, evaluates its newest commit, tells the story and leaves everything on disk.
///
/// # Errors
/// When the directory cannot be written, or see [`eval::evaluate`].
pub fn run(args: &DemoArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    let directory = directory(args.directory.as_deref())?;
    let repository = directory.join("repository");
    make(&repository)?;
    let sides =
        SideArgs { base: Some("main".to_owned()), head: Some("HEAD".to_owned()), ..SideArgs::default() };
    let left = ["report.html", "comment.md", "report.json"].map(|name| directory.join(name));
    let [page, comment, document] = &left;
    let quiet = OutputArgs { quiet: true, ..OutputArgs::default() };
    let args = EvalArgs { sides, output: quiet, html: Some(page.clone()), ..EvalArgs::default() };
    let report = eval::evaluate(&repository, &args, interrupts)?;
    output::write(&html::render(&report), Some(page))?;
    output::write(&markdown::render(&report, markdown::Limits::default()), Some(comment))?;
    output::write(&json::render(&report), Some(document))?;
    let style = terminal::Style { answers: 1, ..output::on_stdout() };
    let look = format!(
        "Look at {}/: `report.html` in a browser, `comment.md` as the reviewer sees it, `report.json` for programs, and \
         the project in `repository`.",
        directory.display()
    );
    let story = [
        terminal::paragraphs(&OPENING, style),
        terminal::render(&report, style),
        "\n".to_owned(),
        terminal::paragraphs(&[HAPPENED, &look, NEXT], style).trim_end().to_owned(),
    ];
    output::write(&story.concat(), None)?;
    Ok(report.exit_code)
}

/// Two commits: the base on `main`, the edit on a branch.
fn make(repository: &Path) -> anyhow::Result<()> {
    let base = commit(repository, None, "main", "Answer customers by the book", BASE)?;
    let overlaid: Vec<(&str, &str)> = BASE
        .iter()
        .map(|(path, text)| {
            (*path, HEAD.iter().find(|(head, _)| head == path).map_or(*text, |(_, text)| *text))
        })
        .collect();
    let message = "Be warmer and shorter with upset customers";
    commit(repository, Some(&base), "warmer-replies", message, &overlaid)?;
    Ok(())
}

fn directory(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    let directory = match wanted {
        Some(directory) => {
            let is_free = std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none());
            anyhow::ensure!(is_free, "`{}` is not empty; name a new directory", directory.display());
            directory.to_path_buf()
        }
        None => {
            let name = format!("prompt-assay-demo-{}-{}", crate::adapters::clock::now(), std::process::id());
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
