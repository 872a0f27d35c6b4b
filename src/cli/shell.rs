//! What a shell and `man` are given: completions and manual pages, from the command line's own description.

use clap::{Args, ValueEnum};
use clap_complete::generate;
use clap_complete::shells::{Bash, Fish, Zsh};

use super::command;

/// A shell that completions are made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shell {
    /// For `~/.local/share/bash-completion/completions/prompt-assay`
    Bash,
    /// For `~/.config/fish/completions/prompt-assay.fish`
    Fish,
    /// For `_prompt-assay` in a directory of `fpath`
    Zsh,
}

/// `completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

impl CompletionsArgs {
    /// The script that the shell reads.
    pub fn script(&self) -> Vec<u8> {
        let mut script = Vec::new();
        let mut command = command(&|_| false);
        let name = command.get_name().to_owned();
        match self.shell {
            Shell::Bash => {
                generate(Bash, &mut command, &name, &mut script);
                return one_name(&script, &name).into_bytes();
            }
            Shell::Fish => generate(Fish, &mut command, name, &mut script),
            Shell::Zsh => generate(Zsh, &mut command, name, &mut script),
        }
        script
    }
}

/// The script for Bash with one name for the program. clap_complete 4.6 writes a dash of it in one way where a command is
/// recognised, and in another where its options are, so that those of no command would be found.
fn one_name(script: &[u8], name: &str) -> String {
    String::from_utf8_lossy(script).replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// `man`.
#[derive(Clone, Debug, Default, Args)]
pub struct ManArgs {
    /// The command, such as `eval` or `cache prune`; default: the program.
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

impl ManArgs {
    /// The page in roff, which `man` reads.
    ///
    /// # Errors
    /// The words that name no command.
    pub fn page(&self) -> Result<Vec<u8>, String> {
        let mut root = command(&|_| false);
        root.build();
        let mut found = &root;
        for (at, name) in self.command.iter().enumerate() {
            found = found.find_subcommand(name).ok_or_else(|| self.command[..=at].join(" "))?;
        }
        let title = std::iter::once(root.get_name()).chain(self.command.iter().map(String::as_str));
        let title = title.collect::<Vec<_>>().join("-");
        let mut page = Vec::new();
        let man = clap_mangen::Man::new(found.clone()).title(title);
        // Writing to memory does not fail.
        man.render(&mut page).map_err(|error| error.to_string())?;
        Ok(page)
    }
}
