//! The names of checks in other tools, and their form here: a hint must never suggest the opposite.

use crate::document::{Datum, Key, Node};
use crate::foreign::promptfoo::names::{Counterpart, named};

use super::kind::kinds;

/// Names that people write, and the check here; `…` is the check's value. Those of promptfoo are in its table.
const NAMES: &[(&str, &str)] = &[
    ("is_valid_json", "json: true"),
    ("valid_json", "json: true"),
    ("contain", "contains: …"),
    ("include", "contains: …"),
    ("includes", "contains: …"),
    ("contains_one_of", "contains_any: […]"),
    ("equal", "equals: …"),
    ("exact", "equals: …"),
    ("exact_match", "equals: …"),
    ("iequals", "equals: {value: …, ignore_case: true}"),
    ("equals_any", "one_of: […]"),
    ("in", "one_of: […]"),
    ("start_with", "starts_with: …"),
    ("end_with", "ends_with: …"),
    ("match", "regex: …"),
    ("matches", "regex: …"),
    ("regexp", "regex: …"),
    ("pattern", "regex: …"),
    ("rubric", "judge: …"),
    ("llm", "judge: …"),
    ("rouge_1", "rouge: {metric: rouge1, threshold: …}"),
    ("rouge1", "rouge: {metric: rouge1, threshold: …}"),
    ("rouge_2", "rouge: {metric: rouge2, threshold: …}"),
    ("rouge2", "rouge: {metric: rouge2, threshold: …}"),
    ("rouge_l", "rouge: {threshold: …}"),
    ("max_words", "length: {max_words: …}"),
    ("min_words", "length: {min_words: …}"),
    ("max_chars", "length: {max_chars: …}"),
    ("min_chars", "length: {min_chars: …}"),
];

/// Prefixes of names that mean the opposite.
const CONTRARY: [&str; 8] =
    ["not_", "no_", "does_not_", "doesnt_", "must_not_", "should_not_", "is_not_", "isnt_"];

/// Help with a name of another tool, or with the opposite of a check: what to write here.
pub(super) fn meant(written: &str) -> Option<String> {
    if kinds().any(|kind| kind == written) {
        return None;
    }
    if let Some((_, counterpart, is_negated)) = named(written) {
        return Some(match counterpart {
            Counterpart::Check(form) | Counterpart::Judge(form) => {
                format!("`{written}` is promptfoo's; here: `{}`", perhaps_negated(form, is_negated))
            }
            Counterpart::None(why) => format!("`{written}` is promptfoo's and has no counterpart: {why}"),
        });
    }
    let name = normal(written);
    match CONTRARY.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        Some(contrary) => here(contrary, true),
        None => here(&name, false),
    }
}

fn perhaps_negated(form: &str, is_negated: bool) -> String {
    if is_negated { format!("not: {{{form}}}") } else { form.to_owned() }
}

/// `{type: contains, value: x}`.
pub(super) fn typed(key: &Key, node: &Node) -> Option<String> {
    let Datum::Text(name) = &node.datum else { return None };
    if !["type", "kind", "check", "assert"].contains(&key.text.as_str()) {
        return None;
    }
    meant(name).or_else(|| here(&normal(name), false))
}

/// Lower case, words separated by `_`.
fn normal(written: &str) -> String {
    let mut name = String::new();
    let written = written.trim_end_matches(':').replace('!', "not_").replace('\'', "");
    for c in written.chars() {
        if c.is_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        match c {
            '-' | ' ' | '_' => name.push('_'),
            c => name.extend(c.to_lowercase()),
        }
    }
    name
}

fn here(name: &str, is_negated: bool) -> Option<String> {
    let write = |form: &str| format!("write `{}`", perhaps_negated(form, is_negated));
    if let Some(kind) = kinds().find(|kind| *kind == name) {
        return Some(if kind == "json" { write("json: true") } else { write(&format!("{kind}: …")) });
    }
    if let Some((_, ours)) = NAMES.iter().find(|(other, _)| *other == name) {
        return Some(write(ours));
    }
    let (_, counterpart, _) = named(&name.replace('_', "-"))?;
    Some(match counterpart {
        Counterpart::Check(form) | Counterpart::Judge(form) => write(form),
        Counterpart::None(why) => format!("there is no such check: {why}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_and_contraries_are_known() {
        for (name, help) in [
            ("not-contains", "`not-contains` is promptfoo's; here: `not: {contains: …}`"),
            (
                "not-icontains-any",
                "`not-icontains-any` is promptfoo's; here: `not: {contains_any: {value: […], ignore_case: true}}`",
            ),
            ("notContains", "write `not: {contains: …}`"),
            ("doesn't contain", "write `not: {contains: …}`"),
            ("!equals", "write `not: {equals: …}`"),
            ("not_is_json", "write `not: {json: true}`"),
            ("is-json", "`is-json` is promptfoo's; here: `json: true`"),
            ("is_json", "write `json: true`"),
            ("contains-all", "`contains-all` is promptfoo's; here: `contains: […]`"),
            ("starts-with", "`starts-with` is promptfoo's; here: `starts_with: …`"),
        ] {
            assert_eq!(meant(name).as_deref(), Some(help), "{name}");
        }
        for name in ["similar", "not-similar:cosine"] {
            let said = meant(name).expect("a hint");
            assert!(said.contains("semantic: {to: …, model: …") && !said.contains("`similarity:"), "{said}");
        }
        for name in ["contains", "contians", "not a check", "thirty days"] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
