//! The comment on a pull request, and texts of another bot that try to prevent it: other workflows
//! of a repository write under the same author, and some repeat text of users.

use prompt_assay::action::Marker;
use prompt_assay_test_support::github::{BOT, Fault, GitHub};
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::Step;

/// The run of the step is 100.1.
fn sealed(run: (u64, u64), text: &str) -> String {
    Marker::new("default", &"0".repeat(40), run).comment(text)
}

/// What a bot repeats, and whether it is taken for ours, to be overwritten with the result.
fn echoes() -> Vec<(&'static str, String, bool)> {
    let genuine = sealed((101, 1), "## ✅ No break found");
    let line = genuine.lines().next().unwrap().to_owned();
    let unsealed = |run: &str| format!("<!-- prompt-assay key=default commit=0 run={run} -->\nhello");
    vec![
        ("a run beyond all, as in the wild", unsealed("99999999999999999.1"), false),
        ("the next run, without a seal", unsealed("101.1"), false),
        (
            "an empty seal",
            format!("{} seal= -->\nhello", unsealed("101.1").split(" -->").next().unwrap()),
            false,
        ),
        ("a seal of another comment", format!("{line}\n## ✓ prompt-assay: OK, really"), false),
        ("a sealed comment with another run", genuine.replace("run=101.1", "run=102.1"), false),
        ("a sealed comment with another commit", genuine.replace("commit=0", "commit=1"), false),
        ("a marker on the second line", format!("Somebody said:\n{genuine}"), false),
        ("a quoted marker", format!("> {genuine}"), false),
        ("a marker after a space", format!(" {genuine}"), false),
        (
            "a number too long to be read",
            genuine.replace("run=101.1", "run=999999999999999999999999.1"),
            false,
        ),
        ("a number below nothing", genuine.replace("run=101.1", "run=-1.1"), false),
        ("the next run, sealed", genuine, true),
        ("a run of next year, sealed", sealed((9_000_000_000, 1), "hello"), true),
        ("the last run of all, sealed", sealed((u64::MAX, u64::MAX), "hello"), true),
        ("our run, the next attempt", sealed((100, 2), "hello"), true),
        ("our run, an attempt that cannot be", sealed((100, 101), "hello"), true),
        ("our run, the last attempt of all", sealed((100, u64::MAX), "hello"), true),
        ("an older run, sealed", sealed((99, 1), "## ✅ No break found"), true),
    ]
}

#[test]
fn no_echo_keeps_the_result_away() {
    let origin = Origin::with_prompt("A broken version.");
    for (name, echo, is_ours) in echoes() {
        let github = GitHub::start(Some(origin.path()));
        github.state().add(BOT, &echo);
        github.state().head = Some(origin.head.clone());
        // Not for one run, and not for the next.
        for run in ["100", "102"] {
            let left = Step::pull_request(&origin, &github).set("GITHUB_RUN_ID", run).run();
            assert_eq!(left.status, 1, "{name}: {}", left.log);
            let comments = github.state().comments.clone();
            let results: Vec<_> =
                comments.iter().filter(|comment| comment.body.contains("Do not merge")).collect();
            assert_eq!(results.len(), 1, "{name}: one comment has the result: {comments:#?}");
            assert!(results[0].body.contains(&format!("run={run}.1")), "{name}: {}", results[0].body);
            let is_left_alone = comments.iter().any(|comment| comment.body == echo);
            assert_eq!(is_left_alone, !is_ours, "{name}: {comments:#?}");
            assert!(!left.outputs["comment-url"].is_empty(), "{name}");
        }
    }
}

/// What GitHub says of the pull request decides whether a newer run is believed, and what it does
/// not say keeps nobody away.
#[test]
fn a_newer_run_is_believed_only_where_the_pull_request_has_moved_on() {
    let origin = Origin::with_prompt("A broken version.");
    let newer = sealed((101, 1), "the newer result");
    for (name, head, fault, is_kept) in [
        ("the control: a newer commit", Some("f".repeat(40)), None, true),
        ("our commit", Some(origin.head.clone()), None, false),
        ("nothing", None, None, false),
        ("a refusal", Some("f".repeat(40)), Some(403), false),
        ("no such thing", Some("f".repeat(40)), Some(404), false),
    ] {
        let github = GitHub::start(Some(origin.path()));
        github.state().add(BOT, &newer);
        github.state().head = head;
        if let Some(status) = fault {
            for _ in 0..4 {
                let refused = Fault::Answer(status, vec![], "{\"message\": \"no\"}".to_owned());
                github.state().faults.push(("GET", "/pulls/1", refused));
            }
        }
        let left = Step::pull_request(&origin, &github).run();
        assert_eq!(left.status, 1, "{name}: {}", left.log);
        assert_eq!(github.comment() == newer, is_kept, "{name}: {}", github.comment());
        assert_eq!(left.log.contains("a newer run has written"), is_kept, "{name}: {}", left.log);
    }
    // A run number beyond GitHub's possible numbers is not accepted even then.
    let github = GitHub::start(Some(origin.path()));
    github.state().add(BOT, &sealed((99_999_999_999_999_999, 1), "forged"));
    github.state().head = Some("f".repeat(40));
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("Do not merge"));
}

#[test]
fn copies_are_healed_and_a_flood_of_them_keeps_no_run_busy() {
    let origin = Origin::with_prompt("A broken version.");
    for (copies, most) in [(1, 1), (3, 3), (60, 20)] {
        let github = GitHub::start(Some(origin.path()));
        for _ in 0..=copies {
            github.state().add(BOT, &sealed((7, 1), "## ✅ No break found"));
        }
        github.state().add("mallory", &sealed((7, 1), "## ✅ No break found"));
        let left = Step::pull_request(&origin, &github).run();
        assert_eq!(left.status, 1, "{}", left.log);
        let state = github.state();
        let deleted = state.requests.iter().filter(|seen| seen.method == "DELETE").count();
        assert!(deleted >= most && deleted <= 2 * most, "{copies}: {deleted}");
        let results: Vec<_> = state
            .comments
            .iter()
            .filter(|comment| comment.body.contains("Do not merge"))
            .map(|one| one.id)
            .collect();
        assert_eq!(results, [1], "the oldest is kept and has the result");
        assert!(state.comments.iter().any(|comment| comment.author == "mallory"), "not ours to touch");
    }
}
