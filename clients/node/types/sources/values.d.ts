import { PromptError } from "../errors.js";
export type Key = import("./source.js").Key;
/** @typedef {import("./source.js").Key} Key */
/** Values at hand, by name: a fallback in the program itself, or a test. */
export declare class Values {
    #private;
    kind: string;
    batch: number;
    lag: number;
    /** @param {Record<string, string>} values */
    constructor(values: Record<string, string>);
    /**
     * See `Source`.
     *
     * @param {Key[]} keys
     */
    read(keys: Key[]): Promise<(PromptError | {
        content: string;
        version: null;
    })[]>;
}
