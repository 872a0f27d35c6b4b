/** What a stored value says: `docs/stored-values.md`, held against `clients/contract/values.json`. */
export type Role = "system" | "user" | "assistant";
export type Message = {
    role: Role;
    content: string;
};
export type Language = "jinja" | "python" | "braces" | "none";
export type Parameters = {
    max_tokens?: number;
    temperature?: number;
    top_p?: number;
    stop?: string[];
    extra?: Record<string, unknown>;
    response_format?: {
        name?: string;
        description?: string;
        schema: Record<string, unknown>;
    };
    guardrail?: {
        id: string;
        version: string;
    };
    performance?: "standard" | "optimized";
};
export type Tool = {
    name: string;
    description?: string;
    input_schema: Record<string, unknown>;
};
export type ToolChoice = "auto" | "any" | {
    tool: string;
};
export type Content = {
    fingerprint: string;
    template: Language;
    messages: Message[];
    model: string | null;
    parameters: Parameters;
    tools: Tool[];
    toolChoice: ToolChoice | null;
};
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
export declare function sha256(text: string | Uint8Array): string;
/** Where in S3 a content lies. */
export declare class Pointer {
    bucket: string;
    key: string;
    versionId: string | null;
    sha256: string;
    size: number;
    /**
     * @param {string} bucket
     * @param {string} key
     * @param {string | null} versionId
     * @param {string} digest
     * @param {number} size
     */
    constructor(bucket: string, key: string, versionId: string | null, digest: string, size: number);
    toString(): string;
    /**
     * The content, if these bytes are the ones that were released.
     *
     * @param {Uint8Array} found
     */
    check(found: Uint8Array): string;
}
/**
 * The content that a parameter's value holds, or where it is.
 *
 * @param {string} value
 * @returns {string | Pointer}
 */
export declare function openValue(value: string): string | Pointer;
/**
 * What a content says: a plain text, or messages with model and parameters.
 *
 * @param {string} content
 * @returns {Content}
 */
export declare function readContent(content: string): Content;
