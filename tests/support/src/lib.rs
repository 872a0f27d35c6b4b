//! Code that more than one test suite uses: projects and repositories on disk, a GitHub in memory, a step of
//! a workflow, and rules that answer over HTTP.

use std::path::PathBuf;

pub mod big_catalog;
pub mod fuzzing;
pub mod github;
pub mod main_line;
pub mod on_disk;
pub mod population;
pub mod repository;
pub mod rules_over_http;
pub mod shell;
pub mod sixty_cases;
pub mod step;
pub mod temporary;

/// The program under test: the one that Cargo built for these tests, and no older one that lies about.
pub fn program() -> PathBuf {
    let name = "CARGO_BIN_EXE_prompt-assay";
    std::env::var_os(name)
        .unwrap_or_else(|| {
            panic!("{name} is not set: start the tests by `cargo test` or `cargo nextest run`")
        })
        .into()
}
