//! The names of checks in other tools, and their form here: a hint must never suggest the opposite.

use crate::document::{Datum, Key, Node};

use super::kind::kinds;

/// Names of other tools and the check here; `…` is the check's value.
const ELSEWHERE: &[(&str, &str)] = &[
    ("is_json", "json: true"),
    ("is_valid_json", "json: true"),
    ("valid_json", "json: true"),
    ("icontains", "contains: {value: …, ignore_case: true}"),
    ("icontains_all", "contains: {value: […], ignore_case: true}"),
    ("icontains_any", "contains_any: {value: […], ignore_case: true}"),
    ("contains_all", "contains: […]"),
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
    ("llm_rubric", "judge: …"),
    ("agent_rubric", "judge: …"),
    ("rubric", "judge: …"),
    ("g_eval", "judge: …"),
    ("factuality", "judge: …"),
    ("model_graded_closedqa", "judge: …"),
    ("llm", "judge: …"),
    ("similar", "similarity: {threshold: 0.8}"),
    ("levenshtein", "similarity: {threshold: 0.8}"),
    ("rouge_n", "rouge: {metric: rouge1, threshold: …}"),
    ("rouge_1", "rouge: {metric: rouge1, threshold: …}"),
    ("rouge1", "rouge: {metric: rouge1, threshold: …}"),
    ("rouge_2", "rouge: {metric: rouge2, threshold: …}"),
    ("rouge2", "rouge: {metric: rouge2, threshold: …}"),
    ("rouge_l", "rouge: {threshold: …}"),
    ("word_count", "length: {min_words: …, max_words: …}"),
    ("max_words", "length: {max_words: …}"),
    ("min_words", "length: {min_words: …}"),
    ("max_chars", "length: {max_chars: …}"),
    ("min_chars", "length: {min_chars: …}"),
    ("finish_reason", "stop_reason: …"),
];

/// Prefixes of names that mean the opposite.
const CONTRARY: [&str; 8] =
    ["not_", "no_", "does_not_", "doesnt_", "must_not_", "should_not_", "is_not_", "isnt_"];

/// The form of the intended check.
pub(super) struct Meant(String);

impl Meant {
    pub(super) fn help(&self) -> String {
        format!("write `{}`", self.0)
    }
}

/// The check here for a name of another tool, or for the opposite of a check.
pub(super) fn meant(written: &str) -> Option<Meant> {
    let name = normal(written);
    if let Some(contrary) = CONTRARY.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        return here(contrary).map(|check| Meant(format!("not: {{{check}}}")));
    }
    let is_known = kinds().any(|kind| kind == written);
    here(&name).filter(|_| !is_known).map(Meant)
}

/// `{type: contains, value: x}`.
pub(super) fn typed(key: &Key, node: &Node) -> Option<Meant> {
    let Datum::Text(name) = &node.datum else { return None };
    if !["type", "kind", "check", "assert"].contains(&key.text.as_str()) {
        return None;
    }
    meant(name).or_else(|| here(&normal(name)).map(Meant))
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

fn here(name: &str) -> Option<String> {
    let of_ours = kinds().find(|kind| *kind == name).map(|kind| match kind {
        "json" => "json: true".to_owned(),
        kind => format!("{kind}: …"),
    });
    let of_others = || ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, ours)| (*ours).to_owned());
    of_ours.or_else(of_others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_and_contraries_are_known() {
        let said = |name: &str| meant(name).map(|meant| meant.help());
        for (name, help) in [
            ("not-contains", "write `not: {contains: …}`"),
            ("notContains", "write `not: {contains: …}`"),
            ("doesn't contain", "write `not: {contains: …}`"),
            ("!equals", "write `not: {equals: …}`"),
            ("not_is_json", "write `not: {json: true}`"),
            ("is-json", "write `json: true`"),
            ("contains-all", "write `contains: […]`"),
            ("starts-with", "write `starts_with: …`"),
        ] {
            assert_eq!(said(name).as_deref(), Some(help), "{name}");
        }
        for name in ["contains", "contians", "not a check", "thirty days"] {
            assert_eq!(said(name), None, "{name}");
        }
    }
}
