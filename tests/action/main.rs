//! The action, run as the runner runs it: the real binary, with a GitHub in memory behind the real
//! client, and Git repositories as GitHub checks them out.

mod bad_input;
mod comment;
mod decisions;
mod faults;
mod github;
mod injection;
mod main_line;
mod openapi;
mod overrides;
mod repository;
mod step;
mod verdicts;
