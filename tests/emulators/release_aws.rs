//! A release through the real binary and the real SDK against an emulator of AWS, and what boto3
//! reads of it with the very lines that the documentation shows.

use std::path::Path;

use prompt_assay_test_support::on_disk::{Project, Ran};

use crate::emulator::{Emulator, boto3_says, environment};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  environments:
    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", s3: {bucket: prompts-of-the-test}}
    secret: {region: us-east-1, ssm: \"/secret/{name}\", secure: true}
    bare: {region: us-east-1, ssm: \"/bare/{name}\"}
";

struct Cloud {
    project: Project,
    moto: Emulator,
}

impl Cloud {
    fn new() -> Self {
        let long = "A long sentence about refunds. ".repeat(1300);
        Self::with(&[("plain", "Be kind."), ("braces", "Greet {{ name }}."), ("long", &long)])
    }

    /// Prompts that have passed, and an emulator with a bucket.
    fn with(prompts: &[(&str, &str)]) -> Self {
        let lines = prompts.iter().map(|(name, text)| format!("{name}: \"{text}\"\n"));
        let catalog: String = lines.collect();
        let project = Project::new(&[("prompts.yaml", &catalog), ("prompt-assay.yaml", CONFIG)]);
        project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
        for (name, _) in prompts {
            let case = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n";
            project.write(&format!("golden/{name}.yaml"), case);
        }
        project.write(".gitignore", ".prompt-assay/\n");
        project.commit("configure");
        let passed = project.run(&["eval", "--tier", "main", "--base", "none"]);
        assert_eq!(passed.status, 0, "{}{}", passed.stdout, passed.stderr);
        let moto = Emulator::moto();
        boto3_says(
            &moto.url(),
            "import boto3\ns3 = boto3.client('s3')\ns3.create_bucket(Bucket='prompts-of-the-test')\ns3.put_bucket_versioning(Bucket='prompts-of-the-test', VersioningConfiguration={'Status': 'Enabled'})\n",
        );
        Self { project, moto }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.project.ran(self.project.command(arguments).envs(environment(&self.moto.url())))
    }

    /// What the documented lines read.
    fn reads(&self, name: &str, label: &str) -> String {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/stored-values.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let (_, rest) = page.split_once("```python\n").expect("the lines");
        let (lines, _) = rest.split_once("```").expect("their end");
        boto3_says(&self.moto.url(), &format!("{lines}\nprint(prompt({name:?}, {label:?}), end='')\n"))
    }
}

#[test]
fn boto3_reads_what_was_released_and_what_was_rolled_back() {
    let cloud = Cloud::new();
    let released = cloud.run(&["release", "--env", "prod"]);
    assert_eq!(released.status, 0, "{}{}", released.stdout, released.stderr);
    assert_eq!(cloud.reads("/prod/llm/plain", "live").trim_end(), "Be kind.");
    assert_eq!(cloud.reads("/prod/llm/braces", "live").trim_end(), "Greet {{ name }}.");
    // 40 kB, through S3.
    let long = "A long sentence about refunds. ".repeat(1300);
    assert_eq!(cloud.reads("/prod/llm/long", "live").trim_end(), long.trim_end());
    assert_eq!(cloud.reads("/prod/llm/plain", "1").trim_end(), "Be kind.");
    // Any reader that knows the name alone.
    let bare = "import boto3\nprint(boto3.client('ssm').get_parameter(Name='/prod/llm/plain')['Parameter']['Value'])";
    assert_eq!(boto3_says(&cloud.moto.url(), bare).trim_end(), "Be kind.");
    let again = cloud.run(&["release", "--env", "prod"]);
    assert!(again.stdout.contains("prod: 3 unchanged"), "{}", again.stdout);

    cloud.project.edit("prompts.yaml", "Be kind.", "Be rude.");
    cloud.project.edit("prompts.yaml", "about refunds", "about returns");
    cloud.project.commit("edit");
    assert_eq!(cloud.run(&["eval", "--tier", "main", "--base", "HEAD~1"]).status, 0);
    assert_eq!(cloud.run(&["release", "--env", "prod"]).status, 0);
    assert_eq!(cloud.reads("/prod/llm/plain", "live").trim_end(), "Be rude.");
    for name in ["plain", "long"] {
        let back = cloud.run(&["rollback", name, "--env", "prod", "--reason", "complaints"]);
        assert_eq!(back.status, 0, "{}{}", back.stdout, back.stderr);
    }
    assert_eq!(cloud.reads("/prod/llm/plain", "live").trim_end(), "Be kind.");
    assert!(cloud.reads("/prod/llm/long", "live").contains("refunds"));
    let held = cloud.run(&["release", "--env", "prod"]);
    assert!(held.stdout.contains("prod: 1 unchanged, 2 held"), "{}", held.stdout);
    let shown = cloud.run(&["show", "long", "--env", "prod"]);
    assert!(shown.stdout.contains("refunds"), "{}", shown.told());
}

#[test]
fn a_secure_string_is_read_with_decryption_and_what_fits_nowhere_is_refused_before_the_first_write() {
    let cloud = Cloud::new();
    let refused = cloud.run(&["release", "--env", "bare"]);
    assert_eq!(refused.status, 3);
    insta::assert_snapshot!(refused.stdout.lines().filter(|line| !line.contains("ev-")).collect::<Vec<_>>().join("\n"), @"
    stopped: `/bare/long` needs 40300 bytes, more than a parameter of its tier takes, and there is no bucket for it: add `s3: {bucket: NAME}` to the environment
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    bare: 3 not released
    ");
    let released = cloud.run(&["release", "--env", "secret", "--prompt", "plain"]);
    assert_eq!(released.status, 0, "{}{}", released.stdout, released.stderr);
    assert_eq!(cloud.reads("/secret/plain", "live").trim_end(), "Be kind.");
    let all = "import boto3\nprint(sorted(p['Name'] + ' ' + p['Type'] for p in boto3.client('ssm').describe_parameters()['Parameters']))";
    assert_eq!(boto3_says(&cloud.moto.url(), all).trim(), "['/secret/plain SecureString']");
}

#[test]
fn the_tier_follows_from_the_bytes_and_8192_of_them_need_no_bucket() {
    // In UTF-8: 4,096 bytes are 2,048 of these letters.
    let (standard, advanced) = ("é".repeat(2_048), "é".repeat(4_096));
    let cloud = Cloud::with(&[("standard", &standard), ("advanced", &advanced)]);
    let released = cloud.run(&["release", "--env", "bare"]);
    assert_eq!(released.status, 0, "{}{}", released.stdout, released.stderr);
    assert_eq!(cloud.reads("/bare/standard", "live"), standard);
    assert_eq!(cloud.reads("/bare/advanced", "live"), advanced);
    let tiers = "import boto3\nfor p in sorted(boto3.client('ssm').describe_parameters()['Parameters'], key=lambda p: p['Name']): print(p['Name'], p['Tier'])";
    insta::assert_snapshot!(boto3_says(&cloud.moto.url(), tiers).trim_end(), @"
    /bare/advanced Advanced
    /bare/standard Standard
    ");
}
