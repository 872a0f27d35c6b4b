/** A cached `get` beside a Map lookup, in the same run; medians of many rounds. `--check`: at most 1 µs. */

import { Prompts, Values } from "../src/index.js";

const LIMIT = 1000;
// Rounds are short, and many: most of them end before the machine turns to something else.
const CALLS = 1_000;
const ROUNDS = 1_001;

const names = [...Array(100).keys()].map((number) => `prompt-${number}`);
const prompts = new Prompts(new Values(Object.fromEntries(names.map((name) => [name, "Be kind."]))));
await prompts.prefetch(names);
const plain = new Map(
  await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await prompts.get(name)]))),
);

/** @param {number[]} times */
function median(times) {
  return times.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? Number.NaN;
}

/** @param {() => Promise<unknown>} round */
async function time(round) {
  const started = process.hrtime.bigint();
  await round();
  return Number(process.hrtime.bigint() - started) / CALLS;
}

let sum = 0;
/** @type {number[]} */
const gets = [];
/** @type {number[]} */
const lookups = [];
for (let number = 0; number < ROUNDS; number += 1) {
  const get = time(async () => {
    for (let call = 0; call < CALLS; call += 1) sum += (await prompts.get("prompt-50")).version ?? 1;
  });
  gets.push(await get);
  const lookup = time(async () => {
    for (let call = 0; call < CALLS; call += 1) sum += plain.get("prompt-50")?.version ?? 1;
  });
  lookups.push(await lookup);
}
const [found, floor] = [median(gets), median(lookups)];
console.log(`cached get ${found.toFixed(0)} ns, Map lookup ${floor.toFixed(0)} ns (${sum})`);
process.exitCode = process.argv.includes("--check") && found > LIMIT ? 1 : 0;
