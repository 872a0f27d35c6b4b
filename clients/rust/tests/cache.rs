//! The promises of the cache, under Tokio's paused clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prompt_assay_client::{
    Answer, Builder, Error, Event, Found, Key, Prompts, Reading, Source, Values, Which,
};
use tokio::time::{Instant, advance, sleep};

const TTL: Duration = Duration::from_secs(300);

#[derive(Clone, Default)]
enum Fault {
    #[default]
    None,
    Error(Error),
    Hangs,
    Slow(Duration),
}

#[derive(Default)]
struct Inside {
    versions: BTreeMap<String, Vec<String>>,
    calls: Vec<Vec<String>>,
    fault: Fault,
}

/// A source in memory whose faults are chosen.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Inside>>);

impl Store {
    fn of(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let store = Self::default();
        for name in names {
            store.release(&name.into(), "one");
        }
        store
    }

    fn release(&self, name: &str, content: &str) {
        self.0.lock().unwrap().versions.entry(name.to_owned()).or_default().push(content.to_owned());
    }

    fn fault(&self, fault: Fault) {
        self.0.lock().unwrap().fault = fault;
    }

    fn calls(&self) -> Vec<Vec<String>> {
        self.0.lock().unwrap().calls.clone()
    }

    fn answer(&self, key: &Key) -> Answer {
        let inside = self.0.lock().unwrap();
        let missing = || Error::NotFound(format!("{key} does not exist"));
        let versions = inside.versions.get(&key.name).ok_or_else(missing)?;
        let version = match key.which {
            Which::Version(version) => version,
            _ => versions.len() as u64,
        };
        let content = versions.get(version as usize - 1).cloned().ok_or_else(missing)?;
        Ok(Found { content, version: Some(version) })
    }
}

impl Source for Store {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        let fault = {
            let mut inside = self.0.lock().unwrap();
            inside.calls.push(keys.iter().map(ToString::to_string).collect());
            inside.fault.clone()
        };
        Box::pin(async move {
            match fault {
                Fault::None => {}
                Fault::Error(error) => return keys.iter().map(|_| Err(error.clone())).collect(),
                Fault::Hangs => std::future::pending::<()>().await,
                Fault::Slow(time) => sleep(time).await,
            }
            keys.iter().map(|key| self.answer(key)).collect()
        })
    }
}

fn throttled() -> Fault {
    Fault::Error(Error::Unavailable("ThrottlingException: Rate exceeded".to_owned()))
}

type Events = Arc<Mutex<Vec<Event>>>;

fn stage(store: &Store, with: impl FnOnce(Builder) -> Builder) -> (Prompts, Events) {
    let events = Events::default();
    let seen = Arc::clone(&events);
    let builder = Prompts::builder(store.clone()).background(true);
    let prompts = with(builder).on_event(move |event| seen.lock().unwrap().push(event.clone())).build();
    (prompts, events)
}

/// The text, after everything that goes on beside the caller.
async fn text(prompts: &Prompts) -> String {
    let prompt = prompts.get("p").await.expect("a prompt");
    for _ in 0..5 {
        tokio::task::yield_now().await;
    }
    prompt.text().expect("one text").to_owned()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test(start_paused = true)]
async fn a_hit_asks_nobody() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder);
    let first = prompts.get("p").await.unwrap();
    advance(TTL - seconds(1)).await;
    assert!(Arc::ptr_eq(&prompts.get("p").await.unwrap().content, &first.content));
    assert_eq!((first.version, first.age(), first.is_stale()), (Some(1), TTL - seconds(1), false));
    assert_eq!(store.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_release_and_a_rollback_are_seen_within_ttl_and_jitter() {
    for background in [true, false] {
        let store = Store::of(["p"]);
        let (prompts, events) = stage(&store, |builder| builder.background(background));
        text(&prompts).await;
        for content in ["two", "one"] {
            store.release("p", content);
            let released = Instant::now();
            while text(&prompts).await != content {
                advance(seconds(1)).await;
            }
            assert!(released.elapsed() <= TTL.mul_f64(1.2), "{:?}", released.elapsed());
        }
        let changed = |event: &Event| match event {
            Event::Changed(prompt) => prompt.version,
            _ => None,
        };
        assert_eq!(events.lock().unwrap().iter().filter_map(changed).collect::<Vec<_>>(), [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_long_rest_the_old_copy_is_not_served() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder);
    text(&prompts).await;
    store.release("p", "two");
    sleep(TTL.mul_f64(1.2)).await;
    assert_eq!(text(&prompts).await, "two");
}

#[tokio::test(start_paused = true)]
async fn while_it_is_refreshed_the_copy_is_served() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder);
    text(&prompts).await;
    store.release("p", "two");
    store.fault(Fault::Slow(seconds(1)));
    advance(TTL.mul_f64(1.1)).await;
    for _ in 0..5 {
        assert_eq!(text(&prompts).await, "one");
    }
    assert_eq!(store.calls().len(), 2);
    sleep(seconds(2)).await;
    assert_eq!(text(&prompts).await, "two");
}

#[tokio::test(start_paused = true)]
async fn ten_million_gets_over_an_hour_are_a_read_per_ttl() {
    let names: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
    let store = Store::of(&names);
    let (prompts, _) = stage(&store, |builder| builder);
    prompts.prefetch(&names).await.unwrap();
    for _ in 0..1000 {
        advance(Duration::from_millis(3600)).await;
        // Each stands for 1,000: between two moments all of them are hits.
        for name in &names {
            prompts.get(name).await.unwrap();
        }
    }
    let calls = store.calls();
    assert!(calls.len() <= 13, "{}", calls.len());
    assert!(calls.iter().all(|call| call.len() == 10));
}

#[tokio::test(start_paused = true)]
async fn a_pinned_version_is_read_once() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder);
    let pinned = prompts.get_which("p", Which::Version(1)).await.unwrap();
    store.release("p", "two");
    store.fault(throttled());
    advance(seconds(100_000_000)).await;
    let again = prompts.get_which("p", Which::Version(1)).await.unwrap();
    assert!(Arc::ptr_eq(&pinned.content, &again.content) && !again.is_stale());
    assert_eq!(store.calls(), [["p:1"]]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_fails_no_get_and_is_reported() {
    for (fault, background) in
        [(throttled(), true), (throttled(), false), (Fault::Hangs, true), (Fault::Hangs, false)]
    {
        let store = Store::of(["p"]);
        let (prompts, events) = stage(&store, |builder| builder.background(background));
        text(&prompts).await;
        store.release("p", "two");
        advance(seconds(200)).await;
        store.fault(fault);
        let mut waited = Duration::ZERO;
        for _ in 0..600 {
            advance(seconds(1)).await;
            let before = Instant::now();
            assert_eq!(text(&prompts).await, "one");
            waited = waited.max(before.elapsed());
        }
        assert!(waited <= seconds(3), "{waited:?}");
        assert!(prompts.get("p").await.unwrap().is_stale());
        assert!(events.lock().unwrap().iter().any(|event| matches!(event, Event::Stale(_))));
        // Tried again and again, at growing intervals.
        let calls = store.calls().len();
        assert!((10..40).contains(&calls), "{calls}");
        store.fault(Fault::None);
        for _ in 0..40 {
            advance(seconds(1)).await;
            text(&prompts).await;
        }
        assert_eq!(text(&prompts).await, "two");
        assert!(!prompts.get("p").await.unwrap().is_stale());
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_not_served_for_ever() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder.max_stale(seconds(1000)));
    text(&prompts).await;
    store.fault(throttled());
    advance(seconds(990)).await;
    assert_eq!(text(&prompts).await, "one");
    advance(seconds(10)).await;
    let error = prompts.get("p").await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(message) if message.contains("Rate exceeded")), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_first_start_without_the_store_is_a_clear_error_in_time() {
    let store = Store::of(["p"]);
    store.fault(Fault::Slow(seconds(10)));
    let (prompts, _) = stage(&store, |builder| builder);
    let began = Instant::now();
    let error = prompts.get("p").await.unwrap_err();
    assert_eq!(error.to_string(), "p: the memory source did not answer within 3s");
    assert_eq!(began.elapsed().as_secs(), 3);
    // The next one fails at once: nobody waits for what just failed, and nothing more is asked.
    assert!(prompts.get("p").await.is_err());
    assert_eq!((began.elapsed().as_secs(), store.calls().len()), (3, 1));
    // The late answer is taken.
    sleep(seconds(8)).await;
    assert_eq!(text(&prompts).await, "one");
    assert_eq!(store.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_first_start_without_the_store_serves_the_fallback() {
    let store = Store::of(["p"]);
    store.fault(throttled());
    let (prompts, events) = stage(&store, |builder| builder.fallback(Values::new([("p", "packaged")])));
    let prompt = prompts.get("p").await.unwrap();
    assert_eq!((prompt.text(), prompt.source, prompt.is_stale()), (Some("packaged"), "fallback", true));
    assert!(events.lock().unwrap().iter().any(|event| matches!(event, Event::Fallback(_))));
    assert!(prompts.get("other").await.is_err());
    store.fault(Fault::None);
    advance(seconds(60)).await;
    text(&prompts).await;
    assert_eq!(text(&prompts).await, "one");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_not_asked_for_again_at_once_and_has_no_fallback() {
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder.fallback(Values::new([("new", "packaged")])));
    for _ in 0..100 {
        assert!(matches!(prompts.get("new").await, Err(Error::NotFound(_))));
    }
    assert_eq!(store.calls().len(), 1);
    store.release("new", "there");
    advance(seconds(13)).await;
    assert_eq!(prompts.get("new").await.unwrap().text(), Some("there"));
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_denied_or_damaged_later_is_served_and_reported() {
    let denied = Error::AccessDenied { message: "no".to_owned(), action: "ssm:GetParameters".to_owned() };
    for error in [Error::NotFound("gone".to_owned()), denied, Error::Damaged("altered".to_owned())] {
        let store = Store::of(["p"]);
        let (prompts, events) = stage(&store, |builder| builder);
        text(&prompts).await;
        store.fault(Fault::Error(error.clone()));
        sleep(seconds(400)).await;
        assert_eq!(text(&prompts).await, "one");
        let told = |event: &Event| matches!(event, Event::Failed { error: found, .. } if *found == error);
        assert!(events.lock().unwrap().iter().any(told));
    }
    let store = Store::of(["p"]);
    let (prompts, _) = stage(&store, |builder| builder);
    text(&prompts).await;
    store.release("p", r#"{"prompt":2,"template":"jinja","messages":[]}"#);
    sleep(seconds(400)).await;
    assert_eq!(text(&prompts).await, "one", "a damaged content replaces nothing");
}

#[tokio::test(start_paused = true)]
async fn prefetch_reads_ten_to_a_call_and_says_what_is_missing() {
    let names: Vec<String> = (0..25).map(|number| format!("p{number:02}")).collect();
    let store = Store::of(&names);
    let (prompts, _) = stage(&store, |builder| builder);
    prompts.prefetch(&names).await.unwrap();
    assert_eq!(store.calls().iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    let error = prompts.prefetch(["p01", "nobody"]).await.unwrap_err();
    assert_eq!(error.to_string(), "nobody does not exist");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_that_miss_make_one_read() {
    let store = Store::of(["p"]);
    store.fault(Fault::Slow(seconds(1)));
    let (prompts, _) = stage(&store, |builder| builder);
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let prompts = prompts.clone();
            tokio::spawn(async move { prompts.get("p").await.unwrap().text().map(str::to_owned) })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().as_deref(), Some("one"));
    }
    assert_eq!(store.calls(), [["p"]]);
}
