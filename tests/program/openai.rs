//! A server with OpenAI's Chat Completions as the provider: the real binary against a stand-in of the wire.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use prompt_assay_standin::{ChatCall, ChatReply, ChatStandin, Fault};
use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::{Value, json};

use crate::refusals::{GOLDEN, JUDGED};

const KEY: &str = "sk-shop-0123456789abcdef0123456789abcdef";

/// What a server was asked, in order.
#[derive(Clone, Default)]
struct Asked(std::sync::Arc<Mutex<Vec<ChatCall>>>);

impl Asked {
    fn calls(&self) -> Vec<ChatCall> {
        self.0.lock().expect("no panic").clone()
    }
}

/// A server that answers whatever model is named, and what it is asked.
fn server(reply: impl Fn(&ChatCall) -> ChatReply + Send + Sync + 'static) -> (ChatStandin, Asked) {
    let asked = Asked::default();
    let noted = asked.clone();
    let handler = move |call: &ChatCall| {
        noted.0.lock().expect("no panic").push(call.clone());
        reply(call)
    };
    (ChatStandin::start(&["small2", "large"], handler).expect("a free loopback port"), asked)
}

fn greeting(_: &ChatCall) -> ChatReply {
    ChatReply::text("Hello Ada")
}

/// One prompt with two cases, edited, and a server that answers.
fn project(server: &ChatStandin, more: &str, golden: &str) -> Project {
    let config = format!(
        "provider: {{openai: {{base_url: \"{}\"}}}}\nmodels: {{branch: \"small\", judge: \"small\"}}\njudge: {{allow_self_judge: \
         true}}\n{more}",
        server.base_url()
    );
    configured(&config, golden)
}

fn configured(config: &str, golden: &str) -> Project {
    let project = Project::new(&[
        (
            "prompts.yaml",
            "greet:\n  text: Greet Ada warmly.\n  user: \"{{ input }}\"\n  parameters: {temperature: 0}\n",
        ),
        ("golden/greet.yaml", golden),
        ("prompt-assay.yaml", config),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

fn eval(project: &Project, more: &[&str]) -> Ran {
    let arguments = [&["eval", "--base", "HEAD"], more].concat();
    project.ran(project.command(&arguments).env("OPENAI_API_KEY", KEY))
}

/// The exit status, and the verdict with its sentence.
fn read(ran: &Ran, server: &ChatStandin) -> String {
    let verdict = ran.stdout.find("! Not measured").map_or(ran.stdout.as_str(), |at| &ran.stdout[at..]);
    let text = format!("exit status {}\n{verdict}{}", ran.status, ran.stderr);
    text.replace(&server.base_url(), "[server]")
}

/// What is read when every call is answered so.
fn met(reply: impl Fn() -> ChatReply + Send + Sync + 'static) -> String {
    let (server, _) = server(move |_| reply());
    read(&eval(&project(&server, "", GOLDEN), &[]), &server)
}

#[test]
fn a_server_on_this_machine_answers_without_account_and_key() {
    let (one, asked) = server(greeting);
    let project = project(&one, "", GOLDEN);
    let first = eval(&project, &["--format", "json"]);
    assert_eq!(first.status, 0, "{}{}", first.stdout, first.stderr);
    let report = first.json();
    assert_eq!((&report["provider"], &report["verdict"]), (&json!("openai"), &json!("OK")));
    let calls = asked.calls();
    assert!(calls.len() >= 4, "two cases on both sides");
    for call in &calls {
        assert_eq!((call.path.as_str(), call.authorization.as_deref()), ("/v1/chat/completions", None));
        assert_eq!((call.model(), &call.body["temperature"]), ("small", &json!(0.0)));
        assert_eq!(call.body["max_tokens"], 1024);
        assert!(["Greet Ada warmly.", "Greet Ada kindly."].contains(&call.texts("system").trim()));
        assert!(call.last_text().contains("Good "));
    }
    // Nothing is bought twice, and the answers of one server are not those of another.
    let again = eval(&project, &["--format", "json"]);
    assert_eq!((again.status, asked.calls().len()), (0, calls.len()));
    let (other, asked_other) = server(greeting);
    project.edit("prompt-assay.yaml", &one.base_url(), &other.base_url());
    eval(&project, &[]);
    assert_eq!((asked_other.calls().len(), asked.calls().len()), (calls.len(), calls.len()));
}

#[test]
fn the_key_of_a_variable_is_sent_and_never_said() {
    let echo = |call: &ChatCall| {
        let header = call.authorization.clone().unwrap_or_default();
        ChatReply::error(
            401,
            "invalid_api_key",
            &format!("Incorrect API key provided: {}. {header}", &KEY[..12]),
        )
    };
    let (server, asked) = server(echo);
    let config = format!(
        "provider: {{openai: {{base_url: \"{}\", key_variable: SHOP_KEY}}}}\nmodels: {{branch: small}}\n",
        server.base_url()
    );
    let project = configured(&config, GOLDEN);
    let run = |value: Option<&str>, format: &str| {
        let mut command = project.command(&["-vv", "eval", "--base", "HEAD", "--format", format]);
        project.ran(command.envs(value.map(|value| ("SHOP_KEY", value))))
    };
    let missing = run(None, "terminal");
    assert_eq!(asked.calls().len(), 0);
    assert_snapshot!(read(&missing, &server).lines().filter(|line| !line.contains("DEBUG")).collect::<Vec<_>>().join("\n"), @r"
    exit status 2
    error: SHOP_KEY is not set; nothing was spent
       = set SHOP_KEY to a key for [server]; in GitHub Actions from a secret: `env: {SHOP_KEY: ${{ secrets.SHOP_KEY }}}`
    ");
    for format in ["terminal", "json", "markdown", "html"] {
        let refused = run(Some(&format!("{KEY}\n")), format);
        assert_eq!(refused.status, 3);
        for part in [KEY, &KEY[..12]] {
            assert!(
                !format!("{}{}", refused.stdout, refused.stderr).contains(part),
                "{format}: {}",
                refused.stderr
            );
        }
    }
    assert!(asked.calls().iter().all(|call| call.authorization.as_deref() == Some(&format!("Bearer {KEY}"))));
    assert!(!asked.calls().is_empty());
    let broken = run(Some("sk-\u{fc}"), "terminal");
    assert!(broken.stderr.contains("characters that no key has"), "{}{}", broken.stdout, broken.stderr);
}

#[test]
fn refusals_for_good_say_what_to_do() {
    let error =
        |status, code: &'static str, message: &'static str| move || ChatReply::error(status, code, message);
    let told = [
        met(error(401, "invalid_api_key", "You didn't provide an API key.")),
        met(error(403, "forbidden", "Project does not have access.")),
        met(error(
            404,
            "model_not_found",
            "The model `small` does not exist or you do not have access to it.",
        )),
        met(|| ChatReply::json(404, json!({"detail": "Not Found"}))),
        met(error(429, "insufficient_quota", "You exceeded your current quota.")),
        met(error(429, "rate_limit_exceeded", "Rate limit reached on requests per day (RPD): Limit 200.")),
        met(|| ChatReply::json(301, Value::Null).header("location", "https://elsewhere.example/v1")),
        met(|| ChatReply::fault(Fault::Html { status: 407 })),
        met(|| {
            let choice = json!({"message": {"content": "Hello Ada"}, "finish_reason": "stop"});
            ChatReply::json(200, json!({"choices": [choice]}))
        }),
    ];
    assert_snapshot!(told.join("\n"), @"
    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: You didn't provide an API key (invalid_api_key). 0 of 2 cases asked.
    [server] wants a key: put it into an environment variable, and name that with
    `key_variable` beside `base_url`.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Project does not have access (forbidden). 0 of 2 cases asked. A client without
    a key may not use small: allow it in the account's settings, or name another model under `models`.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: The model `small` does not exist or you do not have access to it
    (model_not_found). 0 of 2 cases asked. The server has small2, large; did you mean small2? (with
    Ollama, `ollama pull small` gets the one that is named).

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Not Found. 0 of 2 cases asked. Nothing is at
    [server]/chat/completions: check `base_url`, which ends in `/v1` for most servers.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: You exceeded your current quota (insufficient_quota). 0 of 2 cases asked. The
    account at [server] has no credit left: add some, or check its spending limit.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: Rate limit reached on requests per day (RPD): Limit 200 (rate_limit_exceeded).
    0 of 2 cases asked. The account's limit for a day is used up: run it again tomorrow, or ask for a
    higher limit; what was paid for is stored.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: HTTP status 301 with another address: https://elsewhere.example/v1. 0 of 2
    cases asked. [server] is somewhere else now: write the new address as `base_url`.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: HTTP status 407 without an error in the form of such servers. 0 of 2 cases
    asked. A proxy or another service answered: check `base_url` and HTTPS_PROXY.

    What to do now: fix what the error names, then run it again.

    exit status 3
    ! Not measured: no call for `greet` can succeed

    No call can succeed: the answer came without token usage. 0 of 2 cases asked. Estimates, budgets and
    reports need it: the server must report `usage`.

    What to do now: fix what the error names, then run it again.
    ");
}

#[test]
fn what_the_request_is_blamed_for_is_said_with_help() {
    let error = |code: &'static str, message: &'static str| move || ChatReply::error(400, code, message);
    let told = [
        met(error("context_length_exceeded", "This model's maximum context length is 512 tokens.")),
        met(error("unknown_parameter", "Unrecognized request argument supplied: top_k")),
        met(error("invalid_value", "max_tokens is too large: 1024. This model supports at most 512 tokens.")),
    ];
    assert_snapshot!(told.join("\n"), @r"
    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: context_length_exceeded: This model's
    maximum context length is 512 tokens. (shorten the prompt or the case's input, lower max_tokens, or
    choose a model with a larger context window). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.

    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: unknown_parameter: Unrecognized request
    argument supplied: top_k (change the prompt's `parameters` as the message says, or name another
    model under `models`). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.

    exit status 3
    ! Not measured: 2 cases of `greet` got no usable answer

    The calls of 2 of 2 cases failed, the first being `morning`: invalid_value: max_tokens is too large:
    1024. This model supports at most 512 tokens. (set `parameters.max_tokens` to what the message
    allows). This says nothing about the prompt.

    What to do now: fix the cause, then run it again; answers that were paid are stored.
    ");
}

#[test]
fn a_server_that_does_not_run_is_named_at_once() {
    let (server, _) = server(greeting);
    let (project, url) = (project(&server, "", GOLDEN), server.base_url());
    drop(server);
    let ran = eval(&project, &[]);
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    assert_snapshot!(text.replace(&url, "[server]"), @r"
    exit status 2
    error: no connection to [server]: Connection refused (os error 111); nothing was spent
       = is the server at [server] running? `ollama serve` starts Ollama. Check `base_url`, too
    ");
}

/// Faults of the server and of the way to it: the call is made again, and nothing is lost.
#[test]
fn faults_that_pass_are_survived() {
    type Made = fn() -> ChatReply;
    let faults: [(&str, Made); 11] = [
        ("429", || {
            ChatReply::error(429, "rate_limit_exceeded", "Rate limit reached on requests per min (RPM).")
        }),
        ("500", || ChatReply::error(500, "server_error", "The server had an error.")),
        ("503", || ChatReply::json(503, json!({"error": {"message": "Loading model", "code": 503}}))),
        ("529", || ChatReply::json(529, json!({"error": "overloaded"}))),
        ("502 of a proxy", || ChatReply::fault(Fault::Html { status: 502 })),
        ("a page with 200", || ChatReply::fault(Fault::Html { status: 200 })),
        ("an error with 200", || {
            ChatReply::json(200, json!({"error": {"code": 429, "message": "upstream is busy"}}))
        }),
        ("no choices", || ChatReply::json(200, json!({"choices": [], "usage": {"prompt_tokens": 1}}))),
        ("cut JSON", || ChatReply::fault(Fault::TruncatedJson)),
        ("a cut body", || ChatReply::fault(Fault::CutBody)),
        ("a reset", || ChatReply::fault(Fault::Reset)),
    ];
    for (name, fault) in faults {
        let refused = AtomicUsize::new(0);
        let (server, asked) = server(move |call| match refused.fetch_add(1, Ordering::Relaxed) {
            0 => fault(),
            _ => greeting(call),
        });
        let ran = eval(&project(&server, "calls: {concurrency: 1}\n", GOLDEN), &["--format", "json"]);
        assert_eq!(ran.status, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(asked.calls().iter().any(|call| call.attempt == 1), "{name}: the same request again");
    }
}

#[test]
fn no_call_comes_before_the_time_that_the_server_asked_for() {
    let (until, early) = (Mutex::new(None::<Instant>), std::sync::Arc::new(AtomicUsize::new(0)));
    let counted = early.clone();
    let (server, asked) = server(move |call| {
        let mut until = until.lock().expect("no panic");
        match *until {
            None => {
                *until = Some(Instant::now() + Duration::from_secs(1));
                ChatReply::error(429, "rate_limit_exceeded", "Slow down.").header("retry-after", "1")
            }
            Some(until) => {
                counted.fetch_add(usize::from(Instant::now() < until), Ordering::Relaxed);
                greeting(call)
            }
        }
    });
    let ran = eval(&project(&server, "calls: {concurrency: 1}\n", GOLDEN), &[]);
    assert_eq!((ran.status, early.load(Ordering::Relaxed)), (0, 0), "{}{}", ran.stdout, ran.stderr);
    assert!(asked.calls().len() >= 5);
}

/// The judge's verdict, with the control code of its question.
fn verdict(call: &ChatCall) -> String {
    let text = call.texts("system") + &call.texts("user");
    let code = text.split(' ').find(|word| is_code(word)).unwrap_or_else(|| panic!("no code in {text}"));
    json!({"reasoning": "It greets.", "score": 1, "code": code}).to_string()
}

fn is_code(word: &str) -> bool {
    word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit())
}

fn judges(call: &ChatCall) -> bool {
    call.body.to_string().contains("Is a greeting.")
}

/// Down the ladder: each server takes less than the one before, and says so only when it refuses.
#[test]
fn a_judge_is_asked_in_the_strictest_form_that_the_server_takes() {
    fn structured(call: &ChatCall) -> ChatReply {
        ChatReply::text(&verdict(call))
    }
    fn tools(call: &ChatCall) -> ChatReply {
        if call.body.get("response_format").is_some() {
            let message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
            return ChatReply::error(400, "invalid_request_error", message);
        }
        match call.body["tool_choice"]["function"]["name"].as_str() {
            // OpenAI ends a call that was asked for by name with `stop`.
            Some(name) => ChatReply::tool_call(name, &verdict(call)).finish("stop"),
            None => ChatReply::text("no tool was asked for"),
        }
    }
    fn text(call: &ChatCall) -> ChatReply {
        if call.body.get("tools").is_some() {
            return ChatReply::error(
                400,
                "api_error",
                "registry.ollama.ai/library/small does not support tools",
            );
        }
        match call.body.get("response_format") {
            Some(_) => {
                ChatReply::json(422, json!({"detail": [{"msg": "response_format: Input should be 'text'"}]}))
            }
            None => ChatReply::text(&format!("It greets. {}", verdict(call))),
        }
    }
    type Answers = fn(&ChatCall) -> ChatReply;
    let servers: [(&str, Answers, usize); 3] =
        [("structured", structured, 0), ("tools", tools, 1), ("text", text, 2)];
    for (name, answer, refusals) in servers {
        let (server, asked) = server(move |call| if judges(call) { answer(call) } else { greeting(call) });
        let project = project(&server, "calls: {concurrency: 1}\n", JUDGED);
        let ran = eval(&project, &["--format", "json"]);
        assert_eq!(ran.status, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.json()["prompts"][0]["verdict"], "OK", "{name}: {}", ran.stdout);
        let questions = asked.calls().iter().filter(|call| judges(call)).count();
        // Both sides answer alike, so that two questions are asked.
        assert_eq!(questions, 2 + refusals, "{name}: a form is refused once");
    }
}

#[test]
fn a_parameter_that_the_model_refuses_is_left_out_or_renamed() {
    let (server, asked) = server(|call| {
        if call.body.get("max_tokens").is_some() {
            let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                           'max_completion_tokens' instead.";
            return ChatReply::error(400, "unsupported_parameter", message);
        }
        if call.body.get("temperature").is_some() {
            let message = "Unsupported value: 'temperature' does not support 0 with this model.";
            return ChatReply::error(400, "unsupported_value", message);
        }
        greeting(call)
    });
    let project = project(&server, "calls: {concurrency: 1}\n", GOLDEN);
    let ran = eval(&project, &[]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let calls = asked.calls();
    let last = &calls[calls.len() - 1].body;
    assert_eq!((&last["max_completion_tokens"], last.get("temperature")), (&json!(1024), None));
    let refused = calls.iter().filter(|call| call.body.get("max_tokens").is_some()).count();
    assert_eq!(refused, 1, "and it is remembered");
}

#[test]
fn a_cap_in_dollars_needs_prices_of_the_configuration() {
    let (server, asked) = server(greeting);
    // A name that Bedrock has, too: its price there is not the price here.
    let capped = |prices: &str| {
        let config = format!(
            "provider: {{openai: {{base_url: \"{}\"}}}}\nmodels: {{branch: \"amazon.nova-lite-v1:0\"}}\nbudget: \
             {{max_cost: 1}}\n{prices}",
            server.base_url()
        );
        eval(&configured(&config, GOLDEN), &["--format", "json"])
    };
    let refused = capped("");
    assert_eq!((refused.status, asked.calls().len()), (2, 0), "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("`amazon.nova-lite-v1:0`"), "{}", refused.stderr);
    let ran = capped("prices: {\"amazon.nova-lite-v1:0\": {input: 10, output: 0}}\n");
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    // Each call has ten tokens of input.
    let spent = ran.json()["cost"]["spent_usd"].as_f64().expect("an amount");
    assert!((spent - asked.calls().len() as f64 * 10.0 * 10.0 / 1e6).abs() < 1e-9, "{spent}");
}

#[test]
fn what_only_bedrock_has_is_refused_by_name() {
    let (server, asked) = server(greeting);
    let told = |more: &str, arguments: &[&str]| {
        let project = project(&server, more, GOLDEN);
        read(&project.ran(&mut project.command(arguments)), &server)
    };
    let eval = ["eval", "--base", "HEAD"];
    let texts = [
        told("", &["eval", "--base", "HEAD", "--batch"]),
        told("", &["plan", "--base", "HEAD", "--count-tokens"]),
        told("parameters: {guardrail: {id: abc, version: 1}}\n", &eval),
        told("calls: {service_tier: flex}\n", &eval),
    ];
    assert_eq!(asked.calls().len(), 0);
    assert_snapshot!(texts.join("\n"), @r"
    exit status 2
    error: `--batch` needs a provider with batch jobs, such as `bedrock`; `openai`, which answers here, has none: leave one of them out

    exit status 2
    error: `--count-tokens`: the configuration's provider, `openai`, counts no tokens: leave the option out

    exit status 2
    error: `guardrail` and `performance` exist on Amazon Bedrock only, and the provider is `openai`
      --> prompt-assay.yaml:4:13
       | parameters: {guardrail: {id: abc, version: 1}}
       = leave it out of `parameters`

    1 error; nothing was evaluated

    exit status 2
    error: `service_tier` exists on Amazon Bedrock only, and the provider is `openai`
      --> prompt-assay.yaml:4:8
       | calls: {service_tier: flex}
       = leave it out of `calls`

    1 error; nothing was evaluated
    ");
}

#[test]
fn stop_reasons_and_empty_answers_are_answers() {
    let (server, _) = server(|_| ChatReply::text("Hello Ada").finish("length"));
    let ran = eval(&project(&server, "", GOLDEN), &["--format", "json"]);
    assert_eq!(
        (ran.status, ran.json()["verdict"].as_str()),
        (3, Some("NOT_MEASURED")),
        "most answers are cut"
    );
}

#[test]
fn mistakes_in_the_address_and_keys_in_the_file_are_refused_without_a_word_of_the_key() {
    let told = |provider: &str| {
        let ran = configured(&format!("provider: {provider}\nmodels: {{branch: m}}\n"), GOLDEN)
            .run(&["plan", "--base", "HEAD"]);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("0123456789"), "{}", ran.stderr);
        ran.told()
    };
    let key = "sk-0123456789abcdef";
    let texts = [
        told("openai"),
        told("{openai: {}}"),
        told("{openai: {base_url: \"http://gpu.shop.example/v1\"}}"),
        told(&format!("{{openai: {{base_url: \"https://user:{key}@h.example/v1\"}}}}")),
        told(&format!("{{openai: {{base_url: \"https://h.example/v1\", api_key: {key}}}}}")),
        told(&format!("{{openai: {{base_url: \"https://h.example/v1\", key_variable: {key}}}}}")),
        told("{openai: {base_url: \"https://h.example/v1/chat/completions\"}, scripted: rules.yaml}"),
    ];
    assert_snapshot!(texts.join("\n"), @r#"
    exit status 2
    error: this provider is not known
      --> prompt-assay.yaml:1:11
       | provider: openai
       = write `provider: bedrock`, `provider: {openai: {base_url: …}}` or `provider: {scripted: rules.yaml}`

    1 error; nothing was evaluated

    exit status 2
    error: `openai` needs `base_url`
      --> prompt-assay.yaml:1:20
       | provider: {openai: {}}
       = write the server's address, such as `http://localhost:11434/v1` for Ollama

    1 error; nothing was evaluated

    exit status 2
    error: a key would travel unencrypted to this address
      --> prompt-assay.yaml:1:31
       | provider: {openai: {base_url: "http://gpu.shop.example/v1"}}
       = write `https://`, or `key_variable: none` if the server takes no key

    1 error; nothing was evaluated

    exit status 2
    error: `base_url` holds a name or a password
      --> prompt-assay.yaml:1:21
       = leave out what comes before `@`: `key_variable` names the environment variable with the key

    1 error; nothing was evaluated

    exit status 2
    error: `api_key`: a key does not belong in a file
      --> prompt-assay.yaml:1:55
       = put it into an environment variable, name that with `key_variable`, and replace the key, if it was real: Git keeps what was once committed

    1 error; nothing was evaluated

    exit status 2
    error: `key_variable` is not the name of an environment variable
      --> prompt-assay.yaml:1:55
       = write a name in capital letters, or `none` for a server that takes no key

    1 error; nothing was evaluated

    exit status 2
    error: `scripted` and `openai` exclude each other
      --> prompt-assay.yaml:1:12
       | provider: {openai: {base_url: "https://h.example/v1/chat/completions"}, scripted: rules.yaml}
       = keep one of the two

    error: `base_url` names the operation, too
      --> prompt-assay.yaml:1:31
       | provider: {openai: {base_url: "https://h.example/v1/chat/completions"}, scripted: rules.yaml}
       = leave out `/chat/completions` at its end

    2 errors; nothing was evaluated
    "#);
}
