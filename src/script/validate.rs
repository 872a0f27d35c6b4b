//! Validates a rule: everything that could fail later is found now.

use serde_json::Value;

use super::rule::{Answer, Failure};
use super::template::Template;

/// Tolerance for sums of probabilities written as decimals.
const SLACK: f64 = 1e-9;

/// Checks that a rule can always be followed.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn error_leaves_answers(error: Option<&Failure>, answers: &[Answer]) -> Result<(), String> {
    let Some(failure) = error else {
        return if answers.is_empty() {
            Err("a rule needs `text`, `answers`, `embedding` or `error`".to_owned())
        } else {
            Ok(())
        };
    };
    let may_stop = failure.p.is_some_and(|p| p < 1.0) || failure.times.is_some();
    match (may_stop, answers.is_empty()) {
        (true, true) => Err("the error may stop, and then the rule has no `text` or `answers`".to_owned()),
        (false, false) => {
            Err("the rule always fails, so its answers are never given; add `p` or `times`".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks the probabilities of a rule's answers.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn shares_add_up(answers: &[Answer]) -> Result<(), String> {
    let sum: f64 = answers.iter().filter_map(|answer| answer.p).sum();
    let has_rest = answers.iter().any(|answer| answer.p.is_none());
    if sum > 1.0 + SLACK {
        return Err(format!("the `p` of its answers add up to {sum:.3}, more than 1"));
    }
    if !answers.is_empty() && !has_rest && sum < 1.0 - SLACK {
        return Err(format!(
            "the `p` of its answers add up to {sum:.3}, not 1; leave out the last one's, and it takes the rest"
        ));
    }
    Ok(())
}

/// Checks that an answer has content, and uses only existing values.
///
/// # Errors
/// What is wrong, as a clause.
pub(super) fn answer_is_sound(answer: &Answer, captures: &[&str]) -> Result<(), String> {
    if answer.text.is_none() && answer.tool.is_none() && answer.stop.is_none() && answer.embedding.is_none() {
        return Err("an answer needs `text`, `tool` or `stop`".to_owned());
    }
    if answer.tool.as_ref().is_some_and(|tool| !tool.is_object()) {
        return Err("`tool` holds the call's arguments, a mapping such as {score: 0.9}".to_owned());
    }
    let mut templates: Vec<Template> = answer.text.iter().cloned().collect();
    if let Some(tool) = &answer.tool {
        collect_texts(tool, &mut templates)?;
    }
    match templates.iter().find_map(|template| template.unknown_variable(captures)) {
        Some(name) => Err(format!(
            "`{name}` is unknown to an answer; there are `input`, `system` and, for a named group of the rule's patterns, `capture.<name>`"
        )),
        None => Ok(()),
    }
}

fn collect_texts(value: &Value, found: &mut Vec<Template>) -> Result<(), String> {
    match value {
        Value::String(text) => {
            found.push(Template::parse(text)?);
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| collect_texts(item, found)),
        Value::Object(map) => map.values().try_for_each(|item| collect_texts(item, found)),
        _ => Ok(()),
    }
}
