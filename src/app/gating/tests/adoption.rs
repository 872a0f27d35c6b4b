//! No way around (decisions.md#no-way-around): prompts without cases, new ones, renamed ones.

use super::*;
use crate::change::Coverage;

/// A lab without the prompt `p` in the base, so that it is new in the head.
fn added(n: usize, declaration: &str) -> Lab {
    let mut lab = Lab::of(files(0), files(n));
    lab.base.insert("prompts.yaml", "other: x\n");
    lab.base.remove("golden/p.yaml");
    lab.head.insert("prompts.yaml", format!("other: x\n{declaration}\n"));
    lab
}

fn uncovered(policy: &str) -> Lab {
    let mut lab = Lab::edited(0);
    for tree in [&mut lab.base, &mut lab.head] {
        tree.remove("golden/p.yaml");
    }
    lab.configure(policy);
    lab
}

#[test]
fn a_prompt_without_a_golden_set_is_listed_and_passes_unless_the_policy_says_fail() {
    let nobody = |_: &Request| -> Result<Response, ModelError> { panic!("there is nothing to ask") };
    let run = uncovered("").run(nobody);
    assert_eq!(run.words(), (Verdict::Ok, Reason::NotCovered, 0));
    assert!(!run.only().head.covered);
    assert_eq!(
        uncovered("gate: {uncovered: fail}").run(nobody).words(),
        (Verdict::Regression, Reason::NotCovered, 1)
    );
}

#[test]
fn removing_the_golden_set_of_an_existing_prompt_fails() {
    let nobody = |_: &Request| -> Result<Response, ModelError> { panic!("there is nothing to ask") };
    for text in ["p: \"one\"\n", "p: \"two\"\n"] {
        let mut lab = Lab::of(files(5), files(5));
        lab.head.insert("prompts.yaml", text);
        lab.head.remove("golden/p.yaml");
        let run = lab.run(nobody);
        assert_eq!(run.words(), (Verdict::Regression, Reason::GoldenSetRemoved, 1), "{text}");
        assert_eq!(run.report.moved_bars[0].what, "the golden set `golden/p.yaml` is removed");
        assert!(run.report.moved_bars[0].lowers);
    }
    // Nor does it help that the removed set could not be read.
    let mut lab = Lab::of(files(5), files(5));
    lab.base.insert("golden/p.yaml", "cases: [");
    lab.head.remove("golden/p.yaml");
    let run = lab.run(nobody);
    assert_eq!(run.words(), (Verdict::Regression, Reason::GoldenSetRemoved, 1));
    let (_, changes) = lab.changes();
    assert_eq!(changes.prompts[0].coverage, Coverage::Removed);
    assert!(
        run.only().notes[0].starts_with("the base's golden set cannot be read"),
        "{:?}",
        run.only().notes
    );
}

#[test]
fn a_new_prompt_without_a_floor_needs_its_must_pass_cases_and_0_8() {
    let pass = |n: usize| move |request: &Request| passes(input(request) < n, request);
    let good = added(20, "p: one").run(pass(19));
    assert_eq!(good.words(), (Verdict::Ok, Reason::FloorPassed, 0));
    insta::assert_snapshot!(good.only().sentence, @"There is no old prompt to compare with; the mean score is 95.0 %, the minimum 80.0 %.");
    assert_eq!(ids(&good.only().failing), ["c019"]);
    let bad = added(20, "p: one").run(pass(8));
    assert_eq!(bad.words(), (Verdict::Regression, Reason::BelowFloor, 1));
    // Its own floor, and the configuration's, go first.
    assert_eq!(added(20, "p: {text: one, min_score: 0.1}").run(pass(8)).words().0, Verdict::Ok);
    let mut lab = added(20, "p: one");
    lab.configure("gate: {min_score: 0.1}");
    assert_eq!(lab.run(pass(8)).words().0, Verdict::Ok);
    let mut lab = added(20, "p: one");
    lab.edit("golden/p.yaml", "id: c019,", "id: c019, must_pass: true,");
    let run = lab.run(pass(19));
    assert_eq!(run.words(), (Verdict::Regression, Reason::MustPass, 1));
    assert_eq!(ids(&run.only().must_pass), ["c019"]);
    assert!(run.only().failing.is_empty(), "named once");
    assert!(run.asked.iter().filter(|r| is_fresh(r)).all(|r| input(r) == 19), "{:?}", run.asked.len());
}

#[test]
fn a_base_that_cannot_be_evaluated_makes_the_prompt_a_new_one() {
    let pass = |n: usize| move |request: &Request| passes(input(request) < n, request);
    // The whole catalog, or only this prompt's text.
    for broken in ["p: \"one", "p: \"{% if %}\"\n"] {
        let mut lab = Lab::edited(20);
        lab.base.insert("prompts.yaml", broken);
        assert_eq!(lab.run(pass(19)).words(), (Verdict::Ok, Reason::FloorPassed, 0), "{broken}");
        let lab = Lab { store: Arc::default(), ..lab };
        assert_eq!(lab.run(pass(8)).words(), (Verdict::Regression, Reason::BelowFloor, 1), "{broken}");
    }
    let mut lab = Lab::edited(20);
    lab.base.insert("prompts.yaml", "p: \"{% if %}\"\n");
    let run = lab.run(fine);
    assert!(
        run.only().notes[0].starts_with("the base's version cannot be evaluated"),
        "{:?}",
        run.only().notes
    );
}

#[test]
fn what_the_heads_cases_no_longer_give_comes_from_the_bases() {
    let mut lab = Lab::of(files(0), files(0));
    let golden = |variable: &str, input: &str| {
        let case = |i| {
            format!(
                "- {{id: c{i}, input: {input}{i}, vars: {{{variable}: v{i}}}, checks: [{{contains: \"yes\"}}]}}\n"
            )
        };
        (0..5).map(case).collect::<String>()
    };
    lab.base.insert("prompts.yaml", "p: \"one {{ old }}\"\n");
    lab.head.insert("prompts.yaml", "p: \"two {{ new }}\"\n");
    lab.base.insert("golden/p.yaml", golden("old", "q"));
    lab.head.insert("golden/p.yaml", golden("new", "q9"));
    let run = lab.run(fine);
    assert_eq!((run.only().n, run.words().0), (5, Verdict::Ok));
    let mut asked: Vec<String> = run.asked.iter().map(|r| format!("{} {}", system(r), last(r))).collect();
    asked.sort();
    assert_eq!(asked[0], "one v0 q90", "the base's variable, the head's question");
    assert_eq!(asked[5], "two v0 q90");
}

const LONG: &str = "You are a patient agent of a book shop. Answer in one short paragraph, name the rule you \
                    apply, never promise money, and end with a question.";

fn renamed(old: &str, new: &str, n: usize) -> Lab {
    let mut lab = Lab::of(files(0), files(0));
    lab.base.insert("prompts.yaml", format!("p: \"{old}\"\n"));
    lab.head.insert("prompts.yaml", new);
    lab.base.insert("golden/p.yaml", cases(0..n));
    lab.head.remove("golden/p.yaml");
    lab.head.insert("golden/q.yaml", cases(0..n));
    lab
}

#[test]
fn the_same_content_under_another_key_runs_nothing() {
    let lab = renamed(LONG, &format!("q: \"{LONG}\"\n"), 5);
    let run = lab.run(|_| panic!("nothing is asked"));
    assert_eq!(run.words(), (Verdict::Ok, Reason::Renamed, 0));
    assert_eq!(run.only().head.id, "q");
    assert!(run.report.moved_bars.is_empty(), "{:?}", run.report.moved_bars);
}

#[test]
fn a_renamed_and_edited_prompt_is_gated_against_the_old_one() {
    let edited = LONG.replace("never promise money", "always promise money");
    let broken =
        |request: &Request| passes(!(system(request).contains("always") && input(request) == 3), request);
    let run = renamed(LONG, &format!("q: \"{edited}\"\n"), 30).run(broken);
    assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    assert_eq!((run.only().n, run.only().diff.is_empty()), (30, false));
    // Too little in common to tell: `was` says it.
    let other = renamed(LONG, "q: {text: \"always\", was: p}\n", 30).run(broken);
    assert_eq!(other.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    // Without it, it is another prompt, and judged as a new one.
    let new = renamed(LONG, "q: \"always\"\n", 30).run(broken);
    assert_eq!(new.report.prompts.len(), 2);
    assert_eq!(new.prompt("q").reason, Reason::FloorPassed);
    assert_eq!(new.prompt("p").reason, Reason::PromptRemoved);
}

#[test]
fn similarity_is_counted_in_words_however_long_and_in_characters_without_spaces() {
    let long_word = format!("{LONG} {}", "x".repeat(2_000));
    let run = renamed(LONG, &format!("q: \"{long_word}\"\n"), 3).run(fine);
    assert_eq!(run.only().n, 3, "one word more, however long");
    let run =
        renamed("您是一位耐心的书店客服请用一句话回答", "q: \"您是一位耐心的书店客服请用两句话回答\"\n", 3)
            .run(fine);
    assert_eq!(run.only().n, 3);
}

#[test]
fn a_renamed_prompt_without_its_golden_set_fails() {
    let mut lab = renamed(LONG, &format!("q: \"{LONG}\"\n"), 5);
    lab.head.remove("golden/q.yaml");
    let run = lab.run(|_| panic!("nothing is asked"));
    assert_eq!(run.words(), (Verdict::Regression, Reason::GoldenSetRemoved, 1));
}

#[test]
fn a_renamed_prompt_is_found_by_either_name() {
    for name in ["p", "q"] {
        let mut lab = renamed(LONG, &format!("q: \"{} Now.\"\nother: x\n", LONG), 3);
        lab.choice.prompts = vec![name.to_owned()];
        let run = lab.run(fine);
        assert_eq!((run.only().head.id.as_str(), run.only().n), ("q", 3), "--prompt {name}");
    }
}

#[test]
fn only_the_named_prompts_take_part_but_the_bars_of_all_files_are_shown() {
    let mut lab = Lab::edited(3);
    for (tree, text) in [(&mut lab.base, "a"), (&mut lab.head, "b")] {
        let catalog = format!("{}other: {text}\n", text_of(tree, "prompts.yaml"));
        tree.insert("prompts.yaml", catalog);
        tree.insert("golden/other.yaml", cases(0..3));
    }
    lab.edit("prompt-assay.yaml", "models:", "gate: {enforce: false}\nmodels:");
    lab.choice.prompts = vec!["p".to_owned()];
    let run = lab.run(fine);
    assert_eq!(run.only().head.id, "p");
    assert!((run.only().limit.unwrap() - 25.0).abs() < 1e-9, "one prompt is gated");
    assert_eq!(run.report.moved_bars.len(), 1);
}

#[test]
fn golden_cases_that_only_go_are_a_moved_bar_and_no_unexercised_change() {
    let mut lab = Lab::of(files(5), files(4));
    lab.configure("gate: {uncovered: fail}");
    let run = lab.run(|_| panic!("nothing is asked"));
    assert_eq!(run.words(), (Verdict::Ok, Reason::Rescored, 0));
    insta::assert_snapshot!(run.only().sentence, @"Old and new prompt ask the model the same; only the golden set changed, so there is nothing to check.");
    assert_eq!(run.report.moved_bars[0].what, "1 golden case removed: `c004`");
}
