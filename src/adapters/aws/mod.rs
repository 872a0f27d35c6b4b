//! Code that the adapters of AWS services share: the connection, and the names of failures.
//!
//! A call is always one attempt: the SDK's own retries are off. The runner repeats model calls,
//! `release::client` those of a release, and `app/batch/service` those about batch jobs.

mod connection;
mod credentials;
mod failure;
mod fault;
mod help;
mod rest_json;

pub use connection::{Connection, Options, region};
pub use credentials::{Keys, Unusable};
pub use failure::Call;
pub use fault::{Fault, is_about_credentials, is_throttling};
pub use help::{CLOCK, REGION, credentials as credentials_help, is_about_clock};
pub use rest_json::{RestJson, Sent, encoded};
