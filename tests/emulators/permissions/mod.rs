//! What the code asks of AWS and what its policies allow are the same: every call of every kind of job is recorded
//! before the emulators, is allowed by the policy that `iam` prints for that job, and nothing that is allowed goes unused.

pub mod recorder;
mod simulation;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use prompt_assay_client::{AppConfig, Prompts, Ssm};
use prompt_assay_standin::{Config, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;

use crate::appconfig_proxy::AppConfigProxy;
use crate::batch::{Bedrock, Played};
use crate::deploy::build;
use crate::emulator::{self, Emulator, boto3_says};
use crate::{node_environment, python_environment};
use recorder::{ACCOUNT, Record, Recorder};
use simulation::Policies;

/// Allowed though no recorder sees it, and why.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("runtime", "ssm:GetParameter", "AWS's extension for Lambda asks with the function's role"),
    ("runtime", "kms:Decrypt", "SSM asks with the caller's rights"),
    ("release", "kms:Encrypt", "SSM asks with the caller's rights"),
    ("release", "kms:Decrypt", "SSM asks with the caller's rights"),
    ("release", "kms:GenerateDataKey", "SSM asks with the caller's rights"),
    ("drift", "kms:Decrypt", "SSM asks with the caller's rights"),
    ("main-line", "kms:Decrypt", "SSM asks with the caller's rights"),
    ("drift", "s3:GetObject", "of buckets that keep no versions"),
    ("runtime", "s3:GetObject", "of buckets that keep no versions"),
    ("runtime", "bedrock:RenderPrompt", "Bedrock asks it of whoever calls Converse by a prompt's ARN"),
    (
        "main-line",
        "bedrock:GetInferenceProfile",
        "asked where the main tier's model is an application profile",
    ),
    ("evaluation", "bedrock:ListInferenceProfiles", "asked when a model cannot be called, and by `doctor`"),
];

const CONFIG: &str = "\
models:
  branch: arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123
  main: us.amazon.nova-pro-v1:0
shared_store: s3://answers/assay
gate: {min_score: 0.5}
release:
  default: prod
  environments:
    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", s3: {bucket: long}, secure: true, key: alias/prompts}
    app: {region: us-east-1, appconfig: {application: shop, environment: prod, strategy: at-once}}
    managed: {region: us-east-1, ssm: \"/managed/llm/{name}\", prompt_management: {keep: 3}}
";

/// Application, environment, strategy and profiles.
const APPCONFIG: &str = r#"
import boto3
a = boto3.client("appconfig")
app = a.create_application(Name="shop")["Id"]
a.create_environment(ApplicationId=app, Name="prod")
for name in ["plain", "long"]:
    a.create_configuration_profile(ApplicationId=app, Name=name, LocationUri="hosted", Type="AWS.Freeform")
a.create_deployment_strategy(
    Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE")
a.create_deployment_strategy(
    Name="baking", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=1440, GrowthFactor=100, ReplicateTo="NONE")
"#;

/// Versions of somebody else, until SSM drops those that have a record.
const MANY_VERSIONS: &str = r#"
import boto3
ssm = boto3.client("ssm")
name = "/prod/llm/plain"
for number in range(101):
    version = ssm.put_parameter(Name=name, Value=str(number), Type="SecureString", Overwrite=True)["Version"]
    labels = [label for kept in ssm.get_parameter_history(Name=name, MaxResults=50)["Parameters"] for label in kept["Labels"]]
    if labels:
        ssm.label_parameter_version(Name=name, ParameterVersion=version, Labels=labels)
"#;

const SOMEBODY_DEPLOYS: &str = r#"
import boto3
a = boto3.client("appconfig")
app = a.list_applications()["Items"][0]["Id"]
env = a.list_environments(ApplicationId=app)["Items"][0]["Id"]
profile = {p["Name"]: p["Id"] for p in a.list_configuration_profiles(ApplicationId=app)["Items"]}["plain"]
strategy = {s["Name"]: s["Id"] for s in a.list_deployment_strategies()["Items"]}["baking"]
a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profile, ConfigurationVersion="1", DeploymentStrategyId=strategy)
"#;

struct Cloud {
    project: Project,
    record: Record,
    moto: Emulator,
    appconfig: (Emulator, AppConfigProxy),
    _standin: Standin,
    /// Before SSM and S3, before AppConfig, before the models.
    recorders: [Recorder; 3],
    used: BTreeMap<String, BTreeSet<String>>,
}

impl Cloud {
    fn new() -> Self {
        let project =
            Project::new(&[("prompt-assay.yaml", CONFIG), (".gitignore", ".prompt-assay/\nevidence.json\n")]);
        project
            .write("prompts.yaml", format!("plain: Be kind.\nlong: \"{}\"\n", "About refunds. ".repeat(900)));
        for name in ["plain", "long"] {
            let case = "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}]}\n";
            project.write(&format!("golden/{name}.yaml"), case);
        }
        project.commit("prompts");
        let (moto, ministack) = (Emulator::moto(), Emulator::ministack());
        for bucket in ["answers", "long"] {
            boto3_says(
                &moto.url(),
                &format!(
                    "import boto3\ns3 = boto3.client('s3')\ns3.create_bucket(Bucket='{bucket}')\n\
                     s3.put_bucket_versioning(Bucket='{bucket}', VersioningConfiguration={{'Status': 'Enabled'}})"
                ),
            );
        }
        boto3_says(&ministack.url(), APPCONFIG);
        let key = "import boto3\nk = boto3.client('kms')\nid = k.create_key()['KeyMetadata']['KeyId']\nk.create_alias(AliasName='alias/prompts', TargetKeyId=id)";
        let _ = emulator::boto3(&moto.url(), key);
        let own = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
        let model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0";
        let application_profiles = vec![(own.to_owned(), vec![model.to_owned()])];
        let config = Config { application_profiles, ..Config::default() };
        let standin = rules_over_http::start_in(config, "default: {text: \"Hello Ada\"}\n");
        let record = Record::default();
        let configurations = AppConfigProxy::before(&ministack.url());
        let recorders =
            [moto.url(), configurations.url(), standin.url()].map(|url| Recorder::before(&url, &record));
        Self {
            project,
            record,
            moto,
            appconfig: (ministack, configurations),
            _standin: standin,
            recorders,
            used: BTreeMap::new(),
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let [stores, appconfig, models] = self.recorders.each_ref().map(Recorder::url);
        let mut environment = emulator::environment("http://127.0.0.1:9");
        environment.retain(|(name, _)| *name != "AWS_ENDPOINT_URL");
        environment.extend([
            ("AWS_ENDPOINT_URL_SSM", stores.clone()),
            ("AWS_ENDPOINT_URL_S3", stores),
            ("AWS_ENDPOINT_URL_APPCONFIG", appconfig.clone()),
            ("AWS_ENDPOINT_URL_APPCONFIGDATA", appconfig),
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", models.clone()),
            ("AWS_ENDPOINT_URL_BEDROCK", models.clone()),
            ("AWS_ENDPOINT_URL_BEDROCK_AGENT", models),
        ]);
        environment
    }

    /// Runs the program in front of the recorders.
    fn run(&self, arguments: &[&str], more: &[(&'static str, String)]) -> Ran {
        let mut command = self.project.command(arguments);
        command.envs(self.environment()).envs(more.iter().map(|(name, value)| (*name, value)));
        self.project.ran(&mut command)
    }

    /// A build of a pipeline that evaluates, or releases.
    fn build(&self, more: &[(&'static str, &str)]) -> Ran {
        let mut environment = build::of_pipeline(&self.project);
        environment.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        self.run(&["action"], &environment)
    }

    fn policy(&self, job: &str, environment: &str) -> Policies {
        printed(&self.project, job, environment)
    }

    /// The same, and what the two jobs may in the other environments.
    fn policy_of_others(&self, policies: Policies) -> Policies {
        ["app", "managed"].into_iter().fold(policies, |policies, environment| {
            policies.and(self.policy("main-line", environment)).and(self.policy("drift", environment))
        })
    }

    /// Everything that was asked since the last time is allowed to this job.
    fn allowed(&mut self, job: &str, policies: &Policies) {
        let asked = self.record.take();
        assert!(!asked.is_empty(), "{job} asked for nothing");
        let used = self.used.entry(job.to_owned()).or_default();
        for asked in asked {
            assert!(policies.allow(&asked), "{job} is not allowed {asked:?}");
            used.insert(asked.action);
        }
    }

    /// What is allowed to this job, and it did not use.
    fn unused(&self, job: &str, policies: &Policies) -> Vec<String> {
        let unseen = |action: &String| UNSEEN.iter().any(|(of, unseen, _)| (*of, *unseen) == (job, action));
        let allowed = policies.actions();
        let unused: Vec<&String> =
            allowed.iter().filter(|action| !self.used[job].contains(*action) && !unseen(action)).collect();
        let told = |action: &&String| format!("{job} {action}");
        unused.iter().map(told).collect()
    }

    /// Another machine: what was stored and what was shared is gone.
    fn forget(&self) {
        std::fs::remove_dir_all(self.project.root().join(".prompt-assay")).expect("something was stored");
        boto3_says(
            &self.moto.url(),
            "import boto3\nfor o in boto3.resource('s3').Bucket('answers').object_versions.all(): o.delete()",
        );
    }
}

/// The policy that the program prints.
fn printed(project: &Project, job: &str, environment: &str) -> Policies {
    let arguments = ["iam", job, "--account", ACCOUNT, "--region", emulator::REGION, "--env", environment];
    let ran = project.run(&arguments);
    assert_eq!(ran.status, 0, "{}", ran.told());
    Policies::read([ran.stdout.as_str()])
}

/// The client for Python, which reads as an application does.
fn python_client() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    let packages = ["boto3==1.43.106", "botocore==1.43.106", "minijinja==3.1.0"];
    PYTHON.get_or_init(|| python_environment::python("python-client", &packages, "boto3 and minijinja"))
}

fn reads(cloud: &Cloud, program: &str) -> String {
    let output = Command::new(python_client())
        .args(["-c", program])
        .env_clear()
        .env("HOME", cloud.project.root())
        .env("PYTHONPATH", Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python/src"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(cloud.environment())
        .output()
        .expect("python");
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The same, by the client for Node: the text of each prompt.
fn reads_in_node(cloud: &Cloud, source: &str, names: &[&str]) -> Vec<String> {
    const PROGRAM: &str = r#"
import { pathToFileURL } from "node:url";
const [client, source, ...names] = process.argv.slice(process.argv.indexOf("--") + 1);
const { AppConfig, Prompts, Ssm } = await import(pathToFileURL(client));
const of = { ssm: () => new Ssm("/prod/llm/{name}"), appconfig: () => new AppConfig("shop", "prod", { agent: false }) };
const prompts = new Prompts(of[source](), { timeout: 120 });
const told = [];
for (const name of names) told.push((await prompts.get(name)).render().system);
console.log(JSON.stringify(told));
"#;
    let output = Command::new("node")
        .args(["--input-type=module", "-e", PROGRAM, "--", "--"])
        .arg(node_environment::client())
        .arg(source)
        .args(names)
        .envs(cloud.environment())
        .output()
        .expect("node");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("texts")
}

/// The same, by the client for Rust.
fn reads_in_rust(url: String, source: &str, names: &[&str]) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let connection = prompt_assay::adapters::aws::Connection::open(emulator::options(url));
        let config = connection.await.expect("a region").config().clone();
        let builder = match source {
            "ssm" => {
                let source = Ssm::builder("/prod/llm/{name}").config(config).extension(false);
                Prompts::builder(source.build().await)
            }
            _ => {
                let source = AppConfig::builder("shop", "prod", "{name}").agent(None).config(config);
                Prompts::builder(source.build().await)
            }
        };
        let prompts = builder.timeout(Duration::from_secs(120)).background(false).build();
        let mut told = Vec::new();
        for name in names {
            let prompt = prompts.get(name).await.expect("a prompt");
            let rendered = prompt.render(&serde_json::json!({})).expect("a text");
            told.push(rendered.system().unwrap_or_default().to_owned());
        }
        told
    })
}

#[test]
fn every_call_is_allowed_and_nothing_that_is_allowed_goes_unused() {
    let mut cloud = Cloud::new();
    let [evaluation, main_line, release, drift, runtime] =
        ["evaluation", "main-line", "release", "drift", "runtime"].map(|job| cloud.policy(job, "prod"));
    // The default branch: nothing is known, nothing is live.
    let counted = cloud.run(&["plan", "--tier", "main", "--base", "none", "--count-tokens"], &[]);
    assert_eq!(counted.status, 0, "{}", counted.told());
    let passed = cloud.build(&[]);
    assert_eq!(passed.status, 0, "{}", passed.told());
    cloud.allowed("main-line", &main_line);
    let evidence = cloud.project.root().join(".prompt-assay/evidence.json");
    std::fs::copy(evidence, cloud.project.root().join("evidence.json")).expect("evidence");
    let releasing = [("PROMPT_ASSAY_RELEASE", "prod"), ("PROMPT_ASSAY_EVIDENCE", "evidence.json")];
    let released = cloud.build(&releasing);
    assert_eq!(released.status, 0, "{}", released.told());
    cloud.allowed("release", &release);
    // Read as an application does.
    let told = reads(
        &cloud,
        "from prompt_assay_client import Prompts, Ssm\np = Prompts(Ssm('/prod/llm/{name}'))\nprint(p.get('plain').render().system, len(p.get('long').render().system))",
    );
    assert!(told.starts_with("Be kind."), "{told}");
    cloud.allowed("runtime", &runtime);
    let long = "About refunds. ".repeat(900);
    let by_language: [fn(&Cloud) -> Vec<String>; 2] = [
        |cloud| reads_in_node(cloud, "ssm", &["plain", "long"]),
        |cloud| reads_in_rust(cloud.recorders[0].url(), "ssm", &["plain", "long"]),
    ];
    for read in by_language {
        assert_eq!(read(&cloud), ["Be kind.", long.as_str()]);
        cloud.allowed("runtime", &runtime);
    }
    // Somebody looks before the next run; never with more than two jobs may.
    let looked = cloud.run(&["doctor"], &[]);
    assert_eq!(looked.status, 0, "{}", looked.told());
    let both = cloud.policy("main-line", "prod").and(cloud.policy("drift", "prod"));
    let doctor = cloud.policy_of_others(both);
    cloud.allowed("doctor", &doctor);
    // A pull request.
    cloud.project.edit("prompts.yaml", "Be kind.", "Be kinder.");
    cloud.project.edit("prompts.yaml", "About refunds. About", "About returns. About");
    cloud.project.commit("kinder");
    let counted = cloud.run(&["plan", "--base", "HEAD~1", "--head", "HEAD", "--count-tokens"], &[]);
    assert_eq!(counted.status, 0, "{}", counted.told());
    let proposed = cloud.run(&["eval", "--base", "HEAD~1"], &[]);
    assert_eq!(proposed.status, 0, "{}", proposed.told());
    cloud.allowed("evaluation", &evaluation);
    // Merged, on a machine that knows nothing: compared with what is live.
    cloud.forget();
    let merged = cloud.build(&[]);
    assert_eq!(merged.status, 0, "{}", merged.told());
    assert!(merged.told().contains("Compared with the live version in `prod`"), "{}", merged.told());
    cloud.allowed("main-line", &main_line);
    let evidence = cloud.project.root().join(".prompt-assay/evidence.json");
    std::fs::copy(evidence, cloud.project.root().join("evidence.json")).expect("evidence");
    for arguments in [
        &["release", "--evidence", "evidence.json"][..],
        &["rollback", "long", "--reason", "complaints"],
        &["history", "long"],
        &["blame", "plain", "--at", "2030-01-01 00:00"],
        &["show", "long"],
        &["diff", "plain", "1", "2"],
    ] {
        let ran = cloud.run(arguments, &[]);
        assert_eq!(ran.status, 0, "{arguments:?} {}", ran.told());
    }
    cloud.allowed("release", &release);
    // An object that is lost, and more versions than SSM keeps.
    boto3_says(
        &cloud.moto.url(),
        "import boto3\nfor o in boto3.resource('s3').Bucket('long').object_versions.all(): o.delete()",
    );
    let drifted = cloud.run(&["drift"], &[]);
    assert_eq!(drifted.status, 1, "{}", drifted.told());
    cloud.allowed("drift", &drift);
    boto3_says(&cloud.moto.url(), MANY_VERSIONS);
    let history = cloud.run(&["history", "plain"], &[]);
    assert_eq!(history.status, 0, "{}", history.told());
    cloud.allowed("release", &release);
    let by_job = [
        ("evaluation", evaluation),
        ("main-line", main_line),
        ("release", release),
        ("drift", drift),
        ("runtime", runtime),
    ];
    let unused: Vec<String> = by_job.iter().flat_map(|(job, policy)| cloud.unused(job, policy)).collect();
    assert_eq!(unused, Vec::<String>::new(), "allowed, and never done");
}

#[test]
fn appconfig_is_asked_for_nothing_else_either() {
    let mut cloud = Cloud::new();
    let [release, drift, runtime] = ["release", "drift", "runtime"].map(|job| cloud.policy(job, "app"));
    let passed = cloud.build(&[]);
    assert_eq!(passed.status, 0, "{}", passed.told());
    cloud.record.take();
    let released = cloud.run(&["release", "--env", "app"], &[]);
    assert_eq!(released.status, 0, "{}", released.told());
    cloud.allowed("release", &release);
    // While a deployment of somebody else runs.
    boto3_says(&cloud.appconfig.1.url(), SOMEBODY_DEPLOYS);
    let drifted = cloud.run(&["drift", "--env", "app"], &[]);
    assert!(drifted.status < 2, "{}", drifted.told());
    cloud.allowed("drift", &drift);
    let told = reads(
        &cloud,
        "from prompt_assay_client import AppConfig, Prompts\np = Prompts(AppConfig('shop', 'prod'))\nprint(p.get('plain').render().system)",
    );
    assert_eq!(told, "Be kind.");
    cloud.allowed("runtime", &runtime);
    let by_language: [fn(&Cloud) -> Vec<String>; 2] = [
        |cloud| reads_in_node(cloud, "appconfig", &["plain"]),
        |cloud| reads_in_rust(cloud.recorders[1].url(), "appconfig", &["plain"]),
    ];
    for read in by_language {
        assert_eq!(read(&cloud), ["Be kind."]);
        cloud.allowed("runtime", &runtime);
    }
    let by_job = [("release", release), ("drift", drift), ("runtime", runtime)];
    let unused: Vec<String> = by_job.iter().flat_map(|(job, policy)| cloud.unused(job, policy)).collect();
    assert_eq!(unused, Vec::<String>::new(), "allowed, and never done");
}

#[test]
fn prompt_management_is_asked_for_nothing_else_either() {
    let mut cloud = Cloud::new();
    let [release, drift, runtime] = ["release", "drift", "runtime"].map(|job| cloud.policy(job, "managed"));
    let passed = cloud.build(&[]);
    assert_eq!(passed.status, 0, "{}", passed.told());
    cloud.record.take();
    for words in ["Be kind.", "Be calm.", "Be fair.", "Be short."] {
        let now = std::fs::read_to_string(cloud.project.root().join("prompts.yaml")).expect("the catalog");
        if !now.contains(words) {
            let line = now.lines().next().expect("a line").trim_start_matches("plain: ").to_owned();
            cloud.project.edit("prompts.yaml", &line, words);
            cloud.project.commit("edit");
        }
        let arguments = ["release", "--env", "managed", "--without-evidence", "a test", "--prompt", "plain"];
        let released = cloud.run(&arguments, &[]);
        assert_eq!(released.status, 0, "{}", released.told());
    }
    let back = cloud.run(&["rollback", "plain", "--env", "managed", "--reason", "complaints"], &[]);
    assert_eq!(back.status, 0, "{}", back.told());
    cloud.allowed("release", &release);
    let drifted = cloud.run(&["drift", "--env", "managed"], &[]);
    assert!(drifted.status < 2, "{}", drifted.told());
    cloud.allowed("drift", &drift);
    let pointer = emulator::boto3(
        &cloud.recorders[0].url(),
        "import boto3\nprint(boto3.client('ssm').get_parameters(Names=['/managed/llm/plain:live'])['Parameters'][0]['Value'])",
    );
    assert!(String::from_utf8_lossy(&pointer.stdout).contains(":prompt/"), "{pointer:?}");
    cloud.allowed("runtime", &runtime);
    let by_job = [("release", release), ("drift", drift), ("runtime", runtime)];
    let unused: Vec<String> = by_job.iter().flat_map(|(job, policy)| cloud.unused(job, policy)).collect();
    // Records of versions that SSM dropped are read in the test above.
    assert_eq!(unused, ["release ssm:GetParameter"], "allowed, and never done");
}

#[test]
fn batch_jobs_are_asked_for_nothing_else_either() {
    let bedrock = Bedrock::start();
    let project = bedrock.project("min_records: 100");
    let record = Record::default();
    let recorder = Recorder::before(&Emulator::shared_ministack_played().url(), &record);
    let batch = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json", "--batch"];
    let mut command = bedrock.command(&project, &batch);
    command.env("AWS_ENDPOINT_URL_BEDROCK", recorder.url()).env("AWS_ENDPOINT_URL_S3", recorder.url());
    let running = crate::batch::Running::start(&project, command);
    let job = bedrock.wait_for(1).remove(0);
    bedrock.answer(&job, Played::All);
    let ran = running.ended();
    assert_eq!(ran.status, 1, "{}", ran.told());
    let arguments = ["iam", "batch", "--account", ACCOUNT, "--region", emulator::REGION];
    let policy = project.run(&arguments);
    assert_eq!(policy.status, 0, "{}", policy.told());
    let policies = Policies::read([policy.stdout.as_str()]);
    let asked = record.take();
    let used: BTreeSet<String> = asked.iter().map(|asked| asked.action.clone()).collect();
    for asked in &asked {
        assert!(policies.allow(asked), "batch is not allowed {asked:?}");
    }
    assert_eq!(used, policies.actions());
}

/// The actions of policies by their names, of CloudFormation and of Terraform.
fn of_templates() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let arguments = format!("import sys\nsys.argv[1:] = [{:?}]\n", templates.display().to_string());
    let program = format!("{arguments}{}", include_str!("templates.py"));
    serde_json::from_str(&boto3_says(&Emulator::ministack().url(), &program)).expect("policies")
}

#[test]
fn the_templates_allow_what_the_program_prints() {
    let project = Project::new(&[("prompt-assay.yaml", CONFIG), ("prompts.yaml", "plain: Be kind.\n")]);
    let of = |job: &str, environments: &[&str]| -> BTreeSet<String> {
        environments.iter().flat_map(|environment| printed(&project, job, environment).actions()).collect()
    };
    // The bucket's key is not in the configuration, and the templates give it to whoever uses the bucket.
    let of_key = |actions: BTreeSet<String>| -> BTreeSet<String> {
        actions.into_iter().filter(|action| !action.starts_with("kms:")).collect()
    };
    for (template, policies) in of_templates() {
        let joined = |names: &[&str]| -> BTreeSet<String> {
            names.iter().flat_map(|name| policies[*name].clone()).collect()
        };
        for (job, names) in [
            ("evaluation", &["evaluation"][..]),
            ("main-line", &["evaluation", "main-line", "appconfig-read"]),
            ("release", &["release", "appconfig-read", "appconfig-release"]),
            ("drift", &["drift", "appconfig-read"]),
            ("runtime", &["runtime"]),
        ] {
            let (template_allows, printed) =
                (of_key(joined(names)), of_key(of(job, &["prod", "app", "managed"])));
            assert_eq!(template_allows, printed, "{template}: {job}");
        }
    }
}
