//! Where results go: standard output or a file, in the requested format.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;

use crate::cli::OutputArgs;
use crate::report::{PlanReport, Report, terminal};

/// What fits the place that the text goes to.
pub fn style(args: &OutputArgs) -> terminal::Style {
    let style = if args.output.is_some() { terminal::Style::default() } else { on_stdout() };
    terminal::Style { verbose: args.verbose, ..style }
}

/// The style of standard output: its width and, on a terminal that takes them, colours. `NO_COLOR` and
/// `CLICOLOR_FORCE` decide where they are set (<https://no-color.org>, <https://bixense.com/clicolors>).
pub fn on_stdout() -> terminal::Style {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_terminal = std::io::stdout().is_terminal();
    let is_forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let colour = set("NO_COLOR").is_none() && (is_forced || is_screen());
    let width = crate::adapters::progress::columns().filter(|_| is_terminal);
    terminal::Style {
        colour,
        width: width.unwrap_or(terminal::Style::default().width),
        ..terminal::Style::default()
    }
}

/// Whether standard output is a terminal that takes more than plain text.
pub fn is_screen() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes a report.
///
/// # Errors
/// When the file cannot be written.
pub fn report(report: &Report, args: &OutputArgs) -> anyhow::Result<()> {
    let text = args.format.report(report, style(args));
    write(&text, args.output.as_deref())
}

/// Writes a plan.
///
/// # Errors
/// When the file cannot be written, or the format has no form for plans.
pub fn plan(report: &PlanReport, args: &OutputArgs) -> anyhow::Result<()> {
    let text = args
        .format
        .plan(report, style(args))
        .context("a plan has no test results; use `--format terminal|markdown|json|html`")?;
    write(&text, args.output.as_deref())
}

/// Checks that the file can be written, before anything is spent on its content.
///
/// # Errors
/// When it cannot.
pub fn check(path: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let was_there = path.exists();
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    if !was_there {
        std::fs::remove_file(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// Creates or empties a file that a person named.
///
/// # Errors
/// When it cannot be written.
pub fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::File::create(path).with_context(|| format!("cannot write `{}`", path.display()))
}

/// A result that was found out, and could not be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write to {place}: {error}\n   = make room, or name another place, and run it again: stored answers cost nothing"
)]
pub struct Unwritten {
    /// Where to, in words.
    pub place: String,
    /// What the system says.
    pub error: std::io::Error,
}

impl Unwritten {
    /// What a failed write to standard output is: nothing, if nobody reads it any more.
    ///
    /// # Errors
    /// Every other failure.
    pub fn unless_unread(error: std::io::Error) -> anyhow::Result<()> {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(Self { place: "standard output".to_owned(), error }.into()),
        }
    }

    /// A failed write to a file.
    pub fn to(path: &Path, error: std::io::Error) -> Self {
        Self { place: format!("`{}`", path.display()), error }
    }
}

/// Writes a text to a file, or to standard output; a closed pipe is no error.
///
/// # Errors
/// [`Unwritten`].
pub fn write(text: &str, file: Option<&Path>) -> anyhow::Result<()> {
    // Not as one text: reports have megabytes.
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = |to: &mut dyn Write| {
        to.write_all(text.as_bytes())?;
        to.write_all(end.as_bytes())
    };
    match file {
        Some(path) => written(&mut create(path)?).map_err(|error| Unwritten::to(path, error).into()),
        None => written(&mut std::io::stdout().lock()).or_else(Unwritten::unless_unread),
    }
}
