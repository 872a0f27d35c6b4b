//! What a model costs by the way in which it is asked.

use super::{Money, Price};
use crate::model::{ServiceTier, Usage};

/// The prices of one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// On demand.
    pub standard: Price,
    /// In the tier that waits; `None`: the model has none.
    pub flex: Option<Price>,
    /// In the tier that goes first; `None`: the model has none.
    pub priority: Option<Price>,
    /// As a record of a batch job; `None`: as on demand.
    pub batch: Option<Price>,
    /// Of a call with more input tokens than these.
    pub long: Option<(u64, Price)>,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// One by one.
    Single(ServiceTier),
    /// As a record of a batch job.
    Batch,
}

impl Rates {
    /// Of a price that somebody wrote: that of a call, whatever its tier; half of it in a batch job.
    pub fn flat(price: Price) -> Self {
        Self { standard: price, flex: None, priority: None, batch: Some(price.halved()), long: None }
    }

    /// The tier in which calls are made when this one is wanted.
    pub fn tier(&self, wanted: ServiceTier) -> ServiceTier {
        match wanted {
            ServiceTier::Flex if self.flex.is_none() => ServiceTier::Default,
            ServiceTier::Priority if self.priority.is_none() => ServiceTier::Default,
            tier => tier,
        }
    }

    fn way(&self, way: Way) -> Price {
        let own = match way {
            Way::Single(ServiceTier::Default) => None,
            Way::Single(ServiceTier::Flex) => self.flex,
            Way::Single(ServiceTier::Priority) => self.priority,
            Way::Batch => self.batch,
        };
        own.unwrap_or(self.standard)
    }

    /// The price of a call with this much input.
    pub(super) fn price(&self, way: Way, input_tokens: u64) -> Price {
        match self.long {
            Some((from, long)) if input_tokens > from => self.way(way).highest(&long),
            _ => self.way(way),
        }
    }

    /// What a call cost.
    pub(super) fn money(&self, way: Way, usage: Usage) -> Money {
        self.price(way, usage.uncached().input).of(usage)
    }

    /// The higher price of the two for every kind of token.
    #[must_use]
    pub fn highest(&self, other: &Self) -> Self {
        let either = |of: fn(&Self) -> Option<Price>| {
            let set = of(self).is_some() || of(other).is_some();
            set.then(|| of(self).unwrap_or(self.standard).highest(&of(other).unwrap_or(other.standard)))
        };
        let long = match (self.long, other.long) {
            (Some((a, long)), Some((b, other))) => Some((a.min(b), long.highest(&other))),
            (one, another) => one.or(another),
        };
        Self {
            standard: self.standard.highest(&other.standard),
            flex: either(|rates| rates.flex),
            priority: either(|rates| rates.priority),
            batch: either(|rates| rates.batch),
            long,
        }
    }
}
