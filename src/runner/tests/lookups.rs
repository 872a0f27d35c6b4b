//! Answers that other runs have bought: looked up once, in parallel with the calls.

use std::collections::HashSet; // order never leaves
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{trial, trials};
use crate::runner::lookups::Lookups;
use crate::store::{Finding, RemoteAnswers};
use crate::trial::{AnswerKey, Trial};

/// Somewhere that holds the answers of some keys, and counts how often it is asked.
#[derive(Default)]
struct Others {
    holds: HashSet<AnswerKey>,
    asked: AtomicUsize,
}

impl RemoteAnswers for Others {
    fn bring(&self, trial: Arc<Trial>) -> Finding {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.holds.contains(&trial.key);
        Box::pin(async move { found })
    }
}

#[tokio::test]
async fn a_key_is_looked_up_once_and_called_only_where_it_is_nowhere() {
    let [there, gone] = [trial(0, "there"), trial(1, "gone")].map(Arc::new);
    let others = Arc::new(Others { holds: [there.key].into(), ..Others::default() });
    let mut lookups = Lookups::new(Some(others.clone()));
    for _ in 0..3 {
        assert!(lookups.sift(vec![there.clone(), gone.clone()]).is_empty(), "not known yet");
    }
    let mut found = [lookups.next().await, lookups.next().await];
    found.sort();
    let mut expected = [(there.key, true), (gone.key, false)];
    expected.sort();
    assert_eq!(found, expected);
    assert!(lookups.is_empty());
    assert_eq!(lookups.sift(vec![gone.clone()]), [gone]);
    assert_eq!(others.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn without_anything_beyond_the_store_everything_is_called() {
    let mut lookups = Lookups::new(None);
    let wanted: Vec<Arc<Trial>> = trials(3).into_iter().map(Arc::new).collect();
    assert_eq!(lookups.sift(wanted.clone()), wanted);
}

#[test]
fn an_answer_that_must_be_new_is_not_looked_for() {
    let others = Arc::new(Others::default());
    let mut lookups = Lookups::new(Some(others.clone()));
    let again = Arc::new(Trial { replaces_stored: true, ..trial(0, "again") });
    assert_eq!(lookups.sift(vec![again.clone()]), [again]);
    assert_eq!(others.asked.load(Ordering::SeqCst), 0);
}
