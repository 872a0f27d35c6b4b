//! Prompts of Bedrock's Prompt Management, as `GetPrompt` answers them, become the entries of a catalog. The catalog is
//! theirs from then on: nothing is written back.

use serde_json::{Value, json};

use super::{Imported, yaml};
use crate::document::{Document, Format, parse};
use crate::problem::{Problem, Problems};

/// Keys of a variant that are read, or that say nothing about a call.
const VARIANT: [&str; 7] = [
    "name",
    "metadata",
    "modelId",
    "templateType",
    "templateConfiguration",
    "inferenceConfiguration",
    "additionalModelRequestFields",
];

/// Makes a catalog of them.
///
/// # Errors
/// When none can be used: why not.
pub fn import(prompts: &[Value], catalog: &str) -> Result<Imported, Problems> {
    let (mut entries, mut left, mut names) = (serde_json::Map::new(), Vec::new(), Vec::new());
    for prompt in prompts {
        let name = prompt["name"].as_str().unwrap_or_default();
        if let Some(entry) = (Reader { name, left: &mut left }).entry(prompt) {
            names.push(format!("`{name}`"));
            entries.insert(name.to_owned(), entry);
        }
    }
    if entries.is_empty() {
        let mut problems = Problems::new();
        left.into_iter().for_each(|problem| problems.push(problem));
        return Err(problems);
    }
    // JSON is YAML: read as one, it is written as the other.
    let text = Value::Object(entries).to_string();
    let Document { root, .. } = parse(catalog, text.as_bytes(), Format::Json)?;
    let said = vec![format!("{} in `{catalog}`", names.join(", "))];
    Ok(Imported { files: vec![(catalog.to_owned(), yaml::block(&root, 0))], left, said })
}

struct Reader<'a> {
    name: &'a str,
    left: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    /// The prompt is left out.
    fn leave<T>(&mut self, why: &str, help: &str) -> Option<T> {
        self.left.push(Problem::error(format!("the prompt `{}` is left out: {why}", self.name)).help(help));
        None
    }

    /// A part of it is left out.
    fn without(&mut self, what: &str, help: &str) {
        self.left.push(Problem::error(format!("of the prompt `{}`, {what}", self.name)).help(help));
    }

    fn entry(&mut self, prompt: &Value) -> Option<Value> {
        let variant = self.variant(prompt)?;
        let (mut messages, tools) = self.texts(variant)?;
        for message in &mut messages {
            // A template's last line break is left out where it is rendered.
            if let Some(text) = message["content"].as_str().filter(|text| text.ends_with('\n')) {
                message["content"] = format!("{text}\n").into();
            }
        }
        let mut entry = json!({"messages": messages, "template": "jinja"});
        if let Some(model) = variant["modelId"].as_str() {
            entry["model"] = model.into();
        }
        let mut parameters = serde_json::Map::new();
        let inference = &variant["inferenceConfiguration"]["text"];
        for (ours, theirs) in [
            ("max_tokens", "maxTokens"),
            ("temperature", "temperature"),
            ("top_p", "topP"),
            ("stop", "stopSequences"),
        ] {
            let value = &inference[theirs];
            if !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
                parameters.insert(ours.to_owned(), plain(value));
            }
        }
        if variant["additionalModelRequestFields"].as_object().is_some_and(|fields| !fields.is_empty()) {
            parameters.insert("extra".to_owned(), variant["additionalModelRequestFields"].clone());
        }
        if !parameters.is_empty() {
            entry["parameters"] = Value::Object(parameters);
        }
        self.tools(tools, &mut entry);
        Some(entry)
    }

    /// The variant that an application gets that names none.
    fn variant<'v>(&mut self, prompt: &'v Value) -> Option<&'v Value> {
        let variants = list(&prompt["variants"]);
        let default = variants.iter().find(|variant| variant["name"] == prompt["defaultVariant"]);
        let Some(chosen) = default.or_else(|| variants.first()) else {
            return self.leave("it has no variant", "write its text there, or here");
        };
        for other in variants.iter().filter(|other| other["name"] != chosen["name"]) {
            let name = other["name"].as_str().unwrap_or_default();
            self.without(
                &format!("the variant `{name}` is not imported"),
                "a prompt has one text here: `compare` compares two of them by their revisions",
            );
        }
        if chosen["genAiResource"].is_object() {
            return self.leave("an agent answers it", "only models are asked here");
        }
        for (key, value) in chosen.as_object().into_iter().flatten() {
            if !VARIANT.contains(&key.as_str()) && !value.is_null() {
                self.without(&format!("`{key}` has no counterpart"), "see docs/configuration.md");
            }
        }
        Some(chosen)
    }

    /// The messages, and the configuration of tools.
    fn texts<'v>(&mut self, variant: &'v Value) -> Option<(Vec<Value>, &'v Value)> {
        let configuration = &variant["templateConfiguration"];
        let mut messages = Vec::new();
        if let Some(text) = configuration["text"]["text"].as_str() {
            messages.push(json!({"role": "user", "content": text}));
            if configuration["text"]["cachePoint"].is_object() {
                self.cache_point();
            }
        }
        let chat = &configuration["chat"];
        let system = self.joined(list(&chat["system"]))?;
        if !system.is_empty() {
            messages.push(json!({"role": "system", "content": system}));
        }
        for message in list(&chat["messages"]) {
            let content = self.joined(list(&message["content"]))?;
            messages.push(json!({"role": message["role"], "content": content}));
        }
        if messages.is_empty() {
            return self.leave("it has no text", "write it there, or here");
        }
        for message in &messages {
            if let Some(sign) = message["content"].as_str().and_then(sign) {
                return self.leave(
                    &format!("its text has `{sign}`, which is plain text there and code of a template here"),
                    "write the entry by hand, with `template: none` or `python`",
                );
            }
        }
        Some((messages, &chat["toolConfiguration"]))
    }

    fn joined(&mut self, blocks: &[Value]) -> Option<String> {
        let mut texts = Vec::new();
        for block in blocks {
            match (block["text"].as_str(), block["cachePoint"].is_object()) {
                (Some(text), _) => texts.push(text),
                (None, true) => self.cache_point(),
                (None, false) => {
                    return self.leave("a message has more than text", "only texts are sent here");
                }
            }
        }
        Some(texts.join("\n\n"))
    }

    fn cache_point(&mut self) {
        self.left.push(
            Problem::warning(format!("the cache point of the prompt `{}` is not needed here", self.name))
                .help("where a cache point pays, every call has one (`calls: {prompt_caching: auto}`, the default)"),
        );
    }

    fn tools(&mut self, configuration: &Value, entry: &mut Value) {
        let mut tools = Vec::new();
        for tool in list(&configuration["tools"]) {
            let spec = &tool["toolSpec"];
            if !spec.is_object() {
                if tool["cachePoint"].is_object() {
                    self.cache_point();
                } else {
                    self.without("a tool of the system is not imported", "it runs code outside of the call");
                }
                continue;
            }
            let mut read = json!({"name": spec["name"], "input_schema": spec["inputSchema"]["json"]});
            if let Some(description) = spec["description"].as_str() {
                read["description"] = description.into();
            }
            tools.push(read);
        }
        if tools.is_empty() {
            return;
        }
        entry["tools"] = Value::Array(tools);
        let choice = &configuration["toolChoice"];
        if let Some(name) = choice["tool"]["name"].as_str() {
            entry["tool_choice"] = json!({"tool": name});
        } else if let Some(word) = ["auto", "any"].into_iter().find(|word| choice[word].is_object()) {
            entry["tool_choice"] = word.into();
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A number of the service has 32 bits: `0.1` comes as `0.10000000149011612`.
fn plain(value: &Value) -> Value {
    match value.as_f64().filter(|_| value.is_f64()) {
        Some(number) => (number as f32).to_string().parse::<f64>().map_or(Value::Null, Value::from),
        None => value.clone(),
    }
}

/// A sign of the template language that is more than a variable.
fn sign(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        rest = &rest[at..];
        if rest.starts_with("{%") || rest.starts_with("{#") {
            return Some(&rest[..2]);
        }
        if let Some(inner) = rest.strip_prefix("{{") {
            let end = inner.find("}}");
            let name = end.map_or("", |end| inner[..end].trim());
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                return Some("{{");
            }
            rest = &inner[end.unwrap_or(0)..];
        } else {
            rest = &rest[1..];
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(prompts: &[Value]) -> String {
        let listed = |left: &[Problem]| left.iter().map(|one| format!("\n{one}")).collect::<String>();
        match import(prompts, "prompts.yaml") {
            Ok(Imported { files, left, said }) => {
                format!("{}\n---\n{}---{}", said.join("\n"), files[0].1, listed(&left))
            }
            Err(left) => left.to_string(),
        }
    }

    fn text(name: &str, text: &str) -> Value {
        json!({"name": name, "variants": [{"name": "a", "templateConfiguration": {"text": {"text": text}}}]})
    }

    #[test]
    fn a_last_line_break_is_still_sent() {
        let (mut left, asked) = (Vec::new(), text("greet", "Hello {{name}}:\n"));
        let entry = Reader { name: "greet", left: &mut left }.entry(&asked).expect("an entry");
        let written = entry["messages"][0]["content"].as_str().expect("a text");
        let rendered =
            minijinja::Environment::new().render_str(written, minijinja::context! { name => "Ada" });
        assert_eq!((rendered.expect("a template"), left.len()), ("Hello Ada:\n".to_owned(), 0));
    }

    #[test]
    fn every_part_is_imported_or_named() {
        let chat = json!({
            "name": "refunds", "defaultVariant": "b",
            "variants": [{"name": "a", "templateConfiguration": {"text": {"text": "Old"}}}, {
                "name": "b", "templateType": "CHAT", "modelId": "amazon.nova-pro-v1:0",
                "inferenceConfiguration": {"text": {
                    "maxTokens": 300, "temperature": 0.10000000149011612, "topP": 1.0, "stopSequences": []}},
                "additionalModelRequestFields": {"top_k": 5},
                "futureConfiguration": {"x": 1},
                "templateConfiguration": {"chat": {
                    "system": [{"text": "Be kind."}, {"cachePoint": {"type": "default"}}, {"text": "Be brief."}],
                    "messages": [
                        {"role": "user", "content": [{"text": "Where is {{ parcel }}? {\"a\": 1}"}]},
                        {"role": "assistant", "content": [{"text": "Here."}]},
                        {"role": "user", "content": [{"text": "{{question}}"}]},
                    ],
                    "toolConfiguration": {
                        "tools": [
                            {"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}},
                            {"systemTool": {"name": "grounding"}},
                        ],
                        "toolChoice": {"tool": {"name": "look"}},
                    },
                }},
            }],
        });
        insta::assert_snapshot!(told(&[chat, text("greet", "Greet {{name}}.")]), @r##"
        `refunds`, `greet` in `prompts.yaml`
        ---
        refunds:
          messages:
            - role: system
              content: |-
                Be kind.

                Be brief.
            - role: user
              content: "Where is {{ parcel }}? {\"a\": 1}"
            - role: assistant
              content: Here.
            - role: user
              content: "{{question}}"
          template: jinja
          model: "amazon.nova-pro-v1:0"
          parameters:
            max_tokens: 300
            temperature: 0.1
            top_p: 1.0
            extra: {top_k: 5}
          tools:
            - name: look
              input_schema: {type: object}
          tool_choice: {tool: look}
        greet:
          messages:
            - role: user
              content: "Greet {{name}}."
          template: jinja
        ---
        error: of the prompt `refunds`, the variant `a` is not imported
           = a prompt has one text here: `compare` compares two of them by their revisions
        error: of the prompt `refunds`, `futureConfiguration` has no counterpart
           = see docs/configuration.md
        warning: the cache point of the prompt `refunds` is not needed here
           = where a cache point pays, every call has one (`calls: {prompt_caching: auto}`, the default)
        error: of the prompt `refunds`, a tool of the system is not imported
           = it runs code outside of the call
        "##);
    }

    #[test]
    fn a_prompt_that_would_mean_something_else_is_left_out() {
        let agent = json!({"name": "agent", "variants": [{"name": "a", "genAiResource": {"agent": {}}}]});
        let image = json!({"name": "image", "variants": [{"name": "a", "templateConfiguration": {"chat": {
            "messages": [{"role": "user", "content": [{"image": {}}]}]}}}]});
        let nothing = json!({"name": "nothing", "variants": []});
        let all = [agent, image, nothing, text("loop", "{% for x in y %}"), text("braces", "{{ a | b }}")];
        insta::assert_snapshot!(told(&all), @r##"
        error: the prompt `agent` is left out: an agent answers it
           = only models are asked here

        error: the prompt `image` is left out: a message has more than text
           = only texts are sent here

        error: the prompt `nothing` is left out: it has no variant
           = write its text there, or here

        error: the prompt `loop` is left out: its text has `{%`, which is plain text there and code of a template here
           = write the entry by hand, with `template: none` or `python`

        error: the prompt `braces` is left out: its text has `{{`, which is plain text there and code of a template here
           = write the entry by hand, with `template: none` or `python`
        "##);
    }
}
