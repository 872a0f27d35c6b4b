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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Override, conclude::Conclusion};
    use crate::report::examples;

    const COMMIT: &str = "3333333333333333333333333333333333333333";

    /// The whole comment on a commit that broke glass, without the line that only the program reads.
    fn comment(report: &Report, label: Option<&str>) -> String {
        let mut conclusion = Conclusion {
            exit_code: report.exit_code,
            notes: Vec::new(),
            annotations: Vec::new(),
            break_glass: None,
        };
        let given = Override {
            commit: COMMIT.to_owned(),
            actor: "alex".to_owned(),
            reason: "incident 7: the old prompt names a closed hotline <b>".to_owned(),
            label: label.map(str::to_owned),
        };
        conclusion.break_glass(Ok(Some(given)));
        assert_eq!(conclusion.exit_code, 0, "the commit passes");
        let frame = Frame {
            marker: Marker::new("main", COMMIT, (7, 1)),
            run_url: "https://github.com/shop/prompts/actions/runs/7".to_owned(),
            commit: COMMIT.to_owned(),
            notes: conclusion.notes,
            told: Told::default(),
        };
        let comment = frame.finished(report);
        let (_, shown) = comment.split_once('\n').expect("a marker");
        shown.to_owned()
    }

    fn example(name: &str) -> Report {
        let mut all = examples::every_reason().into_iter();
        all.find(|(known, _)| *known == name).expect("an example").1
    }

    #[test]
    fn break_glass_is_said_before_the_verdict_which_stays() {
        insta::assert_snapshot!(comment(&example("golden_set_removed"), Some("break-glass")), @"
        > [!IMPORTANT]
        > Break-glass: commit <code>3333333333333333333333333333333333333333</code> passes although the check would have ended with status 1. The label <code>break-glass</code> was added by <code>alex</code>. Reason: incident 7: the old prompt names a closed hotline &lt;b>

        ## ❌ Do not merge: this change removes the golden set of <code>customer_service_prompt</code>

        Without a golden set nothing can be evaluated.

        **What to do now:** bring the golden set back, or remove the prompt, too; push.

        <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)</summary>

        ````diff
        @@ 2 unchanged lines @@
         You are a customer service agent of Example Shop.
        -Refunds are possible within 30 days.
        +Be generous and keep customers happy.
         Answer in JSON with `intent` and `reply`.
        ````

        </details>

        <details><summary>How sure is this?</summary>

        - 102 cases: 0 compared, 0 only scored, 2 unaffected.

        [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

        </details>

        <details><summary>Cost 0.0061 USD · 0 calls · 8.4 s</summary>

        - 0 calls cost 0.0061 USD (0 old prompt, 0 new prompt, 0 judge; 34,210 input and 5,120 output tokens).
        - The verdict rests on 0 answers worth 0.0123 USD.
        - Wall time: 8.4 s.
        - Old prompt's model: <code>amazon.nova-lite-v1:0</code>
        - New prompt's model: <code>amazon.nova-lite-v1:0</code>
        - Seed <code>0</code>, provider bedrock

        </details>

        <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 1 prompt affected, 41 not.</sub>

        <sub>Commit <code>3333333</code> · [the job summary holds more](https://github.com/shop/prompts/actions/runs/7)</sub>
        ");
        // By the input, and where nothing was measured.
        let by_input = comment(&example("shard_missing"), None);
        insta::assert_snapshot!(by_input.lines().nth(1).expect("a note"), @"> Break-glass: commit <code>3333333333333333333333333333333333333333</code> passes although the check would have ended with status 3. Started by <code>alex</code>. Reason: incident 7: the old prompt names a closed hotline &lt;b>");
    }
}
