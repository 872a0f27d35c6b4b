/** What a stored value says: `docs/stored-values.md`, held against `clients/contract/values.json`. */

import { createHash } from "node:crypto";
import { Damaged } from "./errors.js";
import { LANGUAGES, language } from "./template.js";

const ENVELOPE_MARK = '{"v":';
const PACKAGE_MARK = '{"prompt":';
const MANAGED =
  "the prompt is in Bedrock Prompt Management: pass the `arn` of the value to Converse as the model";
const NEWER = "a newer prompt-assay wrote it, update prompt-assay-client";
/** Which key holds the text, by the version of the envelope or of the package. */
const CONTENT_KEYS = new Map([
  [1, "text"],
  [2, "content"],
]);
const ROLES = ["system", "user", "assistant"];

/**
 * @typedef {"system" | "user" | "assistant"} Role
 * @typedef {{ role: Role, content: string }} Message
 * @typedef {"jinja" | "python" | "braces" | "none"} Language
 * @typedef {{ max_tokens?: number, temperature?: number, top_p?: number, stop?: string[], extra?: Record<string, unknown>, response_format?: { name?: string, description?: string, schema: Record<string, unknown> }, guardrail?: { id: string, version: string }, performance?: "standard" | "optimized" }} Parameters
 * @typedef {{ name: string, description?: string, input_schema: Record<string, unknown> }} Tool
 * @typedef {"auto" | "any" | { tool: string }} ToolChoice
 */

/**
 * A prompt's content, read.
 *
 * @typedef {object} Content
 * @property {string} fingerprint
 * @property {Language} template
 * @property {Message[]} messages
 * @property {string | null} model
 * @property {Parameters} parameters
 * @property {Tool[]} tools
 * @property {ToolChoice | null} toolChoice
 */

/**
 * The name a content has in records and in `history`.
 *
 * @param {string | Uint8Array} text
 */
export function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}

/** Where in S3 a content lies. */
export class Pointer {
  /**
   * @param {string} bucket
   * @param {string} key
   * @param {string | null} versionId
   * @param {string} digest
   * @param {number} size
   */
  constructor(bucket, key, versionId, digest, size) {
    this.bucket = bucket;
    this.key = key;
    this.versionId = versionId;
    this.sha256 = digest;
    this.size = size;
  }

  toString() {
    return `s3://${this.bucket}/${this.key}`;
  }

  /**
   * The content, if these bytes are the ones that were released.
   *
   * @param {Uint8Array} found
   */
  check(found) {
    if (found.length !== this.size) {
      throw new Damaged(`${this} has ${found.length} bytes where ${this.size} were released: it was altered`);
    }
    if (sha256(found) !== this.sha256) {
      throw new Damaged(`${this} does not have the SHA-256 that was released: it was altered`);
    }
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(found);
  }
}

/**
 * The content that a parameter's value holds, or where it is.
 *
 * @param {string} value
 * @returns {string | Pointer}
 */
export function openValue(value) {
  if (!value.startsWith(ENVELOPE_MARK)) return value;
  const envelope = object(value, "the envelope");
  const { v, kind } = envelope;
  const key = CONTENT_KEYS.get(/** @type {number} */ (v));
  if (kind === "text" && key !== undefined) {
    const content = envelope[key];
    if (typeof content !== "string") throw new Damaged(`the envelope has no \`${key}\``);
    if (sha256(content) !== envelope.sha256) {
      throw new Damaged("the envelope's text does not have the SHA-256 stated beside it: it was edited");
    }
    return content;
  }
  if (kind === "s3" && v === 1) return pointer(envelope);
  if (kind === "prompt" && v === 1) throw new Damaged(MANAGED);
  throw new Damaged(`an envelope of version ${v} and kind ${kind}: ${NEWER}`);
}

/**
 * What a content says: a plain text, or messages with model and parameters.
 *
 * @param {string} content
 * @returns {Content}
 */
export function readContent(content) {
  const fingerprint = sha256(content);
  if (!content.startsWith(PACKAGE_MARK)) {
    const messages = [{ role: /** @type {Role} */ ("system"), content }];
    const template = language(content);
    return { fingerprint, template, messages, model: null, parameters: {}, tools: [], toolChoice: null };
  }
  const found = object(content, "the prompt");
  const key = CONTENT_KEYS.get(/** @type {number} */ (found.prompt));
  if (key === undefined) throw new Damaged(`a prompt of version ${found.prompt}: ${NEWER}`);
  const template = /** @type {Language} */ (found.template);
  if (!LANGUAGES.includes(template)) {
    throw new Damaged(`the template language ${JSON.stringify(template)} is not known: ${NEWER}`);
  }
  return {
    fingerprint,
    template,
    messages: messages(found.messages, key),
    model: /** @type {string | null} */ (found.model ?? null),
    parameters: /** @type {Parameters} */ (found.parameters ?? {}),
    tools: /** @type {Tool[]} */ (found.tools ?? []),
    toolChoice: /** @type {ToolChoice | null} */ (found.tool_choice ?? null),
  };
}

/**
 * @param {Record<string, unknown>} envelope
 * @returns {Pointer}
 */
function pointer({ uri, versionId, sha256: digest, bytes }) {
  const place = typeof uri === "string" ? /^s3:\/\/([^/]+)\/(.+)$/su.exec(uri) : null;
  if (!place?.[1] || !place[2] || typeof digest !== "string" || typeof bytes !== "number") {
    throw new Damaged(`the pointer ${JSON.stringify(uri)} is no s3:// address with \`sha256\` and \`bytes\``);
  }
  return new Pointer(place[1], place[2], typeof versionId === "string" ? versionId : null, digest, bytes);
}

/**
 * @param {unknown} found
 * @param {string} key
 * @returns {Message[]}
 */
function messages(found, key) {
  const items = Array.isArray(found) ? found : [];
  if (items.length === 0) throw new Damaged("it has no messages");
  return items.map((item) => {
    const { role, [key]: content } = item ?? {};
    if (!ROLES.includes(role) || typeof content !== "string") {
      throw new Damaged(`its messages are not of the form {role, ${key}}`);
    }
    return { role, content };
  });
}

/**
 * @param {string} text
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
function object(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Damaged(`${what} is no JSON: ${/** @type {Error} */ (error).message}`);
  }
}
