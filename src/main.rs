//! The binary: parse, log, run, exit code.

use std::process::ExitCode;

use prompt_assay::app;
use prompt_assay::cli::Cli;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::of_process();
    start_log(cli.verbose);
    match app::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            app::failure::say(&error);
            ExitCode::from(app::failure::exit_code(&error))
        }
    }
}

/// Starts logging: `-vv` for this program's steps, `-vvv` for more; never those of the libraries, which may quote
/// requests; `PROMPT_ASSAY_LOG` holds a filter of its own.
fn start_log(verbose: u8) {
    let default = match verbose {
        0 | 1 => "off",
        2 => "prompt_assay=debug",
        _ => "prompt_assay=trace",
    };
    let filter = EnvFilter::try_from_env("PROMPT_ASSAY_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time();
    // It would report this on standard error, which could not be written.
    subscriber.log_internal_errors(false).init();
}
