//! `completions` and `man`: what a shell and `man` read, on standard output.

use crate::cli::{CompletionsArgs, ManArgs};
use crate::problem::{Problem, Problems};

use super::output;

/// Runs `completions`.
///
/// # Errors
/// That standard output cannot be written.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<u8> {
    output::write(&String::from_utf8_lossy(&args.script()), None)?;
    Ok(0)
}

/// Runs `man`.
///
/// # Errors
/// A name that is no command.
pub fn man(args: &ManArgs) -> anyhow::Result<u8> {
    let page = args.page().map_err(|name| {
        let unknown = Problem::error(format!("there is no command `{name}`"));
        Problems::from(unknown.help("`prompt-assay --help` lists the commands"))
    })?;
    output::write(&String::from_utf8_lossy(&page), None)?;
    Ok(0)
}
