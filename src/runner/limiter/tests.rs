//! The limiter with a simulated model: buckets, latency, and bad luck, on a simulated clock.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const TOKENS: Tokens = Tokens { input: 20, max_output: 100 };

/// A source of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A model behind a quota.
#[derive(Clone, Debug)]
struct World {
    calls: usize,
    ceiling: usize,
    limit: Limit,
    latency: f64,
    /// How long a refusal takes.
    refusal: f64,
    /// Requests a second from this time on, in order of time; none means no quota.
    quota: Vec<(f64, f64)>,
    burst: f64,
    /// Share of requests that are refused whatever the quota says.
    bad_luck: f64,
    seed: u64,
}

impl Default for World {
    fn default() -> Self {
        Self {
            calls: 500,
            ceiling: 20,
            limit: Limit::default(),
            latency: 0.1,
            refusal: 0.002,
            quota: Vec::new(),
            burst: 10.0,
            bad_luck: 0.0,
            seed: 1,
        }
    }
}

/// What became of it.
#[derive(Debug)]
struct Told {
    took: f64,
    attempts: usize,
    refused: usize,
    /// When each answer's call was started.
    started: Vec<f64>,
    most_flying: usize,
}

impl Told {
    fn share_refused(&self) -> f64 {
        self.refused as f64 / self.attempts as f64
    }

    /// Calls let through a second between two times.
    fn rate(&self, from: f64, to: f64) -> f64 {
        self.started.iter().filter(|t| (from..to).contains(*t)).count() as f64 / (to - from)
    }
}

struct Simulation {
    world: World,
    limiter: Limiter,
    dice: Dice,
    level: f64,
    filled: f64,
    now: Duration,
    flying: BTreeMap<(Duration, usize), (Passage, u32, f64, bool)>,
    parked: BTreeMap<(Duration, usize), u32>,
    next: usize,
    told: Told,
}

impl Simulation {
    fn new(world: World) -> Self {
        Self {
            limiter: Limiter::new(world.ceiling, world.limit, 1),
            dice: Dice(world.seed),
            level: world.burst,
            filled: 0.0,
            now: Duration::from_secs(1),
            flying: BTreeMap::new(),
            parked: BTreeMap::new(),
            next: 0,
            told: Told { took: 0.0, attempts: 0, refused: 0, started: Vec::new(), most_flying: 0 },
            world,
        }
    }

    fn quota(&self, at: f64) -> Option<f64> {
        self.world.quota.iter().rev().find(|(from, _)| *from <= at).map(|(_, rate)| *rate)
    }

    fn admits(&mut self) -> bool {
        let now = self.now.as_secs_f64() - 1.0;
        if self.dice.unit() < self.world.bad_luck {
            return false;
        }
        let Some(rate) = self.quota(now) else { return true };
        self.level = (self.level + (now - self.filled) * rate).min(self.world.burst);
        self.filled = now;
        let admitted = self.level >= 1.0 - 1e-6;
        self.level -= f64::from(u8::from(admitted));
        admitted
    }

    fn start(&mut self, call: usize, turns: u32) {
        let passage = self.limiter.started(self.now, TOKENS);
        let admitted = self.admits();
        let takes = if admitted { self.world.latency } else { self.world.refusal };
        let end = self.now + Duration::from_secs_f64(takes);
        let at = self.now.as_secs_f64() - 1.0;
        self.flying.insert((end, call), (passage, turns, at, admitted));
        self.told.attempts += 1;
        self.told.most_flying = self.told.most_flying.max(self.flying.len());
    }

    /// Starts what may start; returns when to look again.
    fn open(&mut self) -> Option<Duration> {
        while let Some((&(due, call), &turns)) = self.parked.first_key_value() {
            if due > self.now {
                break;
            }
            match self.limiter.may_start(self.now, 0, TOKENS) {
                Opening::Now => {
                    self.parked.remove(&(due, call));
                    self.start(call, turns);
                }
                Opening::At(later) => return Some(later),
                Opening::Full => return None,
            }
        }
        while self.next < self.world.calls {
            match self.limiter.may_start(self.now, self.parked.len(), TOKENS) {
                Opening::Now => {
                    self.start(self.next, 0);
                    self.next += 1;
                }
                Opening::At(later) => return Some(later),
                Opening::Full => return None,
            }
        }
        None
    }

    fn run(mut self) -> Told {
        while self.told.started.len() < self.world.calls {
            let later = self.open();
            let due = self.parked.keys().map(|(due, _)| *due).find(|due| *due > self.now);
            let end = self.flying.keys().next().map(|(end, _)| *end);
            let next = [later, due, end].into_iter().flatten().min();
            self.now = next.expect("something is under way");
            while let Some(entry) = self.flying.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let ((_, call), (passage, turns, at, admitted)) = entry.remove_entry();
                if admitted {
                    let usage = Usage { input: 20, output: 30, ..Usage::default() };
                    self.limiter.ended(self.now, passage, End::Answered(usage));
                    self.told.started.push(at);
                    continue;
                }
                self.limiter.ended(self.now, passage, End::Failed(ErrorClass::Throttled));
                self.told.refused += 1;
                let wait = self.limiter.bound(turns + 1).mul_f64(self.dice.unit());
                self.parked.insert((self.now + wait, call), turns + 1);
            }
        }
        self.told.took = self.now.as_secs_f64() - 1.0;
        self.told
    }
}

fn run(world: World) -> Told {
    Simulation::new(world).run()
}

/// The least time a quota allows, from an empty bucket's point of view on.
fn ideal(world: &World, rate: f64) -> f64 {
    let calls = world.calls as f64;
    let by_quota = (calls - world.burst) / rate;
    by_quota.max(calls / world.ceiling as f64 * world.latency) + world.latency
}

#[test]
fn without_a_quota_the_ceiling_is_reached_at_once_and_kept() {
    for latency in [0.02, 0.1, 1.0, 10.0] {
        for ceiling in [1, 4, 8, 20, 64] {
            let world = World { latency, ceiling, ..World::default() };
            let floor = (world.calls as f64 / ceiling as f64).ceil() * latency;
            let told = run(world);
            assert_eq!((told.most_flying, told.refused), (ceiling, 0));
            assert!(told.took <= 1.1 * floor + 0.45, "{latency} s, {ceiling}: {} of {floor}", told.took);
        }
    }
}

proptest! {
    #[test]
    fn any_quota_is_used_to_the_full(
        seed in any::<u64>(), latency in 0.02..1.0f64, rate in 0.5..60.0f64,
    ) {
        let burst = (2.0 * rate).max(3.0);
        let world = World { quota: vec![(0.0, rate)], burst, latency, seed, ..World::default() };
        let told = run(world.clone());
        let ideal = ideal(&world, rate);
        prop_assert!(told.took <= 1.15 * ideal + 2.0, "{} of {ideal}", told.took);
        prop_assert!(told.share_refused() <= 0.40, "{}", told.share_refused());
    }

    /// Halved after 20 seconds, doubled after 40.
    #[test]
    fn a_quota_that_changes_is_followed_within_ten_seconds(seed in any::<u64>(), latency in 0.02..1.0f64) {
        let quota = vec![(0.0, 10.0), (20.0, 5.0), (40.0, 10.0)];
        let told = run(World { calls: 550, quota, latency, seed, ..World::default() });
        prop_assert!(told.rate(22.0, 30.0) >= 0.9 * 5.0, "{}", told.rate(22.0, 30.0));
        prop_assert!(told.rate(30.0, 40.0) >= 0.9 * 5.0, "{}", told.rate(30.0, 40.0));
        prop_assert!(told.rate(50.0, 58.0) >= 0.85 * 10.0, "{}", told.rate(50.0, 58.0));
    }

    #[test]
    fn a_configured_quota_is_never_passed_and_used_to_the_full(
        seed in any::<u64>(), latency in 0.02..1.0f64, per_minute in 30u64..3_000,
    ) {
        let rate = per_minute as f64 / 60.0;
        let limit = Limit { requests_per_minute: Some(per_minute), tokens_per_minute: None };
        let burst = rate.max(1.0);
        let world = World { quota: vec![(0.0, rate)], burst, latency, limit, seed, ..World::default() };
        let told = run(world.clone());
        prop_assert_eq!(told.refused, 0);
        let ideal = ideal(&world, rate);
        prop_assert!(told.took <= 1.05 * ideal + 1.0, "{} of {ideal}", told.took);
    }

    /// Slowing down would not help, and nobody is left behind. Up to half of all requests: with few
    /// slots, two refusals of three cannot be told from a quota, and such a run may take longer.
    #[test]
    fn refusals_at_random_do_not_stop_a_run(
        seed in any::<u64>(), latency in 0.05..1.0f64, bad_luck in 0.01..0.5f64, ceiling in 4usize..20,
    ) {
        let free = World { calls: 100, ceiling, latency, seed, ..World::default() };
        let told = run(World { bad_luck, ..free.clone() });
        let free = run(free);
        prop_assert!(told.took <= 30.0 * free.took + 30.0, "{} of {}", told.took, free.took);
    }
}

#[test]
fn half_of_all_requests_refused_at_random_costs_less_than_two_and_a_half_times_the_time() {
    let runs: Vec<f64> = (0..200)
        .map(|seed| {
            let free = World { calls: 100, ceiling: 8, latency: 0.1, seed, ..World::default() };
            run(World { bad_luck: 0.5, ..free.clone() }).took / run(free).took
        })
        .collect();
    let mean = runs.iter().sum::<f64>() / 200.0;
    let slow = runs.iter().filter(|ratio| **ratio > 2.5).count();
    assert!(mean <= 2.1 && slow <= 30, "mean {mean}, {slow} of 200 slower");
}

/// The quota, learned from nothing but refusals, with a bucket of a second and of ten.
#[test]
fn ten_requests_a_second_are_used_to_the_full_with_few_refusals() {
    for burst in [10.0, 100.0] {
        let shares: Vec<f64> = (0..300)
            .map(|seed| {
                let mut dice = Dice(seed);
                let (latency, refusal) = (0.02 + dice.unit(), 0.001 + 0.05 * dice.unit());
                let quota = vec![(0.0, 10.0)];
                let world = World { quota, burst, latency, refusal, seed, ..World::default() };
                let told = run(world.clone());
                let ideal = ideal(&world, 10.0);
                assert!(told.took <= 1.15 * ideal, "{} of {ideal}", told.took);
                told.share_refused()
            })
            .collect();
        let mean = shares.iter().sum::<f64>() / 300.0;
        let many = shares.iter().filter(|share| **share > 0.10).count();
        assert!(mean <= 0.07 && many <= 30, "bucket of {burst}: mean {mean}, {many} of 300 above a tenth");
    }
}
