//! The gate's parameters and their defaults (docs/statistics.md).

use crate::stats::wager::{FutilityRule, StakeRule};

/// Rounds of screening at most.
const SCREENING_ROUNDS: usize = 16;

/// Parameters of the procedure. Those marked "cost only" change how many calls are spent and how
/// much is found, never how often an unchanged prompt is blocked.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Error budget of a prompt.
    pub alpha: f64,
    /// Level at which the screening sign test itself may block, if the baseline was paid for in
    /// this comparison; taken from `alpha`.
    pub alpha_screen_paid: f64,
    /// Level at which the contrast of cases sent as written with varied ones blocks, if there are
    /// enough of both; taken from `alpha`.
    pub alpha_plain: f64,
    /// Share of the capital that plays the confirmation game.
    pub share_confirm: f64,
    /// Bet per confirmation call.
    pub lambda: f64,
    /// Mixture over "which share of the suspects is really broken".
    pub gammas: Vec<f64>,
    /// Most confirmation pairs per suspect.
    pub max_pairs: u32,
    /// Suspects confirmed or pairs played per round, and cases screened per round at least.
    pub batch: usize,
    /// Confirmation calls at most, as a multiple of n ...
    pub confirm_cap_frac: f64,
    /// ... but never fewer than this.
    pub confirm_cap_min: usize,
    /// Score drop that makes a suspect, and the difference that is one full bet.
    pub delta: f64,
    /// Confirm as soon as suspects exist; `false` screens everything first.
    pub fail_fast: bool,
    /// Screening p-value at which pass/fail scores escalate (cost only).
    pub trigger: f64,
    /// The same for graded scores (cost only).
    pub trigger_graded: f64,
    /// Most fresh pairs of the escalation, as a multiple of n; 0 switches it off.
    pub drop_pairs: f64,
    /// Least share of the capital bet on a differing pair.
    pub stake_lo: f64,
    /// Greatest share; below 1, so that the capital stays positive.
    pub stake_hi: f64,
    /// How fast the share grows as the pairs run out.
    pub stake_gain: f64,
    /// No giving up before this many fresh pairs (cost only).
    pub min_pairs: usize,
    /// Standard errors allowed in favour of a drop before giving up (cost only).
    pub futility_spread: f64,
    /// Give up when a drop of this over the root of n is implausible (cost only).
    pub futility_drop: f64,
    /// Never give up while the capital holds this much (cost only).
    pub futility_capital: f64,
    /// Weight of the screening result in giving up (cost only).
    pub futility_prior: f64,
    /// Level of the label IMPROVED.
    pub alpha_improved: f64,
    /// How many more confirmed fixes than confirmed breaks make a trade; below 0, so many breaks need no fix.
    pub net: i64,
    /// Most differing pairs of one case that the escalation bets on.
    pub case_bets: u32,
    /// Share of its stake that a marginal case bets in the confirmation game.
    pub marginal_weight: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            alpha_screen_paid: 0.01,
            alpha_plain: 0.0025,
            share_confirm: 0.25,
            lambda: 0.8,
            gammas: vec![0.25, 0.5, 0.75],
            max_pairs: 12,
            batch: 8,
            confirm_cap_frac: 1.0,
            confirm_cap_min: 40,
            delta: 0.2,
            fail_fast: true,
            trigger: 0.40,
            trigger_graded: 0.20,
            drop_pairs: 3.0,
            stake_lo: 0.60,
            stake_hi: 0.80,
            stake_gain: 2.5,
            min_pairs: 12,
            futility_spread: 0.85,
            futility_drop: 0.5,
            futility_capital: 2.0,
            futility_prior: 0.5,
            alpha_improved: 0.025,
            net: 0,
            case_bets: 3,
            marginal_weight: 0.125,
        }
    }
}

/// A parameter outside the range in which the error bound holds.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("gate policy: `{name}` is {value}, but must be {allowed}")]
pub struct PolicyError {
    /// The parameter, as named in [`Policy`].
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub allowed: &'static str,
}

impl Policy {
    /// Checks every parameter whose value the error bound or the procedure's end depends on.
    ///
    /// # Errors
    /// Names the first parameter out of range.
    pub fn validate(&self) -> Result<(), PolicyError> {
        for (name, value) in [
            ("alpha", self.alpha),
            ("lambda", self.lambda),
            ("stake_lo", self.stake_lo),
            ("stake_hi", self.stake_hi),
            ("marginal_weight", self.marginal_weight),
        ] {
            require(is_share(value), name, value, "above 0 and below 1")?;
        }
        for (name, value) in [("drop_pairs", self.drop_pairs), ("confirm_cap_frac", self.confirm_cap_frac)] {
            require(value >= 0.0 && value.is_finite(), name, value, "0 or more")?;
        }
        self.validate_counts()?;
        self.validate_capital()
    }

    fn validate_counts(&self) -> Result<(), PolicyError> {
        require(self.max_pairs > 0, "max_pairs", self.max_pairs, "at least 1")?;
        require(self.batch > 0, "batch", self.batch, "at least 1")?;
        require(self.case_bets > 0, "case_bets", self.case_bets, "at least 1")?;
        let delta = self.delta;
        require(delta > 0.0 && delta <= 1.0, "delta", delta, "above 0 and at most 1")
    }

    fn validate_capital(&self) -> Result<(), PolicyError> {
        let screen = self.alpha_screen_paid;
        let allowed = "at least 0 and below alpha";
        require(screen >= 0.0 && screen < self.alpha, "alpha_screen_paid", screen, allowed)?;
        let plain = self.alpha_plain;
        let allowed = "at least 0, and below alpha together with alpha_screen_paid";
        require(plain >= 0.0 && plain + screen < self.alpha, "alpha_plain", plain, allowed)?;
        let confirm = self.share_confirm;
        require((0.0..=1.0).contains(&confirm), "share_confirm", confirm, "between 0 and 1")?;
        require(self.stake_hi >= self.stake_lo, "stake_hi", self.stake_hi, "at least stake_lo")?;
        let gammas = !self.gammas.is_empty() && self.gammas.iter().all(|g| is_share(*g));
        let shown = format!("{:?}", self.gammas);
        require(gammas, "gammas", shown, "a list of numbers above 0 and below 1")
    }

    /// The capital at which a prompt is blocked, when `prompts` are gated together.
    pub fn limit(&self, prompts: usize, paid: bool) -> f64 {
        let spent = self.alpha_plain + if paid { self.alpha_screen_paid } else { 0.0 };
        prompts.max(1) as f64 / (self.alpha - spent)
    }

    /// The p-value at which the contrast blocks, when `prompts` are gated together.
    pub(super) fn contrast_level(&self, prompts: usize) -> f64 {
        self.alpha_plain / prompts.max(1) as f64
    }

    /// Cases screened per round for `n` cases (cost only): a batch, or a sixteenth of all where that
    /// is more. So a large set keeps many slots in use, and a change that breaks everything costs at
    /// most a sixteenth of the screening before this is noticed.
    pub(super) fn screening_round(&self, n: usize) -> usize {
        self.batch.max(n / SCREENING_ROUNDS)
    }

    /// Most confirmation calls for `n` cases.
    pub(super) fn confirm_cap(&self, n: usize) -> f64 {
        (self.confirm_cap_min as f64).max(self.confirm_cap_frac * n as f64)
    }

    /// Most fresh pairs of the escalation for `n` cases.
    pub(super) fn drop_cap(&self, n: usize) -> usize {
        (self.drop_pairs * n as f64) as usize
    }

    pub(super) fn stake_rule(&self) -> StakeRule {
        StakeRule { low: self.stake_lo, high: self.stake_hi, gain: self.stake_gain }
    }

    pub(super) fn futility_rule(&self) -> FutilityRule {
        FutilityRule {
            min_pairs: self.min_pairs,
            spread: self.futility_spread,
            drop: self.futility_drop,
            capital: self.futility_capital,
            prior: self.futility_prior,
        }
    }
}

fn is_share(value: f64) -> bool {
    value > 0.0 && value < 1.0
}

fn require(
    holds: bool,
    name: &'static str,
    value: impl ToString,
    allowed: &'static str,
) -> Result<(), PolicyError> {
    let value = value.to_string();
    if holds { Ok(()) } else { Err(PolicyError { name, value, allowed }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_blocks_at_twenty_where_nothing_else_may_block() {
        let policy = Policy::default();
        assert_eq!(policy.validate(), Ok(()));
        assert!((policy.limit(1, false) - 1.0 / 0.0475).abs() < 1e-12);
        assert!((policy.limit(1, true) - 1.0 / 0.0375).abs() < 1e-12);
        let policy = Policy { alpha_plain: 0.0, ..policy };
        assert_eq!(policy.limit(1, false), 20.0);
        assert_eq!(policy.limit(3, false), 60.0);
        assert!((policy.limit(1, true) - 25.0).abs() < 1e-12);
    }

    #[test]
    fn an_unsound_policy_is_refused_by_name() {
        let policy = Policy { stake_hi: 1.0, ..Policy::default() };
        let message = policy.validate().unwrap_err().to_string();
        insta::assert_snapshot!(message, @"gate policy: `stake_hi` is 1, but must be above 0 and below 1");
        let policy = Policy { gammas: vec![], ..Policy::default() };
        assert!(policy.validate().is_err());
    }
}
