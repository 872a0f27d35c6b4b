//! Every fault on every call of a release of three prompts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use prompt_assay::release::execute::Done;
use prompt_assay::release::outside::ParameterVersion;
use prompt_assay::release::value;

use crate::emulators::Emulator;
use crate::fault_proxy::Fault;
use crate::line::{Line, live, make_bucket, three};

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
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let line = Line::to(&moto.url());
                loop {
                    match next.fetch_add(1, Ordering::Relaxed) {
                        number if number < calls * ALL.len() => cell(&line, number, calls, &released),
                        _ => break,
                    }
                }
            });
        }
    });
}
