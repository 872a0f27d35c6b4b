/** What a reader gets: a prompt, and what it renders to. */
export type Message = import("./stored.js").Message;
export type Content = import("./stored.js").Content;
export type Tool = import("./stored.js").Tool;
export type Clock = import("./clock.js").Clock;
export type ConverseRequest = {
    modelId: string | undefined;
    system?: {
        text: string;
    }[];
    messages: {
        role: "user" | "assistant";
        content: {
            text: string;
        }[];
    }[];
    inferenceConfig?: {
        maxTokens?: number;
        temperature?: number;
        topP?: number;
        stopSequences?: string[];
    };
    additionalModelRequestFields?: any;
    guardrailConfig?: {
        guardrailIdentifier: string;
        guardrailVersion: string;
    };
    outputConfig?: any;
    performanceConfig?: {
        latency: "standard" | "optimized";
    };
    toolConfig?: {
        tools: any[];
        toolChoice?: any;
    };
};
/** What is to be sent, for one set of variables. */
export declare class Rendered {
    messages: import("./stored.js").Message[];
    model: string | null;
    parameters: import("./stored.js").Parameters;
    tools: import("./stored.js").Tool[];
    toolChoice: import("./stored.js").ToolChoice | null;
    /**
     * @param {Message[]} messages
     * @param {Prompt} prompt
     */
    constructor(messages: Message[], { model, parameters, tools, toolChoice }: Prompt);
    /** The text of a prompt that is one system text; null if it is more. */
    get text(): string | null;
    /** All system texts as the evaluation sends them: one, with a blank line between; null if blank. */
    get system(): string | null;
    /**
     * The arguments of Bedrock's `Converse`, as the evaluation sends them. `turns` are what the conversation
     * goes on with, the user's and the assistant's in turn, the user's first; `model` where the prompt names
     * none, or another is meant.
     *
     * @param {string | string[]} [turns]
     * @param {{ model?: string }} [options]
     * @returns {ConverseRequest}
     */
    converse(turns?: string | string[], { model }?: {
        model?: string;
    }): ConverseRequest;
}
/**
 * A prompt as it was released. It does not change; `age` and `stale` say how it stands now.
 */
export declare class Prompt {
    #private;
    name: string;
    /** The version in the store; null where it does not say. */
    version: number | null;
    /** Where it comes from: "ssm", "appconfig", "directory", "fallback", and so on. */
    source: string;
    /** SHA-256 of the content, as `prompt-assay history` shows it. */
    fingerprint: string;
    /** The template language. */
    template: import("./stored.js").Language;
    messages: import("./stored.js").Message[];
    /** The template of a prompt that is one system text; null if it is more. */
    text: string | null;
    /** The model it was evaluated with; null for a plain text. */
    model: string | null;
    parameters: import("./stored.js").Parameters;
    tools: import("./stored.js").Tool[];
    toolChoice: import("./stored.js").ToolChoice | null;
    /**
     * @param {string} name
     * @param {Content} content
     * @param {{ version: number | null, source: string }} origin
     * @param {{ clock: Clock, fetchedAt: number, staleAt: number }} times
     */
    constructor(name: string, content: Content, { version, source }: {
        version: number | null;
        source: string;
    }, { clock, fetchedAt, staleAt }: {
        clock: Clock;
        fetchedAt: number;
        staleAt: number;
    });
    /** Seconds since the store was asked for it. */
    get age(): number;
    /** Whether it is older than it should be: the store does not answer, or this is the fallback. */
    get stale(): boolean;
    /**
     * Renders all messages, exactly as the evaluation did; a missing variable is an error.
     *
     * @param {Record<string, unknown>} [variables]
     */
    render(variables?: Record<string, unknown>): Rendered;
}
/**
 * Whether rendering needs the engine.
 *
 * @param {{ template: string, messages: readonly Message[] }} prompt
 */
export declare function needsEngine({ template, messages }: {
    template: string;
    messages: readonly Message[];
}): boolean;
