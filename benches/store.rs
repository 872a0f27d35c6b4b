//! The database with a million answers: how long until it is open and a thousand of them are found. And what
//! sealing costs: answers kept and found with a store key, beside the same without one in the same run.
//!
//! `cargo bench --bench store`

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prompt_assay::adapters::database::Database;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::model::{Request, Response, Usage};
use prompt_assay::seal::{Seals, StoreKeys};
use prompt_assay::store::{Store, StoredAnswer};
use prompt_assay::trial::AnswerKey;
use rusqlite::Connection;

const ANSWERS: u32 = 1_000_000;
const LOOK_UPS: u32 = 1_000;
const ROUNDS: usize = 11;

/// Answers that are kept and found to see what a seal costs.
const SEALED: u32 = 20_000;
/// The most that sealing may cost, in parts of the same without a key.
const MOST_TO_KEEP: f64 = 1.5;
const MOST_TO_FIND: f64 = 2.0;
/// A seal of 32 bytes, and what SQLite needs to say so; and by how much the file grows, in which rows that no longer fit
/// begin another page.
const MOST_BYTES: f64 = 48.0;
const MOST_OF_FILE: f64 = 64.0;

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

/// What so many answers take.
struct Taken {
    /// To keep them.
    kept: Duration,
    /// To find them.
    found: Duration,
    /// Bytes of their rows.
    rows: u64,
    /// Bytes of the file.
    file: u64,
}

fn keep_and_find(seals: &Arc<Seals>) -> Taken {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("assay.db");
    let database = Database::open(&path).expect("it opens").sealed(seals);
    let request = Request {
        system: Some("Answer the customer of a shop in two sentences.".repeat(8)),
        ..Request::new("m", "Where is my order?")
    };
    // Of many lengths: how many rows fit into a page is no matter of 32 bytes then.
    let answers: Vec<StoredAnswer> = (0..97)
        .map(|n| StoredAnswer {
            response: Response {
                usage: Usage { input: 120, output: 80, cache_read: 0, cache_write: 0 },
                latency_ms: Some(900),
                ..Response::saying("Your order is on its way. ".repeat(8) + &"x".repeat(n * 7))
            },
            bought_by: Fingerprint::of_bytes(b"comparison"),
        })
        .collect();
    let begun = Instant::now();
    for n in 0..SEALED {
        let answer = &answers[n as usize % answers.len()];
        database.keep_answer(key(n), &request, answer).expect("it is kept");
    }
    let kept = begun.elapsed();
    let begun = Instant::now();
    for n in 0..SEALED {
        assert!(database.answer(key(n)).expect("it is read").is_some(), "answer {n}");
    }
    let found = begun.elapsed();
    drop(database);
    let rows: i64 = Connection::open(&path)
        .expect("it opens")
        .query_row("SELECT sum(payload) FROM dbstat WHERE name = 'answers'", [], |row| row.get(0))
        .expect("SQLite tells");
    let (rows, file) = (rows.unsigned_abs(), std::fs::metadata(&path).expect("a file").len());
    Taken { kept, found, rows, file }
}

/// The medians of rounds in turn, so that a busy machine is busy for both.
fn sealing() {
    let keys = StoreKeys::read(&"0123456789abcdef".repeat(4)).expect("a good key").expect("a key");
    let both = [Arc::default(), Arc::new(Seals::of(&keys))];
    let mut taken: [Vec<Taken>; 2] = Default::default();
    for _ in 0..5 {
        for (seals, taken) in both.iter().zip(&mut taken) {
            taken.push(keep_and_find(seals));
        }
    }
    let median = |taken: &[Taken], of: fn(&Taken) -> Duration| {
        let mut all: Vec<f64> = taken.iter().map(|taken| of(taken).as_secs_f64()).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let [plain, sealed] = &taken;
    let more = |of: fn(&Taken) -> u64| (of(&sealed[0]) as f64 - of(&plain[0]) as f64) / f64::from(SEALED);
    let (rows, file) = (more(|taken| taken.rows), more(|taken| taken.file));
    println!("store: {SEALED} answers sealed with a store key, beside the same without one");
    println!("  {rows:.1} bytes an answer, at most {MOST_BYTES}; the file {file:.1}, at most {MOST_OF_FILE}");
    assert!(rows < MOST_BYTES && file < MOST_OF_FILE, "too large");
    for (what, of, most) in [
        ("keep", (|taken| taken.kept) as fn(&Taken) -> Duration, MOST_TO_KEEP),
        ("find", |taken| taken.found, MOST_TO_FIND),
    ] {
        let (with, without) = (median(sealed, of), median(plain, of));
        let a_second = |seconds: f64| f64::from(SEALED) / seconds;
        println!(
            "  {what}   {:>8.0} a second   without: {:.0}   {:.2} x, at most {most} x",
            a_second(with),
            a_second(without),
            with / without
        );
        assert!(with / without < most, "too slow");
    }
}

fn main() {
    sealing();
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
