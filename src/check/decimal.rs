//! Decimal numbers as they are written: `1234567890123456789` differs from `1234567890123456780`,
//! although a double cannot distinguish them.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

/// The number `digits` times ten to the `exponent`. Without leading and trailing zeros, so that equal
/// numbers are equal values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    is_negative: bool,
    /// 0 to 9, the most significant first; none for 0.
    digits: Vec<u8>,
    exponent: i32,
}

impl Decimal {
    /// A number as programs write it: `-12.50`, `3e8`. `None` for anything else, and for numbers beyond
    /// the range of a double; a number too small for a double is 0.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let nearest: f64 = written.parse().ok()?;
        if !nearest.is_finite() {
            return None;
        }
        let (is_negative, unsigned) = match written.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, written.strip_prefix('+').unwrap_or(written)),
        };
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> =
            whole.bytes().chain(part.bytes()).map(|digit| digit.wrapping_sub(b'0')).collect();
        let is_zero = nearest == 0.0 || digits.iter().any(|digit| *digit > 9);
        if is_zero {
            return digits.iter().all(|digit| *digit <= 9).then(|| Self::of_digits(false, Vec::new(), 0));
        }
        let exponent: i32 = exponent.parse().ok()?;
        let places = i32::try_from(part.len()).ok()?;
        Some(Self::of_digits(is_negative, digits, exponent.checked_sub(places)?))
    }

    /// The shortest decimal that represents a double.
    pub(super) fn of(double: f64) -> Self {
        Self::parse(&format!("{double}")).unwrap_or_else(|| Self::of_digits(false, Vec::new(), 0))
    }

    fn of_digits(is_negative: bool, mut digits: Vec<u8>, mut exponent: i32) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
            exponent = exponent.saturating_add(1);
        }
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        match digits.is_empty() {
            true => Self { is_negative: false, digits, exponent: 0 },
            false => Self { is_negative, digits, exponent },
        }
    }

    /// The double that is nearest.
    pub(super) fn nearest_double(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}0{digits}e{}", self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// Whether a double represents it exactly.
    pub(super) fn is_double(&self) -> bool {
        Self::of(self.nearest_double()) == *self
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) fn negated(self) -> Self {
        Self { is_negative: !self.is_negative && !self.is_zero(), ..self }
    }

    /// The number without its sign.
    pub(super) fn size(&self) -> Self {
        Self { is_negative: false, ..self.clone() }
    }

    /// The distance of two numbers.
    pub(super) fn distance(&self, other: &Self) -> Self {
        let (a, b, exponent) = self.aligned(other);
        let digits = match (self.is_negative == other.is_negative, a.cmp(&b)) {
            (false, _) => sum(&a, &b),
            (true, Ordering::Less) => difference(&b, &a),
            (true, _) => difference(&a, &b),
        };
        Self::of_digits(false, digits, exponent)
    }

    /// Whether a number without sign is at most another one.
    pub(super) fn is_at_most(&self, other: &Self) -> bool {
        let (a, b, _) = self.aligned(other);
        a <= b
    }

    /// The product of two numbers without sign.
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = vec![0_u32; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().enumerate() {
            for (j, b) in other.digits.iter().enumerate() {
                product[i + j + 1] += u32::from(*a) * u32::from(*b);
            }
            // A column never holds more than the nines of one row and a carry.
            for at in (1..product.len()).rev() {
                product[at - 1] += product[at] / 10;
                product[at] %= 10;
            }
        }
        let digits = product.into_iter().map(|digit| digit as u8).collect();
        Self::of_digits(false, digits, self.exponent.saturating_add(other.exponent))
    }

    /// The digits of both, equally many, as whole multiples of one power of ten.
    fn aligned(&self, other: &Self) -> (Vec<u8>, Vec<u8>, i32) {
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let digits = |of: &Self| {
            let mut digits = of.digits.clone();
            if !of.is_zero() {
                digits.resize(digits.len() + of.exponent.abs_diff(exponent) as usize, 0);
            }
            digits
        };
        let (mut a, mut b) = (digits(self), digits(other));
        let length = a.len().max(b.len());
        for digits in [&mut a, &mut b] {
            digits.splice(0..0, std::iter::repeat_n(0, length - digits.len()));
        }
        (a, b, exponent)
    }
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut digits: Vec<u8> = Vec::with_capacity(a.len() + 1);
    for (a, b) in a.iter().rev().zip(b.iter().rev()) {
        let digit = a + b + carry;
        digits.push(digit % 10);
        carry = digit / 10;
    }
    digits.push(carry);
    digits.reverse();
    digits
}

/// `a - b`, where `a` is the larger.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrowed = 0;
    let mut digits: Vec<u8> = Vec::with_capacity(a.len());
    for (a, b) in a.iter().rev().zip(b.iter().rev()) {
        let digit = 10 + a - b - borrowed;
        digits.push(digit % 10);
        borrowed = u8::from(digit < 10);
    }
    digits.reverse();
    digits
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_double() {
            return f.write_str(&super::quote::number(self.nearest_double()));
        }
        let mut digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        match usize::try_from(self.exponent) {
            Ok(zeros) => digits.extend(std::iter::repeat_n('0', zeros)),
            Err(_) => {
                let places = self.exponent.unsigned_abs() as usize;
                let missing = (places + 1).saturating_sub(digits.len());
                digits.insert_str(0, &"0".repeat(missing));
                digits.insert(digits.len() - places, '.');
            }
        }
        write!(f, "{}{}", if self.is_negative { "-" } else { "" }, super::quote::passage(&digits))
    }
}

/// A double if it is exact, as in earlier fingerprints; else a text.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.is_double() {
            true => serializer.serialize_f64(self.nearest_double()),
            false => serializer.serialize_str(&format!(
                "{}{}e{}",
                if self.is_negative { "-" } else { "" },
                self.digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>(),
                self.exponent
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(written: &str) -> Decimal {
        Decimal::parse(written).unwrap()
    }

    #[test]
    fn equal_numbers_are_equal_however_written() {
        for (a, b) in [("1.50", "+1.5"), ("0.0", "-0"), ("1e3", "1000"), (".5", "0.5"), ("12e-1", "1.2")] {
            assert_eq!(of(a), of(b), "{a} {b}");
        }
        for (a, b) in [("1234567890123456789", "1234567890123456780"), ("0.1", "0.10000000000000000001")] {
            assert_ne!(of(a), of(b), "{a} {b}");
        }
        for none in ["", "-", "x", "1e999", "inf", "NaN", "1_000", "0x10"] {
            assert_eq!(Decimal::parse(none), None, "{none}");
        }
    }

    #[test]
    fn distance_and_product_are_exact() {
        let distance = |a: &str, b: &str| of(a).distance(&of(b));
        assert_eq!(distance("3.1", "3"), of("0.1"));
        assert_eq!(distance("-3", "3"), of("6"));
        assert_eq!(distance("1234567890123456789", "1234567890123456780"), of("9"));
        assert_eq!(distance("0", "0.25"), of("0.25"));
        assert_eq!(of("0.02").times(&of("200")), of("4"));
        assert_eq!(of("99999999999").times(&of("99999999999")), of("9999999999800000000001"));
        assert_eq!(of("7").times(&of("0")), of("0"));
    }

    #[test]
    fn numbers_are_shown_with_all_their_digits() {
        let shown: Vec<String> =
            ["42", "-0.5", "1234567890123456789", "-0.12345678901234567890123", "100000000000000000000001"]
                .iter()
                .map(|written| of(written).to_string())
                .collect();
        assert_eq!(
            shown,
            ["42", "-0.5", "1234567890123456789", "-0.12345678901234567890123", "100000000000000000000001"]
        );
    }

    proptest! {
        #[test]
        fn whole_numbers_are_as_integers_have_them(a in any::<i64>(), b in any::<i64>()) {
            let (left, right) = (of(&a.to_string()), of(&b.to_string()));
            prop_assert_eq!(left.distance(&right), of(&i128::from(a).abs_diff(i128::from(b)).to_string()));
            let product = u128::from(a.unsigned_abs()) * u128::from(b.unsigned_abs());
            prop_assert_eq!(left.size().times(&right.size()), of(&product.to_string()));
            prop_assert_eq!(left.size().is_at_most(&right.size()), a.unsigned_abs() <= b.unsigned_abs());
        }

        #[test]
        fn a_double_survives(double in any::<f64>().prop_filter("finite", |double| double.is_finite())) {
            let decimal = Decimal::of(double);
            prop_assert!(decimal.is_double());
            prop_assert_eq!(decimal.nearest_double(), double);
        }
    }
}
