//! The binary: parse, run, exit code.

use std::process::ExitCode;

use prompt_assay::app;
use prompt_assay::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::of_process();
    app::log::start(cli.verbose);
    match app::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            app::failure::say(&error);
            ExitCode::from(app::failure::exit_code(&error))
        }
    }
}
