/** What a reader gets: a prompt, and what it renders to. */

import * as engine from "./engine.js";
import { filled, formatted, hasTags, pieces, toJson, withoutLastBreak } from "./template.js";

/**
 * @typedef {import("./stored.js").Message} Message
 * @typedef {import("./stored.js").Content} Content
 * @typedef {import("./stored.js").Tool} Tool
 * @typedef {import("./clock.js").Clock} Clock
 */

/**
 * The arguments of Bedrock's `Converse`.
 *
 * @typedef {object} ConverseRequest
 * @property {string | undefined} modelId
 * @property {{ text: string }[]} [system]
 * @property {{ role: "user" | "assistant", content: { text: string }[] }[]} messages
 * @property {{ maxTokens?: number, temperature?: number, topP?: number, stopSequences?: string[] }} [inferenceConfig]
 * @property {any} [additionalModelRequestFields]
 * @property {{ guardrailIdentifier: string, guardrailVersion: string }} [guardrailConfig]
 * @property {any} [outputConfig]
 * @property {{ latency: "standard" | "optimized" }} [performanceConfig]
 * @property {{ tools: any[], toolChoice?: any }} [toolConfig]
 */

/** @param {readonly Message[]} messages */
function textOf(messages) {
  const [first] = messages;
  return messages.length === 1 && first?.role === "system" ? first.content : null;
}

/** What is to be sent, for one set of variables. */
export class Rendered {
  /**
   * @param {Message[]} messages
   * @param {Prompt} prompt
   */
  constructor(messages, { model, parameters, tools, toolChoice }) {
    this.messages = messages;
    this.model = model;
    this.parameters = parameters;
    this.tools = tools;
    this.toolChoice = toolChoice;
  }

  /** The text of a prompt that is one system text; null if it is more. */
  get text() {
    return textOf(this.messages);
  }

  /** All system texts as the evaluation sends them: one, with a blank line between; null if blank. */
  get system() {
    const texts = this.messages.filter(({ role }) => role === "system").map(({ content }) => content);
    const joined = texts.join("\n\n");
    return joined.trim() === "" ? null : joined;
  }

  /**
   * The arguments of Bedrock's `Converse`, as the evaluation sends them. `turns` are what the conversation
   * goes on with, the user's and the assistant's in turn, the user's first; `model` where the prompt names
   * none, or another is meant.
   *
   * @param {string | string[]} [turns]
   * @param {{ model?: string }} [options]
   * @returns {ConverseRequest}
   */
  converse(turns = [], { model } = {}) {
    const said = this.messages.filter(({ role }) => role !== "system");
    const more = [turns]
      .flat()
      .map((content, index) => ({ role: index % 2 ? "assistant" : "user", content }));
    /** @type {ConverseRequest} */
    const request = {
      modelId: model ?? this.model ?? undefined,
      messages: [...said, ...more].map(({ role, content }) => ({
        role: /** @type {"user" | "assistant"} */ (role),
        content: [{ text: content }],
      })),
    };
    if (this.system !== null) request.system = [{ text: this.system }];
    const { max_tokens: maxTokens, temperature, top_p: topP, stop: stopSequences, extra } = this.parameters;
    const given = Object.entries({ maxTokens, temperature, topP, stopSequences }).filter(
      ([, value]) => value !== undefined,
    );
    if (given.length > 0) request.inferenceConfig = Object.fromEntries(given);
    if (extra) request.additionalModelRequestFields = extra;
    const { guardrail, response_format: format, performance } = this.parameters;
    if (guardrail) {
      request.guardrailConfig = {
        guardrailIdentifier: guardrail.id,
        guardrailVersion: guardrail.version,
      };
    }
    if (format) {
      const jsonSchema = { ...format, schema: JSON.stringify(format.schema) };
      request.outputConfig = { textFormat: { type: "json_schema", structure: { jsonSchema } } };
    }
    if (performance) request.performanceConfig = { latency: performance };
    if (this.tools.length > 0) {
      request.toolConfig = { tools: this.tools.map(toolOf) };
      const choice = this.toolChoice;
      if (choice) {
        request.toolConfig.toolChoice =
          typeof choice === "string" ? { [choice]: {} } : { tool: { name: choice.tool } };
      }
    }
    return request;
  }
}

/** @param {Tool} tool */
function toolOf({ name, description, input_schema: json }) {
  return { toolSpec: { name, inputSchema: { json }, ...(description ? { description } : {}) } };
}

/**
 * A prompt as it was released. It does not change; `age` and `stale` say how it stands now.
 */
export class Prompt {
  /** @type {Clock} */
  #clock;
  #fetchedAt;
  #staleAt;
  /** @type {((variables: string) => string[]) | undefined} */
  #render;

  /**
   * @param {string} name
   * @param {Content} content
   * @param {{ version: number | null, source: string }} origin
   * @param {{ clock: Clock, fetchedAt: number, staleAt: number }} times
   */
  constructor(name, content, { version, source }, { clock, fetchedAt, staleAt }) {
    this.name = name;
    /** The version in the store; null where it does not say. */
    this.version = version;
    /** Where it comes from: "ssm", "appconfig", "directory", "fallback", and so on. */
    this.source = source;
    /** SHA-256 of the content, as `prompt-assay history` shows it. */
    this.fingerprint = content.fingerprint;
    /** The template language. */
    this.template = content.template;
    this.messages = content.messages;
    /** The template of a prompt that is one system text; null if it is more. */
    this.text = textOf(content.messages);
    /** The model it was evaluated with; null for a plain text. */
    this.model = content.model;
    this.parameters = content.parameters;
    this.tools = content.tools;
    this.toolChoice = content.toolChoice;
    this.#clock = clock;
    this.#fetchedAt = fetchedAt;
    this.#staleAt = staleAt;
  }

  /** Seconds since the store was asked for it. */
  get age() {
    return Math.max(0, this.#clock.now() - this.#fetchedAt);
  }

  /** Whether it is older than it should be: the store does not answer, or this is the fallback. */
  get stale() {
    return this.#clock.now() >= this.#staleAt;
  }

  /**
   * Renders all messages, exactly as the evaluation did; a missing variable is an error.
   *
   * @param {Record<string, unknown>} [variables]
   */
  render(variables = {}) {
    this.#render ??= compile(this);
    const texts = this.#render(toJson(variables));
    const messages = this.messages.map(({ role }, index) => ({ role, content: texts[index] ?? "" }));
    return new Rendered(messages, this);
  }
}

/**
 * Whether rendering needs the engine.
 *
 * @param {{ template: string, messages: readonly Message[] }} prompt
 */
export function needsEngine({ template, messages }) {
  return template === "jinja" && messages.some(({ content }) => hasTags(content));
}

/**
 * @param {Prompt} prompt
 * @returns {(variables: string) => string[]}
 */
function compile(prompt) {
  const texts = prompt.messages.map(({ content }) => content);
  if (needsEngine(prompt)) return (variables) => engine.render(prompt.fingerprint, texts, variables);
  if (prompt.template === "python") {
    const compiled = texts.map(pieces);
    return (variables) => compiled.map((one) => formatted(one, JSON.parse(variables)));
  }
  if (prompt.template === "braces") {
    return (variables) => texts.map((text) => filled(text, JSON.parse(variables)));
  }
  const constants = prompt.template === "jinja" ? texts.map(withoutLastBreak) : texts;
  return () => constants;
}
