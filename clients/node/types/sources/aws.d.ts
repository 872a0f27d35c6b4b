/** What the AWS sources share: clients that give up in time, errors in words, contents in S3. */
import { PromptError } from "../errors.js";
export type Pointer = import("../stored.js").Pointer;
export type SdkError = {
    name?: string;
    message?: string;
    $metadata?: {
        httpStatusCode?: number;
    };
    $fault?: string;
};
/**
 * What is read of an error of the SDK.
 *
 * @typedef {{ name?: string, message?: string, $metadata?: { httpStatusCode?: number }, $fault?: string }} SdkError
 */
/**
 * An error of the SDK for the person who reads it.
 *
 * @param {unknown} thrown
 * @param {string} what
 * @param {string} action
 * @returns {PromptError}
 */
export declare function explained(thrown: unknown, what: string, action: string): PromptError;
/**
 * How a client of the SDK is set up: two tries, and no waiting for ever.
 *
 * @param {number} seconds
 */
export declare function settings(seconds: number): {
    maxAttempts: number;
    requestHandler: {
        connectionTimeout: number;
        requestTimeout: number;
    };
};
/**
 * A package of the SDK, which the application installs.
 *
 * @template T
 * @param {Promise<T>} loading
 * @param {string} name
 * @returns {Promise<T>}
 */
export declare function installed<T>(loading: Promise<T>, name: string): Promise<T>;
/** Contents in S3, checked, and kept: what lies under a SHA-256 is always the same. */
export declare class Objects {
    #private;
    /**
     * @param {import("@aws-sdk/client-s3").S3Client | undefined} client
     * @param {number} seconds
     */
    constructor(client: import("@aws-sdk/client-s3").S3Client | undefined, seconds: number);
    /**
     * The content that a pointer names.
     *
     * @param {Pointer} pointer
     */
    read(pointer: Pointer): Promise<string>;
}
