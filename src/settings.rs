//! Settings of the configuration and of every prompt: models and sampling parameters.

use crate::document::{Fields, Shape};
use crate::problem::Problems;
use crate::prompt::{Engine, Models, ParameterOverrides};
use crate::tree::{directory, resolve};

const MODELS: Shape = Shape { name: "`models`", keys: &["branch", "main", "judge"] };
const PARAMETERS: Shape =
    Shape { name: "`parameters`", keys: &["max_tokens", "temperature", "top_p", "stop", "extra", "top_k"] };

/// The words of `template`.
pub const ENGINES: &[(&str, Engine)] = &[
    ("jinja", Engine::Jinja),
    ("python", Engine::Python),
    ("braces", Engine::Braces),
    ("none", Engine::None),
];

/// Reads `models`, or nothing when it is absent.
pub fn models(owner: &Fields<'_>, problems: &mut Problems) -> Models {
    let Some(fields) = inner(owner, "models", &MODELS, problems) else {
        return Models::default();
    };
    Models {
        branch: identifier(&fields, "branch", problems),
        main: identifier(&fields, "main", problems),
        judge: identifier(&fields, "judge", problems),
    }
}

/// A model's id: text that is not blank.
pub fn identifier(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    let text = fields.text(key, problems)?;
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let problem = fields.error(key, format!("`{key}` must be a name without spaces"));
        problems.push(problem.help("for a model: a Bedrock model id, inference profile id or ARN"));
        return None;
    }
    Some(text.to_owned())
}

/// Reads `parameters`, or nothing when it is absent.
pub fn parameters(owner: &Fields<'_>, problems: &mut Problems) -> ParameterOverrides {
    let Some(fields) = inner(owner, "parameters", &PARAMETERS, problems) else {
        return ParameterOverrides::default();
    };
    if fields.has("top_k") {
        let problem = fields.error("top_k", "`top_k` is a field of some models only");
        problems.push(problem.help("write it as those models call it: extra: {top_k: 5}"));
    }
    ParameterOverrides {
        max_tokens: fields
            .integer("max_tokens", 1..=u64::from(u32::MAX), problems)
            .and_then(|tokens| u32::try_from(tokens).ok()),
        temperature: fields.number("temperature", 0.0..=1.0, problems),
        top_p: fields.number("top_p", 0.0..=1.0, problems),
        stop: fields.texts("stop", problems),
        extra: fields
            .map("extra", problems)
            .and_then(|_| fields.node("extra"))
            .map(crate::document::Node::to_value),
    }
}

/// The fields of a mapping inside another.
pub fn inner<'a>(
    owner: &Fields<'a>,
    key: &str,
    shape: &Shape,
    problems: &mut Problems,
) -> Option<Fields<'a>> {
    let node = owner.node(key)?;
    Fields::read(owner.source, node, shape, problems)
}

/// A path relative to the file's directory that stays inside the repository, as written.
pub fn path(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    let written = fields.text(key, problems)?;
    if let Err(error) = resolve(directory(&fields.source.path), written) {
        problems.push(fields.error(key, error.to_string()).help("write a path inside the repository"));
    }
    Some(written.to_owned())
}
