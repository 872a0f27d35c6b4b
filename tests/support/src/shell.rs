//! A command under conditions that only a shell can set: limits, ignored signals, mounts.

use std::process::Command;

/// The same command, with the same environment and directory, after these lines of `sh`. Lines that end with
/// `exec` replace the shell with it.
pub fn after(lines: &str, command: &Command) -> Command {
    let mut wrapped = Command::new("sh");
    wrapped.args(["-c", &format!("{lines} \"$0\" \"$@\"")]).arg(command.get_program());
    wrapped.args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        wrapped.envs(value.map(|value| (name, value)));
    }
    wrapped.current_dir(command.get_current_dir().expect("a directory"));
    wrapped
}
