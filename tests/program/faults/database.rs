//! The store locked, damaged, deleted and replaced while a run uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use insta::assert_snapshot;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay_standin::Standin;
use prompt_assay_test_support::{rules_over_http, sixty_cases};

use super::{Evaluation, undisturbed};

fn store(evaluation: &Evaluation) -> PathBuf {
    evaluation.project.root().join(".prompt-assay/assay.db")
}

#[test]
fn a_locked_store_ends_the_run_before_a_call_and_a_free_one_goes_on() {
    let evaluation = Evaluation::new();
    assert_eq!(evaluation.run().status, 1);
    let before = evaluation.model.requests().len();
    let other = rusqlite::Connection::open(store(&evaluation)).expect("the store");
    other.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    let ran = evaluation.run();
    assert_snapshot!(ran.told(), @"
    exit status 3
    error: the database `[repository]/.prompt-assay/assay.db` stays locked by another process; end it, or wait, and run again
    ");
    assert_eq!(evaluation.model.requests().len(), before);
    other.execute_batch("ROLLBACK").expect("free");
    drop(other);
    evaluation.ends_as_if_undisturbed(0, "a lock");
}

/// A number below another, the same in every run.
fn drawn(seed: u64, below: usize) -> usize {
    let digits = Fingerprint::of_bytes(&seed.to_le_bytes()).short(15);
    usize::from_str_radix(&digits, 16).expect("digits") % below
}

/// Cuts the file off, flips a bit outside of texts, or overwrites a stretch with what no text holds, as a disk does. One
/// letter of an answer that became another is noticed only where the store is sealed.
fn damage(path: &Path, seed: u64) {
    let mut bytes = fs::read(path).expect("the store");
    let at = drawn(seed * 3, bytes.len());
    match seed % 3 {
        0 => bytes.truncate(at),
        1 => {
            let is_text = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
            let at = at + bytes[at..].iter().position(|byte| !is_text(byte)).unwrap_or(0);
            bytes[at] ^= 1 << drawn(seed * 3 + 1, 8);
        }
        _ => {
            let end = bytes.len().min(at + 1 + drawn(seed * 3 + 1, 5000));
            bytes[at..end].fill(if seed.is_multiple_of(2) { 0x00 } else { 0xFF });
        }
    }
    fs::write(path, bytes).expect("the store");
}

#[test]
fn a_damaged_store_is_said_to_be_damaged_or_gives_the_same_verdict() {
    let evaluation = Evaluation::new();
    assert_eq!(evaluation.run().status, 1);
    let sound = fs::read(store(&evaluation)).expect("the store");
    let (mut refused, mut same) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..60 {
        fs::write(store(&evaluation), &sound).expect("the store");
        damage(&store(&evaluation), seed);
        let ran = evaluation.run();
        match ran.status {
            1 => {
                assert_eq!(prompt_assay::report::json::stable(&ran.json()), undisturbed(), "seed {seed}");
                same += 1;
            }
            3 => drop(refused.insert(ran.stderr)),
            status => panic!("seed {seed}: exit status {status}: {}{}", ran.stdout, ran.stderr),
        }
    }
    println!("{same} of 60 the same");
    assert!(same > 0 && !refused.is_empty());
    for told in refused {
        let says = told.contains("damaged") || told.contains("is not a database");
        assert!(says && told.contains("delete the file"), "{told}");
    }
}

/// The call in the middle of the evaluation at which something happens to the store.
const WHEN: usize = 15;

/// A model that does something to the store when it has heard of so many calls.
fn model(calls: usize, act: impl Fn(&Path) + Send + Sync + 'static, place: PathBuf) -> Standin {
    let heard = Mutex::new(0);
    rules_over_http::start_with(sixty_cases::RULES, move |_, reply| {
        let mut heard = heard.lock().expect("nobody panics");
        *heard += 1;
        if *heard == calls {
            act(&place);
        }
        reply
    })
}

type Act = fn(&Path);

#[test]
fn a_store_that_vanishes_during_a_run_is_put_back_with_every_answer() {
    let acts: [(&str, Act); 3] = [
        ("the directory is deleted", |place| {
            fs::remove_dir_all(place.parent().expect("its directory")).expect("deleted");
        }),
        ("the file is deleted", |place| fs::remove_file(place).expect("deleted")),
        ("the file is moved", |place| fs::rename(place, place.with_extension("moved")).expect("moved")),
    ];
    for (name, act) in acts {
        let mut evaluation = Evaluation::new();
        evaluation.model = model(WHEN, act, store(&evaluation));
        let ran = evaluation.run();
        assert_eq!(ran.status, 1, "{name}: {}", ran.stderr);
        assert!(evaluation.model.requests().len() > WHEN, "{name}: nothing happened");
        assert_eq!(prompt_assay::report::json::stable(&ran.json()), undisturbed(), "{name}");
        evaluation.ends_as_if_undisturbed(0, name);
    }
}

#[test]
fn a_store_that_is_replaced_during_a_run_ends_it_and_the_other_file_is_left_alone() {
    let mut evaluation = Evaluation::new();
    let replace = |place: &Path| {
        let other = place.with_extension("other");
        fs::write(&other, "somebody else's").expect("a file");
        fs::rename(other, place).expect("replaced");
    };
    evaluation.model = model(WHEN, replace, store(&evaluation));
    let ran = evaluation.run();
    let told: Vec<&str> = ran.stderr.lines().filter(|line| !line.contains("quota of")).collect();
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    assert_snapshot!(told.join("\n"), @"
    error: the database `[repository]/.prompt-assay/assay.db` was replaced by another file while this run used it, so the run ended; the answers it bought before are not in the new file; run again, and let nothing write there at the same time
    ");
    assert_eq!(fs::read_to_string(store(&evaluation)).expect("a file"), "somebody else's");
    fs::remove_file(store(&evaluation)).expect("deleted");
    evaluation.ends_as_if_undisturbed(usize::MAX, "a replaced store");
}
