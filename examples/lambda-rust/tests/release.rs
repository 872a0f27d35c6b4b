//! The function runs, calls the model with the live prompt, and sees a release and a rollback. The Lambda service is a
//! stand-in of its runtime interface.

use std::process::Child;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use prompt_assay_example_support::{Cloud, call, question};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// Lambda, and the one environment of the function.
struct Lambda {
    function: Child,
    events: mpsc::UnboundedSender<Value>,
    replies: mpsc::UnboundedReceiver<Value>,
}

struct Service {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    replies: mpsc::UnboundedSender<Value>,
}

/// Waits for the next event.
async fn next(State(service): State<Arc<Service>>) -> Result<(HeaderMap, String), StatusCode> {
    let event = service.events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let headers = [
        ("lambda-runtime-aws-request-id", "one"),
        ("lambda-runtime-deadline-ms", "4000000000000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:support"),
    ];
    let headers =
        headers.map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)));
    Ok((HeaderMap::from_iter(headers), event.to_string()))
}

async fn replied(State(service): State<Arc<Service>>, body: String) -> StatusCode {
    let reply = serde_json::from_str(&body).expect("JSON");
    service.replies.send(reply).expect("the test");
    StatusCode::ACCEPTED
}

impl Lambda {
    async fn start(cloud: &Cloud, ttl: Option<&str>) -> Self {
        let (events, coming) = mpsc::unbounded_channel();
        let (told, replies) = mpsc::unbounded_channel();
        let service = Arc::new(Service { events: Mutex::new(coming), replies: told });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/one/{how}", post(replied))
            .with_state(service);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut command = cloud.command(env!("CARGO_BIN_EXE_prompt-assay-example-lambda"));
        let function = command
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "support"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "logs"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "log"),
                // There is no extension.
                ("AWS_SESSION_TOKEN", "token"),
                ("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "9"),
            ])
            .envs(ttl.map(|ttl| ("PROMPTS_TTL", ttl)))
            .spawn()
            .expect("the function");
        Self { function, events, replies }
    }

    async fn invoke(&mut self) -> Value {
        self.events.send(question()).expect("the service");
        self.replies.recv().await.expect("a reply")
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_function_sees_a_release_and_a_rollback() {
    let mut cloud = Cloud::start();
    // It looks at every invocation, so no time has to pass.
    let mut lambda = Lambda::start(&cloud, Some("0")).await;
    let failed = lambda.invoke().await;
    let says = "the parameter /prod/llm/support:live does not exist: is it released?";
    assert_eq!(failed["errorMessage"], json!(says), "{failed}");
    let mut lambda = Lambda::start(&cloud, Some("0")).await;
    for text in ["Help {name}.", "Help {name} kindly.", "Help {name}."] {
        let version = cloud.release("/prod/llm/support", text);
        let told = lambda.invoke().await;
        assert_eq!(
            (told["answer"].as_str(), told["prompt"]["version"].as_u64()),
            (Some("On its way."), Some(version))
        );
        assert_eq!(cloud.asked(), ("amazon.nova-lite-v1:0".to_owned(), call(text)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_function_keeps_the_prompt_between_invocations() {
    let mut cloud = Cloud::start();
    cloud.release("/prod/llm/support", "Help {name}.");
    let mut lambda = Lambda::start(&cloud, None).await;
    assert_eq!(lambda.invoke().await["prompt"]["version"], 1);
    cloud.release("/prod/llm/support", "Help {name} kindly.");
    assert_eq!(lambda.invoke().await["prompt"]["version"], 1, "it has not been five minutes");
    assert_eq!(cloud.asked().1, call("Help {name}."));
}
