//! What several runs spend together, and what that leaves of one budget.

use crate::config::Budget;
use crate::report::Report;
use crate::report::wording::{count, money};
use crate::runner::Lost;

/// The sum over finished runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spending {
    /// Runs.
    pub runs: usize,
    /// Calls that were made.
    pub calls: u64,
    tokens: u64,
    usd: f64,
    /// Attempts without an answer: they may be charged, so the caps count them at their most.
    lost: Lost,
    /// Whether a call has no known price: the sum is then not known either.
    is_unpriced: bool,
}

impl Spending {
    /// Adds a run.
    pub fn add(&mut self, report: &Report, lost: Lost) {
        self.runs += 1;
        self.lost.attempts += lost.attempts;
        self.lost.tokens += lost.tokens;
        self.lost.at_most += lost.at_most;
        self.calls += report.spend.paid_calls;
        self.tokens += report.spend.input_tokens + report.spend.output_tokens;
        self.usd += report.cost.spent_usd.unwrap_or(0.0);
        self.is_unpriced |= report.cost.spent_usd.is_none() && report.spend.paid_calls > 0;
    }

    /// The budget of the next run.
    pub fn left_of(&self, budget: Budget) -> Budget {
        let Lost { attempts, tokens, at_most } = self.lost;
        Budget {
            max_cost: budget.max_cost.map(|usd| (usd - self.usd - at_most.usd()).max(0.0)),
            max_calls: budget.max_calls.map(|calls| calls.saturating_sub(self.calls + attempts)),
            max_tokens: budget.max_tokens.map(|most| most.saturating_sub(self.tokens + tokens)),
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
        if self.lost.attempts > 0 {
            let attempts = count(usize::try_from(self.lost.attempts).unwrap_or(usize::MAX), "attempt");
            parts.push(format!("and {attempts} without an answer, which may be charged and count"));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::Money;
    use crate::report::examples;

    #[test]
    fn attempts_without_an_answer_count_against_the_caps_of_the_next_run() {
        let report = examples::confirmed_breaks();
        let mut spending = Spending::default();
        spending.add(&report, Lost::default());
        let caps = Budget { max_cost: Some(9.0), max_calls: Some(9_000), max_tokens: Some(9_000_000) };
        let answered = spending.left_of(caps);
        spending = Spending::default();
        let lost = Lost { attempts: 7, tokens: 500, at_most: Money::from_usd(0.25) };
        spending.add(&report, lost);
        let left = spending.left_of(caps);
        assert_eq!(left.max_calls.map(|calls| calls + 7), answered.max_calls);
        assert_eq!(left.max_tokens.map(|tokens| tokens + 500), answered.max_tokens);
        let (left_usd, answered_usd) = (left.max_cost.expect("a cap"), answered.max_cost.expect("a cap"));
        assert!((left_usd + 0.25 - answered_usd).abs() < 1e-6, "{left_usd} {answered_usd}");
        let told = spending.told(&caps, true);
        assert!(told.ends_with("and 7 attempts without an answer, which may be charged and count"), "{told}");
    }
}
