//! The SDK's parameters as values.

use aws_sdk_ssm::primitives::DateTime;
use aws_sdk_ssm::types::{Parameter, ParameterHistory, ParameterTier as Tier, ParameterType};

use crate::release::ports::{ParameterKind, ParameterTier, ParameterVersion};

/// A parameter as `GetParameter` shows it: without description, labels, author and tier.
pub(super) fn current(parameter: Parameter) -> ParameterVersion {
    ParameterVersion {
        version: number(parameter.version),
        value: parameter.value.unwrap_or_default(),
        kind: kind(parameter.r#type.as_ref()),
        tier: ParameterTier::Standard,
        description: String::new(),
        modified_at: seconds(parameter.last_modified_date.as_ref()),
        modified_by: String::new(),
        labels: Vec::new(),
        by_label_only: false,
        left: None,
    }
}

/// A version as the history lists it.
pub(super) fn past(version: ParameterHistory) -> ParameterVersion {
    let tier = match version.tier {
        Some(Tier::Advanced) => ParameterTier::Advanced,
        _ => ParameterTier::Standard,
    };
    let mut labels = version.labels.unwrap_or_default();
    labels.sort();
    ParameterVersion {
        version: number(version.version),
        value: version.value.unwrap_or_default(),
        kind: kind(version.r#type.as_ref()),
        tier,
        description: version.description.unwrap_or_default(),
        modified_at: seconds(version.last_modified_date.as_ref()),
        modified_by: version.last_modified_user.unwrap_or_default(),
        labels,
        by_label_only: false,
        left: None,
    }
}

/// A `StringList` is read as the text it is; writing a `String` over it is refused by the service.
fn kind(kind: Option<&ParameterType>) -> ParameterKind {
    match kind {
        Some(ParameterType::SecureString) => ParameterKind::Secure,
        _ => ParameterKind::Plain,
    }
}

pub(super) fn number(version: i64) -> u64 {
    u64::try_from(version).unwrap_or_default()
}

fn seconds(time: Option<&DateTime>) -> i64 {
    time.map(DateTime::secs).unwrap_or_default()
}
