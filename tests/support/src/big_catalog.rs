//! A catalog of a thousand prompts with a hundred cases each, and one edited key.

use std::fmt::Write;
use std::path::Path;

use prompt_assay::adapters::git::{Commit, write_commit};

/// The key that is edited.
pub const EDITED: &str = "prompt_0500";

/// Makes the repository in `root`: a base commit on `main`, and one edited key on `edit`.
pub fn make(root: &Path, prompts: usize, cases: usize) {
    let base = files(prompts, cases, "Answer in one sentence.");
    let head = files(prompts, cases, "Answer in one short sentence.");
    let commit = |branch, message, files| Commit { branch, message, time: 1_767_225_600, files };
    let parent = write_commit(root, None, &commit("main", "base", &base)).expect("a base commit");
    write_commit(root, Some(&parent), &commit("edit", "edit one key", &head)).expect("a head commit");
}

fn files(prompts: usize, cases: usize, edited: &str) -> Vec<(String, String)> {
    let mut files =
        vec![("prompt-assay.yaml".to_owned(), "models: {branch: amazon.nova-lite-v1:0}\n".to_owned())];
    let mut catalog = String::new();
    for index in 0..prompts {
        let name = format!("prompt_{index:04}");
        let last = if name == EDITED { edited } else { "Answer in one sentence." };
        let _ =
            writeln!(catalog, "{name}: |\n  You are assistant number {index} of a large company.\n  {last}");
        files.push((format!("golden/{name}.yaml"), golden(index, cases)));
    }
    files.push(("schema/reply.json".to_owned(), r#"{"type": "string"}"#.to_owned()));
    files.push(("prompts.yaml".to_owned(), catalog));
    files
}

fn golden(prompt: usize, cases: usize) -> String {
    let mut text = String::from("defaults:\n  checks:\n    - length: {max_words: 60}\ncases:\n");
    for case in 0..cases {
        let _ = writeln!(
            text,
            "  - id: case-{case:03}\n    input: \"Question {case} to assistant {prompt}: where is my order, and \
             when will it arrive?\"\n    expected: Names a day.\n    checks:\n      - contains: day"
        );
    }
    text
}
