//! The scalars of the quick reader ([`super::subset`]): texts in quotes, without, and after `|`.

use serde::de::DeserializeSeed;

use super::raw::{Allowance, RawDatum, Reading};

/// A text after `|`.
pub(super) struct Block {
    pub(super) text: String,
    /// Lines of the file that it takes.
    pub(super) lines: u32,
    /// The same in bytes.
    pub(super) bytes: usize,
}

/// A text after `|`: what stands behind that sign in its line, the lines below it, and the column of the mapping or list
/// around it.
pub(super) fn block(header: &str, below: &str, indent: usize) -> Option<Block> {
    let chomping = header.trim_end_matches(' ');
    ["", "-", "+"].contains(&chomping).then_some(())?;
    let margin = margin(below).filter(|margin| *margin > indent)?;
    let (mut text, mut blank_lines) = (String::new(), 0);
    let (mut lines, mut bytes) = (0, 0);
    for whole in below.split_inclusive('\n') {
        let line = whole.trim_end_matches('\n');
        let content = line.trim_start_matches(' ');
        let spaces = line.len() - content.len();
        if content.is_empty() && spaces <= margin {
            // Spaces behind the last line break would be no line.
            (line.len() < whole.len()).then_some(())?;
            blank_lines += 1;
        } else if spaces < margin {
            break;
        } else {
            text.extend(std::iter::repeat_n('\n', std::mem::take(&mut blank_lines)));
            text.push_str(&whole[margin..]);
        }
        lines += 1;
        bytes += whole.len();
    }
    match chomping {
        "-" => text.truncate(text.trim_end_matches('\n').len()),
        "+" => text.extend(std::iter::repeat_n('\n', blank_lines)),
        _ => {}
    }
    Some(Block { text, lines, bytes })
}

/// How far the lines of a block are indented: as far as the first that is not blank. Blank lines before it may not be longer.
fn margin(block: &str) -> Option<usize> {
    let spaces = |line: &str| line.bytes().take_while(|byte| *byte == b' ').count();
    let mut longest_blank = 0;
    for line in block.split('\n') {
        let spaces = spaces(line);
        if spaces < line.len() {
            return (longest_blank <= spaces).then_some(spaces);
        }
        longest_blank = longest_blank.max(spaces);
    }
    None
}

/// A text in double quotes at the beginning of `rest`, with the length it has there.
pub(super) fn double_quoted(rest: &str) -> Option<(usize, String)> {
    let bytes = rest.as_bytes();
    let mut text = String::new();
    let mut at = 1;
    loop {
        let end = at + bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
        text.push_str(&rest[at..end]);
        at = end + 2;
        text.push(match (bytes[end], bytes.get(end + 1)) {
            (b'"', _) => return Some((end + 1, text)),
            (b'\\', Some(b'n')) => '\n',
            (b'\\', Some(b't')) => '\t',
            (b'\\', Some(b'"')) => '"',
            (b'\\', Some(b'\\')) => '\\',
            _ => return None,
        });
    }
}

/// The same in single quotes.
pub(super) fn single_quoted(rest: &str) -> Option<(usize, String)> {
    let bytes = rest.as_bytes();
    let mut text = String::new();
    let mut at = 1;
    loop {
        let end = at + bytes[at..].iter().position(|byte| matches!(byte, b'\'' | b'\n'))?;
        text.push_str(&rest[at..end]);
        match (bytes[end], bytes.get(end + 1)) {
            (b'\'', Some(b'\'')) => text.push('\''),
            (b'\'', _) => return Some((end + 1, text)),
            _ => return None,
        }
        at = end + 2;
    }
}

/// A text without quotes at the beginning of `rest`.
pub(super) fn plain(rest: &str, in_brackets: bool) -> Option<&str> {
    let bytes = rest.as_bytes();
    match (bytes.first()?, bytes.get(1)) {
        (b'-', Some(next)) if next.is_ascii_alphanumeric() || *next == b'.' => {}
        (b'\n', _) => return None,
        (first, _) if br##"-?:,[]{}#&*!|>'"%@` "##.contains(first) => return None,
        _ => {}
    }
    let ends = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b':' => match bytes.get(at + 1) {
            None | Some(b' ' | b'\n') => true,
            Some(next) => in_brackets && b",?[]{}".contains(next),
        },
        b'#' => bytes[at - 1] == b' ',
        b',' | b'[' | b']' | b'{' | b'}' => in_brackets,
        _ => false,
    };
    let end = (1..bytes.len()).find(ends).unwrap_or(bytes.len());
    Some(rest[..end].trim_end_matches(' '))
}

/// What a text without quotes is: a text, or another value that is written so.
pub(super) fn resolved(text: &str) -> Option<RawDatum> {
    let is_of_number = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
    match text {
        "null" | "Null" | "NULL" | "~" => return Some(RawDatum::Null),
        "true" | "True" | "TRUE" => return Some(RawDatum::Bool(true)),
        "false" | "False" | "FALSE" => return Some(RawDatum::Bool(false)),
        _ => {}
    }
    let may_be_number = text.as_bytes()[0].is_ascii_digit() || text.starts_with(['+', '-', '.']);
    if !may_be_number || text.starts_with("...") || !text.bytes().all(is_of_number) {
        return Some(RawDatum::Text(text.to_owned()));
    }
    let is_integer = text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_integer && (!text.starts_with('0') || text.len() == 1) {
        return Some(RawDatum::Number(text.parse::<u64>().ok()?.into()));
    }
    // There are many ways to write a number, and one reader that says which of them count.
    let allowance = Allowance::default();
    let alone = serde_yaml::Deserializer::from_str(text);
    Reading::new(&allowance).deserialize(alone).ok().map(|raw| raw.datum)
}
