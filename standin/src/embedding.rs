//! Embeddings through `InvokeModel`: which bodies Titan Text Embeddings and Cohere Embed take, and their answers. The more
//! words two texts share, the nearer are their vectors.

use serde_json::{Value, json};

use crate::call::estimate;
use crate::number::Fnv;

/// Numbers of a vector.
const LENGTH: usize = 256;
/// Characters of the longest text that Titan takes.
const TITAN_CHARACTERS: usize = 50_000;
/// Characters of the longest text that Cohere takes without cutting it.
const COHERE_CHARACTERS: usize = 2_048;

fn is_titan(model: &str) -> bool {
    model.contains("amazon.titan-embed-text-")
}

/// The text of a body; empty when there is none.
pub(crate) fn text<'b>(model: &str, body: &'b Value) -> &'b str {
    let text = if is_titan(model) { &body["inputText"] } else { &body["texts"][0] };
    text.as_str().unwrap_or_default()
}

/// Why a body is refused, in the words of Bedrock.
pub(crate) fn refusal(model: &str, body: &Value) -> Option<String> {
    let text = text(model, body);
    let known: &[&str] = match is_titan(model) {
        true => &["inputText", "dimensions", "normalize", "embeddingTypes"],
        false if model.contains("cohere.embed-") => {
            &["texts", "input_type", "embedding_types", "truncate", "output_dimension", "max_tokens"]
        }
        false => return Some("The provided model identifier is invalid.".to_owned()),
    };
    let malformed = |why: &str| {
        Some(format!("Malformed input request: {why}, please reformat your input and try again."))
    };
    let extraneous = body.as_object().and_then(|keys| keys.keys().find(|key| !known.contains(&key.as_str())));
    if let Some(key) = extraneous {
        return malformed(&format!("#: extraneous key [{key}] is not permitted"));
    }
    if text.is_empty() {
        return malformed("expected minLength: 1, actual: 0");
    }
    let most = if is_titan(model) { TITAN_CHARACTERS } else { COHERE_CHARACTERS };
    if text.chars().count() > most {
        return malformed(&format!("expected maxLength: {most}, actual: {}", text.chars().count()));
    }
    if !is_titan(model) && body["input_type"].as_str().is_none_or(str::is_empty) {
        return malformed("#: required key [input_type] not found");
    }
    None
}

/// The tokens of a text, and the body of the answer.
pub(crate) fn answer(model: &str, body: &Value) -> (u64, Value) {
    let text = text(model, body);
    let (tokens, vector) = (estimate(text), vector(text));
    let body = match is_titan(model) {
        true => {
            json!({"embedding": vector, "embeddingsByType": {"float": vector}, "inputTextTokenCount": tokens})
        }
        false if body["embedding_types"].is_null() => {
            json!({"id": "e", "response_type": "embeddings_floats", "embeddings": [vector], "texts": [text]})
        }
        false => {
            json!({"id": "e", "response_type": "embeddings_by_type", "embeddings": {"float": [vector]}, "texts": [text]})
        }
    };
    (tokens, body)
}

fn vector(text: &str) -> Vec<f32> {
    let text = text.to_lowercase();
    let mut numbers = vec![0.0; LENGTH];
    let mut words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        words.push(&text);
    }
    for word in words {
        let mut hash = Fnv::new();
        hash.write(word.as_bytes());
        numbers[(hash.finish() % LENGTH as u64) as usize] += 1.0;
    }
    let norm = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    numbers.iter().map(|number| number / norm).collect()
}
