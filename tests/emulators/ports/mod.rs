//! The adapters of external stores, with the real SDK over HTTP, against emulators of AWS.

mod configurations;
mod failures;
mod objects;
mod parameters;

use std::sync::OnceLock;

use prompt_assay::adapters::appconfig::AppConfig;
use prompt_assay::adapters::aws::{Connection, Options};
use prompt_assay::adapters::s3::{BlockingBucket, S3Bucket};
use prompt_assay::adapters::ssm::Ssm;
use tokio::runtime::{Handle, Runtime};

/// The runtime that makes the calls; the tests themselves wait.
fn runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime")).handle()
}

fn connection(options: Options) -> Connection {
    runtime().block_on(Connection::open(options)).expect("a region")
}

fn ssm(options: Options) -> Ssm {
    Ssm::connect(&connection(options), runtime())
}

fn bucket(options: Options, name: &str) -> BlockingBucket {
    S3Bucket::connect(&connection(options), name).blocking(runtime())
}

fn appconfig(options: Options) -> AppConfig {
    AppConfig::connect(&connection(options), runtime())
}
