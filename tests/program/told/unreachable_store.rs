//! A store that does not answer: the command says so while it tries again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

/// The first line that a command says on standard error, long before it gives up.
fn first_line(command: &mut Command) -> String {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("a line");
    child.kill().expect("it still tries");
    child.wait().expect("it ends");
    line
}

#[test]
fn every_command_that_speaks_to_it_tells_what_it_waits_for() {
    let project = Project::new(&[
        ("prompts.yaml", "kind: Be kind.\n"),
        ("golden/kind.yaml", "cases: [{id: a, input: Hi, checks: [{contains: ok}]}]\n"),
        (
            "prompt-assay.yaml",
            "models: {branch: small, main: large}\nrelease:\n  environments:\n    prod: {ssm: \"/prod/{name}\"}\n",
        ),
    ]);
    // Nobody listens at a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let commands: [&[&str]; 4] = [
        &["drift"],
        &["release", "--without-evidence", "a trial"],
        &["history", "kind"],
        &["rollback", "kind", "--reason", "x"],
    ];
    let told = commands.map(|arguments| {
        let mut command = project.command(arguments);
        command.env("AWS_ENDPOINT_URL", format!("http://{free}")).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none");
        let line = first_line(&mut command).replace(&free.to_string(), "[address]");
        let seconds =
            regex::Regex::new("1[12][0-9] s").expect("a pattern").replace(&line, "N s").into_owned();
        format!("$ {}\n{seconds}", arguments.join(" "))
    });
    assert_snapshot!(told.join("\n"), @"
    $ drift
    the store does not answer, trying again for up to N s: ssm:GetParameterHistory on `/prod/kind`: nothing was sent: dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL and its forms for one service, and that eu-west-1 is a region of AWS)

    $ release --without-evidence a trial
    the store does not answer, trying again for up to N s: ssm:GetParameterHistory on `/prod/kind`: nothing was sent: dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL and its forms for one service, and that eu-west-1 is a region of AWS)

    $ history kind
    the store does not answer, trying again for up to N s: ssm:GetParameterHistory on `/prod/kind`: nothing was sent: dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL and its forms for one service, and that eu-west-1 is a region of AWS)

    $ rollback kind --reason x
    the store does not answer, trying again for up to N s: ssm:GetParameterHistory on `/prod/kind`: nothing was sent: dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111) (check the network, HTTPS_PROXY, AWS_ENDPOINT_URL and its forms for one service, and that eu-west-1 is a region of AWS)
    ");
}
