//! A service that answers with the live prompt.
//!
//! `PROMPTS` is the pattern of the release's environment, such as `/prod/llm/{name}`; `MODEL_ID` the model for prompts
//! that name none; `PORT` where it listens; `PROMPTS_TTL` for how many seconds a prompt is kept. The role needs
//! `ssm:GetParameters`, `s3:GetObject` where prompts are long, and `bedrock:InvokeModel`.

use std::env;
use std::error::Error;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use prompt_assay_client::{Prompts, Ssm};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Clones share everything.
#[derive(Clone)]
struct App {
    prompts: Prompts,
    bedrock: Client,
    model: String,
}

#[derive(Deserialize)]
struct Question {
    name: String,
    question: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let source = Ssm::builder(env::var("PROMPTS")?).build().await;
    let mut prompts = Prompts::builder(source);
    if let Ok(seconds) = env::var("PROMPTS_TTL") {
        prompts = prompts.ttl(Duration::from_secs(seconds.parse()?));
    }
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let app = App {
        // Once per process.
        prompts: prompts.build(),
        bedrock: Client::new(&config),
        model: env::var("MODEL_ID")?,
    };
    let service = Router::new().route("/answer", post(answer)).route("/ready", get(ready)).with_state(app);
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("listening on port {}", listener.local_addr()?.port());
    Ok(axum::serve(listener, service).await?)
}

async fn answer(
    State(app): State<App>,
    Json(Question { name, question }): Json<Question>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let prompt = app.prompts.get("support").await.map_err(unavailable)?;
    let mut request = prompt.render(&json!({"name": name})).map_err(unavailable)?.converse([question]);
    request.model.get_or_insert_with(|| app.model.clone());
    let answer = request.send(&app.bedrock).await.map_err(unavailable)?;
    let said = answer.output().and_then(|output| output.as_message().ok());
    let text = said.and_then(|message| message.content().first()?.as_text().ok());
    let (version, fingerprint, stale) = (prompt.version, prompt.fingerprint(), prompt.is_stale());
    Ok(Json(json!({
        "answer": text,
        // Which prompt gave it, for the log; stale when SSM has not answered for a while.
        "prompt": {"version": version, "fingerprint": fingerprint, "stale": stale},
    })))
}

/// Ready when the prompt is there; a stale one will do.
async fn ready(State(app): State<App>) -> Result<(), (StatusCode, String)> {
    app.prompts.prefetch(["support"]).await.map_err(unavailable)
}

fn unavailable(error: impl Error) -> (StatusCode, String) {
    eprintln!("{error:?}");
    (StatusCode::SERVICE_UNAVAILABLE, "no answer now".to_owned())
}
