//! Data that is kept between runs: paid answers, comparisons and runs. This module has the trait,
//! and a store in memory; the database is an adapter.

mod apart;
pub mod entry;
pub mod location;
pub mod pending;
pub mod remote;
pub mod stats;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::apart::Apart;
use self::entry::AnswerEntry;
use self::pending::PendingJob;
pub use self::remote::{Finding, RemoteAnswers};
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::model::{Request, Response};
use crate::trial::AnswerKey;

/// The store could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database `{path}` {what}")]
pub struct StoreError {
    /// The database's path.
    pub path: String,
    /// What went wrong, and what to do about it.
    pub what: String,
}

/// An answer as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAnswer {
    /// What the model said.
    pub response: Response,
    /// The comparison that bought it.
    pub bought_by: Fingerprint,
}

/// The facts that are fixed when a comparison begins, so that running it again replays it
/// (decisions.md#a-comparison-is-stored).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparisonStart {
    /// Whether every baseline screening answer was to be bought in this comparison.
    pub paid: bool,
}

/// What is learnt in one run and of use in later ones. No verdict depends on it, but for [`Note::Contents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// What a model refuses, by the model.
    Refused,
    /// How well a judge agrees with people, by the judge.
    Calibration,
    /// What the gate did with edits whose effect is known, by the prompt's name and the model.
    Selftest,
    /// How the cases answered to the contents that stood on the base, by the prompt's name and the model. It weighs in
    /// verdicts, so it is used only where everything in the store counts.
    Contents,
}

impl Note {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Note::Refused => "refused",
            Note::Calibration => "calibration",
            Note::Selftest => "selftest",
            Note::Contents => "contents",
        }
    }
}

/// One finished run, for history and `report`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// When it ended, seconds since 1970-01-01 UTC.
    pub ended_at: u64,
    /// The public JSON report.
    pub report: String,
}

/// Paid answers, comparisons and runs. No method has a default: otherwise a store above another one
/// could omit a method.
pub trait Store: Send + Sync {
    /// A stored answer.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError>;

    /// Stores an answer before it is used, so that it is never paid twice. The newest entry counts:
    /// an answer that is bought again on purpose replaces the older one.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_answer(&self, key: AnswerKey, request: &Request, answer: &StoredAnswer)
    -> Result<(), StoreError>;

    /// Stores an answer that was bought elsewhere, unless there is one already. It keeps its seal,
    /// which is checked when it is read; without a seal it counts as bought by this run.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError>;

    /// How a comparison began, if it ever did.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError>;

    /// Stores how a comparison began; the first entry counts.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError>;

    /// Stores how a comparison began that is bought again on purpose (`--fresh`). It replaces the
    /// earlier entry, because the answers of that entry are replaced.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn restart_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError>;

    /// Whether answers of a comparison may have been pruned since: then missing answers are bought
    /// again, and the report of its verdict must say so.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn is_pruned(&self, comparison: Fingerprint) -> Result<bool, StoreError>;

    /// Batch jobs whose answers are not stored yet, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError>;

    /// Remembers a batch job, before it is submitted and again when it has its ARN.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_job(&self, job: &PendingJob) -> Result<(), StoreError>;

    /// Forgets a batch job whose answers are stored.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn forget_job(&self, name: &str) -> Result<(), StoreError>;

    /// The remote source of answers that are missing here; it takes time.
    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>>;

    /// Remembers a finished run.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError>;

    /// Hands over the newest runs one after the other, newest first: each has all its cases, and together they may not
    /// fit into the memory. `look` must not use the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn look_at_runs(&self, limit: usize, look: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError>;

    /// What was noted last.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn note(&self, kind: Note, key: Fingerprint) -> Result<Option<String>, StoreError>;

    /// Notes a text, in place of what was noted before.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_note(&self, kind: Note, key: Fingerprint, text: &str) -> Result<(), StoreError>;

    /// Remembers evidence; the same record twice is one.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_evidence(&self, evidence: &Evidence) -> Result<(), StoreError>;

    /// All evidence of a content, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn evidence(&self, content: Fingerprint) -> Result<Vec<Evidence>, StoreError>;
}

/// A store in memory: for tests and for runs that store nothing.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    answers: BTreeMap<AnswerKey, StoredAnswer>,
    comparisons: BTreeMap<Fingerprint, ComparisonStart>,
    jobs: BTreeMap<String, PendingJob>,
    notes: BTreeMap<(Note, Fingerprint), String>,
    runs: Vec<RunRecord>,
    evidence: Vec<Evidence>,
}

impl MemoryStore {
    /// How many answers it holds.
    pub fn answers(&self) -> usize {
        self.contents().answers.len()
    }

    // A panic elsewhere cannot leave a map incomplete: data behind a poisoned lock is consistent.
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        Ok(self.contents().answers.get(&key).cloned())
    }

    fn keep_answer(
        &self,
        key: AnswerKey,
        _request: &Request,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        self.contents().answers.insert(key, answer.clone());
        Ok(())
    }

    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError> {
        self.contents().answers.entry(answer.key).or_insert_with(|| answer.clone().stored());
        Ok(())
    }

    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError> {
        Ok(self.contents().comparisons.get(&key).copied())
    }

    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.contents().comparisons.entry(key).or_insert(start);
        Ok(())
    }

    fn restart_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.contents().comparisons.insert(key, start);
        Ok(())
    }

    fn is_pruned(&self, _comparison: Fingerprint) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError> {
        Ok(self.contents().jobs.values().cloned().collect())
    }

    fn keep_job(&self, job: &PendingJob) -> Result<(), StoreError> {
        self.contents().jobs.insert(job.name.clone(), job.clone());
        Ok(())
    }

    fn forget_job(&self, name: &str) -> Result<(), StoreError> {
        self.contents().jobs.remove(name);
        Ok(())
    }

    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>> {
        None
    }

    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError> {
        self.contents().runs.push(run.clone());
        Ok(())
    }

    fn look_at_runs(&self, limit: usize, look: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError> {
        self.contents().runs.iter().rev().take(limit).cloned().for_each(look);
        Ok(())
    }

    fn note(&self, kind: Note, key: Fingerprint) -> Result<Option<String>, StoreError> {
        Ok(self.contents().notes.get(&(kind, key)).cloned())
    }

    fn keep_note(&self, kind: Note, key: Fingerprint, text: &str) -> Result<(), StoreError> {
        self.contents().notes.insert((kind, key), text.to_owned());
        Ok(())
    }

    fn keep_evidence(&self, evidence: &Evidence) -> Result<(), StoreError> {
        let mut contents = self.contents();
        contents.evidence.retain(|known| known.id != evidence.id);
        contents.evidence.push(evidence.clone());
        Ok(())
    }

    fn evidence(&self, content: Fingerprint) -> Result<Vec<Evidence>, StoreError> {
        let of_content = |evidence: &&Evidence| evidence.claim.content == content;
        Ok(self.contents().evidence.iter().rev().filter(of_content).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_on_a_comparison_stands_and_runs_come_newest_first() {
        let store = MemoryStore::default();
        let key = Fingerprint::of_bytes(b"comparison");
        store.begin_comparison(key, ComparisonStart { paid: true }).unwrap();
        store.begin_comparison(key, ComparisonStart { paid: false }).unwrap();
        assert_eq!(store.comparison(key), Ok(Some(ComparisonStart { paid: true })));
        store.restart_comparison(key, ComparisonStart { paid: false }).unwrap();
        assert_eq!(store.comparison(key), Ok(Some(ComparisonStart { paid: false })));

        for ended_at in 1..=3 {
            store.keep_run(&RunRecord { ended_at, report: "{}".to_owned() }).unwrap();
        }
        let mut newest = Vec::new();
        store.look_at_runs(2, &mut |run| newest.push(run.ended_at)).unwrap();
        assert_eq!(newest, [3, 2]);
    }
}
