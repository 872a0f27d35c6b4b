//! The action, run as the runner runs it: the real binary, with a GitHub in memory behind the real
//! client, and Git repositories as GitHub checks them out.

mod bad_input;
mod comment;
mod decisions;
mod faults;
mod injection;
mod main_line;
mod overrides;
mod released;
mod sharded;
mod verdicts;
