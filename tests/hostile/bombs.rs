//! Unbounded work: a few bytes that cause hours of work or gigabytes of memory. Each bomb ends with
//! a clear error, exit status 2, or with its result, within stated memory and time; the same shape
//! at an ordinary size passes.

mod checks;
mod comparisons;
mod documents;
mod git_objects;
mod measure;
mod requests;
mod signals;
mod templates;
mod values;

use std::fmt::Write;

use prompt_assay_test_support::on_disk::{GREETING, Project};

use measure::{Measured, measured};

/// Work that grows with a number, in a file or two.
struct Bomb {
    name: &'static str,
    /// Writes the files of that size over [`GREETING`], uncommitted.
    lay: fn(&Project, usize),
    ordinary: usize,
    hostile: usize,
    /// What the error says.
    says: &'static str,
}

/// Says nothing where the hostile size is no mistake, only much.
const JUST_MUCH: &str = "";

const PLAN: &[&str] = &["plan", "--base", "HEAD"];
const EVAL: &[&str] = &["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--no-cache", "--quiet"];

fn laid(lay: impl Fn(&Project)) -> Project {
    let project = Project::new(GREETING);
    lay(&project);
    project
}

/// Runs all of a family with both sizes.
fn set_off(bombs: &[Bomb], arguments: &[&str]) {
    let mut faults = String::new();
    for bomb in bombs {
        let run = |size: usize| {
            let project = laid(|project| (bomb.lay)(project, size));
            measured(&project.command(arguments))
        };
        let ordinary = run(bomb.ordinary);
        if ordinary.status != Some(0) {
            let _ = writeln!(faults, "{}, ordinary: {ordinary}", bomb.name);
        }
        let hostile = run(bomb.hostile);
        println!("{:<44} {hostile:#}", bomb.name);
        check(bomb.name, &hostile, bomb.says, &mut faults);
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The limits of time and memory, and the error.
fn check(name: &str, hostile: &Measured, says: &str, faults: &mut String) {
    let (status, said) =
        if says == JUST_MUCH { (Some(0), true) } else { (Some(2), hostile.told.contains(says)) };
    if hostile.status != status || !said || !hostile.is_within_limits() {
        let _ = writeln!(faults, "{name}: {hostile}");
    }
}
