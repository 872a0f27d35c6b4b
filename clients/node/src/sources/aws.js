/** What the AWS sources share: clients that give up in time, errors in words, contents in S3. */

import { AccessDenied, Damaged, NotFound, PromptError, Unavailable } from "../errors.js";

/** @typedef {import("../stored.js").Pointer} Pointer */

const MISSING = ["ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException"];
const DENIED = ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "Forbidden"];
const GONE = ["NoSuchKey", "NoSuchVersion", "NoSuchBucket", "NotFound"];
/** Contents by their SHA-256 never change; this many are kept. */
const KEPT = 256;

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
export function explained(thrown, what, action) {
  if (thrown instanceof PromptError) return thrown;
  const { name = "Error", message = "" } = /** @type {SdkError} */ (thrown);
  if (MISSING.includes(name)) return new NotFound(`${what} does not exist (${name})`);
  if (DENIED.includes(name)) {
    const lacks = /perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action;
    return new AccessDenied(`${what}: the role lacks \`${lacks}\` (${name}: ${message})`, lacks);
  }
  return new Unavailable(`${what}: ${name}: ${message}`);
}

/**
 * How a client of the SDK is set up: two tries, and no waiting for ever.
 *
 * @param {number} seconds
 */
export function settings(seconds) {
  const requestHandler = { connectionTimeout: Math.min(1, seconds) * 1000, requestTimeout: seconds * 1000 };
  return { maxAttempts: 2, requestHandler };
}

/**
 * A package of the SDK, which the application installs.
 *
 * @template T
 * @param {Promise<T>} loading
 * @param {string} name
 * @returns {Promise<T>}
 */
export async function installed(loading, name) {
  try {
    return await loading;
  } catch (error) {
    throw new Unavailable(`install ${name}: ${/** @type {Error} */ (error).message}`);
  }
}

/** Contents in S3, checked, and kept: what lies under a SHA-256 is always the same. */
export class Objects {
  /** @type {Map<string, string>} */
  #kept = new Map();
  #seconds;
  /** @type {Promise<import("@aws-sdk/client-s3").S3Client> | undefined} */
  #client;

  /**
   * @param {import("@aws-sdk/client-s3").S3Client | undefined} client
   * @param {number} seconds
   */
  constructor(client, seconds) {
    this.#client = client && Promise.resolve(client);
    this.#seconds = seconds;
  }

  /**
   * The content that a pointer names.
   *
   * @param {Pointer} pointer
   */
  async read(pointer) {
    const kept = this.#kept.get(pointer.sha256);
    if (kept !== undefined) return kept;
    const content = pointer.check(await this.#fetch(pointer));
    this.#kept.set(pointer.sha256, content);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return content;
  }

  /** @param {Pointer} pointer */
  async #fetch(pointer) {
    const { bucket: Bucket, key: Key, versionId } = pointer;
    const sdk = await installed(import("@aws-sdk/client-s3"), "@aws-sdk/client-s3");
    // An endpoint of one's own (a stand-in, MinIO) seldom has a host name per bucket.
    const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
    this.#client ??= Promise.resolve(new sdk.S3Client({ ...settings(this.#seconds), forcePathStyle }));
    const client = await this.#client;
    try {
      const command = new sdk.GetObjectCommand({
        Bucket,
        Key,
        ...(versionId ? { VersionId: versionId } : {}),
      });
      const found = await client.send(command, { abortSignal: AbortSignal.timeout(this.#seconds * 1000) });
      if ((found.ContentLength ?? 0) > pointer.size) {
        throw new Damaged(
          `${pointer} has ${found.ContentLength} bytes where ${pointer.size} were released: it was altered`,
        );
      }
      return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (GONE.includes(/** @type {SdkError} */ (error).name ?? "")) {
        throw new Damaged(`${pointer}, where the prompt's content lies, does not exist`);
      }
      throw explained(error, String(pointer), versionId ? "s3:GetObjectVersion" : "s3:GetObject");
    }
  }
}
