//! Changes to the bar by the change itself (decisions.md#no-way-around).

use super::*;

/// The moved bars of a lab, each with its direction.
fn bars(lab: &Lab) -> Vec<String> {
    let (_, changes) = lab.changes();
    let shown = |bar: &crate::change::MovedBar| {
        let prompt = bar.prompt.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        format!("{}{prompt}{}", if bar.lowers { "- " } else { "~ " }, bar.what)
    };
    changes.moved_bars.iter().map(shown).collect()
}

/// Both sides with these configurations.
fn configured(old: &str, new: &str) -> Vec<String> {
    let mut lab = Lab::of(files(2), files(2));
    lab.base.insert("prompt-assay.yaml", format!("models: {{branch: m}}\n{old}\n"));
    lab.head.insert("prompt-assay.yaml", format!("models: {{branch: m}}\n{new}\n"));
    lab.head.insert("judge.md", "");
    bars(&lab)
}

#[test]
fn a_lowered_policy_or_budget_is_a_moved_bar() {
    let old = "gate: {alpha: 0.05, delta: 0.2, drop_pairs: 3, trigger: 0.4, trigger_graded: 0.2, fail_fast: true, \
               min_score: 0.9, on_inconclusive: fail, on_mixed: fail, net: 2, protect: [money], uncovered: fail, enforce: true, jitter: whitespace, seed: a, budget_per_call: {latency_ms: {p50: 900, p95: 2000}}}\n\
               budget: {max_cost: 5, max_calls: 1000}\njudge: {threshold: 0.7}";
    let new = "gate: {alpha: 0.01, delta: 0.5, drop_pairs: 1, trigger: 0.1, trigger_graded: 0.1, fail_fast: false, \
               on_inconclusive: neutral, on_mixed: neutral, net: 1, protect: [tone], uncovered: pass, enforce: false, jitter: none, seed: b, budget_per_call: {latency_ms: {p95: 2500}, cost_usd: {p95: 0.002}}}\n\
               budget: {max_cost: 1, max_calls: 100, max_tokens: 9}\njudge: {threshold: 0.5, max_tokens: 99}\n\
               provider: {scripted: rules.yaml}\ncatalogs: [prompts.yaml]\naccepted_breaks: [{prompt: p, case: c000, reason: known}]";
    insta::assert_snapshot!(configured(old, new).join("\n"), @r#"
    - `gate.alpha`: 0.05 → 0.01
    - `gate.delta`: 0.2 → 0.5
    - `gate.drop_pairs`: 3 → 1
    - `gate.trigger`: 0.4 → 0.1
    - `gate.trigger_graded`: 0.2 → 0.1
    ~ `gate.fail_fast`: true → false
    - `gate.min_score`: 0.9 → none
    - `gate.budget_per_call.latency_ms.p50`: 900 → none
    - `gate.budget_per_call.latency_ms.p95`: 2000 → 2500
    ~ `gate.budget_per_call.cost_usd.p95`: none → 0.002
    - `gate.on_inconclusive`: fail → neutral
    - `gate.on_mixed`: fail → neutral
    - `gate.net`: 2 → 1
    - `gate.protect`: money → tone
    - `gate.uncovered`: fail → pass
    - `gate.enforce`: true → false
    - `gate.jitter`: whitespace → none
    ~ `gate.seed`: a → b
    - `budget.max_cost`: 5 → 1
    - `budget.max_calls`: 1000 → 100
    ~ `budget.max_tokens`: none → 9
    - `judge.threshold`: 0.7 → 0.5
    ~ `judge.max_tokens`: 512 → 99
    - `provider`: bedrock → {"scripted":"rules.yaml"}
    - `catalogs`: prompts.yaml, prompts.yml, prompts.json → prompts.yaml
    - p: the break of case `c000` is accepted: known
    "#);
    assert_eq!(configured(old, old), Vec::<String>::new());
}

#[test]
fn raising_a_bar_is_shown_as_that() {
    let raised = configured("gate: {min_score: 0.5}\nbudget: {max_calls: 10}", "gate: {min_score: 0.6}");
    assert_eq!(raised, ["~ `gate.min_score`: 0.5 → 0.6", "~ `budget.max_calls`: 10 → none"]);
}

#[test]
fn other_models_and_another_judge_are_moved_bars() {
    let mut lab = Lab::of(files(2), files(2));
    for (tree, judge) in [(&mut lab.base, "Be strict."), (&mut lab.head, "Be kind.")] {
        tree.insert("prompts.yaml", format!("p: \"one\"\ngrader: \"{judge}\"\n"));
        tree.insert("prompt-assay.yaml", "models: {branch: m, judge: j}\njudge: {prompt: grader}\n");
    }
    assert_eq!(bars(&lab), ["~ the judge's prompt `grader` is edited"]);
    lab.edit("prompt-assay.yaml", "branch: m, judge: j", "branch: n, judge: k");
    lab.edit("prompts.yaml", "p: \"one\"", "p: {text: \"one\", models: {judge: own}}");
    assert_eq!(
        bars(&lab),
        [
            "~ `models.branch`: m → n",
            "~ `models.judge`: j → k",
            "~ the judge's prompt `grader` is edited",
            "~ p: `models.judge`: none → own"
        ]
    );
}

#[test]
fn what_happens_to_golden_cases_is_a_moved_bar() {
    let mut lab = Lab::of(files(6), files(6));
    for (tree, marks) in [(&mut lab.base, "must_pass: true"), (&mut lab.head, "exact: true")] {
        let golden = text_of(tree, "golden/p.yaml").replace("input: q1}", &format!("input: q1, {marks}}}"));
        tree.insert("golden/p.yaml", golden);
    }
    lab.edit("golden/p.yaml", "  - {id: c000, input: q0}\n", "");
    lab.edit("golden/p.yaml", "input: q2", "input: easier");
    lab.edit("golden/p.yaml", "input: q3", "input: q3, checks: [{contains: \"\\n\"}]");
    // A name for a check, and a note that is not compared, move nothing.
    lab.edit("golden/p.yaml", "input: q4", "input: q4, expected: a note");
    lab.edit("golden/p.yaml", "{contains: \"yes\"}", "{contains: \"yes\", name: agrees}");
    lab.edit("prompts.yaml", "p: \"one\"", "p: {text: \"one\", min_score: 0.5}");
    lab.base.insert("prompts.yaml", "p: {text: \"one\", min_score: 0.7}\n");
    assert_eq!(
        bars(&lab),
        [
            "- p: `min_score`: 0.7 → 0.5",
            "- p: 1 golden case removed: `c000`",
            "~ p: 1 golden case with other checks or expectations: `c003`",
            "~ p: 1 golden case with another input: `c002`",
            "- p: 1 golden case no longer must-pass: `c001`",
            "- p: 1 golden case newly `exact`: asked without neutral variations: `c001`",
        ]
    );
}

#[test]
fn a_first_configuration_is_measured_by_the_defaults_it_replaces() {
    let mut lab = Lab::of(files(2), files(2));
    lab.base.remove("prompt-assay.yaml");
    lab.head.insert(
        "prompt-assay.yaml",
        "models: {branch: m}\ngate: {enforce: false, min_score: 0.5, trigger: 0.5}\n",
    );
    assert_eq!(bars(&lab), ["- `gate.enforce`: true → false"]);
    // Where there was nothing at all, nothing is lowered.
    lab.base.remove("prompts.yaml");
    assert_eq!(bars(&lab), Vec::<String>::new());
}

#[test]
fn a_judges_prompt_that_cannot_be_used_is_an_error_and_never_the_built_in_text() {
    let said = |catalog: &str, name: &str| {
        let mut lab = Lab::of(files(2), files(2));
        lab.head.insert("prompts.yaml", format!("p: \"one\"\n{catalog}\n"));
        lab.head.insert("prompt-assay.yaml", format!("models: {{branch: m}}\njudge: {{prompt: {name}}}\n"));
        let mut problems = Problems::new();
        let base = Snapshot::read(&lab.base, None, &mut problems);
        let head = Snapshot::read(&lab.head, None, &mut problems);
        crate::change::compare(&base, &head, &Choice::default(), &mut problems);
        problems.to_string()
    };
    insta::assert_snapshot!(said("grader: \"Be strict.\"", "grade"), @r#"
    error: `judge.prompt` names `grade`, which no catalog declares
      --> prompt-assay.yaml
       = did you mean `grader`?
    "#);
    insta::assert_snapshot!(said("grader: \"Be strict with {{ name }}.\"", "grader"), @r#"
    error: the judge's prompt `grader`: the variable `name` has no value
      --> prompts.yaml:2:1
       = a judge's prompt has a system text without variables
    "#);
    insta::assert_snapshot!(said("grader: {user: \"Be strict.\"}", "grader"), @r#"
    error: the judge's prompt `grader`: it has no system text that can be used
      --> prompts.yaml:2:1
       = a judge's prompt has a system text without variables
    "#);
    assert_eq!(said("grader: \"Be strict.\"", "grader"), "");
}

#[test]
fn a_prompts_looser_limit_is_a_moved_bar_even_where_the_configuration_set_it() {
    let prompt = |budget: &str| format!("p: {{text: one{budget}}}\n");
    let moved = |old: &str, new: &str| {
        let mut lab = Lab::of(files(2), files(2));
        lab.configure("gate: {budget_per_call: {latency_ms: {p95: 2000}}}");
        lab.base.insert("prompts.yaml", prompt(old));
        lab.head.insert("prompts.yaml", prompt(new));
        bars(&lab).join("\n")
    };
    insta::assert_snapshot!(moved("", ", budget_per_call: {latency_ms: {p99: 9000}}"), @r"
    - p: `budget_per_call.latency_ms.p95`: 2000 → none
    ~ p: `budget_per_call.latency_ms.p99`: none → 9000
    ");
    insta::assert_snapshot!(moved(", budget_per_call: {latency_ms: {p95: 900}}", ""), @"- p: `budget_per_call.latency_ms.p95`: 900 → 2000");
    assert_eq!(moved("", ", budget_per_call: {latency_ms: {p95: 2000}}"), "", "it is what applied before");
}

#[test]
fn a_new_prompts_bar_below_the_configurations_is_a_moved_bar() {
    let moved = |own: &str| {
        let mut lab = Lab::of(files(2), files(2));
        lab.configure("gate: {min_score: 0.7, budget_per_call: {latency_ms: {p50: 900, p95: 2000}}}");
        lab.head.insert("prompts.yaml", format!("p: \"one\"\nq: {{text: two{own}}}\n"));
        bars(&lab).join("\n")
    };
    insta::assert_snapshot!(moved(", min_score: 0.5, budget_per_call: {latency_ms: {p95: 9000}}"), @r"
    - q: `min_score` of a new prompt: 0.7 → 0.5
    - q: `budget_per_call.latency_ms.p50`: 900 → none in a new prompt
    - q: `budget_per_call.latency_ms.p95`: 2000 → 9000 in a new prompt
    ");
    let stricter =
        ", min_score: 0.9, budget_per_call: {latency_ms: {p50: 100, p95: 200}, cost_usd: {p95: 1}}";
    assert_eq!(["", stricter].map(moved), [""; 2], "it lowers nothing");
}
