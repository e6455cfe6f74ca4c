// Compile Solidity: standard JSON jobs on stdin, their outputs on stdout, in the same order.
//
// Usage: node compile.mjs FOLDER < jobs.json
//   FOLDER     where `npm ci` put node_modules
//   jobs.json  [{"compiler": "0.8.37", "input": {standard JSON}}, ...]
//   stdout     [{"version": "0.8.37+commit...", "output": {standard JSON}}, ...]
//
// The compilers are the aliases of package.json; the exact version decides, so a job never compiles with a neighbour.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const folder = resolve(process.argv[2] ?? ".");
const load = createRequire(join(folder, "compile.mjs"));

function installed() {
  const names = Object.keys(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).dependencies);
  const solcs = names.filter((name) => name === "solc" || name.startsWith("solc-"));
  return new Map(solcs.map((name) => [load(`${name}/package.json`).version, name]));
}

const aliases = installed();
const compilers = new Map();

function compiler(version) {
  if (!aliases.has(version)) {
    const known = [...aliases.keys()].sort().join(", ");
    throw new Error(`expected a compiler of ${known}; found ${version}. Add it to tools/node/package.json.`);
  }
  if (!compilers.has(version)) {
    const solc = load(aliases.get(version));
    const compile = solc.compileStandardWrapper ?? solc.compile; // 0.4 and early 0.5 know the first name only
    compilers.set(version, { version: solc.version().replace(/\.Emscripten\.clang$/, ""), compile });
  }
  return compilers.get(version);
}

try {
  const outputs = JSON.parse(readFileSync(0, "utf8")).map((job) => {
    const { version, compile } = compiler(job.compiler);
    return { version, output: JSON.parse(compile(JSON.stringify(job.input))) };
  });
  process.stdout.write(JSON.stringify(outputs));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
