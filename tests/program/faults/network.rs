//! Networks that lead nowhere, to the wrong server, or to one that stops in the middle. Every call of these evaluations
//! fails for good, so none may end with a verdict. What single calls do about each fault of Bedrock is in `bedrock.rs`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;
use rustls::ServerConnection;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// A certificate for 127.0.0.1, until 2126, that nobody signed but its own key.
const CERTIFICATE: &str = "MIIBmTCCAT6gAwIBAgIUPr6I6ZnRzRoWrmiNwI0ZSRfAtIIwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2\
     MTEyODAwMjMxMloYDzIxMjYxMTA0MDAyMzEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
     AATuNO9k8XgJyxcoIRDVPNQ7vH79W+C+n/A13yEdzdoYzLzt8sd3t5Nsp0OWLhRUTv+Jp3w/9qgNFCGel96gpEHzo2wwajAdBgNV\
     HQ4EFgQUsoTfJcK3Jyx5yc/MTzC+OqJyV9AwHwYDVR0jBBgwFoAUsoTfJcK3Jyx5yc/MTzC+OqJyV9AwGgYDVR0RBBMwEYIJbG9j\
     YWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSQAwRgIhALwPcoEQdxf4FhUAKMylDoK90Ol4xSSYO2lxxd35\
     /2poAiEA2iy3W4jnutAUCPJr1ExIRgQpIr5roR64RhZtFCcjZjs=";
/// Its key, which is used nowhere else.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgf+YJqYZEHjSotSeeBlt6BNdg4VZcSvxfq13tzpV90OihRANCAATu\
     NO9k8XgJyxcoIRDVPNQ7vH79W+C+n/A13yEdzdoYzLzt8sd3t5Nsp0OWLhRUTv+Jp3w/9qgNFCGel96gpEHz";

/// A server that does the same to every connection; what arrived first on each is sent to the receiver.
fn server(act: impl Fn(&mut TcpStream) + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let (sender, arrived) = channel();
    // It ends with the test.
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut first = [0; 512];
            let mut count = 0;
            if let Ok(read) = stream.peek(&mut first) {
                count = read;
            }
            let _ = sender.send(String::from_utf8_lossy(&first[..count]).into_owned());
            act(&mut stream);
            open.push(stream);
        }
    });
    (address, arrived)
}

/// Takes the request, so that nothing unread resets the connection when it closes.
fn take(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 65536]);
}

fn with_own_certificate() -> String {
    let certificate = STANDARD.decode(CERTIFICATE).expect("base64").into();
    let key = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).expect("base64"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let act = move |stream: &mut TcpStream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).expect("a configuration");
        // The client refuses the certificate.
        let _ = connection.complete_io(stream);
    };
    server(act).0
}

/// The cause that an evaluation in this environment names: it ends without a verdict.
fn told(variables: &[(&str, &str)]) -> String {
    let project = Project::edited();
    let config = "models: {branch: amazon.nova-lite-v1:0}\ncalls: {attempt_timeout_s: 1}\n";
    project.write("prompt-assay.yaml", config);
    let mut command = project.command(&["eval", "--base", "HEAD"]);
    command.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "secret").envs(variables.iter().copied());
    let ran = project.ran(&mut command);
    assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let cause =
        said.split("the first being `morning`: ").nth(1).and_then(|rest| rest.split(". This says").next());
    let cause = cause.unwrap_or_else(|| panic!("no cause: {}{}", ran.stdout, ran.stderr));
    // How a system calls a name that it does not know differs, and so do the roots that it trusts.
    let systems = regex::Regex::new("(address information|peer certificate): .* \\((check|the server)")
        .expect("a pattern");
    // Two watches end an attempt, at about the same time.
    systems.replace(cause, "$1: SYSTEM ($2").replace("within 1 s", "within 1s")
}

#[test]
fn a_network_that_fails_is_not_measured_and_the_message_names_the_fault() {
    const ENDPOINT: &str = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let own = with_own_certificate();
    let (plain, _) = server(|stream| {
        take(stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    let (proxy, asked) = server(|stream| {
        take(stream);
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.shutdown(Shutdown::Both);
    });
    let (half, _) = server(|stream| {
        take(stream);
        let _ = stream.shutdown(Shutdown::Write);
    });
    let (silent, _) = server(|_| {});
    let (stalled, _) = server(|stream| {
        take(stream);
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"out",
        );
    });
    let (other, _) = server(|stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
    });
    let http = |address: &str| format!("http://{address}");
    let https = |address: &str| format!("https://{address}");
    let faults = [
        ("a name that nobody knows", vec![(ENDPOINT, "http://bedrock.invalid".to_owned())]),
        ("nobody listens", vec![(ENDPOINT, http(&free.to_string()))]),
        ("a certificate of its own", vec![(ENDPOINT, https(&own))]),
        ("no TLS where it is expected", vec![(ENDPOINT, https(&plain))]),
        ("a proxy that refuses", vec![("HTTPS_PROXY", http(&proxy))]),
        ("a proxy that nobody is", vec![("HTTPS_PROXY", http(&free.to_string()))]),
        ("half-closed after the request", vec![(ENDPOINT, http(&half))]),
        ("no answer", vec![(ENDPOINT, http(&silent))]),
        ("an answer that stops in the middle", vec![(ENDPOINT, http(&stalled))]),
        ("another protocol", vec![(ENDPOINT, http(&other))]),
    ];
    let all: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = faults
            .iter()
            .map(|(name, variables)| {
                scope.spawn(move || {
                    let variables: Vec<_> =
                        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    format!("# {name}\n{}", told(&variables))
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("a result")).collect()
    });
    // Whatever the proxy was asked for, it is what the configuration names and nothing else.
    let hosts: std::collections::BTreeSet<String> =
        asked.try_iter().filter_map(|first| first.lines().next().map(str::to_owned)).collect();
    assert_eq!(
        hosts.into_iter().collect::<Vec<_>>(),
        ["CONNECT bedrock-runtime.us-east-1.amazonaws.com:443 HTTP/1.1"]
    );
    assert_snapshot!(all.join("\n"), @"
    # a name that nobody knows
    dispatch failure: io error: client error (Connect): dns error: failed to lookup address information: SYSTEM (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # nobody listens
    dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # a certificate of its own
    dispatch failure: io error: client error (Connect): TLS handshake failed: invalid peer certificate: SYSTEM (the server's certificate is not trusted: behind a company proxy, point SSL_CERT_FILE to its CA)
    # no TLS where it is expected
    dispatch failure: io error: client error (Connect): TLS handshake failed: received corrupt message of type InvalidContentType (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # a proxy that refuses
    dispatch failure: io error: client error (Connect): tunnel error: unsuccessful (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # a proxy that nobody is
    dispatch failure: io error: client error (Connect): tunnel error: failed to create underlying connection: tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # half-closed after the request
    dispatch failure: other: client error (SendRequest): connection closed before message completed (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    # no answer
    no answer within 1s
    # an answer that stops in the middle
    no answer within 1s
    # another protocol
    dispatch failure: other: client error (SendRequest): invalid HTTP version parsed (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock is offered in us-east-1)
    ");
}
