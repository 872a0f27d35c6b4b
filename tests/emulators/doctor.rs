//! `doctor` against services with each fault of a first run: what it finds, the cure, and that it spends and writes
//! nothing.

use std::io;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use prompt_assay_standin::{Config, Operation};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;

use crate::emulator::{Emulator, boto3_says, environment};
use crate::fault_proxy::FaultProxy;
use crate::in_between::InBetween;

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
shared_store: s3://answers/assay
budget: {max_cost: 2.00}
release:
  environments:
    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", s3: {bucket: long}}
";

fn project(config: &str) -> Project {
    let project = Project::new(&[("prompt-assay.yaml", config), ("prompts.yaml", "greet: Be kind.\n")]);
    project.write("golden/greet.yaml", "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}]}\n");
    project.commit("greet");
    project
}

/// Models that answer every question alike.
fn saying(status: u16, code: &'static str, message: &'static str) -> InBetween {
    InBetween::start(move |_| async move {
        let body = serde_json::json!({"message": message}).to_string();
        let answer = Response::builder()
            .status(status)
            .header("x-amzn-errortype", code)
            .header("x-amzn-requestid", "1")
            .body(Full::new(Bytes::from(body)));
        answer.map_err(io::Error::other)
    })
}

/// Runs `doctor` with models and stores at these addresses, without the variables named.
fn doctor(project: &Project, models: &str, stores: &str, without: &[&str]) -> Ran {
    let mut command = project.command(&["doctor"]);
    command.envs(environment(stores)).env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", models);
    for name in without {
        command.env_remove(name);
    }
    project.ran(&mut command)
}

/// What it says, without the place where the test runs, and the exit status.
fn said(project: &Project, ran: &Ran) -> String {
    let text = ran.stdout.replace(&project.root().display().to_string(), "ROOT");
    format!("{}\nexit {}", text.trim_end(), ran.status)
}

fn stores() -> Emulator {
    let moto = Emulator::moto();
    let make =
        "import boto3\ns3 = boto3.client('s3')\nfor b in ('answers', 'long'): s3.create_bucket(Bucket=b)";
    boto3_says(&moto.url(), make);
    moto
}

#[test]
fn a_sound_setup_is_told_so_at_no_cost_and_without_a_write() {
    let (project, moto) = (project(CONFIG), stores());
    let proxy = FaultProxy::before(&moto.url());
    let standin = rules_over_http::start("default: {text: Hello Ada}\n");
    let ran = doctor(&project, &standin.url(), &proxy.url(), &[]);
    insta::assert_snapshot!(said(&project, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    ok    region: us-east-1
    ok    credentials: found
    ok    model amazon.nova-lite-v1:0 (branch): answers
    ok    model amazon.nova-pro-v1:0 (main): answers
    ok    shared_store s3://answers/assay: readable, 0 objects
    ok    bucket long of prod: readable, 0 objects
    ok    release to prod: readable; live: 0 of 1 prompt

    a run can begin; nothing was spent and nothing written
    exit 0
    ");
    let asked = standin.requests();
    assert!(asked.iter().all(|request| request.operation == Operation::CountTokens) && asked.len() == 2);
    let writes = proxy.calls();
    assert!(!writes.iter().any(|call| call.contains("PUT") || call.contains("Put")), "{writes:?}");
    assert!(!project.root().join(".prompt-assay").exists());
}

#[test]
fn what_models_refuse_says_what_to_do() {
    let (project, moto) = (project("models: {branch: amazon.nova-lite-v1:0}\n"), stores());
    let of = |status, code, message| {
        let models = saying(status, code, message);
        let ran = doctor(&project, &models.url(), &moto.url(), &[]);
        let is_about_models = |line: &&str| line.contains("model ") || line.trim_start().starts_with('=');
        let told: Vec<&str> = ran.stdout.lines().filter(is_about_models).collect();
        format!("{} (exit {})", told.join("\n"), ran.status)
    };
    let all = [
        of(
            403,
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: bedrock:CountTokens on resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        ),
        of(
            403,
            "AccessDeniedException",
            "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)",
        ),
        of(
            404,
            "ResourceNotFoundException",
            "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model.",
        ),
        of(400, "ValidationException", "The provided model identifier is invalid."),
        of(400, "ValidationException", "The provided model doesn't support counting tokens."),
        of(
            403,
            "InvalidSignatureException",
            "Signature expired: 20261127T150000Z is now earlier than 20261127T151000Z",
        ),
        of(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        of(429, "ThrottlingException", "Too many requests, please wait before trying again."),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    FAULT model amazon.nova-lite-v1:0 (branch): AccessDeniedException: User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: bedrock:CountTokens on resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
           = allow `bedrock:CountTokens` on arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 in the policy of the role (exit 2)
    FAULT model amazon.nova-lite-v1:0 (branch): AccessDeniedException: Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)
           = the first call of a third-party model subscribes the account through AWS Marketplace: let somebody with `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe` call amazon.nova-lite-v1:0 once, in the Bedrock console's playground for example; the role of CI needs neither. Calls are refused for up to 15 minutes after that: wait, and run it again (exit 2)
    FAULT model amazon.nova-lite-v1:0 (branch): ResourceNotFoundException: Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model.
           = Anthropic asks each account once what its models are for: open a Claude model in the Bedrock console, Model catalog, region us-east-1, and submit the use case details (the management account can do it for a whole organization). Calls are refused for up to 15 minutes after that: wait, and run it again (exit 2)
    FAULT model amazon.nova-lite-v1:0 (branch): ValidationException: The provided model identifier is invalid.
           = amazon.nova-lite-v1:0 cannot be called from us-east-1; use us.amazon.nova-lite-v1:0, or another region (exit 2)
    ?     model amazon.nova-lite-v1:0 (branch): its tokens cannot be counted, and no other request is free: the first call will tell (exit 0)
    FAULT model amazon.nova-lite-v1:0 (branch): InvalidSignatureException: Signature expired: 20261127T150000Z is now earlier than 20261127T151000Z
           = the clock of this machine is wrong by more than five minutes: set it by NTP (`timedatectl set-ntp true`); a container has its host's (exit 2)
    FAULT model amazon.nova-lite-v1:0 (branch): UnrecognizedClientException: The security token included in the request is invalid.
           = provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; AWS_BEARER_TOKEN_BEDROCK; in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2 (exit 2)
    ?     model amazon.nova-lite-v1:0 (branch): ThrottlingException: Too many requests, please wait before trying again.: run it again in a minute (exit 0)
    ");
}

#[test]
fn what_is_missing_before_the_first_call_says_what_to_do() {
    let (project, moto) = (project(CONFIG), stores());
    let without = |names: &[&str]| {
        let ran = doctor(&project, "http://127.0.0.1:9", &moto.url(), names);
        said(&project, &ran)
    };
    insta::assert_snapshot!(without(&["AWS_REGION", "AWS_DEFAULT_REGION"]), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    FAULT region: no AWS region is configured
           = set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from `aws-region`), or `region` in the AWS profile

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
    insta::assert_snapshot!(without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    ok    region: us-east-1
    FAULT credentials: no AWS credentials were found
           = provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; AWS_BEARER_TOKEN_BEDROCK; in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
}

#[test]
fn what_stores_refuse_says_what_to_do() {
    let project = project(CONFIG);
    let standin = rules_over_http::start("default: {text: Hello Ada}\n");
    let denying = FaultProxy::denying();
    let ran = doctor(&project, &standin.url(), &denying.url(), &[]);
    insta::assert_snapshot!(said(&project, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    ok    region: us-east-1
    ok    credentials: found
    ok    model amazon.nova-lite-v1:0 (branch): answers
    ok    model amazon.nova-pro-v1:0 (main): answers
    FAULT shared_store s3://answers/assay: no
           = allow `s3:ListBucket` on `arn:aws:s3:::answers` in the policy of the role
    FAULT bucket long of prod: no
           = allow `s3:ListBucket` on `arn:aws:s3:::long` in the policy of the role
    FAULT release to prod: no
           = allow `ssm:GetParameterHistory` on `arn:aws:ssm:us-east-1:*:parameter/prod/llm/greet` in the policy of the role

    3 things to fix; nothing was spent and nothing written
    exit 2
    ");
    // Nothing is there.
    let moto = Emulator::moto();
    let ran = doctor(&project, &standin.url(), &moto.url(), &[]);
    insta::assert_snapshot!(said(&project, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    ok    region: us-east-1
    ok    credentials: found
    ok    model amazon.nova-lite-v1:0 (branch): answers
    ok    model amazon.nova-pro-v1:0 (main): answers
    FAULT shared_store s3://answers/assay: The specified bucket does not exist
           = create the bucket `answers`, or check its name and that AWS_REGION (us-east-1) is the bucket's region
    FAULT bucket long of prod: The specified bucket does not exist
           = create the bucket `long`, or check its name and that AWS_REGION (us-east-1) is the bucket's region
    ok    release to prod: readable; live: 0 of 1 prompt

    2 things to fix; nothing was spent and nothing written
    exit 2
    ");
}

#[test]
fn names_that_appconfig_does_not_have_are_told() {
    let config = "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\nrelease: {environments: {app: {region: us-east-1, appconfig: {application: shop, environment: prod}}}}\n";
    let project = project(config);
    let standin = rules_over_http::start("default: {text: Hello Ada}\n");
    let ministack = Emulator::ministack();
    let ran = doctor(&project, &standin.url(), &ministack.url(), &[]);
    insta::assert_snapshot!(said(&project, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    price of amazon.nova-pro-v1:0: known
    ok    region: us-east-1
    ok    credentials: found
    ok    model amazon.nova-lite-v1:0 (branch): answers
    ok    model amazon.nova-pro-v1:0 (main): answers
    FAULT release to app: there is no application with the name or id `shop`
           = create it, or correct the name: in us-east-1 there is none

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
}

#[test]
fn mistakes_in_files_and_unknown_prices_are_told_first() {
    let standin = rules_over_http::start("default: {text: Hello Ada}\n");
    let moto = stores();
    let unpriced = project("models: {branch: acme.own-v1:0}\nbudget: {max_cost: 1}\n");
    let ran = doctor(&unpriced, &standin.url(), &moto.url(), &[]);
    insta::assert_snapshot!(said(&unpriced, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    FAULT price of acme.own-v1:0: not known, and `budget.max_cost` cannot be kept without it
           = add it to `prices:` in the configuration, in US dollars per million tokens
    ok    region: us-east-1
    ok    credentials: found
    ok    model acme.own-v1:0 (branch): answers

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
    let uncapped = project("models: {branch: acme.own-v1:0}\n");
    let ran = doctor(&uncapped, &standin.url(), &moto.url(), &[]);
    insta::assert_snapshot!(said(&uncapped, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    note  price of acme.own-v1:0: not known; reports will say so
           = add it to `prices:` in the configuration, in US dollars per million tokens
    ok    region: us-east-1
    ok    credentials: found
    ok    model acme.own-v1:0 (branch): answers

    a run can begin; nothing was spent and nothing written
    exit 0
    ");
    let mistaken = project("modles: {branch: x}\n");
    let ran = doctor(&mistaken, &standin.url(), &moto.url(), &[]);
    insta::assert_snapshot!(said(&mistaken, &ran), @"
    ok    repository: [repository]
    FAULT files: error: unknown key `modles` in the configuration
      --> prompt-assay.yaml:1:1
       | modles: {branch: x}
       = did you mean `models`?
           = correct these first; `prompt-assay plan` lists them, too

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
    let nowhere = Project::nowhere();
    let ran = doctor(&nowhere, &standin.url(), &moto.url(), &[]);
    insta::assert_snapshot!(said(&nowhere, &ran), @"
    FAULT repository: no Git repository at or above `[repository]`
           = run inside the repository that holds the prompts, or `git init` one

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
}

#[test]
fn a_profile_that_the_region_does_not_have_is_told_where_it_may_list_them() {
    let project = project("models: {branch: eu.amazon.nova-lite-v1:0, main: us.amazon.nova-pro-v1:0}\n");
    let profiles = ["us.amazon.nova-lite-v1:0", "us.amazon.nova-pro-v1:0"].map(str::to_owned);
    let config = Config { profiles: Some(profiles.into()), ..Config::default() };
    let standin = rules_over_http::start_in(config, "default: {text: Hello Ada}\n");
    let mut command = project.command(&["doctor"]);
    let ran = project.ran(rules_over_http::at(command.envs(environment("http://127.0.0.1:9")), &standin));
    let models = ran.stdout.lines().skip_while(|line| !line.contains(" model ")).take(3);
    insta::assert_snapshot!(models.collect::<Vec<_>>().join("\n"), @"
    FAULT model eu.amazon.nova-lite-v1:0 (branch): us-east-1 has no inference profile eu.amazon.nova-lite-v1:0
           = eu.amazon.nova-lite-v1:0 cannot be called from us-east-1; use us.amazon.nova-lite-v1:0, or another region
    ok    model us.amazon.nova-pro-v1:0 (main): answers
    ");
    assert_eq!(ran.status, 2);
}

#[test]
fn a_token_that_github_refuses_is_told() {
    let project = project("models: {branch: amazon.nova-lite-v1:0}\n");
    let standin = rules_over_http::start("default: {text: Hello Ada}\n");
    let github = saying(401, "", "Bad credentials");
    let mut command = project.command(&["doctor"]);
    command
        .envs(environment("http://127.0.0.1:9"))
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", standin.url())
        .env("GITHUB_TOKEN", "ghp_secret")
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_API_URL", github.url());
    let ran = project.ran(&mut command);
    assert!(!ran.stdout.contains("ghp_secret"));
    insta::assert_snapshot!(said(&project, &ran), @"
    ok    repository: [repository]
    ok    files: 1 prompt, no mistakes
    ok    price of amazon.nova-lite-v1:0: known
    ok    region: us-east-1
    ok    credentials: found
    ok    model amazon.nova-lite-v1:0 (branch): answers
    FAULT GitHub acme/shop: GitHub refuses to read its commits: 401 Bad credentials
           = the token is not valid: pass `github-token: ${{ github.token }}`, or leave the input out

    one thing to fix; nothing was spent and nothing written
    exit 2
    ");
}
