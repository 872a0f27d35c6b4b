//! `--batch`: the missing screening answers are bought in batch jobs, before the run. The run then
//! continues from the store, and makes single calls for everything that no job answered.
//!
//! There are rounds: the missing calls become one job for each model that has enough of them. When
//! all jobs have ended, the judges' requests can be made from their answers; these are the next
//! round.

mod collect;
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
use crate::model::Request;
use crate::price::PriceTable;
use crate::runner::{BoughtBefore, Interrupt};
use crate::store::{Store, StoreError};

/// What buying needs.
pub struct Buyer<'a> {
    /// Where and how jobs run.
    pub policy: &'a BatchPolicy,
    /// Where answers and pending jobs are kept.
    pub store: &'a dyn Store,
    /// A request in the form that its model takes, as single calls of earlier runs found out.
    pub as_sent: &'a dyn Fn(&Request) -> Request,
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
    /// Every answer of a job that this run needs.
    pub answers: Vec<BoughtBefore>,
    /// What a reader of the report must know.
    pub notes: Vec<String>,
}

/// The policy that `--batch` needs.
///
/// # Errors
/// The error says what to write if the configuration has none.
pub fn policy(configured: Option<&BatchPolicy>) -> anyhow::Result<&BatchPolicy> {
    configured.ok_or_else(|| {
        anyhow::anyhow!(
            "`--batch` needs to know where jobs run: add to prompt-assay.yaml\n   = calls:\n       batch:\n         \
             role_arn: arn:aws:iam::123456789012:role/prompt-assay-batch\n         s3: s3://my-bucket/prompt-assay-batch"
        )
    })
}

impl Buyer<'_> {
    /// Buys what jobs can answer; `rehearsal` is a second copy of the run's work.
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

    /// Looks outside the store for missing answers; returns whether something was found.
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
            "{count} answers of `{model}` were bought by single calls, at the full price: a batch job needs at least \
             {least} records (`calls.batch.min_records`)."
        )
    })
}
