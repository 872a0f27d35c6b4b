//! What to do about failures that every AWS service can have.

/// There is no region.
pub const REGION: &str = "\
set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from \
`aws-region`), or `region` in the AWS profile";

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

/// The help where a message of the connection blames the server's certificate.
pub fn untrusted_certificate(message: &str) -> Option<String> {
    let blamed = message.contains("certificate") || message.contains("UnknownIssuer");
    let help =
        "the server's certificate is not trusted: behind a company proxy, point SSL_CERT_FILE to its CA";
    blamed.then(|| help.to_owned())
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
