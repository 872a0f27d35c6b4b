//! Caps are kept, however many calls are in flight.

use super::*;

/// A number below `below`, drawn from a name.
fn draw(name: &str, below: u64) -> u64 {
    let [a, b, c, d, ..] = *Fingerprint::of_bytes(name.as_bytes()).as_bytes();
    u64::from(u32::from_be_bytes([a, b, c, d])) % below
}

/// Random tokens (bounded by what the request allows), times, failures and hangs.
fn moody(seed: u64) -> Arc<Scripted> {
    Scripted::new(move |text, attempt| {
        let name = format!("{seed} {text} {attempt}");
        let time = Duration::from_millis(draw(&format!("{name} time"), 3_000));
        let bound = text.len() as u64 + 32;
        let input = draw(&format!("{name} input"), bound + 1);
        let usage = Usage { input, output: draw(&format!("{name} output"), 101), ..Usage::default() };
        match draw(&format!("{name} fate"), 20) {
            0 => (time, Err(error(ErrorClass::Throttled))),
            1 => (time, Err(error(ErrorClass::Transient))),
            2 => (Duration::from_secs(1_000), Ok(used(text, usage))),
            _ => (time, Ok(used(text, usage))),
        }
    })
}

/// A run against caps of a fraction to a multiple of what it would use.
async fn capped(seed: u64) -> (Spend, Budget, List) {
    let share = |cap: &str| 0.2 + draw(&format!("{seed} {cap}"), 300) as f64 / 100.0;
    let n = 100;
    let budget = Budget {
        max_cost: Some(n as f64 * 200e-6 * share("cost")),
        max_calls: Some((n as f64 * share("calls")) as u64),
        max_tokens: Some((n as f64 * 80.0 * share("tokens")) as u64),
    };
    let mut runner = Runner { budget, speculation: Speculation::Batch, ..runner(moody(seed)) };
    runner.policy.concurrency = 64;
    let mut work = List { window: 48, ahead: 20, ..List::new(trials(n)) };
    let spend = run(&runner, &mut work).await;
    (spend, budget, work)
}

#[test]
fn a_thousand_runs_with_64_in_flight_never_pass_a_cap() {
    let mut stopped = 0;
    for seed in 0..1_000 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let (spend, budget, work) = runtime.unwrap().block_on(capped(seed));
        let total = spend.total();
        let at_most = total.spent.usd() + spend.lost.at_most.usd();
        assert!(Some(at_most) <= budget.max_cost, "seed {seed}: {at_most} of {budget:?}");
        let calls = total.calls + total.speculative + spend.lost.attempts;
        assert!(Some(calls) <= budget.max_calls, "seed {seed}: {calls} of {budget:?}");
        let tokens = total.tokens.input + total.tokens.output;
        assert!(Some(tokens) <= budget.max_tokens, "seed {seed}: {tokens} of {budget:?}");
        match work.stopped {
            Some(StopCause::Budget(_)) => stopped += 1,
            None => assert_eq!(work.outcomes.len(), 100, "seed {seed}"),
            other => panic!("seed {seed}: {other:?}"),
        }
    }
    assert!((300..900).contains(&stopped), "{stopped} of 1,000 runs met a cap");
}

#[tokio::test(start_paused = true)]
async fn a_cap_is_used_up_before_it_stops_the_run() {
    let mut runner = runner(Scripted::willing());
    runner.budget.max_calls = Some(10);
    let mut work = List::new(trials(20));
    let spend = run(&runner, &mut work).await;
    assert_eq!((work.answered(), spend.total().calls), (10, 10));
    let Some(StopCause::Budget(text)) = work.stopped else { panic!("the budget stops it") };
    insta::assert_snapshot!(text, @"max_calls: all 10 calls are used");
}

#[tokio::test(start_paused = true)]
async fn stored_answers_need_no_budget() {
    let mut runner = runner(Scripted::willing());
    run(&runner, &mut List::new(trials(5))).await;
    runner.budget = Budget { max_cost: Some(0.0), max_calls: Some(0), max_tokens: Some(0) };
    let mut work = List::new(trials(5));
    run(&runner, &mut work).await;
    assert_eq!((work.answered(), work.stopped), (5, None));
}

#[tokio::test(start_paused = true)]
async fn a_money_cap_and_an_unknown_price_are_an_error_before_anything_is_spent() {
    let model = Scripted::willing();
    let mut runner = runner(model.clone());
    runner.budget.max_cost = Some(1.0);
    let mut work = List::new(trials(3));
    work.open[2].request.model = "my.own-model".to_owned();
    let failure = runner.run(&mut work, &mut |_| {}).await.unwrap_err();
    assert_eq!(model.attempts(), 0);
    insta::assert_snapshot!(failure, @r"
        the price of model `my.own-model` is unknown, so `max_cost` cannot be kept: add its price in US dollars per million tokens under `prices:` in prompt-assay.yaml, for example
          prices:
            my.own-model: {input: 1.00, output: 5.00}
        ");
    assert_eq!(runner.require_prices(["my.own-model"]), Err(failure));
    assert_eq!(runner.require_prices([MODEL]), Ok(()));
}
