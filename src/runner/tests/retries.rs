//! What is tried again, how often and how long, by class of failure.

use tokio::time::Instant;

use super::*;

/// Fails `failures` times with one class, then answers.
fn failing(class: ErrorClass, failures: usize) -> Arc<Scripted> {
    Scripted::new(move |text, attempt| {
        let result = if attempt <= failures { Err(error(class)) } else { Ok(response(text)) };
        (Duration::from_millis(50), result)
    })
}

#[tokio::test(start_paused = true)]
async fn every_class_is_tried_as_often_as_it_deserves() {
    use ErrorClass::*;
    // class, failures before the answer would come, attempts made, answered
    let table = [
        (Throttled, 30, 31, true),
        (NotReady, 30, 31, true),
        (Transient, 6, 7, true),
        (Transient, 7, 7, false),
        (TimedOut, 6, 7, true),
        (TimedOut, 7, 7, false),
        (Invalid, 1, 1, false),
        (ContextOverflow, 1, 1, false),
    ];
    for (class, failures, attempts, answered) in table {
        let model = failing(class, failures);
        let mut work = List::new(trials(1));
        let spend = run(&runner(model.clone()), &mut work).await;
        assert_eq!(model.attempts(), attempts, "{class:?} {failures}");
        assert_eq!(work.failed(0), (!answered).then_some(class), "{class:?} {failures}");
        let retried = spend.retries.get(&class).copied().unwrap_or(0);
        assert_eq!(retried as usize, attempts - 1, "{class:?} {failures}");
        assert_eq!(work.stopped, None);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_ends_with_the_trial_s_time_and_says_what_to_do() {
    let model = failing(ErrorClass::Throttled, usize::MAX);
    let mut runner = runner(model.clone());
    runner.policy.trial_timeout_s = 300;
    let mut work = List::new(trials(1));
    let start = Instant::now();
    run(&runner, &mut work).await;
    let took = start.elapsed().as_secs();
    assert!((280..=300).contains(&took), "{took} s");
    let Some(TrialOutcome::Failed(error)) = work.outcomes.get(&TrialId(0)) else { panic!("it failed") };
    insta::assert_snapshot!(error, @"Throttled (the quota did not allow this call in time: lower `concurrency`, raise `trial_timeout_s`, or ask the provider for more quota)");
}

#[tokio::test(start_paused = true)]
async fn half_of_all_attempts_throttled_loses_no_trial() {
    let model = Scripted::new(|text, attempt| {
        let seed = Fingerprint::of_bytes(format!("{text}{attempt}").as_bytes());
        let throttled = seed.as_bytes()[0] < 128;
        let result = if throttled { Err(error(ErrorClass::Throttled)) } else { Ok(response(text)) };
        (Duration::from_millis(100), result)
    });
    let mut work = List::new(trials(100));
    run(&runner(model), &mut work).await;
    assert_eq!(work.answered(), 100);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_is_cut_off_and_made_again() {
    let model = Scripted::new(|text, attempt| {
        (Duration::from_secs(if attempt == 1 { 10_000 } else { 1 }), Ok(response(text)))
    });
    let mut runner = runner(model.clone());
    runner.policy.attempt_timeout_s = 30;
    let mut work = List::new(trials(1));
    let start = Instant::now();
    let spend = run(&runner, &mut work).await;
    assert_eq!((work.answered(), model.attempts()), (1, 2));
    assert!(start.elapsed() < Duration::from_secs(32));
    assert_eq!(spend.lost.attempts, 1, "it may be on the bill");
    assert!(spend.lost.at_most > Default::default());
}

#[tokio::test(start_paused = true)]
async fn no_attempt_outlives_its_trial() {
    let model = Scripted::new(|text, _| (Duration::from_secs(10_000), Ok(response(text))));
    let mut runner = runner(model);
    runner.policy.attempt_timeout_s = 120;
    runner.policy.trial_timeout_s = 200;
    let mut work = List::new(trials(1));
    let start = Instant::now();
    run(&runner, &mut work).await;
    assert_eq!(work.failed(0), Some(ErrorClass::TimedOut));
    assert!(start.elapsed() <= Duration::from_secs(200));
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_keep_their_place_in_the_limit() {
    let model = failing(ErrorClass::Throttled, usize::MAX);
    let mut runner = runner(model.clone());
    runner.policy.trial_timeout_s = 5;
    let mut work = List::new(trials(4));
    work.open.push(trial(4, "text 4"));
    let mut started = 0;
    let first = Instant::now();
    let mut count = |event: Event<'_>| {
        started += usize::from(matches!(event, Event::Started(_)) && first.elapsed().is_zero());
    };
    runner.run(&mut work, &mut count).await.unwrap();
    assert_eq!(started, 4);
}
