//! Reads the specification's vectors and compares with them.

use serde_json::Value;

pub fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gate_vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn list(key: &str) -> Vec<Value> {
    vectors()[key].as_array().unwrap().clone()
}

pub fn num(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("a number: {v}"))
}

pub fn int(v: &Value) -> usize {
    v.as_u64().unwrap_or_else(|| panic!("a count: {v}")) as usize
}

pub fn nums(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(num).collect()
}

pub fn ints(v: &Value) -> Vec<usize> {
    v.as_array().unwrap().iter().map(int).collect()
}

#[track_caller]
pub fn close(got: f64, want: &Value) {
    let want = num(want);
    let tolerance = if want.abs() > 10.0 { 1e-6 * want.abs() } else { 1e-6 };
    assert!((got - want).abs() <= tolerance, "got {got}, want {want}");
}

#[track_caller]
pub fn all_close(got: &[f64], want: &Value) {
    let want = want.as_array().unwrap();
    assert_eq!(got.len(), want.len());
    got.iter().zip(want).for_each(|(g, w)| close(*g, w));
}
