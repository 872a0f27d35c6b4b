/** What can go wrong, for the person who reads it. */

/** A prompt could not be had. Every error of this package is one. */
export class PromptError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** The store has no prompt of that name, version or label. */
export class NotFound extends PromptError {}

/** The role may not read it; `action` is the IAM action it lacks. */
export class AccessDenied extends PromptError {
  /**
   * @param {string} message
   * @param {string} action
   */
  constructor(message, action) {
    super(message);
    this.action = action;
  }
}

/** What the store holds is not what was released: edited by hand, or an S3 object lost or altered. */
export class Damaged extends PromptError {}

/** The store did not answer: throttled, unreachable, or too slow. */
export class Unavailable extends PromptError {}

/** A template cannot be rendered with these variables. */
export class RenderError extends PromptError {}

/**
 * The same error, with more said before it. A new one each time, since errors carry a stack.
 *
 * @param {PromptError} error
 * @param {string} [before]
 * @returns {PromptError}
 */
export function again(error, before = "") {
  const message = before + error.message;
  if (error instanceof AccessDenied) return new AccessDenied(message, error.action);
  for (const Kind of [NotFound, Damaged, Unavailable, RenderError]) {
    if (error instanceof Kind) return new Kind(message);
  }
  return new PromptError(message);
}
