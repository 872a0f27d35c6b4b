//! A clock that jumps: between runs, during a run, and so far that signatures are refused.

use insta::assert_snapshot;
use prompt_assay_standin::{Config, Fault, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;

use super::Evaluation;

/// Every look at the clock jumps by the next of these seconds; see `src/adapters/clock.rs`.
const JUMPS: &str = "PROMPT_ASSAY_TEST_JUMPS";
/// Years back and forth, and the beginning of time.
const WILD: &str = "0,315360000,-315360000,86400,-86400,-99999999999,3600";

#[test]
fn a_clock_that_jumps_at_every_look_changes_no_verdict_and_buys_nothing_again() {
    let evaluation = Evaluation::new();
    let mut command = evaluation.command();
    command.env(JUMPS, WILD);
    let ran = evaluation.project.ran(&mut command);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_eq!(prompt_assay::report::json::stable(&ran.json()), super::undisturbed());
    evaluation.ends_as_if_undisturbed(0, "a jumping clock");
    let before = evaluation.model.requests().len();
    for jumps in ["315360000", "-315360000", WILD] {
        let again = evaluation.project.ran(evaluation.command().env(JUMPS, jumps));
        assert_eq!(again.status, 1, "{jumps}: {}", again.stderr);
        assert_eq!(prompt_assay::report::json::stable(&again.json()), super::undisturbed(), "{jumps}");
    }
    assert_eq!(evaluation.model.requests().len(), before, "what is stored is of any time");
}

#[test]
fn a_release_in_times_out_of_order_goes_live_once_and_can_be_rolled_back() {
    let project = super::signals::released(2);
    let at = |jumps: &str, arguments: &[&str]| -> Ran {
        project.ran(project.command(arguments).env(JUMPS, jumps))
    };
    assert_eq!(at(WILD, &["eval", "--tier", "main", "--base", "none"]).status, 0);
    let first = at("315360000", &["release"]);
    assert_eq!(first.status, 0, "{}{}", first.stdout, first.stderr);
    assert!(at("-315360000", &["release"]).stdout.contains("2 unchanged"));
    project.edit("prompts.yaml", "Answer 0.", "Answer nothing.");
    project.commit("edit");
    assert_eq!(at("-86400", &["eval", "--tier", "main", "--base", "HEAD~1"]).status, 0);
    assert!(at("-315360000", &["release"]).stdout.contains("1 released"));
    assert_eq!(project.run(&["show", "p00"]).stdout, "Answer nothing.\n");
    assert_eq!(at("99", &["rollback", "p00", "--reason", "complaints"]).status, 0);
    assert_eq!(
        project.run(&["show", "p00"]).stdout,
        "Answer 0.\n",
        "the version before, not the one with the earlier date"
    );
    assert_eq!(at(WILD, &["drift"]).status, 0);
}

#[test]
fn pruning_by_age_with_a_clock_that_is_behind_deletes_nothing() {
    let evaluation = Evaluation::new();
    assert_eq!(evaluation.run().status, 1);
    let prune = |jumps: &str| -> Ran {
        let mut command = evaluation.project.command(&["cache", "prune", "--unused-for", "30"]);
        evaluation.project.ran(command.env(JUMPS, jumps))
    };
    let back = prune("-315360000");
    assert_eq!(back.status, 0, "{}", back.stderr);
    evaluation.ends_as_if_undisturbed(0, "pruned by a clock that was behind");
}

#[test]
fn a_clock_that_is_wrong_is_blamed_and_not_the_credentials() {
    let project = Project::edited();
    let refuse = |_: &prompt_assay_standin::ConverseCall| {
        let (status, code) = (403, "InvalidSignatureException".to_owned());
        let message = "Signature expired: 20260105T090000Z is now earlier than 20260105T095500Z (20260105T100000Z - 5 min.)";
        Fault::Error { status, code, message: message.to_owned() }.into()
    };
    let model = Standin::start(Config::default(), refuse).expect("a free loopback port");
    let ran = project.ran(rules_over_http::at(&mut project.command(&["eval", "--base", "HEAD"]), &model));
    assert_eq!(ran.status, 3);
    let at = ran.stdout.find("? ").or_else(|| ran.stdout.find("! ")).unwrap_or(0);
    assert_snapshot!(&ran.stdout[at..], @"
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Signature expired: 20260105T090000Z is now earlier than 20260105T095500Z
    (20260105T100000Z - 5 min.) (InvalidSignatureException). 0 of 2 cases asked. The clock of this
    machine is wrong by more than five minutes: set it by NTP (`timedatectl set-ntp true`); a container
    has its host's.

    What to do now: fix what the error names, then run it again.
    ");
}
