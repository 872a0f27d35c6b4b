//! A whole plan, and its limits.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, assert_calm, hostile};

#[test]
fn a_plan() {
    insta::assert_snapshot!(render(&examples::plan(), Limits::default()), @"
    ## Plan

    2 prompts affected: 100 cases to compare, 30 to score only. About 130 calls if both sides behave the same, up to 0.0542 USD; 830 calls at most. 100 answers stored already.

    | Prompt | Why | Model | Compare | Score | Unaffected | Calls | At most | Cost |
    |---|---|---|--:|--:|--:|--:|--:|--:|
    | <code>summarize</code> | edited: included file, model | <code>amazon.nova-lite-v1:0</code> | 100 | 0 | 2 | 100 | 800 | 0.0271 USD |
    | <code>classify_mail</code> | added | <code>amazon.nova-lite-v1:0</code> | 0 | 30 | 0 | 30 | 30 | 0.0271 USD |

    <details><summary><code>summarize</code> edited: included file, model (prompts.yaml:12) +1 -1</summary>

    ````diff
    @@ 2 unchanged lines @@
     You are a customer service agent of Example Shop.
    -Refunds are possible within 30 days.
    +Be generous and keep customers happy.
     Answer in JSON with `intent` and `reply`.
    ````

    </details>

    <details><summary><code>classify_mail</code> added (prompts.yaml:12) +1 -0</summary>

    ````diff
    +Classify the mail. Answer with one word.
    ````

    </details>

    - <code>classify_mail</code> has no must-pass case

    <details><summary>Estimate over all prompts</summary>

    - Calls if both sides behave the same: about 130, of which 0 for checks (judge, embeddings); 100 more answers are stored.
    - The gate's hard maximum: 830 calls.
    - Tokens: about 41,000 input (characters / 4), at most 102,400 output.
    - Cost of these calls: at most 0.0542 USD.

    </details>

    <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 2 prompts affected, 41 not. Nothing was run.</sub>
    ");
}

#[test]
fn an_empty_plan_says_so() {
    let mut plan = examples::plan();
    plan.prompts.clear();
    plan.warnings.clear();
    insta::assert_snapshot!(render(&plan, Limits::default()), @"
    ## Plan

    No prompt is affected (41 unaffected); nothing would run.

    <sub>prompt-assay: <code>working directory</code> compared with <code>3f9a1c0</code>, branch models. 0 prompts affected, 41 not. Nothing was run.</sub>
    ");
}

#[test]
fn a_plan_of_a_thousand_prompts_fits() {
    let mut plan = examples::plan();
    plan.prompts = plan.prompts.iter().cycle().take(1_000).cloned().collect();
    for bytes in [2_000, 10_000, 60_000] {
        let text = render(&plan, Limits { bytes });
        assert!(text.len() <= bytes, "{} > {bytes}", text.len());
        assert!(text.contains("1,000 prompts affected"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn hostile_text_stays_text(text in hostile(), bytes in 2_000_usize..20_000) {
        let mut plan = examples::plan();
        for p in &mut plan.prompts {
            p.head.id = text.clone();
            p.head.catalog = text.clone();
            p.head.models.candidate = text.clone();
            p.notes = vec![text.clone()];
            p.diff = vec![crate::change::DiffLine::Added(text.clone())];
        }
        plan.head.name = text.clone();
        plan.base.name = text.clone();
        let what = crate::remark::Remark::quoting(text);
        plan.moved_bars = vec![crate::report::MovedBar { what, lowers: true, ..Default::default() }];
        let shown = render(&plan, Limits { bytes });
        assert_calm(&shown, bytes);
    }
}
