//! The tools a prompt offers, and whether one must be called.

use crate::document::{Datum, Fields, Node, Shape};
use crate::model::{Tool, ToolChoice};
use crate::problem::Problems;

const TOOL: Shape = Shape { name: "a tool", keys: &["name", "description", "input_schema"] };
const CHOICE: Shape = Shape { name: "`tool_choice`", keys: &["tool"] };

/// Reads `tools`.
pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Tool> {
    if !fields.has("tools") {
        return Vec::new();
    }
    let mut tools: Vec<Tool> = Vec::new();
    for node in fields.list("tools", problems).unwrap_or_default() {
        let Some(tool) = tool(fields, node, problems) else { continue };
        if tools.iter().any(|other| other.name == tool.name) {
            problems.push(fields.source.error(node.mark, format!("two tools are named `{}`", tool.name)));
        } else {
            tools.push(tool);
        }
    }
    tools
}

fn tool(owner: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<Tool> {
    let fields = Fields::read(owner.source, node, &TOOL, problems)?;
    for key in ["name", "input_schema"].into_iter().filter(|key| !fields.has(key)) {
        problems.push(owner.source.error(node.mark, format!("a tool needs `{key}`")));
    }
    let name = fields.text("name", problems);
    let schema = fields.map("input_schema", problems).and_then(|_| fields.node("input_schema"));
    let description = fields.text("description", problems).map(str::to_owned);
    let name = name?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        let problem = fields.error("name", format!("the tool name `{name}` is not allowed"));
        problems.push(problem.help("use letters, digits, `_` and `-`, at most 64"));
        return None;
    }
    Some(Tool { name: name.to_owned(), description, input_schema: schema?.to_value() })
}

/// Reads `tool_choice`: `auto`, `any` or `{tool: name}`.
pub(super) fn choice(fields: &Fields<'_>, tools: &[Tool], problems: &mut Problems) -> Option<ToolChoice> {
    let node = fields.node("tool_choice")?;
    if !fields.has("tools") {
        problems.push(fields.error("tool_choice", "`tool_choice` without `tools`").help("add `tools`"));
        return None;
    }
    if !matches!(node.datum, Datum::Map(_)) {
        return match fields.choice("tool_choice", &[("auto", false), ("any", true)], problems)? {
            true => Some(ToolChoice::Any),
            false => Some(ToolChoice::Auto),
        };
    }
    let inner = Fields::read(fields.source, node, &CHOICE, problems)?;
    let name = inner.text("tool", problems)?;
    if tools.iter().any(|tool| tool.name == name) {
        return Some(ToolChoice::Tool(name.to_owned()));
    }
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let problem = inner.error("tool", format!("there is no tool `{name}`"));
    problems.push(match crate::problem::nearest(name, &names) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("name one of `tools`"),
    });
    None
}
