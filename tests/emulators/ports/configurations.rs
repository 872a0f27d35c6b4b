//! AppConfig on MiniStack: names, hosted versions, deployments and their locks.

use prompt_assay::adapters::appconfig::AppConfig;
use prompt_assay::cloud::{Failure, FailureClass};
use prompt_assay::release::ports::{ConfigurationPlace, Configurations, Deployment, DeploymentState};
use serde_json::Value;

use super::appconfig;
use crate::emulator::{Emulator, boto3_says};

/// The place with the ids of all it names.
pub(super) fn resolve(store: &AppConfig, place: &ConfigurationPlace) -> Result<ConfigurationPlace, Failure> {
    let (found, mut profiles) = store.resolve_all(place, std::slice::from_ref(&place.profile))?;
    Ok(ConfigurationPlace { profile: profiles.remove(0)?, ..found })
}

/// An application with an environment, two profiles and a strategy that is through at once.
fn place(name: &str) -> (ConfigurationPlace, Value) {
    let program = format!(
        r#"
import boto3, json
a = boto3.client("appconfig")
app = a.create_application(Name="{name}")["Id"]
env = a.create_environment(ApplicationId=app, Name="prod")["Id"]
hosted = dict(ApplicationId=app, LocationUri="hosted", Type="AWS.Freeform")
profile = a.create_configuration_profile(Name="prompts", **hosted)["Id"]
other = a.create_configuration_profile(Name="flags", **hosted)["Id"]
elsewhere = a.create_configuration_profile(
    ApplicationId=app, Name="elsewhere", LocationUri="ssm-parameter://x", RetrievalRoleArn="arn:aws:iam::1:role/r")["Id"]
slow = dict(GrowthFactor=100, ReplicateTo="NONE")
strategy = a.create_deployment_strategy(
    Name="{name}-at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, **slow)["Id"]
baking = a.create_deployment_strategy(
    Name="{name}-baking", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=60, **slow)["Id"]
print(json.dumps(dict(application=app, environment=env, profile=profile, other=other, strategy=strategy, baking=baking)))
"#
    );
    let ids = boto3_says(&Emulator::shared_ministack().url(), &program);
    let ids: Value = serde_json::from_str(&ids).expect("ids");
    let place = ConfigurationPlace {
        application: name.to_owned(),
        environment: "prod".to_owned(),
        profile: "prompts".to_owned(),
        strategy: format!("{name}-at-once"),
    };
    (place, ids)
}

fn text(ids: &Value, key: &str) -> String {
    ids[key].as_str().expect("an id").to_owned()
}

#[test]
fn names_become_ids_and_ids_stay() {
    let store = appconfig(Emulator::shared_ministack().options());
    let (named, ids) = place("names");
    let resolved = resolve(&store, &named).expect("everything is there");
    let expected = ConfigurationPlace {
        application: text(&ids, "application"),
        environment: text(&ids, "environment"),
        profile: text(&ids, "profile"),
        strategy: text(&ids, "strategy"),
    };
    assert_eq!(resolved, expected);
    assert_eq!(resolve(&store, &resolved), Ok(expected));
    let predefined = ConfigurationPlace { strategy: "AppConfig.AllAtOnce".to_owned(), ..named };
    assert_eq!(resolve(&store, &predefined).expect("AWS's own").strategy, "AppConfig.AllAtOnce");
}

#[test]
fn each_missing_part_is_named_with_what_there_is() {
    let store = appconfig(Emulator::shared_ministack().options());
    let (named, _) = place("parts");
    let missing = |place: ConfigurationPlace| {
        let failure = resolve(&store, &place).expect_err("a part is missing");
        assert_eq!(failure.class, FailureClass::Missing);
        failure
    };
    let nobody = || "nobody".to_owned();
    let told = missing(ConfigurationPlace { application: nobody(), ..named.clone() });
    assert_eq!(told.message, "there is no application with the name or id `nobody`");
    insta::assert_snapshot!(missing(ConfigurationPlace { environment: nobody(), ..named.clone() }), @"appconfig:ListEnvironments on `parts/nobody`: there is no environment with the name or id `nobody` (create it, or correct the name: in us-east-1 there are prod)");
    insta::assert_snapshot!(missing(ConfigurationPlace { profile: nobody(), ..named.clone() }), @"appconfig:ListConfigurationProfiles on `parts/nobody`: there is no configuration profile with the name or id `nobody` (create it, or correct the name: in us-east-1 there are prompts, flags, elsewhere)");
    let told = missing(ConfigurationPlace { strategy: nobody(), ..named.clone() });
    assert!(told.to_string().contains("AppConfig.AllAtOnce"), "{told}");

    let elsewhere = ConfigurationPlace { profile: "elsewhere".to_owned(), ..named };
    let failure = resolve(&store, &elsewhere).expect_err("content outside AppConfig");
    assert_eq!(failure.class, FailureClass::Refused);
    assert!(failure.to_string().contains("ssm-parameter://x"), "{failure}");
}

#[test]
fn two_applications_of_one_name_are_told_apart_by_id_only() {
    let emulator = Emulator::shared_ministack();
    let program = "import boto3\na = boto3.client('appconfig')\n\
                   for _ in range(2): a.create_application(Name='twice')";
    boto3_says(&emulator.url(), program);
    let (named, _) = place("once");
    let twice = ConfigurationPlace { application: "twice".to_owned(), ..named };
    let failure = resolve(&appconfig(emulator.options()), &twice).expect_err("ambiguous");
    assert_eq!(failure.class, FailureClass::Refused);
    assert!(
        failure
            .to_string()
            .starts_with("appconfig:ListApplications on `twice`: 2 of them have the name `twice`"),
        "{failure}"
    );
    assert!(failure.to_string().ends_with("(give the application's id instead of its name)"), "{failure}");
}

#[test]
fn a_version_is_hosted_deployed_and_seen_in_both_listings() {
    let store = appconfig(Emulator::shared_ministack().options());
    let (named, ids) = place("hosting");
    let place = resolve(&store, &named).expect("everything is there");
    assert_eq!(store.versions(&place), Ok(Vec::new()));
    assert_eq!(store.deployments(&place, 0), Ok(Vec::new()));
    assert_eq!(store.version(&place, 1), Ok(None));

    let content = "Du bist Zoë. {{ name }}".as_bytes();
    assert_eq!(store.host(&place, content, "für {\"by\":\"Zoë\"}", 0), Ok(1));
    assert_eq!(store.host(&place, b"second", "second", 1), Ok(2));
    let numbers: Vec<u64> =
        store.versions(&place).expect("a listing").iter().map(|version| version.version).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(store.version(&place, 1).expect("an answer").expect("a version").content, content);

    assert_eq!(store.deploy(&place, 1, "für Zoë", 0), Ok(1));
    let deployed = store.deployment(&place, 1).expect("a deployment");
    assert_eq!((deployed.state, deployed.version), (DeploymentState::Complete, 1));
    assert_eq!(deployed.description, "f\\u00fcr Zo\\u00eb", "AppConfig takes ASCII");
    assert_eq!(deployed.profile, text(&ids, "profile"));
    assert!(deployed.started_at > 1_700_000_000);

    let flags = ConfigurationPlace { profile: text(&ids, "other"), ..place.clone() };
    store.host(&flags, b"{}", "flags", 0).expect("a version of another profile");
    assert_eq!(store.deploy(&flags, 1, "flags", 1), Ok(2));
    assert_eq!(store.deploy(&place, 2, "second", 2), Ok(3));
    let told: Vec<(u64, u64, String)> = store
        .deployments(&place, 0)
        .expect("a listing")
        .into_iter()
        .filter(|deployment: &Deployment| deployment.profile == place.profile)
        .map(|deployment| (deployment.number, deployment.version, deployment.description))
        .collect();
    assert_eq!(told, [(1, 1, "f\\u00fcr Zo\\u00eb".to_owned()), (3, 2, "second".to_owned())]);
}

#[test]
fn one_deployment_at_a_time_and_only_after_the_one_that_was_seen() {
    let store = appconfig(Emulator::shared_ministack().options());
    let (named, ids) = place("locks");
    let place = resolve(&store, &named).expect("everything is there");
    store.host(&place, b"a", "a", 0).expect("a version");
    let failure = store.deploy(&place, 1, "a", 7).expect_err("nobody deployed seven times");
    assert_eq!((failure.class, failure.code.as_deref()), (FailureClass::Conflict, Some("ConflictException")));

    let baking = ConfigurationPlace { strategy: text(&ids, "baking"), ..place.clone() };
    assert_eq!(store.deploy(&baking, 1, "a", 0), Ok(1));
    assert_eq!(store.deployment(&place, 1).expect("a deployment").state, DeploymentState::InProgress);
    let failure = store.deploy(&place, 1, "b", 1).expect_err("one is in progress");
    assert_eq!(failure.class, FailureClass::Conflict);
    assert!(failure.to_string().contains("another deployment is in progress"), "{failure}");

    let program = format!(
        "import boto3\nboto3.client('appconfig').stop_deployment(ApplicationId='{}', EnvironmentId='{}', \
         DeploymentNumber=1, AllowRevert=True)",
        place.application, place.environment
    );
    boto3_says(&Emulator::shared_ministack().url(), &program);
    assert_eq!(store.deployment(&place, 1).expect("a deployment").state, DeploymentState::RolledBack);
    assert_eq!(store.deploy(&place, 1, "c", 1), Ok(2));
}

#[test]
fn a_place_that_is_gone_is_missing() {
    let store = appconfig(Emulator::shared_ministack().options());
    let (named, _) = place("gone");
    let place = resolve(&store, &named).expect("everything is there");
    let gone =
        ConfigurationPlace { profile: "zzzzzzz".to_owned(), environment: "zzzzzzz".to_owned(), ..place };
    let failures = [
        store.versions(&gone).map(drop),
        store.host(&gone, b"x", "x", 0).map(drop),
        store.deployments(&gone, 0).map(drop),
        store.deploy(&gone, 1, "x", 0).map(drop),
        store.deployment(&gone, 1).map(drop),
    ];
    for failure in failures {
        let failure = failure.expect_err("nothing is there");
        assert_eq!(failure.class, FailureClass::Missing, "{failure}");
    }
}
