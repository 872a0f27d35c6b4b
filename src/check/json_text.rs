//! The JSON that an answer's text is.

use serde_json::Value;

use super::quote::quoted;

/// The whole text as JSON, else the reason why it is not JSON. Of repeated keys the last counts, as
/// in most programs that read such answers.
pub(super) fn parsed(text: &str, fenced: bool) -> Result<Value, String> {
    let text = text.trim();
    let inside = unfenced(text);
    let content = inside.filter(|_| fenced).unwrap_or(text);
    serde_json::from_str(content).map_err(|error| {
        if content.is_empty() {
            return "not JSON: the answer is empty".to_owned();
        }
        let begins = quoted(text);
        if !fenced && inside.is_some_and(|inside| serde_json::from_str::<Value>(inside).is_ok()) {
            return format!("not JSON but JSON in a code fence (`fenced: true` accepts it): {begins}");
        }
        // For plain prose the parser's message does not help.
        if content.starts_with(['{', '[', '"']) {
            format!("not JSON: {error}: {begins}")
        } else {
            format!("not JSON: {begins}")
        }
    })
}

/// The content of the code fence, if the whole text is one.
fn unfenced(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("```")?.strip_suffix("```")?;
    let (language, content) = inside.split_once('\n')?;
    let language = language.trim();
    (language.is_empty() || language.eq_ignore_ascii_case("json")).then_some(content.trim())
}
