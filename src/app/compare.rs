//! `compare`: sides of the same prompts, each against the first, by the gate's own procedure. It decides nothing: no
//! evidence is written, and no run is stored.

use std::path::Path;

use anyhow::Context;

use super::backing::override_config;
use super::eval::measure;
use super::purpose::Purpose;
use super::session::{self, Session};
use super::signals::Interrupts;
use super::spending::Spending;
use super::workspace::Workspace;
use super::{on_disk, output};
use crate::cli::{CallArgs, CompareArgs, EvalArgs, OutputArgs, SideArgs};
use crate::prompt::Tier;
use crate::report::Report;
use crate::report::format::{Format, TextFormat};
use crate::sides::{self, Comparison, Settings, Side, SideHead};

/// Runs `compare` in the current directory.
///
/// # Errors
/// See [`super::run`].
pub fn run(args: &CompareArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    let format = args.output.format.text().context(
        "a comparison has no test results and no page of its own; use `--format terminal|markdown|json`",
    )?;
    output::check(args.output.output.as_deref())?;
    let here = super::here()?;
    let common = Settings { model: args.model.clone(), tier: args.tier, ..Settings::default() };
    let sides = sides::sides(&args.sides, &args.models, &common)?;
    let found = compare(&here, args, &sides, interrupts)?;
    let code = found.exit_code(args.fail_if_worse);
    let text = match format {
        TextFormat::Terminal => sides::render_terminal(&found, output::style(&args.output)),
        TextFormat::Markdown => sides::render_markdown(&found),
        TextFormat::Json => sides::render_json(&found, code),
    };
    output::write(&text, args.output.output.as_deref())?;
    Ok(code)
}

/// Every later side against the first, one pair after the other: the first side's answers are bought once. All pairs
/// share one budget.
fn compare(
    here: &Path,
    args: &CompareArgs,
    sides: &[Side],
    interrupts: &Interrupts,
) -> anyhow::Result<Comparison> {
    let keys = session::store_keys()?;
    // Nothing of it is decided: whatever is stored counts.
    let seals = session::seals(keys.as_ref(), Tier::Branch);
    let [first, others @ ..] = sides else { anyhow::bail!("no side is named") };
    // All are read before the first call is made: a mistake in the last side must not cost the others.
    let mut pairs = Vec::new();
    let mut left_out = Vec::new();
    for (place, other) in others.iter().enumerate() {
        let mut pair = on_disk::open_pair(here, &side_args(args), [first, other])?;
        pair.purpose = Purpose::Pair { letter: Comparison::letter(place + 1), of: others.len() };
        pair.config.accepted_breaks.clear();
        // Every side is measured on all cases.
        pair.config.gate.fail_fast = false;
        session::redact(&mut pair.config, keys.as_ref());
        override_config(&mut pair.config, &args.calls)?;
        left_out.extend(sides::divide(&mut pair.changes));
        pairs.push(pair);
    }
    let heads = heads(sides, &pairs);
    let mut reports: Vec<Report> = Vec::new();
    let mut spending = Spending::default();
    for mut pair in pairs {
        let session = Session { seals: seals.clone(), ..Session::start(interrupts)? };
        pair.config.budget = spending.left_of(pair.config.budget);
        let measured = measure(here, pair, &eval_args(args), &session)?;
        measured.share(&session);
        spending.add(&measured.report, measured.lost);
        reports.push(measured.report);
    }
    Ok(Comparison::of(heads, reports, left_out))
}

fn side_args(args: &CompareArgs) -> SideArgs {
    SideArgs { config: args.config.clone(), prompts: args.prompts.clone(), ..SideArgs::default() }
}

/// The options of one pair. Its budget is in the configuration already.
fn eval_args(args: &CompareArgs) -> EvalArgs {
    let calls = CallArgs { max_cost: None, max_calls: None, max_tokens: None, ..args.calls.clone() };
    // The format decides about texts of cases that are no finding, and none is shown.
    let output = OutputArgs { format: Format::Terminal, ..args.output.clone() };
    EvalArgs { sides: side_args(args), output, calls, ..EvalArgs::default() }
}

fn heads(sides: &[Side], pairs: &[Workspace]) -> Vec<SideHead> {
    let revisions =
        pairs.first().map(|pair| &pair.base).into_iter().chain(pairs.iter().map(|pair| &pair.head));
    let head = |(side, revision): (&Side, &crate::report::Revision)| SideHead {
        written: side.written.clone(),
        revision: revision.clone(),
        settings: side.settings.clone(),
    };
    sides.iter().zip(revisions).map(head).collect()
}
