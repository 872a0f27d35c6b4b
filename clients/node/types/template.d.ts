/**
 * Rendering as the evaluation renders, held against `clients/contract/rendering.json`: `jinja` by the
 * engine itself (`engine.js`), `python`, `braces` and `none` here.
 */
/** @type {readonly string[]} */
export declare const LANGUAGES: readonly string[];
export type Piece = string | {
    name: string;
    keys: string[];
};
/** @typedef {string | { name: string, keys: string[] }} Piece */
/**
 * The language a plain text is written in: nothing beside it says so.
 *
 * @param {string} text
 * @returns {"jinja" | "python" | "none"}
 */
export declare function language(text: string): "jinja" | "python" | "none";
/**
 * Whether Jinja has anything to do in it.
 *
 * @param {string} text
 */
export declare function hasTags(text: string): boolean;
/**
 * A Jinja text without tags, as the engine renders it: without its last line break.
 *
 * @param {string} text
 */
export declare function withoutLastBreak(text: string): string;
/**
 * The variables as JSON: what a golden set has, and nothing else.
 *
 * @param {Record<string, unknown>} variables
 */
export declare function toJson(variables: Record<string, unknown>): string;
/**
 * Splits a template of Python's `str.format` with plain names.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export declare function pieces(text: string): Piece[];
/**
 * @param {Piece[]} compiled
 * @param {Record<string, unknown>} variables JSON values
 */
export declare function formatted(compiled: Piece[], variables: Record<string, unknown>): string;
/**
 * The `braces` language: `{name}` of a variable that is given is filled in, every other brace stays.
 *
 * @param {string} text
 * @param {Record<string, unknown>} variables JSON values
 */
export declare function filled(text: string, variables: Record<string, unknown>): string;
