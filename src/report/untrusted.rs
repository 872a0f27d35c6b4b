//! Untrusted text from models, prompts, paths and titles, escaped for each surface.
//!
//! Nothing is dropped silently: active text (control characters, bidirectional and zero-width
//! characters, HTML comments, workflow commands) is replaced by visible text. GitHub resolves no
//! mentions and no references inside code; they are broken there all the same.

use serde::Serialize;

/// Longest text shown as inline code, in characters.
const INLINE_CHARS: usize = 80;

/// Texts cut to at most so many characters do not say how many are missing: they share a line.
const SHORT_CHARS: usize = 100;

/// Text in a code fence that nothing inside can close; `info` is the fence's language.
///
/// Three sequences are changed even here, visibly: `<!--` (a comment's marker could be forged),
/// `##[` and `::` at the start of a line (the Actions runner executes them if the text reaches a
/// log).
pub fn fenced(info: &str, text: &str, max_chars: usize) -> String {
    let cut = shortened(text.trim_end_matches(['\n', '\r']), max_chars);
    let body: Vec<String> = visible(&cut, Breaks::Keep).split('\n').map(defused_line).collect();
    fence(info, &body)
}

/// Prefixed lines of a diff in a fence: `+`, `-` or a space, then untrusted text.
pub fn fenced_diff<'a>(lines: impl Iterator<Item = (char, &'a str)>) -> String {
    let body: Vec<String> =
        lines.map(|(sign, line)| defused_line(format!("{sign}{}", visible(line, Breaks::Show)))).collect();
    fence("diff", &body)
}

fn fence(info: &str, body: &[String]) -> String {
    let longest = body.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let ticks = "`".repeat((longest + 1).max(4));
    let mut out = format!("{ticks}{info}\n");
    for line in body {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&ticks);
    out.push('\n');
    out
}

/// A short text as inline code: safe in paragraphs, table cells, headings and `<summary>`.
pub fn inline_code(text: &str) -> String {
    let text = shortened(text.trim(), INLINE_CHARS);
    let shown = if text.is_empty() { "(empty)" } else { text.as_str() };
    format!("<code>{}</code>", escaped(&visible(shown, Breaks::Show)))
}

/// A sentence that may quote untrusted names between backticks: those become inline code, the
/// rest is plain text without any markup. Safe where [`inline_code`] is.
pub fn prose(text: &str, max_chars: usize) -> String {
    let text = shortened(text.trim(), max_chars);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        match i % 2 {
            0 => out.push_str(&escaped(&visible(part, Breaks::Show))),
            _ if last => {
                out.push_str("&#96;");
                out.push_str(&escaped(&visible(part, Breaks::Show)));
            }
            _ => out.push_str(&inline_code(part)),
        }
    }
    without_block_start(out)
}

/// Words that others made, a check's reason say, as they stand: nothing in them is markup, backticks
/// neither. Safe where [`inline_code`] is.
pub fn plain(text: &str, max_chars: usize) -> String {
    without_block_start(escaped(&visible(&shortened(text.trim(), max_chars), Breaks::Show)))
}

/// Text for a terminal or a log: no control character but `\n`, no workflow command.
pub fn terminal(text: &str) -> String {
    visible(text, Breaks::Keep).split('\n').map(plain_line).collect::<Vec<_>>().join("\n")
}

/// [`terminal`] on one line: line breaks are shown as `↵`.
pub fn terminal_line(text: &str) -> String {
    plain_line(visible(text.trim(), Breaks::Show))
}

/// A name for a sentence, between backticks; what could end the quotation is replaced.
pub fn quoted(name: &str) -> String {
    let name = shortened(name.trim(), INLINE_CHARS);
    format!("`{}`", visible(&name, Breaks::Show).replace('`', "'"))
}

/// JSON for programs, indented, with a line break at the end. The Actions runner would execute `##[` if the JSON
/// reached a log; it can only occur inside strings, where an escape means the same.
///
/// # Panics
/// If the value has no JSON form: it is one of our own types, made of texts, numbers, lists and objects.
pub fn json<T: Serialize>(value: &T) -> String {
    let mut json = serde_json::to_string_pretty(value).expect("our own types have a JSON form");
    json.push('\n');
    without_commands(json)
}

/// [`json`] on one line, as short as it can be.
///
/// # Panics
/// See [`json`].
pub fn json_line<T: Serialize>(value: &T) -> String {
    without_commands(serde_json::to_string(value).expect("our own types have a JSON form"))
}

/// JSON in which no line is a workflow command. Reports have megabytes: they are copied only where they must be.
fn without_commands(json: String) -> String {
    if json.contains("##[") { json.replace("##[", "\\u0023\\u0023[") } else { json }
}

/// Text for an XML document: escaped, without characters XML forbids, without workflow commands.
pub fn xml(text: &str) -> String {
    let mut out = String::new();
    for line in visible(text, Breaks::Keep).split_inclusive('\n') {
        let command = line.trim_start().starts_with("::");
        for c in line.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '#' => out.push_str("&#35;"),
                ':' if command => out.push_str("&#58;"),
                '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
    }
    out
}

/// Text for an element of an HTML page, line breaks included. Quotation marks stay: answers are full of them.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in visible(text, Breaks::Keep).split_inclusive('\n') {
        let command = line.trim_start().starts_with("::");
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '#' if rest.peek() == Some(&'#') => out.push_str("&#35;"),
                ':' if command => out.push_str("&#58;"),
                c => out.push(c),
            }
        }
    }
    out
}

/// Text for an HTML page on one line, line breaks shown as `↵`; also for an attribute between double quotes.
pub fn html_line(text: &str) -> String {
    html(&visible(text.trim(), Breaks::Show)).replace('"', "&quot;")
}

/// The first `max` characters; what is left out is counted, except on a line shared with others.
pub fn shortened(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else { return text.to_owned() };
    let rest = text[end..].chars().count();
    if max <= SHORT_CHARS {
        return format!("{}…", &text[..end]);
    }
    format!("{}… ({rest} more characters)", &text[..end])
}

/// How line breaks are handled.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// `\n` stays, `\r\n` becomes `\n`.
    Keep,
    /// Shown as `↵`, so that the text stays on its line.
    Show,
}

/// Replaces invisible active characters by visible ones.
fn visible(text: &str, breaks: Breaks) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if breaks == Breaks::Keep => out.push('\n'),
            '\n' => out.push('↵'),
            '\t' => out.push_str("    "),
            '\u{0}'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
            '\u{7f}' => out.push('␡'),
            c if acts_unseen(c) => out.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Whether a text is displayed as it is: no character in it changes how the others are read.
pub fn is_seen(text: &str) -> bool {
    !text.chars().any(acts_unseen)
}

/// C1 controls, bidirectional controls, zero-width and other invisible characters.
fn acts_unseen(c: char) -> bool {
    matches!(c as u32,
        0x80..=0x9f | 0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfeff | 0xffa0
        | 0xfff9..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// A fence's line without a comment's start and without workflow commands.
fn defused_line(line: impl AsRef<str>) -> String {
    let line = line.as_ref().replace("<!--", "<! --").replace("##[", "## [");
    let start = line.trim_start_matches(|c: char| c.is_whitespace() || c == '+' || c == '-');
    match start.starts_with("::") {
        true => format!("{}: {}", &line[..line.len() - start.len()], spaced_colons(&start[1..])),
        false => line,
    }
}

/// A terminal's line: lines are wrapped between words later, so that any word may be at the start
/// of a line. `::` inside a word stays, so that an ARN can be copied.
fn plain_line(line: impl AsRef<str>) -> String {
    let line = line.as_ref().replace("##[", "## [");
    let words = line.split_inclusive(char::is_whitespace);
    words.map(|word| if word.starts_with("::") { spaced_colons(word) } else { word.to_owned() }).collect()
}

fn spaced_colons(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ':' && out.ends_with(':') {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// Plain text as HTML that Markdown leaves alone: entities for everything with a meaning, and a
/// `<wbr>` where GitHub would see a mention, a reference or a link.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '@' => out.push_str("&#64;<wbr>"),
            '#' => out.push_str("&#35;<wbr>"),
            '`' | '*' | '[' | ']' | '~' | '\\' | '|' | '$' => out.push_str(&format!("&#{};", c as u32)),
            '_' if !(is_word(before) && is_word(after)) => out.push_str("&#95;"),
            ':' if matches!(after, Some('/' | ':')) => out.push_str(":<wbr>"),
            '.' if ends_with_www(&out) => out.push_str("<wbr>."),
            '-' if after.is_some_and(|c| c.is_ascii_digit()) && ends_with_gh(&out) => out.push_str("<wbr>-"),
            c => out.push(c),
        }
        before = Some(c);
    }
    out
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric())
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.as_bytes()[text.len() - 3..].eq_ignore_ascii_case(b"www")
}

fn ends_with_gh(text: &str) -> bool {
    text.len() >= 2 && text.as_bytes()[text.len() - 2..].eq_ignore_ascii_case(b"gh")
}

/// Keeps a paragraph's first characters from opening a list, a quotation or a heading.
fn without_block_start(text: String) -> String {
    let first = text.chars().next();
    if let Some(c @ ('-' | '+' | '=' | '>')) = first {
        return format!("&#{};{}", c as u32, &text[1..]);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(c @ (b'.' | b')')) if digits > 0 => {
            format!("{}&#{c};{}", &text[..digits], &text[digits + 1..])
        }
        _ => text,
    }
}

fn longest_run(text: &str, wanted: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
