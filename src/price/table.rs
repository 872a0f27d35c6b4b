//! The prices of a run: what Bedrock offers in its region and tier, under what the configuration says.

use std::collections::BTreeMap;

use super::rates::Way;
use super::{Estimate, Money, Price, Rates, expected, most, offer, profiles};
use crate::model::{Request, ServiceTier, Usage};

/// Prices by exact model id. A cross-region profile has its own line or no price: Bedrock charges `us.` and `eu.`
/// profiles of newer models more than `global.` ones.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceTable {
    /// Where calls are made; `None`: not known.
    region: Option<String>,
    /// The tier that is wanted, where a model has it.
    tier: ServiceTier,
    configured: BTreeMap<String, Price>,
    /// What application inference profiles stand for.
    behind: BTreeMap<String, String>,
    /// By model: tokens counted for a token expected.
    density: BTreeMap<String, f64>,
    /// Prices that caps may rely on, where these here are a proposal; see [`PriceTable::trusting`].
    trusted: Option<BTreeMap<String, Price>>,
    /// Whether nobody is charged.
    is_for_nothing: bool,
    /// Whether Bedrock's offers count; otherwise only what is configured does.
    is_of_bedrock: bool,
}

impl PriceTable {
    /// The built-in prices of Amazon Bedrock. `prices` in the configuration corrects and completes them.
    pub fn built_in() -> Self {
        Self {
            region: None,
            tier: ServiceTier::Default,
            configured: BTreeMap::new(),
            behind: BTreeMap::new(),
            density: BTreeMap::new(),
            trusted: None,
            is_for_nothing: false,
            is_of_bedrock: true,
        }
    }

    /// No built-in prices: another provider answers, and its prices are those that the configuration names.
    pub fn configured_only() -> Self {
        Self { is_of_bedrock: false, ..Self::built_in() }
    }

    /// As calls from this region cost; `None`: not known, so that each model's highest price counts.
    pub fn in_region(self, region: Option<&str>) -> Self {
        Self { region: region.map(str::to_owned), ..self }
    }

    /// As calls in this tier cost, of the models that have it.
    pub fn at_tier(self, tier: ServiceTier) -> Self {
        Self { tier, ..self }
    }

    /// These prices, with the configured ones added or in place of them.
    pub fn with(mut self, configured: &BTreeMap<String, Price>) -> Self {
        self.configured.extend(configured.iter().map(|(id, price)| (id.clone(), *price)));
        self
    }

    /// The same for what is reported, while caps rely on the built-in and on these prices: what a
    /// change writes can raise the price of a call for them, never lower it, and what it alone gives a price
    /// has none.
    pub fn trusting(self, trusted: &BTreeMap<String, Price>) -> Self {
        Self { trusted: Some(trusted.clone()), ..self }
    }

    /// The same where no language model answers: the prices say what calls would have cost, and none is missed.
    pub fn for_nothing(self) -> Self {
        Self { is_for_nothing: true, ..self }
    }

    /// Whether the built-in prices of Bedrock count.
    pub fn is_of_bedrock(&self) -> bool {
        self.is_of_bedrock
    }

    /// Whether nobody is charged.
    pub fn is_for_nothing(&self) -> bool {
        self.is_for_nothing
    }

    /// The same, knowing that an application inference profile stands for this id or ARN of a model.
    pub fn standing_for(mut self, profile: &str, model: &str) -> Self {
        self.behind.insert(profile.to_owned(), model.to_owned());
        self
    }

    /// The same, with estimates by what the provider counted: of some requests of a model, the
    /// tokens counted and the tokens [`expected`] says.
    pub fn counted(mut self, model: &str, counted: u64, expected: u64) -> Self {
        self.density.insert(model.to_owned(), counted as f64 / expected.max(1) as f64);
        self
    }

    /// What stands behind an application inference profile; any other model itself.
    pub fn behind<'m>(&'m self, model: &'m str) -> &'m str {
        self.behind.get(model).map_or(model, String::as_str)
    }

    /// The id of the model itself, without region and profile.
    pub fn base<'m>(&'m self, model: &'m str) -> &'m str {
        profiles::base(in_arn(self.behind(model)).0)
    }

    /// The fewest tokens before a cache point that a model caches; `None`: it is not known to take any.
    pub fn cache_from(&self, model: &str) -> Option<u64> {
        self.offer(model)?.cache_from
    }

    /// The tier in which a model is called: the one that is wanted, where it has it.
    pub fn tier(&self, model: &str) -> ServiceTier {
        self.offer(model).map_or(ServiceTier::Default, |offer| offer.rates.tier(self.tier))
    }

    /// The on-demand price of a model id, inference profile id, or an ARN that ends in one.
    pub fn price(&self, model: &str) -> Option<Price> {
        self.rates(model).map(|rates| rates.standard)
    }

    fn offer(&self, model: &str) -> Option<offer::Offer> {
        if !self.is_of_bedrock {
            return None;
        }
        let (id, region) = in_arn(self.behind(model));
        offer::at(id, region.or(self.region.as_deref()))
    }

    fn rates(&self, model: &str) -> Option<Rates> {
        written(&self.configured, model).or_else(|| Some(self.offer(model)?.rates))
    }

    /// The prices by which caps count.
    fn rates_of_caps(&self, model: &str) -> Option<Rates> {
        let rates = self.rates(model);
        let Some(trusted) = &self.trusted else { return rates };
        let offered = self.offer(model).map(|offer| offer.rates);
        let known = offered.into_iter().chain(written(trusted, model)).reduce(|a, b| a.highest(&b))?;
        Some(rates.map_or(known, |rates| rates.highest(&known)))
    }

    /// The on-demand price by which caps count.
    pub fn price_of_caps(&self, model: &str) -> Option<Price> {
        self.rates_of_caps(model).map(|rates| rates.standard)
    }

    fn single(&self) -> Way {
        Way::Single(self.tier)
    }

    /// What a call cost; `None` when the model's price is unknown, never zero for that.
    pub fn money(&self, model: &str, usage: Usage) -> Option<Money> {
        self.rates(model).map(|rates| rates.money(self.single(), usage))
    }

    /// What a call counts against caps.
    pub fn charged(&self, model: &str, usage: Usage) -> Option<Money> {
        self.rates_of_caps(model).map(|rates| rates.money(self.single(), usage))
    }

    /// What an answer of a batch job counts against caps.
    pub fn batch_charged(&self, model: &str, usage: Usage) -> Option<Money> {
        self.rates_of_caps(model).map(|rates| rates.money(Way::Batch, usage))
    }

    /// What an answer of a batch job cost.
    pub fn batch_money(&self, model: &str, usage: Usage) -> Option<Money> {
        self.rates(model).map(|rates| rates.money(Way::Batch, usage))
    }

    /// The most a record of a batch job can cost.
    pub fn batch_worst(&self, request: &Request) -> Option<Money> {
        self.worst_of(Way::Batch, request)
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
        self.worst_of(self.single(), request)
    }

    fn worst_of(&self, way: Way, request: &Request) -> Option<Money> {
        let most = most(request);
        let price = self.rates_of_caps(&request.model)?.price(way, most.input);
        // All input may be written to the provider's cache, which may cost more.
        let written = Usage { input: 0, cache_write: most.input, ..most };
        Some(price.of(most).max(price.of(written)))
    }
}

/// What a configuration says about a model, or about the id that its ARN ends in.
fn written(prices: &BTreeMap<String, Price>, model: &str) -> Option<Rates> {
    prices.get(model).or_else(|| prices.get(in_arn(model).0)).copied().map(Rates::flat)
}

/// The id at the end of a foundation model's or system-defined profile's ARN, and its region. Application
/// profiles and provisioned models hide their model behind an opaque name.
fn in_arn(model: &str) -> (&str, Option<&str>) {
    let plain = (model, None);
    let Some((head, id)) = model.rsplit_once('/') else { return plain };
    let known = head.ends_with(":inference-profile") || head.ends_with(":foundation-model");
    if !(head.starts_with("arn:") && known) {
        return plain;
    }
    (id, head.split(':').nth(3).filter(|region| !region.is_empty()))
}
