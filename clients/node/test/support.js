/** A clock that stands still, and a store whose faults are chosen. */

import { readFileSync } from "node:fs";
import { Clock, NotFound, Unavailable } from "../src/index.js";

/** @param {string} file @returns {any[]} */
export function cases(file) {
  return JSON.parse(readFileSync(new URL(`../../contract/${file}`, import.meta.url), "utf8")).cases;
}

/** Moves only when told to. */
export class FakeClock extends Clock {
  time = 1000;
  /** Whether what is not done by now will not come: then all the time passes. */
  hangs = false;
  #chance;

  constructor(chance = 1) {
    super();
    this.#chance = chance;
  }

  now() {
    return this.time;
  }

  chance() {
    return this.#chance;
  }

  /**
   * @param {Promise<void>} done
   * @param {number} seconds
   */
  async wait(done, seconds) {
    if (this.hangs) {
      this.time += Math.max(0, seconds);
      return false;
    }
    await done;
    return true;
  }
}

/** Lets everything that is ready go on. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A source in memory. */
export class Store {
  kind = "memory";
  lag = 0;
  /** @type {string[][]} */
  calls = [];
  /** @type {"throttled" | Error | undefined} */
  fault;
  /** @type {(() => void)[]} */
  held = [];
  hold = false;
  /** @type {Map<string, string[]>} */
  versions;

  /** @param {Record<string, string>} contents */
  constructor(contents = { p: "one" }, batch = 10) {
    this.batch = batch;
    this.versions = new Map(Object.entries(contents).map(([name, content]) => [name, [content]]));
  }

  /** @param {string} name @param {string} content */
  release(name, content) {
    this.versions.set(name, [...(this.versions.get(name) ?? []), content]);
  }

  /** Lets go what was held. */
  async letGo() {
    this.hold = false;
    for (const go of this.held.splice(0)) go();
    await settled();
  }

  /** @param {import("../src/index.js").Key[]} keys */
  async read(keys) {
    this.calls.push(keys.map(({ name }) => name));
    if (this.hold) await new Promise((resolve) => this.held.push(() => resolve(undefined)));
    if (this.fault instanceof Error) throw this.fault;
    return keys.map((key) => this.answer(key));
  }

  /**
   * @param {import("../src/index.js").Key} key
   * @returns {import("../src/index.js").Found | import("../src/index.js").PromptError}
   */
  answer({ name, version }) {
    if (this.fault === "throttled") return new Unavailable("ThrottlingException: Rate exceeded");
    const versions = this.versions.get(name) ?? [];
    const at = version ?? versions.length;
    const content = versions[at - 1];
    return content === undefined ? new NotFound(`${name} does not exist`) : { content, version: at };
  }
}
