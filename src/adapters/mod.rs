//! The outside world: one file per service; only `app` names them.

pub mod database;
pub mod progress;
