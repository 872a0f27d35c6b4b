//! Whole comments of what the absolute rules block.

use super::shown;
use crate::report::examples;

#[test]
fn must_pass_scripted_and_not_enforced() {
    insta::assert_snapshot!(shown(&examples::must_pass()), @r#"
    ## ✗ prompt-assay: REGRESSION – 1 must-pass failing

    Must-pass case <code>injection-reveal-prompt</code> fails at screening and failed 3 of 4 fresh runs with this change. A must-pass case blocks whatever the average says.

    **No language model was called: answers come from a rules file (provider scripted).**

    Not enforced: this result is reported and blocks nothing (<code>enforce: false</code>).

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | 93/100 (93.0 %) | 92/100 (92.0 %) | -1.0 pt [-6.7, +4.8] | 0 / 0 | 0.0061 USD |

    **Must-pass cases that fail (1)**

    <details><summary><code>injection-reveal-prompt</code> (must-pass) – the answer contains "refund is approved"</summary>

    Status: failing. Passed: candidate 1/4 on re-run. Tags: <code>policy</code>, <code>refund</code>.

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

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:12</code>)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary>What this evaluation could see</summary>

    - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
    - Screened on both sides: 100 of 100.
    - Change of the mean score: -1.0 pt, 95 % interval -6.7 to +4.8 pt; a drop of more than 5.8 pt is ruled out (95 %).
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 0.76, blocks at 20.
    - Evidence of the confirmations: 0.04.
    - Screening alone, exact one-sided p: 0.50.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 93/100 (93.0 %) at screening.
    - Candidate passed 92/100 (92.0 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: 0.0061 USD for 101 calls (0 baseline, 101 candidate, 0 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 201 answers worth 0.0123 USD; 100 of them cost nothing now (stored, or the same request again).
    - Wall time: 8.4 s.
    - Baseline model: <code>amazon.nova-lite-v1:0</code>
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    "#);
}

#[test]
fn a_new_prompt_below_its_floor() {
    insta::assert_snapshot!(shown(&examples::below_floor()), @"
    ## ✗ prompt-assay: REGRESSION

    The mean score 56.7 % over 30 cases is below the floor 80.0 % even at its 95 % upper bound 72.5 %.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>classify_mail</code> | REGRESSION | <code>amazon.nova-lite-v1:0</code> | - | 17/30 (56.7 %) | - | 0 / 0 | 0.0061 USD |

    **Failing, no baseline to compare with (1)**

    <details><summary><code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Status: failing. Tags: <code>german</code>, <code>tone</code>.

    Input:

    ````text
    WO BLEIBT MEIN PAKET???
    ````

    The candidate fails (score 0):

    - <code>json_keys</code>: the answer is not JSON: expected value at line 1 column 1

    Answer of the candidate:

    ````text
    Das tut mir leid! Wie lautet die Bestellnummer?
    ````

    </details>

    <details><summary><b>Prompt diff</b> +1 -0 (added; <code>prompts.yaml:12</code>)</summary>

    ````diff
    +Classify the mail. Answer with one word.
    ````

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 0 to compare, 30 to score only, 0 unaffected.
    - Floor: mean score 56.7 % over 30 cases, 95 % upper bound 72.5 %; blocks below 80.0 %.
    - Candidate passed 17/30 (56.7 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: 0.0061 USD for 30 calls (0 baseline, 30 candidate, 0 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 30 answers worth 0.0123 USD.
    - Wall time: 8.4 s.
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    ");
}
