/** The small HTTP servers that AWS puts beside a process: on loopback, without TLS and proxies. */
/**
 * What the server says; null if there is none, or if it has no good answer. The store itself is asked
 * then, and says what is wrong.
 *
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {number} seconds
 * @returns {Promise<{ body: Buffer, headers: import("node:http").IncomingHttpHeaders } | null>}
 */
export declare function get(port: number, path: string, headers: Record<string, string>, seconds: number): Promise<{
    body: Buffer;
    headers: import("node:http").IncomingHttpHeaders;
} | null>;
