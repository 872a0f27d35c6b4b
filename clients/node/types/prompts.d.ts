/** The prompts in memory: fresh, refreshed by one read for all who wait, and kept when the store is away. */
import { Clock } from "./clock.js";
import { PromptError } from "./errors.js";
import { Prompt } from "./prompt.js";
export type Key = import("./sources/source.js").Key;
export type Found = import("./sources/source.js").Found;
export type Source = import("./sources/source.js").Source;
export type Event = {
    /**
     *   A read (names, seconds), a new content, a failure, or a copy that was served although it is stale.
     */
    kind: "read" | "changed" | "failed" | "stale" | "fallback";
    names: string[];
    seconds?: number;
    error?: PromptError;
    prompt?: Prompt;
};
/**
 * Prompts from a source, kept in memory. Make one per process and share it.
 *
 * A copy is refreshed at a random moment from `ttl` to `ttl * (1 + jitter / 2)` seconds, and is served
 * without a successful look at the store for at most `ttl * (1 + jitter)`; beyond that only while the
 * store fails, for at most `maxStale`, and it says so: `prompt.stale`. All times are seconds.
 */
export declare class Prompts {
    #private;
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
    constructor(source: Source, options?: {
        ttl?: number;
        jitter?: number;
        timeout?: number;
        maxStale?: number;
        negativeTtl?: number;
        fallback?: Source;
        background?: boolean;
        onEvent?: (event: Event) => void;
        clock?: Clock;
    });
    /**
     * The prompt, from memory; waits for the store only if there is no copy that may be served. A `version`
     * never changes and is read once. Rejects with a `PromptError`.
     *
     * @param {string} name
     * @param {{ version?: number, label?: string }} [which]
     * @returns {Promise<Prompt>}
     */
    get(name: string, which?: {
        version?: number;
        label?: string;
    }): Promise<Prompt>;
    /**
     * Reads these prompts, ten to a call. Rejects with the first error, after all were tried.
     *
     * @param {Iterable<string>} names
     */
    prefetch(names: Iterable<string>): Promise<void>;
}
