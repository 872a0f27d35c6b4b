//! Orders of releases, rollbacks and external changes, through the real binary: after each of them a release of
//! another prompt leaves what somebody chose, and says so. All 625 orders are done to the stores in memory
//! (`release::tests::outsiders`). Here some of them are done, which hold every deed at every place: every eleventh in SSM,
//! every thirty-first in AppConfig. With `ORDERS=all` in the environment all are done here, too: nine minutes of a processor
//! for SSM with a program that is not optimised, which is why a change does not wait for them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use prompt_assay::adapters::appconfig::AppConfig;
use prompt_assay::adapters::aws::Connection;
use prompt_assay::release::appconfig::AppConfigStore;
use prompt_assay::release::audit::Audit;
use prompt_assay::release::ports::{
    ConfigurationPlace, Configurations, NewVersion, ParameterKind, ParameterTier, ParameterVersion,
    Parameters,
};

use super::line::{Line, Unhurried, live, runtime};
use super::shop::Shop;
use crate::appconfig_proxy::AppConfigProxy;
use crate::emulator::{Emulator, boto3_says, options};

/// Orders at once.
const WORKERS: usize = 4;
/// `ORDERS=all`.
const ALL: (&str, &str) = ("ORDERS", "all");

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Release,
    Back,
    Forward,
    Foreign,
    RollBack,
}

const DEEDS: [Deed; 5] = [Deed::Release, Deed::Back, Deed::Forward, Deed::Foreign, Deed::RollBack];

/// One order of every `stride`, or all.
fn orders(stride: usize) -> Vec<[Deed; 4]> {
    let is_all = std::env::var(ALL.0).is_ok_and(|value| value == ALL.1);
    let chosen = (0..625).step_by(if is_all { 1 } else { stride });
    let orders: Vec<[Deed; 4]> = chosen
        .map(|number: usize| [0, 1, 2, 3].map(|place| DEEDS[number / 5_usize.pow(place) % 5]))
        .collect();
    let places: BTreeSet<(usize, Deed)> =
        orders.iter().flat_map(|order| order.iter().copied().enumerate()).collect();
    assert_eq!(places.len(), 20, "every deed at every place");
    orders
}

/// A store as somebody beside the program sees and changes it.
trait Console {
    /// Every version of `s`, oldest first, with its labels.
    fn history(&self) -> Vec<ParameterVersion>;
    /// Makes an existing version of `s` live.
    fn make_live(&self, version: u64);
    /// Writes a version of `s`.
    fn write(&self, text: &str);
}

/// Parameter Store: live is what has the label.
struct Labels<'a> {
    line: &'a Line,
    name: String,
}

impl Console for Labels<'_> {
    fn history(&self) -> Vec<ParameterVersion> {
        let client = self.line.client("look", false);
        client.again(|| self.line.parameters.history(&self.name)).expect("an answer")
    }

    fn make_live(&self, version: u64) {
        let labels = ["live".to_owned()];
        let client = self.line.client("by hand", false);
        client.again(|| self.line.parameters.label(&self.name, version, &labels)).expect("a label");
    }

    fn write(&self, text: &str) {
        let foreign = NewVersion {
            name: self.name.clone(),
            value: text.to_owned(),
            kind: ParameterKind::Plain,
            key_id: None,
            tier: ParameterTier::Standard,
            description: String::new(),
            create: false,
        };
        let client = self.line.client("by hand", false);
        client.again(|| self.line.parameters.put(&foreign)).expect("a version");
    }
}

/// AppConfig: live is what was deployed last.
struct Deployments {
    service: Arc<AppConfig>,
    place: ConfigurationPlace,
}

impl Deployments {
    fn resolved(&self) -> ConfigurationPlace {
        let profiles = std::slice::from_ref(&self.place.profile);
        let (found, mut profiles) = self.service.resolve_all(&self.place, profiles).expect("the place");
        ConfigurationPlace { profile: profiles.remove(0).expect("the profile"), ..found }
    }
}

impl Console for Deployments {
    fn history(&self) -> Vec<ParameterVersion> {
        let store = AppConfigStore {
            configurations: Arc::clone(&self.service) as Arc<dyn Configurations>,
            clock: Arc::new(Unhurried::default()),
            say: Box::new(|_| ()),
            place: self.place.clone(),
            names: vec![self.place.profile.clone()],
            label: "live".to_owned(),
            patience_ms: 0,
            known: Mutex::default(),
        };
        store.history(&self.place.profile).expect("an answer")
    }

    fn make_live(&self, version: u64) {
        let place = self.resolved();
        let deployments = self.service.deployments(&place, 0).expect("a listing");
        let last = deployments.last().map_or(0, |last| last.number);
        self.service.deploy(&place, version, "by hand", last).expect("a deployment");
    }

    fn write(&self, text: &str) {
        let place = self.resolved();
        let versions = self.service.versions(&place).expect("a listing");
        let last = versions.last().map_or(0, |last| last.version);
        self.service.host(&place, text.as_bytes(), "by hand", last).expect("a version");
    }
}

/// Commits by how often `s` was changed; the second of each changes `t` alone.
struct Commits(Vec<[String; 2]>);

fn commits(shop: &Shop) -> Commits {
    let mut all = Vec::new();
    for number in 0..6 {
        if number > 0 {
            shop.0.edit("prompts.yaml", &format!("s {}", number - 1), &format!("s {number}"));
            shop.passed(&format!("s {number}"), "HEAD~1");
        }
        let s = shop.0.git(&["rev-parse", "HEAD"]).trim().to_owned();
        shop.0.edit("prompts.yaml", "t 0", "t 1");
        let t = shop.passed("t", "HEAD~1");
        shop.0.git(&["checkout", "--quiet", &s]);
        all.push([s, t]);
    }
    Commits(all)
}

struct Order<'a> {
    shop: &'a Shop,
    commits: &'a Commits,
    console: &'a dyn Console,
    url: &'a str,
    environment: String,
    /// How often `s` was changed.
    changes: usize,
}

impl Order<'_> {
    fn state(&self) -> Vec<(u64, String, bool)> {
        let history = self.console.history();
        let live = live(&history).map(|live| live.version);
        history.into_iter().map(|kept| (kept.version, kept.value, Some(kept.version) == live)).collect()
    }

    /// Releases a commit; the exit status, and what it says of `s` and of `t`.
    fn release(&self, which: usize) -> (i32, String, String) {
        let commit = &self.commits.0[self.changes][which];
        let arguments = ["release", "--env", &self.environment, "--head", commit, "--format", "json"];
        let ran = self.shop.run(self.url, &arguments);
        let json = ran.json();
        let outcome = |at: usize| json["prompts"][at]["outcome"].as_str().expect("an outcome").to_owned();
        assert_eq!(json["stopped"], serde_json::Value::Null, "{}", ran.stdout);
        (ran.status, outcome(0), outcome(1))
    }

    fn does(&mut self, deed: Deed) {
        let history = self.console.history();
        let version = live(&history).expect("something is live").version;
        let make_live = |to: u64| {
            if history.iter().any(|kept| kept.version == to) {
                self.console.make_live(to);
            }
        };
        match deed {
            Deed::Release => {
                self.changes += 1;
                assert_eq!(self.release(0).1, "released", "a change in Git replaces whatever is live");
            }
            Deed::Back => make_live(version - 1),
            Deed::Forward => make_live(version + 1),
            Deed::Foreign => self.console.write(&format!("by hand after {}", history.len())),
            Deed::RollBack => {
                // There may be nothing to go back to.
                let arguments = ["rollback", "s", "--env", &self.environment, "--reason", "complaints"];
                let ran = self.shop.run(self.url, &arguments);
                assert!([0, 2].contains(&ran.status), "{}{}", ran.stdout, ran.stderr);
            }
        }
    }

    /// Does an order, then releases the other prompt; what the release says of `s`.
    fn leaves_what_was_chosen(&mut self, deeds: [Deed; 4]) -> String {
        self.release(0);
        self.does(Deed::Release);
        for deed in deeds {
            self.does(deed);
        }
        let before = self.state();
        let (status, s, t) = self.release(1);
        let when = format!("{deeds:?}: {s}, {before:?}");
        assert_eq!(self.state(), before, "what was chosen is gone: {when}");
        assert_eq!(t, "released", "the other prompt: {when}");
        assert_eq!(status, i32::from(s == "left alone"), "{when}");
        let history = self.console.history();
        let wanted = format!("s {}", self.changes);
        let is_live = live(&history).is_some_and(|live| live.value == wanted);
        let is_foreign = history
            .last()
            .is_some_and(|newest| Audit::read(&newest.description).is_none() && !newest.by_label_only);
        match (is_live, is_foreign) {
            (true, false) => assert_eq!(s, "unchanged", "{when}"),
            (true, true) => assert_eq!(s, "left alone", "{when}"),
            (false, _) => assert!(s == "held" || s == "left alone", "{when}"),
        }
        s
    }
}

/// Does all the orders to a store, several at once; `console` opens the store of an order. Each of the three answers must
/// come `fewest` times, so that none of them is an accident.
fn every_order<'a>(
    url: &str,
    orders: &[[Deed; 4]],
    environments: &[(String, String)],
    fewest: usize,
    console: impl Fn(usize) -> Box<dyn Console + 'a> + Sync,
) {
    let shop = Shop::new(&[("s", "s 0"), ("t", "t 0")], environments);
    let commits = commits(&shop);
    let (next, said) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(deeds) = orders.get(number) else { break };
                    let console = console(number);
                    let environment = environments[number].0.clone();
                    let mut order = Order {
                        shop: &shop,
                        commits: &commits,
                        console: console.as_ref(),
                        url,
                        environment,
                        changes: 0,
                    };
                    let s = order.leaves_what_was_chosen(*deeds);
                    said.lock().unwrap().push(s);
                }
            });
        }
    });
    let said = said.into_inner().unwrap();
    assert_eq!(said.len(), orders.len());
    for word in ["unchanged", "held", "left alone"] {
        let count = said.iter().filter(|said| *said == word).count();
        println!("{count} of {} orders: {word}", orders.len());
        assert!(count >= fewest, "{word}: {said:?}");
    }
}

#[test]
fn after_every_order_in_ssm_a_release_of_another_prompt_leaves_what_was_chosen() {
    let moto = Emulator::moto();
    let orders = orders(11);
    let environments: Vec<(String, String)> = (0..orders.len())
        .map(|number| (format!("order{number}"), format!("{{ssm: \"/order{number}/{{name}}\"}}")))
        .collect();
    let line = Line::to(&moto.url());
    every_order(&moto.url(), &orders, &environments, 6, |number| {
        Box::new(Labels { line: &line, name: format!("/order{number}/s") })
    });
}

#[test]
fn after_every_order_in_appconfig_a_release_of_another_prompt_leaves_what_was_chosen() {
    let ministack = Emulator::ministack();
    let proxy = AppConfigProxy::before(&ministack.url());
    let orders = orders(31);
    boto3_says(
        &proxy.url(),
        &format!(
            r#"
import boto3
a = boto3.client("appconfig")
a.create_deployment_strategy(
    Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE")
for number in range({}):
    app = a.create_application(Name=f"order{{number}}")["Id"]
    a.create_environment(ApplicationId=app, Name="prod")
    for name in "st":
        a.create_configuration_profile(ApplicationId=app, Name=name, LocationUri="hosted", Type="AWS.Freeform")
"#,
            orders.len()
        ),
    );
    let place = |number: usize| ConfigurationPlace {
        application: format!("order{number}"),
        environment: "prod".to_owned(),
        profile: "s".to_owned(),
        strategy: "at-once".to_owned(),
    };
    let environments: Vec<(String, String)> = (0..orders.len())
        .map(|number| {
            let target = format!(
                "{{appconfig: {{application: order{number}, environment: prod, profile: \"{{name}}\", strategy: at-once}}}}"
            );
            (format!("order{number}"), target)
        })
        .collect();
    let connection = runtime().block_on(Connection::open(options(proxy.url()))).expect("a region");
    let service = Arc::new(AppConfig::connect(&connection, runtime()));
    every_order(&proxy.url(), &orders, &environments, 2, |number| {
        Box::new(Deployments { service: Arc::clone(&service), place: place(number) })
    });
}
