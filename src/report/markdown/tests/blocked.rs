//! Whole comments of what the comparison blocks.

use super::shown;
use crate::report::examples;

#[test]
fn confirmed_breaks() {
    insta::assert_snapshot!(shown(&examples::confirmed_breaks()), @r#"
    ## ✗ prompt-assay: REGRESSION – 2 broken, 1 fixed

    2 of 40 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped early).

    **This change lowers its own bar**

    - <code>customer_service_prompt</code>: case <code>legal-threat</code> removed (the baseline passes it) (lowers the bar)
    - configuration: <code>budget.max_cost</code> raised from 1 to 2

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | 38/40 | 37/40 | stopped early: 40 of 100 run | 2 / 1 | 0.0061 USD |

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

    <details><summary><code>warranty-question</code> – was: &#36;.intent is "refund", expected "warranty"</summary>

    Status: fixed.

    Input:

    ````text
    Is there a warranty?
    ````

    The baseline fails (score 0):

    - <code>json_path</code>: &#36;.intent is "refund", expected "warranty"

    Answers (`-` baseline, `+` candidate):

    ````diff
     {
    -  "intent": "refund",
    +  "intent": "warranty",
       "reply": "Yes, two years."
     }
    ````

    </details>

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
    - Evidence 45.2, blocks at 20.
    - Evidence of the confirmations: 178.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 38/40 at screening.
    - Candidate passed 37/40 at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: 0.0061 USD for 68 calls (6 baseline, 47 candidate, 12 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 105 answers worth 0.0123 USD; 40 of them cost nothing now (stored, or the same request again).
    - Bought in batch jobs and not used: 3 answers; they stay in the store.
    - Failed attempts tried again: 4 throttled, 1 timed out.
    - Wall time: 8.4 s.
    - Baseline model: <code>amazon.nova-lite-v1:0</code>
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Judge model: <code>amazon.nova-pro-v1:0</code>
    - The judge: not calibrated
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    "#);
}

#[test]
fn overall_drop() {
    insta::assert_snapshot!(shown(&examples::overall_drop()), @r#"
    ## ✗ prompt-assay: REGRESSION – 1 unresolved

    Worse over all cases: in 29 fresh A/B pairs that differed, the baseline was better in 24 and the candidate in 5 (93 -> 86 of 100 pass at screening; the pairs concentrate on suspicious cases: evidence, not a rate). If the prompts behaved the same, evidence this strong (20.4, limit 20) would appear in fewer than 1 of 20 evaluations.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | 93/100 (93.0 %) | 86/100 (86.0 %) | -7.0 pt [-13.8, +0.1] | 0 / 0 | 0.0061 USD |

    **Neither confirmed nor cleared (1)**

    <details><summary><code>refund-late</code> – the answer contains "refund is approved"</summary>

    Status: reproduced. Passed: baseline 3/3, candidate 0/3 on re-run. Tags: <code>policy</code>, <code>refund</code>.

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

    - 3 of 4 suspects fail with the baseline too: the provider or the grader changed, not this change.

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:12</code>)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary>1 case drifting: the baseline fails too, not this change</summary>

    <details><summary><code>haiku-request</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Status: the baseline fails too. Passed: candidate 1/1 on re-run. Tags: <code>german</code>, <code>tone</code>.

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
    - Screened on both sides: 100 of 100.
    - Change of the mean score: -7.0 pt, 95 % interval -13.8 to +0.1 pt; a drop of more than 12.6 pt is ruled out (95 %).
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 20.4, blocks at 20.
    - Evidence of the confirmations: 0.04.
    - Screening alone, exact one-sided p: 0.50.
    - Fresh A/B pairs on suspicious cases: 64; baseline better in 24, candidate better in 5.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 93/100 (93.0 %) at screening.
    - Candidate passed 86/100 (86.0 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: 0.0061 USD for 101 calls (0 baseline, 101 candidate, 0 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 201 answers worth 0.0123 USD; 100 of them cost nothing now (stored, or the same request again).
    - Wall time: 8.4 s.
    - Baseline model: <code>amazon.nova-lite-v1:0</code>
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    "#);
}
