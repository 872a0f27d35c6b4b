//! An answer that was reported as stored survives `kill -9`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use prompt_assay::adapters::database::Database;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::model::{Request, Response};
use prompt_assay::store::{Store, StoredAnswer};
use prompt_assay::trial::AnswerKey;

/// Set for the process that writes until it is killed.
const WRITER: &str = "PROMPT_ASSAY_TEST_WRITER";

fn key(n: usize) -> AnswerKey {
    AnswerKey(Fingerprint::of_bytes(&n.to_le_bytes()))
}

fn answer(n: usize) -> StoredAnswer {
    let response = Response { latency_ms: Some(1), ..Response::saying(format!("{n} ").repeat(200)) };
    StoredAnswer { response, bought_by: Fingerprint::of_bytes(b"comparison") }
}

/// Stores answers for ever and says after each that it is stored.
fn write_until_killed(path: &Path) {
    let request = Request::new("m", "hi");
    let database = Database::open(path).unwrap();
    let first = (0..).find(|n| database.answer(key(*n)).unwrap().is_none()).unwrap();
    for n in first.. {
        database.keep_answer(key(n), &request, &answer(n)).unwrap();
        let mut said = std::io::stderr().lock();
        writeln!(said, "stored {n}").unwrap();
    }
}

#[test]
fn what_is_stored_survives_kill_9() {
    if let Some(path) = std::env::var_os(WRITER) {
        return write_until_killed(Path::new(&path));
    }
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let mut stored = Vec::new();
    for round in 1..=10 {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "database_crash::what_is_stored_survives_kill_9", "--nocapture"])
            .env(WRITER, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(writer.stderr.take().unwrap()).lines().map(Result::unwrap);
        let number = |line: String| line.strip_prefix("stored ").and_then(|n| n.parse::<usize>().ok());
        stored.extend(said.by_ref().filter_map(number).take(7 * round));
        writer.kill().unwrap();
        writer.wait().unwrap();
        stored.extend(said.filter_map(number));
        assert!(stored.len() >= round, "the writer of round {round} wrote nothing");

        let database = Database::open(&path).unwrap();
        for n in &stored {
            assert_eq!(database.answer(key(*n)).unwrap(), Some(answer(*n)), "answer {n}, round {round}");
        }
    }
}
