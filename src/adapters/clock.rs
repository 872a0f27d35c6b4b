//! The clock of this machine. It may jump at any time, so it dates what is stored, and nothing is measured by it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01 UTC.
pub fn now() -> u64 {
    jumped(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Waits. Needs a tokio runtime with a timer.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// The time after a jump. Only builds for tests have them: `PROMPT_ASSAY_TEST_JUMPS` holds seconds, separated by
/// commas, and every look at the clock is moved by the next of them, round and round.
#[cfg(debug_assertions)]
fn jumped(now: u64) -> u64 {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    static LOOKS: AtomicUsize = AtomicUsize::new(0);
    static JUMPS: LazyLock<Vec<i64>> = LazyLock::new(|| {
        let written = std::env::var("PROMPT_ASSAY_TEST_JUMPS").unwrap_or_default();
        written.split(',').filter_map(|seconds| seconds.trim().parse().ok()).collect()
    });
    let jumps = &*JUMPS;
    let jump = jumps.get(LOOKS.fetch_add(1, Ordering::Relaxed) % jumps.len().max(1));
    now.saturating_add_signed(jump.copied().unwrap_or(0))
}

#[cfg(not(debug_assertions))]
const fn jumped(now: u64) -> u64 {
    now
}
