//! Conditions that prevent calls, and calls that fail.

use insta::assert_snapshot;
use prompt_assay_standin::{Config, Fault, Reply, Standin};
use prompt_assay_test_support::on_disk::Project;

/// Arguments and environment of an evaluation by this stand-in, with a dummy key.
fn eval_at(project: &Project, standin: &Standin, more: &[&str]) -> prompt_assay_test_support::on_disk::Ran {
    let mut command = project.command(&[&["eval", "--base", "HEAD"], more].concat());
    command
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", standin.url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    project.ran(&mut command)
}

fn friendly() -> Standin {
    Standin::start(Config::default(), |_| Reply::text("Hello Ada, hello Grace"))
        .expect("a free loopback port")
}

#[test]
fn a_model_without_a_price_costs_an_unknown_amount_and_never_nothing() {
    let project = Project::edited();
    project.write("prompt-assay.yaml", "models: {branch: mystery.model-v1}\n");
    let plan = project.run(&["plan", "--base", "HEAD", "--format", "json"]).json();
    assert_eq!(plan["estimate"]["usd_typical_max"], serde_json::Value::Null, "{plan}");
    assert_eq!(plan["estimate"]["unknown_models"], serde_json::json!(["mystery.model-v1"]));
    let standin = friendly();
    let ran = eval_at(&project, &standin, &["--format", "json"]);
    assert_eq!(ran.status, 0);
    let cost = &ran.json()["cost"];
    assert!(cost["verdict_usd"].is_null() && cost["spent_usd"].is_null(), "{cost}");
    assert_eq!(cost["unknown_models"], serde_json::json!(["mystery.model-v1"]));
}

#[test]
fn a_budget_cannot_be_kept_without_a_price() {
    let project = Project::edited();
    project.write("prompt-assay.yaml", "models: {branch: mystery.model-v1}\nbudget: {max_cost: 1.00}\n");
    let standin = friendly();
    assert_snapshot!(eval_at(&project, &standin, &[]).told(), @"
    exit status 2
    error: the price of model `mystery.model-v1` is unknown, so `max_cost` cannot be kept; if the id is right, add the price that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under `prices:` in prompt-assay.yaml
      prices:
        mystery.model-v1: {input: …, output: …}
    ");
    assert_eq!(standin.counters().total, 0, "nothing is spent");
}

#[test]
fn a_result_that_cannot_be_written_is_noticed_before_anything_is_spent() {
    let project = Project::edited();
    let standin = friendly();
    assert_snapshot!(eval_at(&project, &standin, &["--output", "nowhere/result.md"]).told(), @r"
    exit status 2
    error: cannot write `nowhere/result.md`: No such file or directory (os error 2)
    ");
    assert_eq!(standin.counters().total, 0, "nothing is spent");
}

#[test]
fn without_credentials_nothing_is_spent_and_the_ways_to_them_are_named() {
    let project = Project::edited();
    let standin = friendly();
    let mut command = project.command(&["eval", "--base", "HEAD"]);
    command.env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", standin.url());
    assert_snapshot!(project.ran(&mut command).told(), @r"
    exit status 2
    error: no AWS region is configured; nothing was spent
       = set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from `aws-region`), or `region` in the AWS profile
    ");
    command.env("AWS_REGION", "us-east-1");
    assert_snapshot!(project.ran(&mut command).told(), @r"
    exit status 2
    error: no AWS credentials were found; nothing was spent
       = provide credentials in one of these ways:
         - in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job
         - AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones
         - AWS_PROFILE, after `aws sso login` for SSO
         - AWS_BEARER_TOKEN_BEDROCK
         - in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container)
         - on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2
    ");
    assert_eq!(standin.counters().total, 0);
}

#[test]
fn a_model_that_may_not_be_called_is_not_measured_and_the_cure_is_named() {
    let project = Project::edited();
    let standin =
        Standin::start(Config::default(), |_| Fault::AccessDenied.into()).expect("a free loopback port");
    let ran = eval_at(&project, &standin, &[]);
    assert_eq!(ran.status, 3);
    let said: Vec<&str> =
        ran.stdout.split_inclusive("\n\n").skip_while(|part| !part.starts_with("! ")).collect();
    assert_snapshot!(said.concat(), @"
    ! Not measured: no call for `greet` can succeed

    No call can succeed: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to
    perform: bedrock:InvokeModel on resource:
    arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 because no identity-based policy
    allows the bedrock:InvokeModel action (AccessDeniedException). 0 of 2 cases asked. Allow
    `bedrock:InvokeModel` on arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 in the
    policy of the role.

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn a_model_that_refuses_every_request_is_not_measured() {
    let project = Project::edited();
    let refuse = |_: &prompt_assay_standin::ConverseCall| {
        Reply::from(Fault::Validation(
            "The maximum tokens you requested exceeds the model limit of 10.".to_owned(),
        ))
    };
    let standin = Standin::start(Config::default(), refuse).expect("a free loopback port");
    let ran = eval_at(&project, &standin, &[]);
    let said: Vec<&str> =
        ran.stdout.split_inclusive("\n\n").skip_while(|part| !part.starts_with("! ")).collect();
    assert_snapshot!(format!("exit status {}\n{}", ran.status, said.concat()), @"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: ValidationException: The maximum tokens
    you requested exceeds the model limit of 10. (set `parameters.max_tokens` to at most 10). This says
    nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
}

#[test]
fn without_a_stored_answer_an_offline_run_is_not_measured() {
    let project = Project::edited();
    let ran = project.run(&["eval", "--base", "HEAD", "--offline"]);
    let said: Vec<&str> =
        ran.stdout.split_inclusive("\n\n").skip_while(|part| !part.starts_with("! ")).collect();
    assert_snapshot!(format!("exit status {}\n{}", ran.status, said.concat()), @"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: no stored answer, and the run is
    offline (run once without `--offline`). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
}
