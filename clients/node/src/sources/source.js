/** Where prompts come from. */

/**
 * What is asked for: a prompt as it is live, or one version, or one label of it.
 *
 * @typedef {{ name: string, version?: number | undefined, label?: string | undefined }} Key
 */

/**
 * A content, and its version where the store says so.
 *
 * @typedef {{ content: string, version: number | null }} Found
 */

/**
 * A store of prompts.
 *
 * @typedef {object} Source
 * @property {string} kind For `Prompt.source`.
 * @property {number} batch How many prompts one read may ask for.
 * @property {number} lag How many seconds old its answers may be: it keeps a cache of its own.
 * @property {(keys: Key[], seconds: number) => Promise<(Found | import("../errors.js").PromptError)[]>} read
 *   Reads; an answer or an error for every key, in their order, within so many seconds.
 */

/** @param {Key} key */
export function shown({ name, version, label }) {
  const which = version ?? label;
  return which === undefined ? name : `${name}:${which}`;
}
