//! The rounds of one purchase: find the jobs of earlier runs, submit what they do not ask, wait,
//! store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::service::Service;
use super::{Bought, Buyer, too_few};
use crate::app::today;
use crate::batch::{self, Batch, Job, JobEnded, JobState, Output};
use crate::price;
use crate::runner::{Allowance, Amount, BoughtBefore, Interrupt, Refusal};
use crate::store::entry::AnswerEntry;
use crate::store::pending::{PendingJob, PendingRecord};
use crate::store::{StoreError, StoredAnswer};
use crate::trial::{AnswerKey, Trial};

/// The calls of a round, by the key of their answer.
type Wanted = BTreeMap<AnswerKey, Arc<Trial>>;

/// A job that this run waits for.
struct Awaited {
    pending: PendingJob,
    job: Job,
    reserved: Amount,
    /// Whether it was there before this run: then its files may be gone.
    found: bool,
}

pub(super) struct Purchase<'a> {
    buyer: &'a Buyer<'a>,
    service: Option<Service>,
    allowance: Allowance,
    /// Never asked by another job of this run.
    asked: BTreeSet<AnswerKey>,
    /// Jobs whose answers are gone.
    emptied: BTreeSet<String>,
    few: BTreeMap<String, usize>,
    bought: Bought,
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

    /// What came of it.
    pub(super) fn closed(mut self) -> Bought {
        self.bought.notes.extend(too_few(&self.few, self.buyer.policy.min_records));
        self.bought
    }

    /// Buys what jobs can answer of these; false: another round would bring nothing.
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

    async fn service(&mut self) -> anyhow::Result<&Service> {
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
                // A run that was killed between its last answer and this line left it.
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
                        "the batch job `{}` asks this already and is {}",
                        job.name, job.status
                    ));
                    buyer.store.keep_job(&pending)?;
                    return Ok(Submitted::Awaited(Box::new(Awaited { pending, job, reserved, found: true })));
                }
                // What it answered before it ended need not be asked again.
                let output = self.service().await?.output(&pending).await?.unwrap_or_default();
                if !self.emptied.contains(&job.name) && !output.answers.is_empty() {
                    self.take(&pending, reserved, &output, wanted)?;
                    return Ok(Submitted::Answered);
                }
                attempt + 1
            }
        };
        let pending = batch.pending(batch.name(attempt), None, policy);
        // Before anything is sent: should the answer never come, the next run looks for the job.
        buyer.store.keep_job(&pending)?;
        let submission = batch.submission(&pending, policy);
        let service = self.service().await?;
        service.put(&submission, &batch.file()).await?;
        let job = service.submit(&submission).await?;
        let pending = PendingJob { arn: Some(job.arn.clone()), ..pending };
        buyer.store.keep_job(&pending)?;
        buyer.say(&format!(
            "the batch job `{}` asks {} answers of {}; looking every {} s (what is submitted goes on without us)",
            job.name,
            batch.trials.len(),
            batch.model,
            policy.poll_s
        ));
        Ok(Submitted::Awaited(Box::new(Awaited { pending, job, reserved, found: false })))
    }

    /// Reserves the most a batch can use; `None`: a cap does not allow it, and single calls go as
    /// far as it does.
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
            "{} answers of `{}` were asked for one by one, at the full price: a batch job of them can use more than \
             `{cap}` leaves (${:.2}, {} calls, {} tokens at the most).",
            batch.trials.len(),
            batch.model,
            worst.money.usd(),
            worst.calls,
            worst.tokens
        ));
        None
    }

    /// Waits until all have ended; takes each as it ends. False: the run is to end.
    async fn wait(&mut self, mut awaited: Vec<Awaited>, wanted: &Wanted) -> anyhow::Result<bool> {
        let mut interrupt = self.buyer.interrupt.clone();
        loop {
            let mut going = Vec::new();
            for mut one in awaited {
                let arn = one.job.arn.clone();
                let now = self.service().await?.job(&arn).await?;
                let now = now.ok_or_else(|| self.ended(&one, "gone", 0))?;
                if now.status != one.job.status {
                    self.buyer.say(&format!("the batch job `{}` is {}", one.pending.name, now.status));
                }
                one.job = now;
                match one.job.state {
                    JobState::Going => going.push(one),
                    JobState::Answered | JobState::Ended => self.end(one, wanted).await?,
                }
            }
            awaited = going;
            if awaited.is_empty() {
                return Ok(true);
            }
            if is_interrupted_within(&mut interrupt, Duration::from_secs(self.buyer.policy.poll_s)).await {
                self.bought.notes.extend(awaited.iter().map(|one| {
                    format!(
                        "The batch job `{}` goes on: the next run with `--batch` takes its answers.",
                        one.pending.name
                    )
                }));
                return Ok(false);
            }
        }
    }

    /// Stores what a job that ended answered.
    async fn end(&mut self, one: Awaited, wanted: &Wanted) -> anyhow::Result<()> {
        let output = self.service().await?.output(&one.pending).await?;
        let is_empty = output.is_none();
        let output = output.unwrap_or_default();
        let answered = self.take(&one.pending, one.reserved, &output, wanted)?;
        match one.job.state {
            JobState::Answered if is_empty && one.found => {
                // It was answered long ago, and somebody tidied up.
                for key in keys(&one.pending) {
                    self.asked.remove(&key);
                }
                self.emptied.insert(one.pending.name);
                Ok(())
            }
            JobState::Answered if !is_empty => {
                self.note(&one.pending, &output);
                Ok(())
            }
            _ => Err(self.ended(&one, &one.job.status, answered).into()),
        }
    }

    fn ended(&self, one: &Awaited, status: &str, answered: usize) -> JobEnded {
        JobEnded {
            name: one.pending.name.clone(),
            status: status.to_owned(),
            message: one.job.message.clone(),
            answered,
            records: one.pending.records.len(),
            timeout_hours: self.buyer.policy.timeout_hours,
        }
    }

    /// Stores the answers of a job and forgets it; how many there were. Answers to anything but its
    /// own records are not believed.
    fn take(
        &mut self,
        pending: &PendingJob,
        reserved: Amount,
        output: &Output,
        wanted: &Wanted,
    ) -> anyhow::Result<usize> {
        let store = self.buyer.store;
        let (mut used, mut answered) = (Amount::default(), 0);
        for PendingRecord { key, request, comparison } in &pending.records {
            let Some(response) = output.answers.get(key) else { continue };
            let usage = response.usage;
            let price = self.buyer.prices.batch_money(&pending.model, usage);
            answered += 1;
            used.money += price.unwrap_or_default();
            used.calls += 1;
            used.tokens += usage.all();
            let response = response.clone();
            let Some(trial) = wanted.get(key) else {
                // The plan has changed since; the answer is paid all the same.
                store.keep_foreign(&AnswerEntry {
                    key: *key,
                    request: *request,
                    model: pending.model.clone(),
                    bought_by: *comparison,
                    at: today::now(),
                    response,
                })?;
                continue;
            };
            let answer = StoredAnswer { response, bought_by: trial.comparison };
            store.keep_answer(*key, &trial.request, &answer)?;
            self.bought.answers.push(BoughtBefore { trial: Arc::clone(trial), usage, price });
        }
        store.forget_job(&pending.name)?;
        self.allowance.settle(reserved, used);
        Ok(answered)
    }

    /// Says which records of a job have no answer.
    fn note(&mut self, pending: &PendingJob, output: &Output) {
        let (name, records) = (&pending.name, pending.records.len());
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for key in keys(pending).filter(|key| !output.answers.contains_key(key)) {
            let reason = output.failed.get(&key).map_or("were left out", String::as_str);
            *reasons.entry(reason).or_default() += 1;
        }
        self.bought.notes.extend(reasons.iter().map(|(reason, count)| {
            format!(
                "{count} of the {records} records of the batch job `{name}` {reason}: asked for one by one."
            )
        }));
        if output.unreadable > 0 {
            let count = output.unreadable;
            let note =
                format!("{count} lines of the batch job `{name}` could not be read and were passed over.");
            self.bought.notes.push(note);
        }
    }
}

/// What became of a batch.
enum Submitted {
    /// A job asks it.
    Awaited(Box<Awaited>),
    /// A job that ended early had answered a part of it.
    Answered,
    /// No job may ask it.
    No,
}

fn keys(pending: &PendingJob) -> impl Iterator<Item = AnswerKey> + '_ {
    pending.records.iter().map(|record| record.key)
}

/// Waits so long, or until the run is to end: then true.
async fn is_interrupted_within(interrupt: &mut watch::Receiver<Interrupt>, time: Duration) -> bool {
    let asked = async {
        if interrupt.wait_for(|signal| *signal != Interrupt::None).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::time::timeout(time, asked).await.is_ok()
}
