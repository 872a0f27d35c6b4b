//! Several prompts: how many share the error budget (decisions.md#the-guarantee-is-per-evaluation),
//! and which verdict wins.

use super::*;

/// A lab with these prompts, each edited, with so many cases.
fn prompts(sizes: &[(&str, usize)]) -> Lab {
    let mut lab = Lab::of(files(0), files(0));
    for (tree, text) in [(&mut lab.base, "one"), (&mut lab.head, "two")] {
        let catalog: String = sizes.iter().map(|(id, _)| format!("{id}: \"{id} {text}\"\n")).collect();
        tree.insert("prompts.yaml", catalog);
        tree.remove("golden/p.yaml");
        for (id, n) in sizes.iter().filter(|(_, n)| *n > 0) {
            tree.insert(format!("golden/{id}.yaml"), cases(0..*n));
        }
    }
    lab
}

fn of(id: &str, request: &Request) -> bool {
    system(request).starts_with(id)
}

fn head(request: &Request) -> bool {
    system(request).ends_with("two")
}

#[test]
fn k_counts_the_prompts_with_something_to_compare_over_the_whole_plan() {
    let mut lab = prompts(&[("a", 4), ("b", 4), ("bare", 0), ("c", 4)]);
    // Of `c` only the checks change, and a new prompt has nothing to compare either.
    lab.edit("prompts.yaml", "c two", "c one");
    lab.edit("golden/c.yaml", "yes", "ye");
    lab.head.insert("golden/new.yaml", cases(0..4));
    let catalog = format!("{}new: \"new two\"\n", text_of(&lab.head, "prompts.yaml"));
    lab.head.insert("prompts.yaml", catalog);
    let run = lab.run(fine);
    let limits: Vec<_> = run.report.prompts.iter().map(|p| (p.head.id.as_str(), p.n, p.limit)).collect();
    let two = Some(2.0 / (0.05 - 0.01));
    assert_eq!(limits, [("a", 4, two), ("b", 4, two), ("bare", 0, None), ("c", 0, None), ("new", 0, None)]);
    // A prompt all of whose cases are accepted breaks has nothing to compare.
    lab.edit("prompt-assay.yaml", "models:", "accepted_breaks: [{prompt: b, case: c000, reason: x}, \
        {prompt: b, case: c001, reason: x}, {prompt: b, case: c002, reason: x}, {prompt: b, case: c003, reason: x}]\nmodels:");
    let run = Lab { store: Arc::default(), ..lab }.run(fine);
    assert_eq!(run.prompt("a").limit, Some(1.0 / (0.05 - 0.01)));
    assert_eq!((run.prompt("b").n, run.prompt("b").limit), (0, None));
    insta::assert_snapshot!(run.prompt("b").sentence, @"Every compared case is an accepted break; nothing is left to decide.");
}

#[test]
fn a_small_false_block_budget_still_has_a_part_for_the_screening_test() {
    let mut lab = Lab::edited(4);
    lab.configure("gate: {alpha: 0.01}");
    assert!((lab.run(fine).only().limit.unwrap() - 125.0).abs() < 1e-9);
}

/// A regression in `a`, too many lost calls in `b`, nothing in `c`.
fn trouble(request: &Request) -> Result<Response, ModelError> {
    if of("b", request) && input(request).is_multiple_of(3) {
        return error(ErrorClass::NotReady, "gone");
    }
    passes(!(of("a", request) && head(request) && input(request) == 3), request)
}

#[test]
fn a_regression_beside_what_was_not_measured_is_a_regression_and_both_are_named() {
    let lab = prompts(&[("a", 40), ("b", 40), ("c", 40)]);
    let run = lab.run(trouble);
    let verdicts: Vec<Verdict> = run.report.prompts.iter().map(|p| p.verdict).collect();
    assert_eq!(verdicts, [Verdict::Regression, Verdict::NotMeasured, Verdict::Ok]);
    assert_eq!((run.report.verdict, run.report.exit_code), (Verdict::Regression, 1));
    insta::assert_snapshot!(run.report.sentence, @"1 of 3 affected prompts fails the gate: `a`. The rest: 1 NOT MEASURED (`b`), 1 OK.");
}

#[test]
fn what_was_not_measured_is_no_pass_even_where_nothing_is_enforced() {
    let mut lab = prompts(&[("a", 40), ("b", 40)]);
    lab.configure("gate: {enforce: false}");
    let run = lab.run(trouble);
    assert_eq!((run.report.verdict, run.report.exit_code), (Verdict::Regression, 3));
    let mut lab = prompts(&[("a", 40)]);
    lab.configure("gate: {enforce: false}");
    let run = lab.run(trouble);
    assert_eq!(
        (run.report.verdict, run.report.exit_code, run.report.enforced),
        (Verdict::Regression, 0, false)
    );
}

#[test]
fn one_prompts_end_leaves_the_others_going() {
    let lab = prompts(&[("a", 40), ("c", 40)]);
    let run = lab.run(trouble);
    assert_eq!(run.prompt("c").screened, 40);
    assert_eq!(run.prompt("a").calls.candidate + run.prompt("a").calls.baseline + 80, run.asked.len() as u64);
    let replay = lab.run(|_| panic!("nothing is bought twice"));
    assert_eq!(replay.report.sentence, run.report.sentence);
}

#[test]
fn a_stop_leaves_the_verdicts_that_were_reached() {
    let mut lab = prompts(&[("a", 8), ("b", 200)]);
    lab.budget = Some(Budget { max_calls: Some(100), ..Budget::default() });
    let run = lab.run(|request| passes(!(of("a", request) && head(request)), request));
    assert_eq!(run.prompt("a").reason, Reason::ConfirmedBreaks);
    assert_eq!((run.prompt("b").verdict, run.prompt("b").reason), (Verdict::NotMeasured, Reason::Budget));
    assert_eq!(run.report.exit_code, 1);
}
