//! The complete text of the comment and of the summary around the report.

use super::evaluations::Told;
use super::{Decision, Job, Marker};
use crate::change::{CaseKind, ChangeSet};
use crate::report::untrusted::{inline_code, prose};
use crate::report::{Report, markdown};

/// GitHub refuses comments of more than 65,536 characters; this leaves room for the frame.
const COMMENT_BYTES: usize = 58_000;

/// GitHub drops summaries of more than 1,048,576 bytes; this leaves room for the frame.
const SUMMARY_BYTES: usize = 1_000_000;

/// Longest note, in characters.
const NOTE_CHARS: usize = 600;

/// The frame around every page of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The comment's first line.
    pub marker: Marker,
    /// The run's page.
    pub run_url: String,
    /// The commit a person knows.
    pub commit: String,
    /// The most important notes: an override, a fork without secrets, and so on.
    pub notes: Vec<String>,
    /// How often the pull request's prompts were evaluated; copied from comment to comment.
    pub told: Told,
}

impl Frame {
    /// The frame of a run.
    pub fn new(key: &str, decision: &Decision, job: &Job) -> Self {
        Self {
            marker: Marker::new(key, &decision.commit, (job.run, job.attempt)),
            run_url: job.run_url.clone(),
            commit: decision.commit.clone(),
            notes: Vec::new(),
            told: Told::default(),
        }
    }

    fn notes(&self) -> String {
        self.notes.iter().map(|note| format!("> [!IMPORTANT]\n> {}\n\n", prose(note, NOTE_CHARS))).collect()
    }

    fn foot(&self) -> String {
        let short = self.commit.get(..7).unwrap_or(&self.commit);
        format!(
            "\n<sub>Commit {} · [the job summary holds more]({})</sub>\n",
            inline_code(short),
            self.run_url
        )
    }

    fn comment(&self, body: &str) -> String {
        self.marker.comment(&format!("{}{}{}{}", self.told.line(), self.notes(), body, self.foot()))
    }

    /// The comment during the run.
    pub fn started(&self, changes: &ChangeSet) -> String {
        self.comment(&format!("## ⏳ prompt-assay: {} …\n\nThe result will be shown here.\n", work(changes)))
    }

    /// The comment with the result.
    pub fn finished(&self, report: &Report) -> String {
        let body = markdown::render(report, markdown::Limits { bytes: COMMENT_BYTES });
        self.comment(&body.replace("the JSON report has everything", "the job summary has more"))
    }

    /// The comment of a run without a result.
    pub fn failed(&self, error: &str) -> String {
        self.comment(&unmeasured(error))
    }

    /// The frame of the comment that the merged pull request gets.
    pub fn after_merge(&self) -> Self {
        let key = format!("{}.after-merge", self.marker.key);
        let marker = Marker::new(&key, &self.marker.commit, self.marker.run);
        Self { marker, told: Told::default(), ..self.clone() }
    }

    /// The comment on the merged pull request about a commit that did not pass, or its correction.
    pub fn merged(&self, report: &Report, passes: bool) -> String {
        let body = markdown::render(report, markdown::Limits { bytes: COMMENT_BYTES });
        let body = body.replace("the JSON report has everything", "the job summary has more");
        self.comment(&format!("{}{body}", after_merge(passes)))
    }

    /// The same for a run without a result.
    pub fn merged_failed(&self, error: &str) -> String {
        let bare = Self { notes: Vec::new(), ..self.clone() };
        bare.comment(&format!("{}{}", after_merge(false), unmeasured(error)))
    }

    /// The comment on the merged pull request if it passed and the release did not complete.
    pub fn not_released(&self, release: &str) -> String {
        self.comment(&format!("**After the merge**, on the main tier, this passed.\n\n{release}"))
    }

    /// The job summary with the result.
    pub fn summary(&self, report: &Report) -> String {
        let body = markdown::render(report, markdown::Limits { bytes: SUMMARY_BYTES });
        format!("{}{body}", self.notes())
    }
}

fn after_merge(passes: bool) -> &'static str {
    match passes {
        true => "**After the merge**, on the main tier, this passes.\n\n",
        false => {
            "**After the merge**, on the main tier, this did not pass. Nothing was released, and the live versions stay \
             unchanged.\n\n"
        }
    }
}

fn unmeasured(error: &str) -> String {
    format!(
        "## ⚠️ Not measured: the run ended without a result\n\n{}",
        crate::report::untrusted::fenced("text", error, 4_000)
    )
}

/// The job summary of a run without a result.
pub fn failed_summary(error: &str) -> String {
    let fence = crate::report::untrusted::fenced("text", error, 20_000);
    format!("## ⚠️ Not measured: the run ended without a result\n\n{fence}")
}

/// `assaying 3 prompts, 41 cases`.
pub fn work(changes: &ChangeSet) -> String {
    let cases: usize = changes
        .prompts
        .iter()
        .map(|change| change.cases.iter().filter(|case| case.kind != CaseKind::Unaffected).count())
        .sum();
    let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    format!("assaying {}, {}", count(changes.prompts.len(), "prompt"), count(cases, "case"))
}
