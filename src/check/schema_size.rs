//! The number of demands of a JSON Schema, computed before it is compiled or used: a few hundred
//! bytes of references may mean a billion demands.

use std::collections::BTreeMap;
use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;

/// Demands a schema may make once its references are followed.
pub(super) const MOST_DEMANDS: u64 = 20_000;

/// Schemas and references inside each other.
pub(super) const DEEPEST: usize = 100;

/// Work of one validation with a schema that refers to itself.
const MOST_STEPS: f64 = 1e7;

/// A schema, ready to validate with.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub content: Arc<Value>,
    pub validator: Arc<Validator>,
    pub size: SchemaSize,
}

/// The demands of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SchemaSize {
    /// The number of its values; referenced values are counted for each reference.
    pub demands: u64,
    /// The maximum number of references from one part to an enclosing part.
    pub recursions: u64,
}

impl SchemaSize {
    /// Measures a schema.
    ///
    /// # Errors
    /// The error names the exceeded limit.
    pub fn of(root: &Value) -> Result<Self, String> {
        let mut anchors = BTreeMap::new();
        name(root, &mut anchors, 0)?;
        let mut measure = Measure { root, anchors, known: BTreeMap::new(), recursions: 0 };
        let demands = measure.count(root, 0)?;
        Ok(Self { demands, recursions: measure.recursions })
    }

    /// The maximum depth of a value for which validation takes bounded time; `None`: any depth of
    /// JSON, because the schema does not branch into itself.
    pub fn deepest_value(&self) -> Option<usize> {
        (self.recursions > 1).then(|| (MOST_STEPS.ln() / (self.recursions as f64).ln()).floor() as usize)
    }
}

/// Notes the parts that may be referenced by a name instead of a place.
fn name<'v>(
    value: &'v Value,
    anchors: &mut BTreeMap<&'v str, &'v Value>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    match value {
        Value::Object(entries) => {
            for key in ["$anchor", "$dynamicAnchor", "$id", "id"] {
                if let Some(Value::String(name)) = entries.get(key) {
                    anchors.insert(last_part(name), value);
                }
            }
            entries.values().try_for_each(|inner| name(inner, anchors, depth + 1))
        }
        Value::Array(items) => items.iter().try_for_each(|inner| name(inner, anchors, depth + 1)),
        _ => Ok(()),
    }
}

/// An identifier without what may be relative to another one.
fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches('#');
    name.rsplit(['/', '#']).next().unwrap_or(name)
}

fn too_deep() -> String {
    format!("its schemas and references are inside each other more than {DEEPEST} deep")
}

struct Measure<'v> {
    root: &'v Value,
    anchors: BTreeMap<&'v str, &'v Value>,
    /// The count of the part at an address; `None` while it is being counted.
    known: BTreeMap<*const Value, Option<u64>>,
    recursions: u64,
}

impl<'v> Measure<'v> {
    fn count(&mut self, value: &'v Value, depth: usize) -> Result<u64, String> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match self.known.get(&std::ptr::from_ref(value)) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => {
                self.recursions += 1;
                return Ok(1);
            }
            None => {}
        }
        let inner: Vec<&'v Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(entries) => {
                let references = ["$ref", "$dynamicRef", "$recursiveRef"];
                let written = references.iter().filter_map(|key| entries.get(*key)?.as_str());
                let targets: Vec<&'v Value> = written.filter_map(|written| self.target(written)).collect();
                entries.values().chain(targets).collect()
            }
            _ => return Ok(1),
        };
        self.known.insert(value, None);
        let mut demands = 1_u64;
        for inner in inner {
            demands = demands.saturating_add(self.count(inner, depth + 1)?);
        }
        self.known.insert(value, Some(demands));
        if demands > MOST_DEMANDS {
            return Err(format!(
                "it makes more than {MOST_DEMANDS} demands once its references are followed"
            ));
        }
        Ok(demands)
    }

    /// The target of a reference; external targets are never fetched.
    fn target(&self, written: &str) -> Option<&'v Value> {
        match written.split_once('#') {
            Some((_, "")) if written == "#" => Some(self.root),
            Some((_, pointer)) if pointer.starts_with('/') => self
                .root
                .pointer(&unescaped(pointer))
                .or_else(|| self.anchors.get(last_part(pointer)).copied()),
            _ => self.anchors.get(last_part(written)).copied(),
        }
    }
}

/// `%XX` of a pointer in an address.
fn unescaped(pointer: &str) -> String {
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Levels of lists and objects of a value.
pub(super) fn nesting(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(nesting).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `a0` refers twice to `a1`, that twice to `a2`, and so on.
    fn doubling(levels: usize) -> Value {
        let parts: serde_json::Map<String, Value> = (0..levels)
            .map(|n| {
                let next = json!({"$ref": format!("#/$defs/a{}", n + 1)});
                (format!("a{n}"), json!({"allOf": [next, next]}))
            })
            .chain([(format!("a{levels}"), json!({"type": "object"}))])
            .collect();
        json!({"$ref": "#/$defs/a0", "$defs": parts})
    }

    #[test]
    fn references_are_counted_wherever_they_stand() {
        let size = |levels| SchemaSize::of(&doubling(levels)).map(|size| size.demands);
        assert!(size(3).unwrap() < 200);
        assert!(size(30).unwrap_err().contains("demands"));
        assert!(size(120).unwrap_err().contains("deep"));
        let by_name = json!({"$ref": "#a", "$defs": {"x": {"$anchor": "a", "enum": [1, 2, 3]}}});
        assert!(SchemaSize::of(&by_name).unwrap().demands > 10);
        let escaped = json!({"$ref": "#/$defs/a%20b", "$defs": {"a b": {"enum": [1, 2, 3, 4, 5, 6, 7, 8]}}});
        assert!(SchemaSize::of(&escaped).unwrap().demands > 20);
    }

    #[test]
    fn a_schema_that_branches_into_itself_bounds_the_value() {
        let once = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert_eq!(SchemaSize::of(&once).unwrap().deepest_value(), None);
        let twice = json!({"properties": {"x": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}});
        assert_eq!(SchemaSize::of(&twice).unwrap().deepest_value(), Some(23));
        assert_eq!(nesting(&json!({"a": [1, {"b": 2}]})), 3);
    }
}
