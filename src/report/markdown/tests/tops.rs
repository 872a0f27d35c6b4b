//! What a reviewer sees without opening anything, for every verdict and reason.

use std::collections::BTreeSet;

use super::outline;
use crate::report::{Report, examples};
use crate::verdict::Reason;

#[test]
fn every_reason() {
    let all = examples::every_reason();
    // What is the same for every reason is left out.
    let common = ["| Prompt", "|:", "> Cost", "> How sure", "> <b>The change", "> Accept a break"];
    let differs = |line: &&str| !common.iter().any(|start| line.starts_with(start));
    let own = |report: &Report| {
        outline(report).lines().filter(differs).map(|line| format!("{line}\n")).collect::<String>()
    };
    let text: String = all.iter().map(|(name, report)| format!("[{name}]\n{}\n", own(report))).collect();
    insta::assert_snapshot!(text, @r#"
    [confirmed_breaks, stopped early]
    ## ❌ Do not merge: this edit breaks at least 2 of 100 cases of <code>customer_service_prompt</code>
    | old | `███████████████████░` 38&nbsp;of&nbsp;40 |
    | **new** | `██████████████████▌░` 37&nbsp;of&nbsp;40 |
    **Not bad luck:** the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    - **1** the answer is not JSON – <code>angry-caps-de</code>
    1 other case got better.
    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.
    **This change lowers its own bar**
    - <code>customer_service_prompt</code>: case <code>legal-threat</code> removed (the old prompt passes it) (lowers the bar)
    - configuration: <code>budget.max_cost</code> raised from 1 to 2
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > ❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once

    [confirmed_breaks, one case]
    ## ❌ Do not merge: this edit breaks 1 of 100 cases of <code>customer_service_prompt</code>
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    **Not bad luck:** <code>refund-late</code> was asked again, fresh: the old prompt passed 3 of 3, the new one 0 of 3.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    1 other case got better.
    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once

    [confirmed_breaks, none alone]
    ## ❌ Do not merge: this edit makes several cases of <code>customer_service_prompt</code> worse
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    **Not bad luck:** the suspicious cases were asked again, fresh: the new prompt did worse again.
    1 other case got better.
    **What to do now:** read a broken case, fix the prompt, push.
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once

    [confirmed_breaks, graded]
    ## ❌ Do not merge: this edit makes at least 2 of 100 cases of <code>customer_service_prompt</code> worse
    | old | `███████████████████░` 38&nbsp;of&nbsp;40 |
    | **new** | `██████████████████▌░` 37&nbsp;of&nbsp;40 |
    **Not bad luck:** the 2 cases were asked again, fresh: the old prompt kept its score in 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.
    **What broke**
    - **2** a lower score – <code>refund-late</code>, <code>angry-caps-de</code>
    1 other case got better.
    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – broken
    > ❌ <code>angry-caps-de</code> – broken
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once

    [overall_drop]
    ## ❌ Do not merge: this edit makes <code>customer_service_prompt</code> worse overall
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `█████████████████░░░` 86&nbsp;of&nbsp;100 |
    **Not bad luck:** asked again, side by side, the old prompt did better 24 times, the new one 5 times. Weakest cases: <code>refund-late</code> (old 3 of 3, new 0 of 3), <code>c20</code> (old 4 of 4, new 2 of 4).
    1 other case got better.
    **What to do now:** read the weakest cases: many lose a little. Fix the prompt, push.
    > 🔻 <code>refund-late</code> – the answer contains "refund is approved"
    > 🔻 <code>c20</code> – the answer is not JSON: expected value at line 1 column 1
    > 1 case flaky: failed once, passed when asked again
    > 1 case better, asked once
    > 1 case not because of this change: the old prompt fails, too
    - 3 of 4 suspects fail with the old prompt, too: the provider or the grader changed, not this change.

    [overall_drop, both sides bought]
    ## ❌ Do not merge: this edit makes <code>customer_service_prompt</code> worse overall
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `████████████████░░░░` 79&nbsp;of&nbsp;100 |
    **Not bad luck:** both prompts were asked afresh, and 93 → 79 of 100 pass; by chance alone that has probability 0.0017.
    **What to do now:** read the weakest cases: many lose a little. Fix the prompt, push.

    [passes_only_when_varied]
    ## ❌ Do not merge: <code>customer_service_prompt</code> does better in tests than in production
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Of 34 cases sent exactly as production sends them 20 got worse; of 66 with a space or a line break more 0. The prompt seems to notice that it is tested.
    **What to do now:** find what in the prompt depends on white space around the message, remove it, push.

    [must_pass, scripted, not enforced]
    ## ❌ Would be blocked: <code>customer_service_prompt</code> fails its must-pass case <code>injection-reveal-prompt</code>
    **No language model was called: answers come from a rules file (provider scripted).**
    Not enforced: this result is reported and blocks nothing (<code>enforce: false</code>).
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Asked again, the new prompt failed 3 of 4 times. A must-pass case blocks, whatever the other cases say.
    **Why**
    - **1** fails <code>not contains</code> – <code>injection-reveal-prompt</code>
    **What to do now:** fix the prompt so that <code>injection-reveal-prompt</code> passes, push. If the case itself is wrong, correct it in the golden set.
    > ❌ <code>injection-reveal-prompt</code> (must-pass) – the answer contains "refund is approved"
    > Would have cost 0.0061 USD; nothing was paid · 101 calls · 8.4 s

    [below_floor]
    ## ❌ Do not merge: <code>classify_mail</code> scores 56.7 %, below its minimum of 80.0 %
    | **new** | `███████████▌░░░░░░░░` 17&nbsp;of&nbsp;30 |
    **Not bad luck:** the mean score is 56.7 % over 30 cases; with luck it could be 72.5 %, and that is still too low.
    **What fails**
    - **1** the answer is not JSON – <code>angry-caps-de</code>
    **What to do now:** fix the prompt so that more of the failing cases pass, push.
    > ❌ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    [over_budget_per_call]
    ## ❌ Do not merge: calls of <code>customer_service_prompt</code> take 2,340 ms at p95, over the limit of 2,000 ms
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    **Not bad luck:** of 100 fresh calls 14 took longer than 2,000 ms, where 5 in 100 may.
    **What to do now:** shorten the prompt or its answers, or choose another model; push.

    [golden_set_removed]
    ## ❌ Do not merge: this change removes the golden set of <code>customer_service_prompt</code>
    Without a golden set nothing can be evaluated.
    **What to do now:** bring the golden set back, or remove the prompt, too; push.

    [not_covered, uncovered: fail]
    ## ❌ Do not merge: <code>customer_service_prompt</code> has no golden set, so nothing was checked
    Nothing was evaluated, and the configuration asks for a golden set (<code>uncovered: fail</code>).
    **What to do now:** add golden cases for it: the configuration asks for them (<code>uncovered: fail</code>); then push.

    [not_exercised, uncovered: fail]
    ## ❌ Do not merge: no golden case of <code>customer_service_prompt</code> shows this edit
    Every golden case asks the model the same as before, so nothing was evaluated.
    **What to do now:** add a case in which the edited words are used, push.

    [trade]
    ## ⚖️ Your decision: this edit of <code>customer_service_prompt</code> fixes 4 cases and breaks 1
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `███████████████████░` 96&nbsp;of&nbsp;100 |
    Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    **What was fixed**
    - **4** &#36;.intent is "refund", expected "warranty" – <code>warranty-1</code>, <code>warranty-2</code>, <code>warranty-3</code>, <code>warranty-4</code>
    **What to do now:** weigh the two. If the break is not meant, fix the prompt, push. Nothing is blocked. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > 4 cases better, and again when asked again

    [trade, of a wavering case]
    ## ⚖️ Your decision: this edit of <code>customer_service_prompt</code> breaks 1 case that changed with edits before
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Asked again, fresh, the 1 broken case stayed broken (old 3 of 3, new 0 of 3). Earlier edits turned such cases, too, though seldom, so this may be the edit's doing or not.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    **What to do now:** read the broken cases. If the new answers are worse, fix the prompt, push. Nothing is blocked. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"

    [trade_floor_unresolved]
    ## ⚖️ Your decision: this edit of <code>customer_service_prompt</code> fixes 4 cases and breaks 1, and scores 96.0 %, below its minimum of 98.0 %, perhaps by chance
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `███████████████████░` 96&nbsp;of&nbsp;100 |
    Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100. The mean score is 96.0 % over 100 cases; with so few cases it could in truth be 98.4 %.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    **What was fixed**
    - **4** &#36;.intent is "refund", expected "warranty" – <code>warranty-1</code>, <code>warranty-2</code>, <code>warranty-3</code>, <code>warranty-4</code>
    **What to do now:** weigh the two, and fix failing cases: if the break is not meant, fix the prompt, push. It is not released, unless both <code>release_on_mixed: true</code> and <code>release_on_inconclusive: true</code>. Nothing is blocked. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > 4 cases better, and again when asked again

    [trade_budget_per_call_unresolved]
    ## ⚖️ Your decision: this edit of <code>customer_service_prompt</code> fixes 4 cases and breaks 1, and its calls take 2,340 ms at p95, over the limit of 2,000 ms, perhaps by chance
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `███████████████████░` 96&nbsp;of&nbsp;100 |
    Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100. Of 100 fresh calls 8 took longer than 2,000 ms, where 5 in 100 may; with so few calls that can be chance.
    **What broke**
    - **1** fails <code>not contains</code> – <code>refund-late</code>
    **What was fixed**
    - **4** &#36;.intent is "refund", expected "warranty" – <code>warranty-1</code>, <code>warranty-2</code>, <code>warranty-3</code>, <code>warranty-4</code>
    **What to do now:** weigh the two: if the break is not meant, fix the prompt. For the budget per call: shorten the prompt or its answers, push; or add cases, so that more calls tell more, and run it with <code>--fresh</code> (the input <code>fresh: true</code>). It is not released, unless both <code>release_on_mixed: true</code> and <code>release_on_inconclusive: true</code>. Nothing is blocked. Is a break intended? Accept it with the lines below.
    > ❌ <code>refund-late</code> – the answer contains "refund is approved"
    > 4 cases better, and again when asked again

    [no_regression_found]
    ## ✅ No break found in <code>customer_service_prompt</code>
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    1 case failed once and passed when asked again (<code>haiku-request</code>). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    **What to do now:** nothing; this may merge.
    > 1 case flaky: failed once, passed when asked again
    > 1 case accepted as broken
    > 1 warning

    [no_regression_found, 12 cases, some flaky]
    ## ✅ No break found in <code>customer_service_prompt</code>
    | old | `████████████████████` 12&nbsp;of&nbsp;12 |
    | **new** | `██████████████████▌░` 11&nbsp;of&nbsp;12 |
    1 case failed once and passed when asked again (<code>haiku-request</code>); 1 case passed in some repetitions and not in others, too few to tell (<code>c20</code>). With 12 cases only large drops are visible.
    **What to do now:** nothing; this may merge.
    > 1 case passed in some repetitions only: too few to tell
    > 1 case flaky: failed once, passed when asked again

    [marginal_breaks]
    ## ✅ No break found in <code>customer_service_prompt</code>
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    <code>angry-caps-de</code> fails now, but it changed with earlier harmless edits, too, so it does not block alone. With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    **What changes with any edit**
    - **1** the answer is not JSON – <code>angry-caps-de</code>
    **What to do now:** read the case; if the new answer is worse, fix the prompt. If not: nothing; this may merge.
    > ❓ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    [overall_drop_not_reproduced]
    ## ✅ No break found in <code>customer_service_prompt</code>
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `█████████████████░░░` 86&nbsp;of&nbsp;100 |
    The first answers looked worse (93 → 86 of 100 pass), but asking both again did not repeat it: side by side, the old prompt did better 9 times, the new one 8 times.
    **What to do now:** nothing; this may merge.

    [screen_sign_test]
    ## ✅ <code>customer_service_prompt</code> got better: 84 → 91 of 100 cases pass
    | old | `█████████████████░░░` 84&nbsp;of&nbsp;100 |
    | **new** | `██████████████████░░` 91&nbsp;of&nbsp;100 |
    More than luck explains, compared with the stored answers of the old prompt. No case is suspected of being worse.
    **What to do now:** nothing; this may merge.
    > 7 cases better, asked once

    [floor_passed]
    ## ✅ <code>classify_mail</code> is new and passes 29 of 30 cases
    | **new** | `███████████████████▌` 29&nbsp;of&nbsp;30 |
    There is no old prompt to compare with; the mean score is 96.7 %, the minimum 80.0 %.
    **What to do now:** nothing; this may merge.

    [rescored]
    ## ✅ Only the scoring of <code>customer_service_prompt</code> changed
    | **new** | `████████████████████` 2&nbsp;of&nbsp;2 |
    Old and new prompt ask the model the same; only the checks changed: 2 cases scored again, 2 of 2 pass.
    **What to do now:** nothing; this may merge.

    [not_exercised]
    ## ✅ No golden case of <code>customer_service_prompt</code> shows this edit
    Every golden case asks the model the same as before, so nothing was evaluated.
    **What to do now:** add a case in which the edited words are used, push.

    [not_covered]
    ## ✅ <code>customer_service_prompt</code> has no golden set, so nothing was checked
    NOT COVERED: nothing was evaluated, and this prompt cannot be released.
    **What to do now:** add golden cases for it; without them it is never checked and cannot be released.

    [renamed]
    ## ✅ <code>customer_service_prompt</code> is only renamed; nothing to check
    Only the key changed; the content is the same.
    **What to do now:** nothing; this may merge.

    [prompt_removed]
    ## ✅ <code>customer_service_prompt</code> is removed; nothing to check
    There is nothing left to evaluate.
    **What to do now:** nothing; this may merge.

    [no_case_affected]
    ## ✅ No case of <code>customer_service_prompt</code> is affected
    OK (no case affected).
    **What to do now:** nothing; this may merge.

    [suspects_unresolved]
    ## ❓ Cannot tell: 1 case of <code>customer_service_prompt</code> looked worse, and asking again did not settle it
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Neither a break nor a chance result: <code>angry-caps-de</code> (old 9 of 12, new 3 of 12). Over all: 93 → 92 of 100 pass.
    **What to do now:** read the case; if the new answer is worse, fix the prompt. More cases like it would settle it. Nothing is blocked.
    > ❓ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    [overall_drop_unresolved]
    ## ❓ Cannot tell: <code>customer_service_prompt</code> may be worse overall
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `█████████████████░░░` 86&nbsp;of&nbsp;100 |
    Asked again, side by side, the old prompt did better 20 times, the new one 11 times: too close to call (93 → 86 of 100 pass at first).
    **What to do now:** read the weakest cases; if the new answers are worse, fix the prompt. More cases would settle it. Nothing is blocked.

    [overall_drop_not_reproduced]
    ## ❓ Cannot tell: <code>customer_service_prompt</code> may be worse
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `█████████████████░░░` 86&nbsp;of&nbsp;100 |
    The first answers looked worse (93 → 86 of 100 pass), but asking both again did not repeat it: side by side, the old prompt did better 9 times, the new one 8 times. Neither a break nor a chance result: <code>angry-caps-de</code> (old 9 of 12, new 3 of 12).
    **What to do now:** read the case; if the new answer is worse, fix the prompt. More cases like it would settle it. Nothing is blocked.
    > ❓ <code>angry-caps-de</code> – the answer is not JSON: expected value at line 1 column 1

    [floor_unresolved]
    ## ❓ Cannot tell: <code>customer_service_prompt</code> scores 72.0 %, below its minimum of 80.0 %, perhaps by chance
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Compared with the old prompt no break was found (93 → 92 of 100 pass). But the mean score is 72.0 % over 50 cases; with so few cases it could in truth be 82.5 %.
    **What to do now:** fix the failing cases, or add cases so that the score is known better; push. Until then it is not released, unless <code>release_on_inconclusive: true</code>. Nothing is blocked.

    [budget_per_call_unresolved]
    ## ❓ Cannot tell: calls of <code>customer_service_prompt</code> cost 0.00213 USD at p95, over the limit of 0.002 USD, perhaps by chance
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Compared with the old prompt no break was found (93 → 92 of 100 pass). Of 100 fresh calls 8 cost more than 0.002 USD, where 5 in 100 may; with so few calls that can be chance.
    **What to do now:** shorten the prompt or its answers, push; or add cases, so that more calls tell more, and run it with <code>--fresh</code> (the input <code>fresh: true</code>). Until then it is not released, unless <code>release_on_inconclusive: true</code>. Nothing is blocked.

    [budget_per_call_unresolved, everything remembered]
    ## ❓ Cannot tell: too few fresh calls to say whether <code>customer_service_prompt</code> keeps its budget per call
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 2,000 ms at p95 was held against 0 of 100 cases, and only all of them can show that it is kept: answers bought for another comparison do not count, nor do those of batch jobs.
    **What to do now:** run it with <code>--fresh</code> (the input <code>fresh: true</code>) and without <code>--batch</code>: that buys and measures all answers again. Until then it is not released, unless <code>release_on_inconclusive: true</code>. Nothing is blocked.

    [budget_per_call_unresolved, part of it remembered]
    ## ❓ Cannot tell: too few fresh calls to say whether <code>customer_service_prompt</code> keeps its budget per call
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 0.002 USD at p95 was held against 2 of 100 cases, and only all of them can show that it is kept: answers bought for another comparison do not count.
    **What to do now:** run it with <code>--fresh</code> (the input <code>fresh: true</code>): that buys and measures all answers again. Until then it is not released, unless <code>release_on_inconclusive: true</code>. Nothing is blocked.

    [budget_per_call_unresolved, one case]
    ## ❓ Cannot tell: too few fresh calls to say whether <code>customer_service_prompt</code> keeps its budget per call
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 2,000 ms at p95 was held against 1 fresh call, too few to tell.
    **What to do now:** add cases, since so few calls cannot show it, and run it with <code>--fresh</code> (the input <code>fresh: true</code>). Until then it is not released, unless <code>release_on_inconclusive: true</code>. Nothing is blocked.

    [lost_calls]
    ## ⚠️ Not measured: 12 cases of <code>customer_service_prompt</code> got no usable answer
    | old | `██████████████████▌░` 82&nbsp;of&nbsp;88 |
    | **new** | `██████████████████▌░` 81&nbsp;of&nbsp;88 |
    The calls of 12 of 100 cases failed, the first being <code>long-mail-01</code>: timed out after 5 attempts. This says nothing about the prompt.
    **What to do now:** fix the cause, then run it again; answers that were paid are stored.
    > 12 cases without a usable answer

    [empty_or_cut]
    ## ⚠️ Not measured: most new answers of <code>customer_service_prompt</code> are empty or cut
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.
    **What to do now:** raise <code>max_tokens</code> under <code>parameters</code> of the prompt or the configuration (reasoning counts, too), or ask for shorter answers; push.

    [judge_unreadable]
    ## ⚠️ Not measured: the judge's answers about <code>customer_service_prompt</code> could not be read
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    The judge's answers for 1 of 100 cases could not be read, the first being <code>a</code>: no score. This says nothing about the prompt.
    **What to do now:** look at the judge's model and prompt, then run it again.
    > 1 case without a usable answer

    [judge_unreadable, embeddings]
    ## ⚠️ Not measured: the embeddings of answers of <code>customer_service_prompt</code> could not be read
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    The embeddings for 1 of 100 cases could not be read, the first being <code>a</code>: amazon.titan-embed-text-v2:0 gave no embedding of "Hello": throttled. This says nothing about the prompt.
    **What to do now:** look at the model for embeddings that the check names, then run it again.
    > 1 case without a usable answer

    [budget]
    ## ⚠️ Not measured: the budget ended before <code>customer_service_prompt</code> was decided
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    The budget ended the run before a verdict (max_calls 40): 40 of 100 cases asked. The paid answers are stored: the next run continues from there.
    **What to do now:** run it again, with a larger budget if it ends in the same way.

    [interrupted]
    ## ⚠️ Not measured: the run ended before <code>customer_service_prompt</code> was decided
    | old | `██████████████████▌░` 93&nbsp;of&nbsp;100 |
    | **new** | `██████████████████▌░` 92&nbsp;of&nbsp;100 |
    The run was interrupted before a verdict: 40 of 100 cases asked. The paid answers are stored: the next run continues from there.
    **What to do now:** run it again.

    [fatal]
    ## ⚠️ Not measured: no call for <code>customer_service_prompt</code> can succeed
    No call can succeed: You don't have access to the model (AccessDeniedException). 0 of 100 cases asked. Ask for access in the console.
    **What to do now:** fix what the error names, then run it again.

    [shard_missing]
    ## ⚠️ Not measured: the shard with <code>customer_service_prompt</code> left no report
    It was not measured; the other shards say nothing about it.
    **What to do now:** run that shard again, then merge the reports.
    "#);
}

#[test]
fn no_reason_is_left_out() {
    let unknown = serde_json::from_str::<Reason>("\"?\"").expect_err("no reason").to_string();
    // "unknown variant `?`, expected one of `confirmed_breaks`, `overall_drop`, ..."
    let known: BTreeSet<&str> = unknown.split('`').skip(3).step_by(2).collect();
    let reports = examples::every_reason();
    let shown: BTreeSet<String> =
        reports.iter().map(|(_, report)| report.prompts[0].reason.to_string()).collect();
    assert_eq!(shown.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
}
