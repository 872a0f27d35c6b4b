//! Prices: tokens to US dollars, exactly, or not at all when a model's price is unknown.
//!
//! Amounts are stored in whole picodollars, so that a sum does not depend on the order in which
//! calls end.

mod offer;
mod profiles;
mod rates;
mod table;
#[cfg(test)]
mod tests;

pub use offer::{COLLECTED, SOURCE, nearest_known};
pub use profiles::{GEOGRAPHIES, base, behind, in_region, of_profile};
pub use rates::Rates;
pub use table::PriceTable;

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use crate::model::{Request, Usage};

/// US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Uncached input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Input read from the provider's cache; as `input` when absent.
    #[serde(default)]
    pub cache_read: Option<f64>,
    /// Input written to the provider's cache; as `input` when absent.
    #[serde(default)]
    pub cache_write: Option<f64>,
}

impl Price {
    /// Half of it.
    fn halved(&self) -> Self {
        let half = |usd: Option<f64>| usd.map(|usd| usd / 2.0);
        let (cache_read, cache_write) = (half(self.cache_read), half(self.cache_write));
        Self { input: self.input / 2.0, output: self.output / 2.0, cache_read, cache_write }
    }

    /// What these tokens cost.
    fn of(&self, usage: Usage) -> Money {
        Money::of_tokens(usage.input, self.input)
            + Money::of_tokens(usage.output, self.output)
            + Money::of_tokens(usage.cache_read, self.cache_read.unwrap_or(self.input))
            + Money::of_tokens(usage.cache_write, self.cache_write.unwrap_or(self.input))
    }

    /// The higher price of the two for every kind of token.
    #[must_use]
    pub fn highest(&self, other: &Self) -> Self {
        let either = |of: fn(&Self) -> Option<f64>| {
            // What is absent costs as plain input.
            let set = of(self).is_some() || of(other).is_some();
            set.then(|| of(self).unwrap_or(self.input).max(of(other).unwrap_or(other.input)))
        };
        Self {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            cache_read: either(|price| price.cache_read),
            cache_write: either(|price| price.cache_write),
        }
    }
}

/// US dollars in whole picodollars (10^-12): prices of single tokens are exact, and sums do not
/// depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    /// The nearest amount; nothing for a negative one.
    pub fn from_usd(usd: f64) -> Self {
        Self((usd * 1e12).round() as u64)
    }

    /// US dollars.
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e12
    }

    fn of_tokens(tokens: u64, usd_per_million: f64) -> Self {
        Self(tokens.saturating_mul((usd_per_million * 1e6).round() as u64))
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::default(), Add::add)
    }
}

/// What a call is expected to use before it is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Four characters to a token, which is good to some tens of per cent for English; or by what the
    /// provider counted, see [`PriceTable::counted`].
    pub input_tokens: u64,
    /// The request's `max_tokens`: answers are mostly shorter.
    pub output_tokens_at_most: u64,
    /// Price of both; `None` when the model's price is unknown.
    pub usd: Option<f64>,
}

/// The input tokens a call of this request is expected to use, and the most output.
pub fn expected(request: &Request) -> Usage {
    let input = size(request, |text| text.chars().count() as u64).div_ceil(4);
    Usage { input, output: u64::from(request.parameters.max_tokens), ..Usage::default() }
}

/// The most tokens a call of this request can use: every token of a text covers at least one of
/// its bytes, and each message brings a few tokens of framing. A bound, several times the
/// expected figure, so that a budget reserved by it cannot be overshot.
pub fn most(request: &Request) -> Usage {
    const FRAMING: u64 = 16;
    const TOOL_INSTRUCTIONS: u64 = 512;
    let tools = if request.tools.is_empty() { 0 } else { TOOL_INSTRUCTIONS };
    let framing = FRAMING * (request.messages.len() as u64 + 1);
    let input = size(request, |text| text.len() as u64) + framing + tools;
    Usage { input, output: u64::from(request.parameters.max_tokens), ..Usage::default() }
}

fn size(request: &Request, measure: impl Fn(&str) -> u64) -> u64 {
    let system = request.system.as_deref().map_or(0, &measure);
    let messages: u64 = request.messages.iter().map(|m| measure(&m.text)).sum();
    let tools: u64 = request
        .tools
        .iter()
        .map(|tool| {
            let description = tool.description.as_deref().map_or(0, &measure);
            measure(&tool.name) + description + measure(&tool.input_schema.to_string())
        })
        .sum();
    let format = request.parameters.response_format.as_ref();
    let format = format.map_or(0, |format| measure(&format.schema.to_string()));
    system + messages + tools + format
}
