//! Makes calls: trials in, answers out. Stored answers are returned at once, other calls are made
//! as fast as each model's quota allows, with one retry layer and one budget; every answer is
//! stored before it is used.
//!
//! ```text
//! Work::wanted -> stored? -> shared? -> budget -> limiter -> call -> retry by class -> store -> Work::observe
//! ```

mod allowance;
mod backoff;
mod drive;
mod event;
mod flights;
mod landing;
mod launch;
mod ledger;
mod limiter;
mod lookups;
#[cfg(test)]
mod tests;
mod traffic;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub use self::allowance::{Allowance, Amount, Refusal};
pub use self::backoff::{Backoff, Retries};
pub use self::event::{Counters, Event, Label};
pub use self::ledger::{BoughtBefore, Lost, Spend, SpendKey, Tally};

use crate::config::{Budget, CallPolicy};
use crate::model::Model;
use crate::price::PriceTable;
use crate::store::{Store, StoreError};
use crate::trial::{Lane, Work};

/// How stored answers are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// Stored answers are used, bought answers are stored.
    #[default]
    ReadWrite,
    /// Answers of earlier runs are ignored; bought answers are stored.
    Fresh,
    /// The store is neither read nor written.
    Off,
    /// Only stored answers are used; a missing answer is a failure, and no call is made.
    Offline,
}

/// Whether a person or the host asked the run to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interrupt {
    /// The run was not asked to end.
    #[default]
    None,
    /// No new calls; calls in flight have [`GRACE`] to return their paid answers.
    Gentle,
    /// At once.
    AtOnce,
}

/// How long calls in flight may take after [`Interrupt::Gentle`].
pub const GRACE: Duration = Duration::from_secs(5);

impl Interrupt {
    /// A signal that never comes.
    pub fn never() -> watch::Receiver<Interrupt> {
        watch::channel(Interrupt::None).1
    }
}

/// The run could not continue, for a reason that is not a failure of a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunnerError {
    /// An answer could not be read or stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A cap cannot be kept.
    #[error(
        "the price of model `{model}` is unknown, so {cap} cannot be kept{}; if the id is right, add the price \
         that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under \
         `prices:` in prompt-assay.yaml\n  \
         prices:\n    {model}: {{input: …, output: …}}",
        crate::price::nearest_known(model).map(|known| format!(" (did you mean `{known}`?)")).unwrap_or_default()
    )]
    UnknownPrice {
        /// The model's id.
        model: String,
        /// The cap.
        cap: Cap,
    },
    /// A cap cannot be kept, and no table but the configuration's has prices of this provider.
    #[error(
        "the price of model `{model}` is not known, so {cap} cannot be kept: write it, in US dollars per million \
         tokens, under `prices:` in prompt-assay.yaml; it is 0 for a model on your own machine\n  \
         prices:\n    {model}: {{input: …, output: …}}"
    )]
    UnwrittenPrice {
        /// The model's id.
        model: String,
        /// The cap.
        cap: Cap,
    },
    /// A cap from outside the change cannot be kept.
    #[error(
        "the price of model `{model}` is only in the proposed change, and {} does not use it: merge the price under \
         `prices:` in prompt-assay.yaml first, then the change that uses the model",
        cap.as_of_outside()
    )]
    ProposedPrice {
        /// The model's id.
        model: String,
        /// The cap.
        cap: Cap,
    },
    /// The work repeatedly asks for answers that it already has.
    #[error("the run makes no progress; this is a bug in prompt-assay, please report it")]
    Stalled,
}

/// A cap that needs prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// What a run may cost.
    Run,
    /// What a call may cost.
    Call,
}

impl fmt::Display for Cap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Cap::Run => "`max_cost`",
            Cap::Call => "the limit `cost_usd` of `budget_per_call`",
        })
    }
}

impl Cap {
    fn as_of_outside(self) -> &'static str {
        match self {
            Cap::Run => "a cap from outside (`max-cost`)",
            Cap::Call => "the limit `cost_usd` of `budget_per_call`",
        }
    }
}

/// Checks that `max_cost`, if there is one, can be kept for these models; to be asked before
/// anything is spent.
///
/// # Errors
/// Names the first model whose price is unknown.
pub fn require_prices_of_run<'a>(
    budget: &Budget,
    prices: &PriceTable,
    models: impl IntoIterator<Item = &'a str>,
) -> Result<(), RunnerError> {
    match budget.max_cost {
        Some(_) => require_prices(Cap::Run, prices, models),
        None => Ok(()),
    }
}

/// Checks that a cap can be kept for these models. Where nobody is charged there is nothing to keep.
///
/// # Errors
/// Names the first model whose price is unknown.
pub fn require_prices<'a>(
    cap: Cap,
    prices: &PriceTable,
    models: impl IntoIterator<Item = &'a str>,
) -> Result<(), RunnerError> {
    if prices.is_for_nothing() {
        return Ok(());
    }
    match models.into_iter().find(|model| prices.price_of_caps(model).is_none()) {
        Some(model) if prices.price(model).is_some() => {
            Err(RunnerError::ProposedPrice { model: model.to_owned(), cap })
        }
        Some(model) if !prices.is_of_bedrock() => {
            Err(RunnerError::UnwrittenPrice { model: model.to_owned(), cap })
        }
        Some(model) => Err(RunnerError::UnknownPrice { model: model.to_owned(), cap }),
        None => Ok(()),
    }
}

/// Everything calls need.
pub struct Runner {
    /// Answers trials of [`Lane::Prompt`].
    pub prompt: Arc<dyn Model>,
    /// Answers the other trials; may be the same.
    pub judge: Arc<dyn Model>,
    /// Where answers are kept.
    pub store: Arc<dyn Store>,
    /// Limits of calls.
    pub policy: CallPolicy,
    /// Caps of the run.
    pub budget: Budget,
    /// What tokens cost.
    pub prices: PriceTable,
    /// How stored answers are used.
    pub cache: CacheMode,
    /// Ends the run early.
    pub interrupt: watch::Receiver<Interrupt>,
}

impl Runner {
    /// Does the work: makes the calls it wants until it wants no more, and returns what that
    /// cost. Needs a tokio runtime. Every answer that was paid for is in the store when this
    /// returns, also when the work stopped early or an error is returned.
    ///
    /// # Errors
    /// When the store fails, or a price is unknown that a cap needs. A model's failures are not
    /// errors: they are outcomes for the work.
    pub async fn run(
        &self,
        work: &mut dyn Work,
        events: &mut dyn FnMut(Event<'_>),
    ) -> Result<Spend, RunnerError> {
        self.run_after(&[], work, events).await
    }

    /// [`Runner::run`], after these answers were bought for it and stored: they count against the
    /// budget and in the spend as if the run had bought them.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub async fn run_after(
        &self,
        bought: &[BoughtBefore],
        work: &mut dyn Work,
        events: &mut dyn FnMut(Event<'_>),
    ) -> Result<Spend, RunnerError> {
        drive::run(self, bought, work, events).await
    }

    /// [`require_prices_of_run`] of this run.
    ///
    /// # Errors
    /// Names the first model whose price is unknown.
    pub fn require_prices<'a>(&self, models: impl IntoIterator<Item = &'a str>) -> Result<(), RunnerError> {
        require_prices_of_run(&self.budget, &self.prices, models)
    }

    fn model(&self, lane: Lane) -> &Arc<dyn Model> {
        match lane {
            Lane::Prompt => &self.prompt,
            Lane::Judge | Lane::Embedding => &self.judge,
        }
    }
}
