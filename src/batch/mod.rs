//! Batch inference as values: which calls go into a job, its file, its answers and how it ended.
//! Pure; `app` submits the jobs and waits.
//!
//! ```text
//! Work -> Rehearsal -> missing trials -> divide -> Batch -> file -> (job) -> read -> answers
//! ```

mod body;
mod job;
mod output;
mod rehearsal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

pub use self::body::body;
pub use self::job::{Job, JobEnded, JobState, Submission};
pub use self::output::{Output, read};
pub use self::rehearsal::Rehearsal;
use crate::config::BatchPolicy;
use crate::fingerprint::Fingerprint;
use crate::model::Request;
use crate::store::pending::{PendingJob, PendingRecord};
use crate::trial::Trial;

/// Most records of one job; Bedrock's own limit.
const MOST: usize = 50_000;

/// Calls of one model that make one job.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// What the names of all jobs with these calls begin with.
    pub stem: String,
    /// The model they ask.
    pub model: String,
    /// The calls, each answer key once.
    pub trials: Vec<Arc<Trial>>,
}

/// Divides calls by model into batches, and says of which models there are too few for a job, and
/// how many.
pub fn divide(trials: Vec<Arc<Trial>>, policy: &BatchPolicy) -> (Vec<Batch>, BTreeMap<String, usize>) {
    let mut by_model: BTreeMap<String, Vec<Arc<Trial>>> = BTreeMap::new();
    // A job has calls of `Converse`; an embedding costs next to nothing.
    for trial in trials.into_iter().filter(|trial| trial.request.embedded().is_none()) {
        by_model.entry(trial.request.model.clone()).or_default().push(trial);
    }
    let (mut batches, mut few) = (Vec::new(), BTreeMap::new());
    for (model, mut trials) in by_model {
        if trials.len() < policy.min_records {
            few.insert(model, trials.len());
            continue;
        }
        // The same calls make the same jobs, in whatever order they were found.
        trials.sort_by_key(|trial| trial.key);
        let jobs = trials.len().div_ceil(MOST);
        for part in trials.chunks(trials.len().div_ceil(jobs)) {
            batches.push(Batch {
                stem: stem(&model, part, policy),
                model: model.clone(),
                trials: part.to_vec(),
            });
        }
    }
    (batches, few)
}

fn stem(model: &str, trials: &[Arc<Trial>], policy: &BatchPolicy) -> String {
    let keys: Vec<_> = trials.iter().map(|trial| trial.key).collect();
    let asked = Fingerprint::of_json(&("batch", model, &policy.role_arn, &policy.s3, keys));
    format!("prompt-assay-{}", asked.short(24))
}

impl Batch {
    /// The name of a job, which is its request token, too: the same calls, submitted again after an
    /// answer that was lost, are the same job. `attempt` counts jobs that ended without answers.
    pub fn name(&self, attempt: u32) -> String {
        format!("{}-{attempt}", self.stem)
    }

    /// The attempt in a job's name; `None`: the job has other calls.
    pub fn attempt(&self, name: &str) -> Option<u32> {
        name.strip_prefix(&self.stem)?.strip_prefix('-')?.parse().ok()
    }

    /// The file: one record a line. `as_sent`: a request in the form that its model takes, without what it refuses.
    pub fn file(&self, as_sent: &dyn Fn(&Request) -> Request) -> String {
        let line = |trial: &Arc<Trial>| {
            let record =
                json!({"recordId": trial.key.0.to_hex(), "modelInput": body(&as_sent(&trial.request))});
            format!("{record}\n")
        };
        self.trials.iter().map(line).collect()
    }

    /// The job as it is remembered.
    pub fn pending(&self, name: String, arn: Option<String>, policy: &BatchPolicy) -> PendingJob {
        let record = |trial: &Arc<Trial>| PendingRecord {
            key: trial.key,
            request: trial.request.fingerprint(),
            comparison: trial.comparison,
        };
        let records = self.trials.iter().map(record).collect();
        let output = format!("{}/output/", place_of(&name, policy));
        PendingJob { name, arn, model: self.model.clone(), output, records }
    }

    /// What Bedrock is asked to do.
    pub fn submission(&self, pending: &PendingJob, policy: &BatchPolicy) -> Submission {
        Submission {
            name: pending.name.clone(),
            model: self.model.clone(),
            role_arn: policy.role_arn.clone(),
            input: format!("{}/input.jsonl", place_of(&pending.name, policy)),
            output: pending.output.clone(),
            timeout_hours: policy.timeout_hours,
        }
    }
}

/// The place of a job's files.
fn place_of(name: &str, policy: &BatchPolicy) -> String {
    format!("s3://{}/{}", policy.s3.bucket, policy.s3.key(name))
}
