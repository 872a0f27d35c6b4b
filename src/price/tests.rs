use std::collections::BTreeMap;

use super::*;
use crate::model::{Parameters, ServiceTier};

const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const NOVA_PRO: &str = "amazon.nova-pro-v1:0";
const MILLION: u64 = 1_000_000;

fn request(model: &str, text: &str) -> Request {
    Request {
        parameters: Parameters { max_tokens: 100, ..Parameters::default() },
        ..Request::new(model, text)
    }
}

#[test]
fn every_kind_of_token_has_its_price() {
    let table = PriceTable::built_in();
    let usage = |tokens| Usage { input: tokens, output: tokens, cache_read: tokens, cache_write: tokens };
    assert_eq!(table.cost(HAIKU, usage(MILLION)), Some(1.10 + 5.50 + 0.11 + 1.375));
    let nova = Usage { cache_read: 3, ..Usage::default() };
    assert_eq!(table.cost("amazon.nova-micro-v1:0", nova), Some(3.0 * 0.00875e-6));
}

/// As AWS's price list has it, by way of the wheel that the table names: input and output per million tokens.
#[test]
fn popular_families_cost_in_three_regions_what_the_source_says() {
    for (model, region, input, output) in [
        ("us.amazon.nova-lite-v1:0", "us-east-1", 0.06, 0.24),
        ("eu.amazon.nova-lite-v1:0", "eu-central-1", 0.078, 0.312),
        ("apac.amazon.nova-lite-v1:0", "ap-southeast-1", 0.063, 0.252),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "us-east-1", 1.1, 5.5),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", "eu-west-1", 1.1, 5.5),
        ("jp.anthropic.claude-haiku-4-5-20251001-v1:0", "ap-northeast-1", 1.1, 5.5),
        ("us.anthropic.claude-sonnet-4-6", "us-west-2", 3.3, 16.5),
        ("global.anthropic.claude-sonnet-4-6", "eu-west-1", 3.0, 15.0),
        ("au.anthropic.claude-sonnet-4-6", "ap-southeast-2", 3.3, 16.5),
        ("meta.llama3-70b-instruct-v1:0", "us-east-1", 2.65, 3.5),
        ("meta.llama3-70b-instruct-v1:0", "eu-west-2", 3.45, 4.55),
        ("meta.llama3-70b-instruct-v1:0", "sa-east-1", 4.45, 5.88),
        ("mistral.mistral-large-2402-v1:0", "us-east-1", 4.0, 12.0),
        ("mistral.mistral-large-2402-v1:0", "us-west-2", 4.0, 12.0),
        ("mistral.mistral-large-2402-v1:0", "eu-west-3", 5.2, 15.6),
        ("deepseek.v3.2", "us-east-1", 0.62, 1.85),
        ("deepseek.v3.2", "eu-north-1", 0.74, 2.22),
        ("deepseek.v3.2", "ap-south-1", 0.74, 2.22),
    ] {
        let price = PriceTable::built_in().in_region(Some(region)).price(model);
        assert_eq!(
            price.map(|price| (price.input, price.output)),
            Some((input, output)),
            "{model} in {region}"
        );
    }
}

#[test]
fn an_unknown_price_is_unknown_and_never_zero() {
    let table = PriceTable::built_in();
    assert_eq!(table.cost("scripted", Usage::default()), None);
    assert_eq!(table.cost("eu.meta.llama4-scout-17b-instruct-v1:0", Usage::default()), None);
    assert_eq!(table.estimate(&request("scripted", "hello")).usd, None);
}

#[test]
fn a_configured_price_replaces_the_built_in_one_and_cache_tokens_default_to_input() {
    let own = Price { input: 2.0, output: 4.0, cache_read: None, cache_write: None };
    let table =
        PriceTable::built_in().at_tier(ServiceTier::Flex).with(&BTreeMap::from([(HAIKU.to_owned(), own)]));
    let usage = Usage { input: 1, output: 1, cache_read: 1, cache_write: 1 };
    assert_eq!(table.cost(HAIKU, usage), Some(10e-6));
    assert_eq!(table.batch_money(HAIKU, usage).map(Money::usd), Some(5e-6));
}

#[test]
fn a_tier_has_its_price_where_the_model_has_the_tier() {
    let usage = Usage { input: MILLION, output: MILLION, ..Usage::default() };
    let cost =
        |tier, model| PriceTable::built_in().in_region(Some("us-east-1")).at_tier(tier).cost(model, usage);
    assert_eq!(cost(ServiceTier::Default, NOVA_PRO), Some(0.8 + 3.2));
    assert_eq!(cost(ServiceTier::Flex, NOVA_PRO), Some((0.8 + 3.2) / 2.0));
    assert_eq!(cost(ServiceTier::Priority, NOVA_PRO), Some(1.4 + 5.6));
    assert_eq!(cost(ServiceTier::Flex, HAIKU), cost(ServiceTier::Default, HAIKU));
    let flex = PriceTable::built_in().at_tier(ServiceTier::Flex);
    assert_eq!((flex.tier(NOVA_PRO), flex.tier(HAIKU)), (ServiceTier::Flex, ServiceTier::Default));
}

#[test]
fn a_batch_costs_half_where_the_model_has_batches_and_never_less_than_it_may() {
    let table = PriceTable::built_in().in_region(Some("us-east-1"));
    let usage = Usage { input: MILLION, output: MILLION, ..Usage::default() };
    assert_eq!(table.batch_money(NOVA_PRO, usage).map(Money::usd), Some(2.0));
    // Not known to have batches: as on demand.
    assert_eq!(table.batch_money("deepseek.r1-v1:0", usage), table.money("deepseek.r1-v1:0", usage));
}

#[test]
fn long_input_costs_more_and_caps_know_it() {
    let (table, sonnet) = (PriceTable::built_in(), "global.anthropic.claude-sonnet-4-5-20250929-v1:0");
    let cost = |usage| table.money(sonnet, usage);
    let input = |input| Usage { input, ..Usage::default() };
    assert_eq!(cost(input(200_000)), Some(Money::from_usd(0.6)));
    assert_eq!(cost(input(200_001)), Some(Money::from_usd(1.200_006)));
    let read = Usage { input: 1, cache_read: 200_000, ..Usage::default() };
    assert_eq!(cost(read), Some(Money::from_usd(0.120_006)));
    let worst = |text: &str| table.worst(&request(sonnet, text)).map_or(0.0, Money::usd);
    assert!(worst(&"x".repeat(250_000)) > 1.9 * worst(&"x".repeat(199_000)));
}

#[test]
fn an_arn_is_priced_when_it_ends_in_a_known_id_and_in_its_own_region() {
    let table = PriceTable::built_in().in_region(Some("us-east-1"));
    let profile = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{HAIKU}");
    let opaque = format!("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/{HAIKU}");
    assert_eq!(table.price(&profile), table.price(HAIKU));
    assert_eq!(table.price(&opaque), None);
    let elsewhere = "arn:aws:bedrock:eu-north-1::foundation-model/deepseek.v3.2";
    assert_eq!(table.price(elsewhere).map(|price| price.input), Some(0.74));
}

#[test]
fn an_application_profile_costs_and_caches_as_what_it_calls() {
    let profile = "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc";
    let table = PriceTable::built_in();
    assert_eq!((table.price(profile), table.cache_from(profile)), (None, None));
    let table = table.standing_for(profile, "eu.amazon.nova-lite-v1:0");
    assert_eq!(table.price(profile).map(|price| price.input), Some(0.078));
    assert_eq!((table.cache_from(profile), table.base(profile)), (Some(1_000), "amazon.nova-lite-v1:0"));
}

#[test]
fn caps_rely_on_the_trusted_prices_whatever_the_change_writes() {
    let price = |input| Price { input, output: 1.0, cache_read: None, cache_write: None };
    let change = BTreeMap::from([("own".to_owned(), price(1.0)), (HAIKU.to_owned(), price(0.1))]);
    let table = PriceTable::built_in().with(&change).trusting(&BTreeMap::new());
    assert_eq!(table.price_of_caps("own"), None, "what the change alone gives a price has none");
    let usage = Usage { input: MILLION, ..Usage::default() };
    assert_eq!(
        table.charged(HAIKU, usage).map(Money::usd),
        Some(1.1),
        "the built-in price is the higher one"
    );
    assert_eq!(table.money(HAIKU, usage).map(Money::usd), Some(0.1));
    let trusted = BTreeMap::from([("own".to_owned(), price(3.0))]);
    let table = PriceTable::built_in().with(&change).trusting(&trusted);
    assert_eq!(table.price_of_caps("own").map(|price| price.input), Some(3.0));
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
