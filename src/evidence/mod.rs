//! Evidence: the record that a content was evaluated, with everything its verdict depends on. A
//! release requires it; without it nothing goes live (decisions.md#evidence-carries-a-release).

mod file;
mod make;
mod subject;
#[cfg(test)]
mod tests;
mod weigh;

use serde::{Deserialize, Serialize};

use crate::config::ProviderKind;
use crate::fingerprint::Fingerprint;
use crate::model::{JudgeModels, Parameters};
use crate::per_call::LimitResult;
use crate::prompt::Tier;
use crate::verdict::{Reason, Verdict};

pub use file::{EvidenceFile, FileError, SCHEMA_VERSION, parse, render};
pub use make::{Making, make};
pub use subject::{Subject, SubjectPair, pairs, subject};
pub use weigh::{Demand, Unfit, weigh};

/// One evaluation of one prompt, sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// `ev-` and the first 16 hexadecimal digits of the digest.
    pub id: String,
    /// SHA-256 of the claim's canonical JSON. It shows damage and edits; it is not a signature.
    pub digest: Fingerprint,
    /// What was found.
    pub claim: Claim,
}

/// What an evaluation says about a content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The prompt's name when it was evaluated.
    pub prompt: String,
    /// What was evaluated: texts with what they include, template language, model, parameters, tools.
    pub content: Fingerprint,
    /// The cases: inputs, variables and what was expected.
    pub golden: Fingerprint,
    /// How answers were scored, and what they must keep: checks, rubrics, judge, floor, budget of a call.
    pub scoring: Fingerprint,
    /// The model that answered.
    pub model: String,
    /// Its sampling parameters.
    pub parameters: Parameters,
    /// The judge's model, or the models of a panel, if a judge was asked.
    pub judge: JudgeModels,
    /// Which model set applied.
    pub tier: Tier,
    /// Who answered.
    pub provider: ProviderKind,
    /// The server that answered, where the configuration named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The content it was compared with; `None`: judged by the floor alone.
    pub baseline: Option<Fingerprint>,
    /// Whether there was a golden set.
    pub covered: bool,
    /// What was concluded.
    pub verdict: Verdict,
    /// The rule that decided.
    pub reason: Reason,
    /// Whether the gate blocked, or only reported.
    pub enforced: bool,
    /// Passed of screened, baseline.
    pub baseline_score: Option<Score>,
    /// Passed of screened, candidate.
    pub candidate_score: Option<Score>,
    /// The absolute floor, when one applied.
    pub floor: Option<Floor>,
    /// The limits of single calls, and what was measured against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_per_call: Vec<LimitResult>,
    /// Order of cases and fresh variations.
    pub seed: String,
    /// When the evaluation ended, seconds since 1970-01-01 UTC.
    pub at: u64,
    /// Where it was made.
    pub origin: Origin,
    /// Why it releases in spite of its verdict, if somebody decided so.
    pub break_glass: Option<BreakGlass>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Passed.
    pub passed: usize,
    /// Of.
    pub of: usize,
}

/// The floor, and what was measured against it; rounded to four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The mean score asked for.
    pub min_score: f64,
    /// The mean score measured.
    pub mean: f64,
    /// Cases it was measured on.
    pub of: usize,
}

/// Who evaluated what, where. Passed in as values by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The commit; `None`: a working directory with uncommitted edits.
    pub commit: Option<String>,
    /// The pull request that brought it.
    pub pull_request: Option<u64>,
    /// Who.
    pub actor: Option<String>,
    /// Which run of the CI system, by address or id.
    pub run: Option<String>,
}

/// A decision to release what did not pass, for one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// Why.
    pub reason: String,
    /// Who decided.
    pub actor: String,
}

impl Evidence {
    /// Seals a claim.
    pub fn seal(claim: Claim) -> Self {
        let digest = Fingerprint::of_json(&claim);
        Self { id: format!("ev-{}", digest.short(16)), digest, claim }
    }

    /// The record as it is stored and sealed.
    ///
    /// # Panics
    /// Never: it holds no maps with keys that are not strings.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("evidence serializes to JSON")
    }

    /// Whether the claim is the one that was sealed.
    pub fn is_intact(&self) -> bool {
        Self::seal(self.claim.clone()) == *self
    }
}
