//! What encrypts every connection: `rustls` with `ring`. The SDK's default is `aws-lc`, which takes a tenth of the image
//! and half a minute of a first build.

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// For the SDK's HTTP client.
pub fn provider() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}

/// For clients that take what the process has. A second call keeps the first's.
pub fn for_the_process() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
