//! A release to AppConfig through the real binary and the real SDK, with deployments of MiniStack,
//! and what boto3 reads of it with the very lines that the documentation shows.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::Value;

use crate::appconfig_proxy::AppConfigProxy;
use crate::emulator::{Emulator, boto3_says, environment};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  default: prod
  environments:
    prod:
      region: us-east-1
      appconfig: {application: shop, environment: prod, profile: \"llm-{name}\", strategy: at-once}
    slow:
      region: us-east-1
      appconfig: {application: shop, environment: prod, profile: \"llm-{name}\", strategy: baking}
    bare:
      region: us-east-1
      appconfig: {application: shop, environment: prod, profile: \"bare-{name}\", strategy: at-once}
    nowhere:
      region: us-east-1
      appconfig: {application: nowhere, environment: prod}
";

/// Application, environment, strategy, and the profiles of three prompts beside another one.
const SET_UP: &str = r#"
import boto3
a = boto3.client("appconfig")
app = a.create_application(Name="shop")["Id"]
a.create_environment(ApplicationId=app, Name="prod")
for name in ["llm-plain", "llm-braces", "llm-long", "flags"]:
    a.create_configuration_profile(ApplicationId=app, Name=name, LocationUri="hosted", Type="AWS.Freeform")
a.create_deployment_strategy(
    Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE")
a.create_deployment_strategy(
    Name="baking", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=1440, GrowthFactor=100, ReplicateTo="NONE")
"#;

/// Ids by name, for programs that go on.
const IDS: &str = r#"
import boto3
a = boto3.client("appconfig")
app = a.list_applications()["Items"][0]["Id"]
env = a.list_environments(ApplicationId=app)["Items"][0]["Id"]
profiles = {p["Name"]: p["Id"] for p in a.list_configuration_profiles(ApplicationId=app)["Items"]}
strategies = {s["Name"]: s["Id"] for s in a.list_deployment_strategies()["Items"]}
strategy = strategies["at-once"]
"#;

struct Cloud {
    project: Project,
    proxy: AppConfigProxy,
    _ministack: Emulator,
}

impl Cloud {
    fn new() -> Self {
        let catalog = format!("plain: Be kind.\nbraces: \"Greet {{{{ name }}}}.\"\nlong: \"{}\"\n", long());
        let project = Project::new(&[("prompts.yaml", &catalog), ("prompt-assay.yaml", CONFIG)]);
        project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
        for name in ["plain", "braces", "long"] {
            let case = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n";
            project.write(&format!("golden/{name}.yaml"), case);
        }
        project.write(".gitignore", ".prompt-assay/\n");
        project.commit("configure");
        let ministack = Emulator::ministack();
        let proxy = AppConfigProxy::before(&ministack.url());
        boto3_says(&proxy.url(), SET_UP);
        let cloud = Self { project, proxy, _ministack: ministack };
        cloud.evaluated("none");
        cloud
    }

    fn evaluated(&self, base: &str) {
        let passed = self.project.run(&["eval", "--tier", "main", "--base", base]);
        assert_eq!(passed.status, 0, "{}{}", passed.stdout, passed.stderr);
    }

    fn edited_to(&self, from: &str, to: &str) {
        self.project.edit("prompts.yaml", from, to);
        self.project.commit("edit");
        self.evaluated("HEAD~1");
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.project.ran(self.project.command(arguments).envs(environment(&self.proxy.url())))
    }

    /// Runs it; it must end with this status.
    fn ends(&self, status: i32, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs it, and a program once it says that it waits for something; returns how it ended.
    fn waits(&self, arguments: &[&str], word: &str, then: &str) -> Ran {
        let mut command = self.project.command(arguments);
        let command =
            command.envs(environment(&self.proxy.url())).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut said = String::new();
        let mut stderr = BufReader::new(child.stderr.take().expect("its standard error"));
        while !said.lines().any(|line| line.starts_with(word)) {
            let read = stderr.read_line(&mut said).expect("its standard error");
            assert!(read > 0, "it never said `{word}`: {said}");
        }
        self.boto3(then);
        stderr.read_to_string(&mut said).expect("its standard error");
        let mut output = child.wait_with_output().expect("its end");
        output.stderr = said.into_bytes();
        Ran::new(output, &self.project.root())
    }

    fn boto3(&self, program: &str) -> String {
        boto3_says(&self.proxy.url(), &format!("{IDS}{program}"))
    }

    /// What the documented lines read.
    fn reads(&self, profile: &str) -> String {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/release.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let (_, rest) = page.split_once("## AppConfig").expect("the chapter");
        let (_, rest) = rest.split_once("```python\n").expect("the lines");
        let (lines, _) = rest.split_once("```").expect("their end");
        let call = format!("print(Prompt('shop', 'prod', {profile:?}).text(), end='')");
        boto3_says(&self.proxy.url(), &format!("{lines}\n{call}\n"))
    }
}

fn long() -> String {
    "A long sentence about refunds. ".repeat(1300).trim_end().to_owned()
}

fn calm(ran: &Ran) -> String {
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    let mut calm = text;
    for (pattern, instead) in [
        ("ev-[0-9a-f]{16}", "EVIDENCE"),
        (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "DATE       TIME    "),
        (r"--application-id [0-9a-z]+", "--application-id ID"),
        (r"\b[0-9a-f]{7}\b", "COMMIT "),
    ] {
        calm = regex::Regex::new(pattern).unwrap().replace_all(&calm, instead).into_owned();
    }
    calm
}

#[test]
fn readers_of_appconfig_get_what_was_released_and_what_was_rolled_back() {
    let cloud = Cloud::new();
    let dry = calm(&cloud.ends(0, &["release", "--dry-run"]));
    let released = calm(&cloud.ends(0, &["release"]));
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    assert_eq!(cloud.reads("llm-braces"), "Greet {{ name }}.");
    assert_eq!(cloud.reads("llm-long"), long());
    cloud.proxy.calls();
    let again = calm(&cloud.ends(0, &["release"]));
    let calls = cloud.proxy.calls();
    assert!(calls.iter().all(|call| call.starts_with("GET ")), "{calls:#?}");
    // Four listings to know the places, then three looks: versions, new deployments, one content.
    assert_eq!(calls.len(), 4 + 3 * 3, "{calls:#?}");
    insta::assert_snapshot!([dry, released, again].join("\n"), @"
    exit status 0
    to be released  plain   -  llm-plain   OK, 1 of 1 (EVIDENCE)
    to be released  braces  -  llm-braces  OK, 1 of 1 (EVIDENCE)
    to be released  long    -  llm-long    OK, 1 of 1 (EVIDENCE)
    prod: 3 to be released; nothing was written (--dry-run)

    exit status 0
    released  plain   1  llm-plain   OK, 1 of 1 (EVIDENCE)
    released  braces  1  llm-braces  OK, 1 of 1 (EVIDENCE)
    released  long    1  llm-long    OK, 1 of 1 (EVIDENCE)
    prod: 3 released

    exit status 0
    unchanged  plain   1  llm-plain   the live version equals the commit
    unchanged  braces  1  llm-braces  the live version equals the commit
    unchanged  long    1  llm-long    the live version equals the commit
    prod: 3 unchanged
    ");

    cloud.edited_to("Be kind.", "Be rude.");
    cloud.edited_to("about refunds. A", "about returns. A");
    cloud.ends(0, &["release"]);
    assert_eq!(cloud.reads("llm-plain"), "Be rude.");
    let rolled = calm(&cloud.ends(0, &["rollback", "plain", "--reason", "complaints"]));
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    let held = calm(&cloud.ends(0, &["release"]));
    cloud.ends(0, &["release", "--prompt", "plain"]);
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    assert!(cloud.reads("llm-long").contains("returns"));
    let history = calm(&cloud.ends(0, &["history", "plain"]));
    let diff = calm(&cloud.ends(0, &["diff", "plain", "1", "2"]));
    insta::assert_snapshot!([rolled, held, history, diff].join("\n"), @r#"
    exit status 0
    released  plain  2 -> 3  llm-plain  the content of version 1; what was live is held
    prod: 1 released

    exit status 0
    held       plain   3  llm-plain   this content was rolled back
    unchanged  braces  1  llm-braces  the live version equals the commit
    unchanged  long    2  llm-long    the live version equals the commit
      = change it, or pass `--lift-hold REASON`
    prod: 2 unchanged, 1 held

    exit status 0
    version  written              what      by  commit   pr  score  state
    3        DATE       TIME      rollback  -   COMMIT   -   1/1    live, "complaints"
    2        DATE       TIME      release   -   COMMIT   -   1/1    rolled back by 3
    1        DATE       TIME      release   -   COMMIT   -   1/1

    exit status 0
    --- plain:1
    +++ plain:2
    @@ -1 +1 @@
    -Be kind.
    \ No newline at end of file
    +Be rude.
    \ No newline at end of file
    "#);
    let shown = cloud.ends(0, &["show", "plain:live"]);
    assert_eq!(shown.stdout.trim_end(), "Be kind.");
    cloud.ends(0, &["release", "--lift-hold", "it was the weather"]);
    assert_eq!(cloud.reads("llm-plain"), "Be rude.");
}

#[test]
fn drift_of_appconfig_is_seen_and_healed_and_blame_knows_what_was_live() {
    let cloud = Cloud::new();
    cloud.ends(0, &["release"]);
    assert_eq!(cloud.run(&["drift"]).status, 0);
    cloud.boto3(
        r#"
a.create_hosted_configuration_version(
    ApplicationId=app, ConfigurationProfileId=profiles["llm-plain"], Content=b"By hand.", ContentType="text/plain")
a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles["llm-plain"],
    DeploymentStrategyId=strategy, ConfigurationVersion="2")
a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles["llm-plain"],
    DeploymentStrategyId=strategy, ConfigurationVersion="1")
a.create_configuration_profile(ApplicationId=app, Name="llm-old", LocationUri="hosted", Type="AWS.Freeform")
"#,
    );
    let moved = calm(&cloud.ends(1, &["drift"]));
    cloud.boto3(
        r#"
a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles["llm-plain"],
    DeploymentStrategyId=strategy, ConfigurationVersion="2")
"#,
    );
    assert_eq!(cloud.reads("llm-plain"), "By hand.");
    let left = cloud.ends(1, &["drift", "--heal"]);
    assert!(left.stdout.contains("left alone  plain"), "{}", left.stdout);
    assert_eq!(cloud.reads("llm-plain"), "By hand.");
    let healed = calm(&cloud.ends(1, &["drift", "--heal", "--overwrite", "nobody knows who it was"]));
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    let history = calm(&cloud.ends(0, &["history", "plain"]));
    insta::assert_snapshot!([moved, healed, history].join("\n"), @r#"
    exit status 1
    extra  llm-old  belongs to no prompt of the commit
    prod: 1 differ

    exit status 1
    edited  llm-plain  version 2 was not written by prompt-assay, and it is live
    extra   llm-old    belongs to no prompt of the commit
    prod: 2 differ
    released   plain   2 -> 3  llm-plain   OK, 1 of 1 (EVIDENCE)
    unchanged  braces  1       llm-braces  the live version equals the commit
    unchanged  long    1       llm-long    the live version equals the commit
    prod: 1 released, 2 unchanged

    exit status 0
    version  written              what     by  commit   pr  score  state
    3        DATE       TIME      heal     -   COMMIT   -   1/1    live, "overwritten: nobody knows who it was"
    2        DATE       TIME      outside  -   -        -   -
    1        DATE       TIME      release  -   COMMIT   -   1/1    away until 3: 2 was made live outside, the store does not say by whom or when
    "#);
    let versions = cloud.ends(0, &["history", "plain", "--format", "json"]).json()["versions"].clone();
    let began = versions[2]["at"].as_u64().expect("a moment");
    assert!(began > 1_700_000_000, "{versions:#}");
    let blamed = cloud.ends(0, &["blame", "plain", "--at", "2999-01-01", "--format", "json"]).json();
    assert_eq!(blamed["version"]["version"], 3, "{blamed:#}");
    assert_eq!(blamed["version"]["record"]["action"], "heal", "{blamed:#}");
    let before = cloud.ends(2, &["blame", "plain", "--at", "2001-01-01"]);
    assert!(before.stderr.contains("nothing was live at 2001-01-01"), "{}", before.stderr);
}

#[test]
fn what_does_not_exist_is_named_before_the_first_write_with_the_line_that_makes_it() {
    let cloud = Cloud::new();
    cloud.proxy.calls();
    let dry = cloud.ends(3, &["release", "--env", "bare", "--dry-run"]);
    let refused = cloud.ends(3, &["release", "--env", "bare"]);
    let nowhere = cloud.ends(3, &["release", "--env", "nowhere"]);
    let calls = cloud.proxy.calls();
    assert!(calls.iter().all(|call| call.starts_with("GET ")), "{calls:#?}");
    assert_eq!(dry.stdout.lines().last(), Some("bare: 3 not released; nothing was written (--dry-run)"));
    insta::assert_snapshot!([calm(&refused), calm(&nowhere)].join("\n"), @r#"
    exit status 3
    not released  plain   -  bare-plain   OK, 1 of 1 (EVIDENCE)
    not released  braces  -  bare-braces  OK, 1 of 1 (EVIDENCE)
    not released  long    -  bare-long    OK, 1 of 1 (EVIDENCE)
    stopped: appconfig:ListConfigurationProfiles on `shop`: the application has no configuration profiles `bare-plain`, `bare-braces`, `bare-long` (create configuration profiles: for name in 'bare-plain' 'bare-braces' 'bare-long'; do aws appconfig create-configuration-profile --application-id ID --location-uri hosted --type AWS.Freeform --name "$name"; done)
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    bare: 3 not released

    exit status 3
    error: appconfig:ListApplications on `nowhere`: there is no application with the name or id `nowhere` (create it, or correct the name: in us-east-1 there are shop)
    "#);
}

#[test]
fn a_deployment_of_others_is_waited_for_and_one_that_is_rolled_back_leaves_live_alone() {
    let cloud = Cloud::new();
    cloud.boto3(
        r#"
a.create_hosted_configuration_version(
    ApplicationId=app, ConfigurationProfileId=profiles["flags"], Content=b"{}", ContentType="application/json")
a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles["flags"],
    DeploymentStrategyId=strategies["baking"], ConfigurationVersion="1")
"#,
    );
    let stop = |number: u64| {
        format!(
            "a.stop_deployment(ApplicationId=app, EnvironmentId=env, DeploymentNumber={number}, AllowRevert=True)"
        )
    };
    let word = "deployment 1 of `flags` in `prod` is in progress; waiting up to 75 min";
    let released = cloud.waits(&["release", "--prompt", "plain"], word, &stop(1));
    assert_eq!(released.status, 0, "{}{}", released.stdout, released.stderr);
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");

    cloud.edited_to("Be kind.", "Be rude.");
    let word = "deployment 3 of `llm-plain` in `prod` is in progress";
    let back = cloud.waits(&["release", "--env", "slow", "--prompt", "plain"], word, &stop(3));
    insta::assert_snapshot!(calm(&back), @"
    exit status 3
    not released  plain  1 -> next  llm-plain  OK, 1 of 1 (EVIDENCE)
    stopped: appconfig:StartDeployment on `shop/prod/llm-plain`: deployment 3 was rolled back (USER: Rollback initiated by 000000000000); the live version is unchanged (find the cause; the content is now held, and `release --overwrite REASON` deploys it again)
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    slow: 1 not released
    deployment 3 of `llm-plain` in `prod` is in progress; waiting up to 75 min
    ");
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    // A merge of another prompt, some nights later.
    let again = calm(&cloud.ends(0, &["release"]));
    let drift = calm(&cloud.ends(1, &["drift"]));
    assert_eq!(cloud.reads("llm-plain"), "Be kind.");
    insta::assert_snapshot!([again, drift].join("\n"), @"
    exit status 0
    held      plain   1  llm-plain   rolled back outside: version 1 is live instead of version 2, by `USER: Rollback initiated by 000000000000`
    released  braces  1  llm-braces  OK, 1 of 1 (EVIDENCE)
    released  long    1  llm-long    OK, 1 of 1 (EVIDENCE)
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 2 released, 1 held

    exit status 1
    rolled_back  llm-plain  rolled back outside: version 1 is live instead of version 2, by `USER: Rollback initiated by 000000000000`
    prod: 1 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`
    ");
    let history = cloud.ends(0, &["history", "plain", "--format", "json"]).json();
    let taken = &history["versions"][1]["taken_off"];
    assert_eq!(
        (taken["to_version"].as_u64(), taken["until_version"].as_u64()),
        (Some(1), None),
        "{history:#}"
    );
    assert!(taken["by"].as_str().is_some_and(|by| by.starts_with("USER")), "{history:#}");
    cloud.ends(0, &["release", "--prompt", "plain", "--overwrite", "it was a slip of the hand"]);
    assert_eq!(cloud.reads("llm-plain"), "Be rude.");
}

#[test]
fn the_trail_is_read_over_pages_and_outlives_versions_that_were_deleted() {
    let cloud = Cloud::new();
    cloud.ends(0, &["release", "--prompt", "plain"]);
    // Of another profile, so that the environment's deployments need a second page.
    cloud.boto3(
        r#"
a.create_hosted_configuration_version(
    ApplicationId=app, ConfigurationProfileId=profiles["flags"], Content=b"{}", ContentType="application/json")
for _ in range(60):
    a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles["flags"],
        DeploymentStrategyId=strategy, ConfigurationVersion="1")
"#,
    );
    let unchanged = cloud.ends(0, &["release", "--prompt", "plain"]);
    assert!(unchanged.stdout.contains("unchanged"), "{}", unchanged.stdout);
    cloud.edited_to("Be kind.", "Be brief.");
    cloud.ends(0, &["release", "--prompt", "plain"]);
    cloud.boto3(
        r#"
a.delete_hosted_configuration_version(
    ApplicationId=app, ConfigurationProfileId=profiles["llm-plain"], VersionNumber=1)
"#,
    );
    let versions: Value = cloud.ends(0, &["history", "plain", "--format", "json"]).json()["versions"].clone();
    let told: Vec<(u64, bool, bool, bool)> = versions
        .as_array()
        .expect("versions")
        .iter()
        .map(|row| {
            let (version, is) = (row["version"].as_u64().unwrap(), |key: &str| row[key].as_bool().unwrap());
            (version, is("kept"), is("live"), row["record"]["evidence"].is_string())
        })
        .collect();
    assert_eq!(told, [(1, false, false, true), (2, true, true, true)], "{versions:#}");
}

#[test]
fn an_earlier_version_deployed_by_hand_stays_however_often_it_is_done() {
    let cloud = Cloud::new();
    cloud.ends(0, &["release"]);
    cloud.edited_to("Be kind.", "Be rude.");
    cloud.ends(0, &["release"]);
    let deploy = |version: u64| {
        cloud.boto3(&format!(
            "a.start_deployment(ApplicationId=app, EnvironmentId=env, ConfigurationProfileId=profiles['llm-plain'],\n    \
             DeploymentStrategyId=strategy, ConfigurationVersion='{version}')\n"
        ));
    };
    for (versions, reads, outcome) in
        [(&[1][..], "Be kind.", "held"), (&[2], "Be rude.", "unchanged"), (&[1, 2, 1], "Be kind.", "held")]
    {
        versions.iter().for_each(|version| deploy(*version));
        let ran = cloud.ends(0, &["release"]);
        assert!(ran.stdout.starts_with(outcome), "{}", ran.stdout);
        assert_eq!(cloud.reads("llm-plain"), reads, "{versions:?}");
    }
    let told = calm(&cloud.ends(0, &["release"]));
    cloud.edited_to("Be rude.", "Be brief.");
    cloud.ends(0, &["release"]);
    assert_eq!(cloud.reads("llm-plain"), "Be brief.");
    cloud.edited_to("Be brief.", "Be rude.");
    let held = calm(&cloud.ends(0, &["release"]));
    let history = calm(&cloud.ends(0, &["history", "plain"]));
    insta::assert_snapshot!([told, held, history].join("\n"), @"
    exit status 0
    held       plain   1  llm-plain   rolled back outside: version 1 is live instead of version 2, by `deployment 5` at DATE       TIME    
    unchanged  braces  1  llm-braces  the live version equals the commit
    unchanged  long    1  llm-long    the live version equals the commit
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 2 unchanged, 1 held

    exit status 0
    held       plain   3  llm-plain   this content was rolled back
    unchanged  braces  1  llm-braces  the live version equals the commit
    unchanged  long    1  llm-long    the live version equals the commit
      = change it, or pass `--lift-hold REASON`
    prod: 2 unchanged, 1 held

    exit status 0
    version  written              what     by  commit   pr  score  state
    3        DATE       TIME      release  -   COMMIT   -   1/1    live
    2        DATE       TIME      release  -   COMMIT   -   1/1    away until 3: 1 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  -   COMMIT   -   1/1
    ");
}
