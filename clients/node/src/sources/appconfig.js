import { NotFound } from "../errors.js";
import { explained, installed, settings } from "./aws.js";
import * as http from "./http.js";
import { shown } from "./source.js";

/**
 * @typedef {import("./source.js").Key} Key
 * @typedef {import("./source.js").Found} Found
 * @typedef {{ token: string, due: number, content: string | undefined }} Session
 */

const AGENT_PORT = 2772;
/** Seconds between two polls of the agent unless it is told otherwise. */
const AGENT_POLL = 45;

/**
 * Configuration profiles of an environment of AppConfig, through its agent if one runs beside the process,
 * else through AppConfigData: `new AppConfig("shop", "prod", { profile: "{name}" })`. What is live is what
 * is deployed; there are no versions or labels to choose from.
 */
export class AppConfig {
  kind = "appconfig";
  batch = 1;
  #place;
  #profile;
  #agent;
  #seconds;
  #port;
  #now;
  #answered = false;
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** @type {Promise<import("@aws-sdk/client-appconfigdata").AppConfigDataClient> | undefined} */
  #client;

  /**
   * `agent`: whether to ask the agent on localhost first. `seconds`: for one call.
   *
   * @param {string} application
   * @param {string} environment
   * @param {object} [options]
   * @param {string} [options.profile]
   * @param {boolean} [options.agent]
   * @param {import("@aws-sdk/client-appconfigdata").AppConfigDataClient} [options.client]
   * @param {number} [options.seconds]
   * @param {{ now(): number }} [options.clock]
   */
  constructor(
    application,
    environment,
    { profile = "{name}", agent = true, client, seconds = 2, clock } = {},
  ) {
    this.#place = [application, environment];
    this.#profile = profile;
    this.#agent = agent;
    this.#seconds = seconds;
    this.#client = client && Promise.resolve(client);
    this.#port = Number(process.env.AWS_APPCONFIG_EXTENSION_HTTP_PORT ?? AGENT_PORT);
    this.#now = clock ? () => clock.now() : () => performance.now() / 1000;
  }

  /** See `Source`: the agent polls at intervals of its own. */
  get lag() {
    const { AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS: poll } = process.env;
    return this.#answered ? Number(poll ?? AGENT_POLL) : 0;
  }

  /**
   * See `Source`.
   *
   * @param {Key[]} keys
   */
  read(keys) {
    return Promise.all(keys.map((key) => this.#read(key)));
  }

  /** @param {Key} key */
  async #read(key) {
    if (key.version !== undefined || key.label !== undefined) {
      return new NotFound(
        `${shown(key)}: AppConfig gives what is deployed, no version or label of one's choice`,
      );
    }
    const profile = this.#profile.replaceAll("{name}", () => key.name);
    try {
      const found = this.#agent ? await this.#fromAgent(profile) : null;
      this.#answered = found !== null;
      return found ?? { content: await this.#fromService(profile), version: null };
    } catch (error) {
      const what = `the configuration ${[...this.#place, profile].join("/")}`;
      return explained(error, what, "appconfig:GetLatestConfiguration");
    }
  }

  /**
   * @param {string} profile
   * @returns {Promise<Found | null>}
   */
  async #fromAgent(profile) {
    const [application, environment, configuration] = [...this.#place, profile].map(encodeURIComponent);
    const path = `/applications/${application}/environments/${environment}/configurations/${configuration}`;
    const reply = await http.get(this.#port, path, {}, this.#seconds);
    if (reply === null) return null;
    const version = String(reply.headers["configuration-version"] ?? "");
    return { content: reply.body.toString(), version: /^[0-9]+$/.test(version) ? Number(version) : null };
  }

  /** @param {string} profile */
  async #fromService(profile) {
    const sdk = await installed(import("@aws-sdk/client-appconfigdata"), "@aws-sdk/client-appconfigdata");
    this.#client ??= Promise.resolve(new sdk.AppConfigDataClient(settings(this.#seconds)));
    const client = await this.#client;
    const signal = () => ({ abortSignal: AbortSignal.timeout(this.#seconds * 2500) });
    const [ApplicationIdentifier, EnvironmentIdentifier] = this.#place;
    const begin = async () => {
      const place = { ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier: profile };
      const begun = await client.send(new sdk.StartConfigurationSessionCommand(place), signal());
      return begun.InitialConfigurationToken;
    };
    /** @param {string | undefined} ConfigurationToken */
    const ask = (ConfigurationToken) =>
      client.send(new sdk.GetLatestConfigurationCommand({ ConfigurationToken }), signal());

    const session = this.#sessions.get(profile);
    if (session?.content !== undefined && this.#now() < session.due) return session.content;
    let answer;
    try {
      answer = await ask(session?.token ?? (await begin()));
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "BadRequestException") throw error;
      // A token is good for one answer, and that may have been lost; or it is a day old.
      answer = await ask(await begin());
    }
    // Nothing means: as before. A new session is told everything again.
    // The SDK has no bytes at all for an empty body.
    const told = answer.Configuration?.length ? new TextDecoder().decode(answer.Configuration) : "";
    const content = told || session?.content || "";
    const due = this.#now() + (answer.NextPollIntervalInSeconds ?? 0);
    this.#sessions.set(profile, { token: answer.NextPollConfigurationToken ?? "", due, content });
    return content;
  }
}
