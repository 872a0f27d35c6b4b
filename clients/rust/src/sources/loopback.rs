//! The small local HTTP servers of AWS: on loopback, without TLS and proxies.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any of their replies: AppConfig hosts at most 2 MB.
const MOST_BYTES: u64 = 4 << 20;

/// A reply with status 200.
#[derive(Debug)]
pub(super) struct Reply {
    head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The server's reply; `None` if there is no server, or no good reply in time. Then the store
/// itself is asked, and reports the error.
pub(super) async fn get(port: u16, path: &str, headers: &[(&str, &str)], limit: Duration) -> Option<Reply> {
    tokio::time::timeout(limit, ask(port, path, headers)).await.ok()?
}

/// Version 1.0 of the protocol: the reply ends with the connection, and is in one piece.
async fn ask(port: u16, path: &str, headers: &[(&str, &str)]) -> Option<Reply> {
    let mut stream = TcpStream::connect(("localhost", port)).await.ok()?;
    let mut request = format!("GET {path} HTTP/1.0\r\nhost: localhost:{port}\r\n");
    for (name, value) in headers.iter().filter(|(_, value)| !value.contains(['\r', '\n'])) {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all((request + "\r\n").as_bytes()).await.ok()?;
    let mut reply = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut reply).await.ok()?;
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n")?;
    let body = reply.split_off(end + 4);
    let head = String::from_utf8(reply).ok()?;
    let reply = Reply { head, body };
    let is_good = reply.head.split(' ').nth(1) == Some("200");
    let length = reply.header("content-length").map_or(Ok(reply.body.len()), str::parse);
    (is_good && length == Ok(reply.body.len())).then_some(reply)
}

/// A value as part of a path or a query.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}
