//! Pull requests as edits of a base, and what the action says of them.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::json;

/// Paths and texts; as an edit, an empty text deletes the file.
pub type Files = Vec<(String, String)>;

/// A table's row as files.
pub fn files(rows: &[(&str, &str)]) -> Files {
    rows.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The text of one of the shop's files.
pub fn of_shop(path: &str) -> String {
    shop().into_iter().find(|(known, _)| known == path).expect("a file of the shop").1
}

/// The shop's configuration with more in it.
pub fn configured(more: &str) -> String {
    format!("{}{more}", of_shop("prompt-assay.yaml"))
}

/// The shop with these files over its own.
pub fn shop_with(changed: &[(&str, &str)]) -> Files {
    over(shop(), &files(changed))
}

/// Files with others over them.
pub fn over(mut base: Files, changed: &Files) -> Files {
    for (path, text) in changed {
        base.retain(|(known, _)| known != path);
        base.push((path.clone(), text.clone()));
    }
    base
}

/// The golden set without all cases but one that every version passes.
pub fn gutted() -> String {
    "cases:\n  - {id: case-09, input: \"question 9\", checks: [{contains: \"yes\"}]}\n".to_owned()
}

/// What the action said of a proposal.
pub struct Judged {
    pub left: Left,
    /// The log on one line, as it was before it was wrapped.
    pub said: String,
    /// The first moved bar of the summary.
    pub first_bar: String,
}

impl Judged {
    pub fn of(left: Left) -> Self {
        let said = left.log.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut after_lead = left.summary.lines().skip_while(|line| !line.contains("its own bar**"));
        let first_bar = after_lead.find(|line| line.starts_with("- ")).unwrap_or_default();
        let first_bar = first_bar.replace("<code>", "`").replace("</code>", "`").replace("<wbr>", "");
        Self { left, said, first_bar }
    }

    /// Exit status, with the log where it is another one.
    #[track_caller]
    pub fn ends(&self, status: i32, attempt: &str) {
        assert_eq!(self.left.status, status, "{attempt}\n{}", self.left.log);
    }

    #[track_caller]
    pub fn says(&self, words: &str, attempt: &str) {
        assert!(self.said.contains(words), "{attempt}: no {words:?} in\n{}", self.left.log);
    }
}

/// A pull request from a branch of the repository itself.
pub fn judged(base: &Files, edits: &Files, inputs: &[(&str, &str)]) -> Judged {
    with_step(base, edits, |mut step| {
        for (name, value) in inputs {
            step = step.input(name, value);
        }
        step
    })
}

/// The same, with a step of one's own making.
pub fn with_step(base: &Files, edits: &Files, change: impl FnOnce(Step<'_>) -> Step<'_>) -> Judged {
    let edits: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let origin = Origin::between(base, &edits);
    let github = GitHub::start(Some(origin.path()));
    Judged::of(change(Step::pull_request(&origin, &github)).run())
}

/// From a fork of somebody's, whom GitHub calls this.
pub fn from_fork<'a>(step: Step<'a>, author: &str, association: &str) -> Step<'a> {
    step.event("/pull_request/head/repo", json!({"full_name": format!("{author}/prompts")}))
        .event("/pull_request/user", json!({"login": author}))
        .event("/pull_request/author_association", json!(association))
}
