//! Whole pages, and hostile text.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, hostile};

fn shown(report: &Report) -> String {
    render(report, Style::default())
}

#[test]
fn confirmed_breaks() {
    insta::assert_snapshot!(shown(&examples::confirmed_breaks()), @r#"
    REGRESSION - 2 broken, 1 fixed
    2 of 40 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh
    A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this
    strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped
    early).

    This change moves its own bar
      - customer_service_prompt: case `legal-threat` removed (the baseline passes it) (lowers the bar)
      - configuration: `budget.max_cost` raised from 1 to 2

    prompt                   verdict     baseline  candidate  points [95 % CI]   broken  fixed  paid USD
    -----------------------  ----------  --------  ---------  -----------------  ------  -----  --------
    customer_service_prompt  REGRESSION     38/40      37/40  stopped at 40/100       2      1    0.0061

    BROKEN refund-late, baseline 3/3, candidate 0/3 on re-run
      - not contains: the answer contains "refund is approved"
      - judge: score 0.2, needs 0.7: promises money
      input      I bought this 45 days ago, can I have my money back?
      expected   Refuses politely, names the 30-day window.
      baseline   {"intent":"refund","reply":"I am sorry, refunds are possible within 30 days of
                 purchase."}
      candidate  {"intent":"refund","reply":"Good news: your refund is approved!"}

    BROKEN angry-caps-de, baseline 3/3, candidate 0/3 on re-run
      - json_keys: the answer is not JSON: expected value at line 1 column 1
      input      WO BLEIBT MEIN PAKET???
      baseline   {"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
      candidate  Das tut mir leid! Wie lautet die Bestellnummer?

    Fixed at screening, not re-run
      - warranty-question

    Flaky
      - haiku-request (passed on re-run; candidate 1/1 on re-run)

    Prompt edited: text (prompts.yaml:12) +1 -1
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    What this evaluation could see
      - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
      - Screened on both sides: 40 of 100.
      - No interval for the change: the run stopped early, and the cases run so far are no fair sample.
      - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical
        suite): 8.6 pt.
      - Evidence 45.2, blocks at 20.
      - Evidence of the confirmations: 178.
      - Baseline screening answers: from the store, where it had them.
      - Baseline passed 38/40 at screening.
      - Candidate passed 37/40 at screening.

    Spend
      - Paid now: 0.0061 USD for 68 calls (6 baseline, 47 candidate, 12 judge; 34,210 input and 5,120
        output tokens).
      - The verdict rests on 105 answers worth 0.0123 USD; 40 of them cost nothing now (stored, or the
        same request again).
      - Bought in batch jobs and not used: 3 answers; they stay in the store.
      - Failed attempts tried again: 4 throttled, 1 timed out.
      - Wall time: 8.4 s.

    Baseline model: amazon.nova-lite-v1:0
    Candidate model: amazon.nova-lite-v1:0
    Judge model: amazon.nova-pro-v1:0
    The judge: not calibrated
    working directory compared with 3f9a1c0 on the branch tier; seed 0, provider bedrock; 1 prompt
    affected, 41 unaffected.
    "#);
}

#[test]
fn ok() {
    insta::assert_snapshot!(shown(&examples::ok()), @"
    OK
    No regression found. No case got worse on re-run. 93 -> 92 of 100 pass, change -1.0 pt (95 % CI -6.7
    to +4.8); a drop of more than 5.8 pt is ruled out (95 %). One case going from always-pass to
    always-fail would have been caught with about 94 % probability.

    prompt                   verdict  baseline  candidate  points [95 % CI]   broken  fixed  paid USD
    -----------------------  -------  --------  ---------  -----------------  ------  -----  --------
    customer_service_prompt  OK         93/100     92/100  -1.0 [-6.7, +4.8]       0      0    0.0061

    Flaky
      - haiku-request (passed on re-run; candidate 1/1 on re-run)

    Accepted as broken
      - legacy-coupon: coupons end in March

    Prompt edited: text (prompts.yaml:12) +1 -1
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    What this evaluation could see
      - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
      - Screened on both sides: 100 of 100.
      - Change of the mean score: -1.0 pt, 95 % interval -6.7 to +4.8 pt; a drop of more than 5.8 pt is
        ruled out (95 %).
      - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical
        suite): 8.6 pt.
      - Evidence 0.76, blocks at 20.
      - Evidence of the confirmations: 0.04.
      - Screening alone, exact one-sided p: 0.50.
      - Baseline screening answers: from the store, where it had them.
      - Baseline passed 93/100 (93.0 %) at screening.
      - Candidate passed 92/100 (92.0 %) at screening.

    Warnings
      - `prompts.yaml`: variable `tone` of `summarize` is never used

    Spend
      - Paid now: 0.0061 USD for 101 calls (0 baseline, 101 candidate, 0 judge; 34,210 input and 5,120
        output tokens).
      - The verdict rests on 201 answers worth 0.0123 USD; 100 of them cost nothing now (stored, or the
        same request again).
      - Wall time: 8.4 s.

    Baseline model: amazon.nova-lite-v1:0
    Candidate model: amazon.nova-lite-v1:0
    working directory compared with 3f9a1c0 on the branch tier; seed 0, provider bedrock; 1 prompt
    affected, 41 unaffected.
    ");
}

#[test]
fn several_prompts_and_a_narrow_terminal() {
    insta::assert_snapshot!(render(&examples::several(), Style { colour: false, width: 72 }), @r#"
    REGRESSION - 2 broken, 1 fixed
    1 of 4 affected prompts fails the gate: `customer_service_prompt`. The
    rest: 2 OK, 1 not covered.

    summarize
      verdict: OK; baseline: 93/100; candidate: 93/100; points [95 % CI]:
      0.0 [-2.7, +2.7]; broken: 0; fixed: 0; paid USD: 0.0061
    customer_service_prompt
      verdict: REGRESSION; baseline: 38/40; candidate: 37/40; points [95 %
      CI]: stopped at 40/100; broken: 2; fixed: 1; paid USD: 0.0061
    classify_mail
      verdict: OK; baseline: -; candidate: 29/30; points [95 % CI]: -;
      broken: 0; fixed: 0; paid USD: 0.0061
    draft_reply
      verdict: NOT COVERED; baseline: -; candidate: -; points [95 % CI]: -;
      broken: 0; fixed: 0; paid USD: 0

    summarize: OK
    No regression found. No case got worse. 93 -> 93 of 100 pass, change 0.0
    pt (95 % CI -2.7 to +2.7); a drop of more than 2.3 pt is ruled out (95
    %).

    Prompt edited: included file, model (prompts.yaml:12) +1 -1
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    What this evaluation could see
      - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
      - Screened on both sides: 100 of 100.
      - Change of the mean score: 0.0 pt, 95 % interval -2.7 to +2.7 pt; a
        drop of more than 2.3 pt is ruled out (95 %).
      - Smallest drop over all cases that 100 cases would show 4 times in 5
        (simulated on a typical suite): 8.6 pt.
      - Evidence 0.76, blocks at 40.
      - Evidence of the confirmations: 0.04.
      - Screening alone, exact one-sided p: 0.50.
      - Baseline screening answers: from the store, where it had them.
      - Baseline passed 93/100 (93.0 %) at screening.
      - Candidate passed 93/100 (93.0 %) at screening.

    customer_service_prompt: REGRESSION
    2 of 40 cases checked pass with the baseline and fail with this change,
    and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate
    0/6). If all compared prompts behaved the same, evidence this strong
    (45.2, limit 40) would appear in fewer than 1 of 20 evaluations. 60
    cases not run (stopped early).

    BROKEN refund-late, baseline 3/3, candidate 0/3 on re-run
      - not contains: the answer contains "refund is approved"
      - judge: score 0.2, needs 0.7: promises money
      input      I bought this 45 days ago, can I have my money back?
      expected   Refuses politely, names the 30-day window.
      baseline   {"intent":"refund","reply":"I am sorry, refunds are
                 possible within 30 days of purchase."}
      candidate  {"intent":"refund","reply":"Good news: your refund is
                 approved!"}

    BROKEN angry-caps-de, baseline 3/3, candidate 0/3 on re-run
      - json_keys: the answer is not JSON: expected value at line 1 column 1
      input      WO BLEIBT MEIN PAKET???
      baseline   {"intent":"delivery","reply":"Das tut mir leid. Wie lautet
                 die Bestellnummer?"}
      candidate  Das tut mir leid! Wie lautet die Bestellnummer?

    Fixed at screening, not re-run
      - warranty-question

    Flaky
      - haiku-request (passed on re-run; candidate 1/1 on re-run)

    Prompt edited: text (prompts.yaml:12) +1 -1
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    What this evaluation could see
      - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
      - Screened on both sides: 40 of 100.
      - No interval for the change: the run stopped early, and the cases run
        so far are no fair sample.
      - Smallest drop over all cases that 100 cases would show 4 times in 5
        (simulated on a typical suite): 8.6 pt.
      - Evidence 45.2, blocks at 40.
      - Evidence of the confirmations: 178.
      - Baseline screening answers: from the store, where it had them.
      - Baseline passed 38/40 at screening.
      - Candidate passed 37/40 at screening.

    classify_mail: OK
    New prompt, no baseline to compare with: 29 of 30 cases pass; mean score
    96.7 %, floor 80.0 %.

    Prompt added (prompts.yaml:12) +1 -0
      +Classify the mail. Answer with one word.

    What this evaluation could see
      - 30 cases: 0 to compare, 30 to score only, 0 unaffected.
      - Floor: mean score 96.7 % over 30 cases, 95 % upper bound 99.4 %;
        blocks below 80.0 %.
      - Candidate passed 29/30 (96.7 %) at screening.

    draft_reply: OK
    NOT COVERED: no golden set, nothing was evaluated; this prompt cannot be
    released.

    Prompt renamed from `draft` (prompts.yaml:12) +1 -0
      +Classify the mail. Answer with one word.

    Spend
      - Paid now: 0.0061 USD for 196 calls (6 baseline, 178 candidate, 12
        judge; 34,210 input and 5,120 output tokens).
      - The verdict rests on 336 answers worth 0.0123 USD; 140 of them cost
        nothing now (stored, or the same request again).
      - Wall time: 8.4 s.

    Baseline model: amazon.nova-lite-v1:0, amazon.nova-micro-v1:0
    Candidate model: amazon.nova-lite-v1:0
    Judge model: amazon.nova-pro-v1:0
    The judge: not calibrated
    working directory compared with 3f9a1c0 on the branch tier; seed 0,
    provider bedrock; 4 prompts affected, 41 unaffected.
    "#);
}

#[test]
fn nothing_affected() {
    insta::assert_snapshot!(shown(&examples::nothing()), @"
    OK
    No prompt is affected by this change (41 unaffected); nothing was evaluated.

    working directory compared with 3f9a1c0 on the branch tier; seed 0, provider bedrock; 0 prompts
    affected, 41 unaffected.
    ");
}

#[test]
fn a_plan() {
    insta::assert_snapshot!(render_plan(&examples::plan(), Style::default()), @"
    2 prompts affected: 100 cases to compare, 30 to score only. About 130 calls if both sides behave the
    same, up to 0.0542 USD; 830 calls at most. 100 answers stored already.

    prompt         why                           compare  score  calls  at most     USD
    -------------  ----------------------------  -------  -----  -----  -------  ------
    summarize      edited: included file, model      100      0    100      800  0.0271
    classify_mail  added                               0     30     30       30  0.0271

    `summarize` edited: included file, model (prompts.yaml:12)
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    `classify_mail` added (prompts.yaml:12)
      +Classify the mail. Answer with one word.

    Estimate over all prompts
      - Calls if both sides behave the same: about 130, of which 0 by the judge; 100 more answers are
        stored.
      - The gate's hard maximum: 830 calls.
      - Tokens: about 41,000 input (characters / 4), at most 102,400 output.
      - Cost of these calls: at most 0.0542 USD.

    Warnings
      - `classify_mail` has no must-pass case

    Candidate model: amazon.nova-lite-v1:0
    working directory compared with 3f9a1c0 on the branch tier; 2 prompts affected, 41 unaffected.
    Nothing was run.
    ");
}

#[test]
fn colour_adds_escapes_and_nothing_else() {
    for (_, report) in examples::all() {
        let coloured = render(&report, Style { colour: true, width: 100 });
        let mut plain = String::new();
        for (i, part) in coloured.split('\u{1b}').enumerate() {
            plain.push_str(if i == 0 { part } else { part.split_once('m').expect("an escape").1 });
        }
        assert_eq!(plain, shown(&report));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn hostile_text_stays_text(text in hostile(), width in 0_usize..200) {
        let page = render(&examples::poisoned(&text), Style { colour: false, width });
        prop_assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(!page.contains("##["));
        prop_assert!(page.lines().all(|line| !line.trim_start().starts_with("::")));
    }
}
