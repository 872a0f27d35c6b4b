import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AccessDenied, Damaged, NotFound, PromptError, Unavailable } from "../errors.js";
import { openValue, Pointer } from "../stored.js";
import { shown } from "./source.js";

/**
 * @typedef {import("./source.js").Key} Key
 * @typedef {import("./source.js").Found} Found
 */

const NAME = /^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

/**
 * A directory that `prompt-assay release` writes: for trying out, for tests, and as a packaged fallback.
 * `new Directory("released", "/try/{name}")`.
 */
export class Directory {
  kind = "directory";
  batch = 10;
  lag = 0;
  #root;
  #pattern;
  #label;

  /**
   * @param {string} root
   * @param {string} [pattern]
   * @param {{ label?: string | null }} [options] null: the newest version
   */
  constructor(root, pattern = "{name}", { label = "live" } = {}) {
    this.#root = root;
    this.#pattern = pattern;
    this.#label = label;
  }

  /**
   * See `Source`.
   *
   * @param {Key[]} keys
   */
  read(keys) {
    return Promise.all(keys.map((key) => this.#read(key).catch((error) => this.#explained(key, error))));
  }

  /**
   * @param {Key} key
   * @returns {Promise<Found | PromptError>}
   */
  async #read(key) {
    const name = key.name.startsWith("/") ? key.name : this.#pattern.replaceAll("{name}", () => key.name);
    if (!NAME.test(name) || name.split("/").some((part) => part === "." || part === "..")) {
      return new NotFound(`\`${name}\` is no parameter's name`);
    }
    const folder = join(this.#root, "parameters", name, "@");
    const label = key.label ?? this.#label;
    let version = key.version;
    if (version === undefined && label !== null) {
      version = JSON.parse(await readFile(join(folder, "labels.json"), "utf8"))[label];
      if (version === undefined) {
        return new NotFound(
          `the prompt ${name} below ${this.#root} has no version with the label \`${label}\``,
        );
      }
    }
    version ??= Math.max(
      ...(await readdir(folder)).map((file) => Number(/^([0-9]+)\.json$/.exec(file)?.[1] ?? 0)),
    );
    const { value } = JSON.parse(await readFile(join(folder, `${version}.json`), "utf8"));
    const held = openValue(value);
    return { content: held instanceof Pointer ? await this.#object(held) : held, version };
  }

  /** @param {Pointer} pointer */
  async #object(pointer) {
    if (pointer.key.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new Damaged(`${pointer} is no place below ${this.#root}`);
    }
    const found = await readFile(join(this.#root, "objects", pointer.key)).catch((error) => {
      if (error.code !== "ENOENT") throw error;
      throw new Damaged(`${pointer}, where the prompt's content lies, does not exist`);
    });
    return pointer.check(found);
  }

  /**
   * @param {Key} key
   * @param {NodeJS.ErrnoException} error
   */
  #explained(key, error) {
    if (error instanceof PromptError) return error;
    if (error.code === "ENOENT") {
      return new NotFound(`${this.#root} has no prompt ${shown(key)}: is it released there?`);
    }
    if (error.code === "EACCES") return new AccessDenied(error.message, "read");
    if (error.code !== undefined) return new Unavailable(error.message);
    return new Damaged(`the files of ${shown(key)} below ${this.#root} are damaged: ${error.message}`);
  }
}
