//! The scripted model as a [`Model`]: rules for answers, given at once.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fingerprint::Fingerprint;
use crate::model::{Answering, Counting, ErrorClass, Model, ModelError, Request};
use crate::script::Rules;

/// A model that answers by rules. It is no language model.
#[derive(Debug)]
pub struct Scripted {
    rules: Arc<Rules>,
    attempts: Mutex<BTreeMap<Fingerprint, u32>>,
}

impl Scripted {
    /// A model that answers at once, whatever latency the rules report.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules, attempts: Mutex::default() }
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
        Box::pin(async move { self.rules.answer(request, self.count(request)) })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn count_tokens<'a>(&'a self, _request: &'a Request) -> Counting<'a> {
        let message = "a file of rules counts no tokens".to_owned();
        Box::pin(async { Err(ModelError { class: ErrorClass::Invalid, code: None, message, help: None }) })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn request(text: &str) -> Request {
        Request::new("amazon.nova-lite-v1:0", text)
    }

    #[tokio::test]
    async fn attempts_are_counted_per_request() {
        let rules = "rules: [{when: {input: boom}, error: {class: throttled, times: 1}, text: recovered}]";
        let model = Scripted::new(Arc::new(Rules::read("rules.yaml", rules).unwrap()));
        assert_eq!(model.answer(&request("boom a")).await.unwrap_err().class, ErrorClass::Throttled);
        assert_eq!(model.answer(&request("boom b")).await.unwrap_err().class, ErrorClass::Throttled);
        assert_eq!(model.answer(&request("boom a")).await.unwrap().text, "recovered");
        assert!(model.ready().await.is_ok());
    }

    #[test]
    fn the_answer_comes_at_once_whatever_latency_it_reports() {
        let rules = "rules: [{when: {input: slow}, text: done, latency_ms: 3600000}]";
        let model = Scripted::new(Arc::new(Rules::read("rules.yaml", rules).unwrap()));
        let request = request("slow");
        let mut context = Context::from_waker(Waker::noop());
        assert!(model.answer(&request).as_mut().poll(&mut context).is_ready());
    }
}
