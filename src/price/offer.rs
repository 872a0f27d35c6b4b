//! What Bedrock offers and at which prices: the generated table beside this file. `.ci/prices` writes it from the price
//! data that litellm publishes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Price, Rates};

const FILE: &str = include_str!("bedrock.tsv");

/// Where the prices come from, with the version.
pub static SOURCE: LazyLock<&'static str> = LazyLock::new(|| said("source: "));

/// The day on which they were collected, `YYYY-MM-DD`.
pub static COLLECTED: LazyLock<&'static str> = LazyLock::new(|| said("collected: "));

fn said(what: &str) -> &'static str {
    FILE.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(what)).unwrap_or_default()
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) rates: Rates,
    /// Tokens before a cache point from which on the model caches; `None`: it takes no cache points.
    pub(super) cache_from: Option<u64>,
}

/// The offers of one id: by region, and everywhere else under the empty name.
pub(super) type Regions = BTreeMap<&'static str, Offer>;

static OFFERS: LazyLock<BTreeMap<&'static str, Regions>> = LazyLock::new(|| {
    let mut offers: BTreeMap<&str, Regions> = BTreeMap::new();
    let rows =
        FILE.lines().filter(|line| !line.starts_with('#')).skip_while(|line| !line.starts_with("id\t"));
    for (id, region, offer) in rows.skip(1).filter_map(row) {
        offers.entry(id).or_default().insert(region, offer);
    }
    offers
});

fn row(line: &'static str) -> Option<(&'static str, &'static str, Offer)> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [id, region, standard, flex, priority, batch, long, cache_from] = fields.as_slice() else {
        return None;
    };
    let long = long.split_once(':').and_then(|(from, at)| Some((from.parse().ok()?, price(at)?)));
    let [flex, priority, batch] = [flex, priority, batch].map(|field| price(field));
    let rates = Rates { standard: price(standard)?, flex, priority, batch, long };
    Some((id, region, Offer { rates, cache_from: cache_from.parse().ok() }))
}

fn price(field: &str) -> Option<Price> {
    let mut amounts = field.split('/').map(|amount| amount.parse().ok());
    let mut next = || amounts.next().flatten();
    Some(Price { input: next()?, output: next()?, cache_read: next(), cache_write: next() })
}

/// What is offered under an id, and where.
pub(super) fn regions(id: &str) -> Option<&'static Regions> {
    OFFERS.get(id)
}

/// The model with a built-in price whose id is nearest to an id without one.
pub fn nearest_known(model: &str) -> Option<&'static str> {
    let ids: Vec<&'static str> = OFFERS.keys().copied().collect();
    crate::problem::nearest(model, &ids)
}

/// The offer that holds for calls of an id from a region. Where prices depend on the region and this one, or none, is
/// not listed, the highest of its partition: a cap that counts by it is kept.
pub(super) fn at(id: &str, region: Option<&str>) -> Option<Offer> {
    let regions = regions(id)?;
    if let Some(offer) = region.and_then(|region| regions.get(region)) {
        return Some(*offer);
    }
    let is_gov = |region: &str| region.starts_with("us-gov-");
    let partition = region.is_some_and(is_gov);
    let of_partition = regions.iter().filter(|(listed, _)| listed.is_empty() || is_gov(listed) == partition);
    let highest = |a: Offer, b: Offer| Offer { rates: a.rates.highest(&b.rates), ..a };
    of_partition
        .map(|(_, offer)| *offer)
        .reduce(highest)
        .or_else(|| regions.values().copied().reduce(highest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_file_is_read() {
        let rows: usize = OFFERS.values().map(BTreeMap::len).sum();
        let models: std::collections::BTreeSet<_> = OFFERS.keys().map(|id| crate::price::base(id)).collect();
        assert_eq!(said("rows: "), format!("{rows}, models: {}", models.len()));
        assert!(rows > 400 && models.len() > 100, "{rows} rows of {} models", models.len());
        assert!(
            FILE.contains("Permission is hereby granted, free of charge"),
            "the license asks for its notice"
        );
    }

    #[test]
    fn the_date_and_the_version_come_from_the_file() {
        let day = COLLECTED.split('-').map(|part| part.parse::<u32>().expect("a number")).collect::<Vec<_>>();
        let is_day = |day: &[u32]| day.len() == 3 && day[0] >= 2026 && day[1] <= 12 && day[2] <= 31;
        assert!(is_day(&day), "{}", *COLLECTED);
        assert!(SOURCE.starts_with("litellm 1."), "{}", *SOURCE);
    }

    #[test]
    fn a_region_has_its_own_price_and_an_unlisted_one_the_highest() {
        let input = |id, region| at(id, region).map(|offer| offer.rates.standard.input);
        assert_eq!(input("deepseek.v3.2", Some("us-east-1")), Some(0.62));
        assert_eq!(input("deepseek.v3.2", Some("eu-north-1")), Some(0.74));
        assert_eq!(input("deepseek.v3.2", Some("eu-central-2")), Some(0.74));
        assert_eq!(input("deepseek.v3.2", None), Some(0.74));
        // The price of the other partition is not taken for ours.
        assert_eq!(input("amazon.nova-lite-v1:0", Some("us-east-1")), Some(0.06));
        assert_eq!(input("amazon.nova-lite-v1:0", Some("us-gov-west-1")), Some(0.072));
        assert_eq!(input("amazon.nova-lite-v1:0", Some("us-gov-east-1")), Some(0.072));
        assert_eq!(input("nobody.knows-this", None), None);
    }
}
