//! What a stored run says of its prompts: the few fields that later runs look at.
//!
//! A stored run has every case, and a store has hundreds of runs, so whoever looks through them reads each run into
//! this and lets it go.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Rate, Revision};
use crate::prompt::Tier;
use crate::verdict::Verdict;

/// A stored run. What an older version did not write is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// When it ended, seconds since 1970-01-01 UTC.
    pub ended_at: u64,
    /// The pull request it was about.
    pub pull_request: Option<u64>,
    /// Which model set applied.
    pub tier: Option<Tier>,
    /// What was evaluated.
    pub head: Option<Revision>,
    /// Whether it was a part of a divided evaluation.
    pub is_shard: bool,
    /// Its prompts.
    pub prompts: Vec<PastPrompt>,
}

/// A prompt of a stored run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastPrompt {
    /// Its name.
    pub id: String,
    /// What was concluded.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// The name of the comparison; `None` where nothing was evaluated.
    #[serde(default)]
    pub comparison: Option<String>,
    /// Passed of screened with the new prompt.
    #[serde(default)]
    pub candidate: Option<Rate>,
}

/// The fields as stored; all others do not matter here.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    pull_request: Option<u64>,
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    revisions: Option<StoredRevisions>,
    #[serde(default)]
    shard: Option<IgnoredAny>,
    prompts: Vec<PastPrompt>,
}

#[derive(Deserialize)]
struct StoredRevisions {
    head: Revision,
}

impl PastRun {
    /// What a stored report says, and when its run ended; nothing if it cannot be read.
    pub fn read(ended_at: u64, report: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(report).ok()?;
        Some(Self {
            ended_at,
            pull_request: stored.pull_request,
            tier: stored.tier,
            head: stored.revisions.map(|revisions| revisions.head),
            is_shard: stored.shard.is_some(),
            prompts: stored.prompts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{examples, json};

    #[test]
    fn a_stored_report_keeps_what_later_runs_look_at() {
        let mut report = examples::confirmed_breaks();
        report.pull_request = Some(3);
        report.prompts[0].comparison = Some("aa".to_owned());
        let prompt = PastPrompt {
            id: "customer_service_prompt".to_owned(),
            verdict: Some(Verdict::Regression),
            comparison: Some("aa".to_owned()),
            candidate: Some(Rate { passed: 37, of: 40 }),
        };
        let run = PastRun {
            ended_at: 7,
            pull_request: Some(3),
            tier: Some(Tier::Branch),
            head: Some(report.head.clone()),
            is_shard: false,
            prompts: vec![prompt],
        };
        assert_eq!(PastRun::read(7, &json::render_for_store(&report)), Some(run));
    }

    #[test]
    fn what_an_older_version_left_out_is_not_known_and_what_is_no_report_says_nothing() {
        let old = PastRun::read(7, "{\"prompts\": [{\"id\": \"a\"}]}").expect("a run");
        assert_eq!((old.tier, old.head, old.is_shard, old.prompts[0].verdict), (None, None, false, None));
        for text in ["{", "{}", "{\"prompts\": 1}", "{\"prompts\": [{}]}"] {
            assert_eq!(PastRun::read(7, text), None, "{text}");
        }
    }
}
