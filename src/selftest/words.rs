//! Prose inside a template: which lines may be edited without touching code, examples in JSON or template marks, and
//! words replaced in them.

/// Whether a line is words for the model: no template mark, code or tag.
pub(super) fn is_prose(line: &str) -> bool {
    line.chars().any(char::is_alphabetic) && !line.contains(['{', '}', '`', '<', '>'])
}

/// What a list's line begins with: its indentation and its mark.
pub(super) fn bullet(line: &str) -> Option<(&str, char)> {
    let rest = line.trim_start_matches(' ');
    let indentation = &line[..line.len() - rest.len()];
    let mark = rest.chars().next().filter(|mark| ['-', '*'].contains(mark))?;
    rest[1..].starts_with(' ').then_some((indentation, mark))
}

/// The text with every line edited that is not between code fences. The end of the last line is left alone.
pub(super) fn by_line(text: &str, mut edit: impl FnMut(&str) -> String) -> String {
    let (body, end) = match text.strip_suffix('\n') {
        Some(body) => (body, "\n"),
        None => (text, ""),
    };
    let mut fenced = false;
    let lines = body.split('\n').map(|line| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        if fenced || is_fence { line.to_owned() } else { edit(line) }
    });
    lines.collect::<Vec<_>>().join("\n") + end
}

/// A line in which whole words are replaced; a capital at the beginning stays.
pub(super) fn replaced(line: &str, from: &str, to: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'');
    let lower = line.to_ascii_lowercase();
    let (mut out, mut done) = (String::new(), 0);
    for (at, found) in lower.match_indices(from) {
        let (before, after) = (&line[..at], &line[at + found.len()..]);
        if is_word(before.chars().next_back()) || is_word(after.chars().next()) {
            continue;
        }
        out.push_str(&line[done..at]);
        let is_capital = line[at..].starts_with(|c: char| c.is_uppercase());
        out.push_str(&if is_capital { capital(to) } else { to.to_owned() });
        done = at + found.len();
    }
    out + &line[done..]
}

pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
