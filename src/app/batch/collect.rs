//! Waits for the jobs of a round, and stores their answers before they are used.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::purchase::{Awaited, Purchase, Wanted, keys};
use crate::adapters::clock;
use crate::batch::{JobEnded, JobState, Output};
use crate::runner::{Amount, BoughtBefore, Interrupt};
use crate::store::StoredAnswer;
use crate::store::entry::AnswerEntry;
use crate::store::pending::{PendingJob, PendingRecord};

impl Purchase<'_> {
    /// Waits until all jobs have ended; takes each one when it ends. False: the run must end.
    pub(super) async fn wait(&mut self, mut awaited: Vec<Awaited>, wanted: &Wanted) -> anyhow::Result<bool> {
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
                        "The batch job `{}` continues: the next run with `--batch` takes its answers.",
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
                // It was answered long ago, and its files were removed.
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

    /// Stores the answers of a job and removes the job; returns their number. Answers that do not
    /// belong to its records are ignored.
    pub(super) fn take(
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
            used.money += self.buyer.prices.batch_charged(&pending.model, usage).unwrap_or_default();
            used.calls += 1;
            used.tokens += usage.all();
            let response = response.clone();
            let Some(trial) = wanted.get(key) else {
                // The plan has changed since; the answer is paid for all the same.
                store.keep_foreign(&AnswerEntry {
                    key: *key,
                    request: *request,
                    model: pending.model.clone(),
                    bought_by: *comparison,
                    at: clock::now(),
                    response,
                    seal: None,
                })?;
                continue;
            };
            let answer = StoredAnswer { response, bought_by: *comparison };
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
                "{count} of the {records} records of the batch job `{name}` {reason}: bought by single calls."
            )
        }));
        if output.unreadable > 0 {
            let count = output.unreadable;
            let note = format!("{count} lines of the batch job `{name}` could not be read and were skipped.");
            self.bought.notes.push(note);
        }
    }
}

/// Waits for this time, or until the run must end: then true.
async fn is_interrupted_within(interrupt: &mut watch::Receiver<Interrupt>, time: Duration) -> bool {
    let asked = async {
        if interrupt.wait_for(|signal| *signal != Interrupt::None).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::time::timeout(time, asked).await.is_ok()
}
