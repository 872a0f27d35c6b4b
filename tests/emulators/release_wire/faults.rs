//! Every fault on every call of a release of three prompts, and of a rollback.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use prompt_assay::release::execute::Done;
use prompt_assay::release::ports::ParameterVersion;
use prompt_assay::release::rollback::NoRollback;
use prompt_assay::release::value;

use super::line::{Line, live, make_bucket, three, wanted};
use crate::emulator::Emulator;
use crate::fault_proxy::Fault;

/// Processes at once.
const WORKERS: usize = 8;

/// What happens at one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    /// Nothing was done, and the process ends.
    EndsBefore,
    /// It was done, and the process ends.
    EndsAfter,
    /// It was done, and the answer is lost.
    AnswerLost,
    /// Too many requests.
    Throttled,
    /// Nothing was done, and no answer comes.
    TimesOut,
}

const ALL: [Mishap; 5] =
    [Mishap::EndsBefore, Mishap::EndsAfter, Mishap::AnswerLost, Mishap::Throttled, Mishap::TimesOut];

impl Mishap {
    fn arm(self, line: &Line, call: usize) {
        match self {
            Mishap::EndsBefore => line.proxy.die_at(call, false),
            Mishap::EndsAfter => line.proxy.die_at(call, true),
            Mishap::AnswerLost => line.proxy.arm(call, Fault::AnswerLost),
            Mishap::Throttled => line.proxy.arm(call, Fault::Throttles),
            Mishap::TimesOut => line.proxy.arm(call, Fault::Hangs),
        }
    }

    fn ends_the_process(self) -> bool {
        matches!(self, Mishap::EndsBefore | Mishap::EndsAfter)
    }
}

fn is_complete(done: &Option<Done>) -> bool {
    done.as_ref().is_some_and(|done| done.stop.is_none())
}

/// One cell of the matrix, under a prefix of its own.
fn cell(line: &Line, number: usize, calls: usize, released: &BTreeMap<String, Vec<ParameterVersion>>) {
    let (call, mishap) = (number / ALL.len(), ALL[number % ALL.len()]);
    let when = format!("{mishap:?} at call {call} of {calls}");
    let (first, second) = (three(&format!("/cell{number}"), "1"), three(&format!("/cell{number}"), "2"));
    line.proxy.disarm();
    line.copy(released, &first);
    mishap.arm(line, call);
    line.clock.leap.store(if mishap.ends_the_process() { 300_000 } else { 0 }, Ordering::Relaxed);
    let done = line.release("r2", &second, true);
    line.clock.leap.store(0, Ordering::Relaxed);
    assert!(line.proxy.calls().len() > call, "{when}: the call was never made");
    line.proxy.disarm();
    assert_eq!(is_complete(&done), !mishap.ends_the_process(), "{when}: {done:?}");
    let mut found = line.look(&second);
    line.assert_sound(&found, &when);
    for (old, new) in first.iter().zip(&second) {
        // Live is what was released before or what is being released, both of which passed.
        let live = live(&found[&new.name]).and_then(|live| value::digest_of(&live.value).ok());
        let may = [value::digest(&old.content), value::digest(&new.content)].map(Some);
        assert!(may.contains(&live), "{when}: {}", new.name);
    }
    if mishap.ends_the_process() {
        assert!(is_complete(&line.release("r3", &second, true)), "{when}: running again");
        found = line.look(&second);
        line.assert_sound(&found, &when);
    }
    line.assert_released(&found, &second, &when);
}

#[test]
fn whatever_call_of_a_release_goes_wrong_running_it_again_ends_in_the_same_state() {
    let moto = Emulator::moto();
    make_bucket(&moto.url());
    let line = Line::to(&moto.url());
    assert!(is_complete(&line.release("r1", &three("/clean", "1"), true)));
    let released = line.look(&three("/clean", "1"));
    line.proxy.disarm();
    assert!(is_complete(&line.release("r2", &three("/clean", "2"), true)));
    let called = line.proxy.calls();
    let calls = called.len();
    let short = |call: &String| match call.split_once(" /") {
        Some((method, _)) => format!("{method} object"),
        None => call.replace("Parameter", ""),
    };
    insta::assert_snapshot!(called.iter().map(short).collect::<Vec<_>>().join(", "), @"GetHistory, GetHistory, GetHistory, GetHistory, Put, GetHistory, GetHistory, Put, GetHistory, GetHistory, PUT object, GET object, Put, GetHistory, GetHistory, GetHistory, GetHistory, GetHistory, AddTagsToResource, LabelVersion, GetHistory, GetHistory, AddTagsToResource, LabelVersion, GetHistory, GetHistory, AddTagsToResource, LabelVersion, GetHistory");
    each(calls * ALL.len(), &moto, |line, number| cell(line, number, calls, &released));
}

/// Does all cells, several at once, each worker with a line of its own.
fn each(cells: usize, moto: &Emulator, cell: impl Fn(&Line, usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let line = Line::to(&moto.url());
                loop {
                    match next.fetch_add(1, Ordering::Relaxed) {
                        number if number < cells => cell(&line, number),
                        _ => break,
                    }
                }
            });
        }
    });
}

#[test]
fn whatever_call_of_a_rollback_goes_wrong_the_bad_content_stays_out_and_nothing_older_comes_back() {
    let moto = Emulator::shared_moto();
    let contents = |prefix: &str| ["old", "good", "bad"].map(|text| wanted(prefix, "a", text));
    let line = Line::to(&moto.url());
    let all = contents("/back");
    for (run, content) in ["r0", "r1", "r2"].iter().zip(&all) {
        assert!(is_complete(&line.release(run, std::slice::from_ref(content), true)));
    }
    let released = line.look(&all[..1]);
    line.proxy.disarm();
    let done = line.roll_back("r3", &all[0]).expect("answers").expect("an earlier version");
    assert_eq!(done.stop, None);
    let calls = line.proxy.calls().len();
    each(calls * ALL.len(), moto, |line, number| {
        let (call, mishap) = (number / ALL.len(), ALL[number % ALL.len()]);
        let when = format!("{mishap:?} at call {call} of {calls}");
        let [old, good, bad] = contents(&format!("/back{number}"));
        let name = std::slice::from_ref(&old);
        line.proxy.disarm();
        line.copy(&released, name);
        mishap.arm(line, call);
        line.clock.leap.store(if mishap.ends_the_process() { 300_000 } else { 0 }, Ordering::Relaxed);
        let done = line.roll_back("r3", &old);
        line.clock.leap.store(0, Ordering::Relaxed);
        assert!(line.proxy.calls().len() > call, "{when}: the call was never made");
        line.proxy.disarm();
        let found = line.look(name);
        line.assert_sound(&found, &when);
        if mishap.ends_the_process() {
            match line.roll_back("r4", &old).expect("answers") {
                Ok(done) => assert_eq!(done.stop, None, "{when}"),
                Err(refused) => assert!(matches!(refused, NoRollback::Already { .. }), "{when}: {refused}"),
            }
        } else {
            assert!(is_complete(&done.and_then(Result::ok)), "{when}");
        }
        let found = line.look(name);
        line.assert_sound(&found, &when);
        line.assert_released(&found, &[good], &when);
        line.assert_held(&found, &bad, &when);
    });
}
