//! `prompts` of a configuration: texts, files, and conversations as JSON or YAML.

use globset::GlobBuilder;

use crate::document::{Datum, Format, Key, Node, Source, parse_source, read_text};
use crate::problem::Mark;
use crate::tree::{directory, resolve};

use super::super::{items, made};
use super::{Reader, slug};

/// Endings of files that are code, which is never run.
const CODE: [&str; 7] = ["py", "js", "ts", "mjs", "cjs", "mts", "cts"];

/// A prompt as written: its text or its file, and its label.
struct Written<'a> {
    node: &'a Node,
    text: &'a str,
    label: Option<&'a str>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<(Key, Node)> {
    let root = reader.root;
    let Some((key, node)) = root.entry("prompts") else { return Vec::new() };
    let nodes: Vec<&Node> = match &node.datum {
        Datum::List(items) => items.iter().collect(),
        Datum::Text(_) => vec![node],
        _ => {
            let found = format!("`prompts` of promptfoo is a list of texts and files, found {}", node.kind());
            reader.leave::<()>(key.mark, found, "write - \"text {{name}}\" or - file://prompt.txt");
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for node in nodes {
        let Some(written) = written(reader, node) else { continue };
        let position = entries.len() + 1;
        entries.extend(prompt(reader, &written, position));
    }
    entries
}

fn written<'a>(reader: &mut Reader<'a>, node: &'a Node) -> Option<Written<'a>> {
    let text = |key| match node.entry(key).map(|(_, node)| &node.datum) {
        Some(Datum::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    match &node.datum {
        Datum::Text(text) => Some(Written { node, text, label: None }),
        Datum::Map(_) => {
            let Some(written) = text("raw").or_else(|| text("id")) else {
                return reader.leave(
                    node.mark,
                    "a prompt of promptfoo needs `raw` or `id`",
                    "write id: file://…",
                );
            };
            for key in ["function", "config"] {
                if let Some((key, _)) = node.entry(key) {
                    let message = format!("`{}` of a prompt is an option of code", key.text);
                    return reader.leave(key.mark, message, "code is never run: write the text");
                }
            }
            Some(Written { node, text: written, label: text("label") })
        }
        _ => {
            let message = format!("a prompt of promptfoo is a text or a mapping, found {}", node.kind());
            reader.leave(node.mark, message, "write - \"text {{name}}\" or - file://prompt.txt")
        }
    }
}

fn prompt(reader: &mut Reader<'_>, written: &Written<'_>, position: usize) -> Vec<(Key, Node)> {
    let mark = written.node.mark;
    let text = written.text;
    if text.starts_with("exec:") && !text.contains('\n') {
        reader.leave::<()>(
            mark,
            format!("the prompt `{text}` is a program"),
            "code is never run: write its text",
        );
        return Vec::new();
    }
    let is_file =
        text.starts_with("file://") || (!text.contains('\n') && has_ending(text, &["txt", "md", "json"]));
    if !is_file {
        let base = slug(
            reader.source.path.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or("prompt"),
        );
        let base = base.trim_end_matches("config").trim_end_matches('-').to_owned();
        let id = written
            .label
            .map(slug)
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("{base}-{position}"));
        let node = match written.node.datum {
            Datum::Text(_) => written.node.clone(),
            _ => made::text(mark, text),
        };
        let messages = messages(reader, &node, text);
        return messages.map(|messages| entry(mark, id, messages)).into_iter().collect();
    }
    let path = text.trim_start_matches("file://");
    let name = path.split_once(':').map_or(path, |(path, _)| path);
    if has_ending(name, &CODE) {
        reader.leave::<()>(
            mark,
            format!("the prompt `{path}` is code"),
            "code is never run: write its text to a file",
        );
        return Vec::new();
    }
    let paths = match found(reader, path) {
        Ok(paths) => paths,
        Err(why) => {
            reader.leave::<()>(mark, why, "correct the name; paths count from the configuration's directory");
            return Vec::new();
        }
    };
    let several = paths.len() > 1;
    let mut entries = Vec::new();
    for path in paths {
        let stem = path.rsplit('/').next().unwrap_or(&path).split('.').next().unwrap_or_default();
        let id =
            written.label.map(slug).filter(|id| !id.is_empty() && !several).unwrap_or_else(|| slug(stem));
        let Some(source) = text_of(reader, mark, &path) else { continue };
        let parts: Vec<&str> = source.text.split("\n---\n").collect();
        if has_ending(&path, &["json", "yaml", "yml"]) {
            let messages = conversation(reader, mark, source);
            entries.extend(messages.map(|messages| entry(mark, id, messages)));
        } else if let [_] = parts.as_slice() {
            // From the repository's root: the catalog is in the configuration's directory.
            let up = directory(&reader.source.path).split('/').filter(|part| !part.is_empty()).map(|_| "../");
            let file = made::text(mark, format!("{}{path}", up.collect::<String>()));
            let message = made::map(mark, vec![("role", made::text(mark, "user")), ("file", file)]);
            entries.push(entry(mark, id, made::list(mark, vec![message])));
        } else {
            // promptfoo takes a line `---` in a text file for the end of a prompt.
            for (number, part) in parts.iter().enumerate() {
                let message = user(mark, made::text(mark, part.trim()));
                entries.push(entry(mark, format!("{id}-{}", number + 1), made::list(mark, vec![message])));
            }
        }
    }
    entries
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

fn entry(mark: Mark, id: String, messages: Node) -> (Key, Node) {
    let node = made::map(mark, vec![("messages", messages), ("template", made::text(mark, "jinja"))]);
    (Key { mark, text: id }, node)
}

fn user(mark: Mark, content: Node) -> Node {
    made::map(mark, vec![("role", made::text(mark, "user")), ("content", content)])
}

/// The files of a path or a pattern, from the repository's root.
fn found(reader: &Reader<'_>, path: &str) -> Result<Vec<String>, String> {
    let full = resolve(directory(&reader.source.path), path).map_err(|error| error.to_string())?;
    if !path.contains(['*', '?', '[', '{']) {
        return Ok(vec![full]);
    }
    let glob = GlobBuilder::new(&full).literal_separator(true).build().map_err(|error| error.to_string())?;
    let matcher = glob.compile_matcher();
    let start = full.find(['*', '?', '[', '{']).map_or("", |at| directory(&full[..at]));
    let listed = reader.tree.list(start).map_err(|error| error.to_string())?;
    let paths: Vec<String> = listed.into_iter().filter(|path| matcher.is_match(path)).collect();
    if paths.is_empty() { Err(format!("no file matches `{path}`")) } else { Ok(paths) }
}

pub(super) fn text_of(reader: &mut Reader<'_>, mark: Mark, path: &str) -> Option<Source> {
    match reader.tree.read(path) {
        Ok(Some(bytes)) if bytes.len() > reader.room => {
            let message = "the files that the configuration names have more than 32 MiB together";
            reader.leave(mark, message, "name fewer files")
        }
        Ok(Some(bytes)) => match read_text(path, &bytes) {
            Ok(source) => {
                reader.room -= bytes.len();
                Some(source)
            }
            Err(problem) => {
                reader.left.push(problem);
                None
            }
        },
        Ok(None) => {
            reader.leave(mark, format!("`{path}` does not exist"), "correct the name, or commit the file")
        }
        Err(error) => reader.leave(mark, error.to_string(), error.help()),
    }
}

/// The messages of a text: a conversation as JSON or YAML, or one message of the user.
fn messages(reader: &mut Reader<'_>, node: &Node, text: &str) -> Option<Node> {
    let begins = text.trim_start();
    let is_conversation =
        (begins.starts_with('[') && begins.contains("\"role\"")) || begins.starts_with("- role:");
    if is_conversation {
        return conversation(reader, node.mark, Source::new(reader.source.path.clone(), text));
    }
    Some(made::list(node.mark, vec![user(node.mark, node.clone())]))
}

/// A list of `{role, content}`, all at one place of the configuration.
fn conversation(reader: &mut Reader<'_>, mark: Mark, source: Source) -> Option<Node> {
    let is_yaml =
        source.text.trim_start().starts_with('-') || Format::of_path(&source.path) == Some(Format::Yaml);
    let is_json = source.text.trim_start().starts_with(['[', '{']);
    let format = if is_yaml && !is_json { Format::Yaml } else { Format::Json };
    let path = source.path.clone();
    let document = match parse_source(source, format) {
        Ok(document) => document,
        Err(problem) => {
            let message = format!("the conversation in `{path}` cannot be read: {}", problem.message);
            return reader.leave(mark, message, "write it as a list of {role, content} in YAML or JSON");
        }
    };
    let turns = match document.root.entry("messages") {
        Some((_, node)) => items(Some(node)),
        None => items(Some(&document.root)),
    };
    if turns.is_empty() {
        let message = format!("`{path}` holds no list of messages");
        return reader.leave(mark, message, "write it as a list of {role, content}");
    }
    let at = |node: &Node| Node { mark, datum: node.datum.clone() };
    let turns = turns.iter().map(|turn| {
        let part = |key: &'static str| turn.entry(key).map(|(_, node)| (key, at(node)));
        made::map(mark, ["role", "content"].into_iter().filter_map(part).collect())
    });
    Some(made::list(mark, turns.collect()))
}
