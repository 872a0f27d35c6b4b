//! One exchange with the server: sent once, within limits of time and size, and no redirection followed, because the
//! key is for one address.

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::date_time::Format;

use super::Key;
use crate::adapters::tls;
use crate::cloud::chain;

/// Time limit of connecting.
const CONNECTING: Duration = Duration::from_secs(5);
/// An answer of a hundred thousand tokens has about half a megabyte.
const MOST_BYTES: usize = 32 << 20;

/// How to reach the server.
pub(super) struct Http {
    connector: SharedHttpConnector,
    key: Key,
}

/// What the server said.
pub(super) struct Answered {
    pub(super) status: u16,
    /// How long it asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// Where it says that it is.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The request cannot be sent at all.
    NotBuilt(String),
    /// No connection was made; nothing was sent.
    Unconnected(String),
    /// The connection ended before the answer did.
    Broken(String),
    /// The time was over.
    TimedOut(Duration),
    /// The answer has more bytes than any.
    TooLarge,
}

impl Http {
    /// What HTTPS_PROXY, HTTP_PROXY and NO_PROXY say counts, except for a server on this machine.
    pub(super) fn new(key: Key, is_local: bool) -> Self {
        let proxy = if is_local { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECTING).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .sleep_impl(TokioSleep::new())
            .proxy_config(proxy)
            .tls_provider(tls::provider())
            .build();
        Self { connector: SharedHttpConnector::new(connector), key }
    }

    /// Sends a request; with a body it is a POST.
    pub(super) async fn exchange(
        &self,
        url: &str,
        body: Option<&str>,
        limit: Duration,
    ) -> Result<Answered, NoAnswer> {
        let request = self.request(url, body)?;
        let exchanged = async {
            let response = self.connector.call(request).await.map_err(|error| broken(&error))?;
            read(response).await
        };
        tokio::time::timeout(limit, exchanged).await.unwrap_or(Err(NoAnswer::TimedOut(limit)))
    }

    fn request(&self, url: &str, body: Option<&str>) -> Result<HttpRequest, NoAnswer> {
        let unsendable = |error: &dyn std::fmt::Display| NoAnswer::NotBuilt(error.to_string());
        let mut request = HttpRequest::new(body.map_or_else(SdkBody::empty, SdkBody::from));
        request.set_uri(url).map_err(|error| unsendable(&error))?;
        request
            .set_method(if body.is_some() { "POST" } else { "GET" })
            .map_err(|error| unsendable(&error))?;
        let headers = request.headers_mut();
        headers.insert("accept", "application/json");
        headers.insert("user-agent", concat!("prompt-assay/", env!("CARGO_PKG_VERSION")));
        if let Some(body) = body {
            headers.insert("content-type", "application/json");
            headers.insert("content-length", body.len().to_string());
        }
        if let Some(key) = self.key.value() {
            // The error would quote the key.
            let bearer = format!("Bearer {key}");
            headers.try_insert("authorization", bearer).map_err(|_| unsendable(&"the key is no header"))?;
        }
        Ok(request)
    }
}

async fn read(response: HttpResponse) -> Result<Answered, NoAnswer> {
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let (retry_after, location) = (retry_after(header), header("location"));
    let status = response.status().as_u16();
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    while let Some(bytes) = stream.try_next().await.map_err(|error| NoAnswer::Broken(chain(&error)))? {
        if body.len() + bytes.len() > MOST_BYTES {
            return Err(NoAnswer::TooLarge);
        }
        body.extend_from_slice(&bytes);
    }
    Ok(Answered { status, retry_after, location, body })
}

/// Seconds, milliseconds as OpenAI gives them, or a date.
fn retry_after(header: impl Fn(&str) -> Option<String>) -> Option<Duration> {
    let number = |text: String| text.trim().parse::<f64>().ok();
    let milliseconds = header("retry-after-ms").and_then(number).map(|wait| wait / 1e3);
    if let Some(seconds) = milliseconds.or_else(|| header("retry-after").and_then(number)) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTime::from_str(header("retry-after")?.trim(), Format::HttpDate).ok()?;
    SystemTime::try_from(date).ok()?.duration_since(SystemTime::now()).ok()
}

fn broken(error: &(dyn Error + 'static)) -> NoAnswer {
    let told = chain(error);
    let plain = ["io error: ", "client error (Connect): ", "tcp connect error: ", "dns error: "]
        .iter()
        .fold(told.clone(), |text, lead| text.replace(lead, ""));
    match ["(Connect)", "HTTP connect", "dns error"].iter().any(|word| told.contains(word)) {
        true => NoAnswer::Unconnected(plain),
        false => NoAnswer::Broken(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_retry_after_is_read() {
        let read = |name: &'static str, value: &'static str| {
            retry_after(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(read("retry-after", "20"), Some(Duration::from_secs(20)));
        assert_eq!(read("retry-after", " 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(read("retry-after-ms", "1500"), Some(Duration::from_millis(1500)));
        assert_eq!(read("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), None, "it is over");
        let far = read("retry-after", "Wed, 21 Oct 2415 07:28:00 GMT");
        assert!(far.is_some_and(|wait| wait > Duration::from_secs(1_000_000)));
        for value in ["", "soon", "-1", "inf", "NaN", "1e400"] {
            assert_eq!(read("retry-after", value), None, "{value:?}");
        }
    }
}
