//! Which resources a call of a model touches: an inference profile passes it on to other regions, and IAM asks for the
//! model in each of them, too.

use crate::price::of_profile;

/// Regions that a profile of a geography may pass a call on to: those of any of its models, as AWS lists them in
/// November 2026. One that a model does not use does no harm, since it is allowed by way of the profile only.
const REGIONS: &[(&str, &[&str])] = &[
    ("us", &["us-east-1", "us-east-2", "us-west-1", "us-west-2"]),
    (
        "eu",
        &[
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
        ],
    ),
    (
        "apac",
        &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
        ],
    ),
    ("jp", &["ap-northeast-1", "ap-northeast-3"]),
    ("au", &["ap-southeast-2", "ap-southeast-4"]),
    ("in", &["ap-south-1", "ap-south-2"]),
    ("ca", &["ca-central-1", "ca-west-1"]),
    ("us-gov", &["us-gov-east-1", "us-gov-west-1"]),
    // Every commercial region; AWS asks for the model in the caller's own, and for one without any.
    ("global", &[""]),
];

/// What a call of a model touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// What the call names.
    pub named: String,
    /// What a profile passes it on to; nothing for a model.
    pub behind: Vec<String>,
}

/// The partition that a region belongs to, for ARNs.
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// What a call of this model, profile or ARN touches.
pub(super) fn touched(model: &str, region: &str, account: &str) -> Touched {
    let partition = partition(region);
    let of_model =
        |region: &str, model: &str| format!("arn:{partition}:bedrock:{region}::foundation-model/{model}");
    let id = match model.rsplit_once("inference-profile/") {
        Some((_, id)) if model.starts_with("arn:") => id,
        _ if model.starts_with("arn:") => return Touched { named: model.to_owned(), behind: Vec::new() },
        _ => model,
    };
    let behind = match of_profile(id) {
        Some((geography, model)) => {
            let known = REGIONS.iter().find(|(known, _)| *known == geography);
            let mut regions: Vec<&str> = known.map(|(_, regions)| regions.to_vec()).unwrap_or_default();
            if !regions.contains(&region) {
                regions.push(region);
            }
            regions.sort_unstable();
            regions.into_iter().map(|region| of_model(region, model)).collect()
        }
        // A profile of the account's own: what it is made of stands in AWS alone.
        None if id != model => vec![of_model("*", "*")],
        None => return Touched { named: of_model(region, model), behind: Vec::new() },
    };
    let named = match id == model {
        true => format!("arn:{partition}:bedrock:{region}:{account}:inference-profile/{id}"),
        false => model.to_owned(),
    };
    Touched { named, behind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::GEOGRAPHIES;

    #[test]
    fn every_geography_of_a_profile_has_its_regions() {
        let known: Vec<&str> = REGIONS.iter().map(|(geography, _)| *geography).collect();
        for geography in GEOGRAPHIES {
            assert!(known.contains(&geography), "{geography}");
        }
        assert_eq!(known.len(), GEOGRAPHIES.len(), "and no other has");
        let touched = touched("in.amazon.nova-2-lite-v1:0", "ap-south-1", "123456789012");
        assert_eq!(
            touched.named,
            "arn:aws:bedrock:ap-south-1:123456789012:inference-profile/in.amazon.nova-2-lite-v1:0"
        );
        assert_eq!(touched.behind.len(), 2);
    }
}
