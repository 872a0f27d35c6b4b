//! What a store holds: SSM, S3, the shared store, and the database.

use std::io::Write;

use prompt_assay::adapters::database::Database;
use prompt_assay::evidence;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::release::audit::Audit;
use prompt_assay::release::value::{self, Held};
use prompt_assay::seal::Seals;
use prompt_assay::store::Store;
use prompt_assay::store::entry::Entry;
use prompt_assay::trial::AnswerKey;

pub fn stored_values(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = value::decode(&text);
    // Whatever a prompt's text is, even one that looks like an envelope, readers get exactly it.
    let encoded = value::encode(&text);
    assert_eq!(value::decode(&encoded), Ok(Held::Text(text.clone().into_owned())), "another text comes back");
    assert_eq!(value::digest_of(&encoded), Ok(value::digest(&text)), "another digest comes back");
    if let Some(audit) = Audit::read(&text) {
        assert!(audit.write().is_ascii(), "AWS takes no other description");
    }
    let _ = evidence::parse(&text, &Seals::default());
    if let Ok(entry) = Entry::of_line(&text) {
        assert_eq!(Entry::of_line(&entry.to_line()).as_ref(), Ok(&entry), "another entry comes back");
    }
}

pub fn database(bytes: &[u8]) {
    let directory = crate::temporary::directory();
    let path = directory.path().join("assay.db");
    std::fs::write(&path, bytes).expect("a file");
    let Ok(database) = Database::open(&path) else { return };
    let key = Fingerprint::of_bytes(b"a");
    let _ = database.answer(AnswerKey(key));
    let _ = database.comparison(key);
    let _ = database.evidence(key);
    let _ = database.pending_jobs();
    let _ = database.look_at_runs(10, &mut |run| assert!(run.report.len() <= bytes.len()));
    let _ = database.stats();
    let mut out = Sink(0);
    let _ = database.export(&mut out);
}

/// Counts what is written, and takes no more than any database of that size holds.
struct Sink(usize);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        assert!(self.0 < 64 << 20, "an export without end");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
