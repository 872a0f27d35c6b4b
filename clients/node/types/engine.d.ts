/** MiniJinja itself, the version and settings of the evaluation, as WebAssembly: `engine/`. */
export type Exports = {
    memory: {
        buffer: ArrayBuffer;
    };
    reserve: (length: number) => number;
    render: () => number;
    reply: () => number;
};
/** Makes the engine ready; only prompts that need it pay for it. */
export declare function load(): Promise<void>;
/**
 * Renders texts. `id` names them: equal ids have equal texts.
 *
 * @param {string} id
 * @param {string[]} texts
 * @param {string} variables JSON
 * @returns {string[]}
 */
export declare function render(id: string, texts: string[], variables: string): string[];
