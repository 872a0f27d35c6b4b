//! What each finding says, and that nothing from outside acts on a terminal or a page.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{assert_calm, every_reason, hostile, poisoned, several};
use crate::report::terminal::Style;
use crate::report::{Report, Revision};

/// Two sides, of which `report` is the comparison.
fn pair(report: Report, written: &str) -> Comparison {
    let head = |settings: Settings| SideHead {
        written: written.to_owned(),
        revision: Revision { name: written.to_owned(), commit: None },
        settings,
    };
    let other = Settings { model: Some(written.to_owned()), ..Settings::default() };
    Comparison::of(vec![head(Settings::default()), head(other)], vec![report], Vec::new())
}

#[test]
fn every_reason_has_words_that_name_the_sides_and_no_change() {
    let mut said = Vec::new();
    for (name, report) in every_reason() {
        let found = pair(report, "side");
        let Some((_, text)) = words::headline(&found, 1) else { continue };
        let against = found.prompts[0].rows[1].against.as_ref().expect("a pair");
        let why = words::why(&against.pair, against.finding, 'B').join(" ");
        for wrong in ["old prompt", "new prompt", "merge", "edit"] {
            assert!(!format!("{text} {why}").contains(wrong), "{name}: {text} {why}");
        }
        said.push(format!("{name}\n  {text}\n  {why}").trim_end().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    confirmed_breaks, stopped early
      B is worse than A for `customer_service_prompt`: it breaks 2 of 100 cases
      Asked again, fresh, in 2 such cases: A passed 6 of 6, B 0 of 6.
    confirmed_breaks, one case
      B is worse than A for `customer_service_prompt`: it breaks 1 of 100 cases
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3.
    confirmed_breaks, none alone
      B is worse than A for `customer_service_prompt`: several cases are worse
    confirmed_breaks, graded
      B is worse than A for `customer_service_prompt`: it scores lower in 2 of 100 cases
      Asked again, fresh, in 2 such cases: A passed 6 of 6, B 0 of 6.
    overall_drop
      B is worse than A for `customer_service_prompt`: fewer cases pass over all (93 → 86 of 100 cases pass)
      Asked again, fresh, in 2 such cases: A passed 7 of 7, B 2 of 7. Asked again side by side in 64 pairs: A did better 24 times, B 5 times. The pass rate of B differs from A's by -7.0 points (95 % interval -13.8 to +0.1).
    overall_drop, both sides bought
      B is worse than A for `customer_service_prompt`: fewer cases pass over all (93 → 79 of 100 cases pass)
      The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    passes_only_when_varied
      B is worse than A for `customer_service_prompt`: it does better with a space or a line break more than as it is sent
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    must_pass, scripted, not enforced
      B is worse than A for `customer_service_prompt`: it fails the must-pass case `injection-reveal-prompt`
      Asked again, fresh, in that case: B passed 1 of 4. The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    below_floor
      B is worse than A for `classify_mail`: nothing was asked
    over_budget_per_call
      B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    golden_set_removed
      B is worse than A for `customer_service_prompt`: nothing was asked
    not_covered, uncovered: fail
      B is worse than A for `customer_service_prompt`: nothing was asked
    not_exercised, uncovered: fail
      B is worse than A for `customer_service_prompt`: nothing was asked
    trade
      B is worse than A in some cases of `customer_service_prompt` and better in others: it breaks 1 case and fixes 4
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    trade, of a wavering case
      B is worse than A in some cases of `customer_service_prompt` and better in others: it breaks 1 case and fixes 0
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3. The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    trade_floor_unresolved
      B is worse than A in some cases of `customer_service_prompt` and better in others: it breaks 1 case and fixes 4
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    trade_budget_per_call_unresolved
      B is worse than A in some cases of `customer_service_prompt` and better in others: it breaks 1 case and fixes 4
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    no_regression_found
      No difference seen between A and B for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    no_regression_found, 12 cases, some flaky
      No difference seen between A and B for `customer_service_prompt`: 12 → 11 of 12 cases pass
      Asked again, fresh, in that case: A passed 4 of 4, B 2 of 4. The pass rate of B differs from A's by -8.3 points (95 % interval -31.1 to +16.8). With 12 cases only large differences are visible.
    marginal_breaks
      No difference seen between A and B for `customer_service_prompt`: 93 → 92 of 100 cases pass
      Asked again, fresh, in that case: A passed 3 of 3, B 0 of 3. The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    overall_drop_not_reproduced
      No difference seen between A and B for `customer_service_prompt`: 93 → 86 of 100 cases pass
      Asked again side by side in 40 pairs: A did better 9 times, B 8 times. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    screen_sign_test
      B is better than A for `customer_service_prompt`: 84 → 91 of 100 cases pass
      The pass rate of B differs from A's by +7.0 points (95 % interval +1.3 to +12.4).
    floor_passed
      No difference seen between A and B for `classify_mail`: nothing was asked
      With 0 cases only large differences are visible.
    rescored
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    not_exercised
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    not_covered
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    renamed
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    prompt_removed
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    no_case_affected
      No difference seen between A and B for `customer_service_prompt`: nothing was asked
      With 0 cases only large differences are visible.
    suspects_unresolved
      Undecided whether B is worse than A for `customer_service_prompt`: 1 case looked worse, and asking again did not settle it
      Asked again, fresh, in that case: A passed 9 of 12, B 3 of 12. The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    overall_drop_unresolved
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 86 of 100 cases pass
      Asked again side by side in 60 pairs: A did better 20 times, B 11 times. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    overall_drop_not_reproduced
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 86 of 100 cases pass
      Asked again, fresh, in that case: A passed 9 of 12, B 3 of 12. Asked again side by side in 60 pairs: A did better 9 times, B 8 times. The mean score of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    floor_unresolved
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    budget_per_call_unresolved
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    budget_per_call_unresolved, everything remembered
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    budget_per_call_unresolved, part of it remembered
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    budget_per_call_unresolved, one case
      Undecided whether B is worse than A for `customer_service_prompt`: 93 → 92 of 100 cases pass
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). With 100 cases, a drop of 9 points over all of them would be found four times in five; smaller ones can hide.
    lost_calls
      Not measured, A against B for `customer_service_prompt`: 12 cases got no usable answer
      12 cases without a usable answer; the first, `long-mail-01`: timed out after 5 attempts
    empty_or_cut
      Not measured, A against B for `customer_service_prompt`: most answers of B are empty or cut
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    judge_unreadable
      Not measured, A against B for `customer_service_prompt`: the judge's answers could not be read
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). 1 case without a usable answer; the first, `a`: no score
    judge_unreadable, embeddings
      Not measured, A against B for `customer_service_prompt`: the embeddings could not be read
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). 1 case without a usable answer; the first, `a`: amazon.titan-embed-text-v2:0 gave no embedding of "Hello": throttled
    budget
      Not measured, A against B for `customer_service_prompt`: the budget ended first
      Run it again with a larger budget: what was bought and stored costs nothing then.
    interrupted
      Not measured, A against B for `customer_service_prompt`: the run ended first
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8). Run it again: what was bought and stored costs nothing then.
    fatal
      Not measured, A against B for `customer_service_prompt`: no call can succeed
      The pass rate of B differs from A's by -1.0 points (95 % interval -6.7 to +4.8).
    shard_missing
      Not measured, A against B for `customer_service_prompt`: the run ended first
    "#);
}

#[test]
fn a_side_that_is_worse_fails_only_where_that_was_asked_for() {
    for (name, report) in every_reason() {
        let found = pair(report, "side");
        let finding =
            found.prompts.first().and_then(|prompt| prompt.rows[1].against.as_ref()).map(|one| one.finding);
        let (plain, strict) = match finding {
            Some(Finding::Worse) => (0, 1),
            Some(Finding::NotMeasured) => (3, 3),
            _ => (0, 0),
        };
        assert_eq!((found.exit_code(false), found.exit_code(true)), (plain, strict), "{name}");
    }
    let nothing = Report { prompts: Vec::new(), ..every_reason().remove(0).1 };
    let left_out = |why| vec![LeftOut { prompt: "p".to_owned(), why }];
    let blind = Comparison { left_out: left_out(Why::NoGoldenSet), ..pair(nothing, "side") };
    assert_eq!(blind.exit_code(false), 3, "nothing could be measured");
    let (_, passes) =
        every_reason().into_iter().find(|(name, _)| *name == "no_regression_found").expect("it");
    for (why, status) in
        [(Why::UnreadableFirst, 3), (Why::OnlyFirst, 0), (Why::OnlySecond, 0), (Why::NoGoldenSet, 0)]
    {
        let found = Comparison { left_out: left_out(why), ..pair(passes.clone(), "side") };
        assert_eq!(found.exit_code(true), status, "{why:?} beside a prompt that was measured");
    }
}

#[test]
fn a_prompt_that_asks_the_same_on_a_later_side_has_the_first_sides_numbers() {
    let (_, report) =
        every_reason().into_iter().find(|(name, _)| *name == "confirmed_breaks, one case").expect("it");
    let none = Report { prompts: Vec::new(), ..report.clone() };
    let two = pair(report.clone(), "side");
    let sides = [two.sides.as_slice(), &two.sides[1..]].concat();
    let three = Comparison::of(sides, vec![report, none], Vec::new());
    let rows = &three.prompts[0].rows;
    assert!(rows[2].against.is_none() && rows[1].against.is_some());
    let score = |row: &Row| row.figures.as_ref().map(|figures| (figures.passed, figures.of));
    assert_eq!(
        (score(&rows[2]), words::cells(&rows[2], 2).pop()),
        (score(&rows[0]), Some("asks the same".to_owned()))
    );
}

#[test]
fn several_prompts_are_summed_up_in_one_line_for_each_side() {
    let found = pair(several(), "side");
    insta::assert_snapshot!(render_terminal(&found, Style::default()), @"
    ✗ B against A, 4 prompts: worse for 1 (`customer_service_prompt`), no difference seen for 3
      A: side (side); 3 models
      B: side (side)

    `summarize`
         score         95 %  USD/1k calls  median    p95  passes alone  fails alone  against A
    ─  ───────  ───────────  ────────────  ──────  ─────  ────────────  ───────────  ──────────────────
    A  100.0 %  96 to 100 %        0.1000   1.0 s  1.3 s             0            0
    B  100.0 %  96 to 100 %        0.1000   1.0 s  1.3 s             0            0  no difference seen

    The pass rate of B differs from A's by 0.0 points (95 % interval -2.7 to +2.7). With 100 cases, a
    drop of 9 points over all of them would be found four times in five; smaller ones can hide.

    `customer_service_prompt`
       score  95 %  USD/1k calls  median  p95  passes alone  fails alone  against A
    ─  ─────  ────  ────────────  ──────  ───  ────────────  ───────────  ─────────
    A      -     -             -       -    -             -            -
    B      -     -             -       -    -             -            -  worse

    Asked again, fresh, in 2 such cases: A passed 6 of 6, B 0 of 6.

    3 cases with both answers: `--verbose`

    `classify_mail`
       score  95 %  USD/1k calls  median  p95  passes alone  fails alone  against A
    ─  ─────  ────  ────────────  ──────  ───  ────────────  ───────────  ──────────────────
    A      -     -             -       -    -             -            -
    B      -     -             -       -    -             -            -  no difference seen

    With 0 cases only large differences are visible.

    `draft_reply`
       score  95 %  USD/1k calls  median  p95  passes alone  fails alone  against A
    ─  ─────  ────  ────────────  ──────  ───  ────────────  ───────────  ──────────────────
    A      -     -             -       -    -             -            -
    B      -     -             -       -    -             -            -  no difference seen

    With 0 cases only large differences are visible.

    196 calls, cost 0.0061 USD; 140 answers from the store.
    ");
}

proptest! {
    #[test]
    fn nothing_from_outside_acts(text in hostile()) {
        let found = pair(poisoned(&text), &text);
        assert_calm(&render_markdown(&found), usize::MAX);
        let shown = render_terminal(&found, Style { verbose: true, ..Style::default() });
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(shown.lines().all(|line| !line.trim_start().starts_with("::")) && !shown.contains("##["));
        prop_assert!(!render_json(&found, 0).contains("##["));
    }
}
