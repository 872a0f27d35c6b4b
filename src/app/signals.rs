//! What ends a run early. While calls are made, a signal ends the run in order. In all other phases
//! (reading, rendering, comparing) no code waits for signals, so the signal ends the process shortly
//! after. A rendering that uses too much time or memory also ends the process.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use super::excess::{self, Excess};
use crate::runner::Interrupt;

/// How long a signal may stay unhandled: the next phase may be about to handle it.
const UNHEARD: Duration = Duration::from_millis(500);

/// How long a run that handles the first signal may take to report after a second signal.
const ENDING: Duration = Duration::from_secs(5);

/// Stack of the thread that works. Templates and documents are nested to a depth that their limits
/// bound; this has room for it in unoptimized builds, too, and for values that hold themselves until
/// [`excess`] is seen. What is not used takes no memory.
const STACK_BYTES: usize = 1 << 30;

/// Where the system does not give so much address space, the stack is a quarter, and a quarter of that, down to this.
const LEAST_STACK_BYTES: usize = 1 << 24;

/// The channel by which code that can end early receives the signal.
#[derive(Clone)]
pub struct Interrupts(Arc<watch::Sender<Interrupt>>);

impl Interrupts {
    /// Listens until the receiver is dropped. A signal that arrived just before is still delivered.
    pub fn listen(&self) -> watch::Receiver<Interrupt> {
        self.0.subscribe()
    }

    async fn is_heard_within(&self, time: Duration) -> bool {
        let heard = async {
            while self.0.receiver_count() == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(time, heard).await.is_ok()
    }

    /// Passes signals on; returns when one stays unhandled.
    async fn until_unheard(&self, signals: &mut [Signal; 2]) {
        for (stage, patience) in [(Interrupt::Gentle, UNHEARD), (Interrupt::AtOnce, ENDING)] {
            next(signals).await;
            self.0.send_replace(stage);
            if !self.is_heard_within(patience).await {
                return;
            }
        }
        next(signals).await;
    }
}

async fn next([interrupt, terminate]: &mut [Signal; 2]) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// The largest stack that the system gives.
fn stack_bytes() -> usize {
    let quarters = std::iter::successors(Some(STACK_BYTES), |bytes| Some(bytes / 4));
    let is_given = |bytes: &usize| {
        let tried = std::thread::Builder::new().stack_size(*bytes).spawn(|| ());
        tried.is_ok_and(|thread| thread.join().is_ok())
    };
    quarters.take_while(|bytes| *bytes > LEAST_STACK_BYTES).find(is_given).unwrap_or(LEAST_STACK_BYTES)
}

/// How the work ended.
#[derive(Debug)]
pub enum Ended<T> {
    /// It completed.
    Done(T),
    /// A signal arrived and was not handled.
    Interrupted,
    /// A rendering used too much.
    InExcess(Excess),
}

/// Does the work on a thread of its own; one that has not ended is left to the end of the process.
///
/// # Errors
/// What the work returns, and when the system refuses threads or signal handlers.
pub fn attend<T: Send + 'static>(
    work: impl FnOnce(Interrupts) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<Ended<T>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        let interrupts = Interrupts(Arc::new(watch::Sender::new(Interrupt::None)));
        let (ended, mut ending) = oneshot::channel();
        let theirs = interrupts.clone();
        let thread = std::thread::Builder::new().stack_size(stack_bytes()).spawn(move || {
            let outcome = work(theirs);
            let _ = ended.send(outcome);
        })?;
        tokio::select! {
            outcome = &mut ending => match outcome {
                Ok(outcome) => outcome.map(Ended::Done),
                Err(_) => match thread.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => anyhow::bail!("the work ended without a result"),
                },
            },
            () = interrupts.until_unheard(&mut signals) => Ok(Ended::Interrupted),
            excess = excess::of_rendering() => Ok(Ended::InExcess(excess)),
        }
    })
}
