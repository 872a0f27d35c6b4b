//! Every kind of order of releases, rollbacks and what others do to SSM, through the real binary: after any of them a
//! release of another prompt leaves what somebody chose, and says so. All 625 orders are done to the stores in memory
//! (`release::tests::outsiders`); here are every eleventh of them, which holds every deed at every place. With `ORDERS=all`
//! in the environment they are all done here, too: about three minutes of a processor with an optimised program, nine with
//! one that is not, which is why a change does not wait for them.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use prompt_assay::release::audit::Audit;
use prompt_assay::release::ports::{NewVersion, ParameterKind, ParameterTier, ParameterVersion, Parameters};

use super::line::{Line, live};
use super::shop::Shop;
use crate::emulator::{Emulator, boto3_says};

/// Orders at once.
const WORKERS: usize = 4;
/// Of so many orders one is done, unless [`ALL`] asks for all of them.
const STRIDE: usize = 11;
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

fn orders() -> Vec<[Deed; 4]> {
    let is_all = std::env::var(ALL.0).is_ok_and(|value| value == ALL.1);
    let chosen = (0..625).step_by(if is_all { 1 } else { STRIDE });
    chosen.map(|number: usize| [0, 1, 2, 3].map(|place| DEEDS[number / 5_usize.pow(place) % 5])).collect()
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
    line: &'a Line,
    commits: &'a Commits,
    url: String,
    environment: String,
    /// How often `s` was changed.
    changes: usize,
}

impl Order<'_> {
    fn name(&self) -> String {
        format!("/{}/s", self.environment)
    }

    fn history(&self) -> Vec<ParameterVersion> {
        let client = self.line.client("look", false);
        client.again(|| self.line.parameters.history(&self.name())).expect("an answer")
    }

    fn state(&self) -> Vec<(u64, String, bool)> {
        let history = self.history();
        let live = live(&history).map(|live| live.version);
        history.into_iter().map(|kept| (kept.version, kept.value, Some(kept.version) == live)).collect()
    }

    /// Releases a commit; the exit status, and what it says of `s` and of `t`.
    fn release(&self, which: usize) -> (i32, String, String) {
        let commit = &self.commits.0[self.changes][which];
        let arguments = ["release", "--env", &self.environment, "--head", commit, "--format", "json"];
        let ran = self.shop.run(&self.url, &arguments);
        let json = ran.json();
        let outcome = |at: usize| json["prompts"][at]["outcome"].as_str().expect("an outcome").to_owned();
        assert_eq!(json["stopped"], serde_json::Value::Null, "{}", ran.stdout);
        (ran.status, outcome(0), outcome(1))
    }

    fn does(&mut self, deed: Deed) {
        let history = self.history();
        let version = live(&history).expect("something is live").version;
        let label = |to: u64| {
            if history.iter().any(|kept| kept.version == to) {
                let labels = ["live".to_owned()];
                let client = self.line.client("by hand", false);
                client.again(|| self.line.parameters.label(&self.name(), to, &labels)).expect("a label");
            }
        };
        match deed {
            Deed::Release => {
                self.changes += 1;
                assert_eq!(self.release(0).1, "released", "a change in Git replaces whatever is live");
            }
            Deed::Back => label(version - 1),
            Deed::Forward => label(version + 1),
            Deed::Foreign => {
                let foreign = NewVersion {
                    name: self.name(),
                    value: format!("by hand after {}", history.len()),
                    kind: ParameterKind::Plain,
                    key_id: None,
                    tier: ParameterTier::Standard,
                    description: String::new(),
                    create: false,
                };
                let client = self.line.client("by hand", false);
                client.again(|| self.line.parameters.put(&foreign)).expect("a version");
            }
            Deed::RollBack => {
                // There may be nothing to go back to.
                let arguments = ["rollback", "s", "--env", &self.environment, "--reason", "complaints"];
                let ran = self.shop.run(&self.url, &arguments);
                assert!([0, 2].contains(&ran.status), "{}{}", ran.stdout, ran.stderr);
            }
        }
    }
}

#[test]
fn after_every_order_a_release_of_another_prompt_leaves_what_was_chosen() {
    let moto = Emulator::moto();
    let orders = orders();
    let places: BTreeSet<(usize, Deed)> =
        orders.iter().flat_map(|order| order.iter().copied().enumerate()).collect();
    assert_eq!(places.len(), 20, "every deed at every place");
    let environments: Vec<(String, String)> = (0..orders.len())
        .map(|number| (format!("order{number}"), format!("{{ssm: \"/order{number}/{{name}}\"}}")))
        .collect();
    let shop = Shop::new(&[("s", "s 0"), ("t", "t 0")], &environments);
    let commits = commits(&shop);
    let (next, said) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let line = Line::to(&moto.url());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(deeds) = orders.get(number) else { break };
                    let environment = format!("order{number}");
                    let url = moto.url();
                    let mut order =
                        Order { shop: &shop, line: &line, commits: &commits, url, environment, changes: 0 };
                    order.release(0);
                    order.does(Deed::Release);
                    for deed in deeds {
                        order.does(*deed);
                    }
                    let before = order.state();
                    let (status, s, t) = order.release(1);
                    let when = format!("{deeds:?}: {s}, {before:?}");
                    assert_eq!(order.state(), before, "what was chosen is gone: {when}");
                    assert_eq!(t, "released", "the other prompt: {when}");
                    assert_eq!(status, i32::from(s == "left alone"), "{when}");
                    let history = order.history();
                    let wanted = format!("s {}", order.changes);
                    let is_live = live(&history).is_some_and(|live| live.value == wanted);
                    let is_foreign =
                        history.last().is_some_and(|newest| Audit::read(&newest.description).is_none());
                    match (is_live, is_foreign) {
                        (true, false) => assert_eq!(s, "unchanged", "{when}"),
                        (true, true) => assert_eq!(s, "left alone", "{when}"),
                        (false, _) => assert!(s == "held" || s == "left alone", "{when}"),
                    }
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
        assert!(count > 5, "{word}: {said:?}");
    }
}

/// What operators type.
const CONSOLE: &str = r#"
import boto3
ssm = boto3.client("ssm")
ssm.label_parameter_version(Name="/console/back", ParameterVersion=1, Labels=["live"])
ssm.put_parameter(Name="/console/again", Value="again 1", Overwrite=True)
ssm.put_parameter(Name="/console/forward", Value="by hand", Overwrite=True)
ssm.label_parameter_version(Name="/console/forward", ParameterVersion=3, Labels=["live"])
ssm.unlabel_parameter_version(Name="/console/taken", ParameterVersion=2, Labels=["live"])
"#;

#[test]
fn what_operators_type_at_night_stays_and_is_told() {
    let moto = Emulator::shared_moto();
    let names = ["back", "again", "forward", "taken", "other"];
    let texts = names.map(|name| format!("{name} 1"));
    let prompts: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let shop = Shop::new(&prompts, &[("prod".to_owned(), "{ssm: \"/console/{name}\"}".to_owned())]);
    let run = |arguments: &[&str]| shop.run(&moto.url(), arguments);
    assert_eq!(run(&["release"]).status, 0);
    for name in &names[..4] {
        shop.0.edit("prompts.yaml", &format!("{name} 1"), &format!("{name} 2"));
    }
    shop.passed("two", "HEAD~1");
    assert_eq!(run(&["release"]).status, 0);
    boto3_says(&moto.url(), CONSOLE);
    shop.0.edit("prompts.yaml", "other 1", "other 2");
    shop.passed("another prompt", "HEAD~1");
    let calm = |text: &str| {
        let text = regex::Regex::new("ev-[0-9a-f]{16}").unwrap().replace_all(text, "EVIDENCE").into_owned();
        regex::Regex::new(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
            .unwrap()
            .replace_all(&text, "MOMENT")
            .into_owned()
    };
    let released = run(&["release"]);
    assert_eq!(released.status, 1, "{}{}", released.stdout, released.stderr);
    let drift = run(&["drift"]);
    insta::assert_snapshot!(calm(&format!("{}\n{}", released.stdout, drift.stdout)), @"
    held        back     1       /console/back     rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    left alone  again    2       /console/again    version 3 was not written by prompt-assay, but by `N/A`; readers without a label get it
    left alone  forward  3       /console/forward  version 3 was not written by prompt-assay, but by `N/A`, and it is live
    held        taken    -       /console/taken    rolled back outside: nothing is live instead of version 2, the store does not say by whom or when
    released    other    1 -> 2  /console/other    OK, 1 of 1 (EVIDENCE)
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 released, 2 held, 2 left alone

    rolled_back  /console/back     rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    edited       /console/again    version 3 was not written by prompt-assay, but by `N/A`; readers without a label get it
    edited       /console/forward  version 3 was not written by prompt-assay, but by `N/A`, and it is live
    rolled_back  /console/taken    rolled back outside: nothing is live instead of version 2, the store does not say by whom or when
    prod: 4 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`
    ");
    assert_eq!(run(&["show", "back"]).stdout.trim_end(), "back 1");
    assert_eq!(run(&["show", "forward"]).stdout.trim_end(), "by hand");
    let healed = run(&["drift", "--heal", "--overwrite", "the night is over"]);
    assert_eq!(healed.status, 0, "{}{}", healed.stdout, healed.stderr);
    for name in &names[..4] {
        assert_eq!(run(&["show", name]).stdout.trim_end(), format!("{name} 2"));
    }
}
