/** `clients/contract`: what a stored value is to this reader. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, render as renderByEngine } from "../src/engine.js";
import { Damaged, Prompts, RenderError, Values } from "../src/index.js";
import { openValue, Pointer, readContent } from "../src/stored.js";
import { filled, formatted, pieces, toJson } from "../src/template.js";
import { cases } from "./support.js";

/** @param {any} one */
function read(one) {
  const held = openValue(one.value);
  if (!(held instanceof Pointer)) return readContent(held);
  for (const object of one.objects) {
    const isIt =
      object.bucket === held.bucket &&
      object.key === held.key &&
      (object.version_id ?? null) === held.versionId;
    if (isIt) return readContent(held.check(Buffer.from(object.content)));
  }
  throw new Damaged(`${held} does not exist`);
}

/** @param {import("../src/stored.js").Content} content */
function said({ toolChoice, messages, ...rest }) {
  const isText = messages.length === 1 && messages[0]?.role === "system";
  return { ...rest, messages, tool_choice: toolChoice, text: isText ? messages[0]?.content : null };
}

for (const one of cases("values.json")) {
  test(`value: ${one.name}`, () => {
    if (one.error) {
      assert.throws(
        () => read(one),
        (/** @type {Error} */ error) => error instanceof Damaged && error.message.includes(one.says),
      );
      return;
    }
    assert.deepEqual(said(read(one)), one.want);
    if (one.content !== undefined)
      assert.deepEqual(said(readContent(one.content)), one.want, "from AppConfig");
  });
}

await load();

/** @param {any} one */
function rendered({ template, text, variables }) {
  const json = toJson(variables);
  if (template === "none") return text;
  if (template === "python") return formatted(pieces(text), JSON.parse(json));
  if (template === "braces") return filled(text, JSON.parse(json));
  return renderByEngine(JSON.stringify(text), [text], json)[0];
}

for (const one of cases("rendering.json").filter((one) => !one.numbers)) {
  test(`rendering: ${one.template} ${JSON.stringify(one.text).slice(0, 50)} ${JSON.stringify(one.variables).slice(0, 40)}`, () => {
    if (one.error) {
      assert.throws(
        () => rendered(one),
        (/** @type {Error} */ error) => error instanceof RenderError && error.message.includes(one.error),
      );
      return;
    }
    assert.equal(rendered(one), one.out);
  });
}

test("numbers print as in the evaluation", () => {
  const print = (/** @type {number} */ value) => formatted(pieces("{a}"), { a: value });
  const wanted = {
    "1e16": "10000000000000000",
    "1e20": "1e+20",
    "1.5e-7": "1.5e-7",
    0.000001: "1e-6",
    0.00001: "0.00001",
    "1.7976931348623157e308": "1.7976931348623157e+308",
    123456.789: "123456.789",
    "-2.5": "-2.5",
    "5e-324": "5e-324",
  };
  for (const [value, text] of Object.entries(wanted)) assert.equal(print(Number(value)), text);
});

test("an engine that ran out of stack is made anew", async () => {
  const deep = `${"(".repeat(20)}1${")".repeat(20)}`;
  const nested = `{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}`;
  assert.throws(() => renderByEngine("nested", [nested], "{}"), RenderError);
  assert.deepEqual(renderByEngine("deep", [`{{ ${deep} }}`], "{}"), ["1"]);
  for (let number = 0; number < 600; number += 1) {
    assert.deepEqual(renderByEngine(`n${number}`, [`{{ ${number} }}`], "{}"), [String(number)]);
  }
});

test("the whole request is the one that was evaluated", async () => {
  const byName = Object.fromEntries(cases("values.json").map(({ name, value }) => [name, value]));
  const values = { few: byName["examples, and all parameters"], tool: byName["one text with tools"] };
  const prompts = new Prompts(new Values(values));
  assert.deepEqual((await prompts.get("few")).render({ text: "so so" }).converse(), {
    modelId: "amazon.nova-pro-v1:0",
    system: [{ text: "Classify so so." }],
    messages: [
      { role: "user", content: [{ text: "great" }] },
      { role: "assistant", content: [{ text: "positive" }] },
      { role: "user", content: [{ text: "so so" }] },
    ],
    inferenceConfig: { maxTokens: 50, temperature: 0.2, topP: 0.9, stopSequences: ["\n\n"] },
    additionalModelRequestFields: { top_k: 20 },
  });
  const tools = (await prompts.get("tool"))
    .render({ order: "A1" })
    .converse(["Pay it back.", "Which?", "That."]);
  assert.deepEqual(
    tools.messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
  assert.deepEqual(tools.system, [{ text: "Help with A1." }]);
  assert.deepEqual(tools.toolConfig?.toolChoice, { tool: { name: "refund" } });
  assert.deepEqual(tools.toolConfig?.tools[0].toolSpec.inputSchema.json.required, ["order"]);
});

test("what else was asked of Bedrock is asked of it", async () => {
  const by = Object.fromEntries(cases("values.json").map(({ name, value }) => [name, value]));
  const prompt = await new Prompts(new Values({ few: by["examples, and all parameters"] })).get("few");
  const schema = { type: "object", additionalProperties: false };
  const rendered = prompt.render({ text: "so so" });
  rendered.parameters = {
    guardrail: { id: "gr1", version: "3" },
    response_format: { name: "reply", schema },
    performance: "optimized",
  };
  const { guardrailConfig, performanceConfig, outputConfig } = rendered.converse();
  assert.deepEqual(guardrailConfig, { guardrailIdentifier: "gr1", guardrailVersion: "3" });
  assert.deepEqual(performanceConfig, { latency: "optimized" });
  assert.deepEqual(outputConfig, {
    textFormat: {
      type: "json_schema",
      structure: { jsonSchema: { name: "reply", schema: JSON.stringify(schema) } },
    },
  });
});

test("variables are JSON values", async () => {
  const prompt = await new Prompts(new Values({ p: "Hi {name}" })).get("p");
  assert.equal(prompt.render({ name: "Ada" }).text, "Hi Ada");
  for (const odd of [() => 1, Symbol("s"), Number.NaN, 1n, [undefined]]) {
    assert.throws(() => prompt.render({ name: odd }), /`name` is no JSON value/);
  }
  assert.throws(() => prompt.render({ name: undefined }), /`name` has no value/);
});

test("whose code the engine is made of is said", () => {
  const read = (/** @type {string} */ file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
  const said = read("THIRD-PARTY.md");
  const crates = [...read("engine/Cargo.lock").matchAll(/name = "(.*)"\nversion = "(.*)"\nsource/g)];
  // They run while the engine is compiled, and are not in it.
  const tools = ["proc-macro2", "quote", "serde_derive", "syn", "unicode-ident"];
  const within = crates.filter(([, name]) => !tools.includes(name ?? ""));
  assert.ok(within.length > 8);
  for (const [, name, version] of within) assert.match(said, new RegExp(`^- ${name} ${version}: `, "m"));
});
