//! Many releases of one prompt, and many prompts in one release.

use prompt_assay::release::client::{Clock, WRITE_GAP_MS};
use prompt_assay::release::step::Wanted;
use serde_json::Value;

use super::line::{Line, wanted};
use super::shop::Shop;
use crate::emulator::Emulator;

#[test]
fn a_hundred_and_twenty_releases_lose_no_record_and_history_and_blame_know_them_all() {
    let moto = Emulator::shared_moto();
    let shop = Shop::new(
        &[("a", "text of the commit")],
        &[("long".to_owned(), "{ssm: \"/long/{name}\"}".to_owned())],
    );
    let line = Line::to(&moto.url());
    for i in 1..=120 {
        let wish = [wanted("/long", "a", &format!("text {i}"))];
        let done = line.release(&format!("r{i}"), &wish, false);
        assert!(done.as_ref().is_some_and(|done| done.stop.is_none()), "{i}: {done:?}");
    }
    let run = |arguments: &[&str]| shop.run(&moto.url(), arguments);
    // The next one is the program's own.
    let ran = run(&["release"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let history = run(&["history", "a", "--format", "json"]).json();
    let versions = history["versions"].as_array().expect("versions");
    let numbers: Vec<u64> = versions.iter().filter_map(|row| row["version"].as_u64()).collect();
    assert_eq!(numbers, (1..=121).collect::<Vec<_>>());
    for row in &versions[..120] {
        assert_eq!(row["record"]["run"], format!("r{}", row["version"]), "{row}");
    }
    let kept = |row: &&Value| row["kept"] == true;
    assert_eq!(versions.iter().filter(kept).count(), 100);
    let live: Vec<&Value> =
        versions.iter().filter(|row| row["live"] == true).map(|row| &row["version"]).collect();
    assert_eq!(live, [121]);
    // Blame finds the newest of a moment, also among those that SSM has dropped.
    let table = run(&["history", "a"]).stdout;
    // The newest is first, below the header.
    let times: Vec<&str> = table.lines().skip(1).map(|line| &line[9..28]).collect();
    for row in [0, 60, 120] {
        let newest =
            versions.iter().rev().find(|other| other["at"] == versions[row]["at"]).expect("a version");
        let moment = times[120 - row];
        let blamed = run(&["blame", "a", "--at", moment, "--format", "json"]).json();
        assert_eq!(&blamed["version"], newest, "{moment}");
    }
    let before = run(&["blame", "a", "--at", "1999-12-31 12:00"]);
    insta::assert_snapshot!(before.told(), @"
    exit status 2
    error: nothing was live at 1999-12-31 12:00: the first version is newer
    ");
    let shown = run(&["show", "a:30"]);
    assert_eq!((shown.status, shown.stdout.trim_end()), (0, "text 30"), "{}", shown.stderr);
    let gone = run(&["show", "a:3"]);
    insta::assert_snapshot!(gone.told(), @"
    exit status 2
    error: `/long/a` has no version 3 (kept: 22 to 121)
    ");
}

#[test]
fn three_hundred_prompts_at_once_are_paced_and_all_live() {
    let line = Line::to(&Emulator::shared_moto().url());
    let wishes: Vec<Wanted> =
        (0..300).map(|i| wanted("/catalog", &format!("p{i:03}"), &format!("text {i}"))).collect();
    let done = line.release("r1", &wishes, false).expect("answers");
    assert_eq!((done.stop, done.live.len()), (None, 300));
    let found = line.look(&wishes);
    line.assert_sound(&found, "all at once");
    line.assert_released(&found, &wishes, "all at once");
    // Values and labels: about three writes a second, whatever the clock of this machine.
    assert!(line.clock.now_ms() >= 599 * WRITE_GAP_MS, "{}", line.clock.now_ms());
    let writes = line.proxy.calls().iter().filter(|call| *call == "PutParameter").count();
    assert_eq!(writes, 300);
}
