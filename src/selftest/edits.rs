//! Twelve edits that leave a prompt's meaning as it is. Each does the same on every machine, and none applies where it
//! would change nothing, or touch a template mark, code or an example in JSON.

use super::words::{bullet, by_line, is_prose, replaced};

/// An edit without meaning.
pub(super) struct Edit {
    /// Its name in reports.
    pub name: &'static str,
    edit: fn(&str) -> String,
}

impl Edit {
    /// The edited text; `None` where it changes nothing.
    pub fn apply(&self, text: &str) -> Option<String> {
        Some((self.edit)(text)).filter(|edited| edited != text)
    }
}

/// All of them, white space first.
pub(super) const EDITS: [Edit; 12] = [
    Edit { name: "line breaks at the end", edit: |text| format!("{text}\n\n") },
    Edit { name: "spaces at line ends", edit: |text| by_line(text, spaces_at_end) },
    Edit { name: "blank lines doubled", edit: |text| by_line(text, doubled_if_blank) },
    Edit { name: "a line for each sentence", edit: |text| by_line(text, sentence_lines) },
    Edit { name: "headings in capitals", edit: |text| by_line(text, heading_in_capitals) },
    Edit { name: "bullets exchanged", edit: bullets_exchanged },
    Edit { name: "another bullet mark", edit: |text| by_line(text, other_mark) },
    Edit { name: "bullets indented", edit: |text| by_line(text, indented) },
    Edit { name: "other quotation marks", edit: |text| by_line(text, other_quotes) },
    Edit { name: "synonyms", edit: |text| by_line(text, |line| all_replaced(line, &SYNONYMS)) },
    Edit { name: "contractions", edit: contracted },
    Edit { name: "please", edit: please },
];

const SYNONYMS: [(&str, &str); 14] = [
    ("ensure", "make sure"),
    ("in order to", "to"),
    ("such as", "for example"),
    ("choose", "pick"),
    ("exactly one", "precisely one"),
    ("each", "every"),
    ("begin", "start"),
    ("briefly", "in short"),
    ("short", "brief"),
    ("respond", "reply"),
    ("reply with", "answer with"),
    ("answer the", "respond to the"),
    ("avoid", "stay away from"),
    ("always", "in every case"),
];

const CONTRACTIONS: [(&str, &str); 6] = [
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("is not", "isn't"),
    ("are not", "aren't"),
    ("cannot", "can't"),
    ("you are", "you're"),
];

/// First words of an order.
const IMPERATIVES: [&str; 26] = [
    "Answer",
    "Choose",
    "Classify",
    "Decide",
    "Describe",
    "Explain",
    "Extract",
    "Give",
    "Greet",
    "Keep",
    "Label",
    "List",
    "Name",
    "Output",
    "Pick",
    "Read",
    "Reply",
    "Respond",
    "Return",
    "Rewrite",
    "Say",
    "Summarise",
    "Summarize",
    "Translate",
    "Use",
    "Write",
];

fn spaces_at_end(line: &str) -> String {
    if is_prose(line) { format!("{line}  ") } else { line.to_owned() }
}

fn doubled_if_blank(line: &str) -> String {
    if line.is_empty() { "\n".to_owned() } else { line.to_owned() }
}

fn sentence_lines(line: &str) -> String {
    if !is_prose(line) || bullet(line).is_some() {
        return line.to_owned();
    }
    let mut out = String::new();
    for (place, sentence) in line.split(". ").enumerate() {
        let is_next = sentence.starts_with(char::is_uppercase);
        out.push_str(match place {
            0 => "",
            _ if is_next => ".\n",
            _ => ". ",
        });
        out.push_str(sentence);
    }
    out
}

fn heading_in_capitals(line: &str) -> String {
    let is_title = line.ends_with(':') && line.split(' ').count() <= 4 && bullet(line).is_none();
    if is_prose(line) && (line.starts_with('#') || is_title) { line.to_uppercase() } else { line.to_owned() }
}

/// Exchanges the last two bullets of the first list; numbered lists have an order that matters.
fn bullets_exchanged(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_alike = |a: &str, b: &str| {
        bullet(a).is_some() && bullet(a) == bullet(b) && !(a.contains("{%") || b.contains("{%"))
    };
    let Some(first) = lines.windows(2).position(|pair| is_alike(pair[0], pair[1])) else {
        return text.to_owned();
    };
    let more = lines[first..].windows(2).take_while(|pair| is_alike(pair[0], pair[1])).count();
    let last = first + more;
    // A bullet that goes on in the next line cannot be moved alone.
    if lines.get(last + 1).is_some_and(|next| next.starts_with("  ") && bullet(next).is_none()) {
        return text.to_owned();
    }
    let mut lines = lines;
    lines.swap(last - 1, last);
    lines.join("\n")
}

fn other_mark(line: &str) -> String {
    match bullet(line) {
        Some((indentation, mark)) => {
            let other = if mark == '-' { '*' } else { '-' };
            format!("{indentation}{other}{}", &line[indentation.len() + 1..])
        }
        None => line.to_owned(),
    }
}

fn indented(line: &str) -> String {
    if bullet(line).is_some() { format!("  {line}") } else { line.to_owned() }
}

fn other_quotes(line: &str) -> String {
    let is_paired =
        line.matches('"').count().is_multiple_of(2) && !line.contains('\'') && !line.contains(['[', ']']);
    if is_prose(line) && is_paired { line.replace('"', "'") } else { line.to_owned() }
}

/// Quoted words are labels or examples: such a line stays.
fn all_replaced(line: &str, words: &[(&str, &str)]) -> String {
    if !is_prose(line) || line.contains('"') {
        return line.to_owned();
    }
    words.iter().fold(line.to_owned(), |line, (from, to)| replaced(&line, from, to))
}

/// Contracts, or where there is nothing to contract writes contractions in full.
fn contracted(text: &str) -> String {
    let short = by_line(text, |line| all_replaced(line, &CONTRACTIONS));
    if short != text {
        return short;
    }
    let full = CONTRACTIONS.map(|(full, short)| (short, full));
    by_line(text, |line| all_replaced(line, &full))
}

/// Asks politely: the first order that a line, a bullet or a sentence begins with.
fn please(text: &str) -> String {
    let mut done = false;
    by_line(text, |line| {
        if done || !is_prose(line) {
            return line.to_owned();
        }
        let begins = |at: usize| {
            let before = line[..at].trim_end();
            before.is_empty()
                || before.ends_with(['.', '!'])
                || (bullet(line).is_some() && before.trim().len() == 1)
        };
        let found = IMPERATIVES.iter().flat_map(|word| line.match_indices(word)).filter(|(at, word)| {
            let after = line[at + word.len()..].chars().next();
            begins(*at) && after == Some(' ')
        });
        match found.min_by_key(|(at, _)| *at) {
            Some((at, _)) => {
                done = true;
                let (before, order) = line.split_at(at);
                format!("{before}Please {}{}", order[..1].to_lowercase(), &order[1..])
            }
            None => line.to_owned(),
        }
    })
}
