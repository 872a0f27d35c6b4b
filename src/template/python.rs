//! The `python` language: `str.format` with plain names, the form of most existing catalogs.

use super::TemplateError;
use super::fields::{Fields, Missing, Piece, is_name};

/// Reads a format string.
pub(super) fn compile(path: &str, text: &str) -> Result<Fields, TemplateError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    let mut line = 1;
    let fail = |line: usize, message: String| TemplateError::new(message, Some(path), Some(line));
    while let Some(at) = rest.find(['{', '}']) {
        line += rest[..at].matches('\n').count();
        literal.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            literal.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(fail(line, "a single `}`: write `}}` for a brace".to_owned()));
        }
        let end = rest
            .find('}')
            .ok_or_else(|| fail(line, "a `{` is never closed: write `{{` for a brace".to_owned()))?;
        let (name, keys) = field(&rest[..end]).map_err(|message| fail(line, message))?;
        pieces.push(Piece::Text(std::mem::take(&mut literal)));
        pieces.push(Piece::Field { name, keys, line });
        line += rest[..end].matches('\n').count();
        rest = &rest[end + 1..];
    }
    literal.push_str(rest);
    pieces.push(Piece::Text(literal));
    Ok(Fields::new(path, pieces, Missing::Fails))
}

/// Splits `name[key][0]`; conversions, format specifications and attributes are refused, because
/// their meaning depends on Python types that a golden set does not have.
fn field(content: &str) -> Result<(String, Vec<String>), String> {
    let (name, mut rest) = match content.find('[') {
        Some(at) => (&content[..at], &content[at..]),
        None => (content, ""),
    };
    if !is_name(name) {
        return Err(format!(
            "`{{{content}}}` is not a plain `{{name}}`: write `{{{{` and `}}}}` for braces, and put formatting \
             into the variable's value"
        ));
    }
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').and_then(|r| r.split_once(']'));
        let (key, after) = inner.ok_or_else(|| format!("`{{{content}}}` has an unclosed `[`"))?;
        keys.push(key.to_owned());
        rest = after;
    }
    Ok((name.to_owned(), keys))
}
