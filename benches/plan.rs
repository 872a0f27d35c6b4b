//! How long `plan` takes on a catalog of 1,000 prompts with 100 different cases each and one edited key, and `plan` and
//! `lint` on all of it, beside the floor: a process that does nothing but start, and reading every file once.
//!
//! `cargo bench --bench plan`

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use prompt_assay_test_support::big_catalog;

const ROUNDS: usize = 15;

fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    big_catalog::make(directory.path(), 1_000, 100);
    let root = directory.path();
    let start = median(|| run(root, &["--version"]));
    let read = median(|| read_all(root));
    println!("start of the process        {start:>9.1?}");
    println!("reading every file once     {read:>9.1?}");
    for (name, head) in [("working directory", None), ("commit", Some("edit"))] {
        let mut arguments = vec!["plan", "--base", "main", "--format", "json"];
        arguments.extend(head.map(|_| "--head"));
        arguments.extend(head);
        let plan = median(|| run(root, &arguments));
        let ratio = plan.as_secs_f64() / (start + read).as_secs_f64();
        println!("plan, head = {name:<17}{plan:>9.1?}   {ratio:.1} x (start + reading every file)");
    }
    let every = median(|| run(root, &["plan", "--base", "none", "--format", "json"]));
    let lint = median(|| run(root, &["lint", "--format", "json"]));
    for (name, all) in [("plan", every), ("lint", lint)] {
        let ratio = all.as_secs_f64() / (start + read).as_secs_f64();
        println!("{name} of every case          {all:>9.1?}   {ratio:.1} x (start + reading every file)");
    }
}

fn run(root: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_prompt-assay"))
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn read_all(root: &Path) {
    let mut bytes = 0;
    for entry in std::fs::read_dir(root.join("golden")).expect("golden sets") {
        bytes += std::fs::read(entry.expect("an entry").path()).expect("a golden set").len();
    }
    assert!(bytes > 0);
}

fn median(mut measured: impl FnMut()) -> Duration {
    measured();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            measured();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}
