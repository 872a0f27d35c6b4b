import { PromptError } from "../errors.js";
export type Key = import("./source.js").Key;
export type Found = import("./source.js").Found;
export type Parameter = import("@aws-sdk/client-ssm").Parameter;
/**
 * SSM Parameter Store, with S3 behind its pointers, by the pattern of the release's environment:
 * `new Ssm("/prod/llm/{name}")`. A name that begins with `/`, or an ARN, is a parameter's own.
 */
export declare class Ssm {
    #private;
    kind: string;
    batch: number;
    /**
     * `label`: the one that the release moves; null: the newest version. `extension`: whether to ask the
     * Parameters and Secrets extension first; by default inside Lambda. `seconds`: for one call.
     *
     * @param {string} [pattern]
     * @param {object} [options]
     * @param {string | null} [options.label]
     * @param {import("@aws-sdk/client-ssm").SSMClient} [options.client]
     * @param {import("@aws-sdk/client-s3").S3Client} [options.s3]
     * @param {boolean} [options.extension]
     * @param {number} [options.seconds]
     */
    constructor(pattern?: string, { label, client, s3, extension, seconds }?: {
        label?: string | null;
        client?: import("@aws-sdk/client-ssm").SSMClient;
        s3?: import("@aws-sdk/client-s3").S3Client;
        extension?: boolean;
        seconds?: number;
    });
    /** See `Source`: the extension keeps what it read for up to five minutes. */
    get lag(): number;
    /**
     * See `Source`.
     *
     * @param {Key[]} keys
     */
    read(keys: Key[]): Promise<(import("./source.js").Found | PromptError)[]>;
}
