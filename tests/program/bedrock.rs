//! The Bedrock adapter, with the real SDK over HTTP, against the stand-in.

use std::time::Duration;

use prompt_assay::adapters::bedrock::{Bedrock, Keys, Options};
use prompt_assay::model::{
    ErrorClass, Guardrail, Message, Model, ModelError, Parameters, Performance, Request, Response,
    ResponseFormat, Role, StopReason, Tool, ToolCall, ToolChoice, Usage,
};
use prompt_assay_standin::{self as standin, Answer, Block, Config, Fault, Reply, Standin};
use serde_json::json;

const MODEL: &str = "amazon.nova-lite-v1:0";
const SECRET: &str = "SECRETSECRETSECRETSECRETSECRET";

fn request() -> Request {
    Request {
        parameters: Parameters { max_tokens: 300, ..Parameters::default() },
        ..Request::new(MODEL, "May I return this?")
    }
}

fn options(url: String) -> Options {
    let keys = Keys {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: Some(SECRET.to_owned()),
    };
    Options {
        endpoint_url: Some(url),
        region: Some("us-east-1".to_owned()),
        keys: Some(keys),
        ..Options::default()
    }
}

fn scripted(script: impl Fn(&standin::ConverseCall) -> Reply + Send + Sync + 'static) -> Standin {
    Standin::start(Config::default(), script).expect("a free loopback port")
}

async fn ask(standin: &Standin, request: &Request) -> Result<Response, ModelError> {
    let bedrock = Bedrock::connect(options(standin.url())).await?;
    bedrock.answer(request).await
}

async fn fails(reply: impl Into<Reply>) -> ModelError {
    let reply = reply.into();
    let standin = scripted(move |_| reply.clone());
    let error = ask(&standin, &request()).await.expect_err("a fault is an error");
    // Beside it, a list of profiles for the help.
    assert_eq!(standin.requests().len(), 1, "one call is one attempt: {error}");
    error
}

#[tokio::test]
async fn every_field_of_a_request_arrives() {
    let standin = scripted(|_| Reply::text("ok"));
    let schema =
        json!({"type": "object", "properties": {"reason": {"type": "string"}, "pass": {"type": "boolean"}}});
    let full = Request {
        system: Some("Be brief.".to_owned()),
        messages: vec![
            Message { role: Role::User, text: "Hi".to_owned() },
            Message { role: Role::Assistant, text: "Hello".to_owned() },
            Message { role: Role::User, text: "Bye".to_owned() },
        ],
        parameters: Parameters {
            max_tokens: 17,
            temperature: Some(0.7),
            top_p: Some(0.9),
            stop: vec!["END".to_owned()],
            extra: Some(json!({"zeta": 1, "alpha": [0.1, null], "top_k": 40})),
            response_format: Some(ResponseFormat {
                name: Some("reply".to_owned()),
                description: None,
                schema: json!({"type": "object", "properties": {"z": {}, "a": {}}, "additionalProperties": false}),
            }),
            guardrail: Some(Guardrail { id: "gr1".to_owned(), version: "2".to_owned() }),
            performance: Some(Performance::Optimized),
        },
        tools: vec![Tool {
            name: "grade".to_owned(),
            description: Some("Grades.".to_owned()),
            input_schema: schema,
        }],
        tool_choice: Some(ToolChoice::Tool("grade".to_owned())),
        ..request()
    };
    ask(&standin, &full).await.expect("an answer");
    let call = &standin.requests()[0].call;
    assert_eq!(call.model, MODEL);
    assert_eq!(call.headers.authorization_scheme.as_deref(), Some("AWS4-HMAC-SHA256"));
    assert_eq!(call.headers.sdk_request.as_deref(), Some("attempt=1; max=1"));
    let body = serde_json::to_string_pretty(&call.body).expect("JSON");
    insta::assert_snapshot!(body, @r#"
    {
      "additionalModelRequestFields": {
        "zeta": 1,
        "alpha": [
          0.1,
          null
        ],
        "top_k": 40
      },
      "guardrailConfig": {
        "guardrailIdentifier": "gr1",
        "guardrailVersion": "2",
        "trace": "disabled"
      },
      "inferenceConfig": {
        "maxTokens": 17,
        "temperature": 0.7,
        "topP": 0.9,
        "stopSequences": [
          "END"
        ]
      },
      "messages": [
        {
          "role": "user",
          "content": [
            {
              "text": "Hi"
            }
          ]
        },
        {
          "role": "assistant",
          "content": [
            {
              "text": "Hello"
            }
          ]
        },
        {
          "role": "user",
          "content": [
            {
              "text": "Bye"
            }
          ]
        }
      ],
      "outputConfig": {
        "textFormat": {
          "type": "json_schema",
          "structure": {
            "jsonSchema": {
              "schema": "{\"type\":\"object\",\"properties\":{\"z\":{},\"a\":{}},\"additionalProperties\":false}",
              "name": "reply"
            }
          }
        }
      },
      "performanceConfig": {
        "latency": "optimized"
      },
      "system": [
        {
          "text": "Be brief."
        }
      ],
      "toolConfig": {
        "tools": [
          {
            "toolSpec": {
              "name": "grade",
              "description": "Grades.",
              "inputSchema": {
                "json": {
                  "type": "object",
                  "properties": {
                    "reason": {
                      "type": "string"
                    },
                    "pass": {
                      "type": "boolean"
                    }
                  }
                }
              }
            }
          }
        ],
        "toolChoice": {
          "tool": {
            "name": "grade"
          }
        }
      }
    }
    "#);
}

#[tokio::test]
async fn only_what_is_set_is_sent_and_max_tokens_always() {
    let standin = scripted(|_| Reply::text("ok"));
    ask(&standin, &request()).await.expect("an answer");
    let expected = json!({
        "messages": [{"role": "user", "content": [{"text": "May I return this?"}]}],
        "inferenceConfig": {"maxTokens": 300},
    });
    assert_eq!(standin.requests()[0].call.body, expected);
}

#[tokio::test]
async fn every_field_of_an_answer_is_read() {
    let usage = standin::Usage { input: 10, output: 4, cache_read: Some(2000), cache_write: Some(30) };
    let standin = scripted(move |_| {
        Answer::text("Yes, ")
            .block(Block::Reasoning("thirty days, so".to_owned()))
            .block(Block::Raw(json!({"blockOfTheFuture": {"x": 1}})))
            .block(Block::Text("you may.".to_owned()))
            .usage(usage)
            .latency(Duration::from_millis(12))
            .into()
    });
    let expected = Response {
        usage: Usage { input: 10, output: 4, cache_read: 2000, cache_write: 30 },
        latency_ms: Some(12),
        ..Response::saying("Yes, you may.")
    };
    assert_eq!(ask(&standin, &request()).await, Ok(expected));
}

#[tokio::test]
async fn a_tool_call_makes_the_round_trip() {
    let input = json!({"pass": true, "points": [1, -2, 0.5, null], "why": {"text": "ok"}});
    let reply = Reply::tool_use("grade", input.clone());
    let standin = scripted(move |_| reply.clone());
    let tools =
        vec![Tool { name: "grade".to_owned(), description: None, input_schema: json!({"type": "object"}) }];
    let asked = Request { tools, tool_choice: Some(ToolChoice::Any), ..request() };
    let response = ask(&standin, &asked).await.expect("an answer");
    assert_eq!(standin.requests()[0].call.tool_choice, Some(standin::ToolChoice::Any));
    assert_eq!(response.tool_calls, [ToolCall { name: "grade".to_owned(), input }]);
    assert_eq!((response.stop, response.text.as_str()), (StopReason::ToolUse, ""));
}

#[tokio::test]
async fn every_stop_reason_is_known() {
    let table = [
        ("end_turn", StopReason::EndTurn),
        ("tool_use", StopReason::ToolUse),
        ("stop_sequence", StopReason::StopSequence),
        ("max_tokens", StopReason::MaxTokens),
        ("guardrail_intervened", StopReason::GuardrailIntervened),
        ("content_filtered", StopReason::ContentFiltered),
        ("malformed_model_output", StopReason::MalformedModelOutput),
        ("malformed_tool_use", StopReason::MalformedToolUse),
        ("model_context_window_exceeded", StopReason::ContextWindowExceeded),
        ("reason_of_the_future", StopReason::Other("reason_of_the_future".to_owned())),
    ];
    for (wire, reason) in table {
        let standin = scripted(move |_| Answer::text("cut").stop(wire).into());
        let response = ask(&standin, &request()).await.expect("an unusual stop is an answer");
        assert_eq!((response.stop, response.text.as_str()), (reason, "cut"));
    }
}

#[tokio::test]
async fn every_fault_has_its_class() {
    let other = |status, code: &str, message: &str| Fault::Error {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
    };
    let invalid = |message: &str| Fault::Validation(message.to_owned());
    let table = [
        (Fault::Throttling, ErrorClass::Throttled),
        (Fault::ModelNotReady, ErrorClass::NotReady),
        (Fault::ServiceUnavailable, ErrorClass::Transient),
        (Fault::InternalServer, ErrorClass::Transient),
        (Fault::ModelTimeout, ErrorClass::Transient),
        (Fault::ModelError { original_status: 500 }, ErrorClass::Transient),
        (invalid("1 validation error detected"), ErrorClass::Invalid),
        (invalid("Input is too long for requested model."), ErrorClass::ContextOverflow),
        (
            invalid(
                "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum",
            ),
            ErrorClass::ContextOverflow,
        ),
        (
            invalid("input length and `max_tokens` exceed context limit: 90402 + 116650 > 204648"),
            ErrorClass::ContextOverflow,
        ),
        (invalid("The provided model identifier is invalid."), ErrorClass::NotFound),
        (Fault::AccessDenied, ErrorClass::AccessDenied),
        (Fault::ResourceNotFound, ErrorClass::NotFound),
        (Fault::ServiceQuotaExceeded, ErrorClass::QuotaExceeded),
        (
            other(429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
            ErrorClass::QuotaExceeded,
        ),
        (other(403, "ExpiredTokenException", "The security token is expired"), ErrorClass::NoCredentials),
        (other(403, "UnrecognizedClientException", "The token is invalid"), ErrorClass::NoCredentials),
        (other(529, "OverloadedException", "busy"), ErrorClass::Transient),
        (other(418, "TeapotException", "short and stout"), ErrorClass::Invalid),
        (Fault::Html { status: 502 }, ErrorClass::Transient),
        (Fault::Html { status: 200 }, ErrorClass::Transient),
        (Fault::Html { status: 407 }, ErrorClass::AccessDenied),
        (Fault::TruncatedJson, ErrorClass::Transient),
        (Fault::CutBody, ErrorClass::Transient),
        (Fault::Reset, ErrorClass::Transient),
    ];
    for (fault, class) in table {
        let name = format!("{fault:?}");
        let error = fails(fault).await;
        assert_eq!(error.class, class, "{name}: {error}");
    }
}

#[tokio::test]
async fn a_slow_body_is_still_an_answer() {
    let dribble = Fault::Dribble { chunk: 8, pause: Duration::from_millis(1) };
    let standin = scripted(move |_| dribble.clone().into());
    assert_eq!(ask(&standin, &request()).await.expect("an answer").text, "ok");
}

#[tokio::test]
async fn a_hang_ends_at_the_attempts_time_limit() {
    let standin = scripted(|_| Fault::Hang.into());
    let short = Options { attempt_timeout: Duration::from_millis(200), ..options(standin.url()) };
    let bedrock = Bedrock::connect(short).await.expect("a connection");
    let error = bedrock.answer(&request()).await.expect_err("no answer");
    assert_eq!(error.class, ErrorClass::TimedOut);
    insta::assert_snapshot!(error, @"no answer within 200ms");
    assert_eq!(standin.counters().total, 1);
}

#[tokio::test]
async fn a_closed_port_is_transient_and_says_what_to_check() {
    let url = scripted(|_| Reply::text("never")).url();
    let bedrock = Bedrock::connect(options(url)).await.expect("a connection");
    let error = bedrock.answer(&request()).await.expect_err("nobody listens");
    assert_eq!(error.class, ErrorClass::Transient);
    insta::assert_snapshot!(error, @"dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)");
}

#[tokio::test]
async fn failures_say_what_to_do() {
    insta::assert_snapshot!(fails(Fault::AccessDenied).await, @"AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 because no identity-based policy allows the bedrock:InvokeModel action (allow `bedrock:InvokeModel` on arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 in the policy of the role)");
    insta::assert_snapshot!(fails(Fault::ResourceNotFound).await, @"ResourceNotFoundException: Could not resolve the foundation model from the provided model identifier. (check the id amazon.nova-lite-v1:0: it must be offered in us-east-1, `aws bedrock list-inference-profiles --region us-east-1` and `aws bedrock list-foundation-models --region us-east-1` list what is)");
    insta::assert_snapshot!(fails(Fault::ServiceQuotaExceeded).await, @"ServiceQuotaExceededException: Your request exceeds the service quota for your account. (ask for more of the quota that the message names for amazon.nova-lite-v1:0 in Service Quotas, Amazon Bedrock, region us-east-1)");
    let profile = "Invocation of model ID amazon.nova-lite-v1:0 with on-demand throughput isn’t supported. Retry your \
                   request with the ID or ARN of an inference profile that contains this model.";
    let error = fails(Fault::Validation(profile.to_owned())).await;
    assert_eq!(error.class, ErrorClass::NotFound);
    insta::assert_snapshot!(error, @"ValidationException: Invocation of model ID amazon.nova-lite-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model. (use an inference profile of it: us.amazon.nova-lite-v1:0)");
    insta::assert_snapshot!(fails(Fault::Validation("Input is too long for requested model.".to_owned())).await, @"ValidationException: Input is too long for requested model. (shorten the prompt or the case's input, lower max_tokens, or choose a model with a larger context window)");
}

#[tokio::test]
async fn nothing_of_the_credentials_is_ever_said() {
    let quoting = format!("The Canonical String should have been 'POST x-amz-security-token:{SECRET}'");
    let code = "InvalidSignatureException".to_owned();
    let error = fails(Fault::Error { status: 403, code, message: quoting }).await;
    assert_eq!(error.class, ErrorClass::NoCredentials);
    assert_eq!(error.message, "the signature of the request was refused");
    assert!(!format!("{error} {error:?} {:?}", options(String::new())).contains(SECRET));
}

#[tokio::test]
async fn a_refused_parameter_is_left_out_once_and_for_all() {
    let standin = scripted(|call| {
        if call.parameters.temperature.is_some() && call.parameters.top_p.is_some() {
            let message =
                "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
            return Fault::Validation(message.to_owned()).into();
        }
        if call.parameters.temperature.is_some() {
            return Fault::Validation("`temperature` is deprecated for this model.".to_owned()).into();
        }
        Reply::text("ok")
    });
    let bedrock = Bedrock::connect(options(standin.url())).await.expect("a connection");
    let sampled = Parameters { temperature: Some(0.0), top_p: Some(0.5), ..request().parameters };
    let sampled = Request { parameters: sampled, ..request() };
    bedrock.answer(&sampled).await.expect("an answer without what is refused");
    assert_eq!(standin.counters().total, 3);
    bedrock.answer(&sampled).await.expect("an answer at once");
    assert_eq!(standin.counters().total, 4);
    let sent = standin.requests().pop().expect("four calls").call.parameters;
    assert_eq!((sent.temperature, sent.top_p), (None, Some(0.5)), "top_p alone is not refused");

    let error = fails(Fault::Validation("`temperature` is deprecated for this model.".to_owned())).await;
    assert_eq!(error.class, ErrorClass::Invalid, "not sent, so nothing to leave out");
}

#[tokio::test]
async fn given_keys_are_ready_without_a_request() {
    let standin = scripted(|_| Reply::text("ok"));
    let bedrock = Bedrock::connect(options(standin.url())).await.expect("a connection");
    bedrock.ready().await.expect("keys");
    assert_eq!(standin.counters().total, 0);
    assert_eq!(bedrock.region(), "us-east-1");
}

/// Runs a test of this binary again in a process with this environment and nothing else.
fn in_environment(test: &str, variables: &[(&str, &str)]) -> String {
    let home = prompt_assay_test_support::temporary::directory();
    let output = std::process::Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", &format!("bedrock::{test}"), "--nocapture"])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(INSIDE, "1")
        .envs(variables.iter().copied())
        .output()
        .expect("a child process");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>"));
    said.unwrap_or_else(|| panic!("the child said: {text}{}", String::from_utf8_lossy(&output.stderr)))
        .0
        .to_owned()
}

const INSIDE: &str = "PROMPT_ASSAY_TEST_INSIDE";

async fn tell_readiness() {
    let told = match Bedrock::connect(Options::default()).await {
        Err(error) => format!("connect: {:?}: {error}", error.class),
        Ok(bedrock) => match bedrock.ready().await {
            Err(error) => format!("ready: {:?}: {error}", error.class),
            Ok(()) => match bedrock.answer(&Request { model: format!("eu.{MODEL}"), ..request() }).await {
                Ok(response) => format!("answered in {}: {}", bedrock.region(), response.text),
                Err(error) => format!("answer: {:?}: {error}", error.class),
            },
        },
    };
    println!("<<{told}>>");
}

#[tokio::test]
async fn without_credentials_or_region_the_ways_to_them_are_named() {
    if std::env::var_os(INSIDE).is_some() {
        return tell_readiness().await;
    }
    let test = "without_credentials_or_region_the_ways_to_them_are_named";
    insta::assert_snapshot!(in_environment(test, &[("AWS_REGION", "us-east-1")]), @"ready: NoCredentials: no AWS credentials were found (provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; AWS_BEARER_TOKEN_BEDROCK; in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2)");
    insta::assert_snapshot!(in_environment(test, &[]), @"connect: NoCredentials: no AWS region is configured (set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from `aws-region`), or `region` in the AWS profile)");
    // A metadata service that answers, and refuses, as that of another cloud does.
    let refusing = scripted(|_| Reply::text("never"));
    let url = refusing.url();
    let elsewhere = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url),
    ];
    let told = in_environment(test, &elsewhere);
    assert!(told.starts_with("ready: NoCredentials: no AWS credentials were found (provide"), "{told}");
    let missing = [("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "nobody")];
    let told = in_environment(test, &missing);
    assert!(
        told.starts_with("ready: NoCredentials: ") && told.contains("AWS_PROFILE is \"nobody\""),
        "{told}"
    );
}

#[tokio::test]
async fn the_environment_of_the_sdk_is_honoured() {
    if std::env::var_os(INSIDE).is_some() {
        return tell_readiness().await;
    }
    let test = "the_environment_of_the_sdk_is_honoured";
    let standin = scripted(|call| Reply::text(call.headers.authorization_scheme.clone().unwrap_or_default()));
    let url = standin.url();
    let region = ("AWS_REGION", "eu-central-1");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let signed = "answered in eu-central-1: AWS4-HMAC-SHA256";
    for endpoint in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] {
        assert_eq!(in_environment(test, &[region, keys[0], keys[1], (endpoint, &url)]), signed, "{endpoint}");
    }
    let token = ("AWS_BEARER_TOKEN_BEDROCK", SECRET);
    let bearer = in_environment(test, &[region, token, ("AWS_ENDPOINT_URL", &url)]);
    assert_eq!(bearer, "answered in eu-central-1: Bearer");
}
