//! Limits the time and memory of renderings. `template` counts their steps; this module ends the
//! process for work that no step counts and that cannot be interrupted.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use crate::template::being_rendered;

/// Processor time that all renderings of a run may use: several times what their steps need.
const MOST_TIME: Duration = Duration::from_secs(4);

/// Bytes by which one rendering may make the process larger: more than its steps allow.
const MOST_GROWTH: u64 = 160 << 20;

/// Pauses between two checks while something is rendered, and while nothing is.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(20));

/// A rendering that used too much.
#[derive(Debug, PartialEq, Eq)]
pub struct Excess {
    subject: String,
    of: &'static str,
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, of } = self;
        let seconds = MOST_TIME.as_secs();
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
    let mut watch = Watch::default();
    loop {
        let Some(rendering) = being_rendered() else {
            watch.rest();
            tokio::time::sleep(PAUSES.1).await;
            continue;
        };
        let taken = Taken { time: processor_time().unwrap_or_else(|| started.elapsed()), memory: memory() };
        if let Some(of) = watch.look(rendering.number, taken) {
            return Excess { subject: rendering.subject, of };
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
#[derive(Debug, Default)]
struct Watch {
    time: Duration,
    /// The rendering at the last check, the time at that check, and the memory at its first check.
    last: Option<(u64, Duration, u64)>,
}

impl Watch {
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
        (self.time > MOST_TIME).then_some("time")
    }
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
        let mut watch = Watch::default();
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
    fn this_process_is_measured() {
        if cfg!(target_os = "linux") {
            assert!(processor_time().is_some());
            assert!(memory() > 1 << 20);
        }
    }
}
