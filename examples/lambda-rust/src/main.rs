//! A Lambda function that answers with the live prompt.
//!
//! `PROMPTS` is the pattern of the release's environment, such as `/prod/llm/{name}`; `MODEL_ID` the model for prompts
//! that name none; `PROMPTS_TTL` for how many seconds a prompt is kept. The role needs `ssm:GetParameters`,
//! `s3:GetObject` where prompts are long, and `bedrock:InvokeModel`.

use std::env;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use prompt_assay_client::{Prompts, Ssm};
use serde::Deserialize;
use serde_json::{Value, json};

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

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let source = Ssm::builder(env::var("PROMPTS")?).build().await;
    let mut prompts = Prompts::builder(source);
    if let Ok(seconds) = env::var("PROMPTS_TTL") {
        prompts = prompts.ttl(Duration::from_secs(seconds.parse()?));
    }
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    // Outside of the handler: made once per environment, kept between invocations.
    let app = App { prompts: prompts.build(), bedrock: Client::new(&config), model: env::var("MODEL_ID")? };
    run(service_fn(|event: LambdaEvent<Question>| app.answer(event.payload))).await
}

impl App {
    async fn answer(&self, Question { name, question }: Question) -> Result<Value, Error> {
        let prompt = self.prompts.get("support").await?;
        let mut request = prompt.render(&json!({"name": name}))?.converse([question]);
        request.model.get_or_insert_with(|| self.model.clone());
        let answer = request.send(&self.bedrock).await?;
        let said = answer.output().and_then(|output| output.as_message().ok());
        let text = said.and_then(|message| message.content().first()?.as_text().ok());
        let (version, fingerprint, stale) = (prompt.version, prompt.fingerprint(), prompt.is_stale());
        Ok(json!({
            "answer": text,
            // Which prompt gave it, for the log; stale when SSM has not answered for a while.
            "prompt": {"version": version, "fingerprint": fingerprint, "stale": stale},
        }))
    }
}
