//! Cross-region inference profiles: which exist, for which regions, and what stands behind an application's own.

use std::collections::BTreeSet;

use super::offer;

/// The geographies of profiles; one that holds others comes after them.
pub const GEOGRAPHIES: [&str; 9] = ["us-gov", "us", "eu", "jp", "au", "in", "ca", "apac", "global"];

/// The last models for which there is a profile of all Asia and Pacific; newer ones have those of Japan, Australia and
/// the whole world.
const IN_APAC: [&str; 8] = [
    "amazon.nova-lite-v1:0",
    "amazon.nova-micro-v1:0",
    "amazon.nova-pro-v1:0",
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-3-haiku-20240307-v1:0",
    "anthropic.claude-sonnet-4-20250514-v1:0",
];

/// The geography of a cross-region profile's id, and the model behind it; `None`: it is no such id.
pub fn of_profile(id: &str) -> Option<(&str, &str)> {
    let (geography, model) = id.split_once('.')?;
    (GEOGRAPHIES.contains(&geography) && model.contains('.')).then_some((geography, model))
}

/// The model's id without the geography of a profile.
pub fn base(id: &str) -> &str {
    of_profile(id).map_or(id, |(_, model)| model)
}

/// The geographies whose profiles can be called from a region, the nearest first.
fn serving(region: &str) -> &'static [&'static str] {
    match region {
        "ap-northeast-1" | "ap-northeast-3" => &["jp", "apac", "global"],
        "ap-southeast-2" | "ap-southeast-4" => &["au", "apac", "global"],
        "ap-south-1" | "ap-south-2" => &["in", "apac", "global"],
        "ca-central-1" | "ca-west-1" => &["ca", "us", "global"],
        _ if region.starts_with("us-gov-") => &["us-gov"],
        _ if region.starts_with("us-") => &["us", "global"],
        _ if region.starts_with("eu-") => &["eu", "global"],
        _ if region.starts_with("ap-") => &["apac", "global"],
        _ => &["global"],
    }
}

/// The profiles of a model (any id of it) that exist and can be called from a region, the nearest first.
pub fn in_region(id: &str, region: &str) -> Vec<String> {
    let model = base(id);
    let exists = |geography: &str, profile: &str| {
        offer::regions(profile).is_some() && (geography != "apac" || IN_APAC.contains(&model))
    };
    let profiles = serving(region).iter().map(|geography| (*geography, format!("{geography}.{model}")));
    profiles.filter(|(geography, profile)| exists(geography, profile)).map(|(_, profile)| profile).collect()
}

/// What an application inference profile costs as, by the ARNs of the models that it calls: one model in one region, or
/// the profile of the geography that they make up. `None`: of several models, or none that has a price.
pub fn behind(arns: &[String]) -> Option<String> {
    let part = |arn: &String, n: usize| arn.split(':').nth(n).unwrap_or_default().to_owned();
    let ids: BTreeSet<&str> =
        arns.iter().filter_map(|arn| Some(arn.rsplit_once("foundation-model/")?.1)).collect();
    let mut ids = ids.into_iter();
    let (Some(model), None) = (ids.next(), ids.next()) else { return None };
    if let [arn] = arns
        && offer::regions(model).is_some()
    {
        return Some(arn.clone());
    }
    let regions: BTreeSet<String> = arns.iter().map(|arn| part(arn, 3)).collect();
    // A profile of the whole world names the model once more, without a region.
    let common = |geography: &str| regions.iter().all(|region| serving(region).contains(&geography));
    let is_global = regions.contains("");
    let geographies =
        GEOGRAPHIES.iter().filter(|geography| **geography != "global" && !is_global && common(geography));
    let profiles = geographies.chain([&"global"]).map(|geography| format!("{geography}.{model}"));
    profiles.into_iter().find(|profile| offer::regions(profile).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_profiles_that_exist_are_named() {
        let named = |id, region| in_region(id, region).join(" ");
        let nova = "amazon.nova-lite-v1:0";
        assert_eq!(named(nova, "us-east-1"), "us.amazon.nova-lite-v1:0");
        assert_eq!(named(nova, "eu-central-1"), "eu.amazon.nova-lite-v1:0");
        assert_eq!(named("us.amazon.nova-lite-v1:0", "ap-south-1"), "apac.amazon.nova-lite-v1:0");
        assert_eq!(named(nova, "sa-east-1"), "");
        let nova2 = "amazon.nova-2-lite-v1:0";
        assert_eq!(named(nova2, "eu-west-1"), "eu.amazon.nova-2-lite-v1:0 global.amazon.nova-2-lite-v1:0");
        assert_eq!(
            named(nova2, "ap-northeast-1"),
            "jp.amazon.nova-2-lite-v1:0 global.amazon.nova-2-lite-v1:0"
        );
        assert_eq!(named(nova2, "ap-southeast-1"), "global.amazon.nova-2-lite-v1:0");
        let sonnet = "anthropic.claude-sonnet-4-6";
        assert_eq!(
            named(sonnet, "ap-southeast-2"),
            "au.anthropic.claude-sonnet-4-6 global.anthropic.claude-sonnet-4-6"
        );
        assert_eq!(named(sonnet, "sa-east-1"), "global.anthropic.claude-sonnet-4-6");
        assert_eq!(named("anthropic.claude-opus-5", "us-gov-west-1"), "us-gov.anthropic.claude-opus-5");
        assert_eq!(named("meta.llama4-scout-17b-instruct-v1:0", "eu-west-1"), "");
    }

    #[test]
    fn what_an_application_profile_calls_gives_its_price() {
        let of = |model: &str, regions: &[&str]| {
            let arn = |region: &&str| format!("arn:aws:bedrock:{region}::foundation-model/{model}");
            behind(&regions.iter().map(arn).collect::<Vec<_>>())
        };
        let nova = "amazon.nova-lite-v1:0";
        let one = of(nova, &["us-east-1"]);
        assert_eq!(one.as_deref(), Some("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"));
        let profile = |model, regions: &[&str]| of(model, regions).unwrap_or_default();
        assert_eq!(profile(nova, &["us-east-1", "us-east-2", "us-west-2"]), "us.amazon.nova-lite-v1:0");
        assert_eq!(profile(nova, &["eu-central-1", "eu-west-1"]), "eu.amazon.nova-lite-v1:0");
        assert_eq!(profile(nova, &["ap-south-1", "ap-northeast-1"]), "apac.amazon.nova-lite-v1:0");
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        assert_eq!(profile(haiku, &["ap-northeast-1", "ap-northeast-3"]), format!("jp.{haiku}"));
        assert_eq!(profile(haiku, &["eu-west-1", ""]), format!("global.{haiku}"));
        assert_eq!(profile(haiku, &["eu-west-1", "us-east-1"]), format!("global.{haiku}"));
        assert_eq!(of("somebody.unknown-v1", &["us-east-1"]), None);
        let two = ["a", "b"].map(|id| format!("arn:aws:bedrock:us-east-1::foundation-model/{nova}-{id}"));
        assert_eq!(behind(&two), None);
    }
}
