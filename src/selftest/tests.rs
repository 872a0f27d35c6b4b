//! What the edits do to a text, and what they leave alone.

use insta::assert_snapshot;

use super::breaks::BREAKS;
use super::edits::EDITS;

const TEXT: &str = "\
# Your task

Classify the ticket of {{ customer }}.
Do not guess. Answer briefly. Choose each label with care.

- Ensure that it is \"billing\" or \"shipping\".
- Write nothing else
- Say {\"label\": \"billing\"} as JSON.

```
- a list - in code
```
Reply with one word.
";

/// The lines that differ, as in a diff.
fn changed(before: &str, after: &str) -> String {
    let [before, after] = [before, after].map(|text| text.split('\n').collect::<Vec<_>>());
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("-{line}\n"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+{line}|\n"));
    gone.chain(new).collect()
}

#[test]
fn every_edit_changes_words_or_white_space_and_no_template_mark() {
    let told: String = EDITS
        .iter()
        .map(|edit| {
            let edited = edit.apply(TEXT).unwrap_or_else(|| panic!("{} does not apply", edit.name));
            assert_eq!(edit.apply(TEXT), Some(edited.clone()), "it does the same each time");
            for kept in ["{{ customer }}", "{\"label\": \"billing\"}", "- a list - in code"] {
                assert!(edited.contains(kept), "{}: {kept}", edit.name);
            }
            let grown = edited.len() as i64 - TEXT.len() as i64;
            format!("[{}] {grown:+}\n{}", edit.name, changed(TEXT, &edited))
        })
        .collect();
    assert_snapshot!(told, @r#"
    [line breaks at the end] +2
    [spaces at line ends] +10
    -# Your task
    -Do not guess. Answer briefly. Choose each label with care.
    -- Ensure that it is "billing" or "shipping".
    -- Write nothing else
    -Reply with one word.
    +# Your task  |
    +Do not guess. Answer briefly. Choose each label with care.  |
    +- Ensure that it is "billing" or "shipping".  |
    +- Write nothing else  |
    +Reply with one word.  |
    [blank lines doubled] +3
    [a line for each sentence] +0
    -Do not guess. Answer briefly. Choose each label with care.
    +Do not guess.|
    +Answer briefly.|
    +Choose each label with care.|
    [headings in capitals] +0
    -# Your task
    +# YOUR TASK|
    [bullets exchanged] +0
    [another bullet mark] +0
    -- Ensure that it is "billing" or "shipping".
    -- Write nothing else
    -- Say {"label": "billing"} as JSON.
    +* Ensure that it is "billing" or "shipping".|
    +* Write nothing else|
    +* Say {"label": "billing"} as JSON.|
    [bullets indented] +6
    -- Ensure that it is "billing" or "shipping".
    -- Write nothing else
    -- Say {"label": "billing"} as JSON.
    +  - Ensure that it is "billing" or "shipping".|
    +  - Write nothing else|
    +  - Say {"label": "billing"} as JSON.|
    [other quotation marks] +0
    -- Ensure that it is "billing" or "shipping".
    +- Ensure that it is 'billing' or 'shipping'.|
    [synonyms] +1
    -Do not guess. Answer briefly. Choose each label with care.
    -Reply with one word.
    +Do not guess. Answer in brief. Pick every label with care.|
    +Answer with one word.|
    [contractions] -1
    -Do not guess. Answer briefly. Choose each label with care.
    +Don't guess. Answer briefly. Choose each label with care.|
    [please] +7
    -Do not guess. Answer briefly. Choose each label with care.
    +Do not guess. Please answer briefly. Choose each label with care.|
    "#);
}

#[test]
fn an_edit_does_not_apply_where_it_would_change_nothing() {
    let applies = |text: &str| -> Vec<&str> {
        EDITS.iter().filter(|edit| edit.apply(text).is_some()).map(|edit| edit.name).collect()
    };
    assert_eq!(applies("{{ input }}"), ["line breaks at the end"]);
    assert_eq!(applies("Hello"), ["line breaks at the end", "spaces at line ends"]);
    assert_eq!(applies("1. one\n2. two"), ["line breaks at the end", "spaces at line ends"]);
}

#[test]
fn breaks_take_the_form_another_instruction_or_turn_the_form_around() {
    let told: String = BREAKS
        .iter()
        .map(|planted| {
            let broken = planted.apply(TEXT).unwrap_or_else(|| panic!("{} does not apply", planted.name));
            format!("[{}]\n{}", planted.name, changed(TEXT, &broken))
        })
        .collect();
    assert_snapshot!(told, @r#"
    [format removed]
    -Reply with one word.
    [instruction deleted]
    -- Ensure that it is "billing" or "shipping".
    [instruction contradicted]
    +That rule no longer holds: do the opposite of it.|
    "#);
    let alone: Vec<Option<String>> =
        BREAKS.iter().map(|planted| planted.apply("Reply with one word.")).collect();
    let turned = "Reply with one word. That rule no longer holds: do the opposite of it. ".to_owned();
    assert_eq!(alone, [None, None, Some(turned)], "no text is left empty");
}
