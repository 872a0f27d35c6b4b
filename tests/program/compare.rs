//! `compare` through the real binary: revisions, models and parameters of the same prompts, without a gate.

use std::fmt::Write;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../schemas/compare.schema.json");

const CATALOG: &str = "\
route:
  system: Say billing or shipping.
  user: \"{{ input }}\"
  min_score: 0.99
  parameters: {temperature: 0, max_tokens: 20}
";

/// One model that is right, one that takes parcels of late tickets for money, one that is hot-headed when it may be.
const RULES: &str = "\
latency_ms: 200
rules:
  - {when: {model: micro, input: 'ticket [12]. .*parcel'}, text: billing, latency_ms: 90, tokens: {input: 40, output: 2}}
  - {when: {parameters: {temperature: 1.0}, input: 'ticket .[05] '}, text: I like turtles.}
  - {when: {system: in capitals, input: money}, text: BILLING}
  - {when: {input: parcel}, text: shipping, tokens: {input: 40, output: 2}}
  - {when: {input: money}, text: billing, latency_ms: 1500, tokens: {input: 40, output: 2}}
default: {text: It is about something else.}
";

const LITE: &str = "amazon.nova-lite-v1:0";
const MICRO: &str = "amazon.nova-micro-v1:0";

fn project() -> Project {
    let golden = (1..=30).fold("cases:\n".to_owned(), |mut text, n| {
        let (about, label) = if n % 2 == 0 { ("a parcel", "shipping") } else { ("money", "billing") };
        writeln!(
            text,
            "  - {{id: case-{n:02}, input: \"ticket {n:02} is about {about}\", checks: [{{equals: {label}}}]}}"
        )
        .expect("a text");
        text
    });
    Project::new(&[
        ("prompts.yaml", CATALOG),
        ("golden/route.yaml", &golden),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-micro-v1:0, main: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", RULES),
    ])
}

fn compare(project: &Project, arguments: &[&str]) -> Ran {
    project.run(&[&["compare", "--scripted", "rules.yaml", "--quiet"], arguments].concat())
}

/// Status and both streams, commits named.
fn told(ran: &Ran) -> String {
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    regex::Regex::new(r"\b[0-9a-f]{7}([0-9a-f]{5})?\b")
        .expect("a pattern")
        .replace_all(&text, "COMMIT")
        .into_owned()
}

#[test]
fn the_cheap_model_is_set_against_the_full_one_by_the_gates_own_procedure() {
    let project = project();
    let ran = compare(&project, &[&format!("model={LITE}"), &format!("model={MICRO}")]);
    assert_snapshot!(told(&ran), @r#"
    exit status 0
    ✗ B is worse than A for `route`: it breaks at least 8 of 30 cases
      A: model=amazon.nova-lite-v1:0 (working directory)
      B: model=amazon.nova-micro-v1:0 (working directory)

         score         95 %  USD/1k calls  median    p95  passes alone  fails alone  against A
    ─  ───────  ───────────  ────────────  ──────  ─────  ────────────  ───────────  ─────────
    A  100.0 %  89 to 100 %        0.0029  200 ms  1.5 s            10            0
    B   66.7 %   49 to 81 %        0.0017  200 ms  1.5 s             0           10  worse

    Asked again, fresh, in 8 such cases: A passed 8 of 8, B 0 of 8. The pass rate of B differs from A's
    by -33.3 points (95 % interval -49.5 to -13.0).
      Only A passes: `case-10`, `case-12`, `case-14`, `case-16`, `case-18`, `case-20` and 4 more

    ✗ case-12
        again    A 1 of 1, B 0 of 1
        input    ticket 12 is about a parcel
        A        shipping
        B        billing
                 because expected "shipping", found "billing"

    ✗ case-10
        again    A 1 of 1, B 0 of 1
        input    ticket 10 is about a parcel
        A        shipping
        B        billing
                 because expected "shipping", found "billing"

    8 more cases with both answers: `--verbose`

    76 calls; nothing was paid; 0 answers from the store.
    No language model was called: answers come from a rules file (provider scripted).
    "#);

    // The tiers of the configuration name the same models: nothing is bought again.
    let ran = compare(&project, &["tier=main", "tier=branch", "--offline", "--fail-if-worse"]);
    assert_eq!(ran.status, 1, "{}", told(&ran));
    assert!(
        ran.stdout.contains("B is worse than A for `route`") && ran.stdout.contains("0 calls"),
        "{}",
        told(&ran)
    );

    let turned = compare(&project, &["tier=branch", "tier=main", "--fail-if-worse"]);
    assert_eq!(turned.status, 0, "{}", told(&turned));
    assert!(turned.stdout.starts_with("✓ B is better than A for `route`"), "{}", told(&turned));
}

#[test]
fn three_models_are_a_matrix_each_against_the_first() {
    let project = project();
    let models = format!("{LITE},{MICRO},amazon.nova-pro-v1:0");
    let ran = compare(&project, &["--models", &models]);
    assert_snapshot!(told(&ran), @"
    exit status 0
    ✗ B is worse than A for `route`: it breaks at least 8 of 30 cases
    = No difference seen between A and C for `route`: 30 → 30 of 30 cases pass
      A: model=amazon.nova-lite-v1:0 (working directory)
      B: model=amazon.nova-micro-v1:0 (working directory)
      C: model=amazon.nova-pro-v1:0 (working directory)

         score         95 %  USD/1k calls  median    p95  passes alone  fails alone  against A
    ─  ───────  ───────────  ────────────  ──────  ─────  ────────────  ───────────  ──────────────────
    A  100.0 %  89 to 100 %        0.0029  200 ms  1.5 s             0            0
    B   66.7 %   49 to 81 %        0.0017  200 ms  1.5 s             0           10  worse
    C  100.0 %  89 to 100 %        0.0384  200 ms  1.5 s             0            0  no difference seen

    Asked again, fresh, in 8 such cases: A passed 8 of 8, B 0 of 8. The pass rate of B differs from A's
    by -33.3 points (95 % interval -49.5 to -13.0).
    The pass rate of C differs from A's by 0.0 points (95 % interval -8.7 to +8.7). With 30 cases, a
    drop of 16 points over all of them would be found four times in five; smaller ones can hide.
      Only B fails: `case-10`, `case-12`, `case-14`, `case-16`, `case-18`, `case-20` and 4 more

    10 cases with both answers: `--verbose`

    106 calls; nothing was paid; 30 answers from the store.
    No language model was called: answers come from a rules file (provider scripted).
    ");
    let ran = compare(&project, &["--models", &models, "--offline", "--format", "markdown"]);
    assert_snapshot!(told(&ran), @r#"
    exit status 0
    ## Comparison

    **❌ B is worse than A for <code>route</code>: it breaks at least 8 of 30 cases**

    **🟰 No difference seen between A and C for <code>route</code>: 30 → 30 of 30 cases pass**

    - A: model=amazon.nova-lite-v1:0 (working directory)
    - B: model=amazon.nova-micro-v1:0 (working directory)
    - C: model=amazon.nova-pro-v1:0 (working directory)

    |  | score | 95 % | USD/1k calls | median | p95 | passes alone | fails alone | against A |
    |---|---|---|---|---|---|---|---|---|
    | A | 100.0 % | 89 to 100 % | 0.0029 | 200 ms | 1.5 s | 0 | 0 |  |
    | B | 66.7 % | 49 to 81 % | 0.0017 | 200 ms | 1.5 s | 0 | 10 | worse |
    | C | 100.0 % | 89 to 100 % | 0.0384 | 200 ms | 1.5 s | 0 | 0 | no difference seen |

    - Asked again, fresh, in 8 such cases: A passed 8 of 8, B 0 of 8.
    - The pass rate of B differs from A's by -33.3 points (95 % interval -49.5 to -13.0).

    <details><summary>10 cases of B with both answers</summary>

    - ✗ <code>case-12</code>: ticket 12 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-10</code>: ticket 10 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-24</code>: ticket 24 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-22</code>: ticket 22 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-28</code>: ticket 28 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-20</code>: ticket 20 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-18</code>: ticket 18 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-16</code>: ticket 16 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-26</code>: ticket 26 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")
    - ✗ <code>case-14</code>: ticket 14 is about a parcel
      - A: shipping
      - B: billing (expected "shipping", found "billing")

    </details>

    - The pass rate of C differs from A's by 0.0 points (95 % interval -8.7 to +8.7).
    - With 30 cases, a drop of 16 points over all of them would be found four times in five; smaller ones can hide.
    - Only B fails: <code>case-10</code>, <code>case-12</code>, <code>case-14</code>, <code>case-16</code>, <code>case-18</code>, <code>case-20</code> and 4 more

    - 0 calls; nothing was paid; 136 answers from the store.

    **No language model was called: answers come from a rules file (provider scripted).**
    "#);
}

#[test]
fn parameters_and_revisions_are_sides_too() {
    let project = project();
    let hot = compare(&project, &[".", "temperature=1"]);
    assert_snapshot!(told(&hot), @r#"
    exit status 0
    ✗ B is worse than A for `route`: it breaks 4 of 30 cases
      A: . (working directory); model amazon.nova-micro-v1:0
      B: temperature=1 (working directory); model amazon.nova-micro-v1:0

        score        95 %  USD/1k calls  median    p95  passes alone  fails alone  against A
    ─  ──────  ──────────  ────────────  ──────  ─────  ────────────  ───────────  ─────────
    A  66.7 %  49 to 81 %        0.0017  200 ms  1.5 s             4            0
    B  53.3 %  36 to 70 %        0.0016  200 ms  1.5 s             0            4  worse

    Asked again, fresh, in 4 such cases: A passed 8 of 8, B 0 of 8. The pass rate of B differs from A's
    by -13.3 points (95 % interval -26.9 to +1.9).
      Only A passes: `case-05`, `case-15`, `case-25` and `case-30`

    ✗ case-15
        again    A 2 of 2, B 0 of 2
        input    ticket 15 is about money
        A        billing
        B        I like turtles.
                 because expected "billing", found "I like turtles."

    ✗ case-30
        again    A 2 of 2, B 0 of 2
        input    ticket 30 is about a parcel
        A        shipping
        B        I like turtles.
                 because expected "shipping", found "I like turtles."

    2 more cases with both answers: `--verbose`

    76 calls; nothing was paid; 0 answers from the store.
    No language model was called: answers come from a rules file (provider scripted).
    "#);

    let same = compare(&project, &[".", "temperature=0"]);
    assert_snapshot!(told(&same), @"
    exit status 0
    Nothing differs: all sides send the same requests.
      A: . (working directory)
      B: temperature=0 (working directory)

    0 calls; nothing was paid; 0 answers from the store.
    No language model was called: answers come from a rules file (provider scripted).
    ");

    project.edit("prompts.yaml", "shipping.", "shipping, in capitals.");
    project.write("more.yaml", "");
    project.edit("prompts.yaml", "route:", "greet: Greet warmly.\nroute:");
    let ran = compare(&project, &["HEAD", "."]);
    assert_snapshot!(told(&ran), @r#"
    exit status 0
    ✗ B is worse than A for `route`: it breaks at least 8 of 30 cases
      A: HEAD (COMMIT); model amazon.nova-micro-v1:0
      B: . (working directory); model amazon.nova-micro-v1:0

        score        95 %  USD/1k calls  median     p95  passes alone  fails alone  against A
    ─  ──────  ──────────  ────────────  ──────  ──────  ────────────  ───────────  ─────────
    A  66.7 %  49 to 81 %        0.0017  200 ms   1.5 s            15            0
    B  16.7 %   7 to 34 %        0.0013  200 ms  200 ms             0           15  worse

    Asked again, fresh, in 8 such cases: A passed 8 of 8, B 0 of 8. The pass rate of B differs from A's
    by -50.0 points (95 % interval -66.2 to -27.5).
      Only A passes: `case-01`, `case-03`, `case-05`, `case-07`, `case-09`, `case-11` and 9 more

    ✗ case-17
        again    A 1 of 1, B 0 of 1
        input    ticket 17 is about money
        A        billing
        B        BILLING
                 because expected "billing", found "BILLING"

    ✗ case-15
        again    A 1 of 1, B 0 of 1
        input    ticket 15 is about money
        A        billing
        B        BILLING
                 because expected "billing", found "BILLING"

    13 more cases with both answers: `--verbose`

    Not compared, no golden set to measure it with: `greet`
    46 calls; nothing was paid; 30 answers from the store.
    No language model was called: answers come from a rules file (provider scripted).
    "#);
    // Both at once: the edit on the full model.
    let ran =
        compare(&project, &[&format!("HEAD,model={LITE}"), &format!(".,model={LITE}"), "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let schema: Value = serde_json::from_str(SCHEMA).expect("a schema");
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&json)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert_eq!(problems, [""; 0]);
    let rows = &json["prompts"][0]["rows"];
    assert_eq!((&rows[1]["model"], &rows[1]["against_first"]["finding"]), (&LITE.into(), &"worse".into()));
}

#[test]
fn a_first_side_that_cannot_be_rendered_is_not_measured() {
    let project = project();
    project.edit("prompts.yaml", "{{ input }}", "{{ input");
    project.commit("break the template");
    project.edit("prompts.yaml", "{{ input", "{{ input }}");
    let ran = compare(&project, &["HEAD", ".", "--fail-if-worse"]);
    assert_eq!(ran.status, 3, "{}", told(&ran));
    assert!(ran.stdout.contains("A's cannot be read or rendered: `route`"), "{}", told(&ran));
}

#[test]
fn it_leaves_nothing_that_counts_later() {
    let project = project();
    project.edit("prompts.yaml", "shipping.", "shipping, in capitals.");
    let ran = compare(&project, &["HEAD", ".", "tier=main"]);
    assert_eq!(ran.status, 2);
    let ran = compare(&project, &["HEAD", ".", "--tier", "main"]);
    assert_eq!(ran.status, 0, "it gates nothing: {}", told(&ran));
    let report = project.run(&["report"]);
    assert_eq!(report.status, 2, "no run is stored: {}", report.stdout);
    assert!(report.stderr.contains("no finished run is stored"), "{}", report.stderr);
    let stats = project.run(&["cache", "stats", "--json"]).json();
    assert_eq!((&stats["runs"], &stats["evidence"]), (&0.into(), &0.into()), "{stats}");
    // Its answers are there for the evaluation, whose verdict is its own.
    let eval = project.run(&[
        "eval",
        "--base",
        "HEAD",
        "--tier",
        "main",
        "--scripted",
        "rules.yaml",
        "--format",
        "json",
    ]);
    assert_eq!((eval.status, &eval.json()["verdict"]), (1, &"REGRESSION".into()), "{}", eval.stdout);
}

#[test]
fn what_could_not_be_measured_is_said_and_the_budget_is_one_for_all_pairs() {
    let project = project();
    let standin = rules_over_http::start(RULES);
    let run = |arguments: &[&str]| {
        let output =
            rules_over_http::at(&mut project.command(arguments), &standin).output().expect("it runs");
        Ran::new(output, &project.root())
    };
    let models = format!("{LITE},{MICRO},amazon.nova-pro-v1:0");
    let ran = run(&["compare", "--models", &models, "--quiet", "--max-calls", "70", "--concurrency", "1"]);
    assert_eq!(standin.requests().len(), 70, "{}", told(&ran));
    assert_snapshot!(told(&ran), @"
    exit status 3
    ! Not measured, A against B for `route`: the budget ended first
    ! Not measured, A against C for `route`: the budget ended first
      A: model=amazon.nova-lite-v1:0 (working directory)
      B: model=amazon.nova-micro-v1:0 (working directory)
      C: model=amazon.nova-pro-v1:0 (working directory)

         score         95 %  USD/1k calls  median   p95  passes alone  fails alone  against A
    ─  ───────  ───────────  ────────────  ──────  ────  ────────────  ───────────  ────────────
    A  100.0 %  89 to 100 %        0.0029    0 ms  0 ms            10            0
    B   66.7 %   49 to 81 %        0.0017    0 ms  0 ms             0           10  not measured
    C        -            -             -       -     -             -            -  not measured

    The pass rate of B differs from A's by -33.3 points (95 % interval -49.5 to -13.0). Run it again
    with a larger budget: what was bought and stored costs nothing then.
    Run it again with a larger budget: what was bought and stored costs nothing then.
      Only A passes: `case-10`, `case-12`, `case-14`, `case-16`, `case-18`, `case-20` and 4 more
      Only B fails: `case-10`, `case-12`, `case-14`, `case-16`, `case-18`, `case-20` and 4 more

    10 cases with both answers: `--verbose`

    70 calls, cost 0.0002 USD; 8 answers from the store.
    ");
    let whole = run(&["compare", "--models", &models, "--quiet", "--format", "json"]);
    let json: Value = serde_json::from_str(&whole.stdout).expect("JSON");
    assert_eq!(whole.status, 0, "{}", told(&whole));
    let row = &json["prompts"][0]["rows"][2];
    assert_eq!(row["against_first"]["finding"], "no_difference");
    assert!(row["figures"]["usd_per_1000_calls"].as_f64().is_some_and(|usd| usd > 0.0), "{row}");
}

#[test]
fn a_side_that_is_written_wrongly_is_explained() {
    let project = project();
    let said = [
        &["main"][..],
        &["temperature=0"],
        &["."],
        &[".", "temperature=2"],
        &[".", "temprature=0.2"],
        &[".", "feature=x"],
        &[".", "model=a,model=b"],
        &["main,HEAD", "."],
        &[".,", "model=a"],
        &["model=a", "model=a"],
        &["HEAD", ".", "HEAD~1"],
        &[".", "amazon.nova-lite-v1"],
        &[".", "model=a", "--format", "junit"],
        &[".", "model=a", "--prompt", "rout"],
    ]
    .map(|sides| {
        let ran = compare(&project, sides);
        assert_eq!(ran.status, 2, "{}", told(&ran));
        format!("compare {}\n{}", sides.join(" "), ran.stderr)
    });
    assert_snapshot!(said.join("\n"), @"
    compare main
    error: `main` is compared with nothing
       = `compare main .` compares it with the working directory

    compare temperature=0
    error: `temperature=0` is compared with nothing
       = `compare . temperature=0` compares the prompts as they are with it

    compare .
    error: `.` is compared with nothing
       = a side is a revision (`main`, `.` for the working directory), settings (`model=ID`, `temperature=0`), or both with a comma between them (`main,model=ID`)

    compare . temperature=2
    error: `temperature=2` cannot be set
       = `temperature` is a number from 0 to 1

    compare . temprature=0.2
    error: `temprature` is no setting of a side
       = did you mean `temperature`? A setting is one of `model`, `tier`, `temperature`, `top_p`, `max_tokens`; a revision whose name has `=` is written `rev=temprature=0.2`

    compare . feature=x
    error: `feature` is no setting of a side
       = did you mean `temperature`? A setting is one of `model`, `tier`, `temperature`, `top_p`, `max_tokens`; a revision whose name has `=` is written `rev=feature=x`

    compare . model=a,model=b
    error: `model` is given twice for one side
       = leave one of them out

    compare main,HEAD .
    error: `main,HEAD` names two revisions, `main` and `HEAD`
       = sides are separated by a space; a comma stands between a revision and its settings

    compare ., model=a
    error: `.,` has an empty part
       = a side is a revision (`main`, `.` for the working directory), settings (`model=ID`, `temperature=0`), or both with a comma between them (`main,model=ID`)

    compare model=a model=a
    error: `model=a` and `model=a` are the same side
       = name two sides that differ

    compare HEAD . HEAD~1
    error: three or more sides must be of one revision: only their models and parameters may differ
       = compare revisions two at a time

    compare . amazon.nova-lite-v1
    error: the revision `amazon.nova-lite-v1` is not in this clone
       = see `git branch -a` and `git log` for the existing revisions; a model is written `model=ID`

    compare . model=a --format junit
    error: a comparison has no test results and no page of its own; use `--format terminal|markdown|json`

    compare . model=a --prompt rout
    error: no catalog has a prompt `rout` (`--prompt`)
       = did you mean `route`?

    1 error; nothing was evaluated
    ");
}
