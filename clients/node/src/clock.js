/** Time and chance, so that tests need neither. */
export class Clock {
  /** Seconds since some fixed moment. */
  now() {
    return performance.now() / 1000;
  }

  /** A number from 0 to 1, for jitter. */
  chance() {
    return Math.random();
  }

  /**
   * Waits; false: it was not done in time.
   *
   * @param {Promise<void>} done
   * @param {number} seconds
   * @returns {Promise<boolean>}
   */
  async wait(done, seconds) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve(false), Math.max(0, seconds) * 1000);
    });
    try {
      return /** @type {boolean} */ (await Promise.race([done.then(() => true), late]));
    } finally {
      clearTimeout(timer);
    }
  }
}
