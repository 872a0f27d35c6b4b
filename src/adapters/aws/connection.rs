//! How to reach AWS: region, endpoints, credentials, time limits; one attempt per call.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::ServiceConfigKey;

use super::credentials::{Keys, Source, Unusable};
use crate::adapters::tls;

/// The region that the environment or the profile names. Asks nobody.
pub async fn region() -> Option<String> {
    let written = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new());
    written.region().await.map(|region| region.to_string()).filter(|region| !region.is_empty())
}

/// How to reach AWS. What is not set comes from the environment and the shared AWS configuration
/// files, as the AWS SDKs read them.
#[derive(Clone, Debug)]
pub struct Options {
    /// Instead of `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` or AWS's own.
    pub endpoint_url: Option<String>,
    /// Instead of `AWS_REGION` and the profile's region.
    pub region: Option<String>,
    /// Instead of the whole credential chain.
    pub keys: Option<Keys>,
    /// Time limit of one attempt, from connecting to the last byte.
    pub attempt_timeout: Duration,
    /// Time limit of connecting, a part of the attempt.
    pub connect_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint_url: None,
            region: None,
            keys: None,
            attempt_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// What the clients of all services are made from. Cheap to clone; clones share credentials.
#[derive(Clone, Debug)]
pub struct Connection {
    shared: SdkConfig,
    source: Source,
    region: String,
    attempt_timeout: Duration,
}

/// As the SDK's default, but for TLS.
fn https() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(tls::provider());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

impl Connection {
    /// Reads the configuration. Connects to nothing, except that without any configured region
    /// the EC2 metadata service is asked for it, which gives up within a few seconds;
    /// `AWS_EC2_METADATA_DISABLED=true` prevents this.
    ///
    /// # Errors
    /// [`Unusable::NoRegion`].
    pub async fn open(options: Options) -> Result<Self, Unusable> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https());
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(region) = options.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(keys) = &options.keys {
            loader = loader.credentials_provider(keys.for_sdk());
        }
        let loaded = loader.load().await;
        let Some(region) = loaded.region().map(ToString::to_string).filter(|region| !region.is_empty())
        else {
            return Err(Unusable::NoRegion);
        };
        let source = Source::new(loaded.credentials_provider(), options.keys.is_some());
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(options.attempt_timeout)
            .connect_timeout(options.connect_timeout)
            .build();
        // Set after loading, so that credential providers keep their own.
        // A model may need minutes before its first byte; the attempt's time limit applies.
        let shared = loaded
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .credentials_provider(source.provider())
            .build();
        Ok(Self { shared, source, region, attempt_timeout: options.attempt_timeout })
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Time limit of one attempt.
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// Whether the credential chain was replaced by given keys.
    pub fn has_given_keys(&self) -> bool {
        self.source.given()
    }

    /// Finds credentials, before anything is asked or spent.
    ///
    /// # Errors
    /// [`Unusable::NoCredentials`].
    pub async fn ready(&self) -> Result<(), Unusable> {
        self.source.ready().await
    }

    /// What a service's client is built from: `aws_sdk_ssm::Client::new(connection.config())`.
    pub fn config(&self) -> &SdkConfig {
        &self.shared
    }

    /// The endpoint that is configured for a service instead of AWS's own; `service` is its id,
    /// such as `S3`.
    pub fn endpoint_of(&self, service: &str) -> Option<String> {
        let given = || self.shared.endpoint_url().map(str::to_owned);
        if self.shared.get_origin("endpoint_url").is_client_config() {
            return given();
        }
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        self.shared.service_config().and_then(|services| services.load_config(key)).or_else(given)
    }
}
