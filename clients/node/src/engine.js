/** MiniJinja itself, the version and settings of the evaluation, as WebAssembly: `engine/`. */

import { gunzipSync } from "node:zlib";
import { RenderError } from "./errors.js";

// Node has it; its types stand among the browser's, which would bring all of them.
const { Module, Instance } = /** @type {any} */ (globalThis).WebAssembly;

/**
 * @typedef {object} Exports
 * @property {{ buffer: ArrayBuffer }} memory
 * @property {(length: number) => number} reserve
 * @property {() => number} render
 * @property {() => number} reply
 */

/** @type {object | undefined} */
let module;
/** @type {Exports | undefined} */
let instance;

/** Makes the engine ready; only prompts that need it pay for it. */
export async function load() {
  if (module === undefined) {
    const { default: data } = await import("./engine.data.js");
    module = new Module(gunzipSync(Buffer.from(data, "base64")));
  }
}

/**
 * Renders texts. `id` names them: equal ids have equal texts.
 *
 * @param {string} id
 * @param {string[]} texts
 * @param {string} variables JSON
 * @returns {string[]}
 */
export function render(id, texts, variables) {
  if (module === undefined) throw new RenderError("the engine is not loaded");
  instance ??= /** @type {Exports} */ (new Instance(module).exports);
  const request = Buffer.from(
    `{"id":${JSON.stringify(id)},"texts":${JSON.stringify(texts)},"variables":${variables}}`,
  );
  try {
    const at = instance.reserve(request.length);
    new Uint8Array(instance.memory.buffer, at, request.length).set(request);
    const length = instance.render();
    const reply = JSON.parse(Buffer.from(instance.memory.buffer, instance.reply(), length).toString());
    if (reply.error !== undefined) throw new RenderError(reply.error);
    return reply.texts;
  } catch (error) {
    if (error instanceof RenderError) throw error;
    // It ran out of memory or stack; what it holds is not to be trusted.
    instance = undefined;
    throw new RenderError(`rendering failed: ${/** @type {Error} */ (error).message}`);
  }
}
