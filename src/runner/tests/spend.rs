//! The spend that a run reports.

use std::collections::BTreeSet;

use super::*;

const CALL: f64 = 10.0 * 0.80e-6 + 5.0 * 3.20e-6;

fn near(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-12)
}

#[tokio::test(start_paused = true)]
async fn the_verdict_costs_the_same_whoever_paid_for_it() {
    let runner = runner(Scripted::willing());
    let first = run(&runner, &mut List::new(trials(10))).await.total();
    let second = run(&runner, &mut List::new(trials(10))).await.total();
    assert!(near(first.spent_usd(), 10.0 * CALL) && near(first.verdict_usd(), 10.0 * CALL));
    assert_eq!((second.spent_usd(), second.verdict_usd()), (Some(0.0), first.verdict_usd()));
    assert_eq!((first.calls, first.cached, second.calls, second.cached), (10, 0, 0, 10));
    assert_eq!((first.tokens.input, first.tokens.output), (100, 50));
}

#[tokio::test(start_paused = true)]
async fn spend_is_by_prompt_side_lane_and_phase() {
    let mut mixed = trials(4);
    mixed[0].prompt = "other".to_owned();
    mixed[1].side = Side::Baseline;
    mixed[2].lane = Lane::Judge;
    mixed[3].phase = Phase::Confirm;
    let spend = run(&runner(Scripted::willing()), &mut List::new(mixed)).await;
    assert_eq!(spend.lines.len(), 4);
    assert_eq!(spend.tally(|key| key.prompt == "p").calls, 3);
    assert_eq!(spend.tally(|key| key.lane == Lane::Judge).calls, 1);
    assert_eq!(spend.tally(|key| key.phase == Phase::Screen && key.side == Side::Candidate).calls, 2);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_price_is_named_and_makes_the_sum_unknown() {
    let mut mixed = trials(2);
    mixed[0].request.model = "secret".to_owned();
    let runner = runner(Scripted::willing());
    let spend = run(&runner, &mut List::new(mixed.clone())).await.total();
    assert_eq!((spend.spent_usd(), spend.verdict_usd()), (None, None));
    assert_eq!(spend.unknown_models, BTreeSet::from(["secret".to_owned()]));
    let again = run(&runner, &mut List::new(mixed)).await.total();
    assert_eq!((again.spent_usd(), again.verdict_usd()), (Some(0.0), None));
}

#[tokio::test(start_paused = true)]
async fn an_answer_shared_by_two_prompts_is_paid_once() {
    let mut shared = vec![trial(0, "same"), trial(1, "same"), trial(2, "same")];
    shared[2].prompt = "other".to_owned();
    let spend = run(&runner(Scripted::willing()), &mut List::new(shared)).await;
    assert!(near(spend.total().spent_usd(), CALL));
    assert!(near(spend.tally(|key| key.prompt == "p").verdict_usd(), CALL), "each prompt rests on it once");
    assert!(near(spend.tally(|key| key.prompt == "other").verdict_usd(), CALL));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_both_sides_rest_on_costs_its_prompt_once() {
    let mut shared = vec![trial(0, "same"), trial(1, "same"), trial(2, "same")];
    shared[1].side = Side::Baseline;
    shared[2].phase = Phase::Confirm;
    let spend = run(&runner(Scripted::willing()), &mut List::new(shared)).await;
    assert_eq!((spend.total().calls, spend.total().cached), (1, 2));
    assert!(near(spend.total().verdict_usd(), CALL), "{:?}", spend.total().verdict_usd());
}

#[tokio::test(start_paused = true)]
async fn what_was_bought_before_the_run_is_paid_by_it_at_its_own_price() {
    let budget = Budget { max_calls: Some(6), ..Budget::default() };
    let runner = Runner { budget, ..runner(Scripted::willing()) };
    let half = runner.prices.batch_money("amazon.nova-pro-v1:0", response("x").usage);
    let bought: Vec<BoughtBefore> = trials(4)
        .into_iter()
        .map(|trial| {
            store_answer(&runner, &trial, "text");
            BoughtBefore { trial: Arc::new(trial), usage: response("x").usage, price: half }
        })
        .collect();
    // Three of them are asked for, and three that nobody bought; the budget allows two of these.
    let mut work = List { open: trials(7).split_off(1), window: usize::MAX, ..List::default() };
    let spend = runner.run_after(&bought, &mut work, &mut |_| {}).await.expect("the run goes through");
    let total = spend.total();
    assert_eq!((total.calls, total.cached, spend.unused), (5, 0, 1));
    assert!(near(total.spent_usd(), 4.0 * CALL / 2.0 + 2.0 * CALL), "{:?}", total.spent_usd());
    assert!(near(total.verdict_usd(), 5.0 * CALL));
    assert_eq!(total.tokens.input, 60);
    assert!(matches!(work.stopped, Some(StopCause::Budget(_))));
}
