/** A cached `get` beside a Map lookup, in the same run; medians of many rounds. `--check`: at most 1 µs. */

import { Prompts, Values } from "../src/index.js";

const LIMIT = 1000;
const CALLS = 100_000;
const ROUNDS = 31;

const names = [...Array(100).keys()].map((number) => `prompt-${number}`);
const prompts = new Prompts(new Values(Object.fromEntries(names.map((name) => [name, "Be kind."]))));
await prompts.prefetch(names);
const plain = new Map(
  await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await prompts.get(name)]))),
);

/** @param {() => Promise<unknown>} round */
async function median(round) {
  const times = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    const started = process.hrtime.bigint();
    await round();
    times.push(Number(process.hrtime.bigint() - started) / CALLS);
  }
  return times.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? Number.NaN;
}

let sum = 0;
const found = await median(async () => {
  for (let call = 0; call < CALLS; call += 1) sum += (await prompts.get("prompt-50")).version ?? 1;
});
const floor = await median(async () => {
  for (let call = 0; call < CALLS; call += 1) sum += plain.get("prompt-50")?.version ?? 1;
});
console.log(`cached get ${found.toFixed(0)} ns, Map lookup ${floor.toFixed(0)} ns (${sum})`);
process.exitCode = process.argv.includes("--check") && found > LIMIT ? 1 : 0;
