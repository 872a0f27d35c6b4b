//! A [`Request`] as a `Converse` call.

use std::collections::BTreeMap;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::client::customize::CustomizableOperation;
use aws_sdk_bedrockruntime::config::http::HttpRequest;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::types::{
    AnyToolChoice, AutoToolChoice, CachePointBlock, CachePointType, ContentBlock, ConversationRole,
    GuardrailConfiguration, InferenceConfiguration, JsonSchemaDefinition, Message, OutputConfig,
    OutputFormat, OutputFormatStructure, OutputFormatType, PerformanceConfigLatency,
    PerformanceConfiguration, ServiceTier, ServiceTierType, SpecificToolChoice, SystemContentBlock, Tool,
    ToolChoice, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::document::from_json;
use crate::model::{
    self, ErrorClass, Guardrail, ModelError, Parameters, Performance, Request, ResponseFormat, Role,
};

/// What goes with a request and changes no answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wrapping<'a> {
    /// With a cache point after the system text.
    pub(super) cached: bool,
    pub(super) tier: model::ServiceTier,
    /// For logs of invocations.
    pub(super) metadata: Option<&'a BTreeMap<String, String>>,
}

/// The call, ready to be sent once.
///
/// # Errors
/// [`ErrorClass::Invalid`] when the SDK cannot express the request.
pub(super) fn call(
    client: &Client,
    request: &Request,
    wrapping: Wrapping<'_>,
) -> Result<CustomizableOperation<ConverseOutput, ConverseError, ConverseFluentBuilder>, ModelError> {
    let built = build(client, request, wrapping).map_err(|error| not_built(&error))?;
    let exact = Exact::of(request, wrapping.metadata);
    Ok(built.customize().mutate_request(move |http| exact.restore(http)))
}

/// The SDK cannot express a request.
pub(super) fn not_built(error: &BuildError) -> ModelError {
    let message = format!("the request cannot be built: {error}");
    ModelError { class: ErrorClass::Invalid, code: None, message, help: None }
}

pub(super) fn build(
    client: &Client,
    request: &Request,
    wrapping: Wrapping<'_>,
) -> Result<ConverseFluentBuilder, BuildError> {
    let parameters = &request.parameters;
    let metadata = wrapping.metadata.filter(|metadata| !metadata.is_empty());
    let messages = request.messages.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    Ok(client
        .converse()
        .model_id(&request.model)
        .set_messages(Some(messages))
        .set_system(request.system.as_ref().map(|text| system(text, wrapping.cached)).transpose()?)
        .inference_config(inference(parameters))
        .set_additional_model_request_fields(parameters.extra.as_ref().map(from_json))
        .set_tool_config(tools(request)?)
        .set_output_config(parameters.response_format.as_ref().map(output).transpose()?)
        .set_guardrail_config(parameters.guardrail.as_ref().map(guardrail).transpose()?)
        .set_performance_config(parameters.performance.map(performance))
        .set_service_tier(service_tier(wrapping.tier)?)
        .set_request_metadata(metadata.map(|metadata| metadata.clone().into_iter().collect())))
}

fn output(format: &ResponseFormat) -> Result<OutputConfig, BuildError> {
    let schema = JsonSchemaDefinition::builder()
        .schema(format.schema.to_string())
        .set_name(format.name.clone())
        .set_description(format.description.clone())
        .build()?;
    let format = OutputFormat::builder()
        .r#type(OutputFormatType::JsonSchema)
        .structure(OutputFormatStructure::JsonSchema(schema))
        .build()?;
    Ok(OutputConfig::builder().text_format(format).build())
}

fn guardrail(guardrail: &Guardrail) -> Result<GuardrailConfiguration, BuildError> {
    let (id, version) = (&guardrail.id, &guardrail.version);
    Ok(GuardrailConfiguration::builder().guardrail_identifier(id).guardrail_version(version).build())
}

fn performance(performance: Performance) -> PerformanceConfiguration {
    let latency = match performance {
        Performance::Standard => PerformanceConfigLatency::Standard,
        Performance::Optimized => PerformanceConfigLatency::Optimized,
    };
    PerformanceConfiguration::builder().latency(latency).build()
}

fn service_tier(tier: model::ServiceTier) -> Result<Option<ServiceTier>, BuildError> {
    let tier = match tier {
        model::ServiceTier::Default => return Ok(None),
        model::ServiceTier::Flex => ServiceTierType::Flex,
        model::ServiceTier::Priority => ServiceTierType::Priority,
    };
    ServiceTier::builder().r#type(tier).build().map(Some)
}

fn system(text: &str, cached: bool) -> Result<Vec<SystemContentBlock>, BuildError> {
    let mut blocks = vec![SystemContentBlock::Text(text.to_owned())];
    if cached {
        let point = CachePointBlock::builder().r#type(CachePointType::Default).build()?;
        blocks.push(SystemContentBlock::CachePoint(point));
    }
    Ok(blocks)
}

fn message(message: &model::Message) -> Result<Message, BuildError> {
    let role = match message.role {
        Role::User => ConversationRole::User,
        Role::Assistant => ConversationRole::Assistant,
    };
    Message::builder().role(role).content(ContentBlock::Text(message.text.clone())).build()
}

fn inference(parameters: &Parameters) -> InferenceConfiguration {
    let stop = (!parameters.stop.is_empty()).then(|| parameters.stop.clone());
    InferenceConfiguration::builder()
        .max_tokens(i32::try_from(parameters.max_tokens).unwrap_or(i32::MAX))
        .set_temperature(parameters.temperature.map(|value| value as f32))
        .set_top_p(parameters.top_p.map(|value| value as f32))
        .set_stop_sequences(stop)
        .build()
}

fn tools(request: &Request) -> Result<Option<ToolConfiguration>, BuildError> {
    if request.tools.is_empty() {
        return Ok(None);
    }
    let choice = match &request.tool_choice {
        None => None,
        Some(model::ToolChoice::Auto) => Some(ToolChoice::Auto(AutoToolChoice::builder().build())),
        Some(model::ToolChoice::Any) => Some(ToolChoice::Any(AnyToolChoice::builder().build())),
        Some(model::ToolChoice::Tool(name) | model::ToolChoice::Object(name)) => {
            Some(ToolChoice::Tool(SpecificToolChoice::builder().name(name).build()?))
        }
    };
    let tools = request.tools.iter().map(tool).collect::<Result<Vec<_>, _>>()?;
    ToolConfiguration::builder().set_tools(Some(tools)).set_tool_choice(choice).build().map(Some)
}

fn tool(tool: &model::Tool) -> Result<Tool, BuildError> {
    let specification = ToolSpecification::builder()
        .name(&tool.name)
        .set_description(tool.description.clone())
        .input_schema(ToolInputSchema::Json(from_json(&tool.input_schema)))
        .build()?;
    Ok(Tool::ToolSpec(specification))
}

/// What the SDK's types cannot represent exactly: the order of keys (a schema that asks for the
/// reason before the score means it) and `f64`. Put back into the body before it is signed, so that
/// equal requests are equal on the wire, which prompt caching needs too.
struct Exact {
    parts: Vec<(String, Value)>,
}

impl Exact {
    fn of(request: &Request, metadata: Option<&BTreeMap<String, String>>) -> Self {
        let parameters = &request.parameters;
        let schemas = request.tools.iter().enumerate().map(|(index, tool)| {
            (format!("/toolConfig/tools/{index}/toolSpec/inputSchema/json"), tool.input_schema.clone())
        });
        let numbers = [("temperature", parameters.temperature), ("topP", parameters.top_p)]
            .into_iter()
            .filter_map(|(name, number)| Some((format!("/inferenceConfig/{name}"), Value::from(number?))));
        let extra = parameters.extra.clone().map(|extra| ("/additionalModelRequestFields".to_owned(), extra));
        let metadata = metadata.and_then(|metadata| serde_json::to_value(metadata).ok());
        let metadata = metadata.map(|metadata| ("/requestMetadata".to_owned(), metadata));
        Self { parts: schemas.chain(numbers).chain(extra).chain(metadata).collect() }
    }

    fn restore(&self, http: &mut HttpRequest) {
        if self.parts.is_empty() {
            return;
        }
        let Some(Ok(mut body)) = http.body().bytes().map(serde_json::from_slice::<Value>) else { return };
        for (place, value) in &self.parts {
            if let Some(target) = body.pointer_mut(place) {
                target.clone_from(value);
            }
        }
        let text = body.to_string();
        http.headers_mut().insert("content-length", text.len().to_string());
        *http.body_mut() = SdkBody::from(text);
    }
}
