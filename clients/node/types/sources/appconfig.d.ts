export type Key = import("./source.js").Key;
export type Found = import("./source.js").Found;
export type Session = {
    token: string;
    due: number;
    content: string | undefined;
};
/**
 * Configuration profiles of an environment of AppConfig, through its agent if one runs beside the process,
 * else through AppConfigData: `new AppConfig("shop", "prod", { profile: "{name}" })`. What is live is what
 * is deployed; there are no versions or labels to choose from.
 */
export declare class AppConfig {
    #private;
    kind: string;
    batch: number;
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
    constructor(application: string, environment: string, { profile, agent, client, seconds, clock }?: {
        profile?: string;
        agent?: boolean;
        client?: import("@aws-sdk/client-appconfigdata").AppConfigDataClient;
        seconds?: number;
        clock?: {
            now(): number;
        };
    });
    /** See `Source`: the agent polls at intervals of its own. */
    get lag(): number;
    /**
     * See `Source`.
     *
     * @param {Key[]} keys
     */
    read(keys: Key[]): Promise<(import("./source.js").Found | import("../errors.js").PromptError)[]>;
}
