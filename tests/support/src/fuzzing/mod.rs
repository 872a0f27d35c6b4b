//! Readers of foreign bytes as functions that take any bytes at all, for `cargo fuzz` (`fuzz/`) and for the tests that
//! feed them with the corpora and with mutations of these (`tests/pure/fuzzing.rs`). Each panics where a promise is broken.

mod answers;
mod files;
mod mutation;
mod stored;

pub use mutation::{Dice, mutated};

/// A reader.
pub struct Target {
    /// The name of its file in `fuzz/fuzz_targets` and of its directory in `fuzz/corpus`.
    pub name: &'static str,
    /// Takes any bytes.
    pub take: fn(&[u8]),
}

/// Every reader.
pub const TARGETS: &[Target] = &[
    Target { name: "answers", take: answers::answers },
    Target { name: "catalogs", take: files::catalogs },
    Target { name: "configuration", take: files::configuration },
    Target { name: "database", take: stored::database },
    Target { name: "events", take: files::events },
    Target { name: "golden_sets", take: files::golden_sets },
    Target { name: "imports", take: files::imports },
    Target { name: "other_tools", take: files::other_tools },
    Target { name: "rules", take: files::rules },
    Target { name: "source_code", take: files::source_code },
    Target { name: "stored_values", take: stored::stored_values },
    Target { name: "templates", take: files::templates },
];

/// Gives bytes to the reader of this name.
///
/// # Panics
/// When there is no such reader, or a promise is broken.
pub fn take(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target {name}")).take)(bytes)
}
