//! Prices: tokens to US dollars, exactly, or not at all when a model's price is unknown.
//!
//! Amounts are stored in whole picodollars, so that a sum does not depend on the order in which
//! calls end.

use std::collections::BTreeMap;
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
    /// The higher of the two prices for each kind of token.
    #[must_use]
    pub fn dearest(&self, other: &Self) -> Self {
        let either = |of: fn(&Self) -> Option<f64>| {
            // A missing price is that of plain input.
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

    /// Half of it, rounded up.
    fn halved(self) -> Self {
        Self(self.0.div_ceil(2))
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
    /// Four characters to a token, which is accurate to some tens of per cent for English; or by the
    /// provider's count, see [`PriceTable::counted`].
    pub input_tokens: u64,
    /// The request's `max_tokens`: answers are mostly shorter.
    pub output_tokens_at_most: u64,
    /// Price of both; `None` when the model's price is unknown.
    pub usd: Option<f64>,
}

/// Prices by exact model id. A regional profile has its own line or no price: Bedrock charges
/// `us.` and `eu.` profiles of newer models more than `global.` ones.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceTable {
    prices: BTreeMap<String, Price>,
    /// By model: tokens counted for a token expected.
    density: BTreeMap<String, f64>,
    /// Prices for caps, if these prices are a proposal; see [`PriceTable::trusting`].
    trusted: Option<BTreeMap<String, Price>>,
}

/// On-demand prices: id, then input, output, cache read, cache write per million tokens.
type Row = (&'static str, f64, f64, Option<f64>, Option<f64>);

const BUILT_IN: [Row; 9] = [
    ("amazon.nova-2-lite-v1:0", 0.30, 2.50, Some(0.075), None),
    ("amazon.nova-lite-v1:0", 0.06, 0.24, Some(0.015), None),
    ("amazon.nova-micro-v1:0", 0.035, 0.14, Some(0.00875), None),
    ("amazon.nova-pro-v1:0", 0.80, 3.20, Some(0.20), None),
    ("global.anthropic.claude-haiku-4-5-20251001-v1:0", 1.00, 5.00, Some(0.10), Some(1.25)),
    ("us.amazon.nova-2-lite-v1:0", 0.33, 2.75, None, None),
    ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 1.10, 5.50, Some(0.11), Some(1.375)),
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.30, 16.50, Some(0.33), Some(4.125)),
    ("us.anthropic.claude-sonnet-4-6", 3.30, 16.50, Some(0.33), Some(4.125)),
];

impl PriceTable {
    /// The month in which the built-in prices were collected.
    pub const COLLECTED: &str = "2026-11";

    /// The built-in prices of Amazon Bedrock, on demand. `prices` in the configuration corrects
    /// and completes them.
    pub fn built_in() -> Self {
        let priced = |&(id, input, output, cache_read, cache_write): &Row| {
            (id.to_owned(), Price { input, output, cache_read, cache_write })
        };
        Self { prices: BUILT_IN.iter().map(priced).collect(), density: BTreeMap::new(), trusted: None }
    }

    /// These prices; configured ones are added or replace them.
    pub fn with(mut self, configured: &BTreeMap<String, Price>) -> Self {
        self.prices.extend(configured.iter().map(|(id, price)| (id.clone(), *price)));
        self
    }

    /// The same for reports, while caps use the built-in prices and these: a price in a change can
    /// make a call more expensive for caps, never cheaper, and a model whose only price comes from
    /// the change has no price for caps.
    pub fn trusting(mut self, trusted: &BTreeMap<String, Price>) -> Self {
        let mut known = Self::built_in();
        for (id, price) in trusted {
            let price = known.price(id).map_or(*price, |built_in| built_in.dearest(price));
            known.prices.insert(id.clone(), price);
        }
        self.trusted = Some(known.prices);
        self
    }

    /// The same, with estimates by what the provider counted: of some requests of a model, the
    /// tokens counted and the tokens [`expected`] says.
    pub fn counted(mut self, model: &str, counted: u64, expected: u64) -> Self {
        self.density.insert(model.to_owned(), counted as f64 / expected.max(1) as f64);
        self
    }

    /// The price of a model id, inference profile id, or an ARN that ends in one.
    pub fn price(&self, model: &str) -> Option<&Price> {
        looked_up(&self.prices, model)
    }

    /// The price by which caps count.
    pub fn price_of_caps(&self, model: &str) -> Option<Price> {
        let price = self.price(model).copied();
        match &self.trusted {
            None => price,
            Some(trusted) => {
                let trusted = looked_up(trusted, model)?;
                Some(price.map_or(*trusted, |price| price.dearest(trusted)))
            }
        }
    }

    /// What a call cost; `None` if the model's price is unknown, never zero in that case.
    pub fn money(&self, model: &str, usage: Usage) -> Option<Money> {
        self.price(model).map(|price| amount(price, usage))
    }

    /// What a call counts against caps.
    pub fn charged(&self, model: &str, usage: Usage) -> Option<Money> {
        self.price_of_caps(model).map(|price| amount(&price, usage))
    }

    /// What an answer of a batch job counts against caps.
    pub fn batch_charged(&self, model: &str, usage: Usage) -> Option<Money> {
        self.charged(model, usage).map(Money::halved)
    }

    /// What an answer of a batch job cost: half of a single call's.
    pub fn batch_money(&self, model: &str, usage: Usage) -> Option<Money> {
        self.money(model, usage).map(Money::halved)
    }

    /// The most a record of a batch job can cost.
    pub fn batch_worst(&self, request: &Request) -> Option<Money> {
        self.worst(request).map(Money::halved)
    }

    /// [`PriceTable::money`] in US dollars.
    pub fn cost(&self, model: &str, usage: Usage) -> Option<f64> {
        self.money(model, usage).map(Money::usd)
    }

    /// What a call of this request is expected to use, said before anything is spent.
    pub fn estimate(&self, request: &Request) -> Estimate {
        let mut usage = expected(request);
        if let Some(density) = self.density.get(&request.model) {
            usage.input = (usage.input as f64 * density).ceil() as u64;
        }
        Estimate {
            input_tokens: usage.input,
            output_tokens_at_most: usage.output,
            usd: self.cost(&request.model, usage),
        }
    }

    /// The most a call of this request can count against caps, at [`most`] tokens; `None` when the
    /// model's price is unknown.
    pub fn worst(&self, request: &Request) -> Option<Money> {
        let price = self.price_of_caps(&request.model)?;
        // All input may be written to the provider's cache, which may cost more.
        let input = price.cache_write.map_or(price.input, |write| write.max(price.input));
        let most = most(request);
        Some(Money::of_tokens(most.input, input) + Money::of_tokens(most.output, price.output))
    }
}

/// The model with a built-in price whose id is nearest to an id without one.
pub fn nearest_known(model: &str) -> Option<&'static str> {
    let ids: Vec<&'static str> = BUILT_IN.iter().map(|(id, ..)| *id).collect();
    crate::problem::nearest(model, &ids)
}

fn looked_up<'p>(prices: &'p BTreeMap<String, Price>, model: &str) -> Option<&'p Price> {
    prices.get(model).or_else(|| prices.get(id_in_arn(model)?))
}

fn amount(price: &Price, usage: Usage) -> Money {
    let cache_read = price.cache_read.unwrap_or(price.input);
    let cache_write = price.cache_write.unwrap_or(price.input);
    Money::of_tokens(usage.input, price.input)
        + Money::of_tokens(usage.output, price.output)
        + Money::of_tokens(usage.cache_read, cache_read)
        + Money::of_tokens(usage.cache_write, cache_write)
}

/// The input tokens a call of this request is expected to use, and the most output.
pub fn expected(request: &Request) -> Usage {
    let input = size(request, |text| text.chars().count() as u64).div_ceil(4);
    Usage { input, output: u64::from(request.parameters.max_tokens), ..Usage::default() }
}

/// The most tokens a call of this request can use: every token of a text covers at least one of
/// its bytes, and each message brings a few tokens of framing. A bound, several times the expected
/// figure, so that a budget reserved with it cannot be exceeded.
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
    system + messages + tools
}

/// The id at the end of a foundation model's or system-defined profile's ARN. Application
/// profiles and provisioned models hide their model behind an opaque name.
fn id_in_arn(model: &str) -> Option<&str> {
    let (head, id) = model.rsplit_once('/')?;
    let known = head.ends_with(":inference-profile") || head.ends_with(":foundation-model");
    (head.starts_with("arn:") && known).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Message, Parameters, Role};

    const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

    fn request(model: &str, text: &str) -> Request {
        Request {
            model: model.to_owned(),
            system: None,
            messages: vec![Message { role: Role::User, text: text.to_owned() }],
            parameters: Parameters { max_tokens: 100, ..Parameters::default() },
            tools: Vec::new(),
            tool_choice: None,
        }
    }

    #[test]
    fn every_kind_of_token_has_its_price() {
        let table = PriceTable::built_in();
        let million = 1_000_000;
        let usage = Usage { input: million, output: million, cache_read: million, cache_write: million };
        assert_eq!(table.cost(HAIKU, usage), Some(1.10 + 5.50 + 0.11 + 1.375));
        let nova = Usage { cache_read: 3, ..Usage::default() };
        assert_eq!(table.cost("amazon.nova-micro-v1:0", nova), Some(3.0 * 0.00875e-6));
    }

    #[test]
    fn an_unknown_price_is_unknown_and_never_zero() {
        let table = PriceTable::built_in();
        assert_eq!(table.cost("scripted", Usage::default()), None);
        assert_eq!(table.cost("eu.anthropic.claude-haiku-4-5-20251001-v1:0", Usage::default()), None);
        assert_eq!(table.estimate(&request("scripted", "hello")).usd, None);
    }

    #[test]
    fn a_configured_price_replaces_the_built_in_one_and_cache_tokens_default_to_input() {
        let own = Price { input: 2.0, output: 4.0, cache_read: None, cache_write: None };
        let table = PriceTable::built_in().with(&BTreeMap::from([(HAIKU.to_owned(), own)]));
        let usage = Usage { input: 1, output: 1, cache_read: 1, cache_write: 1 };
        assert_eq!(table.cost(HAIKU, usage), Some(10e-6));
    }

    #[test]
    fn an_arn_is_priced_when_it_ends_in_a_known_id() {
        let table = PriceTable::built_in();
        let profile = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{HAIKU}");
        let opaque = format!("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/{HAIKU}");
        assert_eq!(table.price(&profile), table.price(HAIKU));
        assert_eq!(table.price(&opaque), None);
    }

    #[test]
    fn the_estimate_counts_characters_and_the_worst_case_bytes() {
        let table = PriceTable::built_in();
        let asked = request(HAIKU, "żółw żółw żółw żółw");
        let estimate = table.estimate(&asked);
        assert_eq!((estimate.input_tokens, estimate.output_tokens_at_most), (5, 100));
        assert_eq!(most(&asked).input, 31 + 2 * 16);
        assert!(table.worst(&asked).map(Money::usd) > estimate.usd);
    }

    #[test]
    fn sums_do_not_depend_on_their_order() {
        let amounts: Vec<Money> = (1..200).map(|i| Money::from_usd(0.1 / f64::from(i))).collect();
        let forwards: Money = amounts.iter().copied().sum();
        let backwards: Money = amounts.iter().rev().copied().sum();
        assert_eq!(forwards, backwards);
    }
}
