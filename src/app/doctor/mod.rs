//! `doctor`: looks at what a first run needs, in the order in which it needs it. Reads only, and spends nothing: models
//! count tokens, stores are read.

mod files;
mod services;

use super::models::Models;
use super::output;
use crate::cli::DoctorArgs;
use crate::doctor::{self, Finding, Look};

/// Runs `doctor` in the current directory.
///
/// # Errors
/// When the current directory is gone, or the system refuses threads.
pub fn run(args: &DoctorArgs) -> anyhow::Result<u8> {
    let here = crate::app::here()?;
    let (mut looks, read) = files::look(&here, args);
    if let Some(read) = read {
        let provider = &read.config.provider;
        if let Some(path) = provider.rules() {
            let said = format!("the rules of `{path}` answer instead of a model");
            looks.push(Look::new("provider", Finding::Remarkable(said, ONLY_RULES.to_owned())));
        }
        if let Some(models) = Models::of_service(provider) {
            looks.extend(services::look(&here, &read, &models)?);
        }
    }
    looks.extend(services::token()?);
    output::write(&doctor::render(&looks), args.output.as_deref())?;
    Ok(doctor::exit_code(&looks))
}

const ONLY_RULES: &str = "for a real evaluation take `provider` out of the configuration";
