//! The commands: the only place that names adapters, reads the environment and prints.

mod action;
mod backing;
mod batch;
mod cache;
mod calibrate;
mod compare;
mod consent;
mod database;
mod default_branch;
mod demo;
mod doctor;
mod eval;
pub mod evidence;
mod excess;
pub mod failure;
mod gating;
mod history;
mod iam;
mod import;
mod init;
mod lint;
mod main_baseline;
mod merge;
mod models;
mod on_disk;
mod output;
mod plan;
mod pricing;
mod purpose;
pub mod release;
mod report;
mod rules;
mod selftest;
mod session;
mod sharding;
mod shared;
mod shell;
mod signals;
mod spending;
mod watch;
mod workspace;

use std::path::PathBuf;

use anyhow::Context;

use crate::adapters::progress::say;
use crate::cli::{Cli, Command};
use crate::report::untrusted;

use signals::{Ended, Interrupts};

/// Runs a command; returns the exit status: 0 pass, 1 the gate failed, 3 could not measure.
///
/// # Errors
/// Usage and configuration errors, and every failure that prevents a result; see
/// [`failure::exit_code`].
pub fn run(cli: Cli) -> anyhow::Result<u8> {
    let is_action = matches!(cli.command, Command::Action);
    let interrupted = interrupted(&cli.command);
    let ended = signals::attend(move |interrupts| command(cli.command, &interrupts))?;
    let (told, code) = match ended {
        Ended::Done(code) => return Ok(code),
        Ended::Interrupted => (interrupted.to_owned(), 3),
        Ended::InExcess(excess) => (untrusted::terminal(&excess.to_string()), 2),
    };
    say(&told);
    if is_action {
        action::ended_early(&told, code)?;
    }
    Ok(code)
}

/// The directory that the command runs in.
///
/// # Errors
/// When it is gone.
fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the current directory is gone")
}

/// A variable of the environment; an empty one is none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The message if a signal ends the process at once.
fn interrupted(command: &Command) -> &'static str {
    match command {
        Command::Release(_) | Command::Rollback(_) => {
            "interrupted: what was written before is live, and the rest is as it was\n   = run it again: it looks at what \
             is live and completes it; `prompt-assay drift` shows the difference"
        }
        _ => {
            "interrupted: nothing was decided\n   = run it again; bought answers are stored, and the run continues from \
             there"
        }
    }
}

fn command(command: Command, interrupts: &Interrupts) -> anyhow::Result<u8> {
    match command {
        Command::Eval(args) => eval::run(&args, interrupts),
        Command::Plan(args) => plan::run(&args),
        Command::Watch(args) => watch::run(&args, interrupts),
        Command::Compare(args) => compare::run(&args, interrupts),
        Command::Report(args) => report::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Demo(args) => demo::run(&args, interrupts),
        Command::Cache(args) => cache::run(&args),
        Command::Calibrate(args) => calibrate::run(&args, interrupts),
        Command::Selftest(args) => selftest::run(&args, interrupts),
        Command::Release(args) => release::release(&args),
        Command::Rollback(args) => release::rollback(&args),
        Command::History(args) => release::history(&args),
        Command::Blame(args) => release::blame(&args),
        Command::Show(args) => release::show(&args),
        Command::Diff(args) => release::diff(&args),
        Command::Drift(args) => release::drift(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Iam(args) => iam::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
        Command::Action => action::run(interrupts),
    }
}
