//! Ends before the work is done: fatal failures, interruption.

use tokio::sync::watch;
use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_fatal_failure_stops_the_run_and_keeps_what_is_in_flight() {
    use ErrorClass::*;
    for class in [AccessDenied, NoCredentials, NotFound, QuotaExceeded] {
        let model = Scripted::new(move |text, _| match text {
            "text 0" => (Duration::from_secs(1), Err(error(class))),
            _ => (Duration::from_secs(30), Ok(response(text))),
        });
        let runner = runner(model.clone());
        let mut work = List::new(trials(20));
        run(&runner, &mut work).await;
        assert_eq!(work.stopped, Some(StopCause::Fatal(error(class))));
        assert_eq!((work.answered(), model.attempts()), (3, 4), "{class:?}: nothing new was started");
        assert!((1..4).all(|id| is_stored(&runner, &trial(id, &format!("text {id}")))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_not_ready_stops_the_run_before_the_first_call() {
    let model = Scripted::with_ready(|_, _| unreachable!(), Err(error(ErrorClass::NoCredentials)));
    let runner = runner(model.clone());
    store_answer(&runner, &trial(0, "text 0"), "text 0");
    let mut work = List::new(trials(2));
    let spend = run(&runner, &mut work).await;
    assert_eq!(work.stopped, Some(StopCause::Fatal(error(ErrorClass::NoCredentials))));
    assert_eq!((work.answered(), model.attempts()), (1, 0), "what is stored needs no model");
    assert_eq!(spend.total().spent_usd(), Some(0.0));
}

/// Sends `signals` at their times while the work runs.
async fn interrupted(runner: Runner, work: &mut List, signals: &[(u64, Interrupt)]) -> (Runner, Duration) {
    let (sender, receiver) = watch::channel(Interrupt::None);
    let runner = Runner { interrupt: receiver, ..runner };
    let start = Instant::now();
    let signals = signals.to_vec();
    tokio::spawn(async move {
        for (second, signal) in signals {
            tokio::time::sleep_until(start + Duration::from_secs(second)).await;
            sender.send_replace(signal);
        }
    });
    run(&runner, work).await;
    (runner, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_run_keeps_what_comes_within_the_grace() {
    let model = Scripted::new(|text, _| {
        (Duration::from_secs(if text == "text 3" { 60 } else { 4 }), Ok(response(text)))
    });
    let mut work = List::new(trials(20));
    let signals = [(2, Interrupt::Gentle)];
    let (runner, took) = interrupted(runner(model.clone()), &mut work, &signals).await;
    assert_eq!(work.stopped, Some(StopCause::Interrupted));
    assert_eq!((work.answered(), model.attempts(), took), (3, 4, Duration::from_secs(7)));
    assert!((0..3).all(|id| is_stored(&runner, &trial(id, &format!("text {id}")))));
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_ends_at_once() {
    let model = Scripted::new(|text, _| (Duration::from_secs(60), Ok(response(text))));
    let mut work = List::new(trials(20));
    let signals = [(2, Interrupt::Gentle), (3, Interrupt::AtOnce)];
    let (_, took) = interrupted(runner(model), &mut work, &signals).await;
    assert_eq!((work.stopped, took), (Some(StopCause::Interrupted), Duration::from_secs(3)));
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_quota_do_not_hold_up_an_interruption() {
    let model = Scripted::new(|_, _| (Duration::from_millis(1), Err(error(ErrorClass::Throttled))));
    let mut work = List::new(trials(4));
    let signals = [(60, Interrupt::Gentle)];
    let (_, took) = interrupted(runner(model), &mut work, &signals).await;
    assert_eq!((work.stopped, took), (Some(StopCause::Interrupted), Duration::from_secs(60)));
    assert!(work.outcomes.is_empty(), "a call that was not made has not failed");
}

#[tokio::test(start_paused = true)]
async fn work_that_is_done_is_not_interrupted_any_more() {
    let model = Scripted::new(|text, _| {
        (Duration::from_secs(if text == "text 0" { 1 } else { 60 }), Ok(response(text)))
    });
    let mut work = List { enough: Some(1), ..List::new(trials(2)) };
    let signals = [(2, Interrupt::Gentle)];
    let (_, took) = interrupted(runner(model), &mut work, &signals).await;
    assert_eq!((work.stopped, took), (None, Duration::from_secs(7)));
}
