/**
 * Rendering as the evaluation renders, held against `clients/contract/rendering.json`: `jinja` by the
 * engine itself (`engine.js`), `python`, `braces` and `none` here.
 */

import { RenderError } from "./errors.js";

/** @type {readonly string[]} */
export const LANGUAGES = ["jinja", "python", "braces", "none"];
const ASCII_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What is no ASCII was checked by the evaluation; languages differ in what is a letter. */
const NAME = /^[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/;
const FIELD = /^([^[\]{}]+)((?:\[[^\]]*\])*)$/su;

/** @typedef {string | { name: string, keys: string[] }} Piece */

/**
 * The language a plain text is written in: nothing beside it says so.
 *
 * @param {string} text
 * @returns {"jinja" | "python" | "none"}
 */
export function language(text) {
  let fields = /** @type {string[]} */ ([]);
  try {
    fields = pieces(text).flatMap((piece) => (typeof piece === "string" ? [] : [piece.name]));
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
  }
  if (fields.length > 0 && fields.every((name) => ASCII_NAME.test(name))) return "python";
  return hasTags(text) ? "jinja" : "none";
}

/**
 * Whether Jinja has anything to do in it.
 *
 * @param {string} text
 */
export function hasTags(text) {
  return ["{{", "{%", "{#"].some((tag) => text.includes(tag));
}

/**
 * A Jinja text without tags, as the engine renders it: without its last line break.
 *
 * @param {string} text
 */
export function withoutLastBreak(text) {
  const shorter = text.endsWith("\n") ? text.slice(0, -1) : text;
  return shorter.endsWith("\r") ? shorter.slice(0, -1) : shorter;
}

/**
 * The variables as JSON: what a golden set has, and nothing else.
 *
 * @param {Record<string, unknown>} variables
 */
export function toJson(variables) {
  const rows = Object.entries(variables).flatMap(([name, value]) => {
    try {
      const json = JSON.stringify(value, refused);
      return json === undefined ? [] : [`${JSON.stringify(name)}:${json}`];
    } catch (error) {
      throw new RenderError(
        `the variable \`${name}\` is no JSON value: ${/** @type {Error} */ (error).message}`,
      );
    }
  });
  return `{${rows.join(",")}}`;
}

/**
 * What JSON would silently make something else of.
 *
 * @this {unknown}
 * @param {string} key
 * @param {unknown} value
 */
function refused(key, value) {
  const isOdd = typeof value === "function" || typeof value === "symbol" || typeof value === "bigint";
  const isHole = value === undefined && Array.isArray(this);
  if (isOdd || isHole || (typeof value === "number" && !Number.isFinite(value))) {
    throw new TypeError(`it holds ${String(value)}${key && ` at \`${key}\``}`);
  }
  return value;
}

/**
 * Splits a template of Python's `str.format` with plain names.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let literal = "";
  let at = 0;
  for (;;) {
    const next = /[{}]/g;
    next.lastIndex = at;
    const brace = next.exec(text)?.index ?? -1;
    if (brace < 0) {
      found.push(literal + text.slice(at));
      return found;
    }
    literal += text.slice(at, brace);
    if (text[brace + 1] === text[brace]) {
      literal += text[brace];
      at = brace + 2;
      continue;
    }
    const line = text.slice(0, brace).split("\n").length;
    if (text[brace] === "}")
      throw new RenderError(`a single \`}\` in line ${line}: write \`}}\` for a brace`);
    const end = text.indexOf("}", brace);
    if (end < 0) throw new RenderError(`a \`{\` in line ${line} is never closed: write \`{{\` for a brace`);
    const field = FIELD.exec(text.slice(brace + 1, end));
    if (!field?.[1] || !NAME.test(field[1])) {
      throw new RenderError(`\`${text.slice(brace, end + 1)}\` in line ${line} is not a plain \`{name}\``);
    }
    const keys = [...(field[2] ?? "").matchAll(/\[([^\]]*)\]/gsu)].map((key) => key[1] ?? "");
    found.push(literal, { name: field[1], keys });
    literal = "";
    at = end + 1;
  }
}

/**
 * @param {Piece[]} compiled
 * @param {Record<string, unknown>} variables JSON values
 */
export function formatted(compiled, variables) {
  return compiled.map((piece) => (typeof piece === "string" ? piece : printed(piece, variables))).join("");
}

/**
 * The `braces` language: `{name}` of a variable that is given is filled in, every other brace stays.
 *
 * @param {string} text
 * @param {Record<string, unknown>} variables JSON values
 */
export function filled(text, variables) {
  return text.replace(/\{([^{}]*)\}/gu, (all, name) =>
    NAME.test(name) && Object.hasOwn(variables, name) ? printed({ name, keys: [] }, variables) : all,
  );
}

/**
 * @param {{ name: string, keys: string[] }} field
 * @param {Record<string, unknown>} variables
 */
function printed({ name, keys }, variables) {
  if (!Object.hasOwn(variables, name)) throw new RenderError(`the variable \`${name}\` has no value`);
  let value = variables[name];
  for (const key of keys) {
    const isThere =
      typeof value === "object" &&
      value !== null &&
      (Array.isArray(value)
        ? /^\+?[0-9]+$/.test(key) && Number(key) < value.length
        : Object.hasOwn(value, key));
    if (!isThere) throw new RenderError(`the variable \`${name}\` has no \`[${key}]\``);
    const holder = /** @type {Record<string, unknown>} */ (value);
    value = Array.isArray(value) ? value[Number(key)] : holder[key];
  }
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return number(value);
  if (typeof value === "object") {
    throw new RenderError(`the variable \`${name}\` is a list or a mapping; only single values are printed`);
  }
  return String(value);
}

/**
 * A number as the evaluation prints it: the shortest digits.
 *
 * @param {number} value
 */
function number(value) {
  if (Number.isInteger(value) && value < 2 ** 64 && value >= -(2 ** 63)) return BigInt(value).toString();
  const sign = value < 0 ? "-" : "";
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const point = Number(exponent) + 1;
  if (point > 0 && point <= 16) {
    const padded = digits.padEnd(point, "0");
    return `${sign}${padded.slice(0, point)}.${padded.slice(point) || "0"}`;
  }
  if (point > -5 && point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${sign}${digits[0]}${rest}e${point - 1 < 0 ? "" : "+"}${point - 1}`;
}
