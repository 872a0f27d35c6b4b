//! `cache`: counts, prunes, exports and imports the store.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::output::Unwritten;
use super::{database, output, pricing, workspace};
use crate::adapters::clock;
use crate::adapters::database::{Database, TransferError};
use crate::adapters::git::Repository;
use crate::calendar;
use crate::cli::{CacheArgs, CacheCommand, PruneArgs, SideArgs};
use crate::price::PriceTable;
use crate::report::{table, untrusted, wording};
use crate::store::location::Location;
use crate::store::stats::{Pruning, StoreStats};

const DAY: u64 = 24 * 60 * 60;
const MEGABYTE: u64 = 1_000_000;

/// Runs `cache`.
///
/// # Errors
/// When the database or a file cannot be read or written, or an imported file is damaged.
pub fn run(args: &CacheArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let is_new_allowed = matches!(args.command, CacheCommand::Import { .. });
    let Opened { database, prices } = open(&here, args, is_new_allowed)?;
    match &args.command {
        CacheCommand::Stats { json } => {
            let stats = database.stats()?;
            output::write(&if *json { as_json(&stats, &prices) } else { as_table(&stats, &prices) }, None)?;
        }
        CacheCommand::Prune(pruning) => prune(&database, pruning)?,
        CacheCommand::Export { file } => export(&database, file.as_deref())?,
        CacheCommand::Import { files } => {
            for file in files {
                import(&database, file)?;
            }
        }
    }
    Ok(0)
}

/// A database and what tokens cost here.
struct Opened {
    database: Database,
    prices: PriceTable,
}

/// The database, and what tokens cost here. A database that is named needs no repository.
fn open(here: &Path, args: &CacheArgs, is_new_allowed: bool) -> anyhow::Result<Opened> {
    let is_there = |path: PathBuf| {
        anyhow::ensure!(
            is_new_allowed || path.exists(),
            "nothing is stored here: `{}` does not exist; run `prompt-assay eval`, or name another with `--database`",
            path.display()
        );
        anyhow::Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let built_in = runtime.block_on(pricing::here());
    if let Some(path) = &args.database {
        let path = here.join(path);
        is_there(path.clone())?;
        return Ok(Opened { database: database::named(&path)?, prices: built_in });
    }
    let repository = Repository::discover(here)?;
    let config = workspace::config(&repository, here, &SideArgs::default())?;
    is_there(repository.root().join(&config.database))?;
    let database = database::open(repository.root(), &Location::of_database(&config.database))?;
    let prices = built_in.with(&config.prices);
    let is_paid = config.provider.kind().is_language_model();
    Ok(Opened { database, prices: if is_paid { prices } else { prices.for_nothing() } })
}

fn as_table(stats: &StoreStats, prices: &PriceTable) -> String {
    let mut text = format!(
        "{}, {}, {}, {} of evidence; {:.1} MB\n",
        counted(stats.answers, "answer"),
        counted(stats.comparisons, "comparison"),
        counted(stats.runs, "run"),
        counted(stats.evidence, "record"),
        stats.bytes as f64 / MEGABYTE as f64
    );
    if let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) {
        let (oldest, newest) = (calendar::date(oldest), calendar::date(newest));
        text.push_str(&format!("bought between {oldest} and {newest}\n\n"));
    }
    let paid = if prices.is_for_nothing() { "would cost" } else { "paid" };
    let mut rows =
        vec![["answers", "input tokens", "output tokens", paid, "model"].map(str::to_owned).to_vec()];
    rows.extend(stats.models.iter().map(|share| {
        let usage = share.usage;
        let paid = prices.cost(&share.model, usage).map_or("unknown".to_owned(), |usd| format!("${usd:.4}"));
        let input = usage.input + usage.cache_read + usage.cache_write;
        let numbers = [share.answers, input, usage.output].map(|number| number.to_string());
        numbers.into_iter().chain([paid, share.model.clone()]).collect()
    }));
    if rows.len() > 1 {
        text.push_str(&table::text(&rows, 4));
    }
    if prices.is_for_nothing() {
        text.push_str("nothing was paid: the rules of a file answer here (provider scripted)\n");
    }
    untrusted::terminal(&text)
}

fn counted(n: u64, noun: &str) -> String {
    wording::count(usize::try_from(n).unwrap_or(usize::MAX), noun)
}

fn as_json(stats: &StoreStats, prices: &PriceTable) -> String {
    let models = stats.models.iter().map(|share| {
        json!({
            "model": share.model,
            "answers": share.answers,
            "input_tokens": share.usage.input,
            "output_tokens": share.usage.output,
            "cache_read_tokens": share.usage.cache_read,
            "cache_write_tokens": share.usage.cache_write,
            "usd": prices.cost(&share.model, share.usage),
        })
    });
    let counted = json!({
        "schema_version": 1,
        "answers": stats.answers,
        "comparisons": stats.comparisons,
        "runs": stats.runs,
        "evidence": stats.evidence,
        "bytes": stats.bytes,
        "oldest": stats.oldest,
        "newest": stats.newest,
        "hypothetical": prices.is_for_nothing(),
        "models": models.collect::<Vec<_>>(),
    });
    untrusted::json(&counted)
}

fn prune(database: &Database, args: &PruneArgs) -> anyhow::Result<()> {
    let unused_since = args.unused_for.map(|days| clock::now().saturating_sub(u64::from(days) * DAY));
    let max_bytes = args.max_size.map(|size| size.saturating_mul(MEGABYTE));
    let pruning = Pruning { unused_since, max_bytes, models: args.of_models.clone() };
    let pruned = database.prune(&pruning, args.dry_run)?;
    let (verb, bytes) = match args.dry_run {
        true => ("would be removed", String::new()),
        false => ("removed", format!("; {} bytes before, {} after", pruned.bytes_before, pruned.bytes_after)),
    };
    let (answers, runs) = (counted(pruned.answers, "answer"), counted(pruned.runs, "run"));
    let mut text = format!("{answers} and {runs} {verb}{bytes}");
    if pruned.comparisons > 0 {
        let comparisons = counted(pruned.comparisons, "comparison");
        let _ = write!(text, "\n{comparisons} may lack answers; what is evaluated again says so");
    }
    output::write(&text, None)
}

fn export(database: &Database, file: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = file else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        return match database.export(&mut out) {
            Ok(_) => out.flush().or_else(Unwritten::unless_unread),
            Err(TransferError::Io(error)) => Unwritten::unless_unread(error),
            Err(error) => Err(error.into()),
        };
    };
    let mut out = BufWriter::new(output::create(path)?);
    let entries = match database.export(&mut out) {
        Err(TransferError::Io(error)) => return Err(Unwritten::to(path, error).into()),
        entries => entries?,
    };
    out.flush().map_err(|error| Unwritten::to(path, error))?;
    output::write(&format!("{entries} entries written to `{}`", path.display()), None)
}

fn import(database: &Database, path: &Path) -> anyhow::Result<()> {
    let named = || format!("`{}`", path.display());
    let imported = if path == Path::new("-") {
        database.import(&mut std::io::stdin().lock()).context("standard input")?
    } else {
        database::refuse_tracked(path)?;
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        database.import(&mut BufReader::new(file)).with_context(named)?
    };
    let text = format!(
        "new: {}, {}, {} and {} of evidence; {} here already",
        counted(imported.answers, "answer"),
        counted(imported.comparisons, "comparison"),
        counted(imported.runs, "run"),
        counted(imported.evidence, "record"),
        wording::thousands(imported.known)
    );
    output::write(&text, None)
}
