//! The calls a stage still waits for, in their order. A stage may wait for thousands, so removing
//! one must not cost a search through all the others.

use std::collections::BTreeMap;

use crate::trial::Call;

/// Calls in a stated order.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingCalls {
    in_order: BTreeMap<usize, Call>,
    places: BTreeMap<Call, usize>,
}

impl PendingCalls {
    /// These calls, in this order; each once.
    pub fn new(calls: impl IntoIterator<Item = Call>) -> Self {
        let in_order: BTreeMap<usize, Call> = calls.into_iter().enumerate().collect();
        // Backwards, so that of a call that is there twice the first place counts.
        let places: BTreeMap<Call, usize> =
            in_order.iter().rev().map(|(place, call)| (*call, *place)).collect();
        let mut pending = Self { in_order, places };
        if pending.places.len() < pending.in_order.len() {
            pending.in_order.retain(|place, call| pending.places[call] == *place);
        }
        pending
    }

    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    pub fn contains(&self, call: &Call) -> bool {
        self.places.contains_key(call)
    }

    /// Takes a call out; false if it was not waited for.
    pub fn remove(&mut self, call: &Call) -> bool {
        let place = self.places.remove(call);
        place.and_then(|place| self.in_order.remove(&place)).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = Call> + '_ {
        self.in_order.values().copied()
    }
}

/// Which cases of an order still lack an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Unanswered {
    places: BTreeMap<usize, usize>,
    open: BTreeMap<usize, usize>,
}

impl Unanswered {
    /// All of them.
    pub fn new(order: &[usize]) -> Self {
        let open: BTreeMap<usize, usize> = order.iter().copied().enumerate().collect();
        let places = open.iter().map(|(place, case)| (*case, *place)).collect();
        Self { places, open }
    }

    /// A case has all its answers.
    pub fn remove(&mut self, case: usize) {
        if let Some(place) = self.places.get(&case) {
            self.open.remove(place);
        }
    }

    pub fn contains(&self, case: usize) -> bool {
        self.places.get(&case).is_some_and(|place| self.open.contains_key(place))
    }

    /// The open cases at these places, in order.
    pub fn between(&self, from: usize, to: usize) -> impl Iterator<Item = usize> + '_ {
        let places = from..to.max(from);
        self.open.range(places).map(|(_, case)| *case)
    }
}
