//! Caps are kept, however many calls are in flight.

use super::*;

/// Four numbers from 0 to 1, drawn from a name.
fn draw(name: &str) -> [f64; 4] {
    let fingerprint = Fingerprint::of_bytes(name.as_bytes());
    let (bytes, _) = fingerprint.as_bytes().as_chunks::<4>();
    [0, 1, 2, 3].map(|i| f64::from(u32::from_be_bytes(bytes[i])) / f64::from(u32::MAX))
}

/// Random tokens (up to what `price::most` says the request can use), times, failures and hangs.
fn moody(seed: u64) -> Arc<Scripted> {
    Scripted::new(move |text, attempt| {
        let [time, input, output, fate] = draw(&format!("{seed} {text} {attempt}"));
        let time = Duration::from_secs_f64(3.0 * time);
        let share = |of: u64, share: f64| (of as f64 * share).round() as u64;
        let usage = Usage {
            input: share(text.len() as u64 + 32, input),
            output: share(100, output),
            ..Usage::default()
        };
        match fate {
            0.0..0.05 => (time, Err(error(ErrorClass::Throttled))),
            0.05..0.10 => (time, Err(error(ErrorClass::Transient))),
            0.10..0.15 => (Duration::from_secs(1_000), Ok(used(text, usage))),
            _ => (time, Ok(used(text, usage))),
        }
    })
}

/// A run against caps of a fraction to a multiple of what it would use.
async fn capped(seed: u64) -> (Spend, Budget, List) {
    let [cost, calls, tokens, _] = draw(&format!("{seed} caps")).map(|share| 0.2 + 3.0 * share);
    let n = 100;
    let budget = Budget {
        max_cost: Some(n as f64 * 200e-6 * cost),
        max_calls: Some((n as f64 * calls) as u64),
        max_tokens: Some((n as f64 * 80.0 * tokens) as u64),
    };
    let mut runner = Runner { budget, ..runner(moody(seed)) };
    runner.policy.concurrency = 64;
    let mut work = List { window: 48, ..List::new(trials(n)) };
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
        let calls = total.calls + spend.lost.attempts;
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
        the price of model `my.own-model` is unknown, so `max_cost` cannot be kept; if the id is right, add the price that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under `prices:` in prompt-assay.yaml
          prices:
            my.own-model: {input: …, output: …}
        ");
    assert_eq!(runner.require_prices(["my.own-model"]), Err(failure));
    assert_eq!(runner.require_prices([MODEL]), Ok(()));
}

#[test]
fn a_price_that_only_the_change_states_is_no_price_for_a_cap() {
    let budget = Budget { max_cost: Some(1.0), ..Budget::default() };
    let price = PriceTable::built_in().price(MODEL).expect("a built-in price");
    let configured = BTreeMap::from([("huge".to_owned(), price)]);
    let nothing = BTreeMap::new();
    let prices = |trusted| PriceTable::built_in().with(&configured).trusting(trusted);
    let refused = RunnerError::ProposedPrice { model: "huge".to_owned(), cap: Cap::Run };
    assert_eq!(require_prices_of_run(&budget, &prices(&nothing), ["huge"]), Err(refused));
    assert_eq!(require_prices_of_run(&budget, &prices(&configured), ["huge"]), Ok(()));
    assert_eq!(require_prices_of_run(&budget, &prices(&nothing).for_nothing(), ["huge"]), Ok(()));
}
