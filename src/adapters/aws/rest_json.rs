//! Calls of a service whose SDK crate is not used, by the SDK's own runtime: credentials, signature, endpoints, time
//! limits and errors are those of the other services. Requests and answers are plain JSON.

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::{Operation, OperationBuilder};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use serde_json::Value;

use super::Connection;
use crate::iam::partition;

/// A service with AWS's protocol `rest-json`.
#[derive(Clone, Copy, Debug)]
pub struct RestJson {
    /// Its id, such as `Bedrock Agent`, which names its variable for an endpoint.
    pub id: &'static str,
    /// The first word of its host.
    pub host: &'static str,
    /// What requests are signed for.
    pub signed_for: &'static str,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with [`encoded`] values.
    pub path: String,
    /// Values of the query; those that are `None` are left out.
    pub query: Vec<(&'static str, Option<String>)>,
    /// The body.
    pub body: Option<Value>,
}

/// A failed call, as the SDK's clients give it.
pub type CallError = SdkError<ErrorMetadata, HttpResponse>;

impl RestJson {
    /// Makes a call once; the answer's body, null if there is none.
    ///
    /// # Errors
    /// As for every call of the SDK.
    pub async fn call(
        self,
        connection: &Connection,
        operation: &'static str,
        sent: Sent,
    ) -> Result<Value, CallError> {
        self.operation(connection, operation)
            .serializer(request)
            .deserializer(read)
            .build()
            .invoke(sent)
            .await
    }

    fn operation(self, connection: &Connection, operation: &'static str) -> OperationBuilder {
        let config = connection.config();
        let mut layer = Layer::new("service");
        layer.store_put(SigningRegion::from(Region::new(connection.region().to_owned())));
        layer.store_put(SigningName::from_static(self.signed_for));
        layer.store_put(SigV4OperationSigningConfig::default());
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(ApiMetadata::new(self.host, env!("CARGO_PKG_VERSION")));
        let mut components = RuntimeComponentsBuilder::new("service");
        let schemes = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        components.set_auth_scheme_option_resolver(Some(schemes));
        components.push_auth_scheme(SigV4AuthScheme::new());
        if let Some(credentials) = config.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, credentials);
        }
        components.set_identity_cache(config.identity_cache());
        components.set_http_client(config.http_client());
        components.set_sleep_impl(config.sleep_impl());
        components.set_time_source(config.time_source());
        let mut builder = Operation::builder()
            .service_name(self.id)
            .operation_name(operation)
            .endpoint_url(&self.endpoint(connection))
            .no_retry()
            .with_connection_poisoning()
            .interceptor(UserAgentInterceptor::new());
        if let Some(version) = config.behavior_version() {
            builder = builder.behavior_version(version);
        }
        if let Some(timeouts) = config.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        if let Some(protection) = config.stalled_stream_protection() {
            builder = builder.stalled_stream_protection(protection);
        }
        let plugin = StaticRuntimePlugin::new().with_config(layer.freeze());
        builder.runtime_plugin(plugin.with_runtime_components(components))
    }

    /// As the rules of AWS's endpoints say, unless a variable or a profile names another.
    fn endpoint(self, connection: &Connection) -> String {
        let config = connection.config();
        let is = |flag: Option<bool>| flag.unwrap_or_default();
        connection.endpoint_of(self.id).unwrap_or_else(|| {
            host(self.host, connection.region(), is(config.use_fips()), is(config.use_dual_stack()))
        })
    }
}

/// The address of a service in a region.
fn host(service: &str, region: &str, fips: bool, dual_stack: bool) -> String {
    let domain = match (partition(region), dual_stack) {
        ("aws-cn", false) => "amazonaws.com.cn",
        ("aws-cn", true) => "api.amazonwebservices.com.cn",
        ("aws-iso", _) => "c2s.ic.gov",
        ("aws-iso-b", _) => "sc2s.sgov.gov",
        ("aws-eusc", _) => "amazonaws.eu",
        (_, false) => "amazonaws.com",
        (_, true) => "api.aws",
    };
    let suffix = if fips { "-fips" } else { "" };
    format!("https://{service}{suffix}.{region}.{domain}")
}

fn request(sent: Sent) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let given = sent.query.iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    let query: Vec<String> = given.map(|(key, value)| format!("{key}={}", encoded(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let body = sent.body.as_ref().map(ToString::to_string);
    let mut request = HttpRequest::new(body.as_deref().map_or_else(SdkBody::empty, SdkBody::from));
    request.set_method(sent.method)?;
    request.set_uri(format!("{}{mark}{}", sent.path, query.join("&")))?;
    if let Some(body) = &body {
        request.headers_mut().insert("content-type", "application/json");
        request.headers_mut().insert("content-length", body.len().to_string());
    }
    Ok(request)
}

fn read(response: &HttpResponse) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let body = match bytes.is_empty() {
        true => Ok(Value::Null),
        false => serde_json::from_slice::<Value>(bytes),
    };
    if response.status().is_success() {
        return body.map_err(|error| OrchestratorError::response(error.into()));
    }
    let body = body.unwrap_or_default();
    let text = |keys: &[&str]| keys.iter().find_map(|key| body[key].as_str()).map(str::to_owned);
    let code = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let code = code.or_else(|| text(&["code", "__type"]));
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code.as_deref().map(bare) {
        metadata = metadata.code(code);
    }
    if let Some(message) = text(&["message", "Message", "errorMessage"]) {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(metadata.build()))
}

/// A code without the address behind it and the namespace before it.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

/// A value of a path or a query.
pub fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_host() {
        let hosts = [
            host("bedrock-agent", "eu-central-1", false, false),
            host("bedrock-agent", "us-gov-west-1", true, false),
            host("bedrock-agent", "us-east-1", true, true),
            host("bedrock-agent", "cn-north-1", false, false),
        ];
        insta::assert_snapshot!(hosts.join("\n"), @"
        https://bedrock-agent.eu-central-1.amazonaws.com
        https://bedrock-agent-fips.us-gov-west-1.amazonaws.com
        https://bedrock-agent-fips.us-east-1.api.aws
        https://bedrock-agent.cn-north-1.amazonaws.com.cn
        ");
    }

    #[test]
    fn values_and_codes_are_plain() {
        assert_eq!(encoded("a b/ä:?&=~"), "a%20b%2F%C3%A4%3A%3F%26%3D~");
        for code in ["Conflict", "com.amazon#Conflict", "Conflict:http://internal.amazon.com/coral/"] {
            assert_eq!(bare(code), "Conflict");
        }
    }
}
