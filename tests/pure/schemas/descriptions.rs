//! What an editor shows beside a key: what the pages say of it.

use std::fs;

use prompt_assay::document::{Format, parse};
use serde_json::{Value, json};

use super::root;

/// What a page says of keys.
pub struct Described {
    /// Paths of keys, and texts.
    keys: Vec<(Vec<String>, String)>,
    /// The values of the page.
    values: Value,
    /// Whether they are the defaults.
    are_defaults: bool,
}

fn page() -> String {
    fs::read_to_string(root().join("docs/configuration.md")).expect("a page")
}

impl Described {
    /// The block with all defaults: a comment for most keys, and keys that are commented out themselves.
    pub fn config() -> Self {
        let block = super::block("configuration.md", "prompt-assay.yaml", 1);
        Self { are_defaults: true, ..Self::of_block(&block) }
    }

    /// The block of the scripted model.
    pub fn rules() -> Self {
        Self::of_block(&super::block("configuration.md", "A scripted model", 1))
    }

    /// The table of the keys of a prompt.
    pub fn catalog() -> Self {
        Self::of_table("| key | meaning |")
    }

    /// The table of the keys of a case.
    pub fn golden() -> Self {
        Self::of_table("| key of a case | meaning |")
    }

    fn of_table(header: &str) -> Self {
        let page = page();
        let rows = page.split_once(header).expect("a table").1.lines().skip(2);
        let mut keys = Vec::new();
        for row in rows.take_while(|row| row.starts_with('|')) {
            let (names, text) = row.trim_matches('|').split_once('|').expect("two cells");
            let text = plain(text);
            keys.extend(
                names.split('`').skip(1).step_by(2).map(|name| (vec![name.to_owned()], text.clone())),
            );
        }
        assert!(keys.len() > 5, "the table has only {} keys", keys.len());
        Self { keys, values: Value::Null, are_defaults: false }
    }

    fn of_block(block: &str) -> Self {
        let mut keys: Vec<(Vec<String>, String)> = Vec::new();
        let mut above: Vec<(usize, String)> = Vec::new();
        for line in block.lines() {
            let indent = line.len() - line.trim_start().len();
            let written = line.trim_start().trim_start_matches("- ");
            // A key that is commented out: `# key:   # text`.
            let written = written.strip_prefix("# ").unwrap_or(written);
            let Some((key, rest)) = written.split_once(':') else { continue };
            if !key.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                continue;
            }
            above.retain(|(outer, _)| *outer < indent);
            above.push((indent, key.to_owned()));
            // Beside a mapping in one line, a comment is about the whole of it.
            let is_mapping = rest.trim_start().starts_with('{') && !rest.trim_start().starts_with("{}");
            if let Some((_, text)) = rest.split_once(" # ").filter(|_| !is_mapping) {
                keys.push((above.iter().map(|(_, key)| key.clone()).collect(), plain(text)));
            }
        }
        assert!(keys.len() > 2, "the block has only {} comments", keys.len());
        let root = parse("page.yaml", block.as_bytes(), Format::Yaml).expect("YAML").root.to_value();
        Self { keys, values: root, are_defaults: false }
    }

    /// Texts that the page has as values: some have a meaning of their own.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        collect(&self.values, &mut words);
        words.retain(|word| !word.contains([' ', '/', '.']));
        words.sort();
        words.dedup();
        words
    }

    /// Writes the descriptions into a schema.
    pub fn describe(&self, schema: &mut Value) {
        for (path, text) in &self.keys {
            if let Some(found) = property(schema, path)
                && let Some(object) = found.as_object_mut()
            {
                object.insert("description".to_owned(), json!(text));
                let value = path.iter().try_fold(&self.values, |value, key| value.get(key));
                if let Some(value) = value.filter(|value| self.are_defaults && !value.is_object()) {
                    object.insert("default".to_owned(), value.clone());
                }
            }
        }
    }
}

/// The schema of a key, through lists and alternatives.
fn property<'s>(schema: &'s mut Value, path: &[String]) -> Option<&'s mut Value> {
    let Some((key, rest)) = path.split_first() else { return Some(schema) };
    if schema.get("items").is_some() {
        return property(&mut schema["items"], path);
    }
    if schema.get("anyOf").is_some() {
        let inner = schema["anyOf"].as_array_mut().expect("a list").iter_mut();
        return inner.filter_map(|one| property(one, path)).next();
    }
    let inner = schema.get_mut("properties")?.get_mut(key)?;
    property(inner, rest)
}

fn collect(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(entries) => entries.values().for_each(|inner| collect(inner, words)),
        _ => {}
    }
}

/// A text without the signs of Markdown.
fn plain(text: &str) -> String {
    let mut plain = text.trim().replace("\\|", "|");
    while let (Some(open), Some(middle)) = (plain.find('['), plain.find("](")) {
        let Some(close) = plain[middle..].find(')') else { break };
        if open > middle {
            break;
        }
        plain = format!("{}{}{}", &plain[..open], &plain[open + 1..middle], &plain[middle + close + 1..]);
    }
    plain
}
