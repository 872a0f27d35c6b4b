//! The time for which a server asked to be left alone, by model. One refused call tells it for all others.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// When each model may be asked again.
#[derive(Default)]
pub(super) struct Pauses(Mutex<BTreeMap<String, Instant>>);

impl Pauses {
    /// The server asked to be left alone for this time.
    pub(super) fn note(&self, model: &str, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = known.entry(model.to_owned()).or_insert(until);
        *latest = until.max(*latest);
    }

    /// Waits for the end of the pause.
    ///
    /// # Errors
    /// What is left of it, at once, if it lasts longer than `at_most`.
    pub(super) async fn wait(&self, model: &str, at_most: Duration) -> Result<(), Duration> {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(model).copied();
        let Some(until) = until else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left > at_most {
            return Err(left);
        }
        sleep_until(until).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_of_the_model_wait_and_those_of_others_do_not() {
        let (pauses, most) = (Pauses::default(), Duration::from_secs(30));
        pauses.note("a", Duration::from_secs(20));
        pauses.note("a", Duration::from_secs(5));
        let begun = Instant::now();
        assert_eq!(pauses.wait("b", most).await, Ok(()));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(pauses.wait("a", Duration::from_secs(10)).await, Err(Duration::from_secs(20)));
        assert_eq!(pauses.wait("a", most).await, Ok(()));
        assert_eq!(begun.elapsed().as_secs(), 20);
        pauses.note("a", Duration::MAX);
        assert_eq!(pauses.wait("a", most).await, Ok(()), "no such time exists");
    }
}
