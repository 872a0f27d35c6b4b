//! SSM and S3 through the real SDK, the Parameters and Secrets extension and the AppConfig agent, each as a stand-in
//! on loopback that speaks their documented HTTP.
#![cfg(all(feature = "ssm", feature = "s3"))]

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use prompt_assay_client::{AppConfigAgent, Error, Prompts, Ssm, Which};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Path with query, body.
type Asked = (String, String);
type Answers = dyn Fn(&str, &str) -> (u16, &'static str, String) + Send + Sync;

struct StandIn {
    port: u16,
    seen: Arc<Mutex<Vec<Asked>>>,
}

async fn serve(
    stream: TcpStream,
    answers: Arc<Answers>,
    seen: Arc<Mutex<Vec<Asked>>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).await?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let (status, header, reply) = answers(&path, &body);
    seen.lock().expect("a lock").push((path, body));
    let head = format!(
        "HTTP/1.1 {status} X\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    stream.write_all((head + &reply).as_bytes()).await?;
    stream.shutdown().await
}

async fn stand_in(
    answers: impl Fn(&str, &str) -> (u16, &'static str, String) + Send + Sync + 'static,
) -> StandIn {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (answers, seen): (Arc<Answers>, _) = (Arc::new(answers), Arc::default());
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&shared)));
        }
    });
    StandIn { port, seen }
}

async fn ssm(port: u16) -> Prompts {
    let keys = Credentials::for_tests();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .build();
    let source = Ssm::builder("/prod/{name}").config(config).extension(false).build().await;
    Prompts::builder(source).timeout(std::time::Duration::from_secs(60)).build()
}

const SSM_REFUSES: (u16, &str) = (400, "content-type: application/x-amz-json-1.1\r\n");

fn refusal(code: &str, message: &str) -> (u16, &'static str, String) {
    (SSM_REFUSES.0, SSM_REFUSES.1, json!({"__type": code, "message": message}).to_string())
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
            return (200, "content-type: text/plain\r\n", body.clone());
        }
        if path.starts_with("/prompts/") {
            let gone = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no</Message></Error>";
            return (404, "content-type: application/xml\r\n", gone.to_owned());
        }
        let found: Vec<Value> = names(asked)
            .iter()
            .filter_map(|name| {
                let (_, value) = values.iter().find(|(known, _)| known == name)?;
                let plain = name.split(':').next();
                Some(json!({"Name": plain, "Value": value, "Version": 4, "Type": "String"}))
            })
            .collect();
        (200, "content-type: application/x-amz-json-1.1\r\n", json!({"Parameters": found}).to_string())
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
        (200, "content-type: application/x-amz-json-1.1\r\n", found.to_string())
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
            return (200, "Configuration-Version: 7\r\n", "{\"v\":1,\"kind\":\"text\"}".to_owned());
        }
        (404, "", "{}".to_owned())
    })
    .await;
    let source = AppConfigAgent::new("the shop", "prod", "team/{name}").port(agent.port);
    let prompts = Prompts::builder(source).build();
    let prompt = prompts.get("p").await.expect("a prompt");
    // No envelope there: what looks like one is the text.
    assert_eq!((prompt.text(), prompt.version), (Some("{\"v\":1,\"kind\":\"text\"}"), Some(7)));
    assert!(matches!(prompts.get("q").await, Err(Error::Unavailable(_))));
    assert!(matches!(prompts.get_which("p", Which::Version(1)).await, Err(Error::NotFound(_))));
}
