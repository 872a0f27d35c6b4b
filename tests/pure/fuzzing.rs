//! Every reader of foreign bytes, fed with its corpus (`fuzz/corpus`) and with mutations of it: a bounded number, the same
//! in every run. `FUZZ_RUNS` and `FUZZ_SEED` make it longer and other:
//! `FUZZ_RUNS=100000 FUZZ_SEED=7 cargo test --test pure fuzzing::`. What breaks a promise is left in the directory for
//! temporary files of tests, and belongs into the corpus.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use prompt_assay_test_support::fuzzing::{Dice, TARGETS, mutated, take};

/// Mutations of each corpus, where nothing else is asked for.
const RUNS: u64 = 100;

/// An input that takes longer does not end: unoptimised and on a busy machine, each takes milliseconds.
const GIVEN_UP: Duration = Duration::from_secs(120);

fn asked(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |value| value.parse().expect("a number"))
}

/// The inputs of a corpus, sorted by name.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

/// Feeds one reader. The input under way is in a file, so that one that ends the process is known, too.
fn holds(name: &'static str) {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
    let seeds = corpus(name);
    let runs = asked("FUZZ_RUNS", RUNS);
    let mut dice = Dice::new(asked("FUZZ_SEED", 1));
    let mut broken = Vec::new();
    for run in 0..seeds.len() as u64 + runs {
        let input = match seeds.get(run as usize) {
            Some(seed) => seed.clone(),
            None => mutated(&seeds[dice.below(seeds.len())], &seeds, &mut dice),
        };
        fs::write(&place, &input).expect("a file");
        let (sender, ended) = channel();
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| take(name, &input)));
            let _ = sender.send(outcome.is_ok());
        });
        let thread = thread.expect("a thread");
        match ended.recv_timeout(GIVEN_UP) {
            Ok(true) => drop(thread.join()),
            Ok(false) => {
                let kept = place.with_extension(format!("{run}"));
                fs::copy(&place, &kept).expect("a file");
                broken.push(kept);
            }
            Err(RecvTimeoutError::Timeout) => panic!("{name} does not end: {}", place.display()),
            Err(RecvTimeoutError::Disconnected) => panic!("{name} ended its thread: {}", place.display()),
        }
        assert!(broken.len() < 10, "{name} breaks its promises: {broken:?}");
    }
    assert!(broken.is_empty(), "{name} breaks its promises; put these into fuzz/corpus/{name}: {broken:?}");
    let _ = fs::remove_file(&place);
}

macro_rules! targets {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                holds(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_fed_and_can_be_fuzzed_alone() {
            let named: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(named, [$(stringify!($name)),*]);
            for name in named {
                let file = format!("fuzz/fuzz_targets/{name}.rs");
                let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
                let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
                assert!(text.contains(&format!("take(\"{name}\", bytes)")), "{file}");
            }
        }
    };
}

targets![
    answers,
    catalogs,
    configuration,
    database,
    events,
    golden_sets,
    imports,
    other_tools,
    rules,
    source_code,
    stored_values,
    templates
];
