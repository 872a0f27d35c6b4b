//! `selftest` through the real binary: what the gate does with edits whose effect is known, and what reports say of it.

use std::fmt::Write;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::rules_over_http;
use serde_json::Value;

const TEXT: &str = "\
route:
  text: |
    # Task

    Classify the ticket. Do not guess.

    - Ensure that you read the whole ticket, to the end.
    - Say \"billing\" for money.

    Reply with exactly one of the labels: billing or shipping.
  user: \"{{ input }}\"
";

/// A model that needs the line about the form, ignores most of the rest, and is put off by a polite order in one case.
const RULES: &str = "\
rules:
  - {when: {system: no longer holds}, text: \"I would rather not say.\"}
  - {when: {system: Please, input: 'ticket 7 '}, text: \"As you wish: billing\"}
  - {when: {system: 'labels: billing', input: money}, text: billing}
  - {when: {system: 'labels: billing', input: parcel}, text: shipping}
default: {text: It is about something else.}
";

fn project() -> Project {
    let golden = (1..=30).fold("cases:\n".to_owned(), |mut text, n| {
        let (about, label) = if n % 2 == 0 { ("a parcel", "shipping") } else { ("money", "billing") };
        writeln!(
            text,
            "  - {{id: case-{n:02}, input: \"ticket {n} is about {about}\", checks: [{{equals: {label}}}]}}"
        )
        .expect("a text");
        text
    });
    Project::new(&[
        ("prompts.yaml", TEXT),
        ("golden/route.yaml", &golden),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", RULES),
    ])
}

#[test]
fn edits_without_meaning_and_planted_breaks_are_told_apart_and_reports_know_it_afterwards() {
    let project = project();
    let ran = project.run(&["selftest", "--scripted", "rules.yaml"]);
    assert_snapshot!(format!("exit status {}\n{}\n{}", ran.status, ran.stdout, ran.stderr), @"
    exit status 0
    Self-test of `route` with amazon.nova-lite-v1:0, 30 cases

    The prompt against itself, asked again: not blocked (OK; 0 worse, 0 better at first)

    Edits without meaning: 1 of 12 blocked, 8 % [1, 35]
      line breaks at the end    OK              0 worse,   0 better
      spaces at line ends       OK              0 worse,   0 better
      blank lines doubled       OK              0 worse,   0 better
      a line for each sentence  OK              0 worse,   0 better
      headings in capitals      OK              0 worse,   0 better
      bullets exchanged         OK              0 worse,   0 better
      another bullet mark       OK              0 worse,   0 better
      bullets indented          OK              0 worse,   0 better
      other quotation marks     OK              0 worse,   0 better
      synonyms                  OK              0 worse,   0 better
      contractions              OK              0 worse,   0 better
      please                    REGRESSION      1 worse,   0 better; breaks `case-07`

    Planted breaks: 2 of 3 found; 1 changed no case for the worse, so that the golden set cannot show it
      format removed            REGRESSION      8 worse,   0 better; breaks `case-10` and 7 others
      instruction deleted       OK              0 worse,   0 better
      instruction contradicted  REGRESSION      8 worse,   0 better; breaks `case-10` and 7 others

    No case is marginal for this model.
    White space: 11 of 11 cases sent as written pass, 19 of 19 with neutral white space.

    Spent: nothing in 502 calls; 450 answers were stored

    Self-test of 1 prompt: 16 comparisons, about 510 calls, 4,670 at most (no language model, nothing is paid; an estimate)
    ");

    project.edit("prompts.yaml", "to the end", "until its end");
    let told = project.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "markdown"]);
    let sentence = told.stdout.lines().find(|line| line.contains("without meaning")).unwrap_or_default();
    let day = regex::Regex::new(r"\d{4}-\d{2}-\d{2}").expect("a pattern").replace_all(sentence, "DAY");
    assert_snapshot!(day, @"- On this model 1 of 12 edits of this prompt without meaning was blocked: 8 % (95 % interval 1 to 35 %; self-test of DAY).");

    let again = project.run(&["selftest", "--scripted", "rules.yaml", "--offline", "--head", "HEAD"]);
    assert_eq!(again.status, 0, "everything is stored: {}", again.stdout);
    assert!(again.stdout.contains("in 0 calls"), "{}", again.stdout);
}

#[test]
fn nothing_is_spent_before_somebody_agrees_and_a_cap_ends_it() {
    let project = project();
    let standin = rules_over_http::start(RULES);
    let run = |arguments: &[&str]| {
        let output =
            rules_over_http::at(&mut project.command(arguments), &standin).output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (status, _, told) = run(&["selftest", "route"]);
    assert_eq!((status, standin.requests().len()), (Some(2), 0));
    assert_snapshot!(told, @"
    Self-test of 1 prompt: 16 comparisons, about 510 calls, 4,670 at most (at most 0.1269 USD for the typical case; an estimate)
    error: nothing was spent, because nobody can be asked; pass `--yes` to make these calls, and `--budget USD` to cap them
    ");

    let (status, out, _) = run(&["selftest", "route", "--yes", "--quiet", "--max-calls", "50"]);
    assert_eq!(status, Some(3), "{out}");
    assert!(standin.requests().len() <= 50);

    let (status, out, _) = run(&["selftest", "route", "--yes", "--quiet", "--budget", "5", "--json"]);
    assert_eq!(status, Some(0), "{out}");
    let figures: Value = serde_json::from_str(&out).expect("JSON");
    let of = |aim: &str| {
        let all = figures[0]["comparisons"].as_array().expect("a list").iter();
        let blocked = all.filter(|one| one["aim"] == aim && one["blocked"] == true);
        blocked.map(|one| one["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("itself"), [""; 0]);
    assert_eq!(of("edit"), ["please"]);
    assert_eq!(of("break"), ["format removed", "instruction contradicted"]);
}

#[test]
fn a_prompt_without_cases_cannot_be_tested() {
    let project = Project::new(&[
        ("prompts.yaml", "greet: Greet warmly.\n"),
        ("prompt-assay.yaml", "models: {branch: m}\n"),
        ("rules.yaml", "default: {text: hello}\n"),
    ]);
    let ran = project.run(&["selftest", "--scripted", "rules.yaml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("a self-test needs a prompt with a golden set"), "{}", ran.stderr);
}
