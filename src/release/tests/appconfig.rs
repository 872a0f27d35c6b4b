//! Releases to AppConfig: every fault on every call, deployments that bake, deployments of others
//! that block, rollbacks by an alarm, races, and more versions than the service keeps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::cloud::{Cloud, Line};
use super::memory::Aws;
use super::race::Turns;
use super::*;
use crate::release::appconfig::{AppConfigStore, MOST_BYTES};
use crate::release::decide;
use crate::release::ports::{ConfigurationPlace, DeploymentState, HostedVersion, Parameters};
use crate::release::trail;

const BAKE_MS: u64 = 600_000;

pub fn cloud(bake_ms: u64) -> Arc<Cloud> {
    let cloud = Cloud::default();
    cloud.sky().bake_ms = bake_ms;
    Arc::new(cloud)
}

/// What was said while waiting.
pub type Words = Arc<Mutex<Vec<String>>>;

pub fn appconfig(line: Line, words: &Words) -> AppConfigStore {
    let words = Arc::clone(words);
    AppConfigStore {
        clock: Arc::clone(&line.0) as Arc<dyn super::super::client::Clock>,
        configurations: Arc::new(line),
        say: Box::new(move |word| words.lock().unwrap().push(word.to_owned())),
        place: ConfigurationPlace {
            application: "shop".to_owned(),
            environment: "prod".to_owned(),
            profile: String::new(),
            strategy: "AppConfig.AllAtOnce".to_owned(),
        },
        names: ["a", "b", "c"].map(|name| format!("/prod/{name}")).to_vec(),
        label: "live".to_owned(),
        patience_ms: 75 * 60_000,
        known: Mutex::default(),
    }
}

pub fn speak<'a>(aws: &'a Aws, hosted: &'a AppConfigStore, run_name: &'a str) -> StoreClient<'a> {
    StoreClient {
        parameters: hosted,
        objects: None,
        clock: hosted.clock.as_ref(),
        account: Account::default(),
        ..client(aws, run_name, false)
    }
}

/// One whole run of a new process. `None`: it could not even look.
fn release_to(cloud: &Arc<Cloud>, run_name: &str, wishes: &[Wanted], around: &Circumstances) -> Option<Done> {
    release_by(&appconfig(Line(Arc::clone(cloud), None), &Words::default()), run_name, wishes, around)
}

fn release_by(
    hosted: &AppConfigStore,
    run_name: &str,
    wishes: &[Wanted],
    around: &Circumstances,
) -> Option<Done> {
    let aws = Aws::default();
    let client = speak(&aws, hosted, run_name);
    let mut items = Vec::new();
    for wanted in wishes {
        let history = client.again(|| client.parameters.recent(&wanted.name)).ok()?;
        if let Step::Put(item) = step(&history, wanted, around) {
            items.push(*item);
        }
    }
    Some(run(&client, &items))
}

fn back_from(cloud: &Arc<Cloud>, run_name: &str, to: Option<u64>) -> Result<Option<Done>, NoRollback> {
    let (aws, hosted) = (Aws::default(), appconfig(Line(Arc::clone(cloud), None), &Words::default()));
    let client = speak(&aws, &hosted, run_name);
    let Ok(history) = client.again(|| client.parameters.history("/prod/a")) else { return Ok(None) };
    let item = rollback(
        Asked { prompt: "a", name: "/prod/a", to, reason: "it broke" },
        &history,
        &around(run_name),
    )?;
    Ok(Some(run(&client, &[item])))
}

fn wishes(version: &str) -> Vec<Wanted> {
    let text = |name, text: &str| wanted(name, &format!("{text} {version}"));
    vec![text("a", "Be kind"), text("b", "Hi {{ name }}"), text("c", "{\"v\":1, as no envelope begins")]
}

fn live(cloud: &Cloud, wishes: &[Wanted]) -> Vec<Option<String>> {
    let sky = cloud.sky();
    let text = |wanted: &Wanted| {
        let content = &sky.live(&wanted.name)?.content;
        Some(String::from_utf8(content.clone()).unwrap())
    };
    wishes.iter().map(text).collect()
}

fn texts(wishes: &[Wanted]) -> Vec<Option<String>> {
    wishes.iter().map(|wanted| Some(wanted.content.clone())).collect()
}

/// The newest version of every profile, and how many deployments there were.
fn written(cloud: &Cloud) -> (BTreeMap<String, u64>, usize) {
    let sky = cloud.sky();
    (sky.last.clone(), sky.baking.len())
}

/// What must hold whatever went wrong: every version has its record, which names what it holds, and
/// so has every deployment, which names what it deploys.
fn assert_sound(cloud: &Cloud, when: &str) {
    let sky = cloud.sky();
    for (name, versions) in &sky.hosted {
        for version in versions {
            let audit = Audit::read(&version.description);
            let audit = audit.unwrap_or_else(|| panic!("{when}: {name}:{} has no record", version.version));
            assert_eq!(audit.sha, Fingerprint::of_bytes(&version.content), "{when}: {name}");
        }
    }
    for baking in &sky.baking {
        let one = &baking.deployment;
        let is_deployed = |hosted: &&HostedVersion| hosted.version == one.version;
        let hosted = sky.hosted[&one.profile].iter().find(is_deployed).expect("a version");
        assert_eq!(hosted.description, one.description, "{when}: deployment {}", one.number);
    }
}

#[test]
fn whatever_call_of_a_release_to_appconfig_fails_running_again_ends_in_the_same_state() {
    for bake_ms in [0, BAKE_MS] {
        let (first, second) = (wishes("1"), wishes("2"));
        let calls = {
            let cloud = cloud(bake_ms);
            assert!(is_complete(&release_to(&cloud, "r1", &first, &around("r1"))));
            let before = cloud.sky().calls.len();
            assert!(is_complete(&release_to(&cloud, "r2", &second, &around("r2"))));
            assert_eq!(live(&cloud, &second), texts(&second));
            let after = cloud.sky().calls.len();
            after - before
        };
        assert!(calls > 30, "{calls}");
        for start in [&[][..], &first].into_iter().skip(usize::from(bake_ms > 0)) {
            for index in 0..calls {
                for fault in ALL {
                    let cloud = cloud(bake_ms);
                    assert!(is_complete(&release_to(&cloud, "r1", start, &around("r1"))));
                    let offset = cloud.sky().calls.len();
                    cloud.sky().faults.insert(offset + index, fault);
                    let when = format!("{fault:?} at call {index}, baking {bake_ms}");
                    let done = release_to(&cloud, "r2", &second, &around("r2"));
                    assert_sound(&cloud, &when);
                    if matches!(fault, Fault::TimeOut | Fault::Lost | Fault::Throttle) {
                        assert!(is_complete(&done), "{when}: {done:?}");
                    }
                    // A first release has fewer calls than the one that was counted.
                    cloud.sky().faults.clear();
                    assert!(is_complete(&release_to(&cloud, "r3", &second, &around("r3"))), "{when}");
                    assert_eq!(live(&cloud, &second), texts(&second), "{when}");
                    assert_sound(&cloud, &when);
                    let before = written(&cloud);
                    assert!(is_complete(&release_to(&cloud, "r4", &second, &around("r4"))));
                    let now = written(&cloud);
                    assert_eq!(now, before, "{when}: an unchanged prompt was written or deployed");
                    assert!(now.0.values().all(|newest| *newest <= 2), "{when}: written twice: {now:?}");
                }
            }
        }
    }
}

#[test]
fn whatever_call_of_a_rollback_in_appconfig_fails_the_bad_content_stays_out() {
    let (good, bad) = ([wanted("a", "good")], [wanted("a", "bad")]);
    let released = || {
        let cloud = cloud(BAKE_MS);
        assert!(is_complete(&release_to(&cloud, "r1", &good, &around("r1"))));
        assert!(is_complete(&release_to(&cloud, "r2", &bad, &around("r2"))));
        cloud
    };
    let calls = {
        let cloud = released();
        let before = cloud.sky().calls.len();
        assert!(is_complete(&back_from(&cloud, "r3", None).unwrap()));
        let after = cloud.sky().calls.len();
        after - before
    };
    assert!(calls > 10, "{calls}");
    for index in 0..calls {
        for fault in ALL {
            let cloud = released();
            let offset = cloud.sky().calls.len();
            cloud.sky().faults.insert(offset + index, fault);
            let when = format!("{fault:?} at call {index}");
            let done = back_from(&cloud, "r3", None).unwrap();
            assert_sound(&cloud, &when);
            cloud.sky().now += BAKE_MS;
            if !is_complete(&done) {
                // The rest of an interrupted rollback; nothing is left of it where only the last
                // answer was lost.
                match back_from(&cloud, "r4", None) {
                    Ok(again) => assert!(is_complete(&again), "{when}: {again:?}"),
                    Err(refused) => assert_eq!(live(&cloud, &good), texts(&good), "{when}: {refused}"),
                }
            }
            assert_eq!(live(&cloud, &good), texts(&good), "{when}");
            let both = [bad[0].clone(), wanted("z", "other")];
            release_to(&cloud, "r5", &both, &around("r5"));
            assert_eq!(live(&cloud, &good), texts(&good), "{when}: the bad content came back");
            let lifted = Circumstances { lift_hold: Some("mended".to_owned()), ..around("r6") };
            assert!(is_complete(&release_to(&cloud, "r6", &bad, &lifted)), "{when}");
            assert_eq!(live(&cloud, &bad), texts(&bad), "{when}");
        }
    }
}

#[test]
fn a_deployment_of_somebody_else_is_waited_for_and_named_when_the_patience_ends() {
    for (minutes, is_done) in [(30, true), (200, false)] {
        let cloud = cloud(minutes * 60_000);
        let hosted_flags = HostedVersion { version: 1, content: Vec::new(), description: String::new() };
        cloud.sky().hosted.insert("flags".to_owned(), vec![hosted_flags]);
        cloud.sky().start("flags", 1, "flags");
        cloud.sky().bake_ms = BAKE_MS;
        let words = Words::default();
        let hosted = appconfig(Line(Arc::clone(&cloud), None), &words);
        let wish = [wanted("a", "x")];
        let done = release_by(&hosted, "r", &wish, &around("r"));
        assert_eq!(is_complete(&done), is_done, "{done:?}");
        assert_eq!(live(&cloud, &wish) == texts(&wish), is_done);
        let words = words.lock().unwrap();
        assert_eq!(words[0], "deployment 1 of `flags` in `prod` is in progress; waiting up to 75 min");
        if is_done {
            assert!(
                words.contains(&"deployment 2 of `/prod/a` in `prod` is in progress after 5 min".to_owned())
            );
            assert!(words.len() < 45, "{words:?}");
        } else {
            let stop = done.unwrap().stop.unwrap().to_string();
            insta::assert_snapshot!(stop, @"appconfig:StartDeployment on `shop/prod/flags`: deployment 1 of `flags` is still in progress after 75 min; it continues (run the same command again, or set `patience` under `appconfig` to more minutes)");
        }
    }
}

#[test]
fn what_an_alarm_rolled_back_is_held_until_somebody_overwrites_it() {
    let cloud = cloud(BAKE_MS);
    let (old, new) = (wishes("1"), wishes("2"));
    assert!(is_complete(&release_to(&cloud, "r1", &old, &around("r1"))));
    // The second of three.
    cloud.sky().ends.insert(5, DeploymentState::RolledBack);
    let done = release_to(&cloud, "r2", &new, &around("r2")).unwrap();
    assert_eq!(done.live, [("a".to_owned(), 2)]);
    insta::assert_snapshot!(done.stop.unwrap().to_string(), @"appconfig:StartDeployment on `shop/prod//prod/b`: deployment 5 was rolled back (CLOUDWATCH_ALARM: too many complaints); the live version is unchanged (find the cause; the content is now held, and `release --overwrite REASON` deploys it again)");
    assert_eq!(live(&cloud, &old)[1..], texts(&old)[1..]);
    let history = appconfig(Line(Arc::clone(&cloud), None), &Words::default()).history("/prod/b").unwrap();
    let seen: Vec<(u64, bool, bool)> = history
        .iter()
        .map(|kept| (kept.version, kept.labels.contains(&"live".to_owned()), kept.modified_at > 0))
        .collect();
    assert_eq!(seen, [(1, true, true), (2, false, false)], "what never went live has no moment");
    // The same command goes on with the third, and leaves the second alone.
    assert!(is_complete(&release_to(&cloud, "r3", &new, &around("r3"))));
    assert_eq!(live(&cloud, &new), [texts(&new)[0].clone(), texts(&old)[1].clone(), texts(&new)[2].clone()]);
    let history = appconfig(Line(Arc::clone(&cloud), None), &Words::default()).recent("/prod/b").unwrap();
    let Step::Held { live: Some(1), outside: Some(outside) } = step(&history, &new[1], &around("r4")) else {
        panic!("it is not held");
    };
    assert_eq!((outside.from, outside.to), (Some(2), Some(1)));
    assert_eq!(outside.by, "CLOUDWATCH_ALARM: too many complaints");
    assert!(outside.at > 0);
    let overwrite = Circumstances { overwrite: Some("the alarm was wrong".to_owned()), ..around("r5") };
    assert!(is_complete(&release_to(&cloud, "r5", &new, &overwrite)));
    assert_eq!(live(&cloud, &new), texts(&new));
    assert_eq!(cloud.sky().last["/prod/b"], 3, "the reason stands in a record of its own");
}

#[test]
fn profiles_that_do_not_exist_are_all_named_before_the_first_write() {
    let cloud = cloud(0);
    cloud.sky().missing = ["/prod/b", "/prod/c"].map(str::to_owned).to_vec();
    let done = release_to(&cloud, "r", &wishes("1"), &around("r")).unwrap();
    insta::assert_snapshot!(done.stop.unwrap().to_string(), @r#"appconfig:ListConfigurationProfiles on `shop`: the application has no configuration profiles `/prod/b`, `/prod/c` (create configuration profiles: for name in '/prod/b' '/prod/c'; do aws appconfig create-configuration-profile --application-id shop --location-uri hosted --type AWS.Freeform --name "$name"; done)"#);
    assert!(cloud.sky().hosted.is_empty());
    cloud.sky().missing.pop();
    let one = release_to(&cloud, "r", &wishes("1"), &around("r")).unwrap();
    insta::assert_snapshot!(one.stop.unwrap().to_string(), @"appconfig:ListConfigurationProfiles on `shop`: the application has no configuration profile `/prod/b` (create a configuration profile: aws appconfig create-configuration-profile --application-id shop --location-uri hosted --type AWS.Freeform --name '/prod/b')");
}

#[test]
fn what_is_too_long_is_said_before_the_first_write() {
    let cloud = cloud(0);
    let fits = [wanted("a", &"\u{1}".repeat(MOST_BYTES))];
    assert!(is_complete(&release_to(&cloud, "r1", &fits, &around("r1"))), "however long it is as JSON");
    let wishes = [wanted("b", "short"), wanted("c", &"x".repeat(MOST_BYTES + 1))];
    let stop = release_to(&cloud, "r", &wishes, &around("r")).unwrap().stop.unwrap();
    insta::assert_snapshot!(stop.to_string(), @"`/prod/c` has 1048577 bytes, and AppConfig takes 1048576: shorten it, or release it to SSM with a bucket");
    assert!(!cloud.sky().hosted.contains_key("/prod/b"));
}

#[test]
fn where_versions_are_counted_the_oldest_may_go_and_the_trail_stays_whole() {
    let cloud = cloud(0);
    cloud.sky().quota = Some(100);
    for i in 1..=120 {
        let (name, wish) = (format!("r{i}"), [wanted("a", &format!("text {i}"))]);
        let mut done = release_to(&cloud, &name, &wish, &around(&name)).unwrap();
        if let Some(stop) = done.stop.take() {
            if i == 101 {
                insta::assert_snapshot!(stop.to_string(), @"appconfig:CreateHostedConfigurationVersion on `shop/prod`: too many versions (the profile has 100 versions; delete the oldest, their records stay in the deployments: aws appconfig delete-hosted-configuration-version --application-id shop --configuration-profile-id /prod/a --version-number 1)");
            }
            cloud.sky().hosted.get_mut("/prod/a").unwrap().remove(0);
            done = release_to(&cloud, &name, &wish, &around(&name)).unwrap();
        }
        assert!(done.stop.is_none(), "{i}: {done:?}");
    }
    let hosted = appconfig(Line(Arc::clone(&cloud), None), &Words::default());
    let aws = Aws::default();
    let client = speak(&aws, &hosted, "look");
    let kept = client.parameters.history("/prod/a").unwrap();
    assert_eq!((kept.len(), kept[0].version), (100, 21));
    let archived = archive::read(&client, "/prod/a", kept[0].version).unwrap();
    let rows = trail::trail(&archived, &kept, "live");
    assert_eq!(rows.iter().map(|row| row.version).collect::<Vec<_>>(), (1..=120).collect::<Vec<_>>());
    for row in &rows {
        assert_eq!(row.kept, row.version > 20);
        assert_eq!(row.record.as_ref().map(|audit| audit.run.clone()), Some(format!("r{}", row.version)));
        assert!(row.at > 0 && !row.raced);
    }
    // What a release looks at does not grow with the trail.
    let before = cloud.sky().calls.len();
    assert!(is_complete(&release_to(&cloud, "r", &[wanted("a", "text 120")], &around("r"))));
    let looks = cloud.sky().calls.len() - before;
    assert!(looks <= 14, "{looks} calls for nothing");
}

#[test]
fn what_others_host_is_seen_as_theirs() {
    let cloud = cloud(0);
    assert!(is_complete(&release_to(&cloud, "r1", &[wanted("a", "mine")], &around("r1"))));
    let foreign = |version, content: &[u8], description: &str| HostedVersion {
        version,
        content: content.to_vec(),
        description: description.to_owned(),
    };
    let copied = cloud.sky().hosted["/prod/a"][0].description.clone();
    let all = [
        foreign(2, &[0xff, 0xfe], ""),
        foreign(3, b"{\"v\":1,\"kind\":\"text\"}", ""),
        foreign(4, b"x", &copied),
    ];
    cloud.sky().hosted.get_mut("/prod/a").unwrap().extend(all);
    cloud.sky().last.insert("/prod/a".to_owned(), 4);
    cloud.sky().start("/prod/a", 4, "by hand");
    let history = appconfig(Line(Arc::clone(&cloud), None), &Words::default()).history("/prod/a").unwrap();
    let seen = decide::read(&history, "live");
    assert!(seen[0].audit.is_some() && seen[1..].iter().all(|seen| seen.audit.is_none()), "{seen:?}");
    assert!(seen[1].sha.is_none() && seen[3].live);
    assert_eq!(
        seen[2].sha,
        Some(Fingerprint::of_bytes(b"{\"v\":1,\"kind\":\"text\"}")),
        "an envelope is a text here"
    );
    let mine = [wanted("a", "mine")];
    assert!(matches!(step(&history, &mine[0], &around("r2")), Step::Kept(_)));
    assert!(is_complete(&release_to(&cloud, "r2", &mine, &around("r2"))));
    assert_eq!(live(&cloud, &mine), [Some("x".to_owned())]);
    let overwrite = Circumstances { overwrite: Some("nobody knows who did it".to_owned()), ..around("r3") };
    assert!(is_complete(&release_to(&cloud, "r3", &mine, &overwrite)));
    assert_eq!(live(&cloud, &mine), [Some("mine".to_owned())]);
}

/// Runs two releases of the same prompts to AppConfig; returns what each said.
fn race(cloud: &Arc<Cloud>, wishes: [&[Wanted]; 2], segments: &[(usize, usize)]) -> [Option<Done>; 2] {
    let turns = Arc::new(Turns::new(segments));
    let process = |who: usize| {
        let own = Arc::clone(&turns);
        let line = Line(Arc::clone(cloud), Some(Box::new(move || own.take(who))));
        let run_name = ["ra", "rb"][who];
        let hosted = appconfig(line, &Words::default());
        let done = release_by(&hosted, run_name, wishes[who], &around(run_name));
        turns.leave(who);
        done
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| process(0));
        let second = scope.spawn(|| process(1));
        [first.join().unwrap(), second.join().unwrap()]
    })
}

#[test]
fn of_two_releases_to_appconfig_at_once_live_is_one_of_the_two_wholly() {
    let two = |text: &str| [wanted("a", &format!("{text} a")), wanted("b", &format!("{text} b"))];
    let (old, ours, theirs) = (two("old"), two("ours"), two("theirs"));
    const CALLS: usize = 26;
    let mut stopped = 0;
    for (bake_ms, start, stride) in [(0, &old[..], 1), (BAKE_MS, &old, 2), (0, &[], 2)] {
        for first in 0..2 {
            for i in (0..CALLS).step_by(stride) {
                for j in (0..CALLS).step_by(stride) {
                    let cloud = cloud(bake_ms);
                    assert!(is_complete(&release_to(&cloud, "r0", start, &around("r0"))));
                    let segments = [(first, i), (1 - first, j), (first, 10_000), (1 - first, 10_000)];
                    let done = race(&cloud, [&ours, &theirs], &segments);
                    let when = format!("{segments:?}, baking {bake_ms}: {done:?}");
                    assert_sound(&cloud, &when);
                    let now = live(&cloud, &ours);
                    assert!(now == texts(&ours) || now == texts(&theirs), "{now:?}: {when}");
                    let complete = done.iter().filter(|done| is_complete(done)).count();
                    assert!(complete > 0, "nobody won: {when}");
                    stopped += 2 - complete;
                }
            }
        }
    }
    assert!(stopped > 0, "no interleaving was a race");
}
