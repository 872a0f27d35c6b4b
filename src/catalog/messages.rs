//! The messages of an entry: `file`, `text` or `system`, and `user`; or a list of `messages`.

use super::files::PATHS;
use crate::document::{Datum, Fields, Node, Shape, Source, cut_by_comment, first_line, hidden_escape};
use crate::problem::Problems;
use crate::prompt::{MessageTemplate, Speaker, TextSource};
use crate::tree::{directory, resolve};

const MESSAGE: Shape = Shape { name: "a message", keys: &["role", "content", "file"] };
const FILE: Shape = Shape { name: "a text from a file", keys: &["file"] };
const ROLES: &[(&str, Speaker)] =
    &[("system", Speaker::System), ("user", Speaker::User), ("assistant", Speaker::Assistant)];

/// The messages of a prompt; `None` when there is no usable one (and the problem is reported).
pub(super) fn read(id: &str, fields: &Fields<'_>, problems: &mut Problems) -> Option<Vec<MessageTemplate>> {
    const SHORT: [&str; 4] = ["file", "text", "system", "user"];
    if fields.has("messages") {
        for key in SHORT {
            fields.at_most_one(&["messages", key], problems);
        }
        return list(fields, problems);
    }
    fields.at_most_one(&["file", "text", "system"], problems);
    if !SHORT.iter().any(|key| fields.has(key)) {
        let message = format!("the prompt `{id}` has no text");
        let help = "give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins \
                    with `x-`";
        problems.push(fields.source.error(fields.mark, message).help(help));
        return None;
    }
    let mut messages = Vec::new();
    let system = SHORT[..3].iter().find(|key| fields.has(key));
    for (key, speaker) in
        system.map(|key| (*key, Speaker::System)).into_iter().chain([("user", Speaker::User)])
    {
        if let Some(node) = fields.node(key) {
            let text = match key {
                "file" => file(fields, "file", problems),
                _ => inline_or_file(fields, key, node, problems),
            };
            messages.extend(text.map(|text| template(fields, speaker, text, node)));
        }
    }
    (!messages.is_empty()).then_some(messages)
}

fn list(fields: &Fields<'_>, problems: &mut Problems) -> Option<Vec<MessageTemplate>> {
    let items = fields.list("messages", problems)?;
    let mut messages: Vec<MessageTemplate> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let Some(message) = message(fields, item, problems) else { continue };
        if message.speaker == Speaker::System && i > 0 {
            let text = "a system message must be the first, and there is at most one";
            problems.push(fields.source.error(item.mark, text));
        } else {
            messages.push(message);
        }
    }
    if items.is_empty() {
        problems.push(fields.error("messages", "`messages` is empty").help("list at least one message"));
    }
    (!messages.is_empty()).then_some(messages)
}

fn message(owner: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<MessageTemplate> {
    let fields = Fields::read(owner.source, node, &MESSAGE, problems)?;
    fields.at_most_one(&["content", "file"], problems);
    let speaker = fields.choice("role", ROLES, problems);
    if !fields.has("role") {
        let help = "add `role: system`, `role: user` or `role: assistant`";
        problems.push(owner.source.error(node.mark, "a message needs a `role`").help(help));
    }
    let (key, text) = if fields.has("content") {
        ("content", inline(&fields, "content", problems))
    } else if fields.has("file") {
        ("file", file(&fields, "file", problems))
    } else {
        let help = "add `content: \"text\"` or `file: path`";
        problems.push(owner.source.error(node.mark, "a message needs `content` or `file`").help(help));
        return None;
    };
    Some(template(&fields, speaker?, text?, fields.node(key)?))
}

fn template(fields: &Fields<'_>, speaker: Speaker, text: TextSource, node: &Node) -> MessageTemplate {
    let first_line = match text {
        TextSource::Inline(_) => first_line(fields.source, node),
        TextSource::File(_) => 0,
    };
    MessageTemplate { speaker, text, mark: node.mark, first_line }
}

/// Warns of a text that is read differently from how it looks in the file.
pub(super) fn warn(source: &Source, node: &Node, what: &str, problems: &mut Problems) {
    problems.extend(cut_by_comment(source, node, what).into());
    if let Some(hidden) = hidden_escape(source, node) {
        let message = format!("{what} holds {}", hidden.what);
        problems.push(source.warning(node.mark, message).help(hidden.help));
    }
}

/// `system: "text"` or `system: {file: path}`.
fn inline_or_file(
    fields: &Fields<'_>,
    key: &str,
    node: &Node,
    problems: &mut Problems,
) -> Option<TextSource> {
    match node.datum {
        Datum::Map(_) => file(&Fields::read(fields.source, node, &FILE, problems)?, "file", problems),
        _ => inline(fields, key, problems),
    }
}

fn inline(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<TextSource> {
    let text = fields.text(key, problems)?;
    if text.trim().is_empty() {
        let help = "write the text, or leave the key out";
        problems.push(fields.error(key, format!("`{key}` is empty")).help(help));
        return None;
    }
    if let Some(node) = fields.node(key) {
        warn(fields.source, node, &format!("`{key}`"), problems);
    }
    Some(TextSource::Inline(text.to_owned()))
}

fn file(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<TextSource> {
    let written = fields.text(key, problems)?;
    match resolve(directory(&fields.source.path), written) {
        Ok(path) if path.is_empty() => {
            problems.push(fields.error(key, format!("`{key}` names no file")));
            None
        }
        Ok(path) => Some(TextSource::File(path)),
        Err(error) => {
            problems.push(fields.error(key, error.to_string()).help(PATHS));
            None
        }
    }
}
