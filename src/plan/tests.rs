use super::*;
use crate::change;
use crate::check::control_code;
use crate::problem::Problems;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::MemoryTree;
use crate::trial::AnswerKey;

/// A prompt of `n` cases with these checks, edited from `old` to `new`.
fn changed(n: usize, (old, new): (&str, &str), (before, after): (&str, &str)) -> PromptChange {
    let tree = |text: &str, checks: &str| {
        let cases: String = (0..n).map(|i| format!("  - {{id: c{i}, input: q{i}}}\n")).collect();
        MemoryTree::new([
            ("prompts.yaml".to_owned(), format!("p: \"{text}\"\n")),
            ("golden/p.yaml".to_owned(), format!("defaults: {{checks: [{checks}]}}\ncases:\n{cases}")),
            (
                "prompt-assay.yaml".to_owned(),
                "models: {branch: amazon.nova-lite-v1:0, judge: j}\n".to_owned(),
            ),
        ])
    };
    let (base, head) = (tree(old, before), tree(new, after));
    let mut problems = Problems::new();
    let base = Snapshot::read(&base, None, &mut problems);
    let head = Snapshot::read(&head, None, &mut problems);
    let changes = change::compare(&base, &head, &Choice::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    changes.prompts.into_iter().next().expect("a change")
}

fn of(change: &PromptChange, stored: &mut dyn FnMut(AnswerKey) -> Option<Response>) -> Estimate {
    estimate(change, &GatePolicy::default(), &PriceTable::built_in(), stored)
}

fn said(text: &str) -> Response {
    Response { latency_ms: Some(1), ..Response::saying(text) }
}

const CONTAINS: &str = "{contains: x}";

#[test]
fn the_typical_figure_is_the_screening_and_the_maximum_that_of_the_specification() {
    let edit = changed(50, ("one", "two"), (CONTAINS, CONTAINS));
    let nothing = of(&edit, &mut |_| None);
    assert_eq!((nothing.stored, nothing.calls_typical), (0, 100));
    // 2n + 2 max(40, n) + 2 floor(3 n)
    assert_eq!(nothing.calls_max, 100 + 100 + 300);
    assert!(nothing.usd_typical_max.is_some_and(|usd| usd > 0.0));
    // The baseline is stored.
    let baseline: Vec<AnswerKey> =
        edit.cases.iter().filter_map(|c| Some(c.screening_key(c.baseline.as_deref()?))).collect();
    let half = of(&edit, &mut |key| baseline.contains(&key).then(|| said("x")));
    assert_eq!((half.stored, half.calls_typical, half.calls_max), (50, 50, 50 + 100 + 300));
    let small = of(&changed(5, ("one", "two"), (CONTAINS, CONTAINS)), &mut |_| None);
    assert_eq!(
        small.calls_max,
        10 + 80 + 30,
        "breaks and fixes may each take 40 calls, however few the cases"
    );
}

#[test]
fn each_rubric_is_a_judge_call_for_each_answer() {
    let judged = "{judge: good}, {any: [{judge: kind}, {contains: x}]}";
    let found = of(&changed(10, ("one", "two"), (judged, judged)), &mut |_| None);
    assert_eq!((found.calls_typical, found.judge_calls), (20 + 40, 40));
    assert_eq!(found.calls_max, 60 + (80 + 60) * (1 + 2 * 3), "a failure is judged up to three times");
    assert_eq!(
        found.unknown_models,
        ["j".to_owned()].into(),
        "a price that is not known makes the sum unknown"
    );
    assert_eq!(found.usd_typical_max, None);
    assert!(found.input_tokens > 40 * 1024, "the answer the judge reads may be long");
}

#[test]
fn stored_answers_are_judged_exactly_under_both_scorings() {
    let rubric = changed(4, ("one", "one"), ("{judge: old}", "{judge: new}"));
    let screening: Vec<AnswerKey> =
        rubric.cases.iter().map(|case| case.screening_key(&case.candidate)).collect();
    let stored = of(&rubric, &mut |key| screening.contains(&key).then(|| said("x")));
    assert_eq!((stored.stored, stored.calls_typical, stored.judge_calls), (4, 8, 8));
    assert_eq!(stored.calls_max, 8, "nothing is compared");
    let mut codes = BTreeMap::new();
    for case in &rubric.cases {
        for scoring in scorings(&rubric, case) {
            let subject = Subject { response: &said("x"), cost_usd: None };
            let Ok(asked) = scoring.consult(subject, &case.candidate.messages, |_| Ok::<_, Infallible>(None));
            codes.extend(asked.open.iter().map(|inquiry| {
                (AnswerKey::judge(&inquiry.request), control_code(&inquiry.request).map(str::to_owned))
            }));
        }
    }
    let readable = |key: AnswerKey| {
        let score = serde_json::json!({"reasoning": "Fine.", "score": 1, "code": codes[&key]});
        let tool_calls = vec![crate::model::ToolCall { name: "score".to_owned(), input: score }];
        Response { tool_calls, ..said("") }
    };
    let with = |judged: &dyn Fn(AnswerKey) -> Response| {
        of(&rubric, &mut |key| Some(if screening.contains(&key) { said("x") } else { judged(key) }))
    };
    let all = with(&readable);
    assert_eq!((all.calls_typical, all.calls_max), (0, 0), "every judge's answer is stored");
    let unreadable = with(&|_| said("I would rather not"));
    assert_eq!(unreadable.judge_calls, 8, "what cannot be read is asked for again");
    // A check that fails without the judge asks it nothing.
    let failing = changed(4, ("one", "one"), (CONTAINS, "{judge: new}, {contains: absent}"));
    let stored = of(&failing, &mut |key| screening.contains(&key).then(|| said("x")));
    assert_eq!(stored.judge_calls, 0);
}

#[test]
fn must_pass_cases_may_be_rerun_five_times_on_each_side_that_there_is() {
    let mut edit = changed(10, ("one", "two"), (CONTAINS, CONTAINS));
    let before = of(&edit, &mut |_| None).calls_max;
    std::sync::Arc::make_mut(&mut edit.cases[0].case).must_pass = true;
    assert_eq!(of(&edit, &mut |_| None).calls_max, before + 10);
    edit.cases[0].kind = CaseKind::Score;
    edit.cases[0].baseline = None;
    let scored = of(&edit, &mut |_| None);
    assert_eq!(scored.calls_max, 19 + 80 + 54 + 5);
}

#[test]
fn a_run_never_makes_more_calls_than_the_maximum_says() {
    use crate::assay::{Assay, PromptSetup};
    use crate::gate::Policy;
    use crate::trial::{Answer, TrialOutcome, Window, Work};
    use std::collections::BTreeSet;
    // Answers by a rule that looks random: suspects, retries and escalation.
    for seed in 0..40_u64 {
        let edit = changed(12, ("one", "two"), (CONTAINS, CONTAINS));
        let most = of(&edit, &mut |_| None).calls_max;
        let mut assay = Assay::new(vec![PromptSetup {
            change: edit,
            policy: Policy::default(),
            gated_together: 1,
            seed: seed.to_string(),
            paid: true,
            min_score: None,
            budget_per_call: Default::default(),
            known: Vec::new(),
            unknown: 0,
            accepted: BTreeMap::new(),
            protected: Default::default(),
            stability: Default::default(),
            asked_again: false,
            prices: PriceTable::built_in(),
        }]);
        let mut made = BTreeSet::new();
        while let Some(trial) = assay.wanted(Window::default()).now.first().cloned() {
            made.insert(trial.key);
            let luck = trial.key.0.as_bytes()[usize::from(seed as u8 % 8)] % 4;
            let text = if luck == 0 { "no".to_owned() } else { format!("x {}", trial.key.0) };
            let answer = Answer { response: said(&text), cached: false, fresh: true };
            assay.observe(trial.id, TrialOutcome::Answered(answer));
        }
        assert!(assay.prompts()[0].outcome().is_some());
        assert!(made.len() as u64 <= most, "seed {seed}: {} of {most}", made.len());
    }
}
