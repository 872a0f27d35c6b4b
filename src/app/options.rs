//! Options of a command, which override the configuration.

use crate::cli::CallArgs;
use crate::config::Config;
use crate::runner::CacheMode;

/// Budget, concurrency and seed as the options say, where they do.
///
/// # Errors
/// When a number makes no sense.
pub fn override_config(config: &mut Config, args: &CallArgs) -> anyhow::Result<()> {
    if let Some(cost) = args.max_cost {
        anyhow::ensure!(cost.is_finite() && cost >= 0.0, "`--max-cost` must be 0 or more US dollars");
        config.budget.max_cost = Some(cost);
    }
    if let Some(concurrency) = args.concurrency {
        anyhow::ensure!(concurrency > 0, "`--concurrency` must be at least 1");
        config.calls.concurrency = concurrency;
    }
    config.budget.max_calls = args.max_calls.or(config.budget.max_calls);
    config.budget.max_tokens = args.max_tokens.or(config.budget.max_tokens);
    if let Some(seed) = &args.seed {
        config.gate.seed.clone_from(seed);
    }
    Ok(())
}

/// How stored answers are used.
pub fn cache_mode(args: &CallArgs) -> CacheMode {
    match (args.offline, args.fresh, args.no_cache) {
        (true, _, _) => CacheMode::Offline,
        (_, true, _) => CacheMode::Fresh,
        (_, _, true) => CacheMode::Off,
        _ => CacheMode::ReadWrite,
    }
}
