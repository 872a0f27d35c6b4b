//! docs/cli.md equals the output of `--help`. `UPDATE=1 cargo test --test pure cli_docs::` writes it again.

use std::fmt::Write;
use std::path::Path;

use clap::Command;
use prompt_assay::cli;

/// The page, from the command line's own description.
fn page() -> String {
    let mut command = cli::command(&|_| false).term_width(100);
    command.build();
    let mut page = String::from(
        "# Commands\n\nThis page shows the output of `--help` for `prompt-assay` and for every command. Each option can \
         also be set by the\nenvironment variable beside it. An empty variable counts as absent, and an option on the \
         command line wins.\n",
    );
    section(&mut page, &mut command, "prompt-assay");
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in names {
        let found = command.find_subcommand_mut(&name).expect("a name just read");
        section(&mut page, &mut found.clone().term_width(100), &format!("prompt-assay {name}"));
        for inner in found.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let title = format!("prompt-assay {name} {}", inner.get_name());
            section(&mut page, &mut inner.clone().term_width(100), &title);
        }
    }
    page
}

fn section(page: &mut String, command: &mut Command, title: &str) {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    write!(page, "\n## `{title}`\n\n```text\n{}\n```\n", lines.join("\n")).expect("text");
}

#[test]
fn the_page_is_what_help_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, page()).expect("docs/cli.md can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/cli.md is out of date: run `UPDATE=1 cargo test --test pure cli_docs::`"
    );
}

#[test]
fn every_option_has_an_environment_form() {
    let mut command = cli::command(&|_| false);
    command.build();
    for command in command.get_subcommands().filter(|command| command.get_name() != "demo") {
        for option in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
            let long = option.get_long().expect("just asked for");
            let wanted = format!("PROMPT_ASSAY_{}", long.to_uppercase().replace('-', "_"));
            let found = option.get_env().map(|name| name.to_string_lossy().into_owned());
            let is_general = matches!(long, "help" | "version" | "verbose");
            assert!(is_general || found == Some(wanted), "{} --{long}: {found:?}", command.get_name());
        }
    }
}

#[test]
fn an_empty_variable_is_none() {
    let parsed =
        cli::command(&|name| name == "PROMPT_ASSAY_BASE").try_get_matches_from(["prompt-assay", "plan"]);
    assert!(parsed.is_ok(), "{parsed:?}");
    let command = cli::command(&|name| name == "PROMPT_ASSAY_BASE");
    let plan = command.find_subcommand("plan").expect("a command");
    let variable = |id: &str| {
        let found = plan.get_arguments().find(|argument| argument.get_id() == id).expect("an option");
        found.get_env().is_some()
    };
    assert_eq!([variable("base"), variable("head")], [false, true]);
}
