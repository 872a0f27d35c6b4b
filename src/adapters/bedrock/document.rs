//! JSON values and the SDK's `Document`.

use aws_smithy_types::{Document, Number};
use serde_json::{Map, Value};

/// To the SDK's form. It keeps maps in random order; [`request`](super::request) restores it on the wire.
pub(super) fn from_json(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(truth) => Document::Bool(*truth),
        Value::Number(number) => Document::Number(number_from_json(number)),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(from_json).collect()),
        Value::Object(map) => {
            Document::Object(map.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
        }
    }
}

fn number_from_json(number: &serde_json::Number) -> Number {
    if let Some(positive) = number.as_u64() {
        Number::PosInt(positive)
    } else if let Some(negative) = number.as_i64() {
        Number::NegInt(negative)
    } else {
        // Without arbitrary precision every other JSON number is an f64.
        Number::Float(number.as_f64().unwrap_or_default())
    }
}

/// From the SDK's form, keys sorted: the order the model wrote them in is lost there.
pub(super) fn to_json(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(truth) => Value::Bool(*truth),
        Document::Number(Number::PosInt(positive)) => Value::from(*positive),
        Document::Number(Number::NegInt(negative)) => Value::from(*negative),
        Document::Number(Number::Float(float)) => Value::from(*float),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(items) => items.iter().map(to_json).collect(),
        Document::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Value::Object(
                entries.into_iter().map(|(key, value)| (key.clone(), to_json(value))).collect::<Map<_, _>>(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_json_value_survives_the_way_there_and_back(value in json()) {
            prop_assert_eq!(to_json(&from_json(&value)), value);
        }
    }

    #[test]
    fn keys_come_back_sorted() {
        let value = serde_json::json!({"b": 1, "a": {"d": -1, "c": 0.5}});
        assert_eq!(to_json(&from_json(&value)).to_string(), r#"{"a":{"c":0.5,"d":-1},"b":1}"#);
    }
}
