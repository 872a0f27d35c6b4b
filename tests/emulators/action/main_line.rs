//! Merge queue and main on machines that share nothing but a store in S3.

use prompt_assay_standin::Standin;
use prompt_assay_test_support::main_line::{Line, calls};
use prompt_assay_test_support::repository::shop_of_the_main_line;
use prompt_assay_test_support::rules_over_http;
use prompt_assay_test_support::step::{Left, Step, queued};
use serde_json::{Value, json};

use crate::emulator::{Emulator, boto3_says};

/// Machines that share nothing but a place in S3, and the Bedrock that they ask.
struct Machines {
    standin: Standin,
    s3: String,
    bucket: &'static str,
}

impl Machines {
    fn new(bucket: &'static str) -> Self {
        let rules = shop_of_the_main_line().into_iter().find(|(path, _)| path == "rules.yaml").unwrap().1;
        let standin = rules_over_http::start(&rules);
        let s3 = Emulator::shared_moto().url();
        let program = format!("import boto3; boto3.client('s3').create_bucket(Bucket='{bucket}')");
        boto3_says(&s3, &program);
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

/// The evidence of a queue's run is enough for a release on any machine.
#[test]
fn what_the_queue_evaluated_is_released_by_the_push_on_another_machine() {
    let line = Line::new();
    let machines = Machines::new("line-released");
    let config = "models: {branch: small, main: large}\ngate: {fail_fast: false}\n\
                  release: {release_on_scripted: true, environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";
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
    // The push; and runs started by hand, which compare with a commit and look for no main baseline.
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
