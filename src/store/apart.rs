//! One provider's part of a store: an answer of a rules file, or of another server, must never replace a model's
//! answer.

use std::sync::Arc;

use super::entry::AnswerEntry;
use super::pending::PendingJob;
use super::remote::{Finding, RemoteAnswers};
use super::{ComparisonStart, Note, RunRecord, Store, StoreError, StoredAnswer};
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::model::Request;
use crate::trial::{AnswerKey, Trial};

/// A part of a store that shares no answer and no comparison with the rest. Runs, jobs and evidence, which names the
/// provider, are common to all parts. It lies above all other stores of a run, so that a store that machines share
/// keeps the parts apart, too.
pub struct Apart {
    whole: Arc<dyn Store>,
    name: Fingerprint,
}

impl Apart {
    /// The part of a store with this name.
    pub fn new(whole: Arc<dyn Store>, name: Fingerprint) -> Self {
        Self { whole, name }
    }

    fn within(&self, key: Fingerprint) -> Fingerprint {
        within(self.name, key)
    }
}

/// The name in the whole store of what a part calls `key`.
fn within(part: Fingerprint, key: Fingerprint) -> Fingerprint {
    Fingerprint::of_json(&("apart", part, key))
}

/// What the whole store can fetch, for a part of it.
struct RemoteApart {
    whole: Arc<dyn RemoteAnswers>,
    name: Fingerprint,
}

impl RemoteAnswers for RemoteApart {
    fn bring(&self, trial: Arc<Trial>) -> Finding {
        let mut named = Trial::clone(&trial);
        named.key = AnswerKey(within(self.name, trial.key.0));
        named.comparison = within(self.name, trial.comparison);
        self.whole.bring(Arc::new(named))
    }
}

impl Store for Apart {
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        self.whole.answer(AnswerKey(self.within(key.0)))
    }

    fn keep_answer(
        &self,
        key: AnswerKey,
        request: &Request,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        let bought_by = self.within(answer.bought_by);
        let answer = StoredAnswer { bought_by, ..answer.clone() };
        self.whole.keep_answer(AnswerKey(self.within(key.0)), request, &answer)
    }

    // A seal is over the names of the whole store. So what is sealed under a part's name does not count.
    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError> {
        let (key, bought_by) = (AnswerKey(self.within(answer.key.0)), self.within(answer.bought_by));
        self.whole.keep_foreign(&AnswerEntry { key, bought_by, ..answer.clone() })
    }

    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError> {
        self.whole.comparison(self.within(key))
    }

    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.whole.begin_comparison(self.within(key), start)
    }

    fn restart_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.whole.restart_comparison(self.within(key), start)
    }

    fn is_pruned(&self, comparison: Fingerprint) -> Result<bool, StoreError> {
        self.whole.is_pruned(self.within(comparison))
    }

    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>> {
        let (whole, name) = (self.whole.remote_answers()?, self.name);
        Some(Arc::new(RemoteApart { whole, name }))
    }

    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError> {
        self.whole.pending_jobs()
    }

    fn keep_job(&self, job: &PendingJob) -> Result<(), StoreError> {
        self.whole.keep_job(job)
    }

    fn forget_job(&self, name: &str) -> Result<(), StoreError> {
        self.whole.forget_job(name)
    }

    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError> {
        self.whole.keep_run(run)
    }

    fn look_at_runs(&self, limit: usize, look: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError> {
        self.whole.look_at_runs(limit, look)
    }

    fn note(&self, kind: Note, key: Fingerprint) -> Result<Option<String>, StoreError> {
        self.whole.note(kind, self.within(key))
    }

    fn keep_note(&self, kind: Note, key: Fingerprint, text: &str) -> Result<(), StoreError> {
        self.whole.keep_note(kind, self.within(key), text)
    }

    fn keep_evidence(&self, evidence: &Evidence) -> Result<(), StoreError> {
        self.whole.keep_evidence(evidence)
    }

    fn evidence(&self, content: Fingerprint) -> Result<Vec<Evidence>, StoreError> {
        self.whole.evidence(content)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::Response;
    use crate::store::MemoryStore;
    use crate::trial::{Lane, Phase, Side, TrialId};

    #[test]
    fn parts_of_a_store_share_runs_and_nothing_else() {
        let whole: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let part = |name: &[u8]| Apart::new(Arc::clone(&whole), Fingerprint::of_bytes(name));
        let (rules, others) = (part(b"rules"), part(b"other rules"));
        let (name, start) = (Fingerprint::of_bytes(b"x"), ComparisonStart { paid: true });
        let (key, request) = (AnswerKey(name), Request::new("m", "hi"));
        rules.keep_answer(key, &request, &answer(name)).unwrap();
        rules.begin_comparison(name, start).unwrap();
        rules.keep_run(&RunRecord { ended_at: 1, report: "{}".to_owned() }).unwrap();
        let found = rules.answer(key).unwrap().map(|found| found.response);
        assert_eq!(found, Some(answer(name).response));
        assert_eq!(rules.comparison(name), Ok(Some(start)));
        for elsewhere in [&others as &dyn Store, whole.as_ref()] {
            assert_eq!((elsewhere.answer(key), elsewhere.comparison(name)), (Ok(None), Ok(None)));
            let mut runs = 0;
            assert_eq!((elsewhere.look_at_runs(9, &mut |_| runs += 1), runs), (Ok(()), 1));
        }
    }

    /// Notes what it was asked for, and finds nothing.
    #[derive(Default)]
    struct Asked(Mutex<Vec<Arc<Trial>>>);

    impl RemoteAnswers for Asked {
        fn bring(&self, trial: Arc<Trial>) -> Finding {
            self.0.lock().unwrap().push(trial);
            Box::pin(async { false })
        }
    }

    #[tokio::test]
    async fn what_is_fetched_for_a_part_has_the_names_that_the_part_stores() {
        let whole: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let name = Fingerprint::of_bytes(b"rules");
        let (key, comparison) = (AnswerKey(Fingerprint::of_bytes(b"x")), Fingerprint::of_bytes(b"y"));
        Apart::new(Arc::clone(&whole), name)
            .keep_answer(key, &Request::new("m", "hi"), &answer(comparison))
            .unwrap();
        let trial = Trial {
            id: TrialId(1),
            lane: Lane::Prompt,
            key,
            comparison,
            request: Request::new("m", "hi"),
            prompt: "p".to_owned(),
            case: "c".to_owned(),
            side: Side::Candidate,
            phase: Phase::Screen,
            replaces_stored: false,
        };
        let asked = Arc::new(Asked::default());
        let remote = RemoteApart { whole: Arc::<Asked>::clone(&asked), name };
        assert!(!remote.bring(Arc::new(trial)).await);
        let asked = asked.0.lock().unwrap().pop().unwrap();
        let stored = whole.answer(asked.key).unwrap().expect("it is stored under the name that is asked for");
        assert_eq!(stored.bought_by, asked.comparison);
        assert_eq!(whole.answer(key), Ok(None));
    }

    fn answer(bought_by: Fingerprint) -> StoredAnswer {
        let response = Response::saying("Hello");
        StoredAnswer { response, bought_by }
    }
}
