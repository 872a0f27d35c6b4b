//! Formatting has no effect, and no text makes the reader panic.

use proptest::prelude::*;

use super::*;

/// A catalog as text, written in one of several ways that mean the same.
fn written(prompts: &[(String, String, u8)], style: u8) -> String {
    let mut text = String::new();
    for (name, body, temperature) in prompts {
        let quoted = serde_json::to_string(body).unwrap();
        let name = serde_json::to_string(name).unwrap();
        match style % 3 {
            0 => text.push_str(&format!("{name}: {{text: {quoted}, parameters: {{temperature: 0.{temperature}}}}}\n")),
            1 => text.push_str(&format!(
                "# a comment\n{name}:\n    parameters:\n        temperature: 0.{temperature}   # warm\n\n    text: {quoted}\n"
            )),
            _ => text.push_str(&format!(
                "? {name}\n: \"parameters\": {{\"temperature\": 0.{temperature}0}}\n  'text':\n    {quoted}\n\n\n"
            )),
        }
    }
    text
}

fn without_marks(prompts: Vec<Prompt>) -> Vec<String> {
    prompts.into_iter().map(|prompt| serde_json::to_string(&prompt).unwrap()).collect()
}

proptest! {
    #[test]
    fn formatting_only_edits_give_equal_prompts(
        bodies in prop::collection::vec(("[a-z]{1,8}", "[ -~\\n]{1,40}[a-z]", 0u8..10), 1..6),
        styles in (0u8..3, 0u8..3),
    ) {
        let mut prompts: Vec<(String, String, u8)> = Vec::new();
        for (name, body, temperature) in bodies {
            if prompts.iter().all(|(other, ..)| *other != name) {
                prompts.push((name, body, temperature));
            }
        }
        let mut problems = Problems::new();
        let mut one = |style| {
            let text = written(&prompts, style);
            without_marks(read_one(&MemoryTree::default(), ("prompts.yaml", text.as_bytes()), Engine::Jinja, &mut problems))
        };
        prop_assert_eq!(one(styles.0), one(styles.1));
        prop_assert!(problems.is_empty(), "{}", problems);
    }

    #[test]
    fn no_catalog_makes_the_reader_panic(text in "[a-z:{}\\[\\] \\n\"'|&*#-]{0,80}") {
        let mut problems = Problems::new();
        let prompts = read_one(&MemoryTree::default(), ("prompts.yaml", text.as_bytes()), Engine::Jinja, &mut problems);
        prop_assert!(!prompts.is_empty() || problems.has_errors());
    }
}
