//! What a first user of real AWS meets, and reads: the real binary and the real SDK against the stand-in, which refuses
//! by model, region and account as Bedrock does, in its words.

use insta::assert_snapshot;
use prompt_assay_standin::{Account, Answer, Config, ConverseCall, Reply, Standin, ToolChoice};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::json;

/// Answers everything, judges included, once the call is let through.
fn willing(call: &ConverseCall) -> Reply {
    match &call.tool_choice {
        Some(ToolChoice::Tool(name)) => {
            let verdict = json!({"reasoning": "Fine.", "score": 1});
            Reply::tool_use(name, rules_over_http::verdict(call, verdict))
        }
        _ => Answer::text("Hello Ada").into(),
    }
}

fn account(account: Account) -> Standin {
    Standin::start(Config { account, ..Config::default() }, willing).expect("a free loopback port")
}

fn plain() -> Standin {
    account(Account::default())
}

/// One prompt with two cases, edited; `config` is the whole configuration.
fn project(config: &str, golden: &str) -> Project {
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet Ada warmly.\n  user: \"{{ input }}\"\n"),
        ("golden/greet.yaml", golden),
        ("prompt-assay.yaml", config),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

pub(crate) const GOLDEN: &str = "\
cases:
  - {id: morning, input: Good morning, checks: [{contains: Ada}]}
  - {id: evening, input: Good evening, checks: [{contains: Ada}]}
";

pub(crate) const JUDGED: &str = "\
cases:
  - {id: morning, input: Good morning, checks: [{judge: Is a greeting.}]}
  - {id: evening, input: Good evening, checks: [{judge: Is a greeting.}]}
";

fn eval(project: &Project, standin: &Standin, region: &str) -> Ran {
    let mut command = project.command(&["eval", "--base", "HEAD"]);
    rules_over_http::at(&mut command, standin).env("AWS_REGION", region);
    project.ran(&mut command)
}

/// The exit status, and the verdict with its sentence.
fn read(ran: &Ran) -> String {
    // The verdict is what the terminal shows last.
    let verdict = ran.stdout.find("! Not measured").map_or(ran.stdout.as_str(), |at| &ran.stdout[at..]);
    format!("exit status {}\n{verdict}{}", ran.status, ran.stderr)
}

/// What is read when this model is named, in this region.
fn met(standin: &Standin, model: &str, region: &str) -> String {
    read(&eval(&project(&format!("models: {{branch: {model:?}}}\n"), GOLDEN), standin, region))
}

#[test]
fn a_model_that_needs_a_profile_names_those_that_exist() {
    assert_snapshot!(met(&plain(), "amazon.nova-lite-v1:0", "eu-central-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Invocation of model ID amazon.nova-lite-v1:0 with on-demand throughput isn’t
    supported. Retry your request with the ID or ARN of an inference profile that contains this model
    (ValidationException). 0 of 2 cases asked. Use an inference profile of it: eu.amazon.nova-lite-v1:0.

    What to do now: fix what the error names, then run it again.
    ");
    assert_snapshot!(met(&plain(), "amazon.nova-2-lite-v1:0", "us-east-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Invocation of model ID amazon.nova-2-lite-v1:0 with on-demand throughput isn’t
    supported. Retry your request with the ID or ARN of an inference profile that contains this model
    (ValidationException). 0 of 2 cases asked. Use an inference profile of it:
    us.amazon.nova-2-lite-v1:0 or global.amazon.nova-2-lite-v1:0.

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn a_profile_of_another_region_names_this_regions() {
    assert_snapshot!(met(&plain(), "us.amazon.nova-lite-v1:0", "eu-central-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: The provided model identifier is invalid (ValidationException). 0 of 2 cases
    asked. us.amazon.nova-lite-v1:0 cannot be called from eu-central-1; use eu.amazon.nova-lite-v1:0, or
    another region.

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn the_profile_that_is_named_works_and_has_a_price_under_a_cap() {
    for (model, region) in
        [("eu.amazon.nova-lite-v1:0", "eu-central-1"), ("global.amazon.nova-2-lite-v1:0", "sa-east-1")]
    {
        let config = format!("models: {{branch: {model:?}}}\nbudget: {{max_cost: 1.0}}\n");
        let ran = eval(&project(&config, GOLDEN), &plain(), region);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stdout.contains("unknown"), "{}", ran.stdout);
    }
}

#[test]
fn a_retired_model_says_so() {
    assert_snapshot!(met(&plain(), "us.anthropic.claude-sonnet-4-20250514-v1:0", "us-east-1"), @r#"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Access denied. This Model is marked by provider as Legacy and you have not been
    actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock
    (ResourceNotFoundException). 0 of 2 cases asked. us.anthropic.claude-sonnet-4-20250514-v1:0 is being
    retired and answers nobody who did not use it lately: name an active model under `models`; `aws
    bedrock list-foundation-models --region us-east-1 --query
    "modelSummaries[?modelLifecycle.status=='ACTIVE'].modelId"` lists them.

    What to do now: fix what the error names, then run it again.
    "#);
    assert_snapshot!(met(&plain(), "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "us-east-1"), @r#"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: This model version has reached the end of its life. Please refer to the AWS
    documentation for more details (ResourceNotFoundException). 0 of 2 cases asked.
    us.anthropic.claude-3-7-sonnet-20250219-v1:0 is being retired and answers nobody who did not use it
    lately: name an active model under `models`; `aws bedrock list-foundation-models --region us-east-1
    --query "modelSummaries[?modelLifecycle.status=='ACTIVE'].modelId"` lists them.

    What to do now: fix what the error names, then run it again.
    "#);
}

#[test]
fn a_missing_form_says_where_it_is() {
    let lacks = account(Account { lacks_use_case_details: true, ..Account::default() });
    assert_snapshot!(met(&lacks, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us-east-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Model use case details have not been submitted for this account. Fill out the
    Anthropic use case details form before using the model. If you have already filled out the form, try
    again in 15 minutes (ResourceNotFoundException). 0 of 2 cases asked. Anthropic asks each account
    once what its models are for: open a Claude model in the Bedrock console, Model catalog, region
    us-east-1, and submit the use case details (the management account can do it for a whole
    organization). Calls are refused for up to 15 minutes after that: wait, and run it again.

    What to do now: fix what the error names, then run it again.
    ");
    let other = account(Account { lacks_use_case_details: true, ..Account::default() });
    let fine = eval(&project("models: {branch: us.amazon.nova-lite-v1:0}\n", GOLDEN), &other, "us-east-1");
    assert_eq!(fine.status, 0, "{}", fine.told());
}

#[test]
fn a_closed_account_is_not_told_to_change_a_policy() {
    let closed = account(Account { is_closed: true, ..Account::default() });
    assert_snapshot!(met(&closed, "amazon.nova-lite-v1:0", "us-east-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Operation not allowed (ValidationException). 0 of 2 cases asked. AWS has not
    opened Bedrock to this account, as happens to new ones; no policy changes that. Try the model in the
    Bedrock console's playground, region us-east-1; if it is refused there, too, open a support case
    (Account and billing).

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn a_third_party_model_needs_a_subscription_and_minutes() {
    let lacks = account(Account { lacks_marketplace_permission: true, ..Account::default() });
    assert_snapshot!(met(&lacks, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us-east-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Model access is denied due to IAM user or service role is not authorized to
    perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions,
    aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation
    for further details. Your AWS Marketplace subscription for this model cannot be completed at this
    time. If you recently fixed this issue, try again after 15 minutes (AccessDeniedException). 0 of 2
    cases asked. The first call of a third-party model subscribes the account through AWS Marketplace:
    let somebody with `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe` call
    us.anthropic.claude-haiku-4-5-20251001-v1:0 once, in the Bedrock console's playground for example;
    the role of CI needs neither. Calls are refused for up to 15 minutes after that: wait, and run it
    again.

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn a_subscription_on_its_way_is_waited_for() {
    let standin = account(Account { subscribing_for: 2, ..Account::default() });
    let config = "models: {branch: us.anthropic.claude-haiku-4-5-20251001-v1:0}\ncalls: {concurrency: 1}\n";
    let ran = eval(&project(config, GOLDEN), &standin, "us-east-1");
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(standin.counters().total > 4, "the refused calls were made again");
}

#[test]
fn a_policy_that_asks_for_a_guardrail_gets_one() {
    let required = Some("gr1".to_owned());
    let strict = || account(Account { required_guardrail: required.clone(), ..Account::default() });
    assert_snapshot!(met(&strict(), "amazon.nova-lite-v1:0", "us-east-1"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to
    perform: bedrock:InvokeModel on resource:
    arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 with an explicit deny in an
    identity-based policy (AccessDeniedException). 0 of 2 cases asked. A policy denies it explicitly.
    Often it is a policy that asks for a guardrail in every call (`bedrock:GuardrailIdentifier`): name
    it as `guardrail: {id: ..., version: ...}` under `parameters` and under `judge`; or a service
    control policy that limits regions, and a cross-region profile calls several: exempt
    `bedrock:InvokeModel` on arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 there.

    What to do now: fix what the error names, then run it again.
    ");
    let guarded = "models: {branch: amazon.nova-lite-v1:0, judge: amazon.nova-pro-v1:0}\n\
                   parameters: {guardrail: {id: gr1, version: 3}}\njudge: {guardrail: {id: gr1, version: 3}}\n";
    let ran = eval(&project(guarded, JUDGED), &strict(), "us-east-1");
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_a_model_does_not_take_is_named() {
    assert_snapshot!(met(&plain(), "mistral.mixtral-8x7b-instruct-v0:1", "us-east-1"), @"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: ValidationException: This model doesn't
    support system messages. Try again without a system message or use a model that supports system
    messages. (mistral.mixtral-8x7b-instruct-v0:1 takes no system text: write the instructions into the
    user's message, or name another model under `models`). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
    let config = "models: {branch: amazon.nova-lite-v1:0}\nparameters: {max_tokens: 20000}\n";
    assert_snapshot!(read(&eval(&project(config, GOLDEN), &plain(), "us-east-1")), @"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: ValidationException: The maximum tokens
    you requested exceeds the model limit of 10000. Try again with a maximum tokens value that is lower
    than 10000. (set `parameters.max_tokens` to at most 10000). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
    let open = "models: {branch: us.anthropic.claude-haiku-4-5-20251001-v1:0}\n\
                parameters: {response_format: {schema: {type: object, properties: {reply: {type: string}}}}}\n";
    assert_snapshot!(read(&eval(&project(open, GOLDEN), &plain(), "us-east-1")), @"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: ValidationException:
    output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to
    false (write `additionalProperties: false` into every object of
    `parameters.response_format.schema`). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
}

#[test]
fn temperature_beside_top_p_is_left_out_where_claude_refuses_it() {
    let config = "models: {branch: us.anthropic.claude-haiku-4-5-20251001-v1:0}\n\
                  parameters: {temperature: 0, top_p: 0.5}\ncalls: {concurrency: 1}\n";
    let standin = plain();
    let ran = eval(&project(config, GOLDEN), &standin, "us-east-1");
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let sent: Vec<bool> = standin.requests().iter().map(|r| r.call.parameters.top_p.is_some()).collect();
    assert_eq!(sent.iter().filter(|top_p| **top_p).count(), 1, "{sent:?}");
}

#[test]
fn an_unreadable_judge_is_asked_again_at_once_and_in_the_next_run() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let config = "models: {branch: amazon.nova-lite-v1:0, judge: amazon.nova-pro-v1:0}\n";
    let asked = std::sync::Arc::new(AtomicU32::new(0));
    let mumbling = |mumbles: u32| {
        let asked = std::sync::Arc::clone(&asked);
        asked.store(0, Ordering::Relaxed);
        let script = move |call: &ConverseCall| match &call.tool_choice {
            Some(_) if asked.fetch_add(1, Ordering::Relaxed) < mumbles => Reply::text("I would rather not."),
            _ => willing(call),
        };
        Standin::start(Config::default(), script).expect("a free loopback port")
    };
    let project = project(config, JUDGED);
    // Both cases have the same answer on both sides: one question, asked twice in vain.
    let standin = mumbling(u32::MAX);
    let ran = eval(&project, &standin, "us-east-1");
    assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
    let first = asked.load(Ordering::Relaxed);
    // What is stored of it is as good as nothing: it is asked again, and a readable answer ends that.
    let standin = mumbling(0);
    let ran = eval(&project, &standin, "us-east-1");
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(first > 0 && asked.load(Ordering::Relaxed) > 0, "{first}");
    assert!(
        standin.requests().iter().all(|r| r.call.tool_choice.is_some()),
        "the prompt's answers are stored"
    );
    let standin = mumbling(0);
    assert_eq!(eval(&project, &standin, "us-east-1").status, 0);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "a readable answer is not asked for again");
}

#[test]
fn an_application_profile_is_priced_by_what_it_calls() {
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123";
    let models = ["eu-central-1", "eu-west-1"]
        .map(|region| format!("arn:aws:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0"));
    let config =
        Config { application_profiles: vec![(arn.to_owned(), models.to_vec())], ..Config::default() };
    let standin = Standin::start(config, willing).expect("a free loopback port");
    let settings = format!("models: {{branch: {arn:?}}}\nbudget: {{max_cost: 1.0}}\n");
    let project = project(&settings, GOLDEN);
    let at = |arguments: &[&str], standin: &Standin| {
        let mut command = project.command(arguments);
        rules_over_http::at(&mut command, standin)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL_BEDROCK", standin.url());
        project.ran(&mut command)
    };
    let ran = at(&["eval", "--base", "HEAD", "--format", "json"], &standin);
    assert_eq!(ran.status, 0, "{}", ran.told());
    let report = ran.json();
    let tokens = |key: &str| report["calls"][key].as_u64().expect("a count") as f64;
    let expected = (tokens("input_tokens") * 0.078 + tokens("output_tokens") * 0.312) / 1e6;
    let spent = report["cost"]["spent_usd"].as_f64().expect("an amount");
    assert!((spent - expected).abs() < 1e-9, "{spent} and {expected}: {}", report["calls"]);
    // Where nobody may look, the price is not known, and a cap cannot be kept.
    let blind = plain();
    project.edit("prompts.yaml", "kindly", "gladly");
    assert_snapshot!(at(&["eval", "--base", "HEAD"], &blind).told(), @"
    exit status 2
    What the application inference profile `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123` costs is not known: bedrock:GetInferenceProfile on `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123`: The requested inference profile arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123 does not exist.

    error: the price of model `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123` is unknown, so `max_cost` cannot be kept; if the id is right, add the price that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under `prices:` in prompt-assay.yaml
      prices:
        arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123: {input: …, output: …}
    ");
    project.write("prompt-assay.yaml", format!("models: {{branch: {arn:?}}}\n"));
    let planned = at(&["plan", "--base", "HEAD", "--format", "json"], &blind).json();
    assert_snapshot!(planned["warnings"][0].as_str().expect("a warning"), @"What the application inference profile `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123` costs is not known: bedrock:GetInferenceProfile on `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123`: The requested inference profile arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123 does not exist.");
}

/// An account whose identity may list the inference profiles of its region.
fn listing(profiles: &[&str]) -> Standin {
    let profiles = Some(profiles.iter().map(|id| (*id).to_owned()).collect());
    Standin::start(Config { profiles, ..Config::default() }, willing).expect("a free loopback port")
}

#[test]
fn where_profiles_may_be_listed_the_help_names_those_of_the_region() {
    let told = |profiles: &[&str]| met(&listing(profiles), "amazon.nova-2-lite-v1:0", "us-east-1");
    // One that no table knows yet, and one of another model.
    let offered = ["us.amazon.nova-2-lite-v1:0", "us-gov.amazon.nova-2-lite-v1:0", "us.amazon.nova-pro-v1:0"];
    assert_snapshot!(told(&offered), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Invocation of model ID amazon.nova-2-lite-v1:0 with on-demand throughput isn’t
    supported. Retry your request with the ID or ARN of an inference profile that contains this model
    (ValidationException). 0 of 2 cases asked. amazon.nova-2-lite-v1:0 cannot be called from us-east-1;
    use us-gov.amazon.nova-2-lite-v1:0 or us.amazon.nova-2-lite-v1:0, or another region.

    What to do now: fix what the error names, then run it again.
    ");
    assert_snapshot!(told(&["us.amazon.nova-pro-v1:0"]), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Invocation of model ID amazon.nova-2-lite-v1:0 with on-demand throughput isn’t
    supported. Retry your request with the ID or ARN of an inference profile that contains this model
    (ValidationException). 0 of 2 cases asked. Check the id amazon.nova-2-lite-v1:0: AWS lists no other
    inference profile of this model in us-east-1; choose another model, or another region.

    What to do now: fix what the error names, then run it again.
    ");
    let project = project("models: {branch: amazon.nova-2-lite-v1:0}\n", GOLDEN);
    // It is asked once, whatever number of calls is refused.
    let standin = listing(&[]);
    assert_eq!(eval(&project, &standin, "us-east-1").status, 3);
    let refused = standin.requests().len() as u64;
    assert_eq!(standin.counters().total, refused + 1, "one list beside the calls");
}

#[test]
fn what_is_charged_beside_tokens_is_said_to_be_unknown() {
    let config = "models: {branch: us.amazon.nova-pro-v1:0}\nparameters: {guardrail: {id: gr1, version: 2}, performance: optimized}\n";
    let project = project(config, GOLDEN);
    let ran = project.run(&["plan", "--base", "HEAD", "--format", "json"]);
    let warnings = ran.json()["warnings"].to_string();
    assert!(
        warnings.contains("What guardrails cost, and what `performance: optimized` costs more is not known: no amount here has it, and no cap of the budget counts it."),
        "{warnings}"
    );
    project.write("prompt-assay.yaml", "models: {branch: us.amazon.nova-pro-v1:0}\n");
    project.commit("without extras");
    project.edit("prompts.yaml", "kindly", "gladly");
    let ran = project.run(&["plan", "--base", "HEAD", "--format", "json"]);
    assert!(!ran.json()["warnings"].to_string().contains("not known"), "{}", ran.stdout);
}
