//! What else changes what a reviewer sees without opening anything: policy, several prompts, the tier, who answered.

use super::outline;
use crate::prompt::Tier;
use crate::report::sentence::Evaluation;
use crate::report::{CaseReason, Report, examples};

#[test]
fn a_trade_is_a_decision_and_says_whether_it_blocks() {
    let mut all = examples::every_reason().into_iter();
    let (_, mut trade) = all.find(|(name, _)| *name == "trade").expect("an example");
    trade.exit_code = 1;
    let line = |report: &Report, start: &str| {
        let text = outline(report);
        let line = text.lines().find(|line| line.starts_with(start)).expect("a line");
        line.to_owned()
    };
    insta::assert_snapshot!(line(&trade, "**What to do now"), @"**What to do now:** weigh the two. If the break is not meant, fix the prompt, push. It blocks, because <code>on_mixed: fail</code> is set. Is a break intended? Accept it with the lines below.");
    let prompts = vec![trade.prompts.remove(0), examples::ok().prompts.remove(0)];
    let mut two = examples::report(prompts, &Evaluation::default());
    two.prompts[1].head.id = "summarize".into();
    insta::assert_snapshot!(outline(&two), @r#"
    ## ⚖️ Your decision: this edit of <code>customer_service_prompt</code> fixes 4 cases and breaks 1; the other prompt is fine
    | Prompt | Old → new | |
    |:--|:--|:--|
    | ⚖️ <code>customer_service_prompt</code> | 93 → 96 of 100 | fixes 4, breaks 1 |
    | ✅ <code>summarize</code> | 93 → 92 of 100 | no break found |
    ### ⚖️ This edit of <code>customer_service_prompt</code> fixes 4 cases and breaks 1
    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `███████████████████░` 96&nbsp;of&nbsp;100 |
    Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    **What was fixed**
    - **4** &#36;.intent is "refund", expected "warranty" – <code>warranty-1</code>, <code>warranty-2</code>, <code>warranty-3</code>, <code>warranty-4</code>
    **What to do now:** weigh the two. If the break is not meant, fix the prompt, push. Nothing is blocked. Is a break intended? Accept it with the lines below.
    > Accept a break: lines for <code>prompt-assay.yaml</code>
    > <b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > 4 cases better, and again when asked again
    > How sure is this?
    > 1 prompt without a break found
    > Cost 0.0061 USD · 202 calls · 8.4 s
    "#);
}

#[test]
fn five_prompts() {
    let mut report = examples::several();
    let worse = examples::overall_drop().prompts.remove(0);
    report.prompts.push(worse);
    report.prompts[4].head.id = "triage".into();
    insta::assert_snapshot!(outline(&report), @r#"
    ## ❌ Do not merge: 2 of 5 prompts do not pass: <code>customer_service_prompt</code> and <code>triage</code>
    | Prompt | Old → new | |
    |:--|:--|:--|
    | ❌ <code>customer_service_prompt</code> | 38 → 37 of 40 | breaks 2 |
    | ❌ <code>triage</code> | 93 → 86 of 100 | worse overall |
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
    ### ❌ This edit makes <code>triage</code> worse overall
    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `█████████████████░░░` 86&nbsp;of&nbsp;100 |
    **Not bad luck:** asked again, side by side, the old prompt did better 24 times, the new one 5 times. Weakest cases: <code>refund-late</code> (old 3 of 3, new 0 of 3), <code>c20</code> (old 4 of 4, new 2 of 4).
    1 other case got better.
    **What to do now:** read the weakest cases: many lose a little. Fix the prompt, push.
    > <b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)
    > 🔻 <code>refund-late</code> – the answer contains "refund is approved"
    > 🔻 <code>c20</code> – the answer is not JSON: expected value at line 1 column 1
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once
    > 1 case not because of this change: the old prompt fails, too
    - 3 of 4 suspects fail with the old prompt, too: the provider or the grader changed, not this change.
    > How sure is this?
    > 3 prompts without a break found
    > Cost 0.0061 USD · 196 calls · 8.4 s
    "#);
}

#[test]
fn the_main_tier_and_accepted_breaks() {
    let mut report = examples::ok();
    report.tier = Tier::Main;
    insta::assert_snapshot!(outline(&report), @"
    ## ✅ No break found in <code>customer_service_prompt</code>
    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    1 case failed once and passed when asked again (<code>haiku-request</code>). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    **What to do now:** nothing; this may merge.
    > <b>The change</b> +1 -1 in <code>prompts.yaml:12</code> (edited: text)
    > 1 case flaky: failed once, passed when asked again
    > 1 case accepted as broken
    > How sure is this?
    > 1 warning
    > Cost 0.0061 USD · 101 calls · 8.4 s
    ");
    report.prompts[0].accepted.push(CaseReason { case: "b".into(), reason: "agreed".into() });
    let shown = super::shown(&report);
    let accepted = shown.split_once("<details><summary>2 cases accepted as broken").expect("a fold").1;
    insta::assert_snapshot!(accepted.split_once("</details>").expect("its end").0, @"
    </summary>

    - <code>legacy-coupon</code>: coupons end in March
    - <code>b</code>: agreed
    ");
}

#[test]
fn nothing_affected() {
    insta::assert_snapshot!(outline(&examples::nothing()), @"
    ## ✅ Nothing to check: no prompt is affected
    No prompt is affected by this change (41 unaffected); nothing was evaluated.
    ");
}

#[test]
fn a_judge_and_a_scripted_model_are_named() {
    let of = |report: &Report, line: &str| {
        super::shown(report)
            .lines()
            .filter(|found| found.contains(line))
            .map(|found| format!("{found}\n"))
            .collect::<String>()
    };
    insta::assert_snapshot!(of(&examples::confirmed_breaks(), "Judge"), @"- Judge: <code>amazon.nova-pro-v1:0</code>");
    insta::assert_snapshot!(of(&examples::must_pass(), "cost"), @"
    <details><summary>Would have cost 0.0061 USD; nothing was paid · 101 calls · 8.4 s</summary>
    - 101 calls would have cost 0.0061 USD; nothing was paid (0 old prompt, 101 new prompt, 0 judge; 34,210 input and 5,120 output tokens).
    - The verdict rests on 201 answers worth 0.0123 USD; 100 of them cost nothing now (stored, or the same request again).
    ");
    insta::assert_snapshot!(of(&examples::must_pass(), "No language model"), @"**No language model was called: answers come from a rules file (provider scripted).**");
}
