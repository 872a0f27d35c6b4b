/**
 * The sources through the real SDK: SSM and S3 of moto, which the Python named by `MOTO_PYTHON` runs, and
 * stand-ins of what moto does not have.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { LabelParameterVersionCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  AccessDenied,
  AppConfig as AppConfigSource,
  Damaged,
  Directory,
  NotFound,
  Prompts as PromptsOf,
  Ssm as SsmSource,
  Unavailable,
} from "../src/index.js";
import { cases, FakeClock, settled } from "./support.js";

// On a busy machine an emulator may take its time; what happens after which time is the affair of `cache.test.js`.
class Prompts extends PromptsOf {
  /** @param {ConstructorParameters<typeof PromptsOf>} args */
  constructor(...[source, options]) {
    super(source, { timeout: 120, ...options });
  }
}

class Ssm extends SsmSource {
  /** @param {ConstructorParameters<typeof SsmSource>} args */
  constructor(...[pattern, options]) {
    super(pattern, { seconds: 60, ...options });
  }
}

class AppConfig extends AppConfigSource {
  /** @param {ConstructorParameters<typeof AppConfigSource>} args */
  constructor(...[application, environment, options]) {
    super(application, environment, { seconds: 60, ...options });
  }
}

const MOTO = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
`;

/** @type {import("node:child_process").ChildProcess | undefined} */
let moto;
let motoUrl = "";
const kept = { ...process.env };
const hasMoto = process.env.MOTO_PYTHON !== undefined;
const withMoto = hasMoto ? {} : { skip: "MOTO_PYTHON names no Python with moto" };

before(async () => {
  if (!process.env.MOTO_PYTHON) return;
  const child = spawn(process.env.MOTO_PYTHON, ["-c", MOTO], { stdio: ["pipe", "pipe", "ignore"] });
  moto = child;
  const port = await new Promise((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(String(line).trim()));
    child.once("exit", (status) => reject(new Error(`moto ended with ${status}`)));
  });
  motoUrl = `http://127.0.0.1:${port}`;
  environment();
  process.env.AWS_ENDPOINT_URL = motoUrl;
  await s3().send(new CreateBucketCommand({ Bucket: "prompts" }));
});

after(() => moto?.kill());

function environment() {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_SESSION_TOKEN: "the token",
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
  });
}

beforeEach(() => {
  environment();
  process.env.AWS_ENDPOINT_URL = motoUrl || "http://127.0.0.1:9";
});

/** @type {(() => void)[]} */
const started = [];

afterEach(() => {
  for (const close of started.splice(0)) close();
  for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
  Object.assign(process.env, kept);
});

const ssm = () => new SSMClient({});
const s3 = () => new S3Client({ forcePathStyle: true });
const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");

/**
 * @param {string} Name
 * @param {string} Value
 * @param {{ label?: string | null, secure?: boolean }} [options]
 */
async function put(Name, Value, { label = "live", secure = false } = {}) {
  const client = ssm();
  const Type = secure ? "SecureString" : "String";
  const { Version } = await client.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  if (label === null) return;
  await client.send(new LabelParameterVersionCommand({ Name, ParameterVersion: Version, Labels: [label] }));
}

/**
 * A small HTTP server; `answer` gives status, headers and body.
 *
 * @typedef {{ path: string, query: URLSearchParams, headers: import("node:http").IncomingHttpHeaders, body: string }} Asked
 * @param {(asked: Asked) => [number, Record<string, string>, string]} answer
 * @returns {Promise<{ port: number, url: string, seen: Asked[] }>}
 */
async function standIn(answer) {
  /** @type {Asked[]} */
  const seen = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://localhost");
    const asked = { path, query, headers: request.headers, body };
    seen.push(asked);
    const [status, headers, reply] = answer(asked);
    response.writeHead(status, headers).end(reply);
  });
  const port = await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
    });
  });
  started.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port, url: `http://127.0.0.1:${port}`, seen };
}

test("ssm reads every value of the contract", withMoto, async () => {
  const prompts = new Prompts(new Ssm("/prod/{name}"));
  let read = 0;
  for (const [number, one] of cases("values.json").entries()) {
    let { value } = one;
    for (const { key: Key, content, version_id: version } of one.objects ?? []) {
      await s3().send(new PutObjectCommand({ Bucket: "prompts", Key, Body: content }));
      value = value.replace(`"versionId":"${version}",`, "");
    }
    await put(`/prod/p${number}`, value);
    if (one.error) {
      await assert.rejects(prompts.get(`p${number}`), (/** @type {Error} */ error) => {
        return (
          error instanceof Damaged && error.message.includes(one.says) && error.message.includes(`p${number}`)
        );
      });
      await s3().send(new DeleteObjectCommand({ Bucket: "prompts", Key: "k" }));
      continue;
    }
    assert.equal((await prompts.get(`p${number}`)).fingerprint, one.want.fingerprint, one.name);
    read += 1;
  }
  assert.ok(read > 15);
});

test("a release, a rollback, a label and a pinned version", withMoto, async () => {
  const clock = new FakeClock();
  const prompts = new Prompts(new Ssm("/a/{name}"), { clock });
  await put("/a/p", "one");
  assert.equal((await prompts.get("p")).text, "one");
  await put("/a/p", "two");
  // Written, but not live yet: the label comes last.
  await put("/a/p", "three", { label: null });
  clock.time += 360;
  assert.deepEqual([(await prompts.get("p")).text, (await prompts.get("p")).version], ["two", 2]);
  await put("/a/p", "one");
  clock.time += 360;
  assert.deepEqual([(await prompts.get("p")).text, (await prompts.get("p")).version], ["one", 4]);
  assert.equal((await prompts.get("p", { version: 2 })).text, "two");
  assert.equal((await prompts.get("/a/p", { version: 3 })).text, "three");
  await put("/a/p", "five", { label: "canary" });
  assert.equal((await prompts.get("p", { label: "canary" })).text, "five");
  assert.equal((await new Prompts(new Ssm("/a/{name}", { label: null })).get("p")).text, "five");
  await put("/a/s", "secret", { secure: true });
  assert.equal((await prompts.get("s")).text, "secret");
});

test("what is missing is said with its name", withMoto, async () => {
  await put("/b/p", "one");
  const prompts = new Prompts(new Ssm("/b/{name}"));
  await assert.rejects(prompts.get("nobody"), {
    name: "NotFound",
    message: "the parameter /b/nobody:live does not exist: is it released?",
  });
  await assert.rejects(prompts.get("p", { version: 77 }), /\/b\/p:77/);
  await assert.rejects(prompts.prefetch(["p", "nobody"]), /nobody/);
});

test("an object that is lost or altered never replaces the copy", withMoto, async () => {
  const clock = new FakeClock();
  const prompts = new Prompts(new Ssm("/c/{name}"), { clock });
  const point = async (/** @type {string} */ text, /** @type {string} */ body) => {
    const Key = `c/${text.slice(0, 1)}`;
    await s3().send(new PutObjectCommand({ Bucket: "prompts", Key, Body: body }));
    const uri = `s3://prompts/${Key}`;
    await put("/c/p", JSON.stringify({ v: 1, kind: "s3", uri, sha256: sha256(text), bytes: text.length }));
    clock.time += 360;
    return { Bucket: "prompts", Key };
  };
  const good = "good ".repeat(2000);
  const place = await point(good, good);
  assert.equal((await prompts.get("p")).text, good);
  await s3().send(new DeleteObjectCommand(place));
  clock.time += 360;
  assert.equal((await prompts.get("p")).text, good, "a content by its SHA-256 needs no second read");
  await point("altered", "alterEd");
  assert.equal((await prompts.get("p")).text, good);
  await s3().send(new DeleteObjectCommand(await point("lost", "lost")));
  clock.time += 360;
  assert.deepEqual([(await prompts.get("p")).text, (await prompts.get("p")).version], [good, 1]);
  const fresh = new Prompts(new Ssm("/c/{name}"));
  await assert.rejects(fresh.get("p"), /the parameter \/c\/p: s3:\/\/prompts\/c\/l.* does not exist/);
});

/** @param {string} code @param {string} message @returns {[number, Record<string, string>, string]} */
function refusing(code, message) {
  const body = JSON.stringify({ __type: code, message });
  return [400, { "content-type": "application/x-amz-json-1.1" }, body];
}

test("denied names the action and takes nobody else along", async () => {
  const service = await standIn(({ body }) => {
    const names = /** @type {string[]} */ (JSON.parse(body).Names);
    if (names.some((name) => name.includes("secret"))) {
      const action = names[0]?.includes("key") ? "kms:Decrypt" : "ssm:GetParameters";
      return refusing(
        "AccessDeniedException",
        `User: x is not authorized to perform: ${action} on resource: y`,
      );
    }
    const found = names.map((name) => ({ Name: name.split(":")[0], Value: "v", Version: 1 }));
    return [200, { "content-type": "application/x-amz-json-1.1" }, JSON.stringify({ Parameters: found })];
  });
  process.env.AWS_ENDPOINT_URL = service.url;
  const prompts = new Prompts(new Ssm("/prod/{name}"));
  await assert.rejects(prompts.prefetch(["a", "secret", "b"]), (/** @type {Error} */ error) => {
    assert.ok(error instanceof AccessDenied);
    assert.match(error.message, /the role lacks `ssm:GetParameters`/);
    return error.action === "ssm:GetParameters";
  });
  assert.equal((await prompts.get("a")).text, "v");
  await assert.rejects(prompts.get("secret-key"), { action: "kms:Decrypt" });
});

test("a throttled batch is not asked one by one", async () => {
  const service = await standIn(() => refusing("ThrottlingException", "Rate exceeded"));
  process.env.AWS_ENDPOINT_URL = service.url;
  const prompts = new Prompts(new Ssm("/prod/{name}"));
  await assert.rejects(prompts.prefetch(["a", "b", "c"]), /Rate exceeded/);
  assert.equal(service.seen.length, 2);
});

test("nobody there is said", async () => {
  process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
  const prompts = new Prompts(new Ssm("/prod/{name}"));
  await assert.rejects(prompts.get("p"), (/** @type {Error} */ error) => {
    return error instanceof Unavailable && error.message.startsWith("the parameter /prod/p:live: ");
  });
});

test("inside Lambda the extension is asked, and SSM for what it does not answer", withMoto, async () => {
  const extension = await standIn(({ path, query, headers }) => {
    assert.equal(headers["x-aws-parameters-secrets-token"], "the token");
    assert.equal(path, "/systemsmanager/parameters/get");
    assert.equal(query.get("withDecryption"), "true");
    if (query.get("name") === "/d/p" && (query.get("version") ?? "1") === "1") {
      const parameter = { Name: "/d/p", Value: `by ${query.get("label")}`, Version: 1 };
      return [200, {}, JSON.stringify({ Parameter: parameter, ResultMetadata: {} })];
    }
    return query.get("name") === "/d/broken"
      ? [200, {}, "<html>"]
      : [400, {}, "not ready to serve traffic, please wait"];
  });
  process.env.AWS_LAMBDA_FUNCTION_NAME = "f";
  process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(extension.port);
  await put("/d/broken", "from ssm");
  const source = new Ssm("/d/{name}");
  assert.equal(source.lag, 300);
  const prompts = new Prompts(source);
  assert.equal((await prompts.get("p")).text, "by live");
  assert.equal((await prompts.get("p", { version: 1 })).text, "by null");
  assert.equal((await prompts.get("broken")).text, "from ssm");
  await assert.rejects(prompts.get("nobody"), NotFound);
  process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = "9";
  assert.equal((await new Prompts(new Ssm("/d/{name}")).get("broken")).text, "from ssm");
});

test("the agent of AppConfig is asked", async () => {
  let live = "Hi {name}";
  const agent = await standIn(({ path }) => {
    return path === "/applications/the%20shop/environments/prod/configurations/team%2Fp"
      ? [200, { "Configuration-Version": "7", "Content-Type": "text/plain" }, live]
      : [404, {}, "{}"];
  });
  process.env.AWS_APPCONFIG_EXTENSION_HTTP_PORT = String(agent.port);
  const clock = new FakeClock();
  const prompts = new Prompts(new AppConfig("the shop", "prod", { profile: "team/{name}" }), { clock });
  const prompt = await prompts.get("p");
  assert.deepEqual([prompt.version, prompt.source], [7, "appconfig"]);
  assert.equal(prompt.render({ name: "Ada" }).text, "Hi Ada");
  // No envelope there: what looks like one is the text.
  live = '{"v":1,"kind":"text"}';
  clock.time += 330;
  await settled();
  assert.equal((await prompts.get("p")).text, live);
  await assert.rejects(prompts.get("p", { version: 6 }), /no version or label/);
});

/** AppConfigData, as its documentation says: a token is good for one answer; nothing means as before. */
function sessions() {
  const state = { content: "one", interval: 60, lose: false, count: 0 };
  /** @type {Map<string | null, string | null>} */
  const tokens = new Map();
  const token = (/** @type {string | null} */ knows) => {
    state.count += 1;
    tokens.set(`t${state.count}`, knows);
    return `t${state.count}`;
  };
  /** @param {Asked} asked @returns {[number, Record<string, string>, string]} */
  const answer = ({ path, query, body }) => {
    if (path === "/configurationsessions") {
      if (JSON.parse(body).ConfigurationProfileIdentifier === "nobody") {
        return [404, { "x-amzn-errortype": "ResourceNotFoundException" }, "{}"];
      }
      return [201, {}, JSON.stringify({ InitialConfigurationToken: token(null) })];
    }
    const known = tokens.get(query.get("configuration_token"));
    if (!tokens.delete(query.get("configuration_token"))) {
      return [400, { "x-amzn-errortype": "BadRequestException" }, '{"Message": "the token was used"}'];
    }
    if (state.lose) {
      state.lose = false;
      return [500, { "x-amzn-errortype": "InternalServerException" }, "{}"];
    }
    const headers = {
      "Next-Poll-Configuration-Token": token(state.content),
      "Next-Poll-Interval-In-Seconds": String(state.interval),
    };
    return [200, headers, known === state.content ? "" : state.content];
  };
  return { state, answer };
}

test("without the agent AppConfigData is asked", async () => {
  const { state, answer } = sessions();
  const service = await standIn(answer);
  process.env.AWS_ENDPOINT_URL = service.url;
  const clock = new FakeClock();
  const source = new AppConfig("shop", "prod", { agent: false, clock });
  const prompts = new Prompts(source, { clock });
  const later = async (/** @type {number} */ seconds) => {
    clock.time += seconds;
    return (await prompts.get("p")).text;
  };
  assert.equal(await later(0), "one");
  assert.equal(await later(360), "one", "an empty answer means as before");
  state.content = "two";
  assert.equal(await later(360), "two");
  assert.equal((await prompts.get("p")).version, null);
  // The answer is lost, and its token with it: a new session.
  state.content = "three";
  state.lose = true;
  assert.equal(await later(360), "three");
  await assert.rejects(prompts.get("nobody"), /the configuration shop\/prod\/nobody does not exist/);
  // It is not asked more often than it wants.
  state.interval = 3600;
  await later(360);
  const asked = service.seen.length;
  await later(360);
  assert.equal(service.seen.length, asked);
});

test("a directory as a release writes it", async () => {
  const root = await mkdtemp(join(tmpdir(), "prompts-"));
  try {
    const folder = join(root, "parameters/try/p/@");
    const pointer = { v: 1, kind: "s3", uri: "s3://released/prompts/x", sha256: sha256("long"), bytes: 4 };
    const version = (/** @type {number} */ number, /** @type {string} */ value) =>
      writeFile(join(folder, `${number}.json`), JSON.stringify({ value }));
    await mkdir(folder, { recursive: true });
    await mkdir(join(root, "objects/prompts"), { recursive: true });
    await writeFile(join(root, "objects/prompts/x"), "long");
    await version(1, "one");
    await version(2, JSON.stringify(pointer));
    await version(10, "ten");
    await writeFile(join(folder, "labels.json"), '{"live": 2}');
    const prompts = new Prompts(new Directory(root, "/try/{name}"));
    assert.deepEqual([(await prompts.get("p")).text, (await prompts.get("p")).version], ["long", 2]);
    assert.equal((await prompts.get("p", { version: 1 })).text, "one");
    const newest = new Prompts(new Directory(root, "/try/{name}", { label: null }));
    assert.equal((await newest.get("p")).version, 10);
    for (const odd of ["nobody", "../../etc", "a/../../p", ""]) {
      await assert.rejects(prompts.get(odd), NotFound);
    }
    await assert.rejects(prompts.get("p", { label: "canary" }), /no version with the label `canary`/);
    await version(2, JSON.stringify({ ...pointer, uri: "s3://b/../../x" }));
    await assert.rejects(new Prompts(new Directory(root, "/try/{name}")).get("p"), Damaged);
  } finally {
    await rm(root, { recursive: true });
  }
});
