//! The action, run as the runner runs it: the real binary, with a GitHub in memory behind the real
//! client, and Git repositories as GitHub checks them out.

mod bad_input;
mod comment;
mod decisions;
#[path = "../emulators/mod.rs"]
mod emulators;
mod faults;
mod github;
mod injection;
mod main_line;
mod openapi;
mod overrides;
mod released;
mod repository;
#[path = "../rules_over_http/mod.rs"]
mod rules_over_http;
mod sharded;
mod step;
mod verdicts;
