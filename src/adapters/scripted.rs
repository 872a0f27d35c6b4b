//! The scripted model as a [`Model`]: rules for answers, and the clock for their latency.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::fingerprint::Fingerprint;
use crate::model::{Answering, Model, ModelError, Request};
use crate::script::Rules;

/// A model that answers by rules. It is no language model.
#[derive(Debug)]
pub struct Scripted {
    rules: Arc<Rules>,
    pace: f64,
    attempts: Mutex<BTreeMap<Fingerprint, u32>>,
}

impl Scripted {
    /// A model that answers at once, whatever latency the rules report.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules, pace: 0.0, attempts: Mutex::default() }
    }

    /// Waits `pace` times the reported latency before answering: 1 is real time, 0 not at all.
    pub fn with_pace(mut self, pace: f64) -> Self {
        self.pace = pace.max(0.0);
        self
    }

    /// How many calls were made, failed ones included.
    pub fn calls(&self) -> u64 {
        let attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.values().copied().map(u64::from).sum()
    }

    /// Counts an attempt of a request and returns its number, from 1.
    fn count(&self, request: &Request) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry(request.fingerprint()).or_default();
        *attempt += 1;
        *attempt
    }
}

impl Model for Scripted {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(async move {
            let response = self.rules.answer(request, self.count(request))?;
            if self.pace > 0.0 {
                let latency = Duration::from_millis(response.latency_ms);
                tokio::time::sleep(latency.mul_f64(self.pace)).await;
            }
            Ok(response)
        })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn provider(&self) -> &'static str {
        "scripted"
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;
    use crate::model::{ErrorClass, Message, Parameters, Role};

    fn request(text: &str) -> Request {
        Request {
            model: "amazon.nova-lite-v1:0".to_owned(),
            system: None,
            messages: vec![Message { role: Role::User, text: text.to_owned() }],
            parameters: Parameters::default(),
            tools: Vec::new(),
            tool_choice: None,
        }
    }

    #[tokio::test]
    async fn attempts_are_counted_per_request() {
        let rules = "rules: [{when: {input: boom}, error: {class: throttled, times: 1}, text: recovered}]";
        let model = Scripted::new(Arc::new(Rules::read("rules.yaml", rules).unwrap()));
        assert_eq!(model.answer(&request("boom a")).await.unwrap_err().class, ErrorClass::Throttled);
        assert_eq!(model.answer(&request("boom b")).await.unwrap_err().class, ErrorClass::Throttled);
        assert_eq!(model.answer(&request("boom a")).await.unwrap().text, "recovered");
        assert_eq!(model.calls(), 3);
        assert_eq!(model.provider(), "scripted");
        assert!(model.ready().await.is_ok());
    }

    #[tokio::test]
    async fn latency_is_waited_for_only_when_a_pace_is_set() {
        let rules = "rules: [{when: {input: slow}, text: done, latency_ms: 3600000}]";
        let rules = Arc::new(Rules::read("rules.yaml", rules).unwrap());
        let request = request("slow");
        let is_ready_at_once = |model: Scripted| {
            let mut context = Context::from_waker(Waker::noop());
            model.answer(&request).as_mut().poll(&mut context).is_ready()
        };
        assert!(is_ready_at_once(Scripted::new(Arc::clone(&rules))));
        assert!(!is_ready_at_once(Scripted::new(rules).with_pace(1.0)));
    }
}
