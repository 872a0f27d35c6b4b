/** The example runs, calls the model with the fetched prompt, and sees a release and a rollback. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { test } from "node:test";
import { Clock, Prompts, Ssm } from "prompt-assay-client";

/** @param {import("node:net").Server} server */
async function listening(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

test("the service sees a release and a rollback", async () => {
  const versions = [];
  const asked = [];
  const read = async (request) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    return JSON.parse(body);
  };
  const ssm = await listening(
    createServer(async (request, response) => {
      const [Name] = (await read(request)).Names[0].split(":");
      const parameter = { Name, Value: versions.at(-1), Version: versions.length };
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ Parameters: [parameter] }));
    }),
  );
  const sessions = new Set();
  const bedrock = await listening(
    createHttp2Server(async (request, response) => {
      asked.push({ path: request.url, request: await read(request) });
      const message = { role: "assistant", content: [{ text: "On its way." }] };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ output: { message }, stopReason: "end_turn", usage: {}, metrics: {} }));
    }).on("session", (session) => sessions.add(session)),
  );
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SSM: ssm.url,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    MODEL_ID: "amazon.nova-lite-v1:0",
  });
  const { app } = await import("./app.js");
  // Five minutes pass in no time.
  const clock = Object.assign(new Clock(), { time: 1000, now: () => clock.time });
  const source = new Ssm("/prod/llm/{name}", { seconds: 60 });
  const service = await listening(createServer(app(new Prompts(source, { clock, timeout: 60 }))));
  try {
    for (const [index, text] of ["Help {name}.", "Help {name} kindly.", "Help {name}."].entries()) {
      versions.push(text);
      clock.time += 360;
      if (index === 0) assert.equal((await fetch(`${service.url}/ready`)).status, 200);
      const reply = await fetch(`${service.url}/answer`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Ada", question: "Where is my order?" }),
      });
      const told = await reply.json();
      assert.deepEqual([told.answer, told.prompt.version], ["On its way.", index + 1]);
      const { path, request } = asked.at(-1);
      assert.equal(path, "/model/amazon.nova-lite-v1%3A0/converse");
      assert.deepEqual(request.system, [{ text: text.replace("{name}", "Ada") }]);
      assert.deepEqual(request.messages, [{ role: "user", content: [{ text: "Where is my order?" }] }]);
    }
  } finally {
    for (const session of sessions) session.destroy();
    for (const { server } of [service, ssm, bedrock]) {
      server.closeAllConnections?.();
      server.close();
    }
  }
});
