//! What stored runs say of their prompts: the few fields that later runs look at, and the earlier scores that a report
//! shows.
//!
//! A stored run has every case, and a store has hundreds of runs, so each is read into this, and only this is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Rate, Report, Revision};
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

/// Earlier scores of a prompt that are shown at most, the newest ones.
const MOST: usize = 40;

/// The score of a prompt in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastScore {
    /// When the run ended, seconds since 1970-01-01 UTC.
    pub ended_at: u64,
    /// What was evaluated.
    pub head: Revision,
    /// What was concluded.
    pub verdict: Verdict,
    /// Passed of screened with the new prompt.
    pub candidate: Rate,
}

impl Report {
    /// Adds the scores that its prompts had on the same tier in earlier runs, newest first. A comparison that was run
    /// again counts once, and not at all if it is the report's own; runs of another shape are left out. The report of a shard gets none: its seal covers what it has measured.
    pub fn add_history(&mut self, runs: &[PastRun]) {
        if self.part.is_some() {
            return;
        }
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        for prompt in &self.prompts {
            seen.extend(prompt.comparison.clone().map(|comparison| (prompt.head.id.clone(), comparison)));
        }
        let mut scores: BTreeMap<String, Vec<PastScore>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.tier == Some(self.tier) && !run.is_shard) {
            for prompt in &run.prompts {
                let Some(candidate) = prompt.candidate.filter(|rate| rate.of > 0) else { continue };
                let Some((head, verdict)) = run.head.clone().zip(prompt.verdict) else { continue };
                let comparison = prompt.comparison.clone();
                let is_new = comparison.is_none_or(|comparison| seen.insert((prompt.id.clone(), comparison)));
                let of_prompt = scores.entry(prompt.id.clone()).or_default();
                if is_new && of_prompt.len() < MOST {
                    of_prompt.push(PastScore { ended_at: run.ended_at, head, verdict, candidate });
                }
            }
        }
        for prompt in &mut self.prompts {
            prompt.history = scores.remove(&prompt.head.id).unwrap_or_default();
            prompt.history.reverse();
        }
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

    /// A stored run of another comparison, or of the same one.
    fn run(comparison: &str, passed: usize, change: impl Fn(&mut Report)) -> String {
        let mut report = examples::ok();
        report.prompts[0].comparison = Some(comparison.to_owned());
        report.prompts[0].candidate = Some(Rate { passed, of: 100 });
        change(&mut report);
        json::render(&report)
    }

    #[test]
    fn earlier_scores_come_oldest_first_and_each_comparison_once() {
        let runs = [
            (6, run("aa", 92, |_| {})),
            (5, run("bb", 91, |_| {})),
            (4, run("bb", 12, |_| {})),
            (3, run("cc", 90, |report| report.tier = Tier::Main)),
            (2, "{\"schema_version\": 1}".to_owned()),
            (1, run("dd", 88, |report| report.prompts[0].verdict = Verdict::Regression)),
        ];
        let mut report = examples::ok();
        report.prompts[0].comparison = Some("aa".to_owned());
        let runs = runs.iter().filter_map(|(ended_at, json)| PastRun::read(*ended_at, json));
        report.add_history(&runs.collect::<Vec<_>>());
        let history: Vec<(u64, usize, Verdict)> = report.prompts[0]
            .history
            .iter()
            .map(|past| (past.ended_at, past.candidate.passed, past.verdict))
            .collect();
        assert_eq!(history, [(1, 88, Verdict::Regression), (5, 91, Verdict::Ok)]);
    }
}
