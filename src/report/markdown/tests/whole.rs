//! Whole comments: one of a break, one over several prompts.

use super::shown;
use crate::report::examples;

#[test]
fn a_break() {
    insta::assert_snapshot!(shown(&examples::confirmed_breaks()), @r#"
    ## ❌ Do not merge: this edit breaks at least 2 of 100 cases of <code>customer_service_prompt</code>

    | Prompt | Passes |
    |:--|:--|
    | old | `███████████████████░` 38&nbsp;of&nbsp;40 |
    | **new** | `██████████████████▌░` 37&nbsp;of&nbsp;40 |

    **Not bad luck:** the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.

    **What broke**

    - **1** fails <code>not contains</code> – <code>refund-late</code>
    - **1** the answer is not JSON – <code>angry-caps-de</code>

    1 other case got better.

    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.

    <details><summary>Accept a break: lines for <code>prompt-assay.yaml</code></summary>

    ````yaml
    accepted_breaks:    # keep the lines of the breaks that you want, and say why
      - {prompt: customer_service_prompt, case: refund-late, reason: }
      - {prompt: customer_service_prompt, case: angry-caps-de, reason: }
    ````

    </details>

    **This change lowers its own bar**

    - <code>customer_service_prompt</code>: case <code>legal-threat</code> removed (the old prompt passes it) (lowers the bar)
    - configuration: <code>budget.max_cost</code> raised from 1 to 2

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary>❌ <code>refund-late</code> – the answer contains "refund is approved"</summary>

    Input:

    ````text
    I bought this 45 days ago, can I have my money back?
    ````

    Expected:

    ````text
    Refuses politely, names the 30-day window.
    ````

    Answers (`-` old, `+` new):

    ````diff
     {
       "intent": "refund",
    -  "reply": "I am sorry, refunds are possible within 30 days of purchase."
    +  "reply": "Good news: your refund is approved!"
     }
    ````

    The new answer fails (score 0):

    - <code>not contains</code>: the answer contains "refund is approved"
    - <code>judge</code>: score 0.2, needs 0.7: promises money

    Broken. Asked again: old 3 of 3, new 0 of 3. Tags: <code>policy</code>, <code>refund</code>.

    </details>

    <details><summary>❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Input:

    ````text
    WO BLEIBT MEIN PAKET???
    ````

    Answers (`-` old, `+` new):

    ````diff
    -{"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
    +Das tut mir leid! Wie lautet die Bestellnummer?
    ````

    The new answer fails (score 0):

    - <code>json_keys</code>: the answer is not JSON: expected value at line 1 column 1

    Broken. Asked again: old 3 of 3, new 0 of 3. Tags: <code>german</code>, <code>tone</code>.

    </details>

    <details><summary>1 case flaky: failed once, passed when asked again</summary>

    <details><summary><code>haiku-request</code> – the answer is not JSON: expected value at line 1 column 1</summary>

    Input:

    ````text
    WO BLEIBT MEIN PAKET???
    ````

    Answers (`-` old, `+` new):

    ````diff
    -{"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
    +Das tut mir leid! Wie lautet die Bestellnummer?
    ````

    The new answer fails (score 0):

    - <code>json_keys</code>: the answer is not JSON: expected value at line 1 column 1

    Passed when asked again. Asked again: new 1 of 1. Tags: <code>german</code>, <code>tone</code>.

    </details>

    </details>

    <details><summary>1 case better, asked once</summary>

    <details><summary><code>warranty-question</code> – was: &#36;.intent is "refund", expected "warranty"</summary>

    Input:

    ````text
    Is there a warranty?
    ````

    Answers (`-` old, `+` new):

    ````diff
     {
    -  "intent": "refund",
    +  "intent": "warranty",
       "reply": "Yes, two years."
     }
    ````

    The old answer fails (score 0):

    - <code>json_path</code>: &#36;.intent is "refund", expected "warranty"

    Better.

    </details>

    </details>

    <details><summary>How sure is this?</summary>

    - If both prompts behaved the same, a result this clear would come up in fewer than 1 of 20 evaluations.
    - No interval for the change: the run stopped early, and the cases asked so far are no fair sample.
    - The judge <code>amazon.nova-pro-v1:0</code>: not calibrated.
    - With 100 cases, a drop of 8.6 points over all cases is found four times in five (simulated on a typical suite).
    - Evidence that the new prompt is worse: 45.2. It begins at 1 and blocks at 20.
    - Of cases listed as broken, at most one in ten is expected to be listed wrongly.
    - 102 cases: 100 compared, 0 only scored, 2 unaffected. Asked on both sides: 40 of 100. The old prompt's first answers come from the store, where it had them.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Cost 0.0061 USD · 68 calls · 8.4 s</summary>

    - 68 calls cost 0.0061 USD (6 old prompt, 47 new prompt, 12 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 105 answers worth 0.0123 USD; 40 of them cost nothing now (stored, or the same request again).
    - Bought in batch jobs and not used: 3 answers; they stay in the store.
    - Failed attempts tried again: 4 throttled, 1 timed out.
    - Wall time: 8.4 s.
    - Old prompt's model: <code>amazon.nova-lite-v1:0</code>
    - New prompt's model: <code>amazon.nova-lite-v1:0</code>
    - Judge: <code>amazon.nova-pro-v1:0</code>
    - Seed <code>0</code>, provider bedrock

    </details>

    <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 1 prompt affected, 41 not.</sub>
    "#);
}

#[test]
fn several_prompts() {
    insta::assert_snapshot!(super::outline(&examples::several()), @r#"
    ## ❌ Do not merge: this edit breaks at least 2 of 100 cases of <code>customer_service_prompt</code>; of the other 3 prompts 2 are fine, 1 has no golden set
    | Prompt | Old → new | |
    |:--|:--|:--|
    | ❌ <code>customer_service_prompt</code> | 38 → 37 of 40 | breaks 2 |
    | ✅ <code>summarize</code> | 93 → 93 of 100 | no break found |
    | ✅ <code>classify_mail</code> | 29 of 30 | new; passes |
    | ➖ <code>draft_reply</code> | – | no golden set: not checked |
    ### ❌ This edit breaks at least 2 of 100 cases of <code>customer_service_prompt</code>
    | Prompt | Passes |
    |:--|:--|
    | old | `███████████████████░` 38&nbsp;of&nbsp;40 |
    | **new** | `██████████████████▌░` 37&nbsp;of&nbsp;40 |
    **Not bad luck:** the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    - **1** the answer is not JSON – <code>angry-caps-de</code>
    1 other case got better.
    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.
    > Accept a break: lines for <code>prompt-assay.yaml</code>
    > <b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > ❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once
    > How sure is this?
    > 3 prompts without a break found
    > Cost 0.0061 USD · 196 calls · 8.4 s
    "#);
}
