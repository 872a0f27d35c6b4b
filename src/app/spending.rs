//! What several runs spend together, and what that leaves of one budget.

use crate::config::Budget;
use crate::report::Report;
use crate::report::wording::{count, money};

/// The sum over finished runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spending {
    /// Runs.
    pub runs: usize,
    /// Calls that were made.
    pub calls: u64,
    tokens: u64,
    usd: f64,
    /// Whether a call has no known price: the sum is then not known either.
    is_unpriced: bool,
}

impl Spending {
    /// Adds a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.calls += report.spend.paid_calls;
        self.tokens += report.spend.input_tokens + report.spend.output_tokens;
        self.usd += report.cost.spent_usd.unwrap_or(0.0);
        self.is_unpriced |= report.cost.spent_usd.is_none() && report.spend.paid_calls > 0;
    }

    /// The budget of the next run.
    pub fn left_of(&self, budget: Budget) -> Budget {
        Budget {
            max_cost: budget.max_cost.map(|usd| (usd - self.usd).max(0.0)),
            max_calls: budget.max_calls.map(|calls| calls.saturating_sub(self.calls)),
            max_tokens: budget.max_tokens.map(|tokens| tokens.saturating_sub(self.tokens)),
        }
    }

    /// `45 calls, 0.0021 USD`, with the caps there are: `45 of 100 calls, 0.0021 of 0.10 USD`.
    pub fn told(&self, budget: &Budget, is_paid: bool) -> String {
        let mut parts = vec![match budget.max_calls {
            Some(cap) => format!("{} of {cap} calls", self.calls),
            None => count(usize::try_from(self.calls).unwrap_or(usize::MAX), "call"),
        }];
        let usd = (!self.is_unpriced).then_some(self.usd);
        match (is_paid, budget.max_cost) {
            (false, _) => parts.push("nothing was paid".to_owned()),
            (true, Some(cap)) => {
                parts.push(format!("{} of {}", crate::report::wording::dollars(usd), money(Some(cap))))
            }
            (true, None) => parts.push(money(usd)),
        }
        parts.extend(budget.max_tokens.map(|cap| format!("{} of {cap} tokens", self.tokens)));
        parts.join(", ")
    }
}
