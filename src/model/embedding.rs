//! Embeddings: the meaning of a text as a vector, and how near two of them are. An adapter writes one as the text of a
//! [`Response`], so that it is stored, shared and sealed like any other answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Response, Usage};

/// Digits of one number: the bits of an `f32`.
const DIGITS: usize = 8;
/// The most numbers of a vector; the largest in use have a few thousand.
const MOST: usize = 16_384;

/// A vector of finite numbers, not all of them zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// The vector of a model's answer.
    ///
    /// # Errors
    /// Why it is none, as a clause.
    pub fn new(numbers: Vec<f32>) -> Result<Self, String> {
        match numbers.len() {
            0 => return Err("its vector is empty".to_owned()),
            len if len > MOST => return Err(format!("its vector has {len} numbers, more than {MOST}")),
            _ => {}
        }
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err("its vector has a number that is not finite".to_owned());
        }
        if numbers.iter().all(|number| *number == 0.0) {
            return Err("its vector is zero, which has no direction".to_owned());
        }
        Ok(Self(numbers))
    }

    /// It as an answer that cost so many tokens and took so long.
    pub fn response(&self, input: u64, took: Duration) -> Response {
        Response {
            usage: Usage { input, ..Usage::default() },
            latency_ms: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            ..Response::saying(self.to_text())
        }
    }

    /// The bits of its numbers, in hexadecimal digits.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|number| format!("{:08x}", number.to_bits())).collect()
    }

    /// Reads what [`Embedding::to_text`] wrote.
    ///
    /// # Errors
    /// Why it is none, as a clause.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(DIGITS) || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err("it is no vector".to_owned());
        }
        let bits = |start: usize| u32::from_str_radix(&text[start..start + DIGITS], 16).unwrap_or_default();
        Self::new((0..text.len()).step_by(DIGITS).map(|start| f32::from_bits(bits(start))).collect())
    }

    /// The cosine of the angle between two vectors, -1 to 1; `None`: they have different lengths.
    pub fn cosine(&self, other: &Self) -> Option<f64> {
        if self.0.len() != other.0.len() {
            return None;
        }
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let norms = (dot(&self.0, &self.0) * dot(&other.0, &other.0)).sqrt();
        Some((dot(&self.0, &other.0) / norms).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(numbers: &[f32]) -> Embedding {
        Embedding::new(numbers.to_vec()).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn a_vector_survives_as_text_to_the_last_bit() {
        let numbers = vector(&[0.1, -1.0, f32::MIN_POSITIVE, 1.0e-45, 3.402_823_5e38, -0.0]);
        assert_eq!(Embedding::of_text(&numbers.to_text()), Ok(numbers));
    }

    #[test]
    fn near_vectors_have_a_cosine_near_one() {
        let cosine = |a: &[f32], b: &[f32]| vector(a).cosine(&vector(b));
        assert_eq!(cosine(&[1.0, 0.0], &[5.0, 0.0]), Some(1.0));
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), Some(0.0));
        assert_eq!(cosine(&[1.0, 0.0], &[-3.0, 0.0]), Some(-1.0));
        assert_eq!(cosine(&[3.0, 4.0], &[4.0, 3.0]), Some(0.96));
        assert_eq!(cosine(&[1.0], &[1.0, 0.0]), None);
        // Their squares leave the range of `f32`.
        assert_eq!(cosine(&[3.0e38, 3.0e38], &[3.0e38, 3.0e38]), Some(1.0));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let told = |text: &str| Embedding::of_text(text).unwrap_err();
        assert_eq!(told(""), "its vector is empty");
        assert_eq!(told("Hello"), "it is no vector");
        assert_eq!(told("ñ000000"), "it is no vector");
        assert_eq!(told("0000000080000000"), "its vector is zero, which has no direction");
        assert_eq!(told("7fc00000"), "its vector has a number that is not finite");
        assert_eq!(told(&"3f800000".repeat(MOST + 1)), "its vector has 16385 numbers, more than 16384");
    }
}
