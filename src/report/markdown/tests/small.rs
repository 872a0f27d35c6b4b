//! Comments with little room.

use crate::report::examples;
use crate::report::markdown::{Limits, render};

#[test]
fn the_smallest_comment_keeps_verdict_scores_reason_and_next_step() {
    insta::assert_snapshot!(render(&examples::confirmed_breaks(), Limits { bytes: 2_300 }), @r#"
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

    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it in <code>accepted_breaks</code>.

    **This change lowers its own bar**

    - <code>customer_service_prompt</code>: case <code>legal-threat</code> removed (the old prompt passes it) (lowers the bar)
    - configuration: <code>budget.max_cost</code> raised from 1 to 2

    The change: edited: text in <code>prompts.yaml:12</code>.

    - ❌ <code>refund-late</code> – the answer contains "refund is approved"
    - ❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    <details><summary>1 case flaky: failed once, passed when asked again</summary>

    <code>haiku-request</code>

    </details>

    <details><summary>1 case better, asked once</summary>

    <code>warranty-question</code>

    </details>

    <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 1 prompt affected, 41 not.</sub>

    Shortened to fit; left out: answers of fixed cases, answers of flaky cases, prompt diffs, answers of some broken cases, how sure the verdict is, lines that accept breaks, cost and models. The JSON report has everything.
    "#);
}

#[test]
fn of_several_prompts_the_worst_stay() {
    insta::assert_snapshot!(render(&examples::several(), Limits { bytes: 2_300 }), @r#"
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

    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it in <code>accepted_breaks</code>.

    The change: edited: text in <code>prompts.yaml:12</code>.

    - ❌ <code>refund-late</code> – the answer contains "refund is approved"
    - ❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    <details><summary>1 case flaky: failed once, passed when asked again</summary>

    <code>haiku-request</code>

    </details>

    <details><summary>1 case better, asked once</summary>

    <code>warranty-question</code>

    </details>

    <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 4 prompts affected, 41 not.</sub>

    Shortened to fit; left out: answers of fixed cases, details of prompts that passed, answers of flaky cases, prompt diffs, answers of some broken cases, how sure the verdict is, lines that accept breaks, cost and models. The JSON report has everything.
    "#);
}
