//! Which requests get a cache point after their system text: those whose beginning is long enough
//! for the model's cache and is sent again in another call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fingerprint::Fingerprint;
use crate::model::Request;
use crate::price;

/// What is known of the beginnings of requests.
pub(super) struct Caching {
    on: bool,
    beginnings: Mutex<BTreeMap<Fingerprint, State>>,
}

/// The state of a beginning, with the request that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It was sent once.
    Begun(Fingerprint),
    /// A request is under way that writes it.
    Writing(Fingerprint),
    /// It can be read.
    Written,
}

/// A beginning that a request wants to have cached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    name: Fingerprint,
    request: Fingerprint,
}

impl Caching {
    pub(super) fn new(on: bool) -> Self {
        Self { on, beginnings: Mutex::default() }
    }

    fn beginnings(&self) -> MutexGuard<'_, BTreeMap<Fingerprint, State>> {
        self.beginnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The beginning of a request that gets a cache point. Writing to the cache costs more than plain
    /// input, so what comes once is not written: of the later requests with the same beginning one
    /// writes, those beside it are plain, and those after it read.
    /// `least`: the fewest tokens before a cache point; `None`: the model is not known to take any. A point after
    /// fewer is passed over by the model, and costs nothing. All models allow four points; we set one.
    pub(super) fn begin(&self, request: &Request, least: Option<u64>) -> Option<Beginning> {
        let system = request.system.as_deref().filter(|_| self.on)?;
        let least = least?;
        let before = Request { messages: Vec::new(), ..request.clone() };
        if price::expected(&before).input < least {
            return None;
        }
        let beginning = Beginning {
            name: Fingerprint::of_json(&(&request.model, system, &request.tools)),
            request: request.fingerprint(),
        };
        let mut beginnings = self.beginnings();
        let state = beginnings.entry(beginning.name).or_insert(State::Begun(beginning.request));
        let helps = match *state {
            // A repeated request does not count as a second one.
            State::Begun(first) => first != beginning.request,
            State::Writing(writer) => writer == beginning.request,
            State::Written => true,
        };
        if helps && *state != State::Written {
            *state = State::Writing(beginning.request);
        }
        helps.then_some(beginning)
    }

    /// A request with a cache point was answered, or failed.
    pub(super) fn ended(&self, beginning: Beginning, answered: bool) {
        if let Some(state) = self.beginnings().get_mut(&beginning.name)
            && *state == State::Writing(beginning.request)
        {
            *state = if answered { State::Written } else { State::Begun(beginning.request) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(model: &str, system_tokens: usize, question: &str) -> Request {
        Request { system: Some("four".repeat(system_tokens)), ..Request::new(model, question) }
    }

    const MODEL: &str = "amazon.nova-lite-v1:0";

    fn least(model: &str) -> Option<u64> {
        price::PriceTable::built_in().cache_from(model)
    }

    #[test]
    fn one_writes_what_comes_back_and_those_after_it_read() {
        let caching = Caching::new(true);
        let begin = |question| caching.begin(&request(MODEL, 1_000, question), least(MODEL));
        assert!(begin("one").is_none() && begin("one").is_none(), "the first, and sent again");
        let writer = begin("two").expect("the second writes");
        assert!(begin("three").is_none(), "beside it nothing can be read");
        assert!(begin("two").is_some(), "sent again, it still writes");
        caching.ended(writer, true);
        assert!(["one", "three", "four"].map(begin).iter().all(Option::is_some));
        assert!(caching.begin(&request(MODEL, 1_001, "two"), least(MODEL)).is_none(), "another beginning");
        assert!(
            caching.begin(&request("amazon.nova-pro-v1:0", 1_000, "two"), least(MODEL)).is_none(),
            "another model"
        );
    }

    #[test]
    fn where_the_writer_fails_another_writes() {
        let caching = Caching::new(true);
        let begin = |question| caching.begin(&request(MODEL, 1_000, question), least(MODEL));
        begin("one");
        caching.ended(begin("two").expect("the second writes"), false);
        assert!(begin("two").is_none());
        let next = begin("three").expect("another writes");
        caching.ended(next, true);
        assert!(begin("four").is_some());
    }

    #[test]
    fn what_is_short_or_of_an_unknown_model_or_switched_off_is_plain() {
        let twice = |caching: Caching, model: &str, tokens| {
            caching.begin(&request(model, tokens, "one"), least(model));
            caching.begin(&request(model, tokens, "two"), least(model)).is_some()
        };
        let profile =
            "arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0";
        for (model, least) in [
            ("amazon.nova-micro-v1:0", 1_000),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1_024),
            ("anthropic.claude-3-5-haiku-20241022-v1:0", 2_048),
            (profile, 4_096),
            ("anthropic.claude-opus-4-1-20250805-v1:0", 1_024),
            ("eu.anthropic.claude-opus-4-7", 2_048),
            ("global.anthropic.claude-opus-5", 512),
        ] {
            assert!(twice(Caching::new(true), model, least), "{model}");
            assert!(!twice(Caching::new(true), model, least - 1), "{model}");
            assert!(!twice(Caching::new(false), model, least), "{model}");
        }
        for unknown in ["meta.llama3-1-8b-instruct-v1:0", "arn:aws:bedrock:us-east-1:1:provisioned-model/x"] {
            assert!(!twice(Caching::new(true), unknown, 100_000), "{unknown}");
        }
    }
}
