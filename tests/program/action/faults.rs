//! The client alone, with every failure of GitHub and of the network.

use std::time::Duration;

use prompt_assay::action::Marker;
use prompt_assay::adapters::github::{GitHub as Client, GitHubError, Options, Pace, Spot, Written};
use prompt_assay_test_support::github::{BOT, Fault, GitHub, REPOSITORY};

/// Little patience, so that a test takes no time; the waits GitHub names are kept.
fn pace() -> Pace {
    Pace {
        attempt: Duration::from_millis(400),
        first_wait: Duration::from_millis(5),
        unnamed_limit: Duration::from_millis(10),
        longest_wait: Duration::from_secs(2),
        ..Pace::default()
    }
}

fn write(github: &GitHub) -> Result<Written, GitHubError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options {
            api_url: github.url(),
            token: Some("secret-token".to_owned()),
            repository: REPOSITORY.to_owned(),
            pace: pace(),
        };
        let marker = Marker::new("default", "0123456", (100, 1));
        let spot = Spot { pull_request: 1, head: Some("0123456"), author: BOT };
        Client::new(options)?.write_comment(spot, &marker, &marker.comment("result")).await
    })
}

/// There is exactly one comment after this happened to the first request of this kind.
fn survives(method: &'static str, fault: Fault) -> Vec<String> {
    let github = GitHub::start(None);
    if method == "PATCH" {
        github.state().add(BOT, &Marker::new("default", "0", (7, 1)).comment("old"));
    }
    github.state().faults.push((method, "comments", fault));
    let written = write(&github).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(written, Written::Stands(_)));
    assert!(github.comment().ends_with("result"));
    assert!(github.state().faults.is_empty(), "the fault happened");
    github.log()
}

fn limited(status: u16, headers: Vec<(&'static str, String)>, message: &str) -> Fault {
    Fault::Answer(status, headers, format!("{{\"message\": \"{message}\"}}"))
}

#[test]
fn every_fault_is_survived_without_a_second_comment() {
    for method in ["GET", "POST", "PATCH"] {
        for fault in [
            Fault::Answer(502, vec![], "<html>Bad Gateway</html>".to_owned()),
            Fault::Answer(500, vec![], String::new()),
            Fault::DoneBut502,
            Fault::DoneButSilent,
            Fault::Silent,
            limited(429, vec![("retry-after", "1".to_owned())], "Too many"),
            limited(403, vec![], "You have exceeded a secondary rate limit. Please wait."),
            limited(
                403,
                vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", "1".to_owned())],
                "API rate limit exceeded",
            ),
        ] {
            survives(method, fault);
        }
    }
}

#[test]
fn a_post_is_repeated_only_after_looking() {
    let log = survives("POST", Fault::Answer(502, vec![], String::new()));
    let list = "GET /repos/shop/prompts/issues/1/comments?per_page=100&page=1";
    let post = "POST /repos/shop/prompts/issues/1/comments";
    assert_eq!(log, [list, post, list, post, list]);
}

#[test]
fn a_limit_that_lasts_longer_than_a_job_is_worth_ends_the_attempt() {
    let github = GitHub::start(None);
    let hour = vec![("retry-after", "3600".to_owned())];
    github.state().faults.push(("POST", "comments", limited(429, hour, "Too many")));
    let error = write(&github).unwrap_err();
    assert!(matches!(error, GitHubError::Unavailable { .. }), "{error}");
    assert_eq!(github.state().comments, []);
}

#[test]
fn a_refusal_is_not_repeated_and_names_the_permission() {
    let github = GitHub::start(None);
    github.state().is_read_only = true;
    let error = write(&github).unwrap_err();
    assert!(error.is_permission());
    insta::assert_snapshot!(error, @r#"
    GitHub refuses to comment on the pull request: 403 Resource not accessible by integration
       = the token may lack a permission; add to the job:
           permissions:
             pull-requests: write
    "#);
    assert_eq!(github.log().iter().filter(|line| line.starts_with("POST")).count(), 1);
}

#[test]
fn patience_ends() {
    let github = GitHub::start(None);
    for _ in 0..9 {
        github.state().faults.push(("GET", "comments", Fault::Answer(502, vec![], "gone".to_owned())));
    }
    insta::assert_snapshot!(write(&github).unwrap_err(), @r#"
    GitHub did not list the pull request's comments: 502 gone
       = the pull request is not the cause; re-run the job
    "#);
    assert_eq!(github.log().len(), 4);
}
