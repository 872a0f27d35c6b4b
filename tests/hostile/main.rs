//! Attempts to get a prompt past the gate, or something out of it: the real binary in a repository
//! with event and environment as the runner gives them. Each attempt stands beside its control, the
//! same without the trick, so that a test cannot pass because nothing was attempted.
//!
//! A file for each family; the threat model in `SECURITY.md` names the tests.

mod bars;
mod baseline;
mod bombs;
mod comments;
mod committed_store;
mod console_rollback;
mod control;
#[path = "../emulators/mod.rs"]
mod emulators;
mod forged_evidence;
mod forged_objects;
mod forged_rows;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../action/github.rs"]
mod github;
mod grinding;
mod laptop;
mod names;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../on_disk/mod.rs"]
mod on_disk;
mod outside_writes;
mod proposal;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../action/repository.rs"]
mod repository;
mod rules_file;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../rules_over_http/mod.rs"]
mod rules_over_http;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../action/step.rs"]
mod step;
mod trusted_line;
mod trusted_runs;
mod watched;
