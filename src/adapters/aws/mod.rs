//! What the adapters of AWS's services share: the connection, and the naming of failures.
//!
//! A call is one attempt, always: the SDK's own retries are off.

mod connection;
mod credentials;
mod failure;
mod fault;
mod help;

pub use connection::{Connection, Options, region};
pub use credentials::{Keys, Unusable};
pub use failure::Call;
pub use fault::{Fault, is_about_credentials, is_throttling};
pub use help::{REGION, credentials as credentials_help, partition, untrusted_certificate};
