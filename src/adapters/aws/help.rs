//! What to do about failures that every AWS service can have.

use crate::cloud::untrusted_certificate;

/// There is no region.
pub const REGION: &str = "\
set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from \
`aws-region`), or `region` in the AWS profile";

/// A signature is too old or of the future.
pub const CLOCK: &str = "\
the clock of this machine is wrong by more than five minutes: set it by NTP (`timedatectl set-ntp true`); a container has \
its host's";

/// Whether a refusal of credentials blames the time of their signature.
pub fn is_about_clock(code: &str, message: &str) -> bool {
    let words = ["Signature expired", "Signature not yet current"];
    code == "RequestTimeTooSkewed" || words.iter().any(|word| message.contains(word))
}

/// A proxy between us and AWS answered.
pub(super) const FOREIGN: &str = "a proxy or another service answered: check AWS_ENDPOINT_URL and its forms for one service, and HTTPS_PROXY";

/// There are no credentials, or they are refused. `or`: a further way to them, such as
/// `AWS_BEARER_TOKEN_BEDROCK; `.
pub fn credentials(or: &str) -> String {
    format!(
        "provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with \
         `role-to-assume` before this step, and `permissions: {{id-token: write}}` in the job; AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; \
         {or}in CodeBuild, ECS and EKS the container's role \
         (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's \
         role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2"
    )
}

/// The endpoint could not be reached. `service` is its usual name, `variable` the variable of its endpoint.
pub(super) fn unreachable(region: &str, message: &str) -> String {
    untrusted_certificate(message).unwrap_or_else(|| {
        format!(
            "check the network, HTTPS_PROXY, AWS_ENDPOINT_URL and its forms for one service, and that {region} is a \
             region of AWS"
        )
    })
}
