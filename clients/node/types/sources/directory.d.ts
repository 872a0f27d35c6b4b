import { AccessDenied, Damaged, NotFound, PromptError, Unavailable } from "../errors.js";
export type Key = import("./source.js").Key;
export type Found = import("./source.js").Found;
/**
 * A directory that `prompt-assay release` writes: for trying out, for tests, and as a packaged fallback.
 * `new Directory("released", "/try/{name}")`.
 */
export declare class Directory {
    #private;
    kind: string;
    batch: number;
    lag: number;
    /**
     * @param {string} root
     * @param {string} [pattern]
     * @param {{ label?: string | null }} [options] null: the newest version
     */
    constructor(root: string, pattern?: string, { label }?: {
        label?: string | null;
    });
    /**
     * See `Source`.
     *
     * @param {Key[]} keys
     */
    read(keys: Key[]): Promise<(AccessDenied | Damaged | import("./source.js").Found | NotFound | PromptError | Unavailable)[]>;
}
