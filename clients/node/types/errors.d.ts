/** What can go wrong, for the person who reads it. */
/** A prompt could not be had. Every error of this package is one. */
export declare class PromptError extends Error {
    /** @param {string} message */
    constructor(message: string);
}
/** The store has no prompt of that name, version or label. */
export declare class NotFound extends PromptError {
}
/** The role may not read it; `action` is the IAM action it lacks. */
export declare class AccessDenied extends PromptError {
    action: string;
    /**
     * @param {string} message
     * @param {string} action
     */
    constructor(message: string, action: string);
}
/** What the store holds is not what was released: edited by hand, or an S3 object lost or altered. */
export declare class Damaged extends PromptError {
}
/** The store did not answer: throttled, unreachable, or too slow. */
export declare class Unavailable extends PromptError {
}
/** A template cannot be rendered with these variables. */
export declare class RenderError extends PromptError {
}
/**
 * The same error, with more said before it. A new one each time, since errors carry a stack.
 *
 * @param {PromptError} error
 * @param {string} [before]
 * @returns {PromptError}
 */
export declare function again(error: PromptError, before?: string): PromptError;
