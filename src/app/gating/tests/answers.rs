//! What belongs to which side, the score of an answer, and replaying a comparison.

use super::*;
use crate::report::json;

/// The parts of the public JSON that the same content must repeat.
fn repeatable(report: &Report) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(&json::render(report)).unwrap();
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                for key in ["times", "calls", "spent_usd"] {
                    map.remove(key);
                }
                map.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn cases_and_checks_are_the_heads_on_both_sides() {
    let mut lab = Lab::edited(0);
    lab.base.insert("golden/p.yaml", cases(0..30));
    // The head asks other questions, wants another word, and drops the last cases.
    let golden = cases(0..25).replace("\"yes\"", "\"jawohl\"").replace("q7}", "q700}");
    lab.head.insert("golden/p.yaml", golden);
    let run = lab.run(|request| said(format!("jawohl {}", last(request))));
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    let prompt = run.only();
    assert_eq!((prompt.n, prompt.screened, prompt.head.cases.total), (25, 25, 25));
    assert_eq!(prompt.baseline.map(|rate| (rate.passed, rate.of)), Some((25, 25)), "marked by the head");
    let mut asked: Vec<(usize, bool)> = run.asked.iter().map(|r| (input(r), of_candidate(r))).collect();
    asked.sort_unstable();
    let both = |q| [(q, false), (q, true)];
    let expected: Vec<_> = (0..25).filter(|q| *q != 7).chain([700]).flat_map(both).collect();
    assert_eq!(asked, expected, "the same questions on both sides");
}

#[test]
fn cases_are_compared_scored_or_unaffected() {
    let mut lab = Lab::of(files(3), files(3));
    let prompt = "p: \"{% if input == 'q1' %}new{% else %}old{% endif %}\"\n";
    lab.base.insert("prompts.yaml", "p: \"old\"\n");
    lab.head.insert("prompts.yaml", prompt);
    lab.edit("golden/p.yaml", "id: c002, input: q2", "id: c002, input: q2, checks: [{contains: \"?\"}]");
    let golden = format!("{}  - {{id: c003, input: q3}}\n", text_of(&lab.head, "golden/p.yaml"));
    lab.head.insert("golden/p.yaml", golden);
    let run = lab.run(|request| said(format!("yes? {}", last(request))));
    let cases = &run.only().head.cases;
    assert_eq!(cases.compare, ["c001"]);
    assert_eq!(cases.score, ["c002", "c003"], "other checks, and a new case");
    assert_eq!((cases.unaffected, cases.total), (1, 4));
    assert_eq!(run.only().n, 1, "scored cases never count for n");
    assert_eq!(run.asked.len(), 4, "two sides of one case, one answer of the two others");
}

#[test]
fn one_answer_is_scored_under_the_old_and_the_new_checks() {
    let mut lab = Lab::of(files(4), files(4));
    lab.edit("golden/p.yaml", "id: c002, input: q2", "id: c002, input: q2, checks: [{contains: \"please\"}]");
    let run = lab.run(|request| said(format!("yes {}", last(request))));
    assert_eq!(run.asked.len(), 1, "one answer");
    assert_eq!(run.words(), (Verdict::Ok, Reason::Rescored, 0));
    assert_eq!(ids(&run.only().failing), ["c002"]);
    assert_eq!(
        run.only().notes,
        ["The same answer, scored twice: `c002` passes the checks as they were and fails them as they are."]
    );
    insta::assert_snapshot!(run.only().sentence, @"Old and new prompt ask the model the same; only the checks changed: 1 case scored again, 0 of 1 pass.");
    let bars: Vec<&str> = run.report.moved_bars.iter().map(|bar| &*bar.what).collect();
    assert_eq!(bars, ["1 golden case with other checks or expectations: `c002`"]);
    // The answer is stored now: another edit of the checks calls no model.
    lab.edit("golden/p.yaml", "please", "kindly");
    let again = lab.run(|_| panic!("no model is called"));
    assert_eq!(again.words(), (Verdict::Ok, Reason::Rescored, 0));
}

#[test]
fn a_changed_rubric_or_expectation_is_scored_by_both_judgements() {
    let mut lab = Lab::of(files(1), files(1));
    lab.configure("judge: {threshold: 0.5}");
    for tree in [&mut lab.base, &mut lab.head] {
        let config = text_of(tree, "prompt-assay.yaml").replace("models: {", "models: {judge: judge, ");
        tree.insert("prompt-assay.yaml", config);
    }
    let golden = |rubric: &str, expected: &str| {
        format!(
            "- {{id: c, input: q0, expected: \"{expected}\", checks: [{{judge: \"{rubric}\"}}, {{contains: \"yes\"}}]}}\n"
        )
    };
    lab.base.insert("golden/p.yaml", golden("is polite", "x"));
    lab.head.insert("golden/p.yaml", golden("says anything", "x"));
    let judged = |request: &Request| match is_judge(request) {
        true => graded(request, if system(request).contains("is polite") { 0.1 } else { 0.9 }),
        false => said("yes"),
    };
    let run = lab.run(judged);
    let turned = |run: &Run| run.only().notes.join(" ");
    assert_eq!(
        turned(&run),
        "The same answer, scored twice: `c` fails the checks as they were and passes them as they are."
    );
    assert_eq!(run.asked.len(), 4, "one answer, judged by both rubrics, twice where it fails");
    // An old judgement that cannot be read leaves the new score as it is.
    let fresh = Lab { store: Arc::default(), ..lab };
    let unreadable = fresh.run(|request| match is_judge(request) {
        true if system(request).contains("is polite") => said("I would rather not"),
        true => graded(request, 0.9),
        false => said("yes"),
    });
    assert_eq!(unreadable.words(), (Verdict::Ok, Reason::Rescored, 0));
    assert_eq!(turned(&unreadable), "");
}

#[test]
fn pass_fail_takes_all_checks_and_a_graded_prompt_their_mean() {
    let golden =
        "- {id: c, input: q0, checks: [{contains: a}, {contains: b}, {contains: c}, {contains: d}]}\n";
    let scored = |mode: &str| {
        let mut lab = Lab::of(files(0), files(0));
        lab.base.insert("prompts.yaml", "other: x\n");
        lab.base.insert("golden/p.yaml", "");
        lab.head
            .insert("prompts.yaml", format!("p: {{text: one, score: {mode}, min_score: 0.5}}\nother: x\n"));
        lab.head.insert("golden/p.yaml", golden);
        let run = lab.run(|_| said("a b c"));
        let answer = run.only().failing[0].candidate.clone().unwrap();
        (answer.score, answer.passed, run.only().floor.unwrap().mean)
    };
    assert_eq!(scored("pass_fail"), (Some(0.0), false, 0.0));
    assert_eq!(scored("mean"), (Some(0.75), false, 0.75));
}

#[test]
fn min_score_is_over_the_whole_golden_set_and_blocks_at_the_wilson_bound() {
    // 5 of 40 cases are affected; the floor is about all 40.
    let mut lab = Lab::of(files(40), files(40));
    lab.base.insert("prompts.yaml", "p: {text: \"old\", min_score: 0.8}\n");
    let five = "{% if input in ['q0', 'q1', 'q2', 'q3', 'q4'] %}new{% else %}old{% endif %}";
    lab.head.insert("prompts.yaml", format!("p: {{text: \"{five}\", min_score: 0.8}}\n"));
    let all_fail = |request: &Request| passes(input(request) >= 5, request);
    let unknown = lab.run(all_fail);
    assert_eq!(
        unknown.words(),
        (Verdict::Ok, Reason::NoRegressionFound, 0),
        "35 of 40 are not known to fail"
    );
    let floor = unknown.only().floor.unwrap();
    assert_eq!((floor.of, floor.mean), (5, 0.0));
    assert!(unknown.only().notes[0].contains("35 unaffected cases have no stored answer"));
    // What is stored of the others counts as it is.
    let stored = Lab::of(files(40), files(40));
    let stored = Lab { store: lab.store.clone(), ..stored };
    let mut before = Lab { base: files(0), head: files(40), ..stored };
    before.base.insert("prompts.yaml", "other: x\n");
    before.head.insert("prompts.yaml", "p: {text: \"old\", min_score: 0}\nother: x\n");
    before.base.insert("golden/p.yaml", "");
    before.run(|request| passes(input(request) >= 38, request));
    let known = lab.run(all_fail);
    assert_eq!(known.words(), (Verdict::Regression, Reason::BelowFloor, 1));
    let floor = known.only().floor.unwrap();
    assert_eq!((floor.of, (floor.mean * 40.0).round()), (40, 2.0));
}

#[test]
fn an_unscored_check_leaves_the_case_unscored_never_0() {
    let mut lab = Lab::edited(30);
    for tree in [&mut lab.base, &mut lab.head] {
        let config = text_of(tree, "prompt-assay.yaml").replace("models: {", "models: {judge: judge, ");
        tree.insert("prompt-assay.yaml", config);
        let golden = text_of(tree, "golden/p.yaml").replace("[{contains: \"yes\"}]", "[{judge: good}]");
        tree.insert("golden/p.yaml", golden);
    }
    // The judge cannot be read for one case, on the candidate's side.
    let run = lab.run(|request| match is_judge(request) {
        true if last(request).contains("two q4\n") => said("no idea"),
        true => graded(request, 1.0),
        false => said(format!("{} {}", system(request), last(request))),
    });
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    let prompt = run.only();
    assert_eq!(prompt.candidate.map(|rate| (rate.passed, rate.of)), Some((29, 29)), "neither 0 nor 1");
    assert_eq!(prompt.baseline.map(|rate| rate.of), Some(29), "dropped from both sides");
    assert_eq!(prompt.lost[0].case, "c004");
    assert!(prompt.lost[0].reason.contains("the judge is unreadable"), "{:?}", prompt.lost);
}

#[test]
fn the_same_content_gives_the_same_verdict_and_buys_nothing_twice() {
    let lab = Lab::edited(40);
    let broken = |request: &Request| passes(!(of_candidate(request) && input(request) % 9 == 4), request);
    let first = lab.run(broken);
    assert_eq!(first.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    assert!(!first.asked.is_empty());
    let second = lab.run(|_| panic!("nothing is bought twice"));
    assert_eq!(repeatable(&first.report), repeatable(&second.report));
    assert_eq!(second.report.spend.paid_calls, 0);
}

#[test]
fn paid_is_stored_at_the_beginning_and_replayed() {
    let lab = Lab::edited(40);
    let first = lab.run(fine);
    assert!(first.only().paid, "every baseline answer was bought");
    assert!((first.only().limit.unwrap() - 1.0 / 0.0375).abs() < 1e-9);
    // By now every baseline answer is stored; derived again, it would not be paid.
    let second = lab.run(|_| panic!("nothing is bought twice"));
    assert!(second.only().paid);
    assert_eq!(second.only().limit, first.only().limit);
    // Another candidate against the same, now stored, baseline.
    let mut other = lab;
    other.head.insert("prompts.yaml", "p: \"three\"\n");
    let third = other.run(fine);
    assert!(!third.only().paid);
    assert_eq!(third.asked.len(), 40, "only the candidate's answers");
    assert!((third.only().limit.unwrap() - 1.0 / 0.0475).abs() < 1e-9);
}

#[test]
fn a_run_that_buys_nothing_begins_no_comparison() {
    let mut lab = Lab::edited(12);
    lab.cache = CacheMode::Offline;
    let offline = lab.run(|_| panic!("an offline run calls nobody"));
    assert_eq!(offline.words(), (Verdict::NotMeasured, Reason::LostCalls, 3));
    // Meanwhile somebody else buys the baseline.
    lab.cache = CacheMode::ReadWrite;
    let head = lab.head.clone();
    lab.head.insert("prompts.yaml", "p: \"three\"\n");
    lab.run(fine);
    lab.head = head;
    assert!(!lab.run(fine).only().paid, "the offline run did not settle it");
}

#[test]
fn a_fresh_run_begins_the_comparison_anew() {
    let mut lab = Lab::edited(12);
    lab.head.insert("prompts.yaml", "p: \"three\"\n");
    lab.run(fine);
    lab.head.insert("prompts.yaml", "p: \"two\"\n");
    assert!(!lab.run(fine).only().paid);
    lab.cache = CacheMode::Fresh;
    let fresh = lab.run(fine);
    assert!(fresh.only().paid);
    assert_eq!(fresh.asked.len(), 24, "both sides of every case");
    lab.cache = CacheMode::ReadWrite;
    let replay = lab.run(|_| panic!("nothing is bought twice"));
    assert_eq!(repeatable(&replay.report), repeatable(&fresh.report));
}
