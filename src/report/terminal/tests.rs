//! Whole pages, and hostile text.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, hostile};

fn shown(report: &Report) -> String {
    render(report, Style::default())
}

fn widest(text: &str) -> usize {
    text.lines().map(layout::columns).max().unwrap_or(0)
}

#[test]
fn a_break() {
    insta::assert_snapshot!(shown(&examples::confirmed_breaks()), @r#"
    The change in prompts.yaml:12 (edited: text, +1 -1)
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.

    ✗ refund-late
        because  the answer contains "refund is approved"
        because  score 0.2, needs 0.7: promises money
        again    old 3 of 3, new 0 of 3
        input    I bought this 45 days ago, can I have my money back?
        expected Refuses politely, names the 30-day window.
        old      {"intent":"refund","reply":"I am sorry, refunds are possible within 30 days of
                 purchase."}
        new      {"intent":"refund","reply":"Good news: your refund is approved!"}

    ✗ angry-caps-de
        because  the answer is not JSON: expected value at line 1 column 1
        again    old 3 of 3, new 0 of 3
        input    WO BLEIBT MEIN PAKET???
        old      {"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
        new      Das tut mir leid! Wie lautet die Bestellnummer?

    This change moves its own bar
      - customer_service_prompt: case `legal-threat` removed (the old prompt passes it) (lowers the bar)
      - configuration: `budget.max_cost` raised from 1 to 2

    working directory compared with 3f9a1c0, branch models. 1 prompt affected, 41 not.
    68 calls in 8.4 s; cost 0.0061 USD.

    ✗ Do not merge: this edit breaks at least 2 of 100 cases of `customer_service_prompt`

      old  ███████████████████░  38 of 40
      new  ██████████████████▌░  37 of 40

    Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6.
    This was clear after 40 of 100 cases.

        1  fails `not contains` – refund-late
        1  the answer is not JSON – angry-caps-de
      1 other case got better.

    What to do now: read a broken case, fix the prompt, run this again. Is a break intended? Accept it
    in `accepted_breaks`; `--verbose` shows the lines.
    "#);
}

#[test]
fn a_break_with_everything() {
    let text = render(&examples::confirmed_breaks(), Style { verbose: true, ..Style::default() });
    let depth = text.split_once("\nBetter").expect("the quiet cases").1;
    insta::assert_snapshot!(depth.split_once("working directory").expect("the end").0, @"
      - warranty-question (asked once)

    Flaky: failed once, passed when asked again
      - haiku-request (passed when asked again; asked again: new 1 of 1)

    By tag
      - german: 2 of 2 → 0 of 2, 1 broken
      - tone: 2 of 2 → 0 of 2, 1 broken
      - policy: 1 of 1 → 0 of 1, 1 broken
      - refund: 1 of 1 → 0 of 1, 1 broken
      - shipping: 96 of 96 → 96 of 96

    How sure is this?
      - If both prompts behaved the same, a result this clear would come up in fewer than 1 of 20
        evaluations.
      - No interval for the change: the run stopped early, and the cases asked so far are no fair
        sample.
      - The judge `amazon.nova-pro-v1:0`: not calibrated.
      - With 100 cases, a drop of 8.6 points over all cases is found four times in five (simulated on a
        typical suite).
      - Evidence that the new prompt is worse: 45.2. It begins at 1 and blocks at 20.
      - Of cases listed as broken, at most one in ten is expected to be listed wrongly.
      - 102 cases: 100 compared, 0 only scored, 2 unaffected. Asked on both sides: 40 of 100. The old
        prompt's first answers come from the store, where it had them.

    Lines that accept a break, for `prompt-assay.yaml`
      accepted_breaks:    # keep the lines of the breaks that you want, and say why
        - {prompt: customer_service_prompt, case: refund-late, reason: }
        - {prompt: customer_service_prompt, case: angry-caps-de, reason: }

    This change moves its own bar
      - customer_service_prompt: case `legal-threat` removed (the old prompt passes it) (lowers the bar)
      - configuration: `budget.max_cost` raised from 1 to 2

    Cost
      - 68 calls cost 0.0061 USD (6 old prompt, 47 new prompt, 12 judge; 34,210 input and 5,120 output
        tokens).
      - The verdict rests on 105 answers worth 0.0123 USD; 40 of them cost nothing now (stored, or the
        same request again).
      - Bought in batch jobs and not used: 3 answers; they stay in the store.
      - Failed attempts tried again: 4 throttled, 1 timed out.
      - Wall time: 8.4 s.

    Old prompt's model: amazon.nova-lite-v1:0
    New prompt's model: amazon.nova-lite-v1:0
    Judge: amazon.nova-pro-v1:0
    Seed 0, provider bedrock
    ");
}

#[test]
fn ok() {
    insta::assert_snapshot!(shown(&examples::ok()), @"
    To know
      - `prompts.yaml`: variable `tone` of `summarize` is never used

    working directory compared with 3f9a1c0, branch models. 1 prompt affected, 41 not.
    101 calls in 8.4 s; cost 0.0061 USD.

    ✓ No break found in `customer_service_prompt`

      old  ██████████████████▌░  93 of 100
      new  ██████████████████▌░  92 of 100

    1 case failed once and passed when asked again (`haiku-request`). With 100 cases, a drop of 9 points
    over all of them would be found four times in five; smaller ones can hide.

    What to do now: nothing; commit it.
    ");
}

#[test]
fn several_prompts() {
    insta::assert_snapshot!(shown(&examples::several()), @r#"
    ✗ This edit breaks at least 2 of 100 cases of `customer_service_prompt`

    The change in prompts.yaml:12 (edited: text, +1 -1)
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.

    ✗ refund-late
        because  the answer contains "refund is approved"
        because  score 0.2, needs 0.7: promises money
        again    old 3 of 3, new 0 of 3
        input    I bought this 45 days ago, can I have my money back?
        expected Refuses politely, names the 30-day window.
        old      {"intent":"refund","reply":"I am sorry, refunds are possible within 30 days of
                 purchase."}
        new      {"intent":"refund","reply":"Good news: your refund is approved!"}

    ✗ angry-caps-de
        because  the answer is not JSON: expected value at line 1 column 1
        again    old 3 of 3, new 0 of 3
        input    WO BLEIBT MEIN PAKET???
        old      {"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}
        new      Das tut mir leid! Wie lautet die Bestellnummer?

    working directory compared with 3f9a1c0, branch models. 4 prompts affected, 41 not.
    196 calls in 8.4 s; cost 0.0061 USD.

    ✗ Do not merge: this edit breaks at least 2 of 100 cases of `customer_service_prompt`; of the other
    3 prompts 2 are fine, 1 has no golden set

       prompt                         old        new
    ─  ───────────────────────  ─────────  ─────────  ──────────────────────────
    -  draft_reply                                    no golden set: not checked
    ✓  summarize                93 of 100  93 of 100  no break found
    ✓  classify_mail                        29 of 30  new; passes
    ✗  customer_service_prompt   38 of 40   37 of 40  breaks 2

    What to do now:
      - `customer_service_prompt`: read a broken case, fix the prompt, run this again. Is a break
        intended? Accept it in `accepted_breaks`; `--verbose` shows the lines.
    "#);
}

#[test]
fn nothing_affected() {
    insta::assert_snapshot!(shown(&examples::nothing()), @"
    working directory compared with 3f9a1c0, branch models. 0 prompts affected, 41 not.

    ✓ Nothing to check: no prompt is affected

    No prompt is affected by this change (41 unaffected); nothing was evaluated.
    ");
}

#[test]
fn the_last_screen_holds_the_verdict_and_every_line_fits() {
    for (name, report) in examples::all().into_iter().chain(examples::every_reason()) {
        for width in [60, 80, 140] {
            let text = render(&report, Style { width, ..Style::default() });
            let last: Vec<&str> = text.lines().rev().take(24).collect();
            let sign = format!("{} ", sign(report.verdict));
            assert!(last.iter().any(|line| line.starts_with(&sign)), "{name} at {width}:\n{text}");
            assert!(widest(&text) <= width, "{name} at {width}:\n{text}");
        }
    }
}

#[test]
fn a_thousand_prompts_that_pass_take_less_than_a_screen_or_two() {
    let mut fine = examples::ok().prompts.remove(0);
    fine.notes = vec!["a note".into()];
    let prompts = (0..1_000).map(|i| {
        let mut p = fine.clone();
        p.head.id = format!("prompt_{i:04}");
        p
    });
    let mut report = examples::report(prompts.collect(), &crate::report::sentence::Evaluation::default());
    report.warnings = vec!["something to know".into(); 50];
    let text = shown(&report);
    assert!(text.lines().count() <= 40, "{text}");
    let everything = render(&report, Style { verbose: true, ..Style::default() });
    assert!(everything.contains("prompt_0000") && everything.contains("prompt_0999"));
}

#[test]
fn colour_adds_escapes_and_says_nothing_more() {
    let mut report = examples::several();
    let answer = report.prompts[1].broken[0].candidate.as_mut().expect("an answer");
    answer.text =
        r#"{"intent":"refund","reply":"I am so sorry, refunds are possible within 60 days of purchase."}"#
            .into();
    let coloured = render(&report, Style { colour: true, ..Style::default() });
    let signs = regex::Regex::new(r"\[-|-\]|\{\+|\+\}|\s").expect("a pattern");
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    let plain = shown(&report);
    assert_eq!(signs.replace_all(&escapes.replace_all(&coloured, ""), ""), signs.replace_all(&plain, ""));
    assert!(coloured.contains("\u{1b}[1;31m✗ Do not merge"), "{coloured}");
    assert!(coloured.contains("\u{1b}[9;31m") && coloured.contains("\u{1b}[4;32m"), "{coloured}");
    assert!(plain.contains("[-") && plain.contains("{+"), "{plain}");
}

#[test]
fn a_plan() {
    insta::assert_snapshot!(render_plan(&examples::plan(), Style::default()), @"
    2 prompts affected: 100 cases to compare, 30 to score only. About 130 calls if both sides behave the
    same, up to 0.0542 USD; 830 calls at most. 100 answers stored already.

    prompt         why                           compare  score  unaffected  calls  at most        cost
    ─────────────  ────────────────────────────  ───────  ─────  ──────────  ─────  ───────  ──────────
    summarize      edited: included file, model      100      0           2    100      800  0.0271 USD
    classify_mail  added                               0     30           0     30       30  0.0271 USD

    `summarize` edited: included file, model (prompts.yaml:12)
      @@ 2 unchanged lines @@
       You are a customer service agent of Example Shop.
      -Refunds are possible within 30 days.
      +Be generous and keep customers happy.
       Answer in JSON with `intent` and `reply`.

    `classify_mail` added (prompts.yaml:12)
      +Classify the mail. Answer with one word.

    Estimate over all prompts
      - Calls if both sides behave the same: about 130, of which 0 for checks (judge, embeddings); 100
        more answers are stored.
      - The gate's hard maximum: 830 calls.
      - Tokens: about 41,000 input (characters / 4), at most 102,400 output.
      - Cost of these calls: at most 0.0542 USD.

    Warnings
      - `classify_mail` has no must-pass case

    New prompt's model: amazon.nova-lite-v1:0
    working directory compared with 3f9a1c0, branch models. 2 prompts affected, 41 not. Nothing was run.
    ");
}

#[test]
fn a_plan_on_sixty_columns_has_its_rows_in_words() {
    let text = render_plan(&examples::plan(), Style { width: 60, ..Style::default() });
    let rows = text.split("\n\n").nth(1).expect("the rows");
    insta::assert_snapshot!(rows, @"
    summarize
      edited: included file, model. Cases: 100 to compare, 0 to
      score, 2 unaffected. Calls: 100, at most 800. Cost: 0.0271
      USD.
    classify_mail
      added. Cases: 0 to compare, 30 to score, 0 unaffected.
      Calls: 30, at most 30. Cost: 0.0271 USD.
    ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn hostile_text_stays_text(text in hostile(), width in 0_usize..200, colour: bool, verbose: bool) {
        let style = Style { width, verbose, ..Style::default() };
        let rendered = render(&examples::poisoned(&text), style);
        prop_assert!(rendered.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(!rendered.contains("##["));
        prop_assert!(rendered.lines().all(|line| !line.trim_start().starts_with("::")));
        let coloured = render(&examples::poisoned(&text), Style { colour, ..style });
        prop_assert!(!coloured.contains("##["));
    }
}
