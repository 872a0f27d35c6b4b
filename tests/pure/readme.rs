//! The documents are correct: the overview's files are read without a problem, every command line and
//! option they show exists, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay::cli;
use prompt_assay::config::{self, Provider};
use prompt_assay::problem::Problems;
use prompt_assay::script::Rules;
use prompt_assay::snapshot::Snapshot;
use prompt_assay::tree::MemoryTree;
use prompt_assay::verdict::Reason;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents for users, and those beside them.
fn documents() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("docs/").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    found.extend(["README.md", "CHANGELOG.md", "demo/README.md"].map(|name| root().join(name)));
    found.sort();
    found
}

/// The fenced blocks of a language, each with the text before it.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("```{language}\n");
    let starts = page.match_indices(&fence).map(|(at, _)| at);
    starts.map(|at| (&page[..at], page[at + fence.len()..].split("```").next().expect("a block"))).collect()
}

/// The text outside of fenced blocks.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The texts between single backticks.
fn spans(page: &str) -> Vec<String> {
    prose(page).split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

#[test]
fn the_three_files_of_the_overview_are_read_without_a_problem() {
    let page = read(&root().join("docs/overview.md"));
    let files: Vec<(&str, &str)> = blocks(&page, "yaml")
        .into_iter()
        .map(|(before, block)| (before.rsplit('`').nth(1).expect("the file's name before its text"), block))
        .collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["prompts.yaml", "golden/support.yaml", "prompt-assay.yaml"]);
    let tree = MemoryTree::new(files);
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, None, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(snapshot.prompts.len(), 1);
    assert!(snapshot.config.models.judge.is_some());
}

#[test]
fn the_configuration_for_a_local_model_is_read_without_a_problem() {
    let page = read(&root().join("README.md"));
    let local = blocks(&page, "yml").into_iter().find(|(_, block)| block.starts_with("provider:"));
    let tree = MemoryTree::new([("prompt-assay.yaml", local.expect("a block").1)]);
    let config = config::read(&tree, Some("prompt-assay.yaml")).unwrap_or_else(|all| panic!("{all}"));
    let Provider::OpenAi(server) = config.provider else { panic!("{:?}", config.provider) };
    assert!(server.is_local() && server.key_variable.is_none(), "no account is needed");
}

#[test]
fn the_rules_of_the_scripted_model_are_read_without_a_problem() {
    let page = read(&root().join("docs/configuration.md"));
    let (_, rules) = blocks(&page, "yaml").pop().expect("a block");
    assert!(rules.contains("when:"), "{rules}");
    Rules::read("rules.yaml", rules).unwrap_or_else(|problem| panic!("{problem}"));
}

/// Whether clap takes a command line; its words hold no blanks.
fn accepted(line: &str) -> Result<(), String> {
    match cli::command(&|_| true).try_get_matches_from(line.split_whitespace()) {
        Ok(_) => Ok(()),
        Err(error) if !error.use_stderr() => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Commands that are not ours.
const FOREIGN: [&str; 2] = ["cargo test", "cargo install --path ."];

#[test]
fn every_command_shown_is_one() {
    // The page of the commands shows their names alone; `cli_docs` holds it against them.
    for path in documents().into_iter().filter(|path| !path.ends_with("docs/cli.md")) {
        let page = read(&path);
        let mut lines: Vec<String> =
            spans(&page).into_iter().filter(|span| span.starts_with("prompt-assay ")).collect();
        let in_blocks = blocks(&page, "sh").into_iter().flat_map(|(_, block)| block.lines());
        lines.extend(in_blocks.map(|line| line.replace("cargo run --", "prompt-assay")));
        for line in lines.iter().filter(|line| !FOREIGN.contains(&line.as_str())) {
            if let Err(error) = accepted(line) {
                panic!("{}: `{line}`: {error}", path.display());
            }
        }
    }
    assert!(accepted("prompt-assay eval --such").is_err());
}

#[test]
fn every_option_named_exists() {
    let command = cli::command(&|_| false);
    let options: BTreeSet<String> = command
        .get_subcommands()
        .flat_map(|command| std::iter::once(command).chain(command.get_subcommands()))
        .chain([&command])
        .flat_map(|command| command.get_arguments())
        .filter_map(|option| Some(format!("--{}", option.get_long()?)))
        .collect();
    for path in documents() {
        for span in spans(&read(&path)).iter().filter(|span| span.starts_with("--")) {
            let option = span.split([' ', '=']).next().expect("a word");
            let is_claps_own = ["--help", "--version"].contains(&option);
            assert!(is_claps_own || options.contains(option), "{}: `{span}`", path.display());
        }
    }
}

#[test]
fn every_reason_is_explained() {
    let page = read(&root().join("docs/statistics.md"));
    // Who reads an unknown word names those that it knows.
    let known = serde_json::from_str::<Reason>("\"?\"").expect_err("no reason").to_string();
    let words: Vec<&str> = known.split('`').skip(3).step_by(2).collect();
    assert!(words.contains(&"confirmed_breaks") && words.len() > 15, "{words:?}");
    for word in words {
        assert!(
            page.contains(&format!("`{word}`")),
            "docs/statistics.md says nothing of the reason `{word}`"
        );
    }
}

/// The name GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let others = [
        "CONTRIBUTING.md",
        "SECURITY.md",
        "clients/node/README.md",
        "clients/python/README.md",
        "clients/rust/README.md",
    ];
    let mut seen = 0;
    for path in documents().into_iter().chain(others.map(|name| root().join(name))) {
        let text = prose(&read(&path));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name("").join(file) };
            assert!(target.exists(), "{}: no file `{file}`", path.display());
            if !fragment.is_empty() {
                assert!(
                    anchors(&read(&target)).contains(fragment),
                    "{}: no heading `{link}`",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 15, "only {seen} links: are they still found?");
}

/// The tests that a page names, as `module::module::test`.
fn named_tests(page: &str) -> Vec<String> {
    let is_path = |span: &String| {
        let parts: Vec<&str> = span.split("::").collect();
        let is_name =
            |part: &&str| part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        parts.len() > 1 && parts.iter().all(|part| !part.is_empty() && is_name(part))
    };
    spans(page).into_iter().filter(is_path).collect()
}

#[test]
fn every_test_that_reliability_names_exists() {
    let page = read(&root().join("docs/reliability.md"));
    let named = named_tests(&page);
    assert!(named.len() > 20, "{named:?}");
    for path in named {
        let (modules, name) = path.rsplit_once("::").expect("a module");
        let below = |program: &str| root().join("tests").join(program).join(modules.replace("::", "/"));
        let files = ["program", "pure", "hostile", "emulators"]
            .into_iter()
            .flat_map(|program| [below(program).with_extension("rs"), below(program).join("mod.rs")]);
        let text: String = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
        assert!(
            text.contains(&format!("fn {name}(")),
            "docs/reliability.md names `{path}`, which does not exist"
        );
    }
}

#[test]
fn every_page_is_in_the_book() {
    let summary = read(&root().join("docs/SUMMARY.md"));
    let listed: Vec<&str> =
        summary.split("](").skip(1).map(|rest| rest.split(')').next().expect("a link")).collect();
    let pages =
        fs::read_dir(root().join("docs")).expect("docs/").map(|entry| entry.expect("an entry").file_name());
    for page in pages.map(|name| name.to_string_lossy().into_owned()) {
        let is_page = page.ends_with(".md") && page != "SUMMARY.md";
        assert_eq!(is_page, listed.contains(&page.as_str()), "docs/SUMMARY.md and docs/{page}");
    }
}
