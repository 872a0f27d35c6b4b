//! Settings of the configuration and of every prompt: models and sampling parameters.

use std::ops::Bound::{Excluded, Included};
use std::sync::LazyLock;

use regex::Regex;

use crate::document::{Datum, Fields, Shape};
use crate::model::{Guardrail, JudgeModels, Performance, ResponseFormat};
use crate::per_call::{BudgetPerCall, Limit, Percentile, Quantity};
use crate::problem::Problems;
use crate::prompt::{Engine, Models, ParameterOverrides};
use crate::tree::{directory, resolve};

const MODELS: Shape = Shape { name: "`models`", keys: &["branch", "main", "judge"] };
const PARAMETERS: Shape = Shape {
    name: "`parameters`",
    keys: &[
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "extra",
        "response_format",
        "guardrail",
        "performance",
        "top_k",
    ],
};
const RESPONSE_FORMAT: Shape = Shape { name: "`response_format`", keys: &["name", "description", "schema"] };
const BUDGET_PER_CALL: Shape = Shape { name: "`budget_per_call`", keys: &["latency_ms", "cost_usd"] };
const LATENCY: Shape = Shape { name: "`latency_ms`", keys: &["p50", "p90", "p95", "p99"] };
const COST: Shape = Shape { name: "`cost_usd`", ..LATENCY };
const GUARDRAIL: Shape = Shape { name: "`guardrail`", keys: &["id", "version"] };
const PERFORMANCE: &[(&str, Performance)] =
    &[("standard", Performance::Standard), ("optimized", Performance::Optimized)];

/// The words of `template`.
pub const ENGINES: &[(&str, Engine)] = &[
    ("jinja", Engine::Jinja),
    ("python", Engine::Python),
    ("braces", Engine::Braces),
    ("none", Engine::None),
];

/// Reads `models`, or nothing when it is absent.
pub fn models(owner: &Fields<'_>, problems: &mut Problems) -> Models {
    let Some(fields) = owner.inner("models", &MODELS, problems) else {
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
    is_identifier(text, (fields, key), problems).then(|| text.to_owned())
}

/// Ids of models in a list.
pub fn identifiers(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<JudgeModels> {
    let texts = fields.texts(key, problems)?;
    texts.iter().all(|text| is_identifier(text, (fields, key), problems)).then(|| texts.into_iter().collect())
}

fn is_identifier(text: &str, (fields, key): (&Fields<'_>, &str), problems: &mut Problems) -> bool {
    let is_name = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_name {
        let problem = fields.error(key, format!("`{key}` must be a name without spaces"));
        problems.push(problem.help("for a model: a Bedrock model id, inference profile id or ARN"));
    }
    is_name
}

/// Reads `parameters`, or nothing when it is absent.
pub fn parameters(owner: &Fields<'_>, problems: &mut Problems) -> ParameterOverrides {
    let Some(fields) = owner.inner("parameters", &PARAMETERS, problems) else {
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
        response_format: response_format(&fields, problems),
        guardrail: guardrail(&fields, problems),
        performance: fields.choice("performance", PERFORMANCE, problems),
    }
}

fn response_format(owner: &Fields<'_>, problems: &mut Problems) -> Option<ResponseFormat> {
    let fields = owner.inner("response_format", &RESPONSE_FORMAT, problems)?;
    if !fields.has("schema") {
        let problem = owner.error("response_format", "`response_format` needs `schema`");
        problems
            .push(problem.help("write the JSON Schema that answers must match: schema: {type: object, ...}"));
    }
    let text = |key: &str, problems: &mut Problems| fields.text(key, problems).map(str::to_owned);
    let (name, description) = (text("name", problems), text("description", problems));
    fields.map("schema", problems)?;
    Some(ResponseFormat { name, description, schema: fields.node("schema")?.to_value() })
}

/// Reads `guardrail`, or nothing when it is absent. Its forms are Bedrock's.
pub fn guardrail(owner: &Fields<'_>, problems: &mut Problems) -> Option<Guardrail> {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        let forms = r"^([a-z0-9]+|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+)$";
        Regex::new(forms).expect("a constant pattern compiles")
    });
    static VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("^([1-9][0-9]{0,7}|DRAFT)$").expect("a constant pattern compiles"));
    let fields = owner.inner("guardrail", &GUARDRAIL, problems)?;
    for key in ["id", "version"].into_iter().filter(|key| !fields.has(key)) {
        let problem = owner.error("guardrail", format!("`guardrail` needs `{key}`"));
        problems.push(problem.help("write guardrail: {id: abc123, version: 1}"));
    }
    let id = fields.text("id", problems);
    if id.is_some_and(|id| !ID.is_match(id)) {
        problems.push(fields.error("id", "`id` is neither the id nor the ARN of a guardrail"));
    }
    let version = match &fields.node("version")?.datum {
        Datum::Number(number) => Some(number.to_string()),
        _ => fields.text("version", problems).map(str::to_owned),
    };
    if version.as_deref().is_some_and(|version| !VERSION.is_match(version)) {
        problems.push(fields.error("version", "`version` must be the number of a version, or DRAFT"));
    }
    Some(Guardrail { id: id?.to_owned(), version: version? })
}

/// Reads `budget_per_call`, or nothing when it is absent.
pub fn budget_per_call(owner: &Fields<'_>, problems: &mut Problems) -> BudgetPerCall {
    let mut budget = BudgetPerCall::default();
    let Some(fields) = owner.inner("budget_per_call", &BUDGET_PER_CALL, problems) else {
        return budget;
    };
    for quantity in Quantity::ALL {
        let (shape, most, example) = match quantity {
            Quantity::LatencyMs => (&LATENCY, 3_600_000.0, "latency_ms: {p95: 2000}"),
            Quantity::CostUsd => (&COST, 1_000.0, "cost_usd: {p95: 0.002}"),
        };
        let key = quantity.as_str();
        let Some(limits) = fields.inner(key, shape, problems) else { continue };
        if is_empty(&fields, key) {
            let problem = fields.error(key, format!("`{key}` limits no percentile"));
            problems.push(problem.help(format!("write for example {example}")));
        }
        let mut lower: Option<Limit> = None;
        for percentile in Percentile::ALL {
            let word = percentile.as_str();
            let Some(at_most) = limits.number(word, (Excluded(0.0), Included(most)), problems) else {
                continue;
            };
            if let Some(lower) = lower.filter(|lower| lower.at_most > at_most) {
                let below = lower.percentile.as_str();
                let message = format!("`{word}` of `{key}` is below `{below}`, so `{below}` limits nothing");
                problems
                    .push(limits.error(word, message).help(format!("raise `{word}`, or remove `{below}`")));
            }
            let limit = Limit { quantity, percentile, at_most };
            lower = Some(limit);
            budget.set(limit);
        }
    }
    if is_empty(owner, "budget_per_call") {
        let problem = owner.error("budget_per_call", "`budget_per_call` limits nothing");
        problems.push(problem.help("write for example budget_per_call: {latency_ms: {p95: 2000}}"));
    }
    budget
}

/// Whether a key has a mapping without any key.
fn is_empty(owner: &Fields<'_>, key: &str) -> bool {
    owner.node(key).is_some_and(|node| matches!(&node.datum, Datum::Map(entries) if entries.is_empty()))
}

/// A path relative to the file's directory that stays inside the repository, as written.
pub fn path(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    let written = fields.text(key, problems)?;
    if let Err(error) = resolve(directory(&fields.source.path), written) {
        problems.push(fields.error(key, error.to_string()).help("write a path inside the repository"));
    }
    Some(written.to_owned())
}
