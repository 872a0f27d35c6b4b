//! What IAM would say: a policy as the program prints it, against what was asked. Statements that allow, wildcards,
//! and the operators of conditions that these policies use; there are no denials to weigh.

use std::collections::BTreeSet;

use serde_json::Value;

use super::recorder::Asked;

/// One or several policies of a role.
pub struct Policies(Vec<Value>);

impl Policies {
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let read =
            |text| serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Self(texts.into_iter().map(read).collect())
    }

    /// Both of a person who has both.
    pub fn and(self, other: Self) -> Self {
        Self([self.0, other.0].concat())
    }

    fn statements(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().flat_map(|policy| policy["Statement"].as_array().expect("statements"))
    }

    /// Whether a statement allows it.
    pub fn allow(&self, asked: &Asked) -> bool {
        self.statements().any(|statement| {
            assert_eq!(statement["Effect"], "Allow");
            texts(&statement["Action"]).any(|action| action == asked.action)
                && texts(&statement["Resource"]).any(|pattern| is_like(pattern, &asked.resource))
                && holds(&statement["Condition"], asked)
        })
    }

    /// Every action that is allowed on anything.
    pub fn actions(&self) -> BTreeSet<String> {
        self.statements().flat_map(|statement| texts(&statement["Action"]).map(str::to_owned)).collect()
    }
}

/// A text, or a list of them.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    list.iter().filter_map(Value::as_str)
}

fn holds(conditions: &Value, asked: &Asked) -> bool {
    let Some(conditions) = conditions.as_object() else { return true };
    conditions.iter().all(|(operator, tests)| {
        tests.as_object().expect("keys").iter().all(|(key, values)| {
            let Some(given) = asked.context.get(key) else { return false };
            match operator.as_str() {
                "StringEquals" | "ForAnyValue:StringEquals" => texts(values).any(|value| value == given),
                "StringLike" | "ArnLike" => texts(values).any(|pattern| is_like(pattern, given)),
                other => panic!("the operator {other} is not simulated"),
            }
        })
    })
}

/// `*` stands for any letters, `?` for one.
fn is_like(pattern: &str, text: &str) -> bool {
    fn like(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) if like(rest, text) => true,
            (Some((b'*', _)), Some((_, later))) => like(pattern, later),
            (Some((b'?', rest)), Some((_, later))) => like(rest, later),
            (Some((letter, rest)), Some((same, later))) => letter == same && like(rest, later),
            _ => false,
        }
    }
    like(pattern.as_bytes(), text.as_bytes())
}

#[test]
fn the_simulation_tells_allowed_from_denied() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["a:Get", "a:Put"], "Resource": "arn:x:b/*"},
        {"Effect": "Allow", "Action": "a:Pass", "Resource": ["arn:x:r?"], "Condition": {"StringLike": {"a:To": "b*"}}}
    ]}"#;
    let policies = Policies::read([policy]);
    let asked = |action: &str, resource: &str, to: Option<&str>| Asked {
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: to.map(|to| ("a:To".to_owned(), to.to_owned())).into_iter().collect(),
    };
    for (asked, is_allowed) in [
        (asked("a:Get", "arn:x:b/c/d", None), true),
        (asked("a:Get", "arn:x:c/c", None), false),
        (asked("a:Delete", "arn:x:b/c", None), false),
        (asked("a:Pass", "arn:x:r1", Some("bedrock")), true),
        (asked("a:Pass", "arn:x:r12", Some("bedrock")), false),
        (asked("a:Pass", "arn:x:r1", Some("codebuild")), false),
        (asked("a:Pass", "arn:x:r1", None), false),
    ] {
        assert_eq!(policies.allow(&asked), is_allowed, "{asked:?}");
    }
    assert_eq!(policies.actions().into_iter().collect::<Vec<_>>(), ["a:Get", "a:Pass", "a:Put"]);
}
