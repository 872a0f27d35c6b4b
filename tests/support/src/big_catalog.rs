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

/// Words of the questions: of twelve of them, no two questions are alike.
const WORDS: &str = "account address balance battery branch calendar charger colour contract courier customs delivery deposit \
    exchange invoice keyboard loan mortgage order parcel password policy premium receipt refund repair router \
    signature statement tariff voucher warranty";

fn golden(prompt: usize, cases: usize) -> String {
    let mut text = String::from("defaults:\n  checks:\n    - length: {max_words: 60}\ncases:\n");
    let words: Vec<&str> = WORDS.split(' ').collect();
    let mut random = 0x9e37_79b9_u64 + prompt as u64;
    let mut word = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words[(random >> 59) as usize]
    };
    for case in 0..cases {
        let question: Vec<&str> = (0..12).map(|_| word()).collect();
        let _ = writeln!(
            text,
            "  - id: case-{case:03}\n    input: \"What about {}?\"\n    expected: Names the {}.\n    checks:\n      - \
             contains: {}",
            question.join(" "),
            word(),
            word()
        );
    }
    text
}
