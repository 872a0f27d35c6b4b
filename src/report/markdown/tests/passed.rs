//! Whole comments of what passes, is undecided or could not be measured.

use super::shown;
use crate::report::examples;

#[test]
fn improved() {
    let mut report = examples::improved();
    report.prompts[0].fixed.truncate(1);
    insta::assert_snapshot!(shown(&report), @r#"
    ## ▲ prompt-assay: IMPROVED – 1 fixed

    Better than the stored baseline run: 84 -> 91 of 100 pass, change +7.0 pt (95 % CI +1.3 to +12.4), significant by the exact sign test; no suspect is left.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | IMPROVED | <code>amazon.nova-lite-v1:0</code> | 84/100 (84.0 %) | 91/100 (91.0 %) | +7.0 pt [+1.3, +12.4] | 0 / 1 | 0.0061 USD |

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

    <details><summary><code>warranty-1</code> – was: &#36;.intent is "refund", expected "warranty"</summary>

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

    <details><summary>What this evaluation could see</summary>

    - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
    - Screened on both sides: 100 of 100.
    - Change of the mean score: +7.0 pt, 95 % interval +1.3 to +12.4 pt; a drop is ruled out (95 %).
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 0.76, blocks at 20.
    - Evidence of the confirmations: 0.04.
    - Screening alone, exact one-sided p: 0.50.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 84/100 (84.0 %) at screening.
    - Candidate passed 91/100 (91.0 %) at screening.

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

#[test]
fn ok() {
    insta::assert_snapshot!(shown(&examples::ok()), @r#"
    ## ✓ prompt-assay: OK

    No regression found. No case got worse on re-run. 93 -> 92 of 100 pass, change -1.0 pt (95 % CI -6.7 to +4.8); a drop of more than 5.8 pt is ruled out (95 %). One case going from always-pass to always-fail would have been caught with about 94 % probability.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | OK | <code>amazon.nova-lite-v1:0</code> | 93/100 (93.0 %) | 92/100 (92.0 %) | -1.0 pt [-6.7, +4.8] | 0 / 0 | 0.0061 USD |

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:12</code>)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

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

    <details><summary>1 case accepted as broken</summary>

    - <code>legacy-coupon</code>: coupons end in March

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

    <details><summary>1 warning</summary>

    - <code>prompts.yaml</code>: variable <code>tone</code> of <code>summarize</code> is never used

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

#[test]
fn inconclusive() {
    insta::assert_snapshot!(shown(&examples::inconclusive()), @r#"
    ## ? prompt-assay: INCONCLUSIVE – 1 unresolved

    1 case looked worse and is neither confirmed nor cleared: <code>angry-caps-de</code>. At screening: 93 -> 92 of 100 pass (evidence 6.1, blocks at 20).

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | INCONCLUSIVE | <code>amazon.nova-lite-v1:0</code> | 93/100 (93.0 %) | 92/100 (92.0 %) | -1.0 pt [-6.7, +4.8] | 0 / 0 | 0.0061 USD |

    **Neither confirmed nor cleared (1)**

    <details><summary><code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Status: reproduced. Passed: baseline 9/12, candidate 3/12 on re-run. Tags: <code>german</code>, <code>tone</code>.

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

    <details><summary>What this evaluation could see</summary>

    - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
    - Screened on both sides: 100 of 100.
    - Change of the mean score: -1.0 pt, 95 % interval -6.7 to +4.8 pt; a drop of more than 5.8 pt is ruled out (95 %).
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 6.1, blocks at 20.
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
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    "#);
}

#[test]
fn not_measured() {
    insta::assert_snapshot!(shown(&examples::not_measured()), @"
    ## ! prompt-assay: NOT MEASURED – 12 lost

    12 of 100 cases could not be measured because their calls failed, the first being <code>long-mail-01</code>: timed out after 5 attempts. This says nothing about the prompt; mend the cause and run it again.

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>customer_service_prompt</code> | NOT MEASURED | <code>amazon.nova-lite-v1:0</code> | 82/88 (93.2 %) | 81/88 (92.0 %) | - | 0 / 0 | unknown |

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:12</code>)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary>12 cases lost to failed calls</summary>

    - <code>long-mail-01</code>: timed out after 5 attempts
    - <code>long-mail-02</code>: timed out after 5 attempts
    - <code>long-mail-03</code>: timed out after 5 attempts
    - <code>long-mail-04</code>: timed out after 5 attempts
    - <code>long-mail-05</code>: timed out after 5 attempts
    - <code>long-mail-06</code>: timed out after 5 attempts
    - <code>long-mail-07</code>: timed out after 5 attempts
    - <code>long-mail-08</code>: timed out after 5 attempts
    - <code>long-mail-09</code>: timed out after 5 attempts
    - <code>long-mail-10</code>: timed out after 5 attempts
    - <code>long-mail-11</code>: timed out after 5 attempts
    - <code>long-mail-12</code>: timed out after 5 attempts

    </details>

    <details><summary>What this evaluation could see</summary>

    - 102 cases: 100 to compare, 0 to score only, 2 unaffected.
    - Screened on both sides: 88 of 100.
    - Smallest drop over all cases that 100 cases would show 4 times in 5 (simulated on a typical suite): 8.6 pt.
    - Evidence 0.76, blocks at 20.
    - Evidence of the confirmations: 0.04.
    - Screening alone, exact one-sided p: 0.50.
    - Baseline screening answers: from the store, where it had them.
    - Baseline passed 82/88 (93.2 %) at screening.
    - Candidate passed 81/88 (92.0 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 101 calls (0 baseline, 101 candidate, 0 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 201 answers of unknown price; 100 of them cost nothing now (stored, or the same request again).
    - No price is known for <code>amazon.nova-lite-v1:0</code>; set it under <code>prices</code>.
    - Wall time: 8.4 s.
    - Baseline model: <code>amazon.nova-lite-v1:0</code>
    - Candidate model: <code>amazon.nova-lite-v1:0</code>
    - Seed <code>0</code>, provider bedrock
    - Base <code>3f9a1c0</code>, head <code>working directory</code>

    </details>

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 1 prompt affected, 41 unaffected.</sub>
    ");
}

#[test]
fn nothing_affected() {
    insta::assert_snapshot!(shown(&examples::nothing()), @"
    ## ✓ prompt-assay: OK

    No prompt is affected by this change (41 unaffected); nothing was evaluated.

    <sub><code>working directory</code> compared with <code>3f9a1c0</code> on the branch tier; 0 prompts affected, 41 unaffected.</sub>
    ");
}
