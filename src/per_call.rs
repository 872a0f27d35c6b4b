//! Budgets of single calls (`budget_per_call`): limits on percentiles of latency and cost over a golden set, and what fresh
//! calls measured against them. Cases are the sample: each counts once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::quantile::{can_show_excess, excess, nearest_rank};

/// The probability at which an excess counts as confirmed, over all limits of a prompt together: that with which a
/// mean score at `min_score` falls below it by its 95 % interval.
const LEVEL: f64 = 0.025;

/// What is measured of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Milliseconds until the whole answer.
    LatencyMs,
    /// US dollars of the call, judge left out.
    CostUsd,
}

impl Quantity {
    /// Both, in the order of files and reports.
    pub const ALL: [Self; 2] = [Self::LatencyMs, Self::CostUsd];

    /// Its key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LatencyMs => "latency_ms",
            Self::CostUsd => "cost_usd",
        }
    }
}

/// A percentile that can be limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Percentile {
    P50,
    P90,
    P95,
    P99,
}

impl Percentile {
    /// All, ascending.
    pub const ALL: [Self; 4] = [Self::P50, Self::P90, Self::P95, Self::P99];

    /// Its key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// How many of 100 calls keep the limit.
    pub fn percent(self) -> usize {
        match self {
            Self::P50 => 50,
            Self::P90 => 90,
            Self::P95 => 95,
            Self::P99 => 99,
        }
    }
}

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Of what.
    pub quantity: Quantity,
    /// Of how many calls.
    pub percentile: Percentile,
    /// The most that it may be, in the quantity's unit.
    pub at_most: f64,
}

/// The limits of a prompt; none by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BudgetPerCall(BTreeMap<Quantity, BTreeMap<Percentile, f64>>);

impl BudgetPerCall {
    /// Sets a limit.
    pub fn set(&mut self, Limit { quantity, percentile, at_most }: Limit) {
        self.0.entry(quantity).or_default().insert(percentile, at_most);
    }

    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a percentile of it is limited.
    pub fn limits(&self, quantity: Quantity) -> bool {
        self.0.contains_key(&quantity)
    }

    /// A limit, if it is set.
    pub fn get(&self, quantity: Quantity, percentile: Percentile) -> Option<f64> {
        self.0.get(&quantity)?.get(&percentile).copied()
    }

    /// These limits, with the other's of a quantity that these do not limit.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut both = other.0.clone();
        both.extend(self.0.iter().map(|(quantity, limits)| (*quantity, limits.clone())));
        Self(both)
    }

    /// All limits, in order.
    pub fn all(&self) -> impl Iterator<Item = Limit> + '_ {
        self.0.iter().flat_map(|(quantity, limits)| {
            limits.iter().map(|(percentile, at_most)| Limit {
                quantity: *quantity,
                percentile: *percentile,
                at_most: *at_most,
            })
        })
    }

    /// What these cases show of every limit, in order: every case that was answered, measured or not. The level is divided
    /// among the limits, so that it holds for all of them together.
    pub fn held_against(&self, cases: &[CallFigures]) -> Vec<LimitResult> {
        let level = LEVEL / self.all().count().max(1) as f64;
        self.all().map(|limit| LimitResult::of(limit, cases, level)).collect()
    }
}

/// What the call of a case took. Nothing is known of a call that was not bought for the comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallFigures {
    /// Milliseconds; `None`: not known.
    pub latency_ms: Option<u64>,
    /// US dollars; `None`: not known.
    pub cost_usd: Option<f64>,
}

impl CallFigures {
    fn get(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::LatencyMs => self.latency_ms.map(|ms| ms as f64),
            Quantity::CostUsd => self.cost_usd,
        }
    }
}

/// How a limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Every case was measured, and the percentile is not over it.
    Kept,
    /// No excess shows, and it need not be kept: some cases were not measured, or they are so few that not even all of them
    /// over the limit would show an excess.
    Unmeasured,
    /// The measured percentile is over it, perhaps by chance.
    Unresolved,
    /// It is over it, beyond chance.
    Exceeded,
}

/// One limit, and what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitResult {
    /// Of what.
    pub quantity: Quantity,
    /// Of how many calls.
    pub percentile: Percentile,
    /// The limit, in the quantity's unit.
    pub at_most: f64,
    /// The percentile as measured, by nearest rank; `None`: no fresh call was measured.
    pub measured: Option<f64>,
    /// Cases whose call was over the limit.
    pub over: usize,
    /// Cases with a measured fresh call.
    pub of: usize,
    /// Cases that were answered: with those whose answer was remembered, or has no such figure.
    pub cases: usize,
    /// What follows.
    pub standing: Standing,
}

impl LimitResult {
    fn of(limit: Limit, cases: &[CallFigures], level: f64) -> Self {
        let Limit { quantity, percentile, at_most } = limit;
        let percent = percentile.percent();
        let mut values: Vec<f64> = cases.iter().filter_map(|case| case.get(quantity)).collect();
        values.sort_by(f64::total_cmp);
        let (measured, of) = (nearest_rank(&values, percent), values.len());
        let over = values.iter().filter(|value| **value > at_most).count();
        // A part of the cases can show an excess: which calls are fresh does not depend on what they took. It cannot
        // show that the limit is kept: the slow ones may be among those that were measured before and are remembered.
        let standing = match measured {
            _ if excess(over, of, percent) <= level => Standing::Exceeded,
            _ if of < cases.len() || !can_show_excess(of, percent, level) => Standing::Unmeasured,
            Some(measured) if measured <= at_most => Standing::Kept,
            _ => Standing::Unresolved,
        };
        Self { quantity, percentile, at_most, measured, over, of, cases: cases.len(), standing }
    }
}

/// The worst of several limits; `None` without any.
pub fn worst(results: &[LimitResult]) -> Option<Standing> {
    results.iter().map(|result| result.standing).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(limits: &[(Quantity, Percentile, f64)]) -> BudgetPerCall {
        let mut budget = BudgetPerCall::default();
        for (quantity, percentile, at_most) in limits {
            budget.set(Limit { quantity: *quantity, percentile: *percentile, at_most: *at_most });
        }
        budget
    }

    fn took(slow: usize, of: usize) -> Vec<CallFigures> {
        let call = |ms| CallFigures { latency_ms: Some(ms), cost_usd: None };
        (0..of).map(|i| call(if i < slow { 2_001 } else { 2_000 })).collect()
    }

    #[test]
    fn an_excess_blocks_only_beyond_chance() {
        let p95 = budget(&[(Quantity::LatencyMs, Percentile::P95, 2_000.0)]);
        let standing = |slow, of| p95.held_against(&took(slow, of))[0].standing;
        assert_eq!([0, 2, 3, 5, 6].map(|slow| standing(slow, 40)), {
            use Standing::{Exceeded, Kept, Unresolved};
            // P(Bin(40, 0.05) >= 5) = 0.048, >= 6: 0.014.
            [Kept, Kept, Unresolved, Unresolved, Exceeded]
        });
        assert_eq!([0, 1].map(|of| standing(of, of)), [Standing::Unmeasured; 2]);
        assert_eq!((standing(0, 2), standing(1, 2), standing(2, 2)), {
            (Standing::Kept, Standing::Unresolved, Standing::Exceeded)
        });
    }

    /// 2 fast calls beside 38 remembered answers say nothing of the 38; an excess among those that are fresh is one.
    #[test]
    fn a_part_of_the_cases_can_exceed_a_limit_and_not_keep_it() {
        let p95 = budget(&[(Quantity::LatencyMs, Percentile::P95, 2_000.0)]);
        let beside = |slow, of| {
            let mut cases = took(slow, of);
            cases.resize(40, CallFigures::default());
            let result = p95.held_against(&cases)[0];
            assert_eq!((result.of, result.cases), (of, 40));
            result.standing
        };
        use Standing::{Exceeded, Kept, Unmeasured};
        assert_eq!([(0, 2), (0, 39), (3, 39), (6, 39)].map(|(slow, of)| beside(slow, of)), {
            [Unmeasured, Unmeasured, Unmeasured, Exceeded]
        });
        assert_eq!(beside(0, 40), Kept);
    }

    #[test]
    fn several_limits_share_the_level() {
        let one = (Quantity::LatencyMs, Percentile::P95, 2_000.0);
        let four = budget(&[
            one,
            (Quantity::LatencyMs, Percentile::P99, 9_000.0),
            (Quantity::CostUsd, Percentile::P95, 1.0),
            (Quantity::CostUsd, Percentile::P50, 1.0),
        ]);
        // 0.014 is above a quarter of the level, 0.0034 below it.
        let standing = |slow| four.held_against(&took(slow, 40))[0].standing;
        assert_eq!((standing(6), standing(7)), (Standing::Unresolved, Standing::Exceeded));
    }

    /// Of prompts exactly at their limit, hardly more than one in forty is blocked, however many cases there are.
    #[test]
    fn a_prompt_at_its_limit_is_blocked_in_fewer_than_one_of_forty_evaluations() {
        for percentile in Percentile::ALL {
            let at = budget(&[(Quantity::LatencyMs, percentile, 2_000.0)]);
            for n in [1, 2, 3, 7, 20, 40, 59, 60, 100, 117] {
                let blocks =
                    |slow: &usize| at.held_against(&took(*slow, n))[0].standing == Standing::Exceeded;
                let first = (0..=n).find(blocks);
                let chance = first.map_or(0.0, |first| excess(first, n, percentile.percent()));
                assert!(chance <= LEVEL, "{percentile:?} of {n}: {chance}");
            }
        }
    }

    #[test]
    fn what_is_not_known_is_no_measurement() {
        let cost = budget(&[(Quantity::CostUsd, Percentile::P50, 0.002)]);
        let result = cost.held_against(&took(9, 9))[0];
        assert_eq!((result.of, result.measured, result.standing), (0, None, Standing::Unmeasured));
        assert_eq!(worst(&[result]), Some(Standing::Unmeasured));
        assert_eq!(worst(&[]), None);
    }

    #[test]
    fn the_limits_of_a_prompt_take_the_place_of_those_of_the_same_quantity() {
        let all =
            budget(&[(Quantity::LatencyMs, Percentile::P50, 1.0), (Quantity::CostUsd, Percentile::P95, 2.0)]);
        let own = budget(&[(Quantity::LatencyMs, Percentile::P95, 3.0)]);
        let both = own.or(&all);
        assert_eq!(both.get(Quantity::LatencyMs, Percentile::P50), None);
        assert_eq!(both.get(Quantity::LatencyMs, Percentile::P95), Some(3.0));
        assert_eq!(both.get(Quantity::CostUsd, Percentile::P95), Some(2.0));
        let written = serde_json::to_value(&both).unwrap();
        assert_eq!(written, serde_json::json!({"latency_ms": {"p95": 3.0}, "cost_usd": {"p95": 2.0}}));
    }
}
