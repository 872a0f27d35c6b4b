//! How many calls of one model may be in flight: the limit rises quickly while no call is
//! throttled, is cut once per throttling episode, and then rises slowly.

use std::time::Duration;

/// In flight at first.
const FIRST: f64 = 4.0;
/// Refusals arrive fast: after this time without one, twice as many calls may be in flight.
const QUIET: Duration = Duration::from_millis(100);
/// The factor for the limit after an episode, and its minimum.
const CUT: f64 = 0.5;
const LEAST: f64 = 2.0;
/// How long a fault other than throttling prevents the limit from growing.
const PAUSE: Duration = Duration::from_secs(1);

/// The limit of one model.
#[derive(Clone, Debug)]
pub(super) struct ConcurrencyLimit {
    ceiling: f64,
    size: f64,
    opening: bool,
    in_flight: usize,
    /// This many answers may still raise it: as many as the limit allowed when it was last reached.
    credit: usize,
    grown: Duration,
    paused_until: Duration,
}

impl ConcurrencyLimit {
    pub fn new(ceiling: usize) -> Self {
        let ceiling = ceiling.max(1) as f64;
        Self {
            ceiling,
            size: FIRST.min(ceiling),
            opening: true,
            in_flight: 0,
            credit: 0,
            grown: Duration::ZERO,
            paused_until: Duration::ZERO,
        }
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many calls may be in flight.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    pub fn started(&mut self, now: Duration) {
        if self.in_flight == 0 && self.opening {
            self.grown = now;
        }
        self.in_flight += 1;
        if self.in_flight >= self.size() {
            self.credit = self.size();
        }
    }

    pub fn ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// A slot is requested and there is none. While the limit still rises quickly, returns when
    /// there may be one although no call has ended.
    pub fn turned_away(&mut self, now: Duration) -> Option<Duration> {
        self.credit = self.size();
        if !self.opening || self.size >= self.ceiling {
            return None;
        }
        let next = (self.grown + QUIET).max(self.paused_until);
        if now < next {
            return Some(next);
        }
        self.grown = now;
        self.size = (2.0 * self.size).min(self.ceiling);
        Some(now)
    }

    /// An answer came: the limit grows if it was really used since it last grew.
    pub fn answered(&mut self, now: Duration) {
        if self.credit == 0 || now < self.paused_until {
            return;
        }
        self.credit -= 1;
        let more = if self.opening { 1.0 } else { 1.0 / self.size };
        self.size = (self.size + more).min(self.ceiling);
    }

    /// A throttling episode began.
    pub fn cut(&mut self) {
        self.opening = false;
        self.credit = 0;
        let used = self.size.min(self.in_flight as f64 + 1.0);
        self.size = (used * CUT).max(LEAST.min(self.ceiling));
    }

    /// The rate is known now, so the number of calls in flight need not be estimated any more.
    pub fn reopen(&mut self) {
        self.opening = true;
    }

    /// A fault other than throttling.
    pub fn pause(&mut self, now: Duration) {
        self.paused_until = now + PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Fills the limit and answers everything in it.
    fn round(limit: &mut ConcurrencyLimit, now: Duration) {
        let n = limit.size();
        (0..n).for_each(|_| limit.started(now));
        (0..n).for_each(|_| {
            limit.answered(now);
            limit.ended();
        });
    }

    #[test]
    fn it_doubles_with_every_round_up_to_the_ceiling() {
        let mut limit = ConcurrencyLimit::new(20);
        let mut sizes = vec![limit.size()];
        for _ in 0..4 {
            round(&mut limit, SECOND);
            sizes.push(limit.size());
        }
        assert_eq!(sizes, [4, 8, 16, 20, 20]);
    }

    #[test]
    fn it_opens_while_slow_answers_are_awaited_if_nothing_is_refused() {
        let mut limit = ConcurrencyLimit::new(20);
        let (mut now, mut waits) = (SECOND, 0);
        while limit.in_flight() < 20 {
            if limit.in_flight() < limit.size() {
                limit.started(now);
            } else {
                now = limit.turned_away(now).expect("it will open");
                waits += 1;
            }
        }
        assert!(now <= SECOND + 3 * QUIET, "{now:?} after {waits} waits");
        assert_eq!(limit.turned_away(now), None, "the ceiling is the end");
    }

    #[test]
    fn after_a_cut_it_grows_by_one_for_a_window_of_answers() {
        let mut limit = ConcurrencyLimit::new(20);
        (0..4).for_each(|_| round(&mut limit, SECOND));
        (0..20).for_each(|_| limit.started(SECOND));
        limit.cut();
        assert_eq!(limit.size(), 10);
        (0..20).for_each(|_| limit.ended());
        round(&mut limit, SECOND);
        round(&mut limit, SECOND);
        assert_eq!(limit.size(), 11);
        assert_eq!(limit.turned_away(SECOND * 9), None, "it waits for answers now");
    }

    #[test]
    fn a_window_that_is_not_used_does_not_grow() {
        let mut limit = ConcurrencyLimit::new(20);
        for _ in 0..50 {
            limit.started(SECOND);
            limit.answered(SECOND);
            limit.ended();
        }
        assert_eq!(limit.size(), 4);
    }

    #[test]
    fn a_fault_pauses_growth_and_cuts_nothing() {
        let mut limit = ConcurrencyLimit::new(20);
        limit.pause(SECOND);
        round(&mut limit, SECOND + SECOND / 2);
        assert_eq!(limit.size(), 4);
        round(&mut limit, SECOND * 2);
        assert_eq!(limit.size(), 8);
    }

    #[test]
    fn it_never_closes_altogether() {
        let mut limit = ConcurrencyLimit::new(3);
        (0..50).for_each(|_| limit.cut());
        assert_eq!(limit.size(), 2);
    }
}
