use std::collections::BTreeMap;

use proptest::prelude::*;

use super::annotation::{Annotation, Level};
use super::*;
use crate::prompt::Tier;

const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";
const HEAD: &str = "3333333333333333333333333333333333333333";

fn job(commit: &str) -> Job {
    let environment = [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REPOSITORY", "shop/prompts"),
        ("GITHUB_SHA", commit),
        ("GITHUB_WORKSPACE", "/github/workspace"),
        ("GITHUB_RUN_ID", "7"),
        ("GITHUB_ACTOR", "alex"),
    ];
    Job::read(&environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()).unwrap()
}

fn checkout(commit: &str, parents: &[&str]) -> Checkout {
    Checkout { commit: commit.to_owned(), parents: parents.iter().map(|id| (*id).to_owned()).collect() }
}

fn pull_request() -> PullRequest {
    PullRequest { number: 1, base: ONE.to_owned(), head: HEAD.to_owned(), ..PullRequest::default() }
}

fn inputs(given: &[(&str, &str)]) -> Inputs {
    let environment: BTreeMap<String, String> = given
        .iter()
        .map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), (*value).to_owned()))
        .collect();
    Inputs::read(&environment).unwrap().0
}

#[test]
fn every_input_of_the_manifest_is_known_and_the_other_way_round() {
    let manifest: serde_yaml::Value = serde_yaml::from_str(include_str!("../../action.yml")).unwrap();
    let names = |key: &str| -> Vec<String> {
        let mapping = manifest[key].as_mapping().unwrap();
        mapping.keys().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let read = Inputs::names().into_iter().map(str::to_owned).collect();
    assert_eq!(sorted(names("inputs")), sorted(read));
    assert_eq!(names("outputs"), output_names());
}

fn output_names() -> Vec<&'static str> {
    let outputs = outputs::of(outputs::Ended::Nothing(""), &outputs::Results::default());
    outputs.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_input_is_described() {
    let page = include_str!("../../action.yml");
    assert_eq!(page.matches("    description: ").count(), Inputs::names().len() + output_names().len());
}

#[test]
fn the_defaults_of_the_manifest_are_those_of_the_code() {
    let manifest: serde_yaml::Value = serde_yaml::from_str(include_str!("../../action.yml")).unwrap();
    let given: BTreeMap<String, String> = manifest["inputs"]
        .as_mapping()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.as_str() != Some("github-token"))
        .filter_map(|(name, input)| {
            let name = format!("INPUT_{}", name.as_str()?.to_uppercase());
            Some((name, input["default"].as_str()?.to_owned()))
        })
        .collect();
    assert_eq!(Inputs::read(&given).unwrap().0, inputs(&[]));
}

#[test]
fn an_empty_input_is_an_absent_one() {
    let empty: Vec<(&str, &str)> = Inputs::names().into_iter().map(|name| (name, "  ")).collect();
    assert_eq!(inputs(&empty), inputs(&[]));
}

#[test]
fn inputs_are_read_as_written() {
    let named = |reason: &str| format!("{}: {reason}", ONE.to_uppercase());
    let given = inputs(&[
        ("tier", "Main"),
        ("prompt", "one, two\nthree,"),
        ("max-cost", "1.5"),
        ("fail-on", "never"),
        ("on-fork", "skip"),
        ("comment", "false"),
        ("break-glass", &named("because: it burns")),
        ("release", "prod"),
        ("overwrite", &named("grace agreed")),
    ]);
    assert_eq!((given.tier, given.max_cost), (Some(Tier::Main), Some(1.5)));
    assert_eq!(given.prompts, ["one", "two", "three"]);
    assert_eq!((given.fail_on, given.on_fork, given.comment), (FailOn::Never, OnFork::Skip, false));
    assert_eq!(given.overwrite.map(|one| one.reason).as_deref(), Some("grace agreed"));
    let break_glass = given.break_glass.unwrap();
    assert_eq!(break_glass.reason, "because: it burns");
    assert!(
        break_glass.passes(ONE)
            && break_glass.passes(&ONE.to_uppercase())
            && !break_glass.passes(TWO)
            && !break_glass.passes(&ONE[..39])
    );
}

#[test]
fn the_test_merge_is_compared_with_its_first_parent() {
    let merge = checkout(TWO, &[ONE, HEAD]);
    let event = Event::PullRequest(pull_request());
    let decision = decide(&event, &inputs(&[]), &job(TWO), Some(&merge)).unwrap();
    assert_eq!(decision.base, Base::Revision(ONE.to_owned()));
    assert_eq!((decision.tier, decision.pull_request), (Tier::Branch, Some(1)));
    assert_eq!((decision.commit.as_str(), decision.head.commit()), (HEAD, TWO));
}

#[test]
fn a_head_that_is_a_commit_of_its_own_is_compared_with_the_merge_base() {
    let head = checkout(HEAD, &[TWO]);
    let event = Event::PullRequest(pull_request());
    for commit in [HEAD, TWO] {
        let decision = decide(&event, &inputs(&[]), &job(commit), Some(&head)).unwrap();
        assert_eq!(decision.base, Base::MergeBase { of: ONE.to_owned(), and: HEAD.to_owned() });
    }
}

#[test]
fn the_tier_follows_the_event_and_can_be_overridden() {
    let queue = Event::MergeGroup { head: TWO.to_owned(), base: ONE.to_owned(), to_default_branch: true };
    let push = |to_default_branch| {
        Event::Push(Push {
            before: Some(ONE.to_owned()),
            after: TWO.to_owned(),
            default_branch: "main".to_owned(),
            to_default_branch,
        })
    };
    let started = |on_default_branch| Event::Started { on_default_branch };
    for (event, tier) in [
        (Event::PullRequest(pull_request()), Tier::Branch),
        (Event::PullRequestTarget(pull_request()), Tier::Branch),
        (queue, Tier::Main),
        (push(true), Tier::Main),
        (push(false), Tier::Branch),
        (started(true), Tier::Main),
        (started(false), Tier::Branch),
    ] {
        let here = checkout(TWO, &[ONE]);
        let decide = |inputs: Inputs| decide(&event, &inputs, &job(TWO), Some(&here)).unwrap();
        assert_eq!(decide(inputs(&[("base", "main")])).tier, tier, "{event:?}");
        assert_eq!(decide(inputs(&[("base", "main"), ("tier", "main")])).tier, Tier::Main);
    }
}

#[test]
fn pull_request_target_needs_no_checkout_and_trusts_only_the_base() {
    let event = Event::PullRequestTarget(PullRequest { is_from_fork: true, ..pull_request() });
    let decision = decide(&event, &inputs(&[]), &job(ONE), None).unwrap();
    assert_eq!(decision.head, Head::Data { commit: HEAD.to_owned(), trusted: ONE.to_owned() });
    assert!(!decision.is_without_secrets, "it has the base's");
}

#[test]
fn dependabot_gets_no_secrets() {
    let event = Event::PullRequest(pull_request());
    let job = Job { actor: "dependabot[bot]".to_owned(), ..job(TWO) };
    let merge = checkout(TWO, &[ONE, HEAD]);
    assert!(decide(&event, &inputs(&[]), &job, Some(&merge)).unwrap().is_without_secrets);
}

#[test]
fn a_new_branch_has_no_commit_before() {
    let file = format!(
        "{{\"before\": \"{}\", \"after\": \"{TWO}\", \"repository\": {{\"default_branch\": \"main\"}}}}",
        "0".repeat(40)
    );
    let Event::Push(push) = Event::read("push", &file, "main").unwrap() else { panic!("a push") };
    assert_eq!(push.before, None);
    let event = Event::Push(push);
    assert!(decide(&event, &inputs(&[]), &job(TWO), Some(&checkout(TWO, &[]))).is_err());
    let decision = decide(&event, &inputs(&[]), &job(TWO), Some(&checkout(TWO, &[ONE]))).unwrap();
    assert_eq!(
        decision.base,
        Base::NewestPassed { head: TWO.to_owned(), before: ONE.to_owned(), whole: true }
    );
}

#[test]
fn an_id_that_is_none_never_reaches_an_address() {
    for id in ["", "../../x", "main", &"g".repeat(40), &format!("{}\n", &ONE[1..])] {
        let file = serde_json::json!({"merge_group": {"head_sha": id, "base_sha": ONE}}).to_string();
        assert!(Event::read("merge_group", &file, "main").is_err(), "{id:?}");
    }
    let environment = [("GITHUB_REPOSITORY", "a/../b")];
    let read = Job::read(&environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert!(read.is_err());
}

fn posted(id: u64, author: &str, body: &str) -> PostedComment {
    PostedComment { id, author: author.to_owned(), body: body.to_owned(), url: String::new() }
}

#[test]
fn the_oldest_of_ours_is_edited_and_the_others_go() {
    let ours = Marker::new("a", ONE, (7, 1));
    let by = |key: &str, run| Marker::new(key, TWO, run).comment("text");
    let comments = [
        posted(4, "bot", &by("a", (5, 1))),
        posted(2, "bot", &by("a", (6, 2))),
        posted(1, "bot", &by("b", (9, 9))),
        posted(3, "eve", &by("a", (9, 9))),
    ];
    assert_eq!(
        placement(&comments, &ours, "bot"),
        Placement { edit: Some(2), duplicates: vec![4], newer: false }
    );
}

#[test]
fn what_a_marker_says_of_newer_runs_counts_as_far_as_it_can_be_true() {
    let ours = Marker::new("a", ONE, (1_000, 2));
    let newer =
        |run| placement(&[posted(2, "bot", &Marker::new("a", TWO, run).comment("text"))], &ours, "bot").newer;
    assert!(newer((1_001, 1)) && newer((2_000_001_000, 1)));
    for run in [(1_000, 3), (1_000, 2), (1_000, 1), (999, 9), (2_000_001_001, 1), (u64::MAX, 1)] {
        assert!(!newer(run), "{run:?}");
    }
}

#[test]
fn a_marker_holds_for_the_comment_that_it_was_written_on() {
    let marker = Marker::new("a", ONE, (7, 1));
    let comment = marker.comment("## OK\n\n- `x` passes\n");
    assert_eq!(
        Marker::of(&comment.replace('\n', "\r\n")),
        Some(marker.clone()),
        "as GitHub may send it back"
    );
    assert_eq!(Marker::of(comment.trim_end()), Some(marker));
    assert_eq!(Marker::of(&comment.replace("OK", "REGRESSION")), None);
    assert_eq!(Marker::of(&comment.replace("run=7.1", "run=8.1")), None);
    assert_eq!(Marker::of(&comment.replace("key=a", "key=b")), None);
}

proptest! {
    #[test]
    fn a_marker_is_read_back_whatever_its_key(key in any::<String>(), run in any::<(u64, u64)>()) {
        let marker = Marker::new(&key, ONE, run);
        let comment = marker.comment("body");
        prop_assert_eq!(Marker::of(&comment), Some(marker));
        prop_assert_eq!(comment.lines().count(), 2);
        prop_assert_eq!(comment.matches("-->").count(), 1);
    }

    #[test]
    fn an_annotation_is_one_command_whatever_it_says(
        title in any::<String>(), message in any::<String>(), file in any::<String>()
    ) {
        let annotation = Annotation {
            level: Level::Error, place: Some((file, 3)), title, message,
        };
        let command = annotation.command();
        prop_assert!(command.starts_with("::error title="));
        prop_assert!(!command.contains(['\n', '\r']) && !command.contains("##["));
        let (_, rest) = command[2..].split_once("::").unwrap();
        prop_assert!(!rest.contains("::"));
    }

    #[test]
    fn outputs_come_out_as_they_went_in(value in any::<String>()) {
        let mut n = 0;
        let text = outputs::render(&[("verdict", value.clone()), ("reason", "x".to_owned())], || { n += 1; format!("{n:032}") }).unwrap();
        let (name, rest) = text.split_once("<<").unwrap();
        prop_assert_eq!(name, "verdict");
        let (delimiter, rest) = rest.split_once('\n').unwrap();
        let end = format!("\n{delimiter}\n");
        let (found, rest) = rest.split_once(&end).unwrap();
        prop_assert_eq!(found, value.as_str());
        prop_assert!(rest.starts_with("reason<<end_"));
    }
}

#[test]
fn a_value_that_holds_its_delimiter_is_refused() {
    let outputs = [("verdict", "a\nend_guessed\nb".to_owned())];
    assert!(outputs::render(&outputs, || "guessed".to_owned()).is_err());
}
