//! The database with a million answers: how long until it is open and a thousand of them are found.
//!
//! `cargo bench --bench store`

use std::path::Path;
use std::time::{Duration, Instant};

use prompt_assay::adapters::database::Database;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::store::Store;
use prompt_assay::trial::AnswerKey;
use rusqlite::Connection;

const ANSWERS: u32 = 1_000_000;
const LOOK_UPS: u32 = 1_000;
const ROUNDS: usize = 11;

/// As SQLite's own functions can make them, too: 32 bytes that differ by their number.
fn key(n: u32) -> AnswerKey {
    let mut bytes = [0; 32];
    // Keys are hashes, so neighbours in time are far apart in the index.
    bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes[28..].copy_from_slice(&n.to_be_bytes());
    AnswerKey(Fingerprint::from_bytes(bytes))
}

/// Rows of the usual length, in one transaction: how they come in is measured elsewhere.
fn fill(path: &Path) {
    drop(Database::open(path).expect("it opens"));
    let mut connection = Connection::open(path).expect("it opens");
    let transaction = connection.transaction().expect("a transaction");
    let response = format!(
        r#"{{"text":"{}","tool_calls":[],"stop":"end_turn","usage":{{"input":120,"output":80,"cache_read":0,"cache_write":0}},"latency_ms":900}}"#,
        "Your order is on its way and will arrive on Tuesday. ".repeat(8)
    );
    let sql = "INSERT INTO answers (key, model, request, response, input_tokens, output_tokens, cache_read_tokens, \
               cache_write_tokens, bought_by, created_at) VALUES (?1, 'm', ?1, ?2, 120, 80, 0, 0, ?1, 1790000000)";
    {
        let mut insert = transaction.prepare(sql).expect("our table");
        for n in 0..ANSWERS {
            insert.execute(rusqlite::params![key(n).0.as_bytes(), response]).expect("a row");
        }
    }
    transaction.commit().expect("committed");
}

/// Opens and looks up, spread over the whole file; returns the times of both.
fn look(path: &Path, round: u32) -> (Duration, Duration) {
    let begun = Instant::now();
    let database = Database::open(path).expect("it opens");
    let opened = begun.elapsed();
    for n in 0..LOOK_UPS {
        let n = (n * (ANSWERS / LOOK_UPS) + round * 37) % ANSWERS;
        assert!(database.answer(key(n)).expect("it is read").is_some(), "answer {n}");
    }
    (opened, begun.elapsed())
}

fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("assay.db");
    fill(&path);
    let bytes = std::fs::metadata(&path).expect("a file").len();
    let mut times: Vec<(Duration, Duration)> = (0..).map(|round| look(&path, round)).take(ROUNDS).collect();
    times.sort_by_key(|(_, whole)| *whole);
    let (opened, whole) = times[ROUNDS / 2];
    let floor = {
        let begun = Instant::now();
        drop(Connection::open(&path).expect("it opens"));
        begun.elapsed()
    };
    println!("store: {ANSWERS} answers, {} MB", bytes / 1_000_000);
    println!("  open                      {opened:>10.1?}   SQLite alone: {floor:.1?}");
    println!("  open and look up {LOOK_UPS}     {whole:>10.1?}   at most 100 ms");
    assert!(whole < Duration::from_millis(100), "too slow");
}
