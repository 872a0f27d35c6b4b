//! Texts and numbers in a reason: quoted, escaped and shortened.

use serde_json::Value;

use crate::model::StopReason;

/// The most characters of a quoted text.
const WIDTH: usize = 80;
/// The most items of a quoted list.
const ITEMS: usize = 5;
/// The most characters of a reason that is made of other reasons.
const LONG: usize = 320;

/// The beginning of a text in quotation marks, on one line.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text, WIDTH))
}

/// The word for a stop reason.
pub fn stop_reason(reason: &StopReason) -> String {
    match reason {
        StopReason::EndTurn => "end_turn".to_owned(),
        StopReason::ToolUse => "tool_use".to_owned(),
        StopReason::StopSequence => "stop_sequence".to_owned(),
        StopReason::MaxTokens => "max_tokens".to_owned(),
        StopReason::GuardrailIntervened => "guardrail_intervened".to_owned(),
        StopReason::ContentFiltered => "content_filtered".to_owned(),
        StopReason::MalformedModelOutput => "malformed_model_output".to_owned(),
        StopReason::MalformedToolUse => "malformed_tool_use".to_owned(),
        StopReason::ContextWindowExceeded => "context_window_exceeded".to_owned(),
        StopReason::Other(other) => passage(other),
    }
}

/// The beginning of a value's JSON.
pub(super) fn shown_json(value: &Value) -> String {
    cut(&value.to_string(), WIDTH)
}

/// The end of a text in quotation marks, on one line.
pub(super) fn quoted_end(text: &str) -> String {
    let total = text.chars().count();
    if total <= WIDTH {
        return quoted(text);
    }
    let tail: String = text.chars().skip(total + 1 - WIDTH).collect();
    format!("\"…{}\"", one_line(&tail))
}

/// Several quoted texts; those beyond the fifth are counted.
pub(super) fn quoted_list<T: AsRef<str>>(texts: &[T]) -> String {
    listed(&texts.iter().map(|text| quoted(text.as_ref())).collect::<Vec<_>>())
}

/// Items separated by commas; those beyond the fifth are counted.
pub(super) fn listed(items: &[String]) -> String {
    let shown = items.iter().take(ITEMS).cloned().collect::<Vec<_>>().join(", ");
    match items.len().checked_sub(ITEMS) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

/// A text of someone else's making on one line, cut to the length of a reason; what is left out is counted.
pub(super) fn passage(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONG) else { return one_line(text) };
    let left = text[end..].chars().count();
    format!("{}… ({left} more character{})", one_line(&text[..end]), if left == 1 { "" } else { "s" })
}

/// A number as a person writes it.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e15).contains(&size) { format!("{value:e}") } else { format!("{value}") }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().nth(width).is_none() {
        return one_line(text);
    }
    let head: String = text.chars().take(width - 1).collect();
    format!("{}…", one_line(&head))
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            // Bidirectional controls could make a reason read as its opposite.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => line.push('\u{fffd}'),
            c if c.is_control() => line.push('\u{fffd}'),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_one_harmless_line() {
        insta::assert_snapshot!(quoted("two\nlines\u{202e}\u{7} 👩‍👩‍👧"), @r#""two\nlines�� 👩‍👩‍👧""#);
    }

    #[test]
    fn long_texts_are_cut_at_the_end_or_at_the_beginning() {
        let text = format!("{}END", "x".repeat(100_000));
        assert_eq!(quoted(&text).chars().count(), WIDTH + 2);
        assert!(quoted(&text).ends_with("x…\""));
        assert!(quoted_end(&text).ends_with("xEND\""));
        assert_eq!(quoted_end(&text).chars().count(), WIDTH + 2);
    }

    #[test]
    fn what_a_long_reason_leaves_out_is_counted() {
        let reason = |chars: usize| passage(&"ä".repeat(chars));
        assert_eq!(reason(LONG), "ä".repeat(LONG));
        assert_eq!(reason(LONG + 1), format!("{}… (1 more character)", "ä".repeat(LONG)));
        assert!(reason(1_000).ends_with("ä… (680 more characters)"));
    }

    #[test]
    fn long_lists_are_counted() {
        insta::assert_snapshot!(quoted_list(&["a", "b", "c", "d", "e", "f", "g"]), @r#""a", "b", "c", "d", "e" and 2 more"#);
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 42.0, -0.5, 1e300, 1e-9].into_iter().map(number).collect();
        insta::assert_snapshot!(shown.join(" "), @"0 42 -0.5 1e300 1e-9");
    }
}
