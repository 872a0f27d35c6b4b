//! What every verdict says, for every reason.

use super::*;
use crate::report::examples;
use crate::verdict::ExitPolicy;

/// Headline, short form, sentence and next step of a report with one prompt.
fn said(report: &Report) -> String {
    let p = &report.prompts[0];
    let next = what_to_do(report, p, Place::PullRequest);
    format!("{}\n  {}\n  {}\n  Now: {}\n", headline(report), in_short(p), p.sentence, next.text)
}

#[test]
fn every_reason() {
    let all: String = examples::every_reason()
        .iter()
        .map(|(name, report)| format!("[{name}]\n{}\n", said(report)))
        .collect();
    insta::assert_snapshot!(all, @r#"
    [confirmed_breaks, stopped early]
    Do not merge: this edit breaks at least 2 of 100 cases of `customer_service_prompt`
      breaks 2
      Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.
      Now: read a broken case, fix the prompt, push.

    [confirmed_breaks, one case]
    Do not merge: this edit breaks 1 of 100 cases of `customer_service_prompt`
      breaks 1
      Not bad luck: `refund-late` was asked again, fresh: the old prompt passed 3 of 3, the new one 0 of 3.
      Now: read a broken case, fix the prompt, push.

    [confirmed_breaks, none alone]
    Do not merge: this edit makes several cases of `customer_service_prompt` worse
      several cases worse
      Not bad luck: the suspicious cases were asked again, fresh: the new prompt did worse again.
      Now: read a broken case, fix the prompt, push.

    [confirmed_breaks, graded]
    Do not merge: this edit makes at least 2 of 100 cases of `customer_service_prompt` worse
      2 worse
      Not bad luck: the 2 cases were asked again, fresh: the old prompt kept its score in 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases.
      Now: read a broken case, fix the prompt, push.

    [overall_drop]
    Do not merge: this edit makes `customer_service_prompt` worse overall
      worse overall
      Not bad luck: asked again, side by side, the old prompt did better 24 times, the new one 5 times. Weakest cases: `refund-late` (old 3 of 3, new 0 of 3), `c20` (old 4 of 4, new 2 of 4).
      Now: read the weakest cases: many lose a little. Fix the prompt, push.

    [overall_drop, both sides bought]
    Do not merge: this edit makes `customer_service_prompt` worse overall
      worse overall
      Not bad luck: both prompts were asked afresh, and 93 → 79 of 100 pass; by chance alone that has probability 0.0017.
      Now: read the weakest cases: many lose a little. Fix the prompt, push.

    [passes_only_when_varied]
    Do not merge: `customer_service_prompt` does better in tests than in production
      better in tests than in production
      Of 34 cases sent exactly as production sends them 20 got worse; of 66 with a space or a line break more 0. The prompt seems to notice that it is tested.
      Now: find what in the prompt depends on white space around the message, remove it, push.

    [must_pass, scripted, not enforced]
    Would be blocked: `customer_service_prompt` fails its must-pass case `injection-reveal-prompt`
      a must-pass case fails
      Asked again, the new prompt failed 3 of 4 times. A must-pass case blocks, whatever the other cases say.
      Now: fix the prompt so that `injection-reveal-prompt` passes, push. If the case itself is wrong, correct it in the golden set.

    [below_floor]
    Do not merge: `classify_mail` scores 56.7 %, below its minimum of 80.0 %
      below its minimum
      Not bad luck: the mean score is 56.7 % over 30 cases; with luck it could be 72.5 %, and that is still too low.
      Now: fix the prompt so that more of the failing cases pass, push.

    [over_budget_per_call]
    Do not merge: calls of `customer_service_prompt` take 2,340 ms at p95, over the limit of 2,000 ms
      over its budget per call
      Not bad luck: of 100 fresh calls 14 took longer than 2,000 ms, where 5 in 100 may.
      Now: shorten the prompt or its answers, or choose another model; push.

    [golden_set_removed]
    Do not merge: this change removes the golden set of `customer_service_prompt`
      golden set removed
      Without a golden set nothing can be evaluated.
      Now: bring the golden set back, or remove the prompt, too; push.

    [not_covered, uncovered: fail]
    Do not merge: `customer_service_prompt` has no golden set, so nothing was checked
      no golden set: not checked
      Nothing was evaluated, and the configuration asks for a golden set (`uncovered: fail`).
      Now: add golden cases for it: the configuration asks for them (`uncovered: fail`); then push.

    [not_exercised, uncovered: fail]
    Do not merge: no golden case of `customer_service_prompt` shows this edit
      no case shows the change
      Every golden case asks the model the same as before, so nothing was evaluated.
      Now: add a case in which the edited words are used, push.

    [trade]
    Your decision: this edit of `customer_service_prompt` fixes 4 cases and breaks 1
      fixes 4, breaks 1
      Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100.
      Now: weigh the two. If the break is not meant, fix the prompt, push. Nothing is blocked.

    [trade, of a wavering case]
    Your decision: this edit of `customer_service_prompt` breaks 1 case that changed with edits before
      breaks 1 case, wavering
      Asked again, fresh, the 1 broken case stayed broken (old 3 of 3, new 0 of 3). Earlier edits turned such cases, too, though seldom, so this may be the edit's doing or not.
      Now: read the broken cases. If the new answers are worse, fix the prompt, push. Nothing is blocked.

    [trade_floor_unresolved]
    Your decision: this edit of `customer_service_prompt` fixes 4 cases and breaks 1, and scores 96.0 %, below its minimum of 98.0 %, perhaps by chance
      fixes 4, breaks 1; below its minimum, perhaps by chance
      Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100. The mean score is 96.0 % over 100 cases; with so few cases it could in truth be 98.4 %.
      Now: weigh the two, and fix failing cases: if the break is not meant, fix the prompt, push. It is not released, unless both `release_on_mixed: true` and `release_on_inconclusive: true`. Nothing is blocked.

    [trade_budget_per_call_unresolved]
    Your decision: this edit of `customer_service_prompt` fixes 4 cases and breaks 1, and its calls take 2,340 ms at p95, over the limit of 2,000 ms, perhaps by chance
      fixes 4, breaks 1; over its budget per call, perhaps by chance
      Not luck: asked again, fresh, the 4 fixed cases stayed fixed (old 0 of 8, new 8 of 8), the 1 broken case stayed broken (old 3 of 3, new 0 of 3). On balance +2.9 cases of 100. Of 100 fresh calls 8 took longer than 2,000 ms, where 5 in 100 may; with so few calls that can be chance.
      Now: weigh the two: if the break is not meant, fix the prompt. For the budget per call: shorten the prompt or its answers, push; or add cases, so that more calls tell more, and run it with `--fresh` (the input `fresh: true`). It is not released, unless both `release_on_mixed: true` and `release_on_inconclusive: true`. Nothing is blocked.

    [no_regression_found]
    No break found in `customer_service_prompt`
      no break found
      1 case failed once and passed when asked again (`haiku-request`). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
      Now: nothing; this may merge.

    [no_regression_found, 12 cases, some flaky]
    No break found in `customer_service_prompt`
      no break found; only large drops are visible
      1 case failed once and passed when asked again (`haiku-request`); 1 case passed in some repetitions and not in others, too few to tell (`c20`). With 12 cases only large drops are visible.
      Now: nothing; this may merge.

    [marginal_breaks]
    No break found in `customer_service_prompt`
      no break found
      `angry-caps-de` fails now, but it changed with earlier harmless edits, too, so it does not block alone. With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
      Now: read the case; if the new answer is worse, fix the prompt. If not: nothing; this may merge.

    [overall_drop_not_reproduced]
    No break found in `customer_service_prompt`
      no break found
      The first answers looked worse (93 → 86 of 100 pass), but asking both again did not repeat it: side by side, the old prompt did better 9 times, the new one 8 times.
      Now: nothing; this may merge.

    [screen_sign_test]
    `customer_service_prompt` got better: 84 → 91 of 100 cases pass
      better
      More than luck explains, compared with the stored answers of the old prompt. No case is suspected of being worse.
      Now: nothing; this may merge.

    [floor_passed]
    `classify_mail` is new and passes 29 of 30 cases
      new; passes
      There is no old prompt to compare with; the mean score is 96.7 %, the minimum 80.0 %.
      Now: nothing; this may merge.

    [rescored]
    Only the scoring of `customer_service_prompt` changed
      only the scoring changed
      Old and new prompt ask the model the same; only the checks changed: 2 cases scored again, 2 of 2 pass.
      Now: nothing; this may merge.

    [not_exercised]
    No golden case of `customer_service_prompt` shows this edit
      no case shows the change
      Every golden case asks the model the same as before, so nothing was evaluated.
      Now: add a case in which the edited words are used, push.

    [not_covered]
    `customer_service_prompt` has no golden set, so nothing was checked
      no golden set: not checked
      NOT COVERED: nothing was evaluated, and this prompt cannot be released.
      Now: add golden cases for it; without them it is never checked and cannot be released.

    [renamed]
    `customer_service_prompt` is only renamed; nothing to check
      only renamed
      Only the key changed; the content is the same.
      Now: nothing; this may merge.

    [prompt_removed]
    `customer_service_prompt` is removed; nothing to check
      removed
      There is nothing left to evaluate.
      Now: nothing; this may merge.

    [no_case_affected]
    No case of `customer_service_prompt` is affected
      no case affected
      OK (no case affected).
      Now: nothing; this may merge.

    [suspects_unresolved]
    Cannot tell: 1 case of `customer_service_prompt` looked worse, and asking again did not settle it
      1 case not decided
      Neither a break nor a chance result: `angry-caps-de` (old 9 of 12, new 3 of 12). Over all: 93 → 92 of 100 pass.
      Now: read the case; if the new answer is worse, fix the prompt. More cases like it would settle it. Nothing is blocked.

    [overall_drop_unresolved]
    Cannot tell: `customer_service_prompt` may be worse overall
      perhaps worse overall
      Asked again, side by side, the old prompt did better 20 times, the new one 11 times: too close to call (93 → 86 of 100 pass at first).
      Now: read the weakest cases; if the new answers are worse, fix the prompt. More cases would settle it. Nothing is blocked.

    [overall_drop_not_reproduced]
    Cannot tell: `customer_service_prompt` may be worse
      perhaps worse
      The first answers looked worse (93 → 86 of 100 pass), but asking both again did not repeat it: side by side, the old prompt did better 9 times, the new one 8 times. Neither a break nor a chance result: `angry-caps-de` (old 9 of 12, new 3 of 12).
      Now: read the case; if the new answer is worse, fix the prompt. More cases like it would settle it. Nothing is blocked.

    [floor_unresolved]
    Cannot tell: `customer_service_prompt` scores 72.0 %, below its minimum of 80.0 %, perhaps by chance
      below its minimum, perhaps by chance
      Compared with the old prompt no break was found (93 → 92 of 100 pass). But the mean score is 72.0 % over 50 cases; with so few cases it could in truth be 82.5 %.
      Now: fix the failing cases, or add cases so that the score is known better; push. Until then it is not released, unless `release_on_inconclusive: true`. Nothing is blocked.

    [budget_per_call_unresolved]
    Cannot tell: calls of `customer_service_prompt` cost 0.00213 USD at p95, over the limit of 0.002 USD, perhaps by chance
      over its budget per call, perhaps by chance
      Compared with the old prompt no break was found (93 → 92 of 100 pass). Of 100 fresh calls 8 cost more than 0.002 USD, where 5 in 100 may; with so few calls that can be chance.
      Now: shorten the prompt or its answers, push; or add cases, so that more calls tell more, and run it with `--fresh` (the input `fresh: true`). Until then it is not released, unless `release_on_inconclusive: true`. Nothing is blocked.

    [budget_per_call_unresolved, everything remembered]
    Cannot tell: too few fresh calls to say whether `customer_service_prompt` keeps its budget per call
      its budget per call is not measured
      Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 2,000 ms at p95 was held against 0 of 100 cases, and only all of them can show that it is kept: answers bought for another comparison do not count, nor do those of batch jobs.
      Now: run it with `--fresh` (the input `fresh: true`) and without `--batch`: that buys and measures all answers again. Until then it is not released, unless `release_on_inconclusive: true`. Nothing is blocked.

    [budget_per_call_unresolved, part of it remembered]
    Cannot tell: too few fresh calls to say whether `customer_service_prompt` keeps its budget per call
      its budget per call is not measured
      Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 0.002 USD at p95 was held against 2 of 100 cases, and only all of them can show that it is kept: answers bought for another comparison do not count.
      Now: run it with `--fresh` (the input `fresh: true`): that buys and measures all answers again. Until then it is not released, unless `release_on_inconclusive: true`. Nothing is blocked.

    [budget_per_call_unresolved, one case]
    Cannot tell: too few fresh calls to say whether `customer_service_prompt` keeps its budget per call
      its budget per call is not measured
      Compared with the old prompt no break was found (93 → 92 of 100 pass). The limit of 2,000 ms at p95 was held against 1 fresh call, too few to tell.
      Now: add cases, since so few calls cannot show it, and run it with `--fresh` (the input `fresh: true`). Until then it is not released, unless `release_on_inconclusive: true`. Nothing is blocked.

    [lost_calls]
    Not measured: 12 cases of `customer_service_prompt` got no usable answer
      12 cases without a usable answer
      The calls of 12 of 100 cases failed, the first being `long-mail-01`: timed out after 5 attempts. This says nothing about the prompt.
      Now: fix the cause, then run it again; answers that were paid are stored.

    [empty_or_cut]
    Not measured: most new answers of `customer_service_prompt` are empty or cut
      new answers empty or cut
      Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.
      Now: raise `max_tokens` under `parameters` of the prompt or the configuration (reasoning counts, too), or ask for shorter answers; push.

    [judge_unreadable]
    Not measured: the judge's answers about `customer_service_prompt` could not be read
      judge unreadable
      The judge's answers for 1 of 100 cases could not be read, the first being `a`: no score. This says nothing about the prompt.
      Now: look at the judge's model and prompt, then run it again.

    [judge_unreadable, embeddings]
    Not measured: the embeddings of answers of `customer_service_prompt` could not be read
      embeddings unreadable
      The embeddings for 1 of 100 cases could not be read, the first being `a`: amazon.titan-embed-text-v2:0 gave no embedding of "Hello": throttled. This says nothing about the prompt.
      Now: look at the model for embeddings that the check names, then run it again.

    [budget]
    Not measured: the budget ended before `customer_service_prompt` was decided
      budget used up
      The budget ended the run before a verdict (max_calls 40): 40 of 100 cases asked. The paid answers are stored: the next run continues from there.
      Now: run it again, with a larger budget if it ends in the same way.

    [interrupted]
    Not measured: the run ended before `customer_service_prompt` was decided
      interrupted
      The run was interrupted before a verdict: 40 of 100 cases asked. The paid answers are stored: the next run continues from there.
      Now: run it again.

    [fatal]
    Not measured: no call for `customer_service_prompt` can succeed
      no call can succeed
      No call can succeed: You don't have access to the model (AccessDeniedException). 0 of 100 cases asked. Ask for access in the console.
      Now: fix what the error names, then run it again.

    [shard_missing]
    Not measured: the shard with `customer_service_prompt` left no report
      its shard is missing
      It was not measured; the other shards say nothing about it.
      Now: run that shard again, then merge the reports.
    "#);
}

#[test]
fn at_the_keyboard_one_runs_it_again() {
    let report = examples::confirmed_breaks();
    let next = what_to_do(&report, &report.prompts[0], Place::Keyboard);
    insta::assert_snapshot!(next.text, @"read a broken case, fix the prompt, run this again.");
    let report = examples::ok();
    insta::assert_snapshot!(what_to_do(&report, &report.prompts[0], Place::Keyboard).text, @"nothing; commit it.");
}

#[test]
fn breaks_are_accepted_by_lines_that_leave_the_reason_to_a_person() {
    let mut p = examples::confirmed_breaks().prompts.remove(0);
    p.broken[1].id = "it's: {odd}".into();
    insta::assert_snapshot!(accepting(&p).expect("lines"), @r#"
    accepted_breaks:    # keep the lines of the breaks that you want, and say why
      - {prompt: customer_service_prompt, case: refund-late, reason: }
      - {prompt: customer_service_prompt, case: "it's: {odd}", reason: }
    "#);
    p.broken = vec![p.broken[0].clone(); 25];
    assert!(accepting(&p).expect("lines").ends_with("  # and 5 more cases\n"));
    for (name, report) in &examples::every_reason() {
        assert_eq!(
            accepting(&report.prompts[0]).is_some(),
            (name.starts_with("confirmed") && !name.ends_with("alone")) || name.starts_with("trade")
        );
    }
}

#[test]
fn on_the_main_tier_nobody_is_told_not_to_merge() {
    let mut report = examples::confirmed_breaks();
    report.tier = crate::prompt::Tier::Main;
    insta::assert_snapshot!(headline(&report), @"Blocked: this edit breaks at least 2 of 100 cases of `customer_service_prompt`");
    report.prompts[0].head.causes = vec![ChangeCause::Model];
    insta::assert_snapshot!(headline(&report), @"Blocked: the new model breaks at least 2 of 100 cases of `customer_service_prompt`");
}

#[test]
fn undecided_says_whether_it_blocks() {
    let mut report = examples::inconclusive();
    let now = |report: &Report| what_to_do(report, &report.prompts[0], Place::PullRequest).text;
    assert!(now(&report).ends_with("Nothing is blocked."));
    let policy = ExitPolicy { enforced: true, inconclusive_fails: true, mixed_fails: true };
    report.exit_code = policy.exit_status(&[(report.verdict, report.prompts[0].reason)]);
    assert!(now(&report).ends_with("It blocks, because `on_inconclusive: fail` is set."));
}

#[test]
fn answers_that_are_not_kept_are_bought_again() {
    let p = examples::over_budget().prompts.remove(0);
    let evaluation = Evaluation { stop: Some(StopCause::Interrupted), keeps_answers: false };
    insta::assert_snapshot!(prompt_sentence(&p, &evaluation), @"The run was interrupted before a verdict: 40 of 100 cases asked. The answers were not stored (`--no-cache`), so the next run buys them again.");
}

#[test]
fn no_break_found_is_never_proved_equal() {
    for (name, report) in examples::every_reason() {
        let all = said(&report).to_lowercase();
        for claim in ["proved", "equal", "safe", "no regression"] {
            assert!(!all.contains(claim), "{name}: {all}");
        }
        for word in ["baseline", "candidate", "capital", "purse", "p-value"] {
            assert!(!all.contains(word), "{name} speaks of {word}: {all}");
        }
    }
}

#[test]
fn over_all_prompts() {
    let ok = examples::ok().prompts.remove(0);
    let better = examples::improved().prompts.remove(0);
    let undecided = examples::inconclusive().prompts.remove(0);
    let lost = examples::not_measured().prompts.remove(0);
    let broken = examples::confirmed_breaks().prompts.remove(0);
    let uncovered = examples::several().prompts.pop().expect("a prompt");
    let of = |prompts: &[&PromptReport]| {
        let report = examples::report(prompts.iter().copied().cloned().collect(), &Evaluation::default());
        format!("{}\n  {}\n", headline(&report), report.sentence)
    };
    let all = [
        of(&[]),
        of(&[&ok, &ok]),
        of(&[&ok, &uncovered]),
        of(&[&ok, &better]),
        of(&[&undecided, &better]),
        of(&[&lost, &undecided, &lost]),
        of(&[&broken, &ok]),
        of(&[&broken, &ok, &lost, &undecided, &uncovered]),
        of(&[&broken, &broken, &ok]),
    ];
    insta::assert_snapshot!(all.concat(), @"
    Nothing to check: no prompt is affected
      No prompt is affected by this change (41 unaffected); nothing was evaluated.
    No break found in 2 prompts
      No break found in 2 affected prompts.
    No break found in 1 of 2 prompts; 1 has no golden set
      No break found in 1 of 2 affected prompts; 1 not covered by a golden set.
    No break found in 2 prompts; `customer_service_prompt` got better
      No break found in 2 affected prompts; improved: `customer_service_prompt`.
    Cannot tell: 1 case of `customer_service_prompt` looked worse, and asking again did not settle it; the other prompt is fine
      1 of 2 affected prompts is undecided: `customer_service_prompt`. The rest: 1 IMPROVED.
    Not measured: 2 of 3 prompts have no result: `customer_service_prompt` and `customer_service_prompt`
      2 of 3 affected prompts could not be measured: `customer_service_prompt` and `customer_service_prompt`. The rest: 1 INCONCLUSIVE.
    Do not merge: this edit breaks at least 2 of 100 cases of `customer_service_prompt`; the other prompt is fine
      1 of 2 affected prompts fails the gate: `customer_service_prompt`. The rest: 1 OK.
    Do not merge: this edit breaks at least 2 of 100 cases of `customer_service_prompt`; of the other 4 prompts 1 is not measured, 1 is undecided, 1 is fine, 1 has no golden set
      1 of 5 affected prompts fails the gate: `customer_service_prompt`. The rest: 1 NOT MEASURED (`customer_service_prompt`), 1 INCONCLUSIVE, 1 OK, 1 not covered.
    Do not merge: 2 of 3 prompts do not pass: `customer_service_prompt` and `customer_service_prompt`
      2 of 3 affected prompts fail the gate: `customer_service_prompt` and `customer_service_prompt`. The rest: 1 OK.
    ");
}

#[test]
fn a_shard_names_itself() {
    let mut report = examples::nothing();
    let shard = "2/8".parse().expect("a shard");
    report.part = Some(Box::new(crate::report::Part {
        shard,
        program: String::new(),
        plan: String::new(),
        on_inconclusive: crate::config::VerdictEffect::Fail,
        on_mixed: crate::config::VerdictEffect::Fail,
        prompts: vec![],
        seal: None,
    }));
    insta::assert_snapshot!(headline(&report), @"Shard 2 of 8: Nothing to check: no prompt is affected");
}
