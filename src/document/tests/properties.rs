//! What holds for every value and every text.

use proptest::prelude::*;
use serde_json::Value;

use super::fields::SHAPE;
use super::*;
use crate::problem::Problems;

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[ -~\\n\\t]{0,30}",
        prop::sample::select(vec![
            "yes",
            "null",
            "1.0",
            "- x",
            "a: b",
            "# c",
            "<<",
            "x\n",
            "\n x",
            "😀",
            "2024-01-01"
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| json!(n)),
        (-1.0e6..1.0e6).prop_map(|n: f64| json!(n)),
        text.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Control characters that YAML does not allow must be escaped; printed YAML does so.
fn printable(value: &Value) -> bool {
    let text = value.to_string();
    !text.chars().any(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}'))
}

proptest! {
    #[test]
    fn json_and_yaml_of_a_value_give_the_value(value in values()) {
        let compact = parse("a.json", value.to_string().as_bytes(), Format::Json).unwrap();
        prop_assert_eq!(compact.root.to_value(), value.clone());
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let pretty = parse("a.json", pretty.as_bytes(), Format::Json).unwrap();
        prop_assert_eq!(pretty.root.to_value(), value.clone());
        if printable(&value) {
            let printed = serde_yaml::to_string(&value).unwrap();
            let merges = printed.contains("<<");
            match parse("a.yaml", printed.as_bytes(), Format::Yaml) {
                Ok(document) => prop_assert!(document.root.to_value() == value || merges, "{}", printed),
                Err(problem) => prop_assert!(merges, "{problem}\n{printed}"),
            }
        }
    }

    #[test]
    fn json_places_are_all_known(value in values()) {
        let document = parse("a.json", value.to_string().as_bytes(), Format::Json).unwrap();
        let mut places = Vec::new();
        walk(&document.root, &mut places);
        prop_assert!(places.iter().all(|place| !place.starts_with("0:")), "{:?}", places);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), symbols in "[-a:{}\\[\\]&*|>'\"!%@#?,<. \\t\\r\\n0\u{85}é]{0,60}") {
        for text in [text, symbols] {
            for format in [Format::Yaml, Format::Json] {
                if let Ok(document) = parse("a", text.as_bytes(), format) {
                    let mut problems = Problems::new();
                    if let Some(fields) = Fields::read(&document.source, &document.root, &SHAPE, &mut problems) {
                        for key in SHAPE.keys {
                            fields.text(key, &mut problems);
                            fields.texts(key, &mut problems);
                            fields.number(key, 0.0..1.0, &mut problems);
                        }
                    }
                    prop_assert!(problems.to_string().len() < 1_000_000);
                }
            }
        }
    }
}
