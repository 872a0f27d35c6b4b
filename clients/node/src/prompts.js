/** The prompts in memory: fresh, refreshed by one read for all who wait, and kept when the store is away. */

import { Clock } from "./clock.js";
import { load } from "./engine.js";
import { AccessDenied, again, NotFound, PromptError, Unavailable } from "./errors.js";
import { needsEngine, Prompt } from "./prompt.js";
import { shown } from "./sources/source.js";
import { readContent } from "./stored.js";

/**
 * @typedef {import("./sources/source.js").Key} Key
 * @typedef {import("./sources/source.js").Found} Found
 * @typedef {import("./sources/source.js").Source} Source
 */

/**
 * Something that happened, for metrics: never one per hit.
 *
 * @typedef {object} Event
 * @property {"read" | "changed" | "failed" | "stale" | "fallback"} kind
 *   A read (names, seconds), a new content, a failure, or a copy that was served although it is stale.
 * @property {string[]} names
 * @property {number} [seconds]
 * @property {PromptError} [error]
 * @property {Prompt} [prompt]
 */

/** What a source's own cache leaves of the time to live is at least this many seconds. */
const SHORTEST_TTL = 15;
/** The longest wait, in seconds, before a failed read is tried again. */
const LONGEST_RETRY = 30;

/** One read that is under way; all who want it wait for `done`. */
class Flight {
  isDone = false;

  /**
   * @param {Entry[]} entries
   * @param {number} started
   */
  constructor(entries, started) {
    this.entries = entries;
    this.started = started;
    /** @type {() => void} */
    this.land = () => {};
    /** @type {Promise<void>} */
    this.done = new Promise((resolve) => {
      this.land = () => {
        this.isDone = true;
        resolve();
      };
    });
  }
}

/** What is known of one key. */
class Entry {
  /** @type {Prompt | undefined} */
  prompt;
  /** What `get` gives for it. @type {Promise<Prompt> | undefined} */
  promise;
  fetchedAt = Number.NEGATIVE_INFINITY;
  /** From when on it is refreshed beside the caller. */
  due = Number.NEGATIVE_INFINITY;
  /** From when on the caller waits for it. */
  must = Number.NEGATIVE_INFINITY;
  /** From when on it is not served any more. */
  expires = Number.NEGATIVE_INFINITY;
  /** @type {Flight | undefined} */
  flight;
  /** @type {PromptError | undefined} */
  failure;
  failures = 0;
  retryAt = Number.NEGATIVE_INFINITY;

  /** @param {Key} key */
  constructor(key) {
    this.key = key;
  }
}

/**
 * Prompts from a source, kept in memory. Make one per process and share it.
 *
 * A copy is refreshed at a random moment from `ttl` to `ttl * (1 + jitter / 2)` seconds, and is served
 * without a successful look at the store for at most `ttl * (1 + jitter)`; beyond that only while the
 * store fails, for at most `maxStale`, and it says so: `prompt.stale`. All times are seconds.
 */
export class Prompts {
  /** @type {Source} */
  #source;
  /** @type {Source | undefined} */
  #fallback;
  #ttl;
  #jitter;
  #timeout;
  #maxStale;
  #negativeTtl;
  #background;
  #onEvent;
  /** @type {Clock} */
  #clock;
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /**
   * - `jitter`: a share of `ttl`.
   * - `timeout`: for which a `get` waits for the store at most.
   * - `maxStale`: a copy older than that is not served.
   * - `negativeTtl`: for which "not found" and "access denied" are remembered.
   * - `fallback`: served when the store does not answer and there is no copy yet.
   * - `background`: refresh beside the caller; by default everywhere but in Lambda, which stops between
   *   invocations.
   * - `onEvent`: called with every `Event`; must be quick.
   *
   * @param {Source} source
   * @param {object} [options]
   * @param {number} [options.ttl]
   * @param {number} [options.jitter]
   * @param {number} [options.timeout]
   * @param {number} [options.maxStale]
   * @param {number} [options.negativeTtl]
   * @param {Source} [options.fallback]
   * @param {boolean} [options.background]
   * @param {(event: Event) => void} [options.onEvent]
   * @param {Clock} [options.clock]
   */
  constructor(source, options = {}) {
    const { ttl = 300, jitter = 0.2, timeout = 3, maxStale = 86_400, negativeTtl = 10 } = options;
    if (!(ttl > 0 && timeout > 0 && jitter >= 0 && jitter <= 1)) {
      throw new RangeError("`ttl` and `timeout` must be above 0, and `jitter` from 0 to 1");
    }
    this.#source = source;
    this.#fallback = options.fallback;
    this.#ttl = ttl;
    this.#jitter = jitter;
    this.#timeout = timeout;
    this.#maxStale = maxStale;
    this.#negativeTtl = negativeTtl;
    this.#background = options.background ?? process.env.AWS_LAMBDA_FUNCTION_NAME === undefined;
    this.#onEvent = options.onEvent;
    this.#clock = options.clock ?? new Clock();
  }

  /**
   * The prompt, from memory; waits for the store only if there is no copy that may be served. A `version`
   * never changes and is read once. Rejects with a `PromptError`.
   *
   * @param {string} name
   * @param {{ version?: number, label?: string }} [which]
   * @returns {Promise<Prompt>}
   */
  get(name, which) {
    const entry = this.#entries.get(which === undefined ? name : idOf({ name, ...which }));
    if (entry?.promise !== undefined && this.#clock.now() < entry.due) return entry.promise;
    return this.#look({ name, version: which?.version, label: which?.label });
  }

  /**
   * Reads these prompts, ten to a call. Rejects with the first error, after all were tried.
   *
   * @param {Iterable<string>} names
   */
  async prefetch(names) {
    const wanted = [...names];
    const now = this.#clock.now();
    const entries = wanted.map((name) => this.#entry({ name })).filter((entry) => this.#wants(entry, now));
    const { batch } = this.#source;
    for (let at = 0; at < entries.length; at += batch) this.#start(entries.slice(at, at + batch), now);
    const results = await Promise.allSettled(wanted.map((name) => this.get(name)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  // --- looking --------------------------------------------------------------------------------------

  /** @param {Key} key */
  #entry(key) {
    const id = idOf(key);
    const entry = this.#entries.get(id) ?? new Entry(key);
    this.#entries.set(id, entry);
    return entry;
  }

  /**
   * @param {Entry} entry
   * @param {number} now
   */
  #wants(entry, now) {
    return entry.flight === undefined && now >= entry.due && now >= entry.retryAt;
  }

  /**
   * @param {Key} key
   * @returns {Promise<Prompt>}
   */
  async #look(key) {
    const entry = this.#entry(key);
    const now = this.#clock.now();
    if (entry.flight && now >= entry.flight.started + this.#timeout) {
      // Nobody waited for it to the end; a late answer is welcome all the same.
      await this.#failed(entry, this.#tooSlow(entry));
    }
    if (this.#wants(entry, now)) this.#start(this.#together(entry, now), now);
    const { flight } = entry;
    // While the store fails, only Lambda waits for another try: beside the caller it gets no time.
    const isHopeful = entry.failures === 0 || !this.#background;
    if (flight && (entry.prompt === undefined || (now >= entry.must && isHopeful))) {
      const isDone = await this.#clock.wait(flight.done, flight.started + this.#timeout - now);
      if (!isDone) await this.#giveUp(flight);
    }
    return this.#served(entry);
  }

  /** The time to live of what is read now: what the source's own cache leaves of it. */
  #lives() {
    return Math.max(this.#ttl - this.#source.lag, Math.min(this.#ttl, SHORTEST_TTL));
  }

  /**
   * The entry, and others that a read may take along because they are due soon.
   *
   * @param {Entry} entry
   * @param {number} now
   */
  #together(entry, now) {
    const soon = now + this.#lives() * this.#jitter;
    const taken = [entry];
    for (const other of this.#entries.values()) {
      if (taken.length >= this.#source.batch) break;
      const isSoon = other.prompt !== undefined && other.due < soon && other.flight === undefined;
      if (isSoon && now >= other.retryAt && other !== entry && other.key.version === undefined)
        taken.push(other);
    }
    return taken;
  }

  /** @param {Flight} flight */
  async #giveUp(flight) {
    const late = flight.entries.filter((entry) => entry.flight === flight);
    for (const entry of late) {
      const error = this.#tooSlow(entry);
      await this.#failed(entry, error);
      this.#tell({ kind: "failed", names: [shown(entry.key)], seconds: this.#timeout, error });
    }
  }

  /** @param {Entry} entry */
  #tooSlow({ key }) {
    return new Unavailable(
      `${shown(key)}: the ${this.#source.kind} source did not answer within ${this.#timeout} s`,
    );
  }

  /**
   * The copy there is, or why there is none.
   *
   * @param {Entry} entry
   */
  #served({ key, prompt, failure, expires }) {
    if (prompt !== undefined && this.#clock.now() < expires) {
      if (prompt.stale) {
        const kind = prompt.source === "fallback" ? "fallback" : "stale";
        this.#tell({
          kind,
          names: [shown(key)],
          seconds: prompt.age,
          prompt,
          ...(failure && { error: failure }),
        });
      }
      return prompt;
    }
    if (failure !== undefined) throw again(failure);
    throw new Unavailable(`${shown(key)}: the copy is too old to be served, and no newer one could be read`);
  }

  // --- reading --------------------------------------------------------------------------------------

  /**
   * @param {Entry[]} entries
   * @param {number} now
   */
  #start(entries, now) {
    const flight = new Flight(entries, now);
    for (const entry of entries) entry.flight = flight;
    void this.#fly(flight);
  }

  /** @param {Flight} flight */
  async #fly(flight) {
    const keys = flight.entries.map(({ key }) => key);
    /** @type {(Found | PromptError)[]} */
    let answers;
    try {
      answers = await this.#source.read(keys, this.#timeout);
    } catch (error) {
      const failure = new Unavailable(`the ${this.#source.kind} source failed: ${error}`);
      answers = keys.map(() => failure);
    }
    const seconds = Math.max(0, this.#clock.now() - flight.started);
    this.#tell({ kind: "read", names: keys.map(shown), seconds });
    const chance = this.#clock.chance();
    for (const [index, entry] of flight.entries.entries()) {
      const answer = answers[index] ?? new Unavailable(`${shown(entry.key)}: no answer`);
      await this.#settle(entry, flight, answer, chance);
    }
    flight.land();
  }

  /**
   * @param {Entry} entry
   * @param {Flight} flight
   * @param {Found | PromptError} answer
   * @param {number} chance
   */
  async #settle(entry, flight, answer, chance) {
    const read = answer instanceof PromptError ? answer : await opened(answer.content, shown(entry.key));
    if (answer instanceof PromptError || read instanceof PromptError) {
      const error = /** @type {PromptError} */ (read);
      // One that nobody waits for any more has failed before.
      if (entry.flight === flight) await this.#failed(entry, error);
      this.#tell({ kind: "failed", names: [shown(entry.key)], error });
      return;
    }
    if (flight.started < entry.fetchedAt) return;
    const ttl = this.#lives();
    const before = entry.prompt;
    entry.fetchedAt = flight.started;
    entry.must = flight.started + ttl * (1 + this.#jitter);
    entry.due = flight.started + ttl * (1 + (this.#jitter / 2) * chance);
    entry.expires = flight.started + this.#maxStale;
    if (entry.key.version !== undefined) {
      entry.due = entry.must = entry.expires = Number.POSITIVE_INFINITY;
    }
    const times = { clock: this.#clock, fetchedAt: flight.started, staleAt: entry.must };
    const origin = { version: answer.version, source: this.#source.kind };
    const prompt = new Prompt(entry.key.name, read, origin, times);
    entry.prompt = prompt;
    entry.promise = Promise.resolve(prompt);
    if (!this.#background) entry.must = entry.due;
    if (entry.flight === flight) entry.flight = undefined;
    entry.failure = undefined;
    entry.failures = 0;
    entry.retryAt = Number.NEGATIVE_INFINITY;
    if (before?.fingerprint !== prompt.fingerprint) {
      this.#tell({ kind: "changed", names: [shown(entry.key)], prompt });
    }
  }

  /**
   * @param {Entry} entry
   * @param {PromptError} error
   */
  async #failed(entry, error) {
    entry.flight = undefined;
    entry.failure = error;
    entry.failures += 1;
    const isSettled = error instanceof NotFound || error instanceof AccessDenied;
    const wait = isSettled
      ? this.#negativeTtl
      : Math.min(LONGEST_RETRY, 2 ** Math.min(entry.failures - 1, 10));
    entry.retryAt = this.#clock.now() + wait * (1 + this.#jitter * this.#clock.chance());
    const { name, version, label } = entry.key;
    const isLive = version === undefined && label === undefined;
    if (entry.prompt !== undefined || isSettled || !isLive || this.#fallback === undefined) return;
    const [answer] = await this.#fallback.read([entry.key], this.#timeout);
    const read = answer && !(answer instanceof PromptError) ? await opened(answer.content, name) : answer;
    if (read === undefined || read instanceof PromptError || entry.prompt !== undefined) return;
    const times = { clock: this.#clock, fetchedAt: this.#clock.now(), staleAt: Number.NEGATIVE_INFINITY };
    const origin = { version: /** @type {Found} */ (answer).version, source: "fallback" };
    // Served while the store fails.
    entry.prompt = new Prompt(name, /** @type {import("./stored.js").Content} */ (read), origin, times);
    entry.expires = Number.POSITIVE_INFINITY;
  }

  /** @param {Event} event */
  #tell(event) {
    try {
      this.#onEvent?.(event);
    } catch (error) {
      process.emitWarning(`onEvent failed: ${error}`, "PromptAssayClientWarning");
    }
  }
}

/** @param {{ name: string, version?: number | undefined, label?: string | undefined }} key */
function idOf({ name, version, label }) {
  return version === undefined && label === undefined ? name : JSON.stringify([name, version, label]);
}

/**
 * A content, read, with the engine ready for it.
 *
 * @param {string} content
 * @param {string} name
 */
async function opened(content, name) {
  try {
    const read = readContent(content);
    if (needsEngine(read)) await load();
    return read;
  } catch (error) {
    return error instanceof PromptError
      ? again(error, `the prompt ${name}: `)
      : new Unavailable(`the prompt ${name}: ${error}`);
  }
}
