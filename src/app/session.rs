//! The context of a run: its runtime, its interrupts, its start time, and which stored objects
//! count.

use std::sync::Arc;
use std::time::Instant;

use super::signals::Interrupts;
use crate::seal::Seals;

/// What a run happens in.
pub struct Session {
    /// Where calls are made.
    pub runtime: tokio::runtime::Runtime,
    /// Ends calls early.
    pub interrupts: Interrupts,
    /// When it began.
    pub started: Instant,
    /// Which stored objects count in it.
    pub seals: Arc<Seals>,
}

impl Session {
    /// A session whose calls end with SIGINT and SIGTERM, and in which everything stored counts.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub fn start(interrupts: &Interrupts) -> anyhow::Result<Self> {
        let started = Instant::now();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { runtime, interrupts: interrupts.clone(), started, seals: Arc::default() })
    }
}
