//! The rules of the sources, and how each finds violations.

use std::collections::BTreeSet;
use std::fmt;

use super::source::{ModulePath, Source};

/// Longest file, in lines: beyond it, it is two rooms in one.
const LONGEST: usize = 500;

/// What says that an unordered collection's order reaches no output.
const UNORDERED: &str = "// order never leaves";

/// One place that breaks a rule.
#[derive(Debug)]
pub struct Fault {
    /// `file:line`.
    pub place: String,
    /// The code there.
    pub found: String,
    /// The rule it breaks.
    pub rule: &'static str,
    /// What to do.
    pub instead: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}\n    rule: {}\n    do:   {}", self.place, self.found, self.rule, self.instead)
    }
}

/// A rule about which paths which files may name.
pub struct Rule {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// What to do when it is broken.
    pub instead: &'static str,
    /// Whether it holds for a file; takes the path below `src/`.
    holds_for: fn(&str) -> bool,
    /// Whether a path breaks it; takes the path below `src/` and the segments.
    breaks: fn(&str, &[&str]) -> bool,
}

/// Everything the code may not name.
pub const RULES: &[Rule] = &[
    Rule {
        rule: "only `app` and `main` name `adapters`",
        instead: "declare what you need as a trait beside the values, and let `app` pass the adapter in",
        holds_for: |room| !within(room, &["app", "main", "adapters"]),
        breaks: |_, path| path.starts_with(&["crate", "adapters"]),
    },
    Rule {
        rule: "adapters do not name each other; only those of AWS share `aws`, those that write share `files`, those that encrypt \
               `tls`, those of models `refused`, and all the `clock`",
        instead: "let `app` join them, or move what both need to the pure part",
        holds_for: |room| within(room, &["adapters"]) && room != "adapters/mod.rs",
        breaks: |room, path| {
            let shared = path.len() > 2
                && (["clock", "files", "tls"].contains(&path[2])
                    || (path[2] == "aws" && is_of_aws(room))
                    || (path[2] == "refused" && is_of_models(room)));
            path.len() > 2
                && path.starts_with(&["crate", "adapters"])
                && !room.starts_with(&adapter(path[2]))
                && !shared
        },
    },
    Rule {
        rule: "pure modules do not wait: no `async`, no `tokio`",
        instead: "say what is wanted as a value; the runner waits for it",
        holds_for: is_pure,
        breaks: |_, path| path[0] == "tokio" || path.iter().any(|word| matches!(*word, "async" | "await")),
    },
    Rule {
        rule: "pure modules touch nothing outside: no files, environment, network, processes or terminal",
        instead: "take the value as an argument; an adapter reads it, `app` passes it on",
        holds_for: is_pure,
        breaks: |_, path| {
            const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
            const TERMINAL: [&str; 3] = ["stdin", "stdout", "stderr"];
            let outside =
                path.len() > 1 && path[0] == "std" && matches!(path[1], "fs" | "env" | "net" | "process");
            let terminal = path.windows(2).any(|pair| pair[0] == "io" && TERMINAL.contains(&pair[1]));
            outside || terminal || PRINTING.contains(&path[0])
        },
    },
    Rule {
        rule: "pure modules know no clock and no chance, and never sleep",
        instead: "take the time or the seed as an argument",
        holds_for: is_pure,
        breaks: |_, path| {
            path[0] == "rand"
                || path.iter().any(|word| matches!(*word, "Instant" | "SystemTime"))
                || path.windows(2).any(|pair| pair == ["thread", "sleep"])
        },
    },
    Rule {
        rule: "`stats` knows no other module",
        instead: "pass slices and numbers in; the domain's words stay with the caller",
        holds_for: |room| within(room, &["stats"]),
        breaks: |_, path| path.len() > 1 && path[0] == "crate" && path[1] != "stats",
    },
    Rule {
        rule: "`gate` names no model, store, report or tree",
        instead: "let the gate take scores and give calls; `assay` knows what they are made of",
        holds_for: |room| within(room, &["gate"]),
        breaks: |_, path| names_module(path, &["model", "store", "report", "tree"]),
    },
    Rule {
        rule: "what comes before the report does not name it",
        instead: "return the value; `report` turns it into what a person reads",
        holds_for: |room| {
            const UPSTREAM: &[&str] = &[
                "stats", "gate", "check", "golden", "catalog", "document", "prompt", "template", "change",
                "plan",
            ];
            within(room, UPSTREAM)
        },
        breaks: |_, path| names_module(path, &["report"]),
    },
    Rule {
        rule: "the AWS SDK stays in its adapters; its HTTP client, which knows nothing of AWS, serves `openai` and `tls`, too",
        instead: "translate to the types of the pure part inside the adapter",
        holds_for: |room| !is_of_aws(room),
        breaks: |room, path| {
            let is_http = ["adapters/openai/http.rs", "adapters/tls.rs"].contains(&room)
                && path[0].starts_with("aws_smithy_");
            path[0].starts_with("aws_") && !is_http
        },
    },
    Rule {
        rule: "the command line's library stays in `cli`",
        instead: "give `app` a plain struct",
        holds_for: |room| !within(room, &["cli", "main"]),
        breaks: |_, path| matches!(path[0], "clap" | "clap_complete" | "clap_mangen"),
    },
    Rule {
        rule: "SQL stays in the database adapter",
        instead: "add a method to the trait in `store`",
        holds_for: |room| !room.starts_with("adapters/database"),
        breaks: |_, path| path[0] == "rusqlite",
    },
    Rule {
        rule: "`app/database` alone opens a database, for it looks first whether Git keeps it",
        instead: "open it there, or ask for it as a `Store`",
        holds_for: |room| !room.starts_with("adapters/database") && room != "app/database.rs",
        breaks: |_, path| path.windows(2).any(|pair| pair == ["Database", "open"]),
    },
    Rule {
        rule: "files are written by `adapters/files`, which follows no link, or where a person named them",
        instead: "open a `files::Root` and write below it; `app/output` writes what a person named",
        holds_for: |room| {
            const WRITERS: [&str; 5] = [
                "adapters/files.rs",
                "app/output.rs",
                "app/demo.rs",
                "app/action/files.rs",
                "adapters/git/write.rs",
            ];
            !WRITERS.contains(&room)
        },
        breaks: |_, path| {
            const WRITING: [&str; 9] = [
                "write",
                "copy",
                "rename",
                "hard_link",
                "create_dir",
                "create_dir_all",
                "remove_file",
                "remove_dir_all",
                "OpenOptions",
            ];
            path.windows(2)
                .any(|pair| (pair[0] == "fs" && WRITING.contains(&pair[1])) || pair == ["File", "create"])
        },
    },
    Rule {
        rule: "Git's library stays in its adapter",
        instead: "read through the trait in `tree`",
        holds_for: |room| !room.starts_with("adapters/git"),
        breaks: |_, path| path[0] == "gix",
    },
    Rule {
        rule: "GitHub's client stays in its adapter",
        instead: "give the adapter a method that says what is wanted",
        holds_for: |room| !room.starts_with("adapters/github"),
        breaks: |_, path| path[0] == "octocrab",
    },
    Rule {
        rule: "`anyhow` is for `app` and `main` only",
        instead: "derive an error type with `thiserror`, one variant per thing the reader can do about it",
        holds_for: |room| !within(room, &["app", "main"]),
        breaks: |_, path| path[0] == "anyhow" || path[0] == "anyhow!",
    },
    Rule {
        rule: "nothing is unsafe",
        instead: "find a safe way, or a crate whose work this is",
        holds_for: |_| true,
        breaks: |_, path| path.contains(&"unsafe"),
    },
];

/// Whether a path below `src/` lies in one of these modules.
fn within(room: &str, modules: &[&str]) -> bool {
    let top = room.split('/').next().unwrap_or(room).trim_end_matches(".rs");
    modules.contains(&top)
}

/// The pure part is everything that is not the rim, so that a new module is pure until said otherwise.
fn is_pure(room: &str) -> bool {
    !within(room, &["app", "adapters", "runner", "cli", "main", "lib"])
}

fn names_module(path: &[&str], modules: &[&str]) -> bool {
    path.len() > 1 && path[0] == "crate" && modules.contains(&path[1])
}

/// The adapters of AWS's services, and what they share.
fn is_of_aws(room: &str) -> bool {
    ["appconfig", "aws", "batch", "bedrock", "prompt_management", "s3", "ssm"]
        .iter()
        .any(|name| room.starts_with(&adapter(name)))
}

/// The adapters of models.
fn is_of_models(room: &str) -> bool {
    ["bedrock", "openai"].iter().any(|name| room.starts_with(&adapter(name)))
}

fn adapter(name: &str) -> String {
    format!("adapters/{name}")
}

/// Everything in these files that breaks a rule.
pub fn faults(sources: &[Source]) -> Vec<Fault> {
    let modules: BTreeSet<ModulePath> =
        sources.iter().filter(|source| source.room().is_some()).map(Source::module).collect();
    sources
        .iter()
        .flat_map(|source| {
            let mut found = shape_faults(source);
            found.extend(unordered_fault(source, &modules));
            found.extend(path_faults(source, &modules));
            found
        })
        .collect()
}

fn path_faults(source: &Source, modules: &BTreeSet<ModulePath>) -> Vec<Fault> {
    let Some(room) = source.room() else { return Vec::new() };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| (rule.holds_for)(room)).collect();
    let mut found = Vec::new();
    for named in source.names(modules) {
        let path: Vec<&str> = named.path.iter().map(String::as_str).collect();
        for rule in rules.iter().filter(|rule| (rule.breaks)(room, &path)) {
            found.push(Fault {
                place: format!("{}:{}", source.path, named.line),
                found: format!("`{}`", path.join("::")),
                rule: rule.rule,
                instead: rule.instead,
            });
        }
    }
    found
}

/// Rules about the file itself.
fn shape_faults(source: &Source) -> Vec<Fault> {
    let fault = |line: usize, found: String, rule, instead| Fault {
        place: format!("{}:{line}", source.path),
        found,
        rule,
        instead,
    };
    let mut found = Vec::new();
    let only_tests = source.module().last().is_some_and(|name| name == "tests");
    if !only_tests && !source.text.starts_with("//! ") {
        let first = source.text.lines().next().unwrap_or_default();
        found.push(fault(
            1,
            format!("`{first}`"),
            "every file starts with its purpose (one called `tests` has said it)",
            "begin with one `//!` line that says what it is for",
        ));
    }
    let lines = source.text.lines().count();
    if lines > LONGEST {
        found.push(fault(
            lines,
            format!("{lines} lines"),
            "no file is longer than 500 lines",
            "find the two rooms in it and give each its name",
        ));
    }
    const DRAWERS: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];
    if let Some(drawer) = source.module().iter().find(|segment| DRAWERS.contains(&segment.as_str())) {
        found.push(fault(
            1,
            format!("a module called `{drawer}`"),
            "a module is called by what it is about",
            "name it after the thing, or move each part to the module it serves",
        ));
    }
    found
}

/// The first mention of an unordered collection that does not say why that is harmless.
fn unordered_fault(source: &Source, modules: &BTreeSet<ModulePath>) -> Option<Fault> {
    let names = source.names(modules);
    let first =
        names.iter().find(|named| named.path.iter().any(|word| word == "HashMap" || word == "HashSet"))?;
    let nearby: Vec<&str> = source.text.lines().skip(first.line.saturating_sub(2)).take(2).collect();
    let said = nearby.iter().any(|line| line.contains(UNORDERED));
    (!said).then(|| Fault {
        place: format!("{}:{}", source.path, first.line),
        found: format!("`{}`", first.path.join("::")),
        rule: "no order of a hash map reaches an output",
        instead: "use BTreeMap or a Vec, or write `// order never leaves` there and see to it that it is so",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that a file breaks, the rest of the house being two adapters and a gate.
    fn broken(path: &str, code: &str) -> Vec<&'static str> {
        let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let house = [
            "src/adapters/mod.rs",
            "src/adapters/aws.rs",
            "src/adapters/git.rs",
            "src/adapters/bedrock/mod.rs",
            "src/gate/mod.rs",
        ];
        let mut sources: Vec<Source> =
            house.iter().filter(|other| **other != path).map(|path| file(path, "//! Here.\n")).collect();
        sources.push(file(path, &format!("//! Here.\n{code}\n")));
        let mut rules: Vec<_> = faults(&sources).into_iter().map(|fault| fault.rule).collect();
        rules.dedup();
        rules
    }

    /// Code, its file, and a word of the one rule that it breaks.
    const BAD: &[(&str, &str, &str)] = &[
        ("src/runner/mod.rs", "use crate::adapters::git::Git;", "only `app`"),
        ("src/lib.rs", "pub use adapters::git::Git;", "only `app`"),
        ("src/cli.rs", "use crate::{adapters as rim};", "only `app`"),
        ("src/adapters/database.rs", "use super::git::Git;", "each other"),
        ("src/adapters/bedrock/call.rs", "use super::super::git;", "each other"),
        ("src/adapters/git.rs", "use super::aws::Connection;", "each other"),
        ("src/gate/mod.rs", "async fn f() {}", "do not wait"),
        ("src/model.rs", "fn f() { g.await }", "do not wait"),
        ("src/plan.rs", "use tokio::sync::mpsc;", "do not wait"),
        ("src/catalog/mod.rs", "use std::{collections::BTreeMap, fs};", "touch nothing"),
        ("src/config.rs", "fn f() { ::std::env::var(\"A\") }", "touch nothing"),
        ("src/check/mod.rs", "use std::net::{IpAddr, TcpStream};", "touch nothing"),
        ("src/verdict.rs", "std::process::exit(1)", "touch nothing"),
        ("src/report/mod.rs", "println!(\"x\")", "touch nothing"),
        ("src/report/mod.rs", "use std::io::stdout;", "touch nothing"),
        ("src/report/mod.rs", "use std::io; fn f() { io::stderr() }", "touch nothing"),
        ("src/trial.rs", "use std::time::{Duration, Instant};", "no clock"),
        ("src/store.rs", "use std::time; fn f() { time::SystemTime::now() }", "no clock"),
        ("src/script/mod.rs", "fn f() { rand::random() }", "no clock"),
        ("src/stats/mod.rs", "std::thread::sleep(x)", "no clock"),
        ("src/stats/beta.rs", "use crate::trial::Side;", "`stats` knows"),
        ("src/stats/beta.rs", "use super::super::gate::Gate;", "`stats` knows"),
        ("src/gate/mod.rs", "use crate::{model::Request, trial::Call};", "`gate` names"),
        ("src/gate/must.rs", "use crate::store::Store;", "`gate` names"),
        ("src/golden/mod.rs", "use crate::report::Report;", "before the report"),
        ("src/runner/mod.rs", "use aws_config::Region;", "AWS"),
        ("src/app/eval.rs", "aws_sdk_bedrockruntime::Client", "AWS"),
        ("src/app/eval.rs", "#[derive(clap::Args)] struct A;", "command line"),
        ("src/runner/mod.rs", "use rusqlite::Connection;", "SQL"),
        ("src/app/plan.rs", "fn f() { Database::open(path) }", "alone opens"),
        ("src/app/plan.rs", "fn f() { std::fs::write(path, text) }", "files are written"),
        ("src/adapters/directory.rs", "use std::fs::OpenOptions;", "files are written"),
        ("src/app/cache.rs", "use std::fs::File; fn f() { File::create(path) }", "files are written"),
        ("src/adapters/bedrock/mod.rs", "use gix::Repository;", "Git's"),
        ("src/app/action/mod.rs", "use octocrab::Octocrab;", "GitHub's"),
        ("src/action/mod.rs", "std::env::var(\"A\")", "touch nothing"),
        ("src/runner/mod.rs", "use anyhow::Context;", "`anyhow`"),
        ("src/main.rs", "fn main() { unsafe { f() } }", "unsafe"),
        ("src/utils.rs", "", "called by what"),
        ("src/gate/helpers/mod.rs", "", "called by what"),
        ("standin/src/common.rs", "", "called by what"),
        ("src/change.rs", "use std::collections::HashMap;", "hash map"),
        ("standin/src/ledger.rs", "use std::collections::{BTreeMap, HashSet};", "hash map"),
    ];

    #[test]
    fn bad_code_breaks_exactly_its_rule() {
        for (path, code, word) in BAD {
            let rules = broken(path, code);
            assert!(matches!(rules[..], [rule] if rule.contains(word)), "{path}: {code}: {rules:?}");
        }
    }

    #[test]
    fn every_rule_is_broken_by_some_bad_code() {
        for rule in RULES {
            assert!(
                BAD.iter().any(|(_, _, word)| rule.rule.contains(word)),
                "no bad code for: {}",
                rule.rule
            );
        }
    }

    #[test]
    fn good_code_breaks_none() {
        let good = [
            ("src/app/eval.rs", "use crate::adapters::git::Git; use anyhow::Context; async fn f() {}"),
            ("src/adapters/git.rs", "use gix::Repository; use std::fs;"),
            (
                "src/adapters/bedrock/call.rs",
                "use super::Client; use crate::adapters::bedrock::wire; use aws_config::X;",
            ),
            ("src/adapters/bedrock/mod.rs", "use crate::adapters::aws::Connection;"),
            ("src/adapters/mod.rs", "pub mod git; pub use git::Git;"),
            ("src/runner/mod.rs", "use tokio::time::Instant; use std::thread;"),
            ("src/cli.rs", "use clap::Parser; use std::env;"),
            ("src/trial.rs", "use std::time::Duration; // an Instant would be wrong"),
            ("src/gate/mod.rs", "use crate::trial::Call; const A: &str = \"std::fs\";"),
            (
                "src/stats/mod.rs",
                "use crate::stats::beta; use super::stats; #[cfg(test)] mod tests { use std::fs; }",
            ),
            ("src/assay/mod.rs", "use crate::report::Report; use crate::model::Request;"),
            ("src/golden/tests.rs", "use std::fs; use std::collections::HashMap;"),
            ("src/tree.rs", "use std::collections::HashMap; // order never leaves: looked up by path"),
            (
                "src/tree.rs",
                "// order never leaves\nuse std::collections::HashMap;\nfn f(a: HashMap<u8, u8>) {}",
            ),
            ("standin/src/server.rs", "use std::net::TcpListener; async fn f() {}"),
        ];
        for (path, code) in good {
            assert!(broken(path, code).is_empty(), "{path}: {code}: {:?}", broken(path, code));
        }
    }

    #[test]
    fn a_file_says_its_purpose_and_is_not_too_long() {
        let mute = Source { path: "src/a.rs".to_owned(), text: "use b;\n".to_owned() };
        assert_eq!(
            faults(&[mute])[0].to_string(),
            "src/a.rs:1: `use b;`\n    rule: every file starts with its purpose (one called `tests` has said it)\n    do:   begin with one `//!` line that says what it is for"
        );
        let lines = |count: usize| Source {
            path: "src/a.rs".to_owned(),
            text: format!("//! A.\n{}", "\n".repeat(count - 1)),
        };
        assert!(faults(&[lines(LONGEST)]).is_empty());
        assert!(faults(&[lines(LONGEST + 1)])[0].rule.contains("500 lines"));
    }
}
