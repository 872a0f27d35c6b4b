//! The errors if the store, the role or the configuration is wrong.

use std::process::Command;

use prompt_assay_test_support::on_disk::Ran;

use super::shop::Shop;
use crate::emulator::{Emulator, boto3_says, environment};
use crate::fault_proxy::FaultProxy;

fn calm(ran: &Ran) -> String {
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    let id = regex::Regex::new("ev-[0-9a-f]{16}").expect("a pattern");
    id.replace_all(&text, "EVIDENCE").into_owned()
}

fn one(environments: &[(&str, &str)]) -> Shop {
    let environments: Vec<(String, String)> =
        environments.iter().map(|(name, says)| ((*name).to_owned(), (*says).to_owned())).collect();
    Shop::new(&[("greet", "Be kind.")], &environments)
}

#[test]
fn a_missing_permission_is_named_with_its_resource() {
    let moto = Emulator::shared_moto();
    boto3_says(&moto.url(), "import boto3\nboto3.client('s3').create_bucket(Bucket='denied-prompts')\n");
    let long = "A long sentence about refunds. ".repeat(300);
    let place = "{ssm: \"/denied/{name}\", s3: {bucket: denied-prompts}}".to_owned();
    let shop = Shop::new(&[("greet", "Be kind."), ("long", &long)], &[("prod".to_owned(), place)]);
    let proxy = FaultProxy::before(&moto.url());
    let mut said = Vec::new();
    let mut denied = |operation: &str, arguments: &[&str]| {
        proxy.deny(operation);
        let ran = shop.run(&proxy.url(), arguments);
        let about = |line: &&str| line.starts_with("stopped: ") || line.starts_with("error: ");
        let text = calm(&ran);
        said.push(format!(
            "{operation}: exit status {}\n{}",
            ran.status,
            text.lines().filter(about).collect::<String>()
        ));
    };
    for operation in ["GetParameterHistory", "PutParameter", "AddTagsToResource", "LabelParameterVersion"] {
        denied(operation, &["release", "--prompt", "greet"]);
    }
    proxy.disarm();
    assert_eq!(shop.run(&proxy.url(), &["release", "--prompt", "greet"]).status, 0);
    denied("DescribeParameters", &["drift"]);
    let key = prompt_assay::fingerprint::Fingerprint::of_bytes(long.as_bytes());
    denied(
        &format!("PUT /denied-prompts/prompts/denied/long/sha256/{key}"),
        &["release", "--prompt", "long"],
    );
    let digest = regex::Regex::new("[0-9a-f]{64}").expect("a pattern");
    insta::assert_snapshot!(digest.replace_all(&said.join("\n"), "SHA256"), @"
    GetParameterHistory: exit status 3
    error: ssm:GetParameterHistory on `/denied/greet`: no (allow `ssm:GetParameterHistory` on `arn:aws:ssm:us-east-1:*:parameter/denied/greet` in the policy of the role)
    PutParameter: exit status 3
    stopped: ssm:PutParameter on `/denied/greet`: no (allow `ssm:PutParameter` on `arn:aws:ssm:us-east-1:*:parameter/denied/greet` in the policy of the role)
    AddTagsToResource: exit status 3
    stopped: ssm:AddTagsToResource on `/denied/greet`: no (allow `ssm:AddTagsToResource` on `arn:aws:ssm:us-east-1:*:parameter/denied/greet` in the policy of the role; or release without tags: `tags: false` in the environment)
    LabelParameterVersion: exit status 3
    stopped: ssm:LabelParameterVersion on `/denied/greet`: no (allow `ssm:LabelParameterVersion` on `arn:aws:ssm:us-east-1:*:parameter/denied/greet` in the policy of the role)
    DescribeParameters: exit status 3
    error: ssm:DescribeParameters on `/denied`: no (allow `ssm:DescribeParameters` on `*` in the policy of the role)
    PUT /denied-prompts/prompts/denied/long/sha256/SHA256: exit status 3
    stopped: s3:PutObject on `s3://denied-prompts/prompts/denied/long/sha256/SHA256`: no (allow `s3:PutObject` on `arn:aws:s3:::denied-prompts/prompts/denied/long/sha256/SHA256` in the policy of the role)
    ");
}

#[test]
fn what_the_store_refuses_is_said_with_what_to_do() {
    let moto = Emulator::shared_moto();
    let shop = one(&[("prod", "{ssm: \"/refused/{name}\"}")]);
    let run = |arguments: &[&str]| shop.run(&moto.url(), arguments);
    // A reason longer than a description: it is cut, and what decides is not.
    let reason = "because it rains, ".repeat(200);
    assert_eq!(run(&["release", "--without-evidence", &reason]).status, 0);
    let program = "import boto3\nprint(max(len(p['Description']) for p in boto3.client('ssm').get_parameter_history(Name='/refused/greet')['Parameters']))";
    let length: usize = boto3_says(&moto.url(), program).parse().expect("a number");
    assert!((200..=1024).contains(&length), "{length}");
    // Ten labels of others, and both of ours removed.
    let program = "import boto3\nssm = boto3.client('ssm')\nssm.unlabel_parameter_version(Name='/refused/greet', ParameterVersion=1, Labels=['live', 'live.prompt-assay'])\nssm.label_parameter_version(Name='/refused/greet', ParameterVersion=1, Labels=[f'other-{i}' for i in range(10)])\n";
    boto3_says(&moto.url(), program);
    insta::assert_snapshot!(calm(&run(&["release"])), @"
    exit status 3
    not released  greet  -  /refused/greet  OK, 1 of 1 (EVIDENCE)
    stopped: ssm:LabelParameterVersion on `/refused/greet`: An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion operation: A parameter version can have maximum 10 labels.Move one or more labels to another version and try again. (a version carries at most 10 labels: take some off (`aws ssm unlabel-parameter-version`))
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    prod: 1 not released
    ");
}

#[test]
fn without_a_region_without_credentials_and_in_the_wrong_region_it_says_so() {
    let moto = Emulator::shared_moto();
    let shop = one(&[
        ("prod", "{ssm: \"/regional/{name}\"}"),
        ("far", "{region: eu-west-1, ssm: \"/regional/{name}\"}"),
    ]);
    let released = shop.run(&moto.url(), &["release", "--env", "prod"]);
    assert_eq!(released.status, 0, "{}{}", released.stdout, released.stderr);
    let without = |names: &[&str], arguments: &[&str]| {
        let mut command: Command = shop.0.command(arguments);
        command.envs(environment(&moto.url()).into_iter().filter(|(name, _)| !names.contains(name)));
        calm(&shop.0.ran(&mut command))
    };
    let said = [
        without(&["AWS_REGION", "AWS_DEFAULT_REGION"], &["release", "--env", "prod"]),
        without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], &["release", "--env", "prod"]),
        without(&[], &["history", "greet", "--env", "far"]),
        without(&[], &["rollback", "greet", "--env", "far", "--reason", "x"]),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    exit status 2
    error: no AWS region is configured (set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from `aws-region`), or `region` in the AWS profile)

    exit status 3
    error: ssm:GetParameterHistory on `/regional/greet`: no AWS credentials were found (provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2)

    exit status 2
    error: `greet` was never released to `/regional/greet` in the region eu-west-1

    exit status 2
    error: `/regional/greet` was never released in the region eu-west-1
    ");
}

#[test]
fn names_and_labels_that_ssm_refuses_are_refused_before_anything_is_asked() {
    let deep = format!("/{}", ["a"; 16].join("/"));
    let shop = one(&[("prod", "{ssm: \"/prod/{name}\"}")]);
    let edit = |what: &str| {
        let catalog = format!("greet: {{text: \"Be kind.\", release: {{ssm: \"{what}\"}}}}\n");
        shop.0.write("prompts.yaml", catalog);
        shop.0.commit("another name");
        // No server listens there: no request may be made.
        calm(&shop.run("http://127.0.0.1:9", &["release"]))
    };
    let names = ["/a b/c", "no/slash", "/aws/greet", "SSM-greet", deep.as_str()];
    let mut said: Vec<String> = names.into_iter().map(edit).collect();
    shop.0.write("prompts.yaml", "greet: \"Be kind.\"\n");
    shop.0.edit("prompt-assay.yaml", "{ssm: \"/prod/{name}\"}", "{ssm: \"/prod/{name}\", label: 1st}");
    shop.0.commit("another label");
    said.push(calm(&shop.run("http://127.0.0.1:9", &["rollback", "greet", "--reason", "x"])));
    said.push(calm(&shop.run("http://127.0.0.1:9", &["history", "greet"])));
    insta::assert_snapshot!(said.join("\n"), @r#"
    exit status 2
    error: the parameter name `/a b/c` holds ' '
      --> prompts.yaml:1:42
       | greet: {text: "Be kind.", release: {ssm: "/a b/c"}}
       = use letters, digits, `_`, `.`, `-` and `/` only

    1 error; nothing was released

    exit status 2
    error: the parameter name `no/slash` has levels but does not begin with `/`
      --> prompts.yaml:1:42
       | greet: {text: "Be kind.", release: {ssm: "no/slash"}}
       = begin it with `/`

    1 error; nothing was released

    exit status 2
    error: the parameter name `/aws/greet` begins with `aws` or `ssm`, which SSM reserves
      --> prompts.yaml:1:42
       | greet: {text: "Be kind.", release: {ssm: "/aws/greet"}}
       = begin it with another word

    1 error; nothing was released

    exit status 2
    error: the parameter name `SSM-greet` begins with `aws` or `ssm`, which SSM reserves
      --> prompts.yaml:1:42
       | greet: {text: "Be kind.", release: {ssm: "SSM-greet"}}
       = begin it with another word

    1 error; nothing was released

    exit status 2
    error: the parameter name `/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a` has 16 levels; SSM allows 15
      --> prompts.yaml:1:42
       | greet: {text: "Be kind.", release: {ssm: "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"}}
       = use fewer levels

    1 error; nothing was released

    exit status 2
    error: the label `1st` begins with a digit
      --> prompt-assay.yaml:6:40
       |     prod: {ssm: "/prod/{name}", label: 1st}
       = begin it with a letter

    1 error; nothing was released

    exit status 2
    error: the label `1st` begins with a digit
      --> prompt-assay.yaml:6:40
       |     prod: {ssm: "/prod/{name}", label: 1st}
       = begin it with a letter

    1 error; nothing was read
    "#);
}
