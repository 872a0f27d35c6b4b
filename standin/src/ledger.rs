//! Counters and recorded requests.

use std::collections::{BTreeMap, HashMap}; // order never leaves
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::ConverseCall;

/// Totals so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests of any kind.
    pub total: u64,
    /// Requests by the status they were answered with.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests that were reset or hung up on.
    pub unanswered: u64,
    /// Requests under way now, until their last byte is written.
    pub in_flight: u64,
    /// The most that were ever under way at once.
    pub max_in_flight: u64,
    /// Different requests (operation, model and body).
    pub distinct: u64,
    /// How often the most frequent request came.
    pub most_repeated: u32,
}

/// Which operation a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Converse`.
    Converse,
    /// `CountTokens`; its `converse` input is the call.
    CountTokens,
    /// `InvokeModel` of a model for embeddings; the text is the message of the call.
    InvokeModel,
}

/// A request that was understood, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// What was asked for.
    pub operation: Operation,
    /// The request.
    pub call: ConverseCall,
    /// The status of the answer; `None` while under way, after a reset and in a hang.
    pub status: Option<u16>,
}

#[derive(Default)]
struct Book {
    counters: Counters,
    seen: HashMap<u64, u32>,
    recorded: Vec<Recorded>,
}

/// Shared between the connections and the owner of the stand-in.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Book>>);

/// A request under way; counts as in flight until dropped.
pub(crate) struct Ticket {
    ledger: Ledger,
    pub(crate) sequence: u64,
    record: Option<usize>,
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn arrive(&self) -> Ticket {
        let counters = &mut self.book().counters;
        let sequence = counters.total;
        counters.total += 1;
        counters.in_flight += 1;
        counters.max_in_flight = counters.max_in_flight.max(counters.in_flight);
        Ticket { ledger: self.clone(), sequence, record: None }
    }

    pub(crate) fn counters(&self) -> Counters {
        self.book().counters.clone()
    }

    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.book().recorded.clone()
    }
}

impl Ticket {
    /// Counts this request among its equals; returns how many came before.
    pub(crate) fn repeat(&self, hash: u64) -> u32 {
        let mut book = self.ledger.book();
        let seen = book.seen.entry(hash).or_insert(0);
        *seen += 1;
        let count = *seen;
        book.counters.distinct += u64::from(count == 1);
        book.counters.most_repeated = book.counters.most_repeated.max(count);
        count - 1
    }

    pub(crate) fn record(&mut self, operation: Operation, call: &ConverseCall) {
        let recorded = &mut self.ledger.book().recorded;
        self.record = Some(recorded.len());
        recorded.push(Recorded { operation, call: call.clone(), status: None });
    }

    /// Notes the answer's status, `None` for a reset or a hang.
    pub(crate) fn answer(&self, status: Option<u16>) {
        let mut book = self.ledger.book();
        match status {
            Some(status) => *book.counters.by_status.entry(status).or_insert(0) += 1,
            None => book.counters.unanswered += 1,
        }
        if let Some(index) = self.record {
            book.recorded[index].status = status;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.ledger.book().counters.in_flight -= 1;
    }
}
