//! The stand-in as a program: `prompt-assay-standin [--port N] [--latency-ms N] [--text TEXT]`.

use std::process::ExitCode;
use std::time::Duration;

use prompt_assay_standin::{Config, ConverseCall, Latency, Reply, Standin, ToolChoice};
use serde_json::json;

const USAGE: &str = "usage: prompt-assay-standin [--port N] [--latency-ms N] [--text TEXT]

Answers Converse and CountTokens on a loopback port and prints its URL.
  --port N         the port; 0, the default, takes a free one
  --latency-ms N   time until an answer; default 0
  --text TEXT      what every answer says; default: the last user message";

fn main() -> ExitCode {
    let (config, text) = match arguments(std::env::args().skip(1)) {
        Ok(settings) => settings,
        Err(complaint) => {
            eprintln!("{complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Standin::start(config, move |call| reply(call, text.as_deref())) {
        Ok(standin) => {
            println!("{}", standin.url());
            standin.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot listen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(Config, Option<String>), String> {
    let mut config = Config { record: false, ..Config::default() };
    let mut text = None;
    while let Some(option) = given.next() {
        let value = given.next().ok_or_else(|| format!("{option}: value missing or option unknown"))?;
        let number = || format!("{option} {value}: not a number");
        match option.as_str() {
            "--port" => config.port = value.parse().map_err(|_| number())?,
            "--latency-ms" => {
                config.latency = Latency::Fixed(Duration::from_millis(value.parse().map_err(|_| number())?));
            }
            "--text" => text = Some(value),
            _ => return Err(format!("{option}: unknown option")),
        }
    }
    Ok((config, text))
}

fn reply(call: &ConverseCall, text: Option<&str>) -> Reply {
    match &call.tool_choice {
        Some(ToolChoice::Tool(name)) => Reply::tool_use(name, json!({})),
        _ => Reply::text(text.unwrap_or(call.last_user_text())),
    }
}
