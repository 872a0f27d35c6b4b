//! A source file for the rules: without comments, texts and tests, as the paths it names.

use std::collections::BTreeSet;

/// A module's path from the crate root: `["gate", "confirm"]`; the root is empty.
pub type ModulePath = Vec<String>;

/// One path the code names, such as `["std", "fs", "read"]`. A single word is a path too
/// (`["await"]`), a macro keeps its mark (`["println!"]`), and what names this crate starts with
/// `crate`, however it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Line in the file, from 1.
    pub line: usize,
    /// The segments.
    pub path: Vec<String>,
}

/// A source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path from the repository's root, with `/`.
    pub path: String,
    /// The file as it is.
    pub text: String,
}

impl Source {
    /// The path below `src/`, if it is the main crate's.
    pub fn room(&self) -> Option<&str> {
        self.path.strip_prefix("src/")
    }

    /// The module this file is.
    pub fn module(&self) -> ModulePath {
        let below = self.path.rsplit_once("src/").map_or(self.path.as_str(), |(_, below)| below);
        let below = below.trim_end_matches(".rs").trim_end_matches("/mod");
        match below {
            "lib" | "main" | "mod" => Vec::new(),
            _ => below.split('/').map(str::to_owned).collect(),
        }
    }

    /// Whether the whole file is tests, as `mod tests;` brings it in.
    pub fn is_tests(&self) -> bool {
        self.module().iter().any(|segment| segment == "tests")
    }

    /// The paths named outside comments, texts and tests, resolved against the crate's modules.
    pub fn names(&self, modules: &BTreeSet<ModulePath>) -> Vec<Named> {
        if self.is_tests() {
            return Vec::new();
        }
        let module = self.module();
        let code = without_tests(&strip(&self.text));
        paths(&tokens(&code))
            .into_iter()
            .map(|named| Named { line: named.line, path: resolve(named.path, &module, modules) })
            .collect()
    }
}

/// Blanks comments, texts and characters; lines stay where they are.
pub fn strip(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = hidden_length(rest);
        let length = hidden.or_else(|| word_length(rest)).unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(length);
        match hidden {
            Some(_) => code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            None => code.push_str(piece),
        }
        rest = after;
    }
    code
}

/// The texts in double quotes, with their quotes; each with where it starts, in characters.
pub fn texts(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut at, mut rest) = (0, text);
    while let Some(first) = rest.chars().next() {
        let hidden = hidden_length(rest);
        let length = hidden.or_else(|| word_length(rest)).unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(length);
        if hidden.is_some() && first == '"' {
            found.push((at, piece));
        }
        at += piece.chars().count();
        rest = after;
    }
    found
}

/// How long the comment, text or character is that starts here, if one does.
fn hidden_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    if rest.starts_with('\'') {
        return character_length(rest);
    }
    let prefix = rest.find(|c: char| !matches!(c, 'b' | 'c' | 'r')).filter(|length| *length <= 2)?;
    let hashes = rest[prefix..].chars().take_while(|c| *c == '#').count();
    let raw = rest[..prefix].ends_with('r');
    if !rest[prefix + hashes..].starts_with('"') || (hashes > 0 && !raw) {
        return None;
    }
    let start = prefix + hashes + 1;
    let end = if raw { raw_text_end(&rest[start..], hashes) } else { text_end(&rest[start..], '"') };
    Some(start + end)
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A character in quotes; `None` for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let mut inside = rest[1..].chars();
    match inside.next()? {
        '\\' => Some(1 + text_end(&rest[1..], '\'')),
        one => inside.as_str().starts_with('\'').then_some(1 + one.len_utf8() + 1),
    }
}

/// Bytes up to and with the closing quote.
fn text_end(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    inside.len()
}

fn raw_text_end(inside: &str, hashes: usize) -> usize {
    let close = format!("\"{}", "#".repeat(hashes));
    inside.find(&close).map_or(inside.len(), |at| at + close.len())
}

fn word_length(rest: &str) -> Option<usize> {
    let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    (length > 0).then_some(length)
}

/// Blanks every item under `#[cfg(test)]`; takes stripped code.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = code.to_owned();
    while let Some(start) = kept.find(MARK) {
        let end = start + MARK.len() + item_length(&kept[start + MARK.len()..]);
        let blank: String = kept[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        kept.replace_range(start..end, &blank);
    }
    kept
}

/// Bytes of the item that starts here: to its closing brace, or to its semicolon.
fn item_length(code: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth <= 0 && matches!(c, '}' | ';') {
            return at + 1;
        }
    }
    code.len()
}

/// Words (a macro's with its mark), `::` and single characters, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let (mut line, mut rest) = (1, code);
    while let Some(first) = rest.chars().next() {
        let length = match word_length(rest) {
            Some(word) if rest[word..].starts_with('!') && !rest[word..].starts_with("!=") => word + 1,
            Some(word) => word,
            None if rest.starts_with("::") => 2,
            None => first.len_utf8(),
        };
        if first == '\n' {
            line += 1;
        } else if !first.is_whitespace() {
            tokens.push((line, &rest[..length]));
        }
        rest = &rest[length..];
    }
    tokens
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Every path of the code; `use a::{b, c::d}` gives `a::b` and `a::c::d`.
fn paths(tokens: &[(usize, &str)]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = if is_word(tokens[at].1) { path_at(tokens, at, &[], &mut found) } else { at + 1 };
    }
    found
}

/// Reads the path that starts at a word; returns where to go on.
fn path_at(tokens: &[(usize, &str)], start: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let (line, first) = tokens[start];
    let mut path = prefix.to_vec();
    path.push(first.to_owned());
    let mut at = start + 1;
    while tokens.get(at).is_some_and(|token| token.1 == "::") {
        match tokens.get(at + 1) {
            Some((_, "{")) => return group_at(tokens, at + 2, &path, found),
            Some((_, next)) if is_word(next) || *next == "*" => path.push((*next).to_owned()),
            _ => break,
        }
        at += 2;
    }
    found.push(Named { line, path });
    at
}

fn group_at(tokens: &[(usize, &str)], start: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut at = start;
    while let Some((line, token)) = tokens.get(at) {
        match *token {
            "}" => return at + 1,
            "as" => at += 2,
            "*" => {
                found.push(Named { line: *line, path: [prefix, &["*".to_owned()]].concat() });
                at += 1;
            }
            word if is_word(word) => at = path_at(tokens, at, prefix, found),
            _ => at += 1,
        }
    }
    at
}

/// Writes a path that names this crate from its root.
fn resolve(path: Vec<String>, module: &[String], modules: &BTreeSet<ModulePath>) -> Vec<String> {
    if path.len() < 2 {
        return path;
    }
    let root = || vec!["crate".to_owned()];
    match path[0].as_str() {
        "crate" | "prompt_assay" => [root(), path[1..].to_vec()].concat(),
        "self" => [root(), module.to_vec(), path[1..].to_vec()].concat(),
        "super" => {
            let up = path.iter().take_while(|segment| *segment == "super").count();
            let above = &module[..module.len().saturating_sub(up)];
            [root(), above.to_vec(), path[up..].to_vec()].concat()
        }
        first => {
            let child = [module, &[first.to_owned()]].concat();
            if modules.contains(&child) { [root(), module.to_vec(), path].concat() } else { path }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, text: &str) -> Vec<String> {
        let modules = [vec!["adapters".to_owned()], vec!["adapters".to_owned(), "git".to_owned()]];
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        source.names(&modules.into()).into_iter().map(|named| named.path.join("::")).collect()
    }

    #[test]
    fn comments_and_texts_are_blanked_and_lines_stay() {
        let text = "a // std::fs\n/* b /* c */ d */ e\n\"f \\\" g\" h r#\"i \" j\"# k b\"l\" m br\"n\\\" o\n";
        let code = strip(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "h", "k", "m", "o"]);
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(code.lines().nth(1).unwrap().trim(), "e");
    }

    #[test]
    fn a_character_is_not_a_lifetime() {
        let code = strip("fn a<'b>(c: &'b str) { d('\"'); e('\\''); f('é'); g(b'x') } // h");
        assert_eq!(code.trim_end(), "fn a<'b>(c: &'b str) { d(   ); e(    ); f(   ); g(b   ) }");
    }

    #[test]
    fn a_raw_identifier_is_not_a_text() {
        assert_eq!(strip("r#async crab\"x\" r"), "r#async crab    r");
    }

    #[test]
    fn items_under_cfg_test_are_cut_and_the_rest_is_kept() {
        let code = "use a;\n#[cfg(test)]\nuse b::{c, d};\n#[cfg(test)]\nmod tests {\n fn e() { {} }\n}\nfn f() {}\n#[cfg(test)]\nconst G: [u8; 3] = [0; 3];\nh";
        let kept = without_tests(code);
        assert_eq!(kept.split_whitespace().collect::<Vec<_>>(), ["use", "a;", ";", "fn", "f()", "{}", "h"]);
        assert_eq!(kept.lines().count(), code.lines().count());
        assert!(!without_tests("#[cfg(test)]\n#[path = \"x\"]\nmod tests;\nleft").contains("tests"));
    }

    #[test]
    fn a_file_called_tests_names_nothing() {
        assert!(named("src/gate/tests.rs", "use std::fs;").is_empty());
        assert!(named("src/gate/tests/blocks.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn grouped_imports_are_taken_apart() {
        let found = named("src/a.rs", "use std::{fs::{self, File}, env as e, io::*};");
        assert_eq!(found, ["use", "std::fs::self", "std::fs::File", "std::env", "std::io::*"]);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let source =
            Source { path: "src/a.rs".to_owned(), text: "//! A.\n\n/* x\n */ use b::c;\n".to_owned() };
        let names = source.names(&BTreeSet::new());
        assert_eq!(names.last(), Some(&Named { line: 4, path: vec!["b".to_owned(), "c".to_owned()] }));
    }

    #[test]
    fn paths_into_this_crate_start_with_crate_however_they_are_written() {
        assert_eq!(named("src/main.rs", "prompt_assay::app::run"), ["crate::app::run"]);
        assert_eq!(named("src/adapters/s3.rs", "super::git::Git"), ["crate::adapters::git::Git"]);
        assert_eq!(named("src/adapters/git/pack.rs", "super::super::s3::S3"), ["crate::adapters::s3::S3"]);
        assert_eq!(named("src/adapters/mod.rs", "self::git::Git"), ["crate::adapters::git::Git"]);
        assert_eq!(named("src/adapters/mod.rs", "git::Git"), ["crate::adapters::git::Git"]);
        assert_eq!(named("src/lib.rs", "adapters::git"), ["crate::adapters::git"]);
        assert_eq!(named("src/gate/mod.rs", "git::Git"), ["git::Git"]);
    }

    #[test]
    fn macros_keep_their_mark_and_inequality_is_no_macro() {
        assert_eq!(named("src/a.rs", "println!(a != b)"), ["println!", "a", "b"]);
    }

    #[test]
    fn a_turbofish_ends_a_path() {
        assert_eq!(named("src/a.rs", "Vec::<u8>::new()"), ["Vec", "u8", "new"]);
    }
}
