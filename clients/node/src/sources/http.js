/** The small HTTP servers that AWS puts beside a process: on loopback, without TLS and proxies. */

import { request } from "node:http";

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
export function get(port, path, headers, seconds) {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(seconds * 1000);
    const call = request({ host: "localhost", port, path, headers, signal, agent: false }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", () => resolve(null));
      response.on("end", () => {
        resolve(
          response.statusCode === 200 ? { body: Buffer.concat(chunks), headers: response.headers } : null,
        );
      });
    });
    call.on("error", () => resolve(null));
    call.end();
  });
}
