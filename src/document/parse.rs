//! From bytes to a [`Document`]: text, first pass, second pass, joined.

use std::rc::Rc;

use serde::de::DeserializeSeed;

use super::build::build;
use super::outline::Outline;
use super::outline_yaml::NoOutline;
use super::raw::{self, Allowance, Raw, Reading};
use super::{Document, Format, MAX_DEPTH, Node, Source, outline_json, outline_yaml};
use crate::problem::{Mark, Problem};
use crate::tree::{MAX_FILE_BYTES, TreeError};

/// The beginning of a Git LFS pointer.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

fn lfs_pointer(path: &str) -> Problem {
    let message = format!("`{path}` is a pointer of Git LFS here: its text is not in Git");
    let help = "keep texts out of LFS: `git lfs untrack` its pattern, then `git add --renormalize` the file and commit";
    Problem::error(message).path(path).help(help)
}

/// The text of a file: UTF-8, a byte order mark removed, lines ending with `\n`.
///
/// # Errors
/// A file that is not UTF-8 (says at which byte) or larger than [`MAX_FILE_BYTES`], and a pointer of Git
/// LFS in the place of a text.
pub fn read_text(path: &str, bytes: &[u8]) -> Result<Source, Problem> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let error = TreeError::TooLarge { path: path.to_owned(), bytes: bytes.len() as u64 };
        return Err(Problem::error(error.to_string()).path(path).help(error.help()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(LFS_POINTER) {
        return Err(lfs_pointer(path));
    }
    match std::str::from_utf8(bytes) {
        // A file that was saved on another system has the same content.
        Ok(text) if text.contains('\r') => Ok(Source::new(path, text.replace("\r\n", "\n"))),
        Ok(text) => Ok(Source::new(path, text)),
        Err(error) => Err(not_utf8(path, bytes, error.valid_up_to())),
    }
}

fn not_utf8(path: &str, bytes: &[u8], valid: usize) -> Problem {
    let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
    let byte = bytes.get(valid).copied().unwrap_or_default();
    Problem::error(format!(
        "the file is not UTF-8: byte {} (0x{byte:02x}, line {line}) is invalid",
        valid + 1
    ))
    .path(path)
    .help("save the file as UTF-8")
}

/// Reads a document.
///
/// # Errors
/// Text that is not UTF-8, broken YAML or JSON, duplicate keys, tags, several documents in one
/// file, and documents that are too large or nested too deeply, each with its place.
pub fn parse(path: &str, bytes: &[u8], format: Format) -> Result<Document, Problem> {
    parse_source(read_text(path, bytes)?, format)
}

/// Reads a document whose text is at hand.
///
/// # Errors
/// As [`parse`].
pub fn parse_source(source: Source, format: Format) -> Result<Document, Problem> {
    let root = match format {
        Format::Yaml => yaml(&source)?,
        Format::Json => json(&source, &source.text, 1, &Allowance::default())?,
    };
    Ok(Document { source, root })
}

/// Reads one line of a file as a JSON document of its own; lines count from 1. All lines of a file
/// share one allowance.
///
/// # Errors
/// As [`parse`].
pub fn parse_line(source: &Source, line: &str, number: u32, allowance: &Allowance) -> Result<Node, Problem> {
    json(source, line, number, allowance)
}

fn yaml(source: &Source) -> Result<Node, Problem> {
    let outline = match outline_yaml::outline(&source.text) {
        Ok(outline) => Some(outline),
        Err(NoOutline::TooDeep(mark)) => return Err(too_deep(source, mark)),
        Err(NoOutline::Unreadable) => None,
    };
    if outline.is_none() && bracket_depth(&source.text) > MAX_OPEN_BRACKETS {
        return Err(too_deep(source, Mark::default()));
    }
    let raw = yaml_values(source)?;
    finish(source, raw, outline.as_ref(), Format::Yaml)
}

/// Brackets that may stay open in a text that the second pass cannot read: the first pass needs
/// time that grows with their number squared.
const MAX_OPEN_BRACKETS: usize = 2_000;

fn bracket_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn yaml_values(source: &Source) -> Result<Raw, Problem> {
    let allowance = Allowance::default();
    let mut documents = serde_yaml::Deserializer::from_str(&source.text);
    let Some(first) = documents.next() else {
        return Ok(Raw::Null);
    };
    let raw = Reading::new(&allowance).deserialize(first).map_err(|error| yaml_problem(source, &error))?;
    if documents.next().is_some() {
        let mark = second_document(&source.text);
        return Err(source
            .error(mark, "the file holds more than one YAML document")
            .help("keep one document per file: remove the `---` line or split the file"));
    }
    Ok(raw)
}

/// The line that begins a second document: a `---` after content.
fn second_document(text: &str) -> Mark {
    let mut content = false;
    for (line, number) in text.lines().zip(1..) {
        if line.starts_with("---") && content {
            return Mark::new(number, 1);
        }
        let line = line.trim_start();
        content |= !(line.is_empty() || line.starts_with(['#', '%']));
    }
    Mark::default()
}

fn yaml_problem(source: &Source, error: &serde_yaml::Error) -> Problem {
    let mark = error
        .location()
        .map_or_else(Mark::default, |location| Mark::new(location.line() as u32, location.column() as u32));
    let text = error.to_string();
    let text = text.replacen(&format!(" at line {} column {}", mark.line, mark.column), "", 1);
    if text.contains("recursion limit exceeded") || text.contains(raw::TOO_DEEP) {
        return too_deep(source, mark);
    }
    if text.contains("repetition limit exceeded") || text.contains(raw::TOO_MUCH) {
        return too_much(source, mark);
    }
    if let Some((message, help)) = raw::refused(&text) {
        return source.error(mark, message).help(help);
    }
    let (mark, text) = opening(&text, mark).unwrap_or((mark, text));
    let problem = source.error(mark, format!("not valid YAML: {text}"));
    match yaml_help(&text, problem.line.as_deref().unwrap_or_default()) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// An unclosed quote or bracket is shown where it begins, not at the later line where the parser notices it.
fn opening(text: &str, noticed: Mark) -> Option<(Mark, String)> {
    let (what, place) = text.split_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let begins = Mark::new(line.parse().ok()?, column.parse().ok()?);
    if what.contains("unexpected end of stream") {
        return Some((begins, what.to_owned()));
    }
    let is_open = what.contains("while parsing a flow") && begins.line < noticed.line;
    is_open.then(|| (begins, format!("{what}, noticed in line {}", noticed.line)))
}

/// The usual cause of the parser's usual complaints.
fn yaml_help(text: &str, line: &str) -> Option<&'static str> {
    if line.contains('\t') && (text.contains("tab") || text.contains("cannot start any token")) {
        return Some("indent with spaces, not tabs");
    }
    if text.contains("unexpected end of stream") {
        return Some("close the quote that opens here");
    }
    if text.contains("tab character where an indentation space") {
        return Some("a block whose first line starts with a tab needs its indentation named: `|2`");
    }
    if text.contains("invalid Unicode character escape code") {
        return Some("write the character itself, or \\U0001F600 with eight digits");
    }
    if text.contains("unknown escape character") {
        return Some("write a text with a backslash in single quotes, or after `|`");
    }
    if text.contains("cannot start any token") {
        return Some("a text that starts with @, `, % or another sign of YAML must be in quotes");
    }
    if text.contains("mapping values are not allowed") {
        return Some("a text that contains `: ` must be in quotes, or written as a block after `|`");
    }
    if text.contains("noticed in line") {
        return Some("close the bracket that opens here, and separate what is in it with commas");
    }
    if text.contains("did not find expected") {
        return Some("check quotes, brackets and indentation up to this line");
    }
    None
}

/// The problem of a file that outgrows its [`Allowance`].
pub fn too_much(source: &Source, mark: Mark) -> Problem {
    source.error(mark, raw::TOO_MUCH).help(format!(
        "at most {} values and {} MiB of text; split the file, or remove aliases that repeat aliases",
        raw::MAX_VALUES,
        raw::MAX_TEXT_BYTES >> 20
    ))
}

fn too_deep(source: &Source, mark: Mark) -> Problem {
    source.error(mark, format!("the document is nested deeper than {MAX_DEPTH} levels"))
}

fn json(source: &Source, text: &str, first_line: u32, allowance: &Allowance) -> Result<Node, Problem> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let raw = Reading::new(allowance)
        .deserialize(&mut deserializer)
        .and_then(|raw| deserializer.end().map(|()| raw))
        .map_err(|error| {
            let column = in_characters(text, error.line(), error.column());
            json_problem(source, &error, Mark::new(first_line + (error.line().max(1) - 1) as u32, column))
        })?;
    let outline = outline_json::outline(text, first_line);
    finish(source, raw, outline.as_ref(), Format::Json)
}

fn json_problem(source: &Source, error: &serde_json::Error, mark: Mark) -> Problem {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string().replacen(&place, "", 1);
    if text.contains("recursion limit exceeded") || text.contains(raw::TOO_DEEP) {
        return too_deep(source, mark);
    }
    if text.contains(raw::TOO_MUCH) {
        return too_much(source, mark);
    }
    if let Some((message, help)) = raw::refused(&text) {
        return source.error(mark, message).help(help);
    }
    let problem = source.error(mark, format!("not valid JSON: {text}"));
    match text.as_str() {
        "trailing comma" => problem.help("remove the comma before the closing bracket"),
        text if text.starts_with("EOF while parsing") => {
            problem.help("the text ends too early: close every bracket and quote")
        }
        "key must be a string" => problem.help("keys and texts of JSON are written in double quotes"),
        _ => problem,
    }
}

/// serde_json counts a column in bytes.
fn in_characters(text: &str, line: usize, column: usize) -> u32 {
    let line = line.checked_sub(1).and_then(|index| text.split('\n').nth(index)).unwrap_or_default();
    line.char_indices().filter(|(at, _)| *at < column).count().max(1) as u32
}

fn finish(source: &Source, raw: Raw, outline: Option<&Rc<Outline>>, format: Format) -> Result<Node, Problem> {
    build(raw, outline, format).map_err(|fault| {
        let problem = source.error(fault.mark, fault.message);
        match fault.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}
