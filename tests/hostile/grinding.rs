//! Grinding: a weak regression is pushed repeatedly until it passes by luck. The effect of each
//! push is bounded; the number of pushes is counted and reported, even if the cache or the comment
//! is lost.

use prompt_assay_test_support::github::{BOT, GitHub};
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::{Left, Step};
use serde_json::Value;

use crate::watched::carry;

/// The content of a comment below its marker.
const LINE: &str = "<!-- prompt-assay evaluations";

/// One push, and what it left.
struct Push {
    left: Left,
    comment: String,
    report: Value,
}

impl Push {
    fn evaluations(&self) -> Option<u64> {
        self.report["prompts"][0]["evaluations"].as_u64()
    }

    /// Every output reports the same.
    fn says(&self, count: u64) {
        assert_eq!(self.evaluations(), Some(count), "{}", self.left.log);
        let words = format!("{count} different versions of this prompt were evaluated");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (surface, text) in
            [("log", &self.left.log), ("summary", &self.left.summary), ("comment", &self.comment)]
        {
            assert_eq!(flat(text).contains(&words), count > 1, "{surface}: {text}");
        }
    }
}

/// A pull request over several pushes: what it keeps of cache and comment between them.
struct PullRequest {
    keeps_cache: bool,
    comment: Option<(String, String)>,
    store: Option<tempfile::TempDir>,
}

impl PullRequest {
    fn new(keeps_cache: bool) -> Self {
        Self { keeps_cache, comment: None, store: None }
    }

    fn push(&mut self, words: &str) -> Push {
        let origin = Origin::with_prompt(words);
        let github = GitHub::start(Some(origin.path()));
        if let Some((author, body)) = &self.comment {
            github.state().add(author, body);
        }
        let step = Step::pull_request(&origin, &github);
        let database = ".prompt-assay/assay.db";
        if let Some(store) = self.store.as_ref().filter(|_| self.keeps_cache) {
            std::fs::create_dir_all(step.workspace().join(".prompt-assay")).unwrap();
            std::fs::copy(store.path().join("assay.db"), step.workspace().join(database)).unwrap();
        }
        let left = step.run();
        let store = prompt_assay_test_support::temporary::directory();
        std::fs::copy(step.workspace().join(database), store.path().join("assay.db")).unwrap();
        self.store = Some(store);
        let report = std::fs::read_to_string(step.workspace().join(".prompt-assay/report.json")).unwrap();
        let state = github.state();
        // One that was edited is ours no more: its seal is broken, and another one is written.
        let ours = state.comments.iter().rfind(|comment| comment.author == BOT).expect("a comment");
        let comment = ours.body.clone();
        self.comment = Some((BOT.to_owned(), comment.clone()));
        Push { left, comment, report: serde_json::from_str(&report).unwrap() }
    }

    /// Changes the comments on the pull request before the next push.
    fn rewrite(&mut self, change: impl Fn(&str) -> String) {
        if let Some((_, body)) = &mut self.comment {
            *body = change(body);
        }
    }
}

fn without_line(body: &str) -> String {
    body.lines().filter(|line| !line.starts_with(LINE)).collect::<Vec<_>>().join("\n")
}

#[test]
fn pushes_of_a_weak_regression_are_counted_and_said_on_every_surface() {
    let mut request = PullRequest::new(true);
    let mut blocked = 0;
    for count in 1..=5 {
        let push = request.push(&format!("A wobbly version, number {count}."));
        push.says(count);
        blocked += u64::from(push.left.status == 1);
    }
    assert!(blocked > 0, "the control: the regression is one that is blocked now and then");
    // The same content again is no other evaluation, and neither is an earlier one.
    request.push("A wobbly version, number 5.").says(5);
    request.push("A wobbly version, number 2.").says(5);
}

#[test]
fn the_count_outlives_a_lost_cache_a_lost_comment_and_spoilt_lines() {
    type Spoil = fn(&str) -> String;
    let attempts: [(&str, bool, Spoil, u64); 9] = [
        ("nothing is lost", true, str::to_owned, 3),
        ("the cache is lost", false, str::to_owned, 3),
        ("the comment's line is taken out", true, without_line, 3),
        ("the line is set back", true, |body| body.replace(".2 -->", ".1 -->"), 3),
        ("the line holds nonsense", true, |body| body.replace(".2 -->", ".99999999999999999999 -->"), 3),
        ("a line of great length", true, |body| body.replace(".2 -->", &" x.y.z".repeat(5_000)), 3),
        ("the count is raised", true, |body| body.replace(".2 -->", ".40 -->"), 3),
        ("the line is set back, and the cache is lost", false, |body| body.replace(".2 -->", ".1 -->"), 1),
        // Forgotten evaluations cannot be counted; the documents say so.
        ("cache and line are lost", false, without_line, 1),
    ];
    for (name, keeps_cache, spoil, count) in attempts {
        let mut request = PullRequest::new(keeps_cache);
        request.push("A wobbly version, number 1.").says(1);
        let second = request.push("A wobbly version, number 2.");
        second.says(2);
        assert!(second.comment.lines().nth(1).is_some_and(|line| line.starts_with(LINE)), "{name}");
        request.rewrite(spoil);
        let third = request.push("A wobbly version, number 3.");
        assert_eq!(third.evaluations(), Some(count), "{name}: {}", third.comment);
        third.says(count);
    }
}

#[test]
fn a_line_of_somebody_else_counts_nothing() {
    let mut request = PullRequest::new(false);
    let first = request.push("A wobbly version, number 1.");
    first.says(1);
    // Anybody can paste our comment; by another author it is not ours.
    request.comment = Some(("mallory".to_owned(), first.comment.replace(".1 -->", ".4000 -->")));
    request.push("A wobbly version, number 2.").says(1);
    // The control: by us it counts.
    request.comment = Some((BOT.to_owned(), first.comment));
    request.push("A wobbly version, number 2.").says(2);
}

#[test]
fn runs_of_another_pull_request_are_not_counted() {
    let first = Origin::with_prompt("A wobbly version, number 1.");
    let github = GitHub::start(Some(first.path()));
    let before = Step::pull_request(&first, &github);
    before.run();
    for (number, count) in [(1, 2), (2, 1)] {
        let origin = Origin::with_prompt("A wobbly version, number 2.");
        let github = GitHub::start(Some(origin.path()));
        let step = Step::pull_request(&origin, &github).event("/pull_request/number", number.into());
        carry(&before, &step);
        let left = step.run();
        let report = std::fs::read_to_string(step.workspace().join(".prompt-assay/report.json"));
        let report: Value = serde_json::from_str(&report.expect(&left.log)).unwrap();
        assert_eq!(report["prompts"][0]["evaluations"], count, "pull request {number}: {}", left.log);
    }
}
