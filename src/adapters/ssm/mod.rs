//! SSM Parameter Store: parameters with versions, labels and tags.

mod calls;

use aws_sdk_ssm::Client;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::{Failure, FailureClass};
use crate::iam::partition;

use super::aws::Call;

/// Parameter Store in one account and region. Its calls block: not for use inside a runtime's tasks.
#[derive(Clone, Debug)]
pub struct Ssm {
    client: Client,
    connection: Connection,
    runtime: Handle,
}

impl Ssm {
    /// Sends nothing. `runtime` makes the calls.
    pub fn connect(connection: &Connection, runtime: &Handle) -> Self {
        let client = Client::new(connection.config());
        Self { client, connection: connection.clone(), runtime: runtime.clone() }
    }

    /// A call about one parameter.
    fn about(&self, action: &'static str, name: &str) -> Call<'_> {
        let region = self.connection.region();
        // A name may already be an ARN: reads accept those too.
        let arn = match name.strip_prefix("arn:") {
            Some(_) => name.to_owned(),
            None => {
                format!("arn:{}:ssm:{region}:*:parameter/{}", partition(region), name.trim_start_matches('/'))
            }
        };
        let attempt_timeout = self.connection.attempt_timeout();
        Call { action, resource: name.to_owned(), arn, region, attempt_timeout }
    }

    /// A call that AWS allows or denies for all parameters at once.
    fn about_all(&self, action: &'static str, path: &str) -> Call<'_> {
        Call { arn: "*".to_owned(), ..self.about(action, path) }
    }

    /// Adds the help to messages that only Parameter Store has.
    fn explained(&self, mut failure: Failure) -> Failure {
        let region = self.connection.region();
        let help = match failure.code.as_deref() {
            Some("ParameterNotFound" | "InvalidResourceId") => format!(
                "check the name, and the region: the call went to {region} (AWS_REGION)"
            ),
            Some("ParameterVersionNotFound") => {
                "the hundred newest versions are kept; `history` lists them".to_owned()
            }
            Some("ParameterMaxVersionLimitExceeded") => {
                "the oldest of its 100 versions carries a label, so that none can be dropped: move the label to a newer \
                 version (`aws ssm label-parameter-version`)"
                    .to_owned()
            }
            Some("ParameterVersionLabelLimitExceeded") => {
                "a version carries at most 10 labels: take some off (`aws ssm unlabel-parameter-version`)".to_owned()
            }
            Some("ParameterLimitExceeded") => format!(
                "this account holds as many parameters as {region} allows: delete some, or use the advanced tier"
            ),
            Some("HierarchyLevelLimitExceededException") => "use at most 15 levels in the name".to_owned(),
            Some("HierarchyTypeMismatchException" | "UnsupportedParameterType") => {
                "a parameter keeps its type (String or SecureString): release under its type or another name".to_owned()
            }
            Some("ParameterPatternMismatchException") => {
                "the parameter has an allowed pattern that this value does not match: change the one or the other"
                    .to_owned()
            }
            Some("InvalidKeyId") => format!(
                "check the KMS key of the SecureString: it must exist in {region}, be enabled, and be allowed to the role"
            ),
            _ => return failure,
        };
        failure.help = Some(help);
        failure
    }
}

/// Whether the failure says that there is no such parameter, version or label.
fn is_absent(failure: &Failure) -> bool {
    let codes = ["ParameterNotFound", "ParameterVersionNotFound"];
    failure.class == FailureClass::Missing
        && failure.code.as_deref().is_some_and(|code| codes.contains(&code))
}
