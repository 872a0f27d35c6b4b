//! The rounds of one purchase: find the jobs of earlier runs, and submit the requests that these do
//! not contain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::service::Service;
use super::{Bought, Buyer, too_few};
use crate::batch::{self, Batch, Job, JobState};
use crate::price;
use crate::runner::{Allowance, Amount, Refusal};
use crate::store::StoreError;
use crate::store::pending::PendingJob;
use crate::trial::{AnswerKey, Trial};

/// The calls of a round, by the key of their answer.
pub(super) type Wanted = BTreeMap<AnswerKey, Arc<Trial>>;

/// A job that this run waits for.
pub(super) struct Awaited {
    pub(super) pending: PendingJob,
    pub(super) job: Job,
    pub(super) reserved: Amount,
    /// Whether it existed before this run: then its files may be deleted.
    pub(super) found: bool,
}

pub(super) struct Purchase<'a> {
    pub(super) buyer: &'a Buyer<'a>,
    service: Option<Service>,
    pub(super) allowance: Allowance,
    /// Never asked by another job of this run.
    pub(super) asked: BTreeSet<AnswerKey>,
    /// Jobs whose answers were deleted.
    pub(super) emptied: BTreeSet<String>,
    few: BTreeMap<String, usize>,
    pub(super) bought: Bought,
}

impl<'a> Purchase<'a> {
    pub(super) fn new(buyer: &'a Buyer<'a>) -> Self {
        Self {
            buyer,
            service: None,
            allowance: Allowance::new(buyer.budget),
            asked: BTreeSet::new(),
            emptied: BTreeSet::new(),
            few: BTreeMap::new(),
            bought: Bought::default(),
        }
    }

    pub(super) fn has_asked(&self, key: AnswerKey) -> bool {
        self.asked.contains(&key)
    }

    /// The outcome.
    pub(super) fn closed(mut self) -> Bought {
        self.bought.notes.extend(too_few(&self.few, self.buyer.policy.min_records));
        self.bought
    }

    /// Buys the calls that jobs can answer; false: another round would have no effect.
    pub(super) async fn round(&mut self, missing: Vec<Arc<Trial>>) -> anyhow::Result<bool> {
        let wanted: Wanted = missing.iter().map(|trial| (trial.key, Arc::clone(trial))).collect();
        let mut awaited = self.earlier(&wanted).await?;
        let pending: BTreeSet<AnswerKey> = awaited.iter().flat_map(|job| keys(&job.pending)).collect();
        let rest = missing.into_iter().filter(|trial| !pending.contains(&trial.key)).collect();
        let (batches, few) = batch::divide(rest, self.buyer.policy);
        self.few = few;
        let mut progress = false;
        for batch in batches {
            match self.submitted(&batch, &wanted).await? {
                Submitted::Awaited(job) => awaited.push(*job),
                Submitted::Answered => progress = true,
                Submitted::No => {}
            }
        }
        if awaited.is_empty() {
            return Ok(progress);
        }
        self.asked.extend(awaited.iter().flat_map(|job| keys(&job.pending)));
        self.wait(awaited, &wanted).await
    }

    pub(super) async fn service(&mut self) -> anyhow::Result<&Service> {
        let service = match self.service.take() {
            Some(service) => service,
            None => Service::connect(self.buyer.policy).await?,
        };
        Ok(self.service.insert(service))
    }

    /// Jobs of earlier runs that answer something of this round.
    async fn earlier(&mut self, wanted: &Wanted) -> anyhow::Result<Vec<Awaited>> {
        let store = self.buyer.store;
        let mut awaited = Vec::new();
        for pending in store.pending_jobs()? {
            if !keys(&pending).any(|key| wanted.contains_key(&key) && !self.asked.contains(&key)) {
                // It is from a run that was killed between its last answer and this line.
                if self.has_all(&pending)? {
                    store.forget_job(&pending.name)?;
                }
                continue;
            }
            match self.service().await?.remembered(&pending).await? {
                Some(job) => {
                    self.buyer
                        .say(&format!("the batch job `{}` of an earlier run is {}", job.name, job.status));
                    let pending = PendingJob { arn: Some(job.arn.clone()), ..pending };
                    store.keep_job(&pending)?;
                    awaited.push(Awaited { pending, job, reserved: Amount::default(), found: true });
                }
                None => store.forget_job(&pending.name)?,
            }
        }
        Ok(awaited)
    }

    fn has_all(&self, pending: &PendingJob) -> Result<bool, StoreError> {
        for key in keys(pending) {
            if self.buyer.store.answer(key)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sees to it that a job asks this batch.
    async fn submitted(&mut self, batch: &Batch, wanted: &Wanted) -> anyhow::Result<Submitted> {
        let Some(reserved) = self.reserve(batch) else { return Ok(Submitted::No) };
        let (buyer, policy) = (self.buyer, self.buyer.policy);
        let newest = self.service().await?.newest(batch).await?;
        let attempt = match newest {
            None => 1,
            Some((attempt, job)) => {
                let pending = batch.pending(job.name.clone(), Some(job.arn.clone()), policy);
                if job.state != JobState::Ended && !self.emptied.contains(&job.name) {
                    buyer.say(&format!(
                        "the batch job `{}` already has these requests and is {}",
                        job.name, job.status
                    ));
                    buyer.store.keep_job(&pending)?;
                    return Ok(Submitted::Awaited(Box::new(Awaited { pending, job, reserved, found: true })));
                }
                // The requests that it answered before it ended need not be sent again.
                let output = self.service().await?.output(&pending).await?.unwrap_or_default();
                if !self.emptied.contains(&job.name) && !output.answers.is_empty() {
                    self.take(&pending, reserved, &output, wanted)?;
                    return Ok(Submitted::Answered);
                }
                attempt + 1
            }
        };
        let pending = batch.pending(batch.name(attempt), None, policy);
        // Before anything is sent: if the response is lost, the next run looks for the job.
        buyer.store.keep_job(&pending)?;
        let submission = batch.submission(&pending, policy);
        let service = self.service().await?;
        service.put(&submission, &batch.file(buyer.as_sent)).await?;
        let job = service.submit(&submission).await?;
        let pending = PendingJob { arn: Some(job.arn.clone()), ..pending };
        buyer.store.keep_job(&pending)?;
        buyer.say(&format!(
            "the batch job `{}` asks {} answers of {}; looking every {} s (a submitted job continues without this process)",
            job.name,
            batch.trials.len(),
            batch.model,
            policy.poll_s
        ));
        Ok(Submitted::Awaited(Box::new(Awaited { pending, job, reserved, found: false })))
    }

    /// Reserves the most a batch can use; `None`: a cap does not allow it, and single calls are
    /// made up to the cap.
    fn reserve(&mut self, batch: &Batch) -> Option<Amount> {
        let mut worst = Amount::default();
        for trial in &batch.trials {
            let most = price::most(&trial.request);
            worst.money += self.buyer.prices.batch_worst(&trial.request).unwrap_or_default();
            worst.calls += 1;
            worst.tokens += most.input + most.output;
        }
        let Err(Refusal(refusal)) = self.allowance.reserve(worst) else { return Some(worst) };
        self.asked.extend(batch.trials.iter().map(|trial| trial.key));
        let cap = refusal.split(':').next().unwrap_or_default();
        self.bought.notes.push(format!(
            "{} answers of `{}` were bought by single calls, at the full price: a batch job of them can use more than \
             `{cap}` leaves (${:.2}, {} calls, {} tokens at the most).",
            batch.trials.len(),
            batch.model,
            worst.money.usd(),
            worst.calls,
            worst.tokens
        ));
        None
    }
}

/// The outcome of a batch.
enum Submitted {
    /// A job contains it.
    Awaited(Box<Awaited>),
    /// A job that ended early had answered a part of it.
    Answered,
    /// No job may contain it.
    No,
}

pub(super) fn keys(pending: &PendingJob) -> impl Iterator<Item = AnswerKey> + '_ {
    pending.records.iter().map(|record| record.key)
}
