//! `--batch`: what the screening lacks is bought in batch jobs, before the run. The run then goes
//! on from the store, and buys by single calls what no job answered.
//!
//! In rounds: what is missing becomes one job for each model that has enough of it; when all have
//! ended, their answers make the judges' questions known, which are the next round.

mod harvest;
mod purchase;
mod service;

use std::collections::BTreeMap;

use tokio::sync::watch;

use self::purchase::Purchase;
use super::shared::Layered;
use crate::adapters::progress::say;
use crate::assay::Assay;
use crate::batch::Rehearsal;
use crate::config::{BatchPolicy, Budget};
use crate::price::PriceTable;
use crate::runner::{BoughtBefore, Interrupt};
use crate::store::{Store, StoreError};

/// What buying needs.
pub struct Buyer<'a> {
    /// Where and how jobs run.
    pub policy: &'a BatchPolicy,
    /// Where answers and pending jobs are kept.
    pub store: &'a dyn Store,
    /// What may hold answers that the store lacks.
    pub layered: Option<&'a Layered>,
    /// What tokens cost on demand.
    pub prices: &'a PriceTable,
    /// Caps of the run.
    pub budget: Budget,
    /// Ends the waiting.
    pub interrupt: watch::Receiver<Interrupt>,
    /// Whether nothing is said while waiting.
    pub quiet: bool,
}

/// What was bought.
#[derive(Default)]
pub struct Bought {
    /// Every answer that this run needs and a job brought.
    pub answers: Vec<BoughtBefore>,
    /// What a reader of the report must know.
    pub notes: Vec<String>,
}

/// The policy that `--batch` needs.
///
/// # Errors
/// Says what to write where the configuration has none.
pub fn policy(configured: Option<&BatchPolicy>) -> anyhow::Result<&BatchPolicy> {
    configured.ok_or_else(|| {
        anyhow::anyhow!(
            "`--batch` needs to know where jobs run: add to prompt-assay.yaml\n   = calls:\n       batch:\n         \
             role_arn: arn:aws:iam::123456789012:role/prompt-assay-batch\n         s3: s3://my-bucket/prompt-assay-batch"
        )
    })
}

impl Buyer<'_> {
    /// Buys what jobs can answer; `rehearsal` is the work of the run, made anew.
    ///
    /// # Errors
    /// When a job cannot be submitted or ended early, or the store fails. What was answered by then
    /// is stored.
    pub async fn buy(&self, rehearsal: Assay) -> anyhow::Result<Bought> {
        let mut rehearsal = Rehearsal::new(rehearsal);
        let mut purchase = Purchase::new(self);
        loop {
            let mut missing = rehearsal.missing(self.store)?;
            if self.bring().await? {
                continue;
            }
            missing.retain(|trial| !purchase.has_asked(trial.key));
            if missing.is_empty() || !purchase.round(missing).await? {
                return Ok(purchase.closed());
            }
        }
    }

    /// Looks beyond the store for what it lacks; whether something was found.
    async fn bring(&self) -> Result<bool, StoreError> {
        match self.layered {
            Some(layered) => layered.bring_missed().await,
            None => Ok(false),
        }
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            say(&crate::report::untrusted::terminal(text));
        }
    }
}

/// Why calls of a model were not bought in a job, in words.
fn too_few(few: &BTreeMap<String, usize>, least: usize) -> impl Iterator<Item = String> + '_ {
    few.iter().map(move |(model, count)| {
        format!(
            "{count} answers of `{model}` were asked for one by one, at the full price: a batch job needs at least \
             {least} records (`calls.batch.min_records`)."
        )
    })
}
