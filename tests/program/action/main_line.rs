//! Merge queue and main (decisions.md#main-does-not-ratchet): what is compared with what, what is paid, what is left
//! for a release, and what the merged pull request hears.

use prompt_assay_standin::Standin;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::decisions::edited;
use crate::emulators;
use crate::github::GitHub;
use crate::repository::{Origin, git, shop};
use crate::rules_over_http;
use crate::step::{Left, Step, queued};

/// A default branch that grows, and the store its runs share.
pub struct Line {
    pub origin: Origin,
    pub github: GitHub,
    pub store: TempDir,
}

impl Line {
    pub fn new() -> Self {
        let origin = Origin::with_prompt("Second version.");
        let github = GitHub::start(Some(origin.path()));
        Self { origin, github, store: tempfile::tempdir().unwrap() }
    }

    /// A commit on top of another one.
    pub fn commit(&self, files: &[(&str, &str)], parent: &str) -> String {
        let root = self.origin.path();
        git(root, &["checkout", "--quiet", "--detach", parent]).unwrap();
        for (path, text) in files {
            std::fs::write(root.join(path), text).unwrap();
        }
        git(root, &["add", "--all"]).unwrap();
        git(root, &["commit", "--quiet", "--message", "Edit"]).unwrap();
        git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned()
    }

    pub fn prompt(&self, words: &str, parent: &str) -> String {
        self.commit(&[("prompts.yaml", &edited(words))], parent)
    }

    pub fn pushing(&self, before: &str, after: &str) -> Step<'_> {
        let payload = json!({"before": before, "after": after, "repository": {"default_branch": "main"}});
        Step::new(&self.origin, &self.github, ("push", payload), after).set("GITHUB_REF_NAME", "main")
    }

    pub fn push(&self, before: &str, after: &str) -> Left {
        self.run(&self.pushing(before, after))
    }

    pub fn queue(&self, base: &str, head: &str) -> Left {
        let payload = queued(head, base);
        self.run(&Step::new(&self.origin, &self.github, ("merge_group", payload), head))
    }

    /// A run with the store of the runs before, as `actions/cache` brings and keeps it, and with the
    /// directory that stands for what is live.
    pub fn run(&self, step: &Step<'_>) -> Left {
        copy(self.store.path(), step.workspace());
        let left = step.run();
        copy(step.workspace(), self.store.path());
        left
    }

    pub fn base(&self) -> &str {
        &self.origin.base
    }

    pub fn merge(&self) -> &str {
        &self.origin.merge
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    let database = |root: &std::path::Path| root.join(".prompt-assay/assay.db");
    if database(from).exists() {
        std::fs::create_dir_all(to.join(".prompt-assay")).unwrap();
        std::fs::copy(database(from), database(to)).unwrap();
    }
    if from.join("live").exists() {
        let copied = std::process::Command::new("cp").arg("-r").args([from.join("live"), to.into()]).status();
        assert!(copied.unwrap().success());
    }
}

pub fn calls(left: &Left) -> u32 {
    left.outputs["calls"].parse().unwrap_or_else(|_| panic!("{}", left.log))
}

#[test]
fn main_does_not_ratchet() {
    let line = Line::new();
    assert_eq!(line.push(line.base(), line.merge()).status, 0);
    // Breaks, and is merged all the same: it never passes.
    let broken = line.prompt("A broken version.", line.merge());
    assert_eq!(line.push(line.merge(), &broken).status, 1);
    let still = line.prompt("Still a broken version.", &broken);
    let left = line.push(&broken, &still);
    assert_eq!(left.status, 1, "compared with what passed, not with the commit before: {}", left.log);
    let note = format!("its content at {}, the newest that passed", &line.merge()[..7]);
    assert!(left.log.contains(&note), "{}", left.log);
    // Even a change of something else does not make it good; and nothing is paid to find that out.
    let readme = line.commit(&[("README.md", "# The new shop\n")], &still);
    let left = line.push(&still, &readme);
    assert_eq!((left.status, calls(&left)), (1, 0), "{}", left.log);
    let mended = line.prompt("Third version.", &readme);
    assert_eq!(line.push(&readme, &mended).status, 0);
}

#[test]
fn without_evidence_the_floor_decides_and_never_the_commit_before() {
    // The commit before fails in 26 of 30 cases, too: against it, nothing would be worse.
    let golden = shop().into_iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let hopeless = golden.replace("contains: \"yes\"", "contains: \"maybe\"");
    let line = Line::new();
    let before = line.commit(&[("golden/reply.yaml", &hopeless)], line.base());
    let after = line.prompt("Third version.", &before);
    let left = line.push(&before, &after);
    assert_eq!((left.status, left.outputs["reason"].as_str()), (1, "below_floor"), "{}", left.log);
    assert!(left.log.contains("its floor decides"), "{}", left.log);
    assert!(left.log.contains("Nothing is known of earlier runs"), "{}", left.log);
}

#[test]
fn what_passed_exactly_so_is_not_paid_again() {
    let line = Line::new();
    let queued = line.queue(line.base(), line.merge());
    assert_eq!((queued.status, calls(&queued) > 0), (0, true), "{}", queued.log);
    assert!(queued.summary.contains("main tier"));
    let pushed = line.push(line.base(), line.merge());
    assert_eq!((pushed.status, calls(&pushed)), (0, 0), "{}", pushed.log);
    assert!(line.github.state().comments.is_empty());
    let evidence = std::fs::read_to_string(line.store.path().join(".prompt-assay/evidence.json"));
    assert!(evidence.is_err(), "the evidence file is of the run, not of the store");
}

#[test]
fn a_prompt_nobody_touched_is_proven_once_when_the_store_is_kept() {
    let line = Line::new();
    let readme = |n: u32, parent: &str| line.commit(&[("README.md", &format!("# {n}\n"))], parent);
    let first = readme(1, line.merge());
    let second = readme(2, &first);
    let third = readme(3, &second);
    // The first run cannot know whether its store will be kept: only what the push touches.
    assert_eq!(calls(&line.push(line.merge(), &first)), 0);
    // A queue decides about its own change.
    assert_eq!(calls(&line.queue(&first, &second)), 0);
    let left = line.push(&first, &second);
    assert_eq!((left.status, calls(&left)), (0, 30), "{}", left.log);
    assert_eq!(calls(&line.push(&second, &third)), 0);
}

#[test]
fn evidence_is_left_for_a_job_with_another_role() {
    let line = Line::new();
    line.github.state().merged = vec![line.merge().to_owned()];
    let step = line.pushing(line.base(), line.merge());
    let left = line.run(&step);
    let path = step.workspace().join(&left.outputs["evidence"]);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let claim = &file["evidence"][0]["claim"];
    assert_eq!((&claim["prompt"], &claim["verdict"]), (&json!("reply"), &json!("OK")), "{file}");
    assert_eq!(claim["tier"], json!("main"));
    assert_eq!(
        claim["origin"],
        json!({
            "commit": line.merge(), "pull_request": 1, "actor": "alex",
            "run": "https://github.example/shop/prompts/actions/runs/100/attempts/1",
        })
    );
    let left = Step::pull_request(&line.origin, &line.github).run();
    assert_eq!(left.outputs["evidence"], "", "the branch tier releases nothing");
}

#[test]
fn break_glass_is_recorded_in_the_evidence() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    let glass = format!("{broken}: incident 7");
    let step = line.pushing(line.merge(), &broken).input("break-glass", &glass);
    let left = line.run(&step);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "REGRESSION"), "{}", left.log);
    let path = step.workspace().join(&left.outputs["evidence"]);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let claim = &file["evidence"][0]["claim"];
    assert_eq!(claim["break_glass"], json!({"reason": "incident 7", "actor": "alex"}), "{file}");
    // What was let through did not pass: the next change is not measured against it.
    let still = line.prompt("Still a broken version.", &broken);
    assert_eq!(line.push(&broken, &still).status, 1);
}

#[test]
fn a_failed_gate_after_the_merge_is_said_on_the_merged_pull_request() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    line.github.state().merged = vec![broken.clone()];
    let left = line.push(line.merge(), &broken);
    assert_eq!(left.status, 1, "{}", left.log);
    let comment = line.github.comment();
    assert!(comment.contains("Nothing was released, and what is live stays as it is"), "{comment}");
    assert!(comment.contains("prompt-assay: REGRESSION") && comment.contains("case-01"), "{comment}");
    // A re-run edits it; a run that passes corrects it.
    line.run(&line.pushing(line.merge(), &broken).set("GITHUB_RUN_ATTEMPT", "2"));
    assert!(line.github.comment().contains("Nothing was released"));
    let glass = format!("{broken}: incident 7");
    let again = line.pushing(line.merge(), &broken).set("GITHUB_RUN_ATTEMPT", "3");
    line.run(&again.input("break-glass", &glass));
    let comment = line.github.comment();
    assert!(!comment.contains("Nothing was released") && comment.contains("Break-glass"), "{comment}");
}

#[test]
fn a_mistake_after_the_merge_is_said_on_the_merged_pull_request_too() {
    let line = Line::new();
    let broken = line.commit(&[("prompts.yaml", "reply: [\n")], line.merge());
    line.github.state().merged = vec![broken.clone()];
    let left = line.push(line.merge(), &broken);
    assert_eq!(left.status, 2, "{}", left.log);
    let comment = line.github.comment();
    assert!(comment.contains("Nothing was released") && comment.contains("NOT MEASURED"), "{comment}");
}

/// Machines that share nothing but a place in S3, and the Bedrock that they ask.
struct Machines {
    standin: Standin,
    s3: String,
    bucket: &'static str,
}

impl Machines {
    fn new(bucket: &'static str) -> Self {
        let rules = shop().into_iter().find(|(path, _)| path == "rules.yaml").unwrap().1;
        let standin = rules_over_http::start(&rules);
        let s3 = emulators::Emulator::shared_moto().url();
        let program = format!("import boto3; boto3.client('s3').create_bucket(Bucket='{bucket}')");
        emulators::boto3_says(&s3, &program);
        Self { standin, s3, bucket }
    }

    /// A run on one of them, which has nothing but its checkout.
    fn run(&self, step: Step<'_>) -> Left {
        step.input("shared-store", &format!("s3://{}/assay", self.bucket))
            .set("AWS_ENDPOINT_URL_S3", &self.s3)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &self.standin.url())
            .set("AWS_REGION", "us-east-1")
            .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .set("AWS_SECRET_ACCESS_KEY", "secret")
            .run()
    }
}

#[test]
fn the_push_after_the_queue_s_run_makes_no_call_where_the_store_is_shared() {
    let line = Line::new();
    let machines = Machines::new("line");
    let by_bedrock = "models: {branch: small, main: large}\ngate: {fail_fast: false}\n";
    let base = line.commit(&[("prompt-assay.yaml", by_bedrock)], line.base());
    let head = line.prompt("Second version.", &base);
    let payload = queued(&head, &base);
    let group = ("merge_group", payload);
    let queue = machines.run(Step::new(&line.origin, &line.github, group, &head));
    assert_eq!(queue.status, 0, "{}", queue.log);
    assert!(calls(&queue) > 0, "{}", queue.log);
    let asked = machines.standin.counters().total;
    let push = machines.run(line.pushing(&base, &head));
    assert_eq!((push.status, calls(&push)), (0, 0), "{}", push.log);
    assert_eq!(machines.standin.counters().total, asked);
    // What is edited next is compared with what passed there, though no directory was kept.
    let broken = line.prompt("A broken version.", &head);
    let next = machines.run(line.pushing(&head, &broken));
    assert_eq!(next.status, 1, "{}", next.log);
}

/// What a queue's run found out is enough for whoever releases, wherever that is.
#[test]
fn what_the_queue_evaluated_is_released_by_the_push_on_another_machine() {
    let line = Line::new();
    let machines = Machines::new("line-released");
    let config = "models: {branch: small, main: large}\ngate: {fail_fast: false}\n\
                  release: {environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";
    let base = line.commit(&[("prompt-assay.yaml", config)], line.base());
    let head = line.prompt("Second version.", &base);
    let queue = |base: &str, head: &str| {
        let payload = queued(head, base);
        machines.run(Step::new(&line.origin, &line.github, ("merge_group", payload), head))
    };
    let started = |base: &str, head: &str| {
        let payload = json!({"repository": {"default_branch": "main"}});
        Step::new(&line.origin, &line.github, ("workflow_dispatch", payload), head)
            .set("GITHUB_REF_NAME", "main")
            .input("base", base)
    };
    assert_eq!(queue(&base, &head).status, 0);
    let asked = machines.standin.counters().total;
    // The push; and runs started by hand, which compare with a commit and look for no footing.
    let readme = line.commit(&[("README.md", "# The new shop\n")], &head);
    let releases = [line.pushing(&base, &head), started(&head, &head), started(&head, &readme)];
    for step in releases {
        let left = machines.run(step.input("release", "prod").input("branch-baselines", "false"));
        let released: Value = serde_json::from_str(&left.outputs["released"]).unwrap_or(Value::Null);
        let reply = released.as_array().into_iter().flatten().find(|prompt| prompt["prompt"] == "reply");
        let outcome = reply.map(|prompt| prompt["outcome"].as_str().unwrap());
        assert_eq!((left.status, outcome), (0, Some("released")), "{}", left.log);
        assert_eq!(calls(&left), 0, "{}", left.log);
    }
    assert_eq!(machines.standin.counters().total, asked);
    // The control: what no queue evaluated is not released without an evaluation.
    let third = line.prompt("Third version.", &head);
    let left = machines.run(started(&third, &third).input("release", "prod"));
    assert_eq!(left.status, 1, "{}", left.log);
    assert!(left.log.contains("was never evaluated"), "{}", left.log);
}

#[test]
fn what_passed_leaves_the_branch_model_s_answers_for_pull_requests() {
    let line = Line::new();
    let left = line.push(line.base(), line.merge());
    assert_eq!(left.status, 0, "{}", left.log);
    let stocked: Value = serde_json::from_str(&left.outputs["stocked"]).expect("something was laid in");
    assert_eq!((&stocked["models"], &stocked["calls"]), (&json!(["small"]), &json!(30)), "{}", left.log);
    assert!(left.summary.contains("Laid in for pull requests: 30 answers"), "{}", left.summary);
    // A pull request from there buys its own side only.
    let next = line.prompt("Third version.", line.merge());
    let payload = json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": line.merge(), "ref": "main", "repo": {"full_name": "shop/prompts"}},
        "head": {"sha": next, "ref": "edit", "repo": {"full_name": "shop/prompts"}},
    }});
    let pull_request = Step::new(&line.origin, &line.github, ("pull_request", payload), &next);
    let pull_request = pull_request.input("base", line.merge());
    let left = line.run(&pull_request);
    assert_eq!(left.status, 0, "{}", left.log);
    assert!(calls(&left) < 40, "30 baselines are stored: {}", left.log);
}

#[test]
fn nothing_is_laid_in_for_what_did_not_pass_or_is_not_wanted() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    let left = line.push(line.merge(), &broken);
    assert_eq!((left.status, left.outputs["stocked"].as_str()), (1, ""), "{}", left.log);
    let third = line.prompt("Third version.", &broken);
    let left = line.run(&line.pushing(&broken, &third).input("branch-baselines", "false"));
    assert_eq!((left.status, left.outputs["stocked"].as_str()), (0, ""), "{}", left.log);
    // The budget is the run's: what the evaluation has used up is not spent again.
    let fourth = line.prompt("Fourth version.", &third);
    let left = line.run(&line.pushing(&third, &fourth).input("max-calls", "45"));
    let stocked: Value = serde_json::from_str(&left.outputs["stocked"]).expect("a little was laid in");
    let bought = u64::from(calls(&left)) + stocked["calls"].as_u64().unwrap();
    assert_eq!((left.status, bought), (0, 45), "{}", left.log);
    assert!(left.summary.contains("are missing: the run or its budget ended"), "{}", left.summary);
    // A queue's caches are read by nobody.
    let queued = line.queue(&third, &fourth);
    assert_eq!(queued.outputs["stocked"], "", "{}", queued.log);
}

#[test]
fn one_shard_of_several_proves_nothing_for_the_commit() {
    let line = Line::new();
    for shard in ["1/2", "2/2"] {
        let left = line.run(&line.pushing(line.base(), line.merge()).input("shard", shard));
        assert_eq!((left.status, left.outputs["evidence"].as_str()), (0, ""), "{}", left.log);
    }
    // The job that merges would speak for the commit. It did not run, so nothing is known to have passed.
    let third = line.prompt("Third version.", line.merge());
    let left = line.push(line.merge(), &third);
    assert!(!left.log.contains("the newest that passed"), "{}", left.log);
    assert!(left.log.contains("No content of it is known to have passed"), "{}", left.log);
}
