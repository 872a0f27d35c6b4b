/** Time and chance, so that tests need neither. */
export declare class Clock {
    /** Seconds since some fixed moment. */
    now(): number;
    /** A number from 0 to 1, for jitter. */
    chance(): number;
    /**
     * Waits; false: it was not done in time.
     *
     * @param {Promise<void>} done
     * @param {number} seconds
     * @returns {Promise<boolean>}
     */
    wait(done: Promise<void>, seconds: number): Promise<boolean>;
}
