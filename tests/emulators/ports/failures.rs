//! Failures: one attempt per call, what is certain about each fault, and words that say what to do.

use std::time::Duration;

use prompt_assay::adapters::aws::{Connection, Options};
use prompt_assay::adapters::ssm::Ssm;
use prompt_assay::cloud::{Failure, FailureClass};
use prompt_assay::release::ports::{
    ConfigurationPlace, Configurations, NewVersion, Objects, ParameterKind, ParameterTier, Parameters,
    Selector,
};

use super::configurations::resolve;
use super::{appconfig, bucket, runtime, ssm};
use crate::emulator::{Emulator, boto3_says, options};
use crate::fault_proxy::{FAULTS, Fault, FaultProxy};

fn version(name: &str) -> NewVersion {
    NewVersion {
        name: name.to_owned(),
        value: "x".to_owned(),
        kind: ParameterKind::Plain,
        key_id: None,
        tier: ParameterTier::Standard,
        description: "x".to_owned(),
        create: false,
    }
}

fn class_of(fault: Fault) -> FailureClass {
    match fault {
        Fault::Fails | Fault::BreaksOff | Fault::AnswerLost | Fault::Hangs => FailureClass::Unclear,
        Fault::Throttles => FailureClass::Throttled,
    }
}

/// Short, so that a call that hangs fails soon.
fn impatient(url: String) -> Options {
    Options { attempt_timeout: Duration::from_millis(1_500), ..options(url) }
}

#[test]
fn every_fault_of_every_service_has_its_class_and_is_one_attempt() {
    let (moto, ministack) = (Emulator::shared_moto(), Emulator::shared_ministack());
    boto3_says(&moto.url(), "import boto3\nboto3.client('s3').create_bucket(Bucket='faulty')");
    let program =
        "import boto3\na = boto3.client('appconfig')\nprint(a.create_application(Name='faulty')['Id'])";
    let application = boto3_says(&ministack.url(), program);
    let place = ConfigurationPlace {
        application,
        environment: "prod".to_owned(),
        profile: "p".to_owned(),
        strategy: "s".to_owned(),
    };
    let (before_moto, before_ministack) =
        (FaultProxy::before(&moto.url()), FaultProxy::before(&ministack.url()));
    let parameters = ssm(impatient(before_moto.url()));
    let objects = bucket(impatient(before_moto.url()), "faulty");
    let configurations = appconfig(impatient(before_ministack.url()));
    for fault in FAULTS {
        let check = |proxy: &FaultProxy, call: &dyn Fn() -> Result<(), Failure>| {
            proxy.arm(0, fault);
            let failure = call().expect_err("a fault is a failure");
            assert_eq!(failure.class, class_of(fault), "{fault:?}: {failure}");
            assert_eq!(proxy.calls().len(), 1, "one call is one attempt: {fault:?} {:?}", proxy.calls());
        };
        check(&before_moto, &|| parameters.put(&version("/faulty/p")).map(drop));
        check(&before_moto, &|| parameters.get("/faulty/p", &Selector::Latest).map(drop));
        check(&before_moto, &|| objects.put_new(&format!("{fault:?}"), b"x", "text/plain").map(drop));
        check(&before_moto, &|| objects.get("a", None).map(drop));
        check(&before_moto, &|| objects.list("").map(drop));
        check(&before_ministack, &|| resolve(&configurations, &place).map(drop));
    }
    let written = ssm(moto.options()).history("/faulty/p").expect("a history").len();
    assert_eq!(written, 1, "of these faults only the lost answer leaves an effect");
}

#[test]
fn a_call_that_never_reached_anybody_says_that_nothing_was_sent() {
    let proxy = FaultProxy::before("http://127.0.0.1:9");
    let closed = proxy.url();
    drop(proxy);
    let failure = ssm(options(closed)).put(&version("/p")).expect_err("nobody listens");
    assert_eq!(failure.class, FailureClass::Unclear);
    assert!(failure.message.starts_with("nothing was sent: "), "{failure}");
    assert!(failure.to_string().contains("check the network, HTTPS_PROXY, AWS_ENDPOINT_URL"), "{failure}");
}

#[test]
fn nothing_of_the_credentials_is_ever_said() {
    let keys = options("http://127.0.0.1:9".to_owned());
    let connection = runtime().block_on(Connection::open(keys.clone())).expect("a region");
    let store = Ssm::connect(&connection, runtime());
    let failure = store.put(&version("/p")).expect_err("nobody listens");
    for said in [format!("{failure:?}"), format!("{connection:?}"), format!("{store:?}"), format!("{keys:?}")]
    {
        assert!(!said.contains("\"secret\"") && !said.contains("secret_access_key: \"secret"), "{said}");
    }
}

#[test]
fn a_parameter_in_another_region_is_not_here() {
    let moto = Emulator::shared_moto();
    ssm(moto.options()).put(&version("/regional/p")).expect("a version");
    let elsewhere = Options { region: Some("eu-west-1".to_owned()), ..moto.options() };
    let store = ssm(elsewhere);
    assert_eq!(store.get("/regional/p", &Selector::Latest), Ok(None));
    let failure = store.label("/regional/p", 1, &["live".to_owned()]).expect_err("not in this region");
    assert_eq!(failure.class, FailureClass::Missing);
    assert!(
        failure
            .to_string()
            .ends_with("(check the name, and the region: the call went to eu-west-1 (AWS_REGION))"),
        "{failure}"
    );
}

#[test]
fn arns_follow_the_partition_of_the_region() {
    let proxy = FaultProxy::denying();
    for (region, arn) in [
        ("eu-west-1", "arn:aws:ssm:eu-west-1:*:parameter/prod/p"),
        ("cn-north-1", "arn:aws-cn:ssm:cn-north-1:*:parameter/prod/p"),
        ("us-gov-west-1", "arn:aws-us-gov:ssm:us-gov-west-1:*:parameter/prod/p"),
    ] {
        let options = Options { region: Some(region.to_owned()), ..options(proxy.url()) };
        let failure = ssm(options).put(&version("/prod/p")).expect_err("denied");
        assert_eq!(failure.class, FailureClass::Denied);
        assert_eq!(
            failure.help,
            Some(format!("allow `ssm:PutParameter` on `{arn}` in the policy of the role"))
        );
    }
}

#[test]
fn a_denial_names_the_action_and_the_resource_of_every_call() {
    let proxy = FaultProxy::denying();
    let url = proxy.url();
    let (parameters, objects) = (ssm(options(url.clone())), bucket(options(url.clone()), "shop"));
    let place = ConfigurationPlace {
        application: "abcdefg".to_owned(),
        environment: "hijklmn".to_owned(),
        profile: "opqrstu".to_owned(),
        strategy: "AppConfig.AllAtOnce".to_owned(),
    };
    let configurations = appconfig(options(url));
    let name = "/prod/p".to_owned();
    let label = ["live".to_owned()];
    let failures: Vec<Failure> = [
        parameters.get(&name, &Selector::Latest).map(drop),
        parameters.history(&name).map(drop),
        parameters.below("/prod").map(drop),
        parameters.put(&version(&name)).map(drop),
        parameters.label(&name, 1, &label),
        parameters.tag(&name, &[("a".to_owned(), "b".to_owned())].into()),
        objects.get("k", None).map(drop),
        objects.get("k", Some("v")).map(drop),
        objects.put_new("k", b"", "text/plain").map(drop),
        objects.list("k").map(drop),
        resolve(&configurations, &place).map(drop),
        configurations.versions(&place).map(drop),
        configurations.version(&place, 3).map(drop),
        configurations.host(&place, b"x", "x", 0).map(drop),
        configurations.deployments(&place, 0).map(drop),
        configurations.deploy(&place, 3, "x", 0).map(drop),
        configurations.deployment(&place, 4).map(drop),
    ]
    .into_iter()
    .map(|outcome| outcome.expect_err("denied"))
    .collect();
    assert!(failures.iter().all(|failure| failure.class == FailureClass::Denied));
    let helps: Vec<String> = failures.into_iter().map(|failure| failure.help.unwrap_or_default()).collect();
    insta::assert_snapshot!(helps.join("\n"), @"
    allow `ssm:GetParameter` on `arn:aws:ssm:us-east-1:*:parameter/prod/p` in the policy of the role
    allow `ssm:GetParameterHistory` on `arn:aws:ssm:us-east-1:*:parameter/prod/p` in the policy of the role
    allow `ssm:DescribeParameters` on `*` in the policy of the role
    allow `ssm:PutParameter` on `arn:aws:ssm:us-east-1:*:parameter/prod/p` in the policy of the role
    allow `ssm:LabelParameterVersion` on `arn:aws:ssm:us-east-1:*:parameter/prod/p` in the policy of the role
    allow `ssm:AddTagsToResource` on `arn:aws:ssm:us-east-1:*:parameter/prod/p` in the policy of the role
    allow `s3:GetObject` on `arn:aws:s3:::shop/k` in the policy of the role; and `s3:ListBucket` on `arn:aws:s3:::shop`, without which an object that does not exist is denied too
    allow `s3:GetObjectVersion` on `arn:aws:s3:::shop/k` in the policy of the role; and `s3:ListBucket` on `arn:aws:s3:::shop`, without which an object that does not exist is denied too
    allow `s3:PutObject` on `arn:aws:s3:::shop/k` in the policy of the role
    allow `s3:ListBucket` on `arn:aws:s3:::shop` in the policy of the role
    allow `appconfig:ListApplications` on `arn:aws:appconfig:us-east-1:*:*` in the policy of the role
    allow `appconfig:ListHostedConfigurationVersions` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/configurationprofile/opqrstu` in the policy of the role
    allow `appconfig:GetHostedConfigurationVersion` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/configurationprofile/opqrstu/hostedconfigurationversion/3` in the policy of the role
    allow `appconfig:CreateHostedConfigurationVersion` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/configurationprofile/opqrstu` in the policy of the role
    allow `appconfig:ListDeployments` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/environment/hijklmn` in the policy of the role
    allow `appconfig:StartDeployment` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/environment/hijklmn` in the policy of the role
    allow `appconfig:GetDeployment` on `arn:aws:appconfig:us-east-1:*:application/abcdefg/environment/hijklmn/deployment/4` in the policy of the role
    ");
}

#[test]
fn without_credentials_the_ways_to_them_are_named() {
    if std::env::var_os(INSIDE).is_some() {
        let connection = runtime().block_on(Connection::open(Options::default())).expect("a region");
        let ready = runtime().block_on(connection.ready()).expect_err("no credentials").to_string();
        let failure =
            Ssm::connect(&connection, runtime()).put(&version("/prod/p")).expect_err("no credentials");
        assert_eq!(failure.class, FailureClass::NoCredentials);
        println!("<<{}\n{}>>", ready.split(" (").next().unwrap_or_default(), failure);
        return;
    }
    let told =
        in_environment("without_credentials_the_ways_to_them_are_named", &[("AWS_REGION", "us-east-1")]);
    insta::assert_snapshot!(told, @"
    no AWS credentials were found
    ssm:PutParameter on `/prod/p`: no AWS credentials were found (provide credentials in one of these ways: in GitHub Actions, `aws-actions/configure-aws-credentials` with `role-to-assume` before this step, and `permissions: {id-token: write}` in the job; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN for temporary ones; AWS_PROFILE, after `aws sso login` for SSO; in CodeBuild, ECS and EKS the container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must reach a nested container); on EC2 the instance's role. Where none is expected, AWS_EC2_METADATA_DISABLED=true avoids the search on EC2)
    ");
}

#[test]
fn without_a_region_the_variable_is_named() {
    if std::env::var_os(INSIDE).is_some() {
        let error = runtime().block_on(Connection::open(Options::default())).expect_err("no region");
        println!("<<{error}>>");
        return;
    }
    let told = in_environment("without_a_region_the_variable_is_named", &[]);
    insta::assert_snapshot!(told, @"no AWS region is configured (set AWS_REGION, for example AWS_REGION=us-east-1 (`aws-actions/configure-aws-credentials` sets it from `aws-region`), or `region` in the AWS profile)");
}

#[test]
fn every_service_may_have_an_endpoint_of_its_own() {
    if std::env::var_os(INSIDE).is_some() {
        let connection = runtime().block_on(Connection::open(Options::default())).expect("a region");
        let of = |service| connection.endpoint_of(service).unwrap_or_default();
        println!("<<{} {} {}>>", of("SSM"), of("S3"), of("AppConfig"));
        return;
    }
    let test = "every_service_may_have_an_endpoint_of_its_own";
    let region = ("AWS_REGION", "us-east-1");
    let all = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let s3 = ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2");
    assert_eq!(in_environment(test, &[region]), "  ");
    assert_eq!(in_environment(test, &[region, s3]), " http://127.0.0.1:2 ");
    assert_eq!(
        in_environment(test, &[region, all, s3]),
        "http://127.0.0.1:1 http://127.0.0.1:2 http://127.0.0.1:1"
    );
    let profile = tempfile::tempdir().expect("a directory");
    let file = profile.path().join("config");
    std::fs::write(
        &file,
        "[default]\nservices = here\n[services here]\ns3 =\n  endpoint_url = http://127.0.0.1:3\n",
    )
    .expect("a file");
    let configured = ("AWS_CONFIG_FILE", file.to_str().expect("a path"));
    assert_eq!(in_environment(test, &[region, configured]), " http://127.0.0.1:3 ");
}

const INSIDE: &str = "PROMPT_ASSAY_TEST_INSIDE";

/// Runs a test of this file again in a process with this environment and nothing else.
fn in_environment(test: &str, variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a directory");
    let output = std::process::Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", &format!("ports::failures::{test}"), "--nocapture"])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(INSIDE, "1")
        .envs(variables.iter().copied())
        .output()
        .expect("a child process");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>"));
    said.unwrap_or_else(|| panic!("the child said: {text}{}", String::from_utf8_lossy(&output.stderr)))
        .0
        .to_owned()
}
