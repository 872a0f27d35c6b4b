//! External changes stay: every order of four actions, on one prompt or alternately on two, in SSM, in a directory
//! and in AppConfig. After each of them a release of another prompt leaves the chosen version, and says so.

use std::sync::{Arc, Mutex};

use super::appconfig;
use super::cloud::{Cloud, Line};
use super::memory::Aws;
use super::*;
use crate::adapters::directory::Directory;
use crate::release::decide;
use crate::release::names::release_label;
use crate::release::ports::{HostedVersion, NewVersion, ParameterTier, ParameterVersion};
use crate::release::trail;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// A merge changes the prompt, and all prompts are released.
    Release,
    /// Somebody moves the label to the version before.
    Back,
    /// Somebody moves the label to the version after.
    Forward,
    /// Another program writes a version.
    Foreign,
    /// `prompt-assay rollback`.
    RollBack,
}

const DEEDS: [Deed; 5] = [Deed::Release, Deed::Back, Deed::Forward, Deed::Foreign, Deed::RollBack];

fn orders() -> impl Iterator<Item = [Deed; 4]> {
    (0..625).map(|number: usize| [0, 1, 2, 3].map(|place| DEEDS[number / 5_usize.pow(place) % 5]))
}

/// Where it is released to.
enum Store {
    Ssm(Box<Aws>),
    Directory(tempfile::TempDir, Directory),
    AppConfig(Arc<Cloud>),
}

impl Store {
    fn directory() -> Self {
        let place = prompt_assay_test_support::temporary::directory();
        let directory = Directory::new(place.path().to_path_buf(), "", "ada");
        Self::Directory(place, directory)
    }

    fn with<T>(&self, run_name: &str, call: impl FnOnce(&StoreClient<'_>) -> T) -> T {
        let aws = Aws::default();
        match self {
            Self::Ssm(aws) => call(&client(aws, run_name, false)),
            Self::Directory(place, directory) => {
                assert!(place.path().exists());
                call(&StoreClient {
                    parameters: directory,
                    account: Account::default(),
                    ..client(&aws, run_name, false)
                })
            }
            Self::AppConfig(cloud) => {
                let hosted =
                    appconfig::appconfig(Line(Arc::clone(cloud), None), &Arc::new(Mutex::new(Vec::new())));
                call(&appconfig::speak(&aws, &hosted, run_name))
            }
        }
    }

    fn history(&self, name: &str) -> Vec<ParameterVersion> {
        self.with("look", |client| client.parameters.history(name).unwrap())
    }

    /// Somebody in the console.
    fn make_live(&self, name: &str, version: u64) {
        match self {
            Self::AppConfig(cloud) => drop(cloud.sky().start(name, version, "by hand")),
            _ => self.with("by hand", |client| {
                client.parameters.label(name, version, &["live".to_owned()]).unwrap()
            }),
        }
    }

    fn write(&self, name: &str, text: &str, description: &str) {
        if let Self::AppConfig(cloud) = self {
            let mut sky = cloud.sky();
            let version = sky.last[name] + 1;
            sky.last.insert(name.to_owned(), version);
            let (content, description) = (text.as_bytes().to_vec(), description.to_owned());
            sky.hosted.get_mut(name).unwrap().push(HostedVersion { version, content, description });
            return;
        }
        let version = NewVersion {
            name: name.to_owned(),
            value: text.to_owned(),
            kind: ParameterKind::Plain,
            key_id: None,
            tier: ParameterTier::Standard,
            description: description.to_owned(),
            create: false,
        };
        self.with("by hand", |client| client.parameters.put(&version).unwrap());
    }
}

/// A shop of two prompts and what its commits say.
struct Shop {
    store: Store,
    git: [String; 2],
    runs: usize,
}

const NAMES: [&str; 2] = ["a", "b"];

fn parameter(which: usize) -> String {
    format!("/prod/{}", NAMES[which])
}

impl Shop {
    fn new(store: Store) -> Self {
        let mut shop = Self { store, git: ["a 0", "b 0"].map(str::to_owned), runs: 0 };
        for which in [0, 1, 0, 1] {
            shop.change(which);
            assert!(shop.release(None, &[]).iter().all(|step| !step.is_empty()));
        }
        shop
    }

    fn change(&mut self, which: usize) {
        self.git[which] = format!("{} {}", NAMES[which], self.runs + 1);
    }

    fn run_name(&mut self) -> String {
        self.runs += 1;
        format!("run{}", self.runs)
    }

    /// Releases what the commits say, and more prompts; returns what was decided about the two.
    fn release(&mut self, overwrite: Option<&str>, more: &[Wanted]) -> [String; 2] {
        self.release_as(|around| around.overwrite = overwrite.map(str::to_owned), more)
    }

    fn release_as(&mut self, change: impl FnOnce(&mut Circumstances), more: &[Wanted]) -> [String; 2] {
        let name = self.run_name();
        let mut around = around(&name);
        change(&mut around);
        let mut wishes: Vec<Wanted> = (0..2).map(|which| wanted(NAMES[which], &self.git[which])).collect();
        wishes.extend_from_slice(more);
        self.store.with(&name, |client| {
            let (mut items, mut words) = (Vec::new(), Vec::new());
            for wanted in &wishes {
                let step = step(&client.parameters.recent(&wanted.name).unwrap(), wanted, &around);
                words.push(match &step {
                    Step::Unchanged { .. } => "unchanged",
                    Step::Held { outside: None, .. } => "held by a record",
                    Step::Held { .. } => "held",
                    Step::Kept(_) => "kept",
                    Step::Put(_) => "released",
                    Step::Refused(_) => "refused",
                });
                if let Step::Put(item) = step {
                    items.push(*item);
                }
            }
            let done = run(client, &items);
            assert!(done.stop.is_none(), "{done:?}");
            [words[0].to_owned(), words[1].to_owned()]
        })
    }

    fn roll_back(&mut self, which: usize) {
        let name = self.run_name();
        let parameter = parameter(which);
        self.store.with(&name, |client| {
            let history = client.parameters.history(&parameter).unwrap();
            if let Ok(item) = rollback(
                Asked { prompt: NAMES[which], name: &parameter, to: None, reason: "it broke" },
                &history,
                &around(&name),
            ) {
                let done = run(client, &[item]);
                assert!(done.stop.is_none(), "{done:?}");
            }
        });
    }

    fn does(&mut self, deed: Deed, which: usize, when: &str) {
        let name = parameter(which);
        let live = self.live(which).0;
        let is_there = |version: u64| self.store.history(&name).iter().any(|kept| kept.version == version);
        match deed {
            Deed::Release => {
                self.change(which);
                let other = self.state(1 - which);
                let said = self.release(None, &[]);
                assert_eq!(said[which], "released", "a changed prompt replaces whatever is live: {when}");
                assert_eq!(self.live(which).1, self.git[which], "{when}");
                assert_eq!(self.state(1 - which), other, "the other prompt was touched: {when}");
            }
            Deed::Back if is_there(live - 1) => self.store.make_live(&name, live - 1),
            Deed::Forward if is_there(live + 1) => self.store.make_live(&name, live + 1),
            Deed::Back | Deed::Forward => {}
            Deed::Foreign => {
                self.store.write(&name, &format!("by hand {}", self.runs), "Managed by Terraform")
            }
            Deed::RollBack => self.roll_back(which),
        }
    }

    /// The live version and its content.
    fn live(&self, which: usize) -> (u64, String) {
        let history = self.store.history(&parameter(which));
        let live = history.iter().find(|kept| kept.carries("live")).expect("live");
        (live.version, live.value.clone())
    }

    /// All that readers can get: every version and where the label is.
    fn state(&self, which: usize) -> Vec<(u64, String, bool)> {
        let history = self.store.history(&parameter(which));
        let is_live = |kept: &ParameterVersion| kept.carries("live");
        history.iter().map(|kept| (kept.version, kept.value.clone(), is_live(kept))).collect()
    }

    /// What a release must say of a prompt that nobody changed.
    fn expected(&self, which: usize) -> &'static [&'static str] {
        let history = self.store.history(&parameter(which));
        let newest = history.last().unwrap();
        let is_foreign = Audit::read(&newest.description).is_none() && !newest.by_label_only;
        match (self.live(which).1 == self.git[which], is_foreign) {
            (true, false) => &["unchanged"],
            (true, true) => &["kept"],
            (false, _) => &["held", "held by a record", "kept"],
        }
    }
}

/// Every order on a store; bit `i` of `turns` says which prompt deed `i` is done to.
fn every_order(store: impl Fn() -> Store, turns: &[usize]) {
    let (mut kept_out, mut moved) = (0, 0);
    for (order, turns) in orders().flat_map(|order| turns.iter().map(move |turns| (order, *turns))) {
        let mut shop = Shop::new(store());
        let when = format!("{order:?}, turns {turns:b}");
        for (place, deed) in order.into_iter().enumerate() {
            shop.does(deed, turns >> place & 1, &when);
        }
        // A merge of another prompt.
        let before = [0, 1].map(|which| shop.state(which));
        let third = wanted("c", "another prompt");
        let said = shop.release(None, std::slice::from_ref(&third));
        for which in 0..2 {
            assert_eq!(shop.state(which), before[which], "what was chosen is gone: {when}");
            assert!(
                shop.expected(which).contains(&said[which].as_str()),
                "{said:?} of {which}, not {:?}: {when}\n{:#?}",
                shop.expected(which),
                shop.state(which)
            );
            kept_out += usize::from(said[which] != "unchanged");
        }
        assert_eq!(shop.store.history("/prod/c").len(), 1, "the other prompt went through: {when}");
        let which = turns & 1;
        let is_moved = said[which] == "held";
        let refused = shop.git[which].clone();
        if said[which].starts_with("held") || said[which] == "kept" {
            // A person replaces it, with a reason that stays; what our own rollback holds asks for another one.
            let mut overwritten = shop.release(Some("we looked"), &[]);
            if overwritten[which] == "held by a record" {
                let both = |around: &mut Circumstances| {
                    (around.lift_hold, around.overwrite) =
                        (Some("mended".to_owned()), Some("we looked".to_owned()));
                };
                overwritten = shop.release_as(both, &[]);
            }
            assert_eq!(
                (overwritten[which].as_str(), shop.live(which).1),
                ("released", refused.clone()),
                "{when}"
            );
            let record = Audit::read(&shop.store.history(&parameter(which)).last().unwrap().description);
            let why = record.unwrap().why.unwrap_or_default();
            assert_eq!(
                why.contains("overwritten: we looked"),
                said[which] != "held by a record",
                "{why}: {when}"
            );
            assert_eq!(shop.release(None, &[])[which], "unchanged", "{when}");
        }
        if is_moved {
            // The same once more, and this time Git changes: what was taken away stays out behind it.
            let history = shop.store.history(&parameter(which));
            let good =
                history.iter().find(|kept| kept.value != refused && Audit::read(&kept.description).is_some());
            let good = good.expect("another content").version;
            shop.store.make_live(&parameter(which), good);
            shop.change(which);
            assert_eq!(shop.release(None, &[])[which], "released", "{when}");
            shop.git[which].clone_from(&refused);
            assert_eq!(shop.release(None, &[])[which], "held by a record", "{when}");
            moved += 1;
        }
    }
    assert!(kept_out > 200 && moved > 30, "{kept_out} were kept out, {moved} of them moved");
}

#[test]
fn every_order_of_four_deeds_in_ssm() {
    every_order(|| Store::Ssm(Box::default()), &[0b0000, 0b0101]);
}

#[test]
fn every_order_of_four_deeds_in_a_directory() {
    every_order(Store::directory, &[0b0000]);
}

#[test]
fn every_order_of_four_deeds_in_appconfig() {
    every_order(|| Store::AppConfig(appconfig::cloud(0)), &[0b0000]);
}

fn released(texts: &[&str]) -> Shop {
    let mut shop = Shop::new(Store::Ssm(Box::default()));
    for text in texts {
        shop.git[0] = (*text).to_owned();
        assert_eq!(shop.release(None, &[])[0], "released");
    }
    shop
}

#[test]
fn an_old_text_written_again_with_its_record_is_foreign() {
    for of in [3, 4] {
        let mut shop = released(&["old", "new"]);
        let history = shop.store.history("/prod/a");
        let copied = history.iter().find(|kept| kept.version == of).unwrap();
        shop.store.write("/prod/a", &copied.value, &copied.description);
        let seen = decide::read(&shop.store.history("/prod/a"), "live");
        assert!(seen[4].audit.is_none(), "version {of} copied: {seen:?}");
        // The same text again changes nothing for anybody.
        assert_eq!(shop.release(None, &[])[0], if of == 3 { "kept" } else { "unchanged" });
    }
}

#[test]
fn a_rollback_while_a_release_is_at_work_stops_it_and_holds_what_it_brought() {
    // Before its first write, and between its write and its label.
    for after_the_write in [false, true] {
        let mut shop = released(&["good", "bad"]);
        let name = "racing";
        let wish = wanted("a", "newer");
        let history = shop.store.history("/prod/a");
        let Step::Put(item) = step(&history, &wish, &around(name)) else { panic!("a step") };
        if after_the_write {
            let mut audit = item.audit.clone();
            audit.after = 4;
            shop.store.write("/prod/a", "newer", &audit.write());
        }
        shop.store.make_live("/prod/a", 3);
        let done = shop.store.with(name, |client| run(client, std::slice::from_ref(&item)));
        insta::allow_duplicates! {
            insta::assert_snapshot!(done.stop.unwrap().to_string(), @"`/prod/a`: somebody else made version 3 live meanwhile; that stays");
        }
        assert_eq!(shop.live(0), (3, "good".to_owned()));
        // What was bad is held; what was on its way then, too, where it had been written.
        shop.git[0] = "bad".to_owned();
        assert_eq!(shop.release(None, &[])[0], "held");
        if after_the_write {
            shop.git[0] = "newer".to_owned();
            assert_eq!(shop.release(None, &[])[0], "held");
        }
    }
}

#[test]
fn a_label_moved_forward_to_what_never_passed_is_told_until_it_has() {
    let mut shop = released(&["good", "better"]);
    let wish = wanted("a", "newer");
    let Step::Put(item) = step(&shop.store.history("/prod/a"), &wish, &around("died")) else {
        panic!("a step")
    };
    let audit = Audit { after: 4, ..item.audit.clone() };
    shop.store.write("/prod/a", "newer", &audit.write());
    shop.store.make_live("/prod/a", 5);
    for (text, said) in [("better", "kept"), ("newer", "kept"), ("another", "released")] {
        shop.git[0] = text.to_owned();
        let before = shop.state(0);
        assert_eq!(shop.release(None, &[])[0], said, "{text}");
        assert_eq!(shop.state(0) == before, said == "kept", "{text}");
    }
    // With evidence in its record it is as good as what a release finishes; taken back, it stays away.
    let mut shop = released(&["good", "better"]);
    let audit = Audit { evidence: Some("ev-0123456789abcdef".to_owned()), ..audit };
    shop.store.write("/prod/a", "newer", &audit.write());
    shop.store.make_live("/prod/a", 5);
    shop.git[0] = "newer".to_owned();
    assert_eq!(shop.release(None, &[])[0], "unchanged");
    shop.git[0] = "better".to_owned();
    assert_eq!(shop.release(None, &[])[0], "held");
}

#[test]
fn records_from_before_there_was_a_release_label_do_not_undo_a_rollback() {
    let mut shop = released(&["good", "bad"]);
    if let Store::Ssm(aws) = &shop.store {
        for version in aws.world().parameters.get_mut("/prod/a").unwrap() {
            version.description = version.description.replace("\"pa\":2", "\"pa\":1");
            version.labels.retain(|label| *label != release_label("live"));
        }
    }
    assert_eq!(shop.release(None, &[])[0], "unchanged");
    shop.store.make_live("/prod/a", 3);
    assert_eq!(shop.release(None, &[])[0], "held");
    assert_eq!(shop.live(0).1, "good");
}

#[test]
fn the_label_taken_off_is_a_decision_too() {
    let mut shop = released(&["good"]);
    if let Store::Ssm(aws) = &shop.store {
        for version in aws.world().parameters.get_mut("/prod/a").unwrap() {
            version.labels.retain(|label| label != "live");
        }
    }
    assert_eq!(shop.release(None, &[])[0], "held");
    assert_eq!(shop.release(Some("a slip of the hand"), &[])[0], "released");
    assert_eq!(shop.live(0).1, "good");
}

#[test]
fn the_time_away_is_read_from_the_records_of_what_came_after() {
    let mut shop = released(&["good", "bad"]);
    shop.store.make_live("/prod/a", 3);
    let rows = |shop: &Shop| trail::trail(&[], &shop.store.history("/prod/a"), "live");
    let now = rows(&shop)[3].taken_off.clone().expect("it was taken off");
    assert_eq!((now.to, now.at, now.by.as_str(), now.until), (Some(3), 0, "", None));
    assert_eq!(shop.release(None, &[])[0], "held");
    shop.git[0] = "mended".to_owned();
    assert_eq!(shop.release(None, &[])[0], "released");
    let after = rows(&shop);
    let then = after[3].taken_off.clone().expect("it was taken off");
    assert_eq!((then.to, then.until), (Some(3), Some(5)));
    assert!(after.iter().all(|row| row.version == 4 || row.taken_off.is_none()), "{after:#?}");
    // A hundred releases later the records still say so.
    for number in 0..110 {
        shop.git[0] = format!("later {number}");
        assert_eq!(shop.release(None, &[])[0], "released");
    }
    let all = shop.store.with("look", |client| {
        let history = client.parameters.history("/prod/a").unwrap();
        let archived = archive::read(client, "/prod/a", history[0].version).unwrap();
        trail::trail(&archived, &history, "live")
    });
    assert_eq!((all[3].kept, all[3].taken_off.as_ref()), (false, Some(&then)));
    assert!(all.iter().all(|row| row.version == 4 || row.taken_off.is_none()));
}
