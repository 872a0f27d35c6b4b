//! Attempts to get a prompt past the gate, or something out of it: the real binary in a repository
//! with event and environment as the runner gives them. Each attempt has a control, the same run
//! without the trick, so that a test cannot pass because nothing was attempted.
//!
//! A file for each family; the threat model in `SECURITY.md` names the tests.

#![allow(clippy::type_complexity, reason = "tables hold each attempt as a closure beside its name")]

mod bars;
mod baseline;
mod bombs;
mod comments;
mod committed_store;
mod console_rollback;
mod control;
mod forged_evidence;
mod forged_rows;
mod forged_shards;
mod grinding;
mod laptop;
mod names;
mod other_server;
mod outside_writes;
mod proposal;
mod rules_file;
mod trusted_line;
mod trusted_runs;
mod watched;
