/** The promises of the cache, under a clock that stands still. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessDenied, Clock, Damaged, NotFound, Prompts, Unavailable, Values } from "../src/index.js";
import { FakeClock, Store, settled } from "./support.js";

const TTL = 300;

/** @typedef {import("../src/index.js").Event} Event */

/**
 * @param {{ store?: Store, chance?: number, [option: string]: any }} [options]
 */
function stage({ store = new Store(), chance = 1, ...options } = {}) {
  const clock = new FakeClock(chance);
  /** @type {Event[]} */
  const events = [];
  const onEvent = (/** @type {Event} */ event) => void events.push(event);
  const prompts = new Prompts(store, { clock, onEvent, background: true, ...options });
  /** One get, and what goes on beside it. */
  const get = async (/** @type {[string, { version?: number }?]} */ ...asked) => {
    const prompt = await prompts.get(...asked);
    await settled();
    return prompt;
  };
  return { prompts, store, clock, events, get };
}

const ten = () => new Store(Object.fromEntries([...Array(10).keys()].map((number) => [`p${number}`, "x"])));

test("a hit asks nobody", async () => {
  const { store, clock, get } = stage();
  const first = await get("p");
  clock.time += TTL - 1;
  assert.equal(await get("p"), first);
  assert.deepEqual([first.text, first.version, first.age, first.stale], ["one", 1, TTL - 1, false]);
  assert.deepEqual(store.calls, [["p"]]);
});

for (const background of [true, false]) {
  for (const chance of [0, 0.5, 1]) {
    test(`a release and a rollback are seen within ttl and jitter: ${background} ${chance}`, async () => {
      const { store, clock, events, get } = stage({ chance, background });
      await get("p");
      for (const content of ["two", "one"]) {
        store.release("p", content);
        const released = clock.time;
        while ((await get("p")).text !== content) clock.time += 1;
        assert.ok(clock.time - released <= TTL * 1.2);
      }
      const changed = events.filter(({ kind }) => kind === "changed").map(({ prompt }) => prompt?.version);
      assert.deepEqual(changed, [1, 2, 3]);
    });
  }
}

test("after a long rest the old copy is not served", async () => {
  const { store, clock, get } = stage();
  await get("p");
  store.release("p", "two");
  clock.time += TTL * 1.2;
  assert.equal((await get("p")).text, "two");
});

test("while it is refreshed the copy is served", async () => {
  const { store, clock, get } = stage();
  await get("p");
  store.release("p", "two");
  store.hold = true;
  clock.time += TTL * 1.1;
  for (let times = 0; times < 5; times += 1) assert.equal((await get("p")).text, "one");
  assert.equal(store.calls.length, 2);
  await store.letGo();
  assert.equal((await get("p")).text, "two");
});

test("ten million gets over an hour are a read per ttl", async () => {
  const { prompts, store, clock, get } = stage({ store: ten(), chance: 0 });
  await prompts.prefetch([...store.versions.keys()]);
  // Each moment stands for 1,000 gets of each prompt: between two moments all of them are hits.
  for (let moment = 0; moment < 1000; moment += 1) {
    clock.time += 3.6;
    for (const name of store.versions.keys()) await get(name);
  }
  assert.ok(store.calls.length <= 3600 / TTL + 1, `${store.calls.length}`);
  assert.ok(store.calls.every((call) => call.length === 10));
});

test("prompts read at different moments come together", async () => {
  const { store, clock, get } = stage({ store: ten(), chance: 0.5 });
  for (const name of store.versions.keys()) {
    await get(name);
    clock.time += 3;
  }
  store.calls = [];
  for (let moment = 0; moment < 1000; moment += 1) {
    clock.time += 3.6;
    for (const name of store.versions.keys()) await get(name);
  }
  assert.ok(store.calls.length <= 3600 / TTL + 1, `${store.calls.length}`);
});

test("a pinned version is read once", async () => {
  const { store, clock, get } = stage();
  const pinned = await get("p", { version: 1 });
  store.release("p", "two");
  store.fault = "throttled";
  clock.time += 1e9;
  assert.equal(await get("p", { version: 1 }), pinned);
  assert.deepEqual([pinned.text, pinned.stale, store.calls.length], ["one", false, 1]);
});

for (const fault of /** @type {("throttled" | Error)[]} */ (["throttled", new Error("ECONNREFUSED")])) {
  test(`an outage of ten minutes fails no get and is reported: ${fault}`, async () => {
    const { store, clock, events, get } = stage();
    await get("p");
    store.release("p", "two");
    clock.time += 200;
    store.fault = fault;
    /** @type {boolean[]} */
    const stale = [];
    for (let second = 0; second < 600; second += 1) {
      clock.time += 1;
      const prompt = await get("p");
      assert.equal(prompt.text, "one");
      stale.push(prompt.stale);
    }
    // It was read 200 s before: from its 360th second on it says so.
    assert.equal(stale.indexOf(true), 159);
    assert.ok(events.some(({ kind, error }) => kind === "stale" && error !== undefined));
    // Tried again and again, at growing intervals.
    assert.ok(store.calls.length > 10 && store.calls.length < 40, `${store.calls.length}`);
    store.fault = undefined;
    for (let second = 0; second < 40; second += 1) {
      clock.time += 1;
      await get("p");
    }
    const prompt = await get("p");
    assert.deepEqual([prompt.text, prompt.stale], ["two", false]);
  });
}

for (const background of [true, false]) {
  test(`a store that hangs fails no get: ${background}`, async () => {
    const { store, clock, events, get } = stage({ background });
    await get("p");
    store.hold = clock.hangs = true;
    let waited = 0;
    for (let second = 0; second < 600; second += 1) {
      clock.time += 1;
      const before = clock.time;
      assert.equal((await get("p")).text, "one");
      waited = Math.max(waited, clock.time - before);
    }
    assert.ok(waited <= 3);
    const says = events.filter(({ kind }) => kind === "stale").map(({ error }) => error?.message);
    assert.ok(says.includes("p: the memory source did not answer within 3 s"));
  });
}

test("a copy is not served for ever", async () => {
  const { store, clock, get } = stage({ maxStale: 1000 });
  await get("p");
  store.fault = "throttled";
  clock.time += 999;
  assert.ok((await get("p")).stale);
  clock.time += 1;
  await assert.rejects(get("p"), /Rate exceeded/);
});

test("a first start without the store is a clear error in time", async () => {
  const { store, clock, get } = stage();
  store.hold = clock.hangs = true;
  const began = clock.time;
  await assert.rejects(get("p"), /^Unavailable: p: the memory source did not answer within 3 s/);
  assert.equal(clock.time - began, 3);
  // The next ones fail at once: nobody waits for what just failed, and nothing more is asked.
  await assert.rejects(get("p"), Unavailable);
  assert.equal(clock.time - began, 3);
  assert.equal(store.calls.length, 1);
  // The late answer is taken.
  await store.letGo();
  assert.equal((await get("p")).text, "one");
  assert.equal(store.calls.length, 1);
});

test("a first start without the store serves the fallback", async () => {
  const { store, clock, events, get } = stage({ fallback: new Values({ p: "packaged" }) });
  store.fault = "throttled";
  const prompt = await get("p");
  assert.deepEqual([prompt.text, prompt.source, prompt.stale], ["packaged", "fallback", true]);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["read", "failed", "fallback"],
  );
  await assert.rejects(get("other"), Unavailable);
  store.fault = undefined;
  clock.time += 60;
  await get("p");
  assert.equal((await get("p")).text, "one");
});

test("what does not exist is not asked for again at once and has no fallback", async () => {
  const { store, clock, get } = stage({ fallback: new Values({ new: "packaged" }) });
  for (let times = 0; times < 100; times += 1) await assert.rejects(get("new"), NotFound);
  assert.equal(store.calls.length, 1);
  store.release("new", "there");
  clock.time += 13;
  assert.equal((await get("new")).text, "there");
});

for (const error of [
  new NotFound("gone"),
  new AccessDenied("no", "ssm:GetParameters"),
  new Damaged("s3://b/k was altered"),
]) {
  test(`what is deleted, denied or damaged later is served and reported: ${error.name}`, async () => {
    const { store, clock, events, get } = stage();
    await get("p");
    store.answer = () => error;
    clock.time += 400;
    assert.equal((await get("p")).text, "one");
    assert.ok(events.some((event) => event.error === error || event.error?.message.includes(error.message)));
  });
}

test("a damaged content never replaces the copy", async () => {
  const { store, clock, events, get } = stage();
  await get("p");
  store.release("p", '{"prompt":2,"template":"jinja","messages":[]}');
  clock.time += 400;
  assert.equal((await get("p")).text, "one");
  assert.match(
    events.find(({ kind }) => kind === "failed")?.error?.message ?? "",
    /the prompt p: it has no messages/,
  );
});

test("prefetch reads ten to a call and says what is missing", async () => {
  const names = [...Array(25).keys()].map((number) => `p${number}`);
  const { prompts, store } = stage({
    store: new Store(Object.fromEntries(names.map((name) => [name, "x"]))),
  });
  await prompts.prefetch(names);
  assert.deepEqual(
    store.calls.map((call) => call.length),
    [10, 10, 5],
  );
  await assert.rejects(prompts.prefetch(["p1", "nobody"]), /nobody/);
});

test("a thousand promises that miss make one read", async () => {
  const { prompts, store } = stage();
  store.hold = true;
  const all = Promise.all([...Array(1000)].map(() => prompts.get("p")));
  await settled();
  await store.letGo();
  assert.deepEqual(new Set((await all).map(({ text }) => text)), new Set(["one"]));
  assert.deepEqual(store.calls, [["p"]]);
});

test("in Lambda a refresh is waited for", async () => {
  process.env.AWS_LAMBDA_FUNCTION_NAME = "f";
  try {
    const { store, clock, get } = stage({ background: undefined });
    await get("p");
    store.release("p", "two");
    clock.time += TTL * 1.1;
    assert.equal((await get("p")).text, "two");
  } finally {
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  }
});

test("a source with a cache of its own shortens the time to live", async () => {
  const { store, clock, get } = stage({ chance: 0 });
  store.lag = 300;
  await get("p");
  clock.time += 15;
  await get("p");
  assert.equal(store.calls.length, 2);
});

test("a failing callback harms nobody", async (context) => {
  const warned = context.mock.method(process, "emitWarning", () => {});
  const onEvent = () => {
    throw new Error("broken");
  };
  const prompts = new Prompts(new Store(), { onEvent, clock: new FakeClock() });
  assert.equal((await prompts.get("p")).text, "one");
  assert.match(String(warned.mock.calls[0]?.arguments[0]), /onEvent failed: Error: broken/);
});

test("settings that make no sense are refused", () => {
  for (const odd of [{ ttl: 0 }, { timeout: 0 }, { jitter: 2 }, { ttl: Number.NaN }]) {
    assert.throws(() => new Prompts(new Store(), odd), RangeError);
  }
});

test("the real clock waits no longer than it has to", async () => {
  const clock = new Clock();
  assert.ok(clock.now() > 0 && clock.chance() < 1);
  assert.equal(await clock.wait(Promise.resolve(), 60), true);
  assert.equal(await clock.wait(new Promise(() => {}), 0), false);
});
