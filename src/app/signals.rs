//! Interruption: the first signal ends a run gently, the second at once.

use tokio::sync::watch;

use crate::runner::Interrupt;

/// A receiver that learns of SIGINT and SIGTERM. Must be called inside the runtime.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn listen() -> std::io::Result<watch::Receiver<Interrupt>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(Interrupt::None);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        for stage in [Interrupt::Gentle, Interrupt::AtOnce] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if sender.send(stage).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}
