//! The budget while calls are in flight: it reserves the worst case before a call and counts the
//! actual amount after it, so that parallel calls cannot exceed a cap together.

use std::fmt;

use crate::config::Budget;
use crate::price::Money;

/// What a cap counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Price; 0 for a model of unknown price, which is refused under a money cap.
    pub money: Money,
    /// Calls.
    pub calls: u64,
    /// Input and output tokens.
    pub tokens: u64,
}

impl Amount {
    fn plus(self, other: Amount) -> Amount {
        Amount {
            money: self.money + other.money,
            calls: self.calls + other.calls,
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    fn minus(self, other: Amount) -> Amount {
        Amount {
            money: self.money - other.money,
            calls: self.calls.saturating_sub(other.calls),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

/// A call that a cap does not allow; says which cap and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// What the budget still allows.
#[derive(Clone, Debug)]
pub struct Allowance {
    caps: Budget,
    /// The certain spend, and the possible cost of attempts without an answer.
    settled: Amount,
    lost: Amount,
    reserved: Amount,
}

impl Allowance {
    /// A full budget.
    pub fn new(caps: Budget) -> Self {
        let none = Amount::default();
        Self { caps, settled: none, lost: none, reserved: none }
    }

    /// Reserves the worst case of one call.
    ///
    /// # Errors
    /// When a cap could be exceeded in the worst case of all reservations.
    pub fn reserve(&mut self, worst: Amount) -> Result<(), Refusal> {
        self.allows(worst)?;
        self.reserved = self.reserved.plus(worst);
        Ok(())
    }

    /// Replaces a reservation by the actual use of the call.
    pub fn settle(&mut self, worst: Amount, used: Amount) {
        self.reserved = self.reserved.minus(worst);
        self.settled = self.settled.plus(used);
    }

    /// Gives back the reservation of a call that cost nothing.
    pub fn release(&mut self, worst: Amount) {
        self.settle(worst, Amount::default());
    }

    /// Counts a reservation as spent: the attempt gave no answer, but may be charged.
    pub fn lose(&mut self, worst: Amount) {
        self.settle(worst, worst);
        self.lost = self.lost.plus(worst);
    }

    fn allows(&self, more: Amount) -> Result<(), Refusal> {
        let held = self.settled.plus(self.reserved);
        let next = held.plus(more);
        if let Some(cap) = self.caps.max_calls.filter(|cap| next.calls > *cap) {
            return Err(Refusal(format!("max_calls: all {cap} calls are used{}", self.lost_calls())));
        }
        if let Some(cap) = self.caps.max_tokens.filter(|cap| next.tokens > *cap) {
            let used = self.settled.tokens;
            let lost = self.lost_part(self.lost.tokens);
            return Err(Refusal(format!(
                "max_tokens: {used} of {cap} tokens are used{lost}, and the next call may use {}",
                more.tokens
            )));
        }
        if let Some(cap) = self.caps.max_cost.filter(|cap| next.money > Money::from_usd(*cap)) {
            let (used, more) = (Dollars(self.settled.money), Dollars(more.money));
            let lost = self.lost_part(Dollars(self.lost.money));
            return Err(Refusal(format!(
                "max_cost: {used} of ${cap} are spent{lost}, and the next call may cost up to {more}"
            )));
        }
        Ok(())
    }

    fn lost_part(&self, amount: impl fmt::Display) -> String {
        if self.lost.calls == 0 {
            return String::new();
        }
        format!(" (up to {amount} of it by attempts without an answer)")
    }

    fn lost_calls(&self) -> String {
        self.lost_part(self.lost.calls)
    }
}

/// Money as people read it: four decimals are a hundredth of a cent.
struct Dollars(Money);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${:.4}", self.0.usd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn amount(usd: f64, tokens: u64) -> Amount {
        Amount { money: Money::from_usd(usd), calls: 1, tokens }
    }

    fn refusal(allowance: &mut Allowance, more: Amount) -> String {
        allowance.reserve(more).expect_err("the cap refuses").0
    }

    #[test]
    fn what_is_reserved_counts_until_it_is_settled() {
        let caps = Budget { max_cost: Some(0.03), ..Budget::default() };
        let mut allowance = Allowance::new(caps);
        assert_eq!(allowance.reserve(amount(0.02, 0)), Ok(()));
        assert!(allowance.reserve(amount(0.02, 0)).is_err());
        allowance.settle(amount(0.02, 0), amount(0.001, 0));
        assert_eq!(allowance.reserve(amount(0.02, 0)), Ok(()));
        assert_snapshot!(refusal(&mut allowance, amount(0.02, 0)), @"max_cost: $0.0010 of $0.03 are spent, and the next call may cost up to $0.0200");
    }

    #[test]
    fn an_exact_fit_is_allowed() {
        let caps = Budget { max_cost: Some(0.03), max_calls: Some(1), max_tokens: Some(10) };
        assert_eq!(Allowance::new(caps).reserve(amount(0.03, 10)), Ok(()));
    }

    #[test]
    fn each_cap_says_what_is_used() {
        let mut calls = Allowance::new(Budget { max_calls: Some(2), ..Budget::default() });
        calls.reserve(amount(0.0, 0)).unwrap();
        calls.reserve(amount(0.0, 0)).unwrap();
        assert_snapshot!(refusal(&mut calls, amount(0.0, 0)), @"max_calls: all 2 calls are used");

        let mut tokens = Allowance::new(Budget { max_tokens: Some(500), ..Budget::default() });
        tokens.reserve(amount(0.0, 400)).unwrap();
        tokens.lose(amount(0.0, 400));
        assert_snapshot!(refusal(&mut tokens, amount(0.0, 200)), @"max_tokens: 400 of 500 tokens are used (up to 400 of it by attempts without an answer), and the next call may use 200");
    }

    #[test]
    fn no_caps_refuse_nothing() {
        let mut allowance = Allowance::new(Budget::default());
        assert_eq!(allowance.reserve(amount(1e6, u64::MAX)), Ok(()));
        assert_eq!(allowance.reserve(amount(1e6, u64::MAX)), Ok(()));
    }
}
