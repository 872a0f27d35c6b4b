//! Paths into JSON: `reply.items[0].id`, `$.a`, `[-1]` from the end, `[*]` for any, `["odd.key"]`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A path into a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(i64),
    Any,
}

impl Path {
    /// Reads a path; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = match text.strip_prefix('$') {
            Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => rest,
            _ => text,
        };
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut steps = Vec::new();
        let rooted = rest.len() < text.len();
        while !rest.is_empty() {
            let (step, after) = if let Some(inside) = rest.strip_prefix('[') {
                bracket(inside)?
            } else {
                match rest.strip_prefix('.') {
                    Some(after) if rooted || !steps.is_empty() => key(after)?,
                    Some(_) => return Err("it begins with a dot".to_owned()),
                    None => key(rest)?,
                }
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self(steps))
    }

    /// All values the path leads to, in the order of the document.
    pub fn select<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![root];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| step.from(value)).collect();
        }
        found
    }
}

fn key(text: &str) -> Result<(Step, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name {
        "" => Err("a key between dots is empty".to_owned()),
        "*" => Ok((Step::Any, rest)),
        name if name.contains([']', '"', '\'']) => {
            Err(format!("`{name}` is not a plain key; write [\"...\"]"))
        }
        name => Ok((Step::Key(name.to_owned()), rest)),
    }
}

fn bracket(inside: &str) -> Result<(Step, &str), String> {
    const OPEN: &str = "a bracket is not closed";
    if let Some(quote) = inside.chars().next().filter(|c| ['"', '\''].contains(c)) {
        let (name, after) = inside[1..].split_once(quote).ok_or("a quotation mark is not closed")?;
        let rest = after.strip_prefix(']').ok_or(OPEN)?;
        return Ok((Step::Key(name.to_owned()), rest));
    }
    let (content, rest) = inside.split_once(']').ok_or(OPEN)?;
    let step = match content {
        "*" => Step::Any,
        index => Step::Index(index.parse().map_err(|_| {
            format!("`[{index}]` is neither an index nor `[*]`; a key goes in quotation marks")
        })?),
    };
    Ok((step, rest))
}

impl Step {
    fn from<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match (self, value) {
            (Step::Key(key), Value::Object(entries)) => entries.get(key).into_iter().collect(),
            (Step::Index(index), Value::Array(items)) => {
                let back = items.len() as i64;
                let index = if *index < 0 { index.saturating_add(back) } else { *index };
                usize::try_from(index).ok().and_then(|index| items.get(index)).into_iter().collect()
            }
            (Step::Any, Value::Array(items)) => items.iter().collect(),
            (Step::Any, Value::Object(entries)) => entries.values().collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Any => f.write_str("[*]")?,
                Step::Key(key) if is_plain(key, i == 0) => {
                    write!(f, "{}{key}", if i == 0 { "" } else { "." })?;
                }
                Step::Key(key) if key.contains('"') => write!(f, "['{key}']")?,
                Step::Key(key) => write!(f, "[\"{key}\"]")?,
            }
        }
        Ok(())
    }
}

/// Whether a key can be written in a path without brackets.
fn is_plain(key: &str, first: bool) -> bool {
    let marked = key.contains(['.', '[', ']', '"', '\'']) || (first && key.starts_with('$'));
    !(marked || key.is_empty() || key == "*")
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_values() {
        let value = json!({
            "a": {"b": [{"id": 1}, {"id": 2}, {"other": 3}]},
            "odd.key": 4, "": 5, "größe": 6, "$x": 7, "two words": 8
        });
        for (path, found) in [
            ("a.b[0].id", json!([1])),
            ("$.a.b[1].id", json!([2])),
            ("a.b[-1].other", json!([3])),
            ("a.b[*].id", json!([1, 2])),
            ("a.b.*.id", json!([1, 2])),
            ("[\"odd.key\"]", json!([4])),
            ("$['odd.key']", json!([4])),
            ("[\"\"]", json!([5])),
            ("größe", json!([6])),
            ("$x", json!([7])),
            ("two words", json!([8])),
            ("a.b[9]", json!([])),
            ("a.b[-9]", json!([])),
            ("a.b.id", json!([])),
            ("a[0]", json!([])),
        ] {
            assert_eq!(json!(Path::parse(path).unwrap().select(&value)), found, "{path}");
        }
        assert_eq!(Path::parse("$").unwrap().select(&value), vec![&value]);
    }

    #[test]
    fn what_is_not_a_path_says_why() {
        let said: Vec<String> = ["", ".a", "a..b", "a.", "a[", "a[x]", "a[\"b", "a[\"b\"", "a]"]
            .into_iter()
            .map(|text| format!("{text:6} {}", Path::parse(text).unwrap_err()))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
               it is empty
        .a     it begins with a dot
        a..b   a key between dots is empty
        a.     a key between dots is empty
        a[     a bracket is not closed
        a[x]   `[x]` is neither an index nor `[*]`; a key goes in quotation marks
        a["b   a quotation mark is not closed
        a["b"  a bracket is not closed
        a]     `a]` is not a plain key; write ["..."]
        "#);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in r#"[$a*.\[\]"'0-9é -]{0,12}"#) {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
        }
    }
}
