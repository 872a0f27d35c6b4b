//! The run's own store above the shared one: new entries are also written to the shared store, and
//! missing entries can be fetched from it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{AT_ONCE, Shared, answer_name, comparison_name, evaluated_name, evidence_name};
use crate::adapters::clock;
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::model::Request;
use crate::prompt::Tier;
use crate::report::json;
use crate::store::entry::{AnswerEntry, Entry};
use crate::store::pending::PendingJob;
use crate::store::remote::{Finding, RemoteAnswers};
use crate::store::{ComparisonStart, Note, RunRecord, Store, StoreError, StoredAnswer};
use crate::trial::{AnswerKey, Trial};

/// A store and the shared store behind it.
pub struct Layered {
    local: Arc<dyn Store>,
    shared: Arc<Shared>,
    missed: Arc<Mutex<Missed>>,
}

/// Keys that were looked up in the store and not found.
#[derive(Default)]
struct Missed {
    answers: BTreeSet<AnswerKey>,
    comparisons: BTreeSet<Fingerprint>,
    /// Comparisons that no run began before this one: no store has their fresh answers.
    new: BTreeSet<Fingerprint>,
}

impl Layered {
    /// Puts a store above the shared one.
    pub fn new(local: Arc<dyn Store>, shared: Arc<Shared>) -> Self {
        Self { local, shared, missed: Arc::default() }
    }

    fn missed(&self) -> std::sync::MutexGuard<'_, Missed> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the answers that were not found since the last time; false: nothing new was found.
    ///
    /// # Errors
    /// When the run's own store cannot be written.
    pub async fn bring_missed(&self) -> Result<bool, StoreError> {
        let (answers, comparisons) = {
            let mut missed = self.missed();
            (std::mem::take(&mut missed.answers), std::mem::take(&mut missed.comparisons))
        };
        let mut found = false;
        for key in comparisons {
            let fits = |entry| match entry {
                Entry::Comparison { key: named, paid, .. } if named == key => Some(ComparisonStart { paid }),
                _ => None,
            };
            match self.shared.find(&comparison_name(key), fits).await {
                Some(start) => {
                    self.local.begin_comparison(key, start)?;
                    found = true;
                }
                None => drop(self.missed().new.insert(key)),
            }
        }
        let mut looks = tokio::task::JoinSet::new();
        let mut waiting = answers.into_iter();
        loop {
            while looks.len() < AT_ONCE
                && let Some(key) = waiting.next()
            {
                let (local, shared) = (Arc::clone(&self.local), Arc::clone(&self.shared));
                looks.spawn(async move { bring(local.as_ref(), &shared, key, None).await });
            }
            match looks.join_next().await {
                Some(Ok(brought)) => found |= brought?,
                Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
                None => return Ok(found),
            }
        }
    }

    /// Fetches the evidence of contents without known evidence here.
    ///
    /// # Errors
    /// When the run's own store fails.
    pub async fn bring_evidence(
        &self,
        contents: impl IntoIterator<Item = Fingerprint>,
    ) -> Result<(), StoreError> {
        let mut unknown = BTreeSet::new();
        for content in contents {
            if self.local.evidence(content)?.is_empty() {
                unknown.insert(content);
            }
        }
        for evidence in self.shared.evidence(unknown).await {
            self.local.keep_evidence(&evidence)?;
        }
        Ok(())
    }
}

/// Fetches an answer into a store; if the request is known, it is compared.
async fn bring(
    local: &dyn Store,
    shared: &Shared,
    key: AnswerKey,
    request: Option<&Request>,
) -> Result<bool, StoreError> {
    let expected = request.map(Request::fingerprint);
    let fits = |entry| match entry {
        Entry::Answer(answer) if answer.key == key => {
            expected.is_none_or(|request| request == answer.request).then_some(answer)
        }
        _ => None,
    };
    let Some(answer) = shared.find(&answer_name(key), fits).await else { return Ok(false) };
    local.keep_foreign(&answer)?;
    Ok(true)
}

impl RemoteAnswers for Layered {
    fn bring(&self, trial: Arc<Trial>) -> Finding {
        if trial.phase.is_fresh() && self.missed().new.contains(&trial.comparison) {
            return Box::pin(async { false });
        }
        let (local, shared) = (Arc::clone(&self.local), Arc::clone(&self.shared));
        Box::pin(async move {
            let brought = bring(local.as_ref(), &shared, trial.key, Some(&trial.request)).await;
            brought.unwrap_or_else(|error| {
                // The same store fails again when the bought answer is stored, and that error is reported.
                tracing::debug!(%error, "an answer of the shared store was not kept");
                false
            })
        })
    }
}

/// The store as the run sees it; cheap to clone.
#[derive(Clone)]
pub struct Handle(pub Arc<Layered>);

impl Store for Handle {
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        let found = self.0.local.answer(key)?;
        if found.is_none() {
            self.0.missed().answers.insert(key);
        }
        Ok(found)
    }

    fn keep_answer(
        &self,
        key: AnswerKey,
        request: &Request,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        self.0.local.keep_answer(key, request, answer)?;
        let name = answer_name(key);
        // With `--fresh` nothing was looked up: then the newest answer replaces the others.
        let replaces = !self.0.shared.is_absent(&name) && !self.0.missed().new.contains(&answer.bought_by);
        let entry = Entry::Answer(AnswerEntry {
            key,
            request: request.fingerprint(),
            model: request.model.clone(),
            bought_by: answer.bought_by,
            at: clock::now(),
            response: answer.response.clone(),
            seal: None,
        });
        self.0.shared.share(name, entry, replaces);
        Ok(())
    }

    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError> {
        self.0.local.keep_foreign(answer)
    }

    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError> {
        let found = self.0.local.comparison(key)?;
        if found.is_none() {
            self.0.missed().comparisons.insert(key);
        }
        Ok(found)
    }

    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.0.local.begin_comparison(key, start)?;
        let entry = Entry::Comparison { key, paid: start.paid, at: clock::now(), seal: None };
        if self.0.missed().new.contains(&key) {
            self.0.shared.share(comparison_name(key), entry, false);
        }
        Ok(())
    }

    fn restart_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.0.local.restart_comparison(key, start)?;
        let entry = Entry::Comparison { key, paid: start.paid, at: clock::now(), seal: None };
        self.0.shared.share(comparison_name(key), entry, true);
        Ok(())
    }

    fn is_pruned(&self, comparison: Fingerprint) -> Result<bool, StoreError> {
        self.0.local.is_pruned(comparison)
    }

    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>> {
        let remote: Arc<dyn RemoteAnswers> = Arc::<Layered>::clone(&self.0);
        Some(remote)
    }

    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError> {
        self.0.local.keep_run(run)?;
        // What one shard found says nothing about the others.
        let on_main =
            json::parse(&run.report).ok().filter(|report| report.tier == Tier::Main && report.part.is_none());
        if let Some(commit) = on_main.and_then(|report| report.head.commit) {
            let entry = Entry::Evaluated { commit: commit.clone(), at: run.ended_at };
            self.0.shared.share(evaluated_name(&commit), entry, false);
        }
        Ok(())
    }

    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError> {
        self.0.local.pending_jobs()
    }

    fn keep_job(&self, job: &PendingJob) -> Result<(), StoreError> {
        self.0.local.keep_job(job)
    }

    fn forget_job(&self, name: &str) -> Result<(), StoreError> {
        self.0.local.forget_job(name)
    }

    fn note(&self, kind: Note, key: Fingerprint) -> Result<Option<String>, StoreError> {
        self.0.local.note(kind, key)
    }

    fn keep_note(&self, kind: Note, key: Fingerprint, text: &str) -> Result<(), StoreError> {
        self.0.local.keep_note(kind, key, text)
    }

    fn keep_evidence(&self, evidence: &Evidence) -> Result<(), StoreError> {
        self.0.local.keep_evidence(evidence)?;
        let entry = Entry::Evidence { record: Box::new(evidence.clone()), at: clock::now(), seal: None };
        self.0.shared.share(evidence_name(evidence), entry, false);
        Ok(())
    }

    fn evidence(&self, content: Fingerprint) -> Result<Vec<Evidence>, StoreError> {
        self.0.local.evidence(content)
    }

    fn look_at_runs(&self, limit: usize, look: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError> {
        self.0.local.look_at_runs(limit, look)
    }
}
