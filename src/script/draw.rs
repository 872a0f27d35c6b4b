//! Draws: pseudo-random numbers that depend only on the seed, the request and the purpose.

use crate::fingerprint::Fingerprint;

/// The source of all draws for one request.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    base: String,
}

impl Draws {
    /// Draws for a request under a seed.
    pub fn new(seed: &str, request: Fingerprint) -> Self {
        Self { base: format!("{seed}:{request}") }
    }

    /// A number in [0, 1) for a purpose; different purposes are independent.
    pub fn unit(&self, purpose: &str) -> f64 {
        let digest = Fingerprint::of_bytes(format!("{}:{purpose}", self.base).as_bytes()).short(13);
        // 13 hexadecimal digits are 52 bits: exact in an f64.
        let bits = u64::from_str_radix(&digest, 16).unwrap_or(0);
        bits as f64 / (1_u64 << 52) as f64
    }

    /// A whole number from `from` to `to`, both included.
    pub fn between(&self, purpose: &str, from: u64, to: u64) -> u64 {
        let width = (to - from) as f64 + 1.0;
        from + (self.unit(purpose) * width) as u64
    }
}
