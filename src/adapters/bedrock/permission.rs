//! What a policy must allow.

use crate::iam::partition;
use crate::price;

/// What a policy must allow for this model: a profile, and the models behind it in every region.
pub(super) fn resources(model: &str, region: &str) -> Vec<String> {
    let partition = partition(region);
    if model.starts_with("arn:") {
        let mut resources = vec![model.to_owned()];
        if model.contains("inference-profile/") {
            let behind = model.rsplit('/').next().and_then(behind_profile).unwrap_or("*");
            resources.push(format!("arn:{partition}:bedrock:*::foundation-model/{behind}"));
        }
        return resources;
    }
    match behind_profile(model) {
        Some(behind) => vec![
            format!("arn:{partition}:bedrock:{region}:*:inference-profile/{model}"),
            format!("arn:{partition}:bedrock:*::foundation-model/{behind}"),
        ],
        None => vec![format!("arn:{partition}:bedrock:{region}::foundation-model/{model}")],
    }
}

/// The model behind a cross-region inference profile.
fn behind_profile(id: &str) -> Option<&str> {
    price::of_profile(id).map(|(_, model)| model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_needs_the_profile_and_the_models_behind_it() {
        let resources = |model, region| resources(model, region).join("\n");
        insta::assert_snapshot!(
            resources("amazon.nova-lite-v1:0", "us-east-1"),
            @"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
        );
        insta::assert_snapshot!(resources("global.anthropic.claude-x", "eu-west-1"), @r"
        arn:aws:bedrock:eu-west-1:*:inference-profile/global.anthropic.claude-x
        arn:aws:bedrock:*::foundation-model/anthropic.claude-x
        ");
        insta::assert_snapshot!(resources("us-gov.anthropic.claude-x", "us-gov-west-1"), @r"
        arn:aws-us-gov:bedrock:us-gov-west-1:*:inference-profile/us-gov.anthropic.claude-x
        arn:aws-us-gov:bedrock:*::foundation-model/anthropic.claude-x
        ");
        let application = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
        insta::assert_snapshot!(resources(application, "us-east-1"), @r"
        arn:aws:bedrock:us-east-1:1:application-inference-profile/abc
        arn:aws:bedrock:*::foundation-model/*
        ");
        let profile = "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0";
        insta::assert_snapshot!(resources(profile, "us-east-1"), @r"
        arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0
        arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0
        ");
    }
}
