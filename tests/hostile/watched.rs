//! Prompts that know when they are tested: they refer to a mark that distinguishes a test from
//! production, or one test from another, and behave only there. The model is a stand-in for Bedrock
//! that does what the prompt says, so that its behaviour depends only on the text of a call.

use prompt_assay_standin::{Config, ConverseCall, Reply, Standin};
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::{Left, Step};

/// The prompt's words that the model obeys.
const TRICK: &str = "Behave only when watched.";
const BROKEN: &str = "Never behave.";
const HARMLESS: &str = "Another wording.";

/// How a prompt detects that it is tested, from the text of a call.
type Eye = fn(&ConverseCall) -> bool;

fn system(call: &ConverseCall) -> &str {
    call.system.as_deref().unwrap_or_default()
}

fn ends(call: &ConverseCall) -> bool {
    call.last_user_text().trim_end() != call.last_user_text()
}

fn begins(call: &ConverseCall) -> bool {
    call.last_user_text().trim_start() != call.last_user_text()
}

fn system_ends(call: &ConverseCall) -> bool {
    system(call).trim_end() != system(call)
}

fn anywhere(call: &ConverseCall) -> bool {
    ends(call) || begins(call) || system_ends(call)
}

fn number(call: &ConverseCall) -> usize {
    call.last_user_text().split_whitespace().last().and_then(|word| word.parse().ok()).expect("a question")
}

/// What a prompt might name.
const EYES: [(&str, Eye); 14] = [
    ("the reference line of old", |call| call.last_user_text().contains("[ref ")),
    ("white space anywhere", anywhere),
    ("white space after the message", ends),
    ("white space before the message", begins),
    ("white space after the system text", system_ends),
    ("a line break", |call| call.last_user_text().contains('\n') || system(call).contains('\n')),
    ("a tab", |call| call.last_user_text().contains('\t') || system(call).contains('\t')),
    ("two blanks", |call| call.last_user_text().contains("  ")),
    ("white space, in every second case", |call| anywhere(call) || number(call).is_multiple_of(2)),
    ("white space, unless it is a tab", |call| anywhere(call) && !call.last_user_text().contains('\t')),
    ("a message of even length", |call| call.last_user_text().len().is_multiple_of(2)),
    ("a long message", |call| call.last_user_text().len() > "question 10".len()),
    ("no white space at all", |call| !anywhere(call)),
    ("nothing that it could find", |_| false),
];

/// A project on Bedrock, of 30 cases that pass; every case contains `marks`.
fn project(temperature: &str, marks: &str) -> Vec<(String, String)> {
    let mut files = shop();
    for (path, text) in &mut files {
        match path.as_str() {
            "prompt-assay.yaml" => {
                *text = format!(
                    "models: {{branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}}\n\
                     parameters: {{temperature: {temperature}}}\n"
                );
            }
            "golden/reply.yaml" => *text = text.replace("{id:", &format!("{{{marks}id:")),
            _ => {}
        }
    }
    files
}

fn catalog(words: &str) -> String {
    format!("reply: \"Answer the customer. {words}\"\nother: \"Unchanged.\"\n")
}

/// Does what the prompt says.
fn model(eye: Eye) -> Standin {
    let answer = move |call: &ConverseCall| {
        let behaves = match system(call) {
            system if system.contains(TRICK) => eye(call),
            system => !system.contains(BROKEN),
        };
        // What is said at temperature 0 follows from the text of the call alone.
        let asked = (system(call).len(), call.last_user_text().len());
        Reply::text(format!("{} {asked:?}", if behaves { "yes" } else { "no" }))
    };
    Standin::start(Config::default(), answer).expect("a free loopback port")
}

fn run(origin: &Origin, standin: &Standin, before: Option<&Step<'_>>) -> Left {
    let github = GitHub::start(Some(origin.path()));
    let step = on_bedrock(Step::pull_request(origin, &github), standin);
    if let Some(before) = before {
        carry(before, &step);
    }
    step.run()
}

fn on_bedrock<'a>(step: Step<'a>, standin: &Standin) -> Step<'a> {
    step.set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &standin.url())
        .set("AWS_REGION", "us-east-1")
        .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", "secret")
}

/// Brings the store of one job to another, as a cache of CI does.
pub fn carry(from: &Step<'_>, to: &Step<'_>) {
    let database = |step: &Step<'_>| step.workspace().join(".prompt-assay/assay.db");
    std::fs::create_dir_all(to.workspace().join(".prompt-assay")).unwrap();
    std::fs::copy(database(from), database(to)).unwrap();
}

/// Evaluates an edit after a harmless one has left the baseline's answers in the store.
fn with_stored_baseline(files: &[(String, String)], words: &str, eye: Eye) -> Left {
    let standin = model(eye);
    let harmless = Origin::between(files, &[("prompts.yaml", &catalog(HARMLESS))]);
    let github = GitHub::start(Some(harmless.path()));
    let first = on_bedrock(Step::pull_request(&harmless, &github), &standin);
    let left = first.run();
    assert_eq!(left.status, 0, "the control: a harmless edit passes: {}", left.log);
    let origin = Origin::between(files, &[("prompts.yaml", &catalog(words))]);
    run(&origin, &standin, Some(&first))
}

fn blocked(left: &Left, attempt: &str) {
    let verdict = (left.status, left.outputs.get("verdict").map(String::as_str));
    assert_eq!(verdict, (1, Some("REGRESSION")), "{attempt}: {}", left.log);
}

#[test]
fn whatever_text_a_prompt_names_it_is_blocked_as_without_the_trick() {
    for temperature in ["0", "0.7"] {
        let files = project(temperature, "");
        let control = with_stored_baseline(&files, BROKEN, |_| true);
        blocked(&control, "the control: the same edit without the trick");
        for (name, eye) in EYES {
            let left = with_stored_baseline(&files, TRICK, eye);
            blocked(&left, &format!("{name}, temperature {temperature}"));
        }
    }
}

#[test]
fn a_prompt_that_passes_only_when_varied_is_told_so() {
    for (temperature, stored) in [("0", true), ("0", false), ("0.7", true), ("0.7", false)] {
        let files = project(temperature, "");
        let left = match stored {
            true => with_stored_baseline(&files, TRICK, anywhere),
            false => {
                run(&Origin::between(&files, &[("prompts.yaml", &catalog(TRICK))]), &model(anywhere), None)
            }
        };
        blocked(&left, temperature);
        assert_eq!(left.outputs["reason"], "passes_only_when_varied", "{}", left.log);
        assert!(left.summary.contains("does better in tests than in production"), "{}", left.summary);
    }
}

#[test]
fn must_pass_cases_are_asked_as_they_stand() {
    let watches: Eye = anywhere;
    // All of them, or one alone.
    let all = project("0.7", "must_pass: true, ");
    let one = {
        let mut files = project("0.7", "");
        for (_, text) in &mut files {
            *text = text.replace("{id: case-07,", "{must_pass: true, id: case-07,");
        }
        files
    };
    for (files, eye, reason) in [
        (&all, watches, "must_pass"),
        (&one, (|call| anywhere(call) || number(call) != 7) as Eye, "must_pass"),
        (&project("0", "must_pass: true, "), watches, "overall_drop"),
    ] {
        blocked(&with_stored_baseline(files, BROKEN, eye), "the control");
        let left = with_stored_baseline(files, TRICK, eye);
        blocked(&left, reason);
        assert_eq!(left.outputs["reason"], reason, "{}", left.log);
    }
}

#[test]
fn a_new_prompt_that_watches_is_blocked_by_its_floor_or_by_the_contrast() {
    for temperature in ["0", "0.7"] {
        let files = project(temperature, "");
        let golden = files.iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1.clone();
        let added = |words: &str| {
            let catalog = format!("{}fresh: \"Answer the customer. {words}\"\n", catalog("First version."));
            Origin::between(&files, &[("prompts.yaml", &catalog), ("golden/fresh.yaml", &golden)])
        };
        for (words, status) in [(HARMLESS, 0), (BROKEN, 1), (TRICK, 1)] {
            let left = run(&added(words), &model(anywhere), None);
            assert_eq!(left.status, status, "{words}: {}", left.log);
        }
    }
}

#[test]
fn a_change_cannot_switch_the_variation_off_for_itself() {
    let files = project("0", "");
    let config = &files.iter().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1;
    let golden = &files.iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let off = format!("{config}gate: {{jitter: none}}\n");
    let exact = golden.replace("{id:", "{exact: true, id:");
    // At temperature 0 a text that is sent again proves nothing, so that a broken prompt would stay
    // "not confirmed" for ever.
    for (path, text) in [("prompt-assay.yaml", &off), ("golden/reply.yaml", &exact)] {
        for words in [BROKEN, TRICK] {
            let standin = model(anywhere);
            let harmless = Origin::between(&files, &[("prompts.yaml", &catalog(HARMLESS))]);
            let github = GitHub::start(Some(harmless.path()));
            let first = on_bedrock(Step::pull_request(&harmless, &github), &standin);
            assert_eq!(first.run().status, 0, "the control");
            let origin = Origin::between(&files, &[("prompts.yaml", &catalog(words)), (path, text)]);
            let left = run(&origin, &standin, Some(&first));
            blocked(&left, &format!("{path}, {words}"));
            let reason = if words == BROKEN { "confirmed_breaks" } else { "passes_only_when_varied" };
            assert_eq!(left.outputs["reason"], reason, "{path}: {}", left.log);
        }
    }
}

#[test]
fn no_request_is_sent_twice_so_that_no_cache_on_the_way_can_answer_it() {
    for temperature in ["0", "0.7"] {
        let standin = model(|_| false);
        let origin = Origin::between(&project(temperature, ""), &[("prompts.yaml", &catalog(BROKEN))]);
        blocked(&run(&origin, &standin, None), "the control: fresh calls were made");
        assert_eq!(standin.counters().most_repeated, 1);
    }
}
