/**
 * Reads the prompts that prompt-assay releases: from memory, with SSM or AppConfig behind it.
 *
 * @example
 * const prompts = new Prompts(new Ssm("/prod/llm/{name}"));
 * const request = (await prompts.get("support")).render({ name: "Ada" }).converse("Where is my order?");
 */

export { Clock } from "./clock.js";
export { AccessDenied, Damaged, NotFound, PromptError, RenderError, Unavailable } from "./errors.js";
export { Prompt, Rendered } from "./prompt.js";
export { Prompts } from "./prompts.js";
export { AppConfig } from "./sources/appconfig.js";
export { Directory } from "./sources/directory.js";
export { Ssm } from "./sources/ssm.js";
export { Values } from "./sources/values.js";

/**
 * @typedef {import("./prompts.js").Event} Event
 * @typedef {import("./prompt.js").ConverseRequest} ConverseRequest
 * @typedef {import("./sources/source.js").Found} Found
 * @typedef {import("./sources/source.js").Key} Key
 * @typedef {import("./sources/source.js").Source} Source
 * @typedef {import("./stored.js").Message} Message
 * @typedef {import("./stored.js").Parameters} Parameters
 * @typedef {import("./stored.js").Tool} Tool
 * @typedef {import("./stored.js").ToolChoice} ToolChoice
 */
