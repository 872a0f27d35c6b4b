//! Verdicts: the six verdicts, the reason for each, and the exit status that follows from them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an evaluation concluded about a prompt, or about all prompts together: the greatest of
/// theirs. A regression is the greatest, because it is a definite finding: missing measurements of
/// other prompts do not change it, and are listed too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// No regression found; never "proved equal".
    Ok,
    /// Significantly better, and no suspect is left.
    Improved,
    /// Suspects neither confirmed nor cleared, a drop neither confirmed nor dismissed, or an absolute bar that is neither
    /// kept nor missed beyond chance.
    Inconclusive,
    /// Confirmed breaks, paid for by confirmed fixes: a trade that a person must weigh.
    Mixed,
    /// The calls failed, the budget was too small or the judge unreadable: never a pass.
    NotMeasured,
    /// Worse beyond reasonable doubt, or an absolute bar is missed: a must-pass case, the floor, the budget of a call.
    Regression,
}

/// Which verdicts beside REGRESSION fail the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitPolicy {
    /// False: reported without blocking.
    pub enforced: bool,
    /// Whether INCONCLUSIVE fails.
    pub inconclusive_fails: bool,
    /// Whether MIXED fails.
    pub mixed_fails: bool,
}

impl ExitPolicy {
    /// The exit status over several prompts: 0 pass, 1 the gate failed, 3 could not measure. A regression
    /// that blocks comes first: it is a definite finding, whatever the results of the others are. Without
    /// enforcement a failed gate passes, but NOT MEASURED is still not a pass.
    pub fn exit_status(self, results: &[(Verdict, Reason)]) -> u8 {
        let has = |wanted: Verdict| results.iter().any(|(verdict, _)| *verdict == wanted);
        if self.enforced && has(Verdict::Regression) {
            1
        } else if has(Verdict::NotMeasured) {
            3
        } else {
            u8::from(self.enforced && results.iter().any(|(verdict, reason)| self.fails(*verdict, *reason)))
        }
    }

    fn fails(self, verdict: Verdict, reason: Reason) -> bool {
        match verdict {
            Verdict::Regression => true,
            Verdict::Inconclusive => self.inconclusive_fails,
            Verdict::Mixed => self.mixed_fails || (reason.leaves_bar_open() && self.inconclusive_fails),
            Verdict::Ok | Verdict::Improved | Verdict::NotMeasured => false,
        }
    }
}

impl Verdict {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Ok => "OK",
            Verdict::Improved => "IMPROVED",
            Verdict::Inconclusive => "INCONCLUSIVE",
            Verdict::Mixed => "MIXED",
            Verdict::Regression => "REGRESSION",
            Verdict::NotMeasured => "NOT MEASURED",
        }
    }
}

/// Why: the rule that decided. Reports, evidence and outputs write it as a stable `snake_case` word
/// (docs/statistics.md explains each).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// REGRESSION: suspects failed repeatedly in fresh pairs.
    ConfirmedBreaks,
    /// REGRESSION: the fresh pairs, or a paid screening, show a drop over many cases.
    OverallDrop,
    /// REGRESSION: cases fail as written, and pass with neutral white space.
    PassesOnlyWhenVaried,
    /// REGRESSION: a must-pass case fails.
    MustPass,
    /// REGRESSION: the golden set's mean score is below `min_score`, beyond chance.
    BelowFloor,
    /// INCONCLUSIVE: the mean score is below `min_score`, and chance could explain it.
    FloorUnresolved,
    /// REGRESSION: calls take longer or cost more than `budget_per_call` allows, beyond chance.
    OverBudgetPerCall,
    /// INCONCLUSIVE: the same, and chance could explain it, or not all cases were measured, or too few.
    BudgetPerCallUnresolved,
    /// MIXED: the confirmed fixes pay for the confirmed breaks.
    Trade,
    /// MIXED: the same, and the mean score is below `min_score`, and chance could explain it.
    TradeFloorUnresolved,
    /// MIXED: the same as a trade, and `budget_per_call` is open as in INCONCLUSIVE.
    TradeBudgetPerCallUnresolved,
    /// OK: nothing was found.
    NoRegressionFound,
    /// OK: only cases known to be marginal broke, and the net is not worse.
    MarginalBreaks,
    /// IMPROVED: the exact sign test on the screening.
    ScreenSignTest,
    /// OK or INCONCLUSIVE: screening looked worse, the fresh pairs did not repeat it.
    OverallDropNotReproduced,
    /// INCONCLUSIVE: the fresh pairs ran out.
    OverallDropUnresolved,
    /// INCONCLUSIVE: suspects were neither confirmed nor cleared.
    SuspectsUnresolved,
    /// OK: no baseline to compare with, and no absolute rule was broken.
    FloorPassed,
    /// OK: the requests are equal; only the scoring changed.
    Rescored,
    /// NOT MEASURED: too many calls failed or could not be read.
    LostCalls,
    /// NOT MEASURED: most answers of the candidate are empty or cut.
    EmptyOrCut,
    /// NOT MEASURED: the judge's answers could not be read.
    JudgeUnreadable,
    /// NOT MEASURED: the budget ended the run.
    Budget,
    /// NOT MEASURED: a person or the host ended the run.
    Interrupted,
    /// NOT MEASURED: no call can succeed.
    Fatal,
    /// NOT MEASURED: the shard that the prompt belongs to left no report that counts.
    ShardMissing,
    /// OK or REGRESSION: there is no golden set.
    NotCovered,
    /// OK or REGRESSION: the text changed, and no golden case renders differently.
    NotExercised,
    /// REGRESSION: the change removes the golden set of an existing prompt.
    GoldenSetRemoved,
    /// OK: the prompt is gone.
    PromptRemoved,
    /// OK: only the key changed.
    Renamed,
    /// Evidence only: no case is affected, so the evidence of the baseline holds.
    NoCaseAffected,
}

impl Reason {
    /// Whether it is open if an absolute bar is met: the floor, or the budget of a call. That is a question of INCONCLUSIVE,
    /// also beside a trade: whoever allows one of the two has not allowed the other.
    pub fn leaves_bar_open(self) -> bool {
        use Reason::{
            BudgetPerCallUnresolved, FloorUnresolved, TradeBudgetPerCallUnresolved, TradeFloorUnresolved,
        };
        let alone = matches!(self, FloorUnresolved | BudgetPerCallUnresolved);
        alone || matches!(self, TradeFloorUnresolved | TradeBudgetPerCallUnresolved)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(out)
    }
}
