//! The four notations are equivalent.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A case as JSON and what a CSV needs of it.
fn cases() -> impl Strategy<Value = Vec<Value>> {
    let text =
        prop_oneof!["[ -~]{1,20}", "[a-zé😀,;\"'\n]{1,12}", Just("yes".to_owned()), Just("1.0".to_owned())];
    let texts = || text.clone();
    let case = (
        texts(),
        prop::option::of(texts()),
        any::<bool>(),
        any::<bool>(),
        texts(),
        prop::option::of(texts()),
    );
    prop::collection::vec(case, 1..5).prop_map(|cases| {
        let each = cases.into_iter().enumerate().map(|(i, (input, expected, must_pass, exact, contains, city))| {
            let mut case = json!({"id": format!("case {i}"), "input": input, "must_pass": must_pass, "exact": exact,
                "tags": ["b", "a"], "checks": [{"contains": contains}, {"equals": "x"}]});
            if let Some(expected) = expected {
                case["expected"] = json!(expected);
            }
            case["vars"] = json!({"city": city.unwrap_or_default()});
            case
        });
        each.collect()
    })
}

fn as_csv(cases: &[Value]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "must_pass",
            "id",
            "exact",
            "input",
            "tags",
            "expected",
            "contains",
            "vars.city",
            "checks",
        ])
        .unwrap();
    for case in cases {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let expected = case.get("expected").map(text).unwrap_or_default();
        writer
            .write_record([
                text(&case["must_pass"]),
                text(&case["id"]),
                text(&case["exact"]),
                text(&case["input"]),
                "b; a".to_owned(),
                expected,
                text(&case["checks"][0]["contains"]),
                text(&case["vars"]["city"]),
                "[{\"equals\": \"x\"}]".to_owned(),
            ])
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Block style around quoted texts: a plain `yes` would be refused.
fn as_yaml(cases: &[Value]) -> String {
    let mut yaml = "defaults: {}\ncases:\n".to_owned();
    for case in cases {
        for (i, (key, value)) in case.as_object().unwrap().iter().enumerate() {
            yaml.push_str(&format!("{} {key}: {value}\n", if i == 0 { "-" } else { " " }));
        }
    }
    yaml
}

fn without_marks(set: GoldenSet) -> Vec<Case> {
    set.cases.into_iter().map(|case| Case { mark: Mark::default(), ..(*case).clone() }).collect()
}

proptest! {
    #[test]
    fn all_four_notations_give_the_same_cases(cases in cases()) {
        let json = serde_json::to_string_pretty(&cases).unwrap();
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        let yaml = as_yaml(&cases);
        let expected = without_marks(good("golden/a.json", &json));
        prop_assert_eq!(&without_marks(good("golden/a.jsonl", &lines.join("\n"))), &expected);
        prop_assert_eq!(&without_marks(good("golden/a.yaml", &yaml)), &expected);
        prop_assert_eq!(&without_marks(good("golden/a.csv", &as_csv(&cases))), &expected);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "[a-c:{}\\[\\] \\n\"',;-]{0,60}", any in any::<String>()) {
        for text in [text, any] {
            for path in ["golden/a.yaml", "golden/a.json", "golden/a.jsonl", "golden/a.csv"] {
                let (set, _) = set(path, &text);
                prop_assert!(set.is_none_or(|set| !set.cases.is_empty()));
            }
        }
    }
}
