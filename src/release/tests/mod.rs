mod appconfig;
mod cloud;
mod library;
mod memory;
mod outsiders;
mod prompt_management;
mod race;

use memory::{Aws, Fault};

use super::audit::{Action, Audit};
use super::client::{Account, PATIENCE_MS, Progress, Stage, StoreClient, Told, WRITE_GAP_MS};
use super::execute::{Done, run};
use super::ports::ParameterKind;
use super::rollback::{Asked, NoRollback, rollback};
use super::step::{Carried, Circumstances, Item, Step, Wanted, step};
use super::{archive, tags, value};
use crate::evidence::{Origin, Unfit};
use crate::fingerprint::Fingerprint;

const ALL: [Fault; 5] = [Fault::FailBefore, Fault::FailAfter, Fault::TimeOut, Fault::Lost, Fault::Throttle];

fn around(run: &str) -> Circumstances {
    Circumstances {
        run: run.to_owned(),
        label: "live".to_owned(),
        origin: Origin { commit: Some("c0ffee".to_owned()), ..Origin::default() },
        action: Action::Release,
        lift_hold: None,
        overwrite: None,
    }
}

fn wanted(name: &str, content: &str) -> Wanted {
    Wanted {
        prompt: name.to_owned(),
        name: format!("/prod/{name}"),
        kind: ParameterKind::Plain,
        key_id: None,
        content: content.to_owned(),
        fingerprint: Fingerprint::of_bytes(content.as_bytes()),
        carried: Carried::Without("a test".to_owned()),
        broken: false,
    }
}

fn client<'a>(aws: &'a Aws, run: &'a str, bucket: bool) -> StoreClient<'a> {
    StoreClient {
        parameters: aws,
        objects: bucket.then_some(aws),
        managed: None,
        prefix: "prompts/",
        clock: aws,
        label: "live",
        run,
        advanced: true,
        tags: true,
        gap_ms: WRITE_GAP_MS,
        patience_ms: PATIENCE_MS,
        account: Account::default(),
    }
}

/// One whole run: looks, decides, writes. `None`: it could not even look.
fn release(aws: &Aws, run_name: &str, wishes: &[Wanted], around: &Circumstances) -> Option<Done> {
    let client = client(aws, run_name, true);
    let mut items = Vec::new();
    for wanted in wishes {
        let history = client.again(|| client.parameters.history(&wanted.name)).ok()?;
        if let Step::Put(item) = step(&history, wanted, around) {
            items.push(*item);
        }
    }
    Some(run(&client, &items))
}

fn three(version: &str) -> Vec<Wanted> {
    vec![
        wanted("a", &format!("Be kind {version}")),
        wanted("b", &format!("Hi {{{{ name }}}} {version}")),
        wanted("c", &format!("{version} {}", "long ".repeat(3000))),
    ]
}

/// What readers get: by label and without one.
fn readers(aws: &Aws) -> Vec<(String, String, String)> {
    let world = aws.world();
    let content = |value: &str| value::digest_of(value).map(|sha| sha.short(8)).unwrap_or_default();
    let prompts = world.parameters.iter().filter(|(name, _)| !archive::is_companion(name));
    prompts
        .map(|(name, versions)| {
            let live = versions.iter().find(|seen| seen.labels.contains(&"live".to_owned()));
            let newest = versions.last().map(|newest| content(&newest.value)).unwrap_or_default();
            (name.clone(), live.map(|live| content(&live.value)).unwrap_or_default(), newest)
        })
        .collect()
}

fn shas(wishes: &[Wanted]) -> Vec<(String, String, String)> {
    let short = |wanted: &Wanted| value::digest(&wanted.content).short(8);
    wishes.iter().map(|wanted| (wanted.name.clone(), short(wanted), short(wanted))).collect()
}

/// What must hold whatever went wrong: every version has its record, every label is on a version
/// whose value is what its record says, every object is its name's content.
fn assert_sound(aws: &Aws, when: &str) {
    let world = aws.world();
    for (name, versions) in &world.parameters {
        for version in versions.iter().filter(|_| !archive::is_companion(name)) {
            let audit = Audit::read(&version.description);
            let audit = audit.unwrap_or_else(|| panic!("{when}: {name}:{} has no record", version.version));
            assert_eq!(Ok(audit.sha), value::digest_of(&version.value), "{when}: {name}:{}", version.version);
            if let Ok(value::Held::Object(pointer)) = value::decode(&version.value) {
                let object = &world.objects[&pointer.key];
                assert_eq!(Fingerprint::of_bytes(object), pointer.sha256, "{when}: {name}");
            }
        }
    }
}

/// What must hold when nobody is at work: the tags say what the live version's record says.
fn assert_tagged(aws: &Aws, when: &str) {
    let world = aws.world();
    for (name, versions) in world.parameters.iter().filter(|(name, _)| !archive::is_companion(name)) {
        let live = versions.iter().find(|seen| seen.labels.contains(&"live".to_owned()));
        let live = live.unwrap_or_else(|| panic!("{when}: nothing of {name} is live"));
        let audit = Audit::read(&live.description).expect("a record");
        let prompt = name.trim_start_matches("/prod/");
        assert_eq!(world.tags.get(name), Some(&tags::of(prompt, live.version, &audit)), "{when}: {name}");
    }
}

fn is_complete(done: &Option<Done>) -> bool {
    done.as_ref().is_some_and(|done| done.stop.is_none())
}

#[test]
fn whatever_call_of_a_release_fails_running_again_ends_in_the_same_state() {
    let (first, second) = (three("1"), three("2"));
    let calls = {
        let aws = Aws::default();
        assert!(is_complete(&release(&aws, "r1", &first, &around("r1"))));
        let before = aws.world().calls;
        assert!(is_complete(&release(&aws, "r2", &second, &around("r2"))));
        assert_eq!(readers(&aws), shas(&second));
        let after = aws.world().calls;
        after - before
    };
    assert!(calls > 20, "{calls}");
    for start in [&[][..], &first] {
        for index in 0..calls {
            for fault in ALL {
                let aws = Aws::default();
                assert!(is_complete(&release(&aws, "r1", start, &around("r1"))));
                let offset = aws.world().calls;
                aws.world().faults.insert(offset + index, fault);
                let when = format!("{fault:?} at call {index}");
                let done = release(&aws, "r2", &second, &around("r2"));
                assert_sound(&aws, &when);
                if matches!(fault, Fault::TimeOut | Fault::Lost | Fault::Throttle) {
                    assert!(is_complete(&done), "{when}: {done:?}");
                }
                assert!(is_complete(&release(&aws, "r3", &second, &around("r3"))), "{when}");
                assert_eq!(readers(&aws), shas(&second), "{when}");
                assert_sound(&aws, &when);
                assert_tagged(&aws, &when);
                let puts = aws.world().puts;
                assert!(is_complete(&release(&aws, "r4", &second, &around("r4"))));
                assert_eq!(aws.world().puts, puts, "{when}: an unchanged prompt got a version");
            }
        }
    }
}

fn roll_back(aws: &Aws, run_name: &str, to: Option<u64>) -> Result<Option<Done>, NoRollback> {
    let client = client(aws, run_name, true);
    let Ok(history) = client.again(|| client.parameters.history("/prod/a")) else { return Ok(None) };
    let item: Item = rollback(
        Asked { prompt: "a", name: "/prod/a", to, reason: "it broke" },
        &history,
        &around(run_name),
    )?;
    Ok(Some(run(&client, &[item])))
}

#[test]
fn whatever_call_of_a_rollback_fails_the_bad_content_stays_out() {
    let (old, good, bad) = ([wanted("a", "old")], [wanted("a", "good")], [wanted("a", "bad")]);
    let released = || {
        let aws = Aws::default();
        assert!(is_complete(&release(&aws, "r0", &old, &around("r0"))));
        assert!(is_complete(&release(&aws, "r1", &good, &around("r1"))));
        assert!(is_complete(&release(&aws, "r2", &bad, &around("r2"))));
        aws
    };
    let calls = {
        let aws = released();
        let before = aws.world().calls;
        assert!(is_complete(&roll_back(&aws, "r3", None).unwrap()));
        let after = aws.world().calls;
        after - before
    };
    assert!(calls > 7, "{calls}");
    for index in 0..calls {
        for fault in ALL {
            let aws = released();
            let offset = aws.world().calls;
            aws.world().faults.insert(offset + index, fault);
            let when = format!("{fault:?} at call {index}");
            let done = roll_back(&aws, "r3", None).unwrap();
            assert_sound(&aws, &when);
            match roll_back(&aws, "r4", None) {
                Ok(again) => assert!(is_complete(&again) && !is_complete(&done), "{when}: {again:?}"),
                // It must not go on to the old content.
                Err(refused) => assert!(matches!(refused, NoRollback::Already { .. }), "{when}: {refused}"),
            }
            assert_eq!(readers(&aws), shas(&good), "{when}");
            assert_tagged(&aws, &when);
            // The same content, and another prompt beside it.
            let both = [bad[0].clone(), wanted("z", "other")];
            release(&aws, "r5", &both, &around("r5"));
            assert_eq!(readers(&aws)[0], shas(&good)[0], "{when}: the bad content came back");
            let lifted = Circumstances { lift_hold: Some("mended".to_owned()), ..around("r6") };
            assert!(is_complete(&release(&aws, "r6", &bad, &lifted)), "{when}");
            assert_eq!(readers(&aws)[0], shas(&bad)[0], "{when}");
            assert_tagged(&aws, &when);
        }
    }
}

#[test]
fn nothing_goes_live_that_nothing_carries() {
    let mut unfit = wanted("a", "x");
    unfit.carried = Carried::Nothing(Unfit::Unknown);
    assert!(matches!(step(&[], &unfit, &around("r")), Step::Refused(Unfit::Unknown)));
}

#[test]
fn a_rollback_that_cannot_be_says_why() {
    let aws = Aws::default();
    let said = |aws: &Aws, to| roll_back(aws, "r", to).unwrap_err().to_string();
    let never = said(&aws, None);
    release(&aws, "r1", &[wanted("a", "one")], &around("r1"));
    let all = [never, said(&aws, None), said(&aws, Some(7)), said(&aws, Some(1))].join("\n");
    insta::assert_snapshot!(all, @r"
    `/prod/a` was never released
    `/prod/a` has no earlier version to go back to
    `/prod/a` has no version 7 (kept: 1 to 1)
    version 1 of `/prod/a` holds what is live already
    ");
}

#[test]
fn a_hundred_and_twenty_releases_lose_no_record() {
    for bucket in [true, false] {
        let aws = Aws::default();
        for i in 1..=120 {
            let name = format!("r{i}");
            let client = client(&aws, &name, bucket);
            let wish = wanted("a", &format!("text {i}"));
            let history = client.parameters.history("/prod/a").unwrap();
            let Step::Put(item) = step(&history, &wish, &around(&name)) else { panic!("release {i}") };
            let done = run(&client, &[*item]);
            assert!(done.stop.is_none(), "{i}: {done:?}");
        }
        let client = client(&aws, "look", bucket);
        let kept = client.parameters.history("/prod/a").unwrap();
        assert_eq!((kept.len(), kept[0].version), (100, 21));
        let archived = archive::read(&client, "/prod/a", 21).unwrap();
        assert_eq!(archived.iter().map(|old| old.version).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        assert!(
            archived
                .iter()
                .all(|old| old.audit.as_ref().is_some_and(|audit| audit.run == format!("r{}", old.version)))
        );
    }
}

#[test]
fn three_hundred_prompts_at_once_are_paced_and_all_live() {
    let aws = Aws::default();
    let wishes: Vec<Wanted> = (0..300).map(|i| wanted(&format!("p{i:03}"), &format!("text {i}"))).collect();
    assert!(is_complete(&release(&aws, "r", &wishes, &around("r"))));
    assert_eq!(readers(&aws), shas(&wishes));
    // 600 writes, about three a second.
    assert!(aws.world().now >= 599 * 340);
}

#[test]
fn a_store_that_shows_a_write_late_gets_each_version_once() {
    for lag_ms in [0, 100, 700, 3_000, 20_000] {
        let aws = Aws::default();
        aws.world().lag_ms = lag_ms;
        for version in ["one", "two"] {
            let done = release(&aws, version, &three(version), &around(version));
            assert!(is_complete(&done), "{lag_ms} ms: {done:?}");
            assert_eq!(readers(&aws), shas(&three(version)), "{lag_ms} ms");
        }
        assert_eq!(aws.world().puts, 6, "{lag_ms} ms: three prompts, two versions each");
    }
}

#[test]
fn a_release_tells_how_far_it_is_and_counts_every_call() {
    let aws = Aws::default();
    let heard = std::cell::RefCell::new(Vec::new());
    let tell = |told: Told<'_>| match told {
        Told::Progress(progress) => heard.borrow_mut().push(progress),
        Told::Waiting(failure, _) => panic!("{failure}"),
    };
    let client = StoreClient { account: Account::telling(&tell), ..client(&aws, "run", true) };
    let mut items = Vec::new();
    for wanted in three("1") {
        if let Step::Put(item) = step(&[], &wanted, &around("run")) {
            items.push(*item);
        }
    }
    assert!(run(&client, &items).stop.is_none());
    let all = |stage| (1..=3).map(move |done| Progress { stage, done, of: 3 });
    let expected: Vec<Progress> = all(Stage::Written).chain(all(Stage::Live)).collect();
    assert_eq!(*heard.borrow(), expected);
    // Whether all is ready is asked, too, and SSM always is.
    assert_eq!(client.calls(), aws.world().calls as u64 + 1);
}
