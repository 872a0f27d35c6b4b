//! CI for LLM prompts: evaluate what a change affects, gate the regression, release what passed.
//!
//! Data flows one way:
//!
//! ```text
//! tree ─ document ─ config, catalog, golden, check       what is written
//!      └ snapshot (template) ×2 ─ change ─ plan          what it means: affected (prompt, case)
//!      └ assay = gate (stats) + scores, made of trials   what must be called, and the verdict
//!      └ runner × model × store                          the calls
//!      └ compare ─ report                                what a person or a program reads
//!      └ evidence ─ release                              what may go live, and what goes live
//! ```

pub mod action;
pub mod adapters;
pub mod app;
pub mod assay;
pub mod batch;
pub mod calendar;
pub mod calibration;
pub mod catalog;
pub mod change;
pub mod check;
pub mod cli;
pub mod cloud;
pub mod compare;
pub mod config;
pub mod doctor;
pub mod document;
pub mod evidence;
pub mod fingerprint;
pub mod foreign;
pub mod gate;
pub mod golden;
pub mod iam;
pub mod import;
pub mod init;
pub mod lint;
pub mod lookalike;
pub mod model;
pub mod per_call;
pub mod plan;
pub mod price;
pub mod problem;
pub mod prompt;
pub mod release;
pub mod remark;
pub mod report;
pub mod runner;
pub mod s3_location;
pub mod script;
pub mod seal;
pub mod selftest;
pub mod settings;
pub mod shard;
pub mod sides;
pub mod snapshot;
pub mod stability;
pub mod stats;
pub mod store;
pub mod template;
pub mod tree;
pub mod trial;
pub mod variation;
pub mod verdict;
