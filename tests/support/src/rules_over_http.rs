//! The rules of the scripted model behind Bedrock's HTTP interface: what the stand-in reads from
//! the wire becomes the original request again, so that the rules draw the same answers.

use std::process::Command;

use prompt_assay::check::control_code;
use prompt_assay::model::{
    ErrorClass, Message, ModelError, Operation, Parameters, Request, Response, Role, Tool, ToolChoice,
};
use prompt_assay::script::Rules;
use prompt_assay_standin::{self as standin, Answer, Block, Config, ConverseCall, Fault, Reply, Standin};

/// A stand-in that answers by these rules.
pub fn start(rules: &str) -> Standin {
    start_with(rules, |_, reply| reply)
}

/// The same, set up so.
pub fn start_in(config: Config, rules: &str) -> Standin {
    answering(config, rules, |_, reply| reply)
}

/// The same, with a say in every reply.
pub fn start_with(
    rules: &str,
    change: impl Fn(&ConverseCall, Reply) -> Reply + Send + Sync + 'static,
) -> Standin {
    answering(Config::default(), rules, change)
}

fn answering(
    config: Config,
    rules: &str,
    change: impl Fn(&ConverseCall, Reply) -> Reply + Send + Sync + 'static,
) -> Standin {
    let rules = Rules::read("rules.yaml", rules).unwrap_or_else(|problem| panic!("{problem}"));
    let handler = move |call: &ConverseCall| {
        let answered = rules.answer(&request(call), call.attempt + 1);
        change(call, answered.map_or_else(|error| fault(&error), |response| reply(&response)))
    };
    Standin::start(config, handler).expect("a free loopback port")
}

/// Points a command at a stand-in, with a dummy key.
pub fn at<'c>(command: &'c mut Command, standin: &Standin) -> &'c mut Command {
    command
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", standin.url())
        .env("AWS_ENDPOINT_URL_BEDROCK", standin.url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
}

/// A judge's verdict, with the control code that the call asks for.
pub fn verdict(call: &ConverseCall, mut object: serde_json::Value) -> serde_json::Value {
    let request = request(call);
    object["code"] = control_code(&request).expect("the call asks for a control code").into();
    object
}

/// The request as it was before it went over the wire.
fn request(call: &ConverseCall) -> Request {
    let role = |message: &standin::Message| match message.role.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => panic!("the role {other}"),
    };
    let parameters = &call.parameters;
    // An object that is wanted from a model that can be made to call a tool.
    let told = |name: &str| format!("\n\nCall the tool `{name}` exactly once.");
    let wanted = match (&call.tool_choice, &call.system) {
        (Some(standin::ToolChoice::Tool(name)), Some(system)) => {
            system.strip_suffix(&told(name)).map(|system| (name.clone(), system.to_owned()))
        }
        _ => None,
    };
    let max_tokens = parameters.max_tokens.and_then(|most| u32::try_from(most).ok());
    Request {
        model: call.model.clone(),
        system: wanted.as_ref().map(|(_, system)| system.clone()).or_else(|| call.system.clone()),
        messages: call.messages.iter().map(|m| Message { role: role(m), text: m.text.clone() }).collect(),
        parameters: Parameters {
            max_tokens: max_tokens.expect("max_tokens is always sent"),
            temperature: parameters.temperature,
            top_p: parameters.top_p,
            stop: parameters.stop.clone(),
            extra: parameters.extra.clone(),
            ..Parameters::default()
        },
        tools: call.tools.iter().map(tool).collect(),
        tool_choice: call.tool_choice.as_ref().map(|choice| match choice {
            standin::ToolChoice::Tool(name) if wanted.is_some() => ToolChoice::Object(name.clone()),
            standin::ToolChoice::Auto => ToolChoice::Auto,
            standin::ToolChoice::Any => ToolChoice::Any,
            standin::ToolChoice::Tool(name) => ToolChoice::Tool(name.clone()),
        }),
        operation: Operation::Answer,
    }
}

fn tool(tool: &standin::Tool) -> Tool {
    Tool {
        name: tool.name.clone(),
        description: tool.description.clone(),
        input_schema: tool.input_schema.clone(),
    }
}

fn reply(response: &Response) -> Reply {
    let usage = standin::Usage {
        input: response.usage.input,
        output: response.usage.output,
        ..standin::Usage::default()
    };
    let mut content = Vec::new();
    if !response.text.is_empty() {
        content.push(Block::Text(response.text.clone()));
    }
    for call in &response.tool_calls {
        content.push(Block::ToolUse { name: call.name.clone(), input: call.input.clone() });
    }
    Answer { content, ..Answer::default() }.usage(usage).into()
}

fn fault(error: &ModelError) -> Reply {
    match error.class {
        ErrorClass::Throttled => Fault::Throttling.into(),
        _ => panic!("these rules cannot fail so: {error}"),
    }
}
