//! The outcome: the verdict and every number that is printed with it.

use std::collections::BTreeMap;

use super::confirm::{Suspect, SuspectStatus};
use super::contrast::Contrast;
use super::escalate::EscalationCounts;
use super::must::MustPass;
use crate::per_call::LimitResult;
use crate::stats::Interval;
use crate::stats::net::NetChange;
use crate::stats::paired::PairedDifference;
use crate::trial::{Phase, Side};
use crate::verdict::{Reason, Verdict};

/// Fewest suspects from which [`Outcome::provider_changed`] is concluded.
const PROVIDER_SUSPECTS: usize = 4;

/// Slack for means of decimal scores: 0.1 + 0.2 is not below 0.3.
const ROUNDING: f64 = 1e-9;

/// What the gate found. Cases are indices into the gate's cases; lists of them ascend.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The capital at the end.
    pub capital: f64,
    /// The capital that blocks.
    pub limit: f64,
    /// Merged evidence of the suspects (E); 1 without suspects.
    pub evidence: f64,
    /// Tests of the screening; `None` if the gate stopped before their turn.
    pub p_values: Option<PValues>,
    /// Cases sent as written against varied ones, if both were sent and answered.
    pub contrast: Option<Contrast>,
    /// n: compared cases.
    pub compared: usize,
    /// Compared cases answered on both sides.
    pub screened: usize,
    /// Screened cases in which the candidate scored worse (b).
    pub worse: usize,
    /// Screened cases in which the candidate scored better (c).
    pub better: usize,
    /// Screening of the baseline.
    pub baseline: Option<Rate>,
    /// Screening of the candidate.
    pub candidate: Option<Rate>,
    /// Candidate minus baseline; `None` if not all cases were reached (a stopped sample), or for
    /// graded scores with fewer than 20 cases.
    pub difference: Option<PairedDifference>,
    /// Suspects in the order in which they were found.
    pub suspects: Vec<Suspect>,
    /// Suspects with sufficient evidence of their own (e-BH at 10 %).
    pub broken: Vec<usize>,
    /// Cases the candidate does better by at least `delta`.
    pub fixed: Vec<usize>,
    /// Suspects that passed on re-run.
    pub flaky: Vec<usize>,
    /// Suspects whose baseline fails too.
    pub drift: Vec<usize>,
    /// Cases with a screening call that failed or could not be read.
    pub lost: Vec<LostCase>,
    /// Must-pass cases that did not pass at screening.
    pub must_pass: Vec<MustPass>,
    /// The absolute bar, if there is one and all its cases were reached.
    pub floor: Option<FloorResult>,
    /// What the fresh calls showed of every limit of single calls.
    pub budget_per_call: Vec<LimitResult>,
    /// The escalation, if there was one.
    pub escalation: Option<EscalationCounts>,
    /// Confirmed breaks against confirmed fixes; `None` when no break was confirmed.
    pub trade: Option<TradeOutcome>,
    /// Cases that looked better and were run again, in the order in which they were found.
    pub fix_suspects: Vec<Suspect>,
    /// Calls the gate asked for and used, repeats included; answered from the store or not.
    pub calls: BTreeMap<(Side, Phase), usize>,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    /// The capital at the start, after every bet, and at the end.
    pub capital_path: Vec<CapitalPoint>,
}

/// Confirmed breaks against confirmed fixes. Cases are indices into the gate's cases, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct TradeOutcome {
    /// Confirmed breaks.
    pub breaks: Vec<usize>,
    /// Confirmed fixes.
    pub fixes: Vec<usize>,
    /// The net change over the fresh pairs of both.
    pub net: NetChange,
    /// How many fresh pairs these are.
    pub pairs: usize,
}

/// The capital after so many calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapitalPoint {
    /// Calls that were used, repeats included.
    pub calls: usize,
    /// The capital.
    pub capital: f64,
}

impl Outcome {
    /// Whether the provider or the grader is the cause of most suspects: more than half of at least
    /// four fail with the baseline too.
    pub fn provider_changed(&self) -> bool {
        let drifted = self.suspects.iter().filter(|s| s.status == SuspectStatus::BaseFailsToo).count();
        self.suspects.len() >= PROVIDER_SUSPECTS && 2 * drifted > self.suspects.len()
    }
}

/// Exact one-sided sign-flip tests on the screening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValues {
    /// The candidate is worse.
    pub screen: f64,
    /// The candidate is better.
    pub improved: f64,
    /// The candidate is worse, with drifted cases left out.
    pub trigger: f64,
    /// The scores were too many for the finest grid, and were rounded.
    pub coarsened: bool,
}

/// Passes at screening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Cases passed.
    pub passed: usize,
    /// Cases screened.
    pub of: usize,
    /// Mean score.
    pub mean: f64,
}

/// A case that counts on neither side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostCase {
    /// Index into the gate's cases.
    pub case: usize,
    /// Whether the candidate's answer is missing.
    pub candidate: bool,
    /// Whether the baseline's answer is missing.
    pub baseline: bool,
}

/// The whole golden set against `min_score`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloorResult {
    /// The bar.
    pub min_score: f64,
    /// Mean score of the candidate.
    pub mean: f64,
    /// 95 % Wilson interval over the whole set, cases of unknown score taken as passed.
    pub ci95: Interval,
    /// Cases in the mean.
    pub of: usize,
    /// Cases of unknown score.
    pub unknown: usize,
}

impl FloorResult {
    /// Whether it is below the bar, by chance or not; cases of unknown score count as passed.
    pub fn is_missed(&self) -> bool {
        let sum = self.mean * self.of as f64 + self.unknown as f64;
        sum < (self.min_score - ROUNDING) * (self.of + self.unknown) as f64
    }

    /// Whether it is below the bar beyond chance.
    pub fn blocks(&self) -> bool {
        self.ci95.high < self.min_score - ROUNDING
    }
}

/// One round of the procedure.
#[derive(Clone, Debug, PartialEq)]
pub enum Round {
    /// Cases were screened.
    Screen {
        /// Cases visited so far.
        visited: usize,
        /// Suspects so far.
        suspects: Vec<usize>,
    },
    /// Suspects were re-run.
    Confirm {
        /// Wealth of each suspect.
        wealth: Vec<f64>,
        /// Merged evidence.
        evidence: f64,
        /// The capital.
        capital: f64,
    },
    /// Cases that looked better were re-run.
    ConfirmFixes {
        /// Wealth of each.
        wealth: Vec<f64>,
    },
    /// Fresh pairs were played.
    Fresh {
        /// The cases, in order.
        cases: Vec<usize>,
        /// Completed pairs so far.
        pairs: usize,
        /// Sum of the signed units so far.
        sum: f64,
        /// Sum of their squares.
        squares: f64,
        /// The capital.
        capital: f64,
        /// Cases whose baseline proved unreliable.
        retired: usize,
    },
}
