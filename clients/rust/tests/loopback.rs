//! SSM, S3 and AppConfigData through the real SDK, the Parameters and Secrets extension and the AppConfig agent, each as
//! a stand-in on loopback that speaks their documented HTTP.
#![cfg(all(feature = "ssm", feature = "s3", feature = "appconfig"))]

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use prompt_assay_client::{AppConfig, AppConfigAgent, Error, Event, Prompts, Source, Ssm, Which};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Path with query, body.
type Asked = (String, String);
/// Status, header lines, body.
type Reply = (u16, String, String);
type Answers = dyn Fn(&str, &str) -> Reply + Send + Sync;

#[derive(Clone)]
struct StandIn {
    port: u16,
    seen: Arc<Mutex<Vec<Asked>>>,
    heads: Arc<Mutex<Vec<String>>>,
}

async fn serve(stream: TcpStream, answers: Arc<Answers>, stand_in: StandIn) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut head, mut length) = (String::new(), String::new(), 0);
    stream.read_line(&mut line).await?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        head += &line;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let (status, header, reply) = answers(&path, &body);
    stand_in.seen.lock().expect("a lock").push((path, body));
    stand_in.heads.lock().expect("a lock").push(head);
    let reply_head = format!(
        "HTTP/1.1 {status} X\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    stream.write_all((reply_head + &reply).as_bytes()).await?;
    stream.shutdown().await
}

fn reply(status: u16, header: &str, body: impl Into<String>) -> Reply {
    (status, header.to_owned(), body.into())
}

async fn stand_in(answers: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> StandIn {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answers: Arc<Answers> = Arc::new(answers);
    let stand_in = StandIn { port, seen: Arc::default(), heads: Arc::default() };
    let shared = stand_in.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&answers), shared.clone()));
        }
    });
    stand_in
}

fn config(port: u16) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .build()
}

async fn ssm(port: u16) -> Prompts {
    let source = Ssm::builder("/prod/{name}").config(config(port)).extension(false).build().await;
    patient(source)
}

/// What happens after which time is the affair of `cache.rs`.
fn patient(source: impl Source) -> Prompts {
    Prompts::builder(source).timeout(Duration::from_secs(60)).background(false).build()
}

const OF_SSM: &str = "content-type: application/x-amz-json-1.1\r\n";

fn refusal(code: &str, message: &str) -> Reply {
    reply(400, OF_SSM, json!({"__type": code, "message": message}).to_string())
}

fn names(body: &str) -> Vec<String> {
    let asked: Value = serde_json::from_str(body).expect("JSON");
    serde_json::from_value(asked["Names"].clone()).expect("names")
}

#[tokio::test]
async fn values_come_from_ssm_and_long_ones_from_s3() {
    let long = "long ".repeat(3000);
    let pointer = |sha: &str, key: &str| json!({"v": 1, "kind": "s3", "uri": format!("s3://prompts/{key}"), "versionId": "7", "sha256": sha, "bytes": 15000});
    let sha = "1b2ba09cd1d17fbdfcc4a6e4b5ba6b8dc4a0d0b9a3b5b1a1c7d4d0c3a0f1e2d3";
    let values = [
        ("/prod/text:live", json!("Hi {name}")),
        ("/prod/text:3", json!("Older")),
        ("/prod/altered:live", json!(pointer(sha, "there").to_string())),
        ("/prod/lost:live", json!(pointer(sha, "gone").to_string())),
    ];
    let body = long.clone();
    let service = stand_in(move |path, asked| {
        if path.starts_with("/prompts/there") {
            assert!(path.contains("versionId=7"), "{path}");
            return reply(200, "content-type: text/plain\r\n", body.clone());
        }
        if path.starts_with("/prompts/") {
            let gone = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no</Message></Error>";
            return reply(404, "content-type: application/xml\r\n", gone);
        }
        let found: Vec<Value> = names(asked)
            .iter()
            .filter_map(|name| {
                let (_, value) = values.iter().find(|(known, _)| known == name)?;
                let plain = name.split(':').next();
                Some(json!({"Name": plain, "Value": value, "Version": 4, "Type": "String"}))
            })
            .collect();
        reply(200, OF_SSM, json!({"Parameters": found}).to_string())
    })
    .await;
    let prompts = ssm(service.port).await;
    let prompt = prompts.get("text").await.expect("a prompt");
    assert_eq!((prompt.text(), prompt.version, prompt.source), (Some("Hi {name}"), Some(4), "ssm"));
    let older = prompts.get_which("text", Which::Version(3)).await.expect("a prompt");
    assert_eq!(older.text(), Some("Older"));
    let error = prompts.get("nobody").await.expect_err("missing");
    assert_eq!(error.to_string(), "the parameter /prod/nobody:live does not exist: is it released?");
    for (name, says) in [("altered", "does not have the SHA-256"), ("lost", "does not exist")] {
        let error = prompts.get(name).await.expect_err(name);
        assert!(matches!(&error, Error::Damaged(message) if message.contains(says)), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_object_that_is_lost_or_altered_never_replaces_the_copy() {
    #[derive(Default)]
    struct Live {
        value: String,
        object: Option<String>,
    }
    let pointer = |content: &str| {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let uri = format!("s3://prompts/{sha256}");
        json!({"v": 1, "kind": "s3", "uri": uri, "sha256": sha256, "bytes": content.len()}).to_string()
    };
    let live = Arc::new(Mutex::new(Live::default()));
    let shared = Arc::clone(&live);
    let service = stand_in(move |path, _| {
        let live = shared.lock().expect("a lock");
        match &live.object {
            _ if path == "/" => {
                let found = json!([{"Name": "/prod/p", "Value": live.value, "Version": 1}]);
                reply(200, OF_SSM, json!({"Parameters": found}).to_string())
            }
            Some(object) => reply(200, "content-type: text/plain\r\n", object),
            None => reply(404, "content-type: application/xml\r\n", "<Error><Code>NoSuchKey</Code></Error>"),
        }
    })
    .await;
    let source = Ssm::builder("/prod/{name}").config(config(service.port)).extension(false).build().await;
    let failed = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&failed);
    let prompts = Prompts::builder(source).timeout(Duration::from_secs(60)).background(false);
    let prompts = prompts.on_event(move |event| {
        if let Event::Failed { error: Error::Damaged(message), .. } = event {
            events.lock().expect("a lock").push(message.clone());
        }
    });
    let prompts = prompts.build();
    let set = |value: &str, object: Option<&str>| {
        *live.lock().expect("a lock") = Live { value: pointer(value), object: object.map(str::to_owned) };
    };
    set("good", Some("good"));
    assert_eq!(prompts.get("p").await.expect("a prompt").text(), Some("good"));
    for (object, says) in [
        (Some("evil"), "does not have the SHA-256 that was released"),
        (Some("longer"), "has 6 bytes where 4 were released"),
        (None, "does not exist"),
    ] {
        set("next", object);
        pass(400).await;
        let prompt = prompts.get("p").await.expect("the copy");
        assert_eq!((prompt.text(), prompt.is_stale()), (Some("good"), true));
        let told = failed.lock().expect("a lock").pop().expect("it is told");
        assert!(told.contains(says), "{told}");
    }
    set("next", Some("next"));
    pass(60).await;
    assert_eq!(prompts.get("p").await.expect("a prompt").text(), Some("next"));
}

#[tokio::test]
async fn denied_names_the_action_and_takes_nobody_else_along() {
    let service = stand_in(|_, body| {
        let names = names(body);
        if names.iter().any(|name| name.contains("secret")) {
            let message = "User: x is not authorized to perform: kms:Decrypt on resource: y";
            return refusal("AccessDeniedException", message);
        }
        let found =
            names.iter().map(|name| json!({"Name": name.split(':').next(), "Value": "v", "Version": 1}));
        let found = json!({"Parameters": found.collect::<Vec<_>>()});
        reply(200, OF_SSM, found.to_string())
    })
    .await;
    let prompts = ssm(service.port).await;
    let error = prompts.prefetch(["a", "secret", "b"]).await.expect_err("denied");
    assert!(matches!(&error, Error::AccessDenied { action, .. } if action == "kms:Decrypt"), "{error}");
    assert_eq!(prompts.get("a").await.expect("a prompt").text(), Some("v"));
    assert_eq!(prompts.get("b").await.expect("a prompt").text(), Some("v"));
}

#[tokio::test]
async fn a_throttled_batch_is_not_asked_one_by_one() {
    let service = stand_in(|_, _| refusal("ThrottlingException", "Rate exceeded")).await;
    let prompts = ssm(service.port).await;
    let error = prompts.prefetch(["a", "b", "c"]).await.expect_err("throttled");
    assert!(matches!(&error, Error::Unavailable(message) if message.contains("Rate exceeded")), "{error}");
    let asked = service.seen.lock().expect("a lock").clone();
    assert!(asked.iter().all(|(_, body)| names(body).len() == 3), "{asked:?}");
}

#[tokio::test]
async fn the_agent_of_appconfig_is_asked() {
    let agent = stand_in(|path, _| {
        if path == "/applications/the%20shop/environments/prod/configurations/team%2Fp" {
            return reply(200, "Configuration-Version: 7\r\n", "{\"v\":1,\"kind\":\"text\"}");
        }
        reply(404, "", "{}")
    })
    .await;
    let source = AppConfigAgent::new("the shop", "prod", "team/{name}").port(agent.port);
    // With the service behind it, which is not asked.
    let both = AppConfig::builder("the shop", "prod", "team/{name}").agent(Some(source.clone()));
    let both = both.config(config(9)).build().await;
    assert_eq!(both.lag(), Duration::ZERO);
    let prompts = patient(both);
    assert_eq!(prompts.get("p").await.expect("a prompt").version, Some(7));
    assert!(matches!(prompts.get("q").await, Err(Error::Unavailable(_))));
    let prompts = patient(source);
    let prompt = prompts.get("p").await.expect("a prompt");
    // No envelope there: what looks like one is the text.
    assert_eq!((prompt.text(), prompt.version), (Some("{\"v\":1,\"kind\":\"text\"}"), Some(7)));
    assert!(matches!(prompts.get("q").await, Err(Error::Unavailable(_))));
    assert!(matches!(prompts.get_which("p", Which::Version(1)).await, Err(Error::NotFound(_))));
}

/// AppConfigData, as its documentation says: a token is good for one answer; nothing means as before.
#[derive(Default)]
struct Sessions {
    content: String,
    /// What those who hold a token know.
    tokens: BTreeMap<String, Option<String>>,
    count: u32,
    interval: u32,
    loses: bool,
    asked: u32,
}

impl Sessions {
    fn token(&mut self, knows: Option<String>) -> String {
        self.count += 1;
        let token = format!("t{}", self.count);
        self.tokens.insert(token.clone(), knows);
        token
    }

    fn answer(&mut self, path: &str, body: &str) -> Reply {
        self.asked += 1;
        if path == "/configurationsessions" {
            let asked: Value = serde_json::from_str(body).expect("JSON");
            return match asked["ConfigurationProfileIdentifier"].as_str() {
                Some("nobody") => reply(404, "x-amzn-ErrorType: ResourceNotFoundException\r\n", "{}"),
                Some("denied") => reply(403, "x-amzn-ErrorType: AccessDeniedException\r\n", "{}"),
                _ => {
                    let token = self.token(None);
                    reply(201, "", json!({"InitialConfigurationToken": token}).to_string())
                }
            };
        }
        let token = path.split_once("configuration_token=").expect("a token").1;
        let Some(known) = self.tokens.remove(token) else {
            return reply(400, "x-amzn-ErrorType: BadRequestException\r\n", r#"{"Message":"it was used"}"#);
        };
        if std::mem::take(&mut self.loses) {
            return reply(500, "x-amzn-ErrorType: InternalServerException\r\n", "{}");
        }
        let is_known = known.as_ref() == Some(&self.content);
        let (token, interval) = (self.token(Some(self.content.clone())), self.interval);
        let head = format!(
            "Next-Poll-Configuration-Token: {token}\r\nNext-Poll-Interval-In-Seconds: {interval}\r\n"
        );
        reply(200, &head, if is_known { "" } else { &self.content })
    }
}

/// Time passes at once; connections stay in real time.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn without_the_agent_appconfigdata_is_asked() {
    let sessions = Arc::new(Mutex::new(Sessions::default()));
    let shared = Arc::clone(&sessions);
    let service = stand_in(move |path, body| shared.lock().expect("a lock").answer(path, body)).await;
    let set = |change: fn(&mut Sessions)| change(&mut sessions.lock().expect("a lock"));
    let source = AppConfig::builder("shop", "prod", "{name}").agent(None).config(config(service.port));
    let prompts = patient(source.build().await);
    let text = async || {
        let prompt = prompts.get("p").await.expect("a prompt");
        (prompt.text().expect("one text").to_owned(), prompt.version)
    };
    set(|sessions| {
        sessions.content = "one".to_owned();
        sessions.interval = 60;
    });
    assert_eq!(text().await, ("one".to_owned(), None));
    pass(330).await;
    assert_eq!(text().await.0, "one", "an empty answer means as before");
    set(|sessions| sessions.content = "two".to_owned());
    pass(330).await;
    assert_eq!(text().await.0, "two");
    // The answer is lost, and its token with it: a new session.
    set(|sessions| (sessions.content, sessions.loses) = ("three".to_owned(), true));
    pass(330).await;
    assert_eq!(text().await.0, "two", "the copy, while the service fails");
    pass(30).await;
    assert_eq!(text().await.0, "three");
    // It is not asked more often than it wants.
    set(|sessions| sessions.interval = 3600);
    pass(330).await;
    text().await;
    let asked = sessions.lock().expect("a lock").asked;
    pass(330).await;
    text().await;
    assert_eq!(sessions.lock().expect("a lock").asked, asked);
    let error = prompts.get("nobody").await.expect_err("missing");
    let says = "the configuration shop/prod/nobody does not exist (ResourceNotFoundException)";
    assert!(matches!(&error, Error::NotFound(message) if message == says), "{error}");
    let error = prompts.get("denied").await.expect_err("denied");
    let Error::AccessDenied { action, .. } = &error else { panic!("{error}") };
    assert_eq!(action, "appconfig:StartConfigurationSession");
    assert!(matches!(prompts.get_which("p", Which::Version(1)).await, Err(Error::NotFound(_))));
}

/// Runs itself in the environment of a Lambda function.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_lambda_the_extension_is_asked_and_ssm_for_what_it_does_not_answer() {
    if let Ok(port) = env::var("PORT_OF_SSM") {
        return in_lambda(port.parse().expect("a port")).await;
    }
    let extension = stand_in(|path, _| {
        let asked = path.strip_prefix("/systemsmanager/parameters/get?name=").expect(path);
        let value = match asked {
            "%2Fprod%2Fp&withDecryption=true&label=live" => "by label",
            "%2Fprod%2Fp&withDecryption=true&version=1" => "by version",
            "%2Fprod%2Fbroken&withDecryption=true&label=live" => return reply(200, "", "<html>"),
            _ => return reply(400, "", "not ready to serve traffic, please wait"),
        };
        reply(200, "", json!({"Parameter": {"Value": value, "Version": 1}, "ResultMetadata": {}}).to_string())
    })
    .await;
    let service = stand_in(|_, body| {
        let found = names(body).into_iter().filter(|name| name == "/prod/broken:live");
        let found = found.map(|_| json!({"Name": "/prod/broken", "Value": "from ssm", "Version": 2}));
        reply(200, OF_SSM, json!({"Parameters": found.collect::<Vec<_>>()}).to_string())
    })
    .await;
    let name = "inside_lambda_the_extension_is_asked_and_ssm_for_what_it_does_not_answer";
    let mut command = Command::new(env::current_exe().expect("this program"));
    command
        .args(["--exact", name])
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_SESSION_TOKEN", "the token")
        .env("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", extension.port.to_string())
        .env("PORT_OF_SSM", service.port.to_string());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
    let output = output.expect("this program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let heads = extension.heads.lock().expect("a lock").clone();
    assert_eq!(heads.len(), 4);
    let token = "x-aws-parameters-secrets-token: the token";
    assert!(heads.iter().all(|head| head.to_lowercase().contains(token)), "{heads:?}");
}

async fn in_lambda(port: u16) {
    let source = Ssm::builder("/prod/{name}").config(config(port)).build().await;
    assert_eq!(source.lag(), Duration::from_secs(300));
    let prompts = patient(source);
    assert_eq!(prompts.get("p").await.expect("a prompt").text(), Some("by label"));
    let pinned = prompts.get_which("p", Which::Version(1)).await.expect("a prompt");
    assert_eq!(pinned.text(), Some("by version"));
    let broken = prompts.get("broken").await.expect("a prompt");
    assert_eq!((broken.text(), broken.version), (Some("from ssm"), Some(2)));
    assert!(matches!(prompts.get("nobody").await, Err(Error::NotFound(_))));
}
