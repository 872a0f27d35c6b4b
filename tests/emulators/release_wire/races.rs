//! Two processes of the program that release different commits to the same parameters at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use prompt_assay::release::audit::Audit;
use prompt_assay::release::{tags, value};
use prompt_assay_test_support::on_disk::Ran;

use super::line::{Line, live, wanted};
use super::shop::Shop;
use crate::emulator::Emulator;
use crate::fault_proxy::FaultProxy;

/// Races at once.
const WORKERS: usize = 6;
/// Calls of a release of two prompts.
const CALLS: usize = 18;

/// Before which call each of the two is held: the first until the second has got as far as that,
/// or has ended (`None`).
type Order = (usize, Option<usize>);

fn orders() -> Vec<Order> {
    let whole = (1..CALLS).map(|first| (first, None));
    let crossed =
        [(2, 3), (3, 3), (3, 5), (5, 3), (6, 9), (9, 6), (9, 9), (11, 11), (12, 12), (12, 16), (16, 12)];
    whole.chain(crossed.map(|(first, second)| (first, Some(second)))).collect()
}

/// What each of the two said, and how each prompt came out: ours, theirs or neither, by label and without.
fn race(moto: &Emulator, shop: &Shop, commits: [&str; 2], number: usize, order: Order) -> ([Ran; 2], String) {
    let environment = format!("race{number}");
    let line = Line::to(&moto.url());
    let prefix = format!("/{environment}");
    let old = [wanted(&prefix, "a", "old a"), wanted(&prefix, "b", "old b")];
    assert!(line.release("r0", &old, false).is_some_and(|done| done.stop.is_none()));
    let proxies = [FaultProxy::before(&moto.url()), FaultProxy::before(&moto.url())];
    let start = |who: usize| {
        let arguments = ["release", "--env", &environment, "--head", commits[who], "--format", "json"];
        shop.start(&proxies[who].url(), &arguments)
    };
    let (first, second) = order;
    proxies[0].hold_from(first);
    let one = start(0);
    proxies[0].wait_for(first + 1);
    let two = match second {
        None => shop.ended(start(1)),
        Some(second) => {
            proxies[1].hold_from(second);
            let two = start(1);
            proxies[1].wait_for(second + 1);
            proxies[0].release();
            let one = shop.ended(one);
            proxies[1].release();
            let two = shop.ended(two);
            return ([one, two], state(&line, &prefix));
        }
    };
    proxies[0].release();
    ([shop.ended(one), two], state(&line, &prefix))
}

fn state(line: &Line, prefix: &str) -> String {
    let wishes = |word: &str| ["a", "b"].map(|name| wanted(prefix, name, &format!("{word} {name}")));
    let found = line.look(&wishes("ours"));
    line.assert_sound(&found, prefix);
    let is = |word: &str| {
        wishes(word).iter().all(|wanted| {
            let versions = &found[&wanted.name];
            let sha = value::digest(&wanted.content);
            [live(versions), versions.last()]
                .iter()
                .all(|seen| seen.is_some_and(|seen| value::digest_of(&seen.value) == Ok(sha)))
        })
    };
    let Some(word) = ["ours", "theirs"].into_iter().find(|word| is(word)) else {
        return format!("{found:#?}");
    };
    for wanted in wishes(word) {
        let live = live(&found[&wanted.name]).expect("what is live");
        let audit = Audit::read(&live.description).expect("a record");
        let tags = tags::of(&wanted.prompt, live.version, &audit);
        assert_eq!(line.tags(&wanted.name), tags, "{found:#?}");
    }
    word.to_owned()
}

#[test]
fn of_two_processes_one_wins_and_the_other_stops_with_a_clear_message() {
    let moto = Emulator::moto();
    let orders = orders();
    let environments: Vec<(String, String)> = (0..orders.len())
        .map(|number| (format!("race{number}"), format!("{{ssm: \"/race{number}/{{name}}\"}}")))
        .collect();
    let shop = Shop::new(&[("a", "old a"), ("b", "old b")], &environments);
    let mut commits = Vec::new();
    for (from, to) in [("old", "ours"), ("ours", "theirs")] {
        shop.0.edit("prompts.yaml", from, to);
        commits.push(shop.passed(to, "HEAD~1"));
    }
    let commits = [commits[0].as_str(), commits[1].as_str()];
    let (next, stops) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(order) = orders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let number = orders.iter().position(|other| other == order).expect("an order");
                    let (ran, state) = race(&moto, &shop, commits, number, *order);
                    let when = || {
                        format!(
                            "{order:?}: {} {} {} {}",
                            ran[0].stdout, ran[0].stderr, ran[1].stdout, ran[1].stderr
                        )
                    };
                    assert!(state == "ours" || state == "theirs", "live is neither: {state}\n{}", when());
                    let won: Vec<bool> = ran.iter().map(|ran| ran.status == 0).collect();
                    assert!(won.contains(&true), "nobody won: {}", when());
                    for ran in ran.iter().filter(|ran| ran.status != 0) {
                        assert_eq!(ran.status, 3, "{}", when());
                        let stopped = ran.json()["stopped"].as_str().expect("a reason").to_owned();
                        stops.lock().unwrap().push(stopped.replace(&format!("/race{number}/"), "/race/"));
                    }
                    if won[0] != won[1] {
                        assert_eq!(state == "ours", won[0], "the one that said so did not win: {}", when());
                    }
                }
            });
        }
    });
    let mut stops = stops.into_inner().unwrap();
    let races = stops.len();
    stops.sort();
    stops.dedup();
    assert!(races >= 8, "{races} of {} were races", orders.len());
    insta::assert_snapshot!(stops.join("\n"), @"
    `/race/a`: a newer release wrote version 3 meanwhile. That release continues; this one stopped
    `/race/a`: another release wrote version 2 at the same time. That release continues; this one stopped before making its version live
    `/race/b`: a newer release wrote version 2 meanwhile. That release continues; this one stopped
    `/race/b`: a newer release wrote version 3 meanwhile. That release continues; this one stopped
    `/race/b`: another release wrote version 2 at the same time. That release continues; this one stopped before making its version live
    ");
}
