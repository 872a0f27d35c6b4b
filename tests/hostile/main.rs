//! Attempts to get a prompt past the gate, or something out of it: the real binary in a repository
//! with event and environment as the runner gives them. Each attempt stands beside its control, the
//! same without the trick, so that a test cannot pass because nothing was attempted.
//!
//! A file for each family; the threat model in `SECURITY.md` names the tests.

mod bombs;
mod committed_store;
mod control;
#[allow(dead_code, reason = "the tests of the action use the rest")]
#[path = "../action/github.rs"]
mod github;
#[path = "../on_disk/mod.rs"]
mod on_disk;
mod outside_writes;
#[allow(dead_code, reason = "the tests of the action use the rest")]
#[path = "../action/repository.rs"]
mod repository;
#[allow(dead_code, reason = "the tests of the action use the rest")]
#[path = "../rules_over_http/mod.rs"]
mod rules_over_http;
#[allow(dead_code, reason = "the tests of the action use the rest")]
#[path = "../action/step.rs"]
mod step;
