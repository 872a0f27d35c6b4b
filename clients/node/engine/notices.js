// Writes ../THIRD-PARTY.md anew: whose code is in ../src/engine.data.js, and on which terms. `build` runs it.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

process.chdir(import.meta.dirname);
const cargo = (...args) => execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 26 });
const { packages } = JSON.parse(cargo("metadata", "--locked", "--format-version=1"));
const tree = cargo(
  "tree", "--locked", "--target=wasm32-unknown-unknown", "--edges=normal,no-proc-macro", "--prefix=none", "--format={p}",
);
const names = new Set(tree.split("\n").map((line) => line.split(" ").slice(0, 2).join(" v").replace("vv", "v")));
const used = packages.filter(({ name, version, source }) => source !== null && names.has(`${name} v${version}`));
used.sort((one, other) => (one.name < other.name ? -1 : 1));

// On Apache-2.0 where there is a choice: its text is in LICENSE.
const isApache = ({ license }) => license.split(" OR ").includes("Apache-2.0");
const text = ({ manifest_path: manifest, license }) => {
  const folder = dirname(manifest);
  const files = readdirSync(folder).filter((file) => /^LICEN[CS]E/i.test(file));
  const file = files.find((name) => /MIT/i.test(name)) ?? files[0];
  if (!file) throw new Error(`${folder} has no text of ${license}`);
  return readFileSync(join(folder, file), "utf8").trim();
};
const line = ({ name, version, license }) => `- ${name} ${version}: ${isApache({ license }) ? "Apache-2.0" : license}`;
const parts = used.filter((one) => !isApache(one)).map((one) => `## ${one.name}\n\n\`\`\`text\n${text(one)}\n\`\`\`\n`);
writeFileSync(
  "../THIRD-PARTY.md",
  `# What the template engine is made of

\`src/engine.data.js\` is compiled from \`engine/\` of prompt-assay and these crates. Those on Apache-2.0 are used on the
terms in LICENSE; the terms of the others follow.

${used.map(line).join("\n")}
- the standard library of Rust: Apache-2.0

${parts.join("\n")}`,
);
