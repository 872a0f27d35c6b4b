//! JSON values compared as their author means them: 3 equals 3.0, and key order has no effect.

use serde_json::{Number, Value};

use crate::lookalike::nfc;

/// Whether two values are equal.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => equal_numbers(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        (Value::String(a), Value::String(b)) => nfc(a) == nfc(b),
        _ => a == b,
    }
}

/// The place where `whole` lacks something of `part`: objects may have more keys, everything else
/// must be equal. The path is `""` for the value itself.
pub(super) fn lack(part: &Value, whole: &Value) -> Option<String> {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part.iter().find_map(|(key, part)| {
            let Some(whole) = whole.get(key) else { return Some(format!("/{key}")) };
            lack(part, whole).map(|rest| format!("/{key}{rest}"))
        }),
        (Value::Array(part), Value::Array(whole)) if part.len() == whole.len() => {
            let mut pairs = part.iter().zip(whole).enumerate();
            pairs.find_map(|(index, (part, whole))| lack(part, whole).map(|rest| format!("/{index}{rest}")))
        }
        _ if equal(part, whole) => None,
        _ => Some(String::new()),
    }
}

/// The value with whole numbers written as integers, so that 3.0 and 3 have one fingerprint.
pub(super) fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(normal_number(number)),
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key, normal(value))).collect())
        }
        other => other,
    }
}

fn equal_numbers(a: &Number, b: &Number) -> bool {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.as_f64() == b.as_f64(),
        _ => false,
    }
}

/// A whole number, however written; doubles beyond all integers of 64 bits are left as they are.
fn whole(number: &Number) -> Option<i128> {
    const LARGEST: f64 = 1e30;
    let double = || number.as_f64().filter(|double| double.fract() == 0.0 && double.abs() < LARGEST);
    number.as_i128().or_else(|| double().map(|double| double as i128))
}

fn normal_number(number: Number) -> Number {
    /// Up to this value every whole number is exact in a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < EXACT => {
            Number::from(value as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equality_ignores_number_spelling_and_key_order_only() {
        assert!(equal(&json!({"a": 3, "b": [1.0]}), &json!({"b": [1], "a": 3.0})));
        assert!(equal(&json!(0.0), &json!(-0.0)));
        assert!(!equal(&json!(3), &json!("3")));
        assert!(!equal(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
        assert!(!equal(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992.0)));
        assert!(equal(&json!("caf\u{e9}"), &json!("cafe\u{301}")));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!equal(&json!(null), &json!(false)));
    }

    #[test]
    fn a_part_may_leave_keys_out_but_not_items() {
        let whole = json!({"city": "Oslo", "days": [{"n": 1, "rain": true}, {"n": 2}]});
        assert_eq!(lack(&json!({"days": [{"n": 1.0}, {}]}), &whole), None);
        assert_eq!(lack(&json!({"days": [{"n": 1}, {"n": 3}]}), &whole), Some("/days/1/n".into()));
        assert_eq!(lack(&json!({"days": [{"n": 1}]}), &whole), Some("/days".into()));
        assert_eq!(lack(&json!({"town": "Oslo"}), &whole), Some("/town".into()));
    }

    #[test]
    fn whole_numbers_have_one_spelling() {
        assert_eq!(normal(json!({"a": [3.0, 1e300, 0.5, -0.0]})).to_string(), r#"{"a":[3,1e+300,0.5,0]}"#);
    }
}
