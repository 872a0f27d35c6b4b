//! The world printed as files, in styles that mean the same.

use std::fmt::Write;

use prompt_assay::tree::MemoryTree;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{Piece, VARIABLES, World};

/// How the files are written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The catalog is JSON, else YAML.
    pub json_catalog: bool,
    /// Golden sets: YAML, JSON or JSON lines.
    pub golden: u8,
    /// Comments and blank lines in YAML.
    pub chatty: bool,
    /// Keys in another order.
    pub reversed: bool,
    /// Texts in files of their own.
    pub files: bool,
}

impl Arbitrary for Style {
    type Parameters = ();
    type Strategy = BoxedStrategy<Style>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any::<(bool, u8, bool, bool, bool)>()
            .prop_map(|(json_catalog, golden, chatty, reversed, files)| Style {
                json_catalog,
                golden,
                chatty,
                reversed,
                files,
            })
            .boxed()
    }
}

/// The files of a world.
pub fn print(world: &World, style: Style) -> MemoryTree {
    let mut tree = MemoryTree::default();
    tree.insert("prompt-assay.yaml", "models: {branch: some.model}\n");
    for (index, part) in world.parts.iter().enumerate() {
        tree.insert(format!("parts/{index}.md"), template(part));
    }
    let mut entries = Vec::new();
    for (name, prompt) in &world.prompts {
        let text = template(&prompt.pieces);
        let mut fields = vec![
            if style.files {
                tree.insert(format!("texts/{name}.md"), text);
                ("file", json!(format!("texts/{name}.md")))
            } else {
                ("system", json!(text))
            },
            ("user", json!("go")),
            // Some texts use no variable at all.
            ("input", json!("none")),
            ("parameters", json!({"max_tokens": prompt.max_tokens})),
        ];
        let mut cases: Vec<Value> = Vec::new();
        for (id, case) in &prompt.cases {
            let vars: serde_json::Map<String, Value> = VARIABLES
                .iter()
                .zip(case.values)
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            cases.push(json!({
                "id": id,
                "vars": vars,
                "checks": [{"contains": format!("answer {}", case.wanted)}],
                "must_pass": case.must_pass,
            }));
        }
        if style.reversed {
            fields.reverse();
            cases.reverse();
        }
        let (ending, golden) = golden(&cases, style);
        tree.insert(format!("golden/{name}.{ending}"), golden);
        entries.push((name.clone(), fields));
    }
    if style.reversed {
        entries.reverse();
    }
    if style.json_catalog {
        tree.insert("prompts.json", json_catalog(&entries));
    } else {
        tree.insert("prompts.yaml", yaml_catalog(&entries, style));
    }
    tree
}

type Entry = (String, Vec<(&'static str, Value)>);

fn json_catalog(entries: &[Entry]) -> String {
    let map: serde_json::Map<String, Value> = entries
        .iter()
        .map(|(name, fields)| {
            let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            (name.clone(), Value::Object(fields))
        })
        .collect();
    Value::Object(map).to_string()
}

fn yaml_catalog(entries: &[Entry], style: Style) -> String {
    let mut text = String::new();
    for (name, fields) in entries {
        if style.chatty {
            let _ = write!(text, "\n# about {name}\n\n");
        }
        let _ = writeln!(text, "{name}:");
        for (key, value) in fields {
            let _ =
                writeln!(text, "    {key}: {value}{}", if style.chatty { "   # {{ not text }}" } else { "" });
        }
    }
    text
}

fn golden(cases: &[Value], style: Style) -> (&'static str, String) {
    match style.golden % 3 {
        0 => ("json", json!({ "cases": cases }).to_string()),
        1 => ("jsonl", cases.iter().map(|case| format!("{case}\n")).collect()),
        _ => {
            let mut text = if style.chatty { "# golden\ncases:\n".to_owned() } else { "cases:\n".to_owned() };
            for case in cases {
                let _ = writeln!(text, "  - {case}");
            }
            ("yaml", text)
        }
    }
}

fn template(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => format!("w{words} "),
            Piece::Variable(variable) => format!("v{{{{ {} }}}} ", VARIABLES[*variable]),
            Piece::Sometimes(variable, words) => {
                format!("{{% if {} is even %}}s{words} {{% endif %}}", VARIABLES[*variable])
            }
            Piece::Part(part) => format!("{{% include \"parts/{part}.md\" %}}"),
        })
        .collect()
}
