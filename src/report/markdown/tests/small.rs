//! Whole comments with little room.

use crate::report::examples;
use crate::report::markdown::{Limits, render};

#[test]
fn several_prompts() {
    let text = render(&examples::several(), Limits { bytes: 6_000 });
    insta::assert_snapshot!(text, @r#"
    ## ✗ prompt-assay: REGRESSION – 2 broken, 1 fixed

    1 of 4 affected prompts fails the gate: <code>customer_service_prompt</code>. The rest: 2 OK, 1 not covered.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>summarize</code> | OK | <code>amazon.nova-micro-v1:0</code> → <code>amazon.nova-lite-v1:0</code> | 93/100 (93.0 %) | 93/100 (93.0 %) | 0.0 pt [-2.7, +2.7] | 0 / 0 | 0.0061 USD |
    | <code>customer_service_prompt</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | 38/40 | 37/40 | stopped early: 40 of 100 run | 2 / 1 | 0.0061 USD |
    | <code>classify_mail</code> | OK | <code>amazon.nova-lite-v1:0</code> | - | 29/30 (96.7 %) | - | 0 / 0 | 0.0061 USD |
    | <code>draft_reply</code> | OK, not covered | <code>amazon.nova-lite-v1:0</code> | - | - | - | 0 / 0 | 0 USD |

    ### ✗ <code>customer_service_prompt</code>: REGRESSION

    2 of 40 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate 0/6). If all compared prompts behaved the same, evidence this strong (45.2, limit 40) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped early).

    **Broken by this change (2)**

    <details><summary><code>refund-late</code> – the answer contains "refund is approved"</summary>

    Status: broken. Passed: baseline 3/3, candidate 0/3 on re-run. Tags: <code>policy</code>, <code>refund</code>.

    Input:

    ````text
    I bought this 45 days ago, can I have my money back?
    ````

    Expected:

    ````text
    Refuses politely, names the 30-day window.
    ````

    The candidate fails (score 0):

    - <code>not contains</code>: the answer contains "refund is approved"
    - <code>judge</code>: score 0.2, needs 0.7: promises money

    Answers (`-` baseline, `+` candidate):

    ````diff
     {
       "intent": "refund",
    -  "reply": "I am sorry, refunds are possible within 30 days of purchase."
    +  "reply": "Good news: your refund is approved!"
     }
    ````

    </details>

    <details><summary><code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Status: broken. Passed: baseline 3/3, candidate 0/3 on re-run. Tags: <code>german</code>, <code>tone</code>.

    Input:

    ````text
    WO BLEIBT MEIN PAKET???
    ````

    The candidate fails (score 0):

    - <code>json_keys</code>: the answer is not JSON: expected value at line 1 column 1

    Answers (`-` baseline, `+` candidate):

    ````diff
    -{"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
    +Das tut mir leid! Wie lautet die Bestellnummer?
    ````

    </details>

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:12</code>)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary>1 case fixed at screening, not re-run</summary>

    <code>warranty-question</code>

    </details>

    <details><summary>1 case flaky: worse once, not again</summary>

    <details><summary><code>haiku-request</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Status: passed on re-run. Passed: candidate 1/1 on re-run. Tags: <code>german</code>, <code>tone</code>.

    Input:

    ````text
    WO BLEIBT MEIN PAKET???
    ````

    The candidate fails (score 0):

    - <code>json_keys</code>: the answer is not JSON: expected value at line 1 column 1

    Answers (`-` baseline, `+` candidate):

    ````diff
    -{"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
    +Das tut mir leid! Wie lautet die Bestellnummer?
    ````

    </details>

    </details>

    <details><summary>What this evaluation could see</summary>

    - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
    - Screened on both sides: 40 of 100.
    - No interval for the change: the run stopped early, and the cases run so far are no fair sample.
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 45.2, blocks at 40.
    - Evidence of the confirmations: 178.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 38/40 at screening.
    - Candidate passed 37/40 at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: 0.0061 USD for 196 calls (6 baseline, 178 candidate, 12 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 336 answers worth 0.0123 USD; 140 of them cost nothing now (stored, or the same request again).
    - Wall time: 8.4 s.
    - Baseline model: <code>amazon.nova-lite-v1:0</code>, <code>amazon.nova-micro-v1:0</code>
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Judge model: <code>amazon.nova-pro-v1:0</code>
    - The judge: not calibrated
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 4 prompts affected, 41 unaffected.</sub>

    Shortened to fit; left out: answers of fixed cases, details of prompts that passed. The JSON report has everything.
    "#);
}

#[test]
fn the_smallest_comment_keeps_verdict_and_sentence() {
    insta::assert_snapshot!(render(&examples::confirmed_breaks(), Limits { bytes: 2_000 }), @r#"
    ## ✗ prompt-assay: REGRESSION – 2 broken, 1 fixed

    2 of 40 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped early).

    **This change lowers its own bar**

    - <code>customer_service_prompt</code>: case <code>legal-threat</code> removed (the baseline passes it) (lowers the bar)
    - configuration: <code>budget.max_cost</code> raised from 1 to 2

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | 38/40 | 37/40 | stopped early: 40 of 100 run | 2 / 1 | 0.0061 USD |

    **Broken by this change (2)**

    - <code>refund-late</code> – the answer contains "refund is approved"
    - <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    Prompt edited: text (<code>prompts.yaml:12</code>).

    <details><summary>1 case fixed at screening, not re-run</summary>

    <code>warranty-question</code>

    </details>

    <details><summary>1 case flaky: worse once, not again</summary>

    <code>haiku-request</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>

    Shortened to fit; left out: answers of fixed cases, answers of flaky cases, prompt diffs, answers of some broken cases, the statistics, spend and models. The JSON report has everything.
    "#);
}
