//! `clients/contract`: what a stored value is to this reader.

use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay_client::{Directory, Error, Found, Key, Prompts, Reading, Source, Values};
use serde_json::{Value, json};

fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut contract: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(contract["cases"].take()).expect("a list of cases")
}

/// One content, as AppConfig gives it.
struct One(String);

impl Source for One {
    fn kind(&self) -> &'static str {
        "one"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        let found = Found { content: self.0.clone(), version: Some(1) };
        Box::pin(async move { keys.iter().map(|_| Ok(found.clone())).collect() })
    }
}

async fn said(source: impl Source) -> Result<Value, Error> {
    let prompt = Prompts::builder(source).build().get("p").await?;
    let content = &prompt.content;
    Ok(json!({
        "template": content.template,
        "messages": content.messages,
        "text": prompt.text(),
        "model": content.model,
        "parameters": content.parameters,
        "tools": content.tools,
        "tool_choice": content.tool_choice,
        "fingerprint": prompt.fingerprint(),
    }))
}

/// The value as a release into a directory writes it.
fn directory(number: usize, case: &Value) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("contract-{number}"));
    if root.exists() {
        fs::remove_dir_all(&root).expect("a writable directory");
    }
    let write = |path: PathBuf, text: &str| {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable directory");
        fs::write(path, text).expect("a writable directory");
    };
    let folder = root.join("parameters/try/p/@");
    write(folder.join("1.json"), &json!({"value": case["value"], "secure": false}).to_string());
    write(folder.join("labels.json"), "{\"live\": 1}");
    for object in case["objects"].as_array().into_iter().flatten() {
        let key = object["key"].as_str().expect("a key");
        write(root.join("objects").join(key), object["content"].as_str().expect("a content"));
    }
    root
}

#[tokio::test]
async fn every_value_is_read_as_the_contract_says() {
    for (number, case) in cases("values.json").into_iter().enumerate() {
        let name = &case["name"];
        let read = said(Directory::new(directory(number, &case), "/try/{name}")).await;
        match (read, case["says"].as_str()) {
            (Ok(read), None) => assert_eq!(read, case["want"], "{name}"),
            (Err(Error::Damaged(message)), Some(says)) => {
                assert!(message.contains(says), "{name}: {message}")
            }
            (other, _) => panic!("{name}: {other:?}"),
        }
        if let Some(content) = case["content"].as_str() {
            assert_eq!(
                said(One(content.to_owned())).await.as_ref(),
                Ok(&case["want"]),
                "{name}, from AppConfig"
            );
        }
    }
}

#[cfg(feature = "render")]
#[tokio::test]
async fn templates_render_as_the_contract_says() {
    for case in cases("rendering.json") {
        let messages = [json!({"role": "system", "content": case["text"]})];
        let content = json!({"prompt": 2, "template": case["template"], "messages": messages});
        let prompt = Prompts::builder(One(content.to_string())).build().get("p").await.expect("a prompt");
        match (prompt.render(&case["variables"]), case["out"].as_str()) {
            (Ok(rendered), Some(out)) => assert_eq!(rendered.text(), Some(out), "{case}"),
            (Err(Error::Render(message)), None) => {
                let says = case["error"].as_str().expect("what it says");
                assert!(message.contains(says), "{case}: {message}");
            }
            (other, _) => panic!("{case}: {other:?}"),
        }
    }
}

#[cfg(feature = "render")]
#[tokio::test]
async fn the_whole_request_is_the_one_that_was_evaluated() {
    let cases = cases("values.json");
    let value = |name: &str| {
        let case = cases.iter().find(|case| case["name"] == name).expect("a case");
        case["value"].as_str().expect("a value")
    };
    let values = [
        ("few", value("examples, and all parameters")),
        ("tool", value("one text with tools")),
        ("plain", "Help {name}."),
    ];
    let prompts = Prompts::builder(Values::new(values)).build();
    let few = prompts.get("few").await.expect("a prompt").render(&json!({"text": "so so"})).expect("a text");
    let request = few.converse(Vec::<String>::new());
    assert_eq!(request.model.as_deref(), Some("amazon.nova-pro-v1:0"));
    // As text: the order of the keys belongs to it.
    assert_eq!(
        Value::from(request.body).to_string(),
        json!({
            "messages": [
                {"role": "user", "content": [{"text": "great"}]},
                {"role": "assistant", "content": [{"text": "positive"}]},
                {"role": "user", "content": [{"text": "so so"}]},
            ],
            "system": [{"text": "Classify so so."}],
            "inferenceConfig": {"maxTokens": 50, "temperature": 0.2, "topP": 0.9, "stopSequences": ["\n\n"]},
            "additionalModelRequestFields": {"top_k": 20},
        })
        .to_string()
    );
    let tool = prompts.get("tool").await.expect("a prompt").render(&json!({"order": "A1"})).expect("a text");
    let body = tool.converse(["Pay it back.", "Which?", "That one."]).body;
    let roles: Vec<&Value> =
        body["messages"].as_array().expect("messages").iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert_eq!(body["system"], json!([{"text": "Help with A1."}]));
    assert_eq!(body["toolConfig"]["toolChoice"], json!({"tool": {"name": "refund"}}));
    let schema = &body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"];
    assert_eq!(schema["required"], json!(["order"]));
    let plain =
        prompts.get("plain").await.expect("a prompt").render(&json!({"name": "Ada"})).expect("a text");
    assert_eq!(plain.converse(["Hi"]).model, None);
    assert_eq!(plain.converse(["Hi"]).model("m").model.as_deref(), Some("m"));
}
