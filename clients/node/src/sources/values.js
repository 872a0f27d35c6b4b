import { Damaged, NotFound, PromptError } from "../errors.js";
import { openValue, Pointer } from "../stored.js";

/** @typedef {import("./source.js").Key} Key */

/** Values at hand, by name: a fallback in the program itself, or a test. */
export class Values {
  kind = "values";
  batch = 10;
  lag = 0;
  /** @type {Map<string, string>} */
  #values;

  /** @param {Record<string, string>} values */
  constructor(values) {
    this.#values = new Map(Object.entries(values));
  }

  /**
   * See `Source`.
   *
   * @param {Key[]} keys
   */
  async read(keys) {
    return keys.map(({ name }) => {
      const value = this.#values.get(name);
      if (value === undefined) return new NotFound(`no value is given for the prompt \`${name}\``);
      try {
        const held = openValue(value);
        if (held instanceof Pointer) return new Damaged(`${held} cannot be read from here`);
        return { content: held, version: null };
      } catch (error) {
        if (error instanceof PromptError) return error;
        throw error;
      }
    });
  }
}
