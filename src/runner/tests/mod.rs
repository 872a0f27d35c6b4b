//! Fixtures: a model made of a closure, and work that wants a list of trials.

mod budget;
mod flow;
mod lookups;
mod retries;
mod spend;
mod stops;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::fingerprint::Fingerprint;
use crate::model::{
    Answering, Counting, ErrorClass, ModelError, Parameters, Request, Response, StopReason, Usage,
};
use crate::store::{MemoryStore, StoredAnswer};
use crate::trial::{Answer, AnswerKey, Phase, Side, StopCause, Trial, TrialId, TrialOutcome, Wanted, Window};
use crate::variation::Variation;

/// What a scripted attempt does: how long it takes and how it ends.
type Script = Box<dyn Fn(&str, usize) -> (Duration, Result<Response, ModelError>) + Send + Sync>;

/// A model that does what a closure says for a text and the attempt's number on that text.
struct Scripted {
    script: Script,
    attempts: Mutex<BTreeMap<String, usize>>,
    flying: AtomicUsize,
    most_flying: AtomicUsize,
    ready: Result<(), ModelError>,
}

impl Scripted {
    fn new(
        script: impl Fn(&str, usize) -> (Duration, Result<Response, ModelError>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::with_ready(script, Ok(()))
    }

    fn with_ready(
        script: impl Fn(&str, usize) -> (Duration, Result<Response, ModelError>) + Send + Sync + 'static,
        ready: Result<(), ModelError>,
    ) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            attempts: Mutex::default(),
            flying: AtomicUsize::new(0),
            most_flying: AtomicUsize::new(0),
            ready,
        })
    }

    /// Answers everything after 100 ms.
    fn willing() -> Arc<Self> {
        Self::new(|text, _| (Duration::from_millis(100), Ok(response(text))))
    }

    fn attempts(&self) -> usize {
        self.attempts.lock().unwrap().values().sum()
    }
}

impl Model for Scripted {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(async move {
            let text = &request.messages[0].text;
            let attempt = {
                let mut attempts = self.attempts.lock().unwrap();
                let attempt = attempts.entry(text.clone()).or_default();
                *attempt += 1;
                *attempt
            };
            let flying = self.flying.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_flying.fetch_max(flying, Ordering::SeqCst);
            let (time, result) = (self.script)(text, attempt);
            tokio::time::sleep(time).await;
            self.flying.fetch_sub(1, Ordering::SeqCst);
            result
        })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { self.ready.clone() })
    }

    fn count_tokens<'a>(&'a self, _request: &'a Request) -> Counting<'a> {
        unreachable!("a run counts no tokens")
    }
}

const MODEL: &str = "amazon.nova-pro-v1:0";

fn response(text: &str) -> Response {
    used(text, Usage { input: 10, output: 5, ..Usage::default() })
}

fn used(text: &str, usage: Usage) -> Response {
    Response {
        text: format!("answer to {text}"),
        tool_calls: Vec::new(),
        stop: StopReason::EndTurn,
        usage,
        latency_ms: Some(100),
    }
}

fn error(class: ErrorClass) -> ModelError {
    ModelError { class, code: None, message: format!("{class:?}"), help: None }
}

fn trial(id: u64, text: &str) -> Trial {
    let request = Request {
        parameters: Parameters { max_tokens: 100, ..Parameters::default() },
        ..Request::new(MODEL, text)
    };
    Trial {
        id: TrialId(id),
        lane: Lane::Prompt,
        key: AnswerKey::screening(&request, Variation::NONE),
        comparison: Fingerprint::of_bytes(b"comparison"),
        request,
        prompt: "p".to_owned(),
        case: text.to_owned(),
        side: Side::Candidate,
        phase: Phase::Screen,
        replaces_stored: false,
    }
}

/// Distinct trials, numbered from 0.
fn trials(n: u64) -> Vec<Trial> {
    (0..n).map(|id| trial(id, &format!("text {id}"))).collect()
}

/// Work that wants its list, `window` at a time.
#[derive(Default)]
struct List {
    open: Vec<Trial>,
    window: usize,
    /// Stops wanting anything after so many outcomes.
    enough: Option<usize>,
    outcomes: BTreeMap<TrialId, TrialOutcome>,
    stopped: Option<StopCause>,
}

impl List {
    fn new(open: Vec<Trial>) -> Self {
        Self { open, window: usize::MAX, ..Self::default() }
    }

    fn answered(&self) -> usize {
        self.outcomes.values().filter(|o| matches!(o, TrialOutcome::Answered(_))).count()
    }

    fn failed(&self, id: u64) -> Option<ErrorClass> {
        match self.outcomes.get(&TrialId(id))? {
            TrialOutcome::Failed(error) => Some(error.class),
            TrialOutcome::Answered(_) => None,
        }
    }

    fn text(&self, id: u64) -> Option<&str> {
        match self.outcomes.get(&TrialId(id))? {
            TrialOutcome::Answered(Answer { response, .. }) => Some(&response.text),
            TrialOutcome::Failed(_) => None,
        }
    }
}

impl Work for List {
    fn wanted(&mut self, _: Window) -> Wanted {
        if self.stopped.is_some() || self.enough.is_some_and(|enough| self.outcomes.len() >= enough) {
            return Wanted::default();
        }
        let open = self.open.iter().filter(|t| !self.outcomes.contains_key(&t.id)).cloned();
        Wanted { now: open.take(self.window).map(Arc::new).collect(), soon: Vec::new() }
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        assert!(self.stopped.is_none(), "nothing is observed after a stop");
        self.outcomes.insert(id, outcome);
    }

    fn stop(&mut self, cause: StopCause) {
        self.stopped = Some(cause);
    }
}

/// A runner of one model and an empty store.
fn runner(model: Arc<Scripted>) -> Runner {
    Runner {
        prompt: model.clone(),
        judge: model,
        store: Arc::new(MemoryStore::default()),
        policy: CallPolicy { concurrency: 4, ..CallPolicy::default() },
        budget: Budget::default(),
        prices: PriceTable::built_in(),
        cache: CacheMode::ReadWrite,
        interrupt: Interrupt::never(),
    }
}

async fn run(runner: &Runner, work: &mut List) -> Spend {
    runner.run(work, &mut |_| {}).await.expect("the run goes through")
}

fn store_answer(runner: &Runner, trial: &Trial, text: &str) {
    let answer = StoredAnswer { response: response(text), bought_by: trial.comparison };
    runner.store.keep_answer(trial.key, &trial.request, &answer).unwrap();
}

fn is_stored(runner: &Runner, trial: &Trial) -> bool {
    runner.store.answer(trial.key).unwrap().is_some()
}
