//! Scores of a prompt in earlier runs, from the reports that the store keeps.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::past::PastRun;
use super::{Rate, Report, Revision};
use crate::verdict::Verdict;

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
    /// Adds the scores that its prompts had on the same tier in earlier runs, newest first. A comparison that was run again counts once, and not at all if it is the report's own; runs of another
    /// shape are left out. The report of a shard gets none: its seal covers what it has measured.
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
    use crate::prompt::Tier;
    use crate::report::{examples, json};

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
