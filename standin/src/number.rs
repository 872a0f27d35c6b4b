//! Seeded numbers and hashes that depend on a request's content, never on the order of arrival.

use serde_json::Value;

/// FNV-1a, 64 bits.
#[derive(Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Fnv {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Writes a JSON value so that equal objects hash alike whatever the order of their keys:
    /// SDKs write maps in random order.
    pub(crate) fn write_json(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                self.write(b"{");
                for key in keys {
                    self.write(key.as_bytes());
                    self.write(b"\0:");
                    self.write_json(&map[key]);
                }
                self.write(b"}");
            }
            Value::Array(items) => {
                self.write(b"[");
                for item in items {
                    self.write_json(item);
                    self.write(b",");
                }
                self.write(b"]");
            }
            Value::String(text) => {
                self.write(b"\"");
                self.write(text.as_bytes());
                self.write(b"\0");
            }
            other => self.write(other.to_string().as_bytes()),
        }
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// A number in [0, 1) from a seed, a request and a purpose (SplitMix64's output function).
pub(crate) fn unit(seed: u64, request: u64, purpose: &str) -> f64 {
    let mut hash = Fnv::new();
    hash.write(&seed.to_le_bytes());
    hash.write(&request.to_le_bytes());
    hash.write(purpose.as_bytes());
    let mut z = hash.finish().wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hash(value: &Value) -> u64 {
        let mut hash = Fnv::new();
        hash.write_json(value);
        hash.finish()
    }

    #[test]
    fn key_order_does_not_change_the_hash_but_content_does() {
        assert_eq!(hash(&json!({"a": 1, "b": [true, "x"]})), hash(&json!({"b": [true, "x"], "a": 1})));
        assert_ne!(hash(&json!({"a": 1})), hash(&json!({"a": 2})));
        assert_ne!(hash(&json!(["a", "b"])), hash(&json!(["b", "a"])));
    }

    #[test]
    fn units_are_uniform_enough_and_seeded() {
        let draws: Vec<f64> = (0..10_000).map(|request| unit(7, request, "fault")).collect();
        let mean = draws.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "mean {mean}");
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let tail = draws.iter().filter(|draw| **draw < 0.05).count();
        assert!((350..650).contains(&tail), "{tail} of 10000 below 0.05");
        assert_ne!(unit(7, 1, "fault"), unit(8, 1, "fault"));
        assert_ne!(unit(7, 1, "fault"), unit(7, 1, "latency"));
    }
}
