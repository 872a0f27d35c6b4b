import { again, NotFound, PromptError, Unavailable } from "../errors.js";
import { openValue, Pointer } from "../stored.js";
import { explained, installed, Objects, settings } from "./aws.js";
import * as http from "./http.js";

/**
 * @typedef {import("./source.js").Key} Key
 * @typedef {import("./source.js").Found} Found
 * @typedef {import("@aws-sdk/client-ssm").Parameter} Parameter
 */

const EXTENSION_PORT = 2773;
/** Seconds for which the extension keeps a parameter unless it is told otherwise. */
const EXTENSION_TTL = 300;

/**
 * SSM Parameter Store, with S3 behind its pointers, by the pattern of the release's environment:
 * `new Ssm("/prod/llm/{name}")`. A name that begins with `/`, or an ARN, is a parameter's own.
 */
export class Ssm {
  kind = "ssm";
  batch = 10;
  #pattern;
  #label;
  #seconds;
  #objects;
  #token;
  #port;
  /** @type {Promise<import("@aws-sdk/client-ssm").SSMClient> | undefined} */
  #client;

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
  constructor(pattern = "{name}", { label = "live", client, s3, extension, seconds = 2 } = {}) {
    this.#pattern = pattern;
    this.#label = label;
    this.#seconds = seconds;
    this.#client = client && Promise.resolve(client);
    this.#objects = new Objects(s3, seconds);
    const { AWS_SESSION_TOKEN, AWS_LAMBDA_FUNCTION_NAME, PARAMETERS_SECRETS_EXTENSION_HTTP_PORT } =
      process.env;
    this.#token = (extension ?? AWS_LAMBDA_FUNCTION_NAME !== undefined) ? AWS_SESSION_TOKEN : undefined;
    this.#port = Number(PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? EXTENSION_PORT);
  }

  /** See `Source`: the extension keeps what it read for up to five minutes. */
  get lag() {
    return this.#token === undefined ? 0 : Number(process.env.SSM_PARAMETER_STORE_TTL ?? EXTENSION_TTL);
  }

  /**
   * A parameter's name, and its version or label.
   *
   * @param {Key} key
   * @returns {[string, string | null]}
   */
  #parameter({ name, version, label }) {
    const isWhole = name.startsWith("/") || name.startsWith("arn:");
    const own = isWhole ? name : this.#pattern.replaceAll("{name}", () => name);
    return [own, version === undefined ? (label ?? this.#label) : String(version)];
  }

  /**
   * See `Source`.
   *
   * @param {Key[]} keys
   */
  async read(keys) {
    /** @type {Map<Key, Found | PromptError>} */
    const answers = new Map();
    if (this.#token !== undefined) {
      const asked = keys.map(async (key) => {
        const parameter = await this.#fromExtension(key);
        if (parameter) answers.set(key, await this.#found(key, parameter));
      });
      await Promise.all(asked);
    }
    let left = keys.filter((key) => !answers.has(key));
    // One call has one answer per name; other versions of a name go into the next.
    while (left.length > 0) {
      /** @type {Map<string, Key>} */
      const call = new Map();
      for (const key of left) if (!call.has(this.#parameter(key)[0])) call.set(this.#parameter(key)[0], key);
      await this.#fromSsm(call, answers);
      left = left.filter((key) => !answers.has(key));
    }
    return keys.map((key) => answers.get(key) ?? new Unavailable(`${key.name}: no answer`));
  }

  /**
   * @param {Key} key
   * @returns {Promise<Parameter | null>}
   */
  async #fromExtension(key) {
    const [name, which] = this.#parameter(key);
    const query = new URLSearchParams({ name, withDecryption: "true" });
    if (which !== null) query.set(key.version === undefined ? "label" : "version", which);
    const headers = { "X-Aws-Parameters-Secrets-Token": this.#token ?? "" };
    const reply = await http.get(
      this.#port,
      `/systemsmanager/parameters/get?${query}`,
      headers,
      this.#seconds,
    );
    try {
      return reply && JSON.parse(reply.body.toString()).Parameter;
    } catch {
      return null;
    }
  }

  /**
   * @param {Map<string, Key>} call
   * @param {Map<Key, Found | PromptError>} answers
   */
  async #fromSsm(call, answers) {
    const asked = new Map(
      [...call].map(([name, key]) => [name, this.#parameter(key).filter(Boolean).join(":")]),
    );
    const Names = [...asked.values()];
    /** @type {Parameter[]} */
    let found;
    try {
      const sdk = await installed(import("@aws-sdk/client-ssm"), "@aws-sdk/client-ssm");
      this.#client ??= Promise.resolve(new sdk.SSMClient(settings(this.#seconds)));
      const command = new sdk.GetParametersCommand({ Names, WithDecryption: true });
      const client = await this.#client;
      // Two tries, and what is between them.
      const abortSignal = AbortSignal.timeout(this.#seconds * 2500);
      found = (await client.send(command, { abortSignal })).Parameters ?? [];
    } catch (error) {
      if (call.size > 1 && isOneS(error)) {
        // One name that is denied or refused must not take the others with it.
        await Promise.all([...call].map(([name, key]) => this.#fromSsm(new Map([[name, key]]), answers)));
        return;
      }
      const what = Names.map((name) => `the parameter ${name}`).join(" and ");
      const problem = explained(error, what, "ssm:GetParameters");
      for (const key of call.values()) answers.set(key, problem);
      return;
    }
    for (const [name, key] of call) {
      const parameter = found.find(({ Name, ARN }) => Name === name || ARN === name);
      const missing = () => new NotFound(`the parameter ${asked.get(name)} does not exist: is it released?`);
      answers.set(key, parameter ? await this.#found(key, parameter) : missing());
    }
  }

  /**
   * @param {Key} key
   * @param {Parameter} parameter
   * @returns {Promise<Found | PromptError>}
   */
  async #found(key, { Value, Version }) {
    try {
      const held = openValue(Value ?? "");
      return {
        content: held instanceof Pointer ? await this.#objects.read(held) : held,
        version: Version ?? null,
      };
    } catch (error) {
      const before = `the parameter ${this.#parameter(key)[0]}: `;
      return error instanceof PromptError ? again(error, before) : new Unavailable(`${before}${error}`);
    }
  }
}

/**
 * Whether an error is about the names, and not the service's own: asking one by one would only ask it more.
 *
 * @param {unknown} thrown
 */
function isOneS(thrown) {
  const { name = "", $metadata } = /** @type {import("./aws.js").SdkError} */ (thrown);
  const status = $metadata?.httpStatusCode ?? 500;
  return status < 500 && !/Throttl|RequestLimitExceeded|TooManyRequests/.test(name);
}
