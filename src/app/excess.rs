//! Limits the time and memory of renderings. `template` counts their steps; this module ends the
//! process for work that no step counts and that cannot be interrupted.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use crate::template::being_rendered;

/// Processor time that all renderings of a run may use: several times what their steps need.
const MOST_TIME: Duration = Duration::from_secs(4);

/// Their share of what the system lets the process have (`ulimit -t`): it ends a process without a word, so the
/// limit with a message must come long before.
const SHARE_OF_PROCESS: u32 = 8;

/// Bytes by which one rendering may make the process larger: more than its steps allow.
const MOST_GROWTH: u64 = 160 << 20;

/// Pauses between two checks while something is rendered, and while nothing is.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(20));

/// A rendering that used too much.
#[derive(Debug, PartialEq, Eq)]
pub struct Excess {
    subject: String,
    of: &'static str,
    /// What renderings may use.
    most_time: Duration,
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, of, most_time } = self;
        let seconds = most_time.as_secs_f64();
        write!(
            out,
            "error: {subject}: rendering takes too much {of}; nothing was evaluated\n   = renderings may take {seconds} \
             seconds of processor time together, and {} MiB of memory each\n   = a list or a mapping of the template \
             contains others that contain others, and is too large to be compared, searched, sorted or \
             written (docs/limits.md)",
            MOST_GROWTH >> 20
        )
    }
}

/// Returns when a rendering uses too much; else never.
pub async fn of_rendering() -> Excess {
    let started = Instant::now();
    let mut watch = Watch::new(most_time(processor_limit()));
    loop {
        let Some(rendering) = being_rendered() else {
            watch.rest();
            tokio::time::sleep(PAUSES.1).await;
            continue;
        };
        let taken = Taken { time: processor_time().unwrap_or_else(|| started.elapsed()), memory: memory() };
        if let Some(of) = watch.look(rendering.number, taken) {
            return Excess { subject: rendering.subject, of, most_time: watch.most_time };
        }
        tokio::time::sleep(PAUSES.0).await;
    }
}

/// What the process has used so far.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    time: Duration,
    /// Bytes now; 0 if the system does not report them.
    memory: u64,
}

/// What renderings have used, as far as it was observed: most end between two checks.
#[derive(Debug)]
struct Watch {
    most_time: Duration,
    time: Duration,
    /// The rendering at the last check, the time at that check, and the memory at its first check.
    last: Option<(u64, Duration, u64)>,
}

impl Watch {
    fn new(most_time: Duration) -> Self {
        Self { most_time, time: Duration::ZERO, last: None }
    }

    /// Nothing is being rendered.
    fn rest(&mut self) {
        self.last = None;
    }

    /// The resource of which a rendering uses too much.
    fn look(&mut self, number: u64, taken: Taken) -> Option<&'static str> {
        let (before, first) = match self.last {
            Some((last, time, memory)) if last == number => (time, memory),
            Some((_, time, _)) => (time, taken.memory),
            None => (taken.time, taken.memory),
        };
        self.last = Some((number, taken.time, first));
        self.time += taken.time.saturating_sub(before);
        if taken.memory.saturating_sub(first) > MOST_GROWTH {
            return Some("memory");
        }
        (self.time > self.most_time).then_some("time")
    }
}

/// What renderings may use in a process that the system ends after this processor time.
fn most_time(of_process: Option<Duration>) -> Duration {
    of_process.map_or(MOST_TIME, |limit| MOST_TIME.min(limit / SHARE_OF_PROCESS))
}

/// The processor time after which the system ends this process, if it has such a limit and reports it.
fn processor_limit() -> Option<Duration> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max cpu time"))?;
    line.split_whitespace().next()?.parse().ok().map(Duration::from_secs)
}

/// Processor time of this process, if the system reports it.
fn processor_time() -> Option<Duration> {
    const MILLISECONDS_OF_A_TICK: u64 = 10;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * MILLISECONDS_OF_A_TICK))
}

/// Bytes of memory this process has at this moment.
fn memory() -> u64 {
    const PAGE: u64 = 4096;
    let pages = || fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse::<u64>().ok();
    pages().unwrap_or(0) * PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks renderings (`None`: nothing is rendered) after seconds, with mebibytes in use.
    fn looks(looks: &[(Option<u64>, u64, u64)]) -> Option<&'static str> {
        let mut watch = Watch::new(MOST_TIME);
        looks.iter().find_map(|(rendering, seconds, mebibytes)| {
            let taken = Taken { time: Duration::from_secs(*seconds), memory: mebibytes << 20 };
            match rendering {
                Some(number) => watch.look(*number, taken),
                None => {
                    watch.rest();
                    None
                }
            }
        })
    }

    #[test]
    fn the_time_of_all_renderings_counts_and_no_other() {
        let most = MOST_TIME.as_secs();
        assert_eq!(looks(&[(Some(1), 0, 1), (None, most, 1), (Some(1), most * 9, 1)]), None);
        assert_eq!(looks(&[(Some(1), 0, 1), (Some(2), most - 1, 1), (Some(3), most, 1)]), None);
        assert_eq!(looks(&[(Some(1), 0, 1), (Some(2), most, 1), (Some(3), most + 1, 1)]), Some("time"));
    }

    #[test]
    fn the_memory_of_each_rendering_counts() {
        let steps =
            |number: fn(u64) -> u64| (0..9).map(|n| (Some(number(n)), 0, 100 * n)).collect::<Vec<_>>();
        assert_eq!(looks(&steps(|n| n)), None);
        assert_eq!(looks(&steps(|_| 7)), Some("memory"));
    }

    #[test]
    fn the_limit_of_the_process_only_tightens_the_own_one() {
        let most = |seconds: u64| most_time(Some(Duration::from_secs(seconds)));
        assert_eq!(most_time(None), MOST_TIME);
        assert_eq!(most(3_600), MOST_TIME);
        assert_eq!(most(2), Duration::from_millis(250));
    }

    #[test]
    fn this_process_is_measured() {
        if cfg!(target_os = "linux") {
            assert!(processor_time().is_some());
            assert!(memory() > 1 << 20);
        }
    }
}
