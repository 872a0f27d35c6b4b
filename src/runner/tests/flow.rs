//! Answers from the store and from calls, limits, sharing, and the order of events.

use std::cell::RefCell;

use tokio::time::Instant;

use super::*;
use crate::store::entry::AnswerEntry;
use crate::store::pending::PendingJob;
use crate::store::{ComparisonStart, Note, RemoteAnswers, RunRecord, StoreError};

#[tokio::test(start_paused = true)]
async fn everything_wanted_is_answered_and_stored() {
    let model = Scripted::willing();
    let runner = runner(model.clone());
    let mut work = List::new(trials(20));
    run(&runner, &mut work).await;
    assert_eq!((work.answered(), model.attempts()), (20, 20));
    assert_eq!(work.text(7), Some("answer to text 7"));
    assert!(work.open.iter().all(|trial| is_stored(&runner, trial)));
}

#[tokio::test(start_paused = true)]
async fn a_second_run_calls_nobody_and_takes_no_time() {
    let model = Scripted::willing();
    let runner = runner(model.clone());
    run(&runner, &mut List::new(trials(50))).await;
    let (calls, start) = (model.attempts(), Instant::now());
    let mut again = List::new(trials(50));
    let spend = run(&runner, &mut again).await;
    assert_eq!((again.answered(), model.attempts()), (50, calls));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(spend.total().cached, 50);
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_reached_and_never_passed() {
    let model = Scripted::new(|text, _| {
        (Duration::from_millis(10 + 7 * (text.len() as u64 % 5)), Ok(response(text)))
    });
    let mut runner = runner(model.clone());
    runner.policy.concurrency = 6;
    run(&runner, &mut List::new(trials(100))).await;
    assert_eq!(model.most_flying.load(Ordering::SeqCst), 6);
}

#[tokio::test(start_paused = true)]
async fn two_models_have_a_limit_each_and_work_side_by_side() {
    let (prompt, judge) = (Scripted::willing(), Scripted::willing());
    let runner = Runner { judge: judge.clone(), ..runner(prompt.clone()) };
    let mut mixed = trials(40);
    for trial in mixed.iter_mut().skip(20) {
        trial.lane = Lane::Judge;
        trial.request.model = "amazon.nova-lite-v1:0".to_owned();
    }
    let start = Instant::now();
    run(&runner, &mut List::new(mixed)).await;
    assert_eq!((prompt.attempts(), judge.attempts()), (20, 20));
    assert_eq!(start.elapsed(), Duration::from_millis(500), "both models work at the same time");
}

#[tokio::test(start_paused = true)]
async fn equal_trials_share_one_call() {
    let model = Scripted::willing();
    let runner = runner(model.clone());
    let mut work = List::new((0..10).map(|id| trial(id, "the same")).collect());
    let spend = run(&runner, &mut work).await;
    assert_eq!((work.answered(), model.attempts()), (10, 1));
    assert_eq!((spend.total().calls, spend.total().cached), (1, 9));
}

#[tokio::test(start_paused = true)]
async fn trials_that_share_a_call_share_its_failure() {
    let model = Scripted::new(|_, _| (Duration::ZERO, Err(error(ErrorClass::Invalid))));
    let runner = runner(model.clone());
    let mut work = List::new((0..3).map(|id| trial(id, "the same")).collect());
    run(&runner, &mut work).await;
    assert!((0..3).all(|id| work.failed(id) == Some(ErrorClass::Invalid)));
    assert_eq!(model.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_result_does_not_depend_on_which_call_ends_first() {
    let outcomes = |slow_first: bool| async move {
        let model = Scripted::new(move |text, _| {
            let id: u64 = text.trim_start_matches("text ").parse().unwrap();
            (Duration::from_millis(if slow_first { 50 - id } else { 1 + id }), Ok(response(text)))
        });
        let mut work = List::new(trials(50));
        let spend = run(&runner(model), &mut work).await;
        (work.outcomes, spend)
    };
    assert_eq!(outcomes(true).await, outcomes(false).await);
}

/// Fails to live on after its first outcome.
struct Fragile(List);

impl Work for Fragile {
    fn wanted(&mut self, window: Window) -> Wanted {
        self.0.wanted(window)
    }

    fn observe(&mut self, _: TrialId, _: TrialOutcome) {
        panic!("killed");
    }

    fn stop(&mut self, _: StopCause) {}
}

#[test]
fn an_answer_is_stored_before_anyone_sees_it() {
    let runner = runner(Scripted::willing());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let mut work = Fragile(List::new(trials(1)));
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.unwrap().block_on(runner.run(&mut work, &mut |_| {}))
    }));
    assert!(killed.is_err());
    assert!(is_stored(&runner, &trial(0, "text 0")));
}

#[tokio::test(start_paused = true)]
async fn a_paid_answer_is_not_lost_when_the_work_is_done_before_it_comes() {
    let model = Scripted::new(|text, _| {
        (Duration::from_secs(if text == "text 0" { 1 } else { 60 }), Ok(response(text)))
    });
    let runner = runner(model);
    let mut work = List { enough: Some(1), ..List::new(trials(4)) };
    let spend = run(&runner, &mut work).await;
    assert_eq!(work.outcomes.len(), 1, "work that is done hears no more");
    assert!(work.open.iter().all(|trial| is_stored(&runner, trial)));
    assert_eq!(spend.total().calls, 4);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_run_ignores_old_answers_and_shares_its_own() {
    let model = Scripted::willing();
    let runner = Runner { cache: CacheMode::Fresh, ..runner(model.clone()) };
    let asked = trial(0, "text");
    store_answer(&runner, &asked, "an older call");
    let mut work = List { window: 1, ..List::new(vec![asked, trial(1, "text")]) };
    run(&runner, &mut work).await;
    assert_eq!(model.attempts(), 1);
    assert_eq!((work.text(0), work.text(1)), (Some("answer to text"), Some("answer to text")));
    let kept = runner.store.answer(trial(0, "text").key).unwrap().unwrap();
    assert_eq!(kept.response.text, "answer to text");
}

#[tokio::test(start_paused = true)]
async fn without_cache_nothing_is_read_or_written_and_equal_trials_still_share() {
    let model = Scripted::willing();
    let runner = Runner { cache: CacheMode::Off, ..runner(model.clone()) };
    store_answer(&runner, &trial(0, "text"), "an older call");
    let mut work = List { window: 1, ..List::new(vec![trial(0, "text"), trial(1, "text"), trial(2, "new")]) };
    run(&runner, &mut work).await;
    assert_eq!((work.answered(), model.attempts()), (3, 2));
    assert!(!is_stored(&runner, &trial(2, "new")));
}

#[tokio::test(start_paused = true)]
async fn offline_a_missing_answer_is_a_failure_and_nobody_is_called() {
    let model = Scripted::with_ready(|_, _| unreachable!(), Err(error(ErrorClass::NoCredentials)));
    let runner = Runner { cache: CacheMode::Offline, ..runner(model) };
    store_answer(&runner, &trial(0, "text 0"), "text 0");
    let mut work = List::new(trials(2));
    run(&runner, &mut work).await;
    assert_eq!((work.text(0), work.failed(1)), (Some("answer to text 0"), Some(ErrorClass::Offline)));
    assert_eq!(work.stopped, None);
}

#[tokio::test(start_paused = true)]
async fn events_count_what_happened_and_tell_of_throttling_once() {
    let model = Scripted::new(|text, attempt| {
        let result = if attempt < 3 { Err(error(ErrorClass::Throttled)) } else { Ok(response(text)) };
        (Duration::from_millis(10), result)
    });
    let runner = runner(model);
    store_answer(&runner, &trial(0, "text 0"), "text 0");
    let seen = RefCell::new((0, 0, 0, 0, Counters::default()));
    let mut work = List::new(trials(9));
    let mut count = |event: Event<'_>| {
        let mut seen = seen.borrow_mut();
        match event {
            Event::Started(_) => seen.0 += 1,
            Event::Retried { .. } => seen.1 += 1,
            Event::Throttled(Lane::Prompt) => seen.2 += 1,
            Event::Answered { .. } => seen.3 += 1,
            Event::Progress(counters) => seen.4 = counters,
            other => panic!("unexpected: {other:?}"),
        }
    };
    runner.run(&mut work, &mut count).await.unwrap();
    // The stored answer costs nothing; the eight others cost what their usage says.
    let each = runner.prices.money(MODEL, response("text 1").usage).expect("a price");
    let mut spent = crate::price::Money::default();
    (0..8).for_each(|_| spent += each);
    assert!(spent > crate::price::Money::default());
    let end = Counters { answered: 9, cached: 1, spent, ..Counters::default() };
    assert_eq!(seen.into_inner(), (8, 16, 1, 9, end));
}

/// A store that takes `room` answers and then fails.
struct Full {
    inner: MemoryStore,
    room: usize,
}

impl Store for Full {
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        self.inner.answer(key)
    }

    fn keep_answer(
        &self,
        key: AnswerKey,
        request: &Request,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        // A text that fits is stored even when the one before it did not fit.
        if self.inner.answers() >= self.room && request.messages[0].text != "text 3" {
            return Err(StoreError { path: "assay.db".to_owned(), what: "is full".to_owned() });
        }
        self.inner.keep_answer(key, request, answer)
    }

    fn comparison(&self, _: Fingerprint) -> Result<Option<ComparisonStart>, StoreError> {
        Ok(None)
    }

    fn begin_comparison(&self, _: Fingerprint, _: ComparisonStart) -> Result<(), StoreError> {
        Ok(())
    }

    fn restart_comparison(&self, _: Fingerprint, _: ComparisonStart) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError> {
        self.inner.keep_foreign(answer)
    }

    fn is_pruned(&self, _: Fingerprint) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError> {
        Ok(Vec::new())
    }

    fn keep_job(&self, _: &PendingJob) -> Result<(), StoreError> {
        Ok(())
    }

    fn forget_job(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>> {
        None
    }

    fn keep_run(&self, _: &RunRecord) -> Result<(), StoreError> {
        Ok(())
    }

    fn look_at_runs(&self, _: usize, _: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError> {
        Ok(())
    }

    fn note(&self, _: Note, _: Fingerprint) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    fn keep_note(&self, _: Note, _: Fingerprint, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep_evidence(&self, _: &crate::evidence::Evidence) -> Result<(), StoreError> {
        Ok(())
    }

    fn evidence(&self, _: Fingerprint) -> Result<Vec<crate::evidence::Evidence>, StoreError> {
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_ends_the_run_after_the_calls_in_flight() {
    let model = Scripted::new(|text, _| {
        (Duration::from_secs(if text == "text 3" { 30 } else { 1 }), Ok(response(text)))
    });
    let store = Arc::new(Full { inner: MemoryStore::default(), room: 1 });
    let runner = Runner { store, ..runner(model.clone()) };
    let mut work = List::new(trials(20));
    let failure = runner.run(&mut work, &mut |_| {}).await.unwrap_err();
    assert_eq!(failure.to_string(), "the database `assay.db` is full");
    assert_eq!((work.answered(), model.attempts()), (2, 5), "no call after the failure, none lost");
    assert!(is_stored(&runner, &trial(3, "text 3")));
}

/// Asks for what it has been given, for ever.
struct Forgetful;

impl Work for Forgetful {
    fn wanted(&mut self, _: Window) -> Wanted {
        Wanted { now: trials(1).into_iter().map(Arc::new).collect(), soon: Vec::new() }
    }

    fn observe(&mut self, _: TrialId, _: TrialOutcome) {}

    fn stop(&mut self, _: StopCause) {}
}

#[tokio::test(start_paused = true)]
async fn work_that_makes_no_progress_ends() {
    let runner = runner(Scripted::willing());
    assert_eq!(runner.run(&mut Forgetful, &mut |_| {}).await, Err(RunnerError::Stalled));
}
