//! The floor of a throughput, measured: the same number of calls, as many at a time, made by threads
//! that do nothing else. What loopback, timers and the stand-in take is in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Where is my order?"}]}],"inferenceConfig":{"maxTokens":200}}"#;

/// How long `calls` take with `at_once` in flight.
pub fn measure(url: &str, calls: u64, at_once: usize) -> Duration {
    let address = url.strip_prefix("http://").expect("plain HTTP").trim_end_matches('/');
    let left = AtomicU64::new(calls);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| client(address, &left));
        }
    });
    begun.elapsed()
}

fn client(address: &str, left: &AtomicU64) {
    let mut stream = TcpStream::connect(address).expect("the stand-in listens");
    stream.set_nodelay(true).expect("a socket");
    let mut answers = BufReader::new(stream.try_clone().expect("a socket"));
    let request = format!(
        "POST /model/amazon.nova-lite-v1%3A0/converse HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer key\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let one_less = |left: u64| left.checked_sub(1);
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
        stream.write_all(request.as_bytes()).expect("it is sent");
        answer(&mut answers);
    }
}

fn answer(answers: &mut impl BufRead) {
    let mut line = String::new();
    answers.read_line(&mut line).expect("a status");
    assert!(line.contains(" 200 "), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        answers.read_line(&mut line).expect("a header");
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    answers.take(length).read_to_end(&mut Vec::new()).expect("a body");
}
