//! Budgets of single calls: which calls count, and what they decide.

use super::*;
use crate::per_call::{LimitResult, Standing};

/// An edit of a prompt whose calls are limited to 100 ms at p95.
fn limited(n: usize) -> Lab {
    let mut lab = Lab::edited(n);
    lab.configure("gate: {budget_per_call: {latency_ms: {p95: 100}}}");
    lab
}

/// Passes, and takes 200 ms in the first so many cases with the new prompt, otherwise 50.
fn slow(cases: usize) -> impl Fn(&Request) -> Result<Response, ModelError> + Send + Sync + 'static {
    move |request| {
        let is_slow = of_candidate(request) && input(request) < cases;
        let answer = passes(true, request)?;
        Ok(Response { latency_ms: Some(if is_slow { 200 } else { 50 }), ..answer })
    }
}

/// The only limit of a run's only prompt.
fn limit(run: &Run) -> LimitResult {
    let [limit] = run.only().budget_per_call.as_slice() else { panic!("{:?}", run.only().budget_per_call) };
    *limit
}

#[test]
fn calls_that_take_too_long_block_only_beyond_chance() {
    for (cases, words) in [
        (2, (Verdict::Ok, Reason::NoRegressionFound, 0)),
        (3, (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 0)),
        (5, (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 0)),
        (6, (Verdict::Regression, Reason::OverBudgetPerCall, 1)),
    ] {
        let run = limited(40).run(slow(cases));
        assert_eq!(run.words(), words, "{cases} of 40");
        assert_eq!((limit(&run).over, limit(&run).of), (cases, 40));
    }
    let mut strict = limited(40);
    strict.configure("# no one may pass it");
    strict.edit("prompt-assay.yaml", "gate: {", "gate: {on_inconclusive: fail, ");
    assert_eq!(strict.run(slow(3)).words(), (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 1));
}

/// Whoever runs a blocked job again must not pass because everything is remembered then.
#[test]
fn the_same_comparison_has_the_same_verdict_when_everything_is_stored() {
    let lab = limited(40);
    let first = lab.run(slow(6));
    let again = lab.run(|_| panic!("everything is stored"));
    assert_eq!((again.words(), limit(&again)), (first.words(), limit(&first)));
}

#[test]
fn answers_that_another_comparison_bought_do_not_count() {
    let mut lab = limited(40);
    assert_eq!(lab.run(slow(6)).words().1, Reason::OverBudgetPerCall);
    // The base moves on: the new prompt's answers are stored, and bought for another comparison.
    lab.base.insert("prompts.yaml", "p: \"three\"\n");
    let remembered = lab.run(slow(6));
    assert_eq!(remembered.words(), (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 0));
    assert_eq!((limit(&remembered).of, limit(&remembered).standing), (0, Standing::Unmeasured));
    assert!(remembered.asked.iter().all(|request| !of_candidate(request)));
    lab.cache = CacheMode::Fresh;
    assert_eq!(lab.run(slow(6)).words(), (Verdict::Regression, Reason::OverBudgetPerCall, 1));
}

/// Golden cases are added to a blocked change: that is another comparison, for which the 40 slow answers do not count.
#[test]
fn a_case_more_makes_no_blocked_budget_pass() {
    let mut lab = limited(40);
    assert_eq!(lab.run(slow(6)).words().1, Reason::OverBudgetPerCall);
    let more: String = (40..42).map(|n| format!("  - {{id: c{n:03}, input: q{n}}}\n")).collect();
    let golden = text_of(&lab.head, "golden/p.yaml") + &more;
    lab.head.insert("golden/p.yaml", golden);
    let run = lab.run(slow(6));
    assert_eq!(run.words(), (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 0));
    let limit_of = limit(&run);
    assert_eq!((limit_of.over, limit_of.of, limit_of.cases), (0, 2, 42));
    assert_eq!(limit_of.standing, Standing::Unmeasured);
    lab.cache = CacheMode::Fresh;
    assert_eq!(lab.run(slow(6)).words(), (Verdict::Regression, Reason::OverBudgetPerCall, 1));
}

/// Cases that are asked again are the suspicious ones: what they take neither blocks nor shows that a limit is kept.
#[test]
fn a_call_that_is_made_again_is_no_measurement() {
    let mut lab = limited(40);
    let fails_once_stored = |request: &Request| {
        let fails = of_candidate(request) && !is_fresh(request) && (7..10).contains(&input(request));
        let answer = passes(!fails, request)?;
        Ok(Response { latency_ms: Some(if of_candidate(request) { 200 } else { 50 }), ..answer })
    };
    lab.run(fails_once_stored);
    lab.base.insert("prompts.yaml", "p: \"three\"\n");
    // Everything of the new prompt is stored, so only what looks worse is asked again: three slow calls are beyond chance.
    let run = lab.run(fails_once_stored);
    let again: Vec<_> = run.asked.iter().filter(|request| of_candidate(request)).collect();
    assert!(again.len() >= 3 && again.iter().all(|request| is_fresh(request)), "{again:?}");
    assert_eq!((limit(&run).of, limit(&run).over, limit(&run).cases), (0, 0, 40));
    assert_eq!(limit(&run).standing, Standing::Unmeasured);
}

/// The same of a run with `--batch`: the screening has no latency, and only what is asked again has.
#[test]
fn beside_answers_of_batch_jobs_a_call_that_is_made_again_is_no_measurement() {
    let run = limited(40).run(|request| {
        let fails = of_candidate(request) && !is_fresh(request) && (7..10).contains(&input(request));
        let answer = passes(!fails, request)?;
        Ok(Response { latency_ms: is_fresh(request).then_some(200), ..answer })
    });
    assert!(run.asked.iter().any(|request| of_candidate(request) && is_fresh(request)));
    assert_eq!((limit(&run).of, limit(&run).cases, limit(&run).standing), (0, 40, Standing::Unmeasured));
}

/// Such a call takes what it took before the change, and its answer is remembered more often than not.
#[test]
fn a_case_in_which_both_prompts_ask_the_same_is_not_in_the_sample() {
    let mut lab = limited(40);
    let case = |n: usize| format!("  - {{id: c{n:03}, input: q{n}, vars: {{more: {}}}}}\n", n < 30);
    let golden = |n: usize| {
        let cases: String = (0..n).map(case).collect();
        format!("defaults: {{checks: [{{contains: \"yes\"}}]}}\ncases:\n{cases}")
    };
    lab.base.insert("golden/p.yaml", golden(30));
    lab.head.insert("golden/p.yaml", golden(40));
    lab.head.insert("prompts.yaml", "p: \"{% if more %}two{% else %}one{% endif %}\"\n");
    let run = lab.run(|request| {
        let answer = passes(true, request)?;
        Ok(Response { latency_ms: Some(if input(request) < 30 { 50 } else { 200 }), ..answer })
    });
    assert!(run.asked.iter().any(|request| input(request) >= 30), "the new cases are asked");
    assert_eq!((limit(&run).over, limit(&run).of, limit(&run).cases), (0, 30, 30));
    assert_eq!(run.words().0, Verdict::Ok);
}

/// Rows of answers of batch jobs that were stored with 0 milliseconds.
#[test]
fn no_call_takes_no_time() {
    let run = limited(40)
        .run(|request| passes(true, request).map(|answer| Response { latency_ms: Some(0), ..answer }));
    assert_eq!((limit(&run).of, limit(&run).standing), (0, Standing::Unmeasured));
}

#[test]
fn a_case_that_is_asked_again_counts_once() {
    // Case 0 fails at first and passes when it is asked again: slow each time.
    let lab = limited(40);
    let first = Mutex::new(true);
    let run = lab.run(move |request| {
        let is_first =
            of_candidate(request) && input(request) == 0 && std::mem::take(&mut *first.lock().unwrap());
        let answer = passes(!is_first, request)?;
        Ok(Response { latency_ms: Some(if input(request) == 0 { 200 } else { 50 }), ..answer })
    });
    let again = run.asked.iter().filter(|request| of_candidate(request) && input(request) == 0).count();
    assert!(again > 1, "it was asked again");
    assert_eq!((limit(&run).over, limit(&run).of), (1, 40));
}

#[test]
fn a_call_costs_what_a_single_call_costs_without_the_providers_cache() {
    let mut lab = Lab::edited(40);
    // 10 tokens in and 5 out: 0.0000018 USD with this model.
    let price =
        PriceTable::built_in().cost(MODEL, Usage { input: 10, output: 5, ..Usage::default() }).unwrap();
    lab.configure(&format!("gate: {{budget_per_call: {{cost_usd: {{p50: {price:.12}}}}}}}"));
    let cached = |request: &Request| {
        let answer = passes(true, request)?;
        Ok(Response { usage: Usage { input: 2, cache_read: 8, output: 5, ..Usage::default() }, ..answer })
    };
    let kept = lab.run(cached);
    assert_eq!((kept.words().0, limit(&kept).standing), (Verdict::Ok, Standing::Kept));
    assert!((limit(&kept).measured.unwrap() - price).abs() < 1e-12);
    lab.cache = CacheMode::Fresh;
    let dear = lab.run(|request| {
        let answer = passes(true, request)?;
        let output = if of_candidate(request) { 6 } else { 5 };
        Ok(Response { usage: Usage { input: 10, output, ..Usage::default() }, ..answer })
    });
    assert_eq!(dear.words(), (Verdict::Regression, Reason::OverBudgetPerCall, 1));
}

#[test]
fn where_both_sides_ask_the_same_nothing_is_measured() {
    let mut lab = Lab::of(files(40), files(40));
    lab.configure("gate: {budget_per_call: {latency_ms: {p95: 100}}}");
    lab.edit("golden/p.yaml", "\"yes\"", "\"ye\"");
    let run = lab.run(|request| {
        let answer = passes(true, request)?;
        Ok(Response { latency_ms: Some(200), ..answer })
    });
    assert_eq!((run.words(), run.only().budget_per_call.len()), ((Verdict::Ok, Reason::Rescored, 0), 0));
}

#[test]
fn a_new_prompt_must_keep_its_budget_too() {
    let mut lab = limited(40);
    lab.base.insert("prompts.yaml", "q: \"one\"\n");
    assert_eq!(lab.run(slow(6)).prompt("p").reason, Reason::OverBudgetPerCall);
}

#[test]
fn a_prompts_own_limit_takes_the_place_of_the_configurations() {
    let mut lab = limited(40);
    lab.head.insert("prompts.yaml", "p: {text: two, budget_per_call: {latency_ms: {p50: 100}}}\n");
    let run = lab.run(slow(6));
    assert_eq!((run.words().0, limit(&run).at_most), (Verdict::Ok, 100.0));
    assert_eq!(lab.run(slow(40)).words().1, Reason::NoRegressionFound, "stored answers, the same comparison");
    lab.cache = CacheMode::Fresh;
    assert_eq!(lab.run(slow(40)).words().1, Reason::OverBudgetPerCall);
}

#[test]
fn answers_of_batch_jobs_have_no_latency() {
    let run = limited(40)
        .run(|request| passes(true, request).map(|answer| Response { latency_ms: None, ..answer }));
    assert_eq!(run.words(), (Verdict::Inconclusive, Reason::BudgetPerCallUnresolved, 0));
    assert_eq!(limit(&run).measured, None);
}
