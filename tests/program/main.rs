//! The program as a person or a runner starts it, and its adapters; model and GitHub are servers in this process.
//! Needs Git, and nothing else that is not Rust.

mod action;
mod bad_input;
mod bedrock;
mod book;
mod cache_command;
mod calibrate;
mod call_settings;
mod compare;
mod count_tokens;
mod database_crash;
mod demo;
mod end_to_end;
mod faults;
mod first_files;
mod first_use;
mod imports;
mod judges;
mod killed;
mod lint;
mod openai;
mod plan_at_scale;
mod prompt_caching;
mod reading;
mod recording;
mod refusals;
mod release;
mod replay;
mod selftest;
mod semantic;
mod setup_action;
mod shards;
mod shells;
mod told;
mod watch;
