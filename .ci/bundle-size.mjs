/**
 * Weighs what vite built, gzipped: what the page loads first (index.html with the scripts and styles that it names),
 * the worker, and what the worker loads later. Prints the figures; fails when one is over its limit.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
/**
 * Goals: 250 kB each. What a cluster is made of is a file of its own, loaded with the first one; so are the commands and
 * the shell, loaded when somebody first acts, with the parts that only some clusters run.
 */
const LIMIT_KB = {
  "first load": 250,
  worker: 250,
  cluster: 215,
  "commands and parts": 530,
  "bundled manifests": 60,
};

/** @param {string} path */
const gzippedKb = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length / 1000;

/** What index.html names: the entry, what the entry imports (as module preloads), the styles. */
function firstLoad() {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    (match) => match[1] ?? "",
  );
  return ["index.html", ...new Set(named)];
}

const folder = "assets/worker";
const inFolder = readdirSync(join(dist, "assets")).includes("worker") ? readdirSync(join(dist, folder)) : [];
const scripts = inFolder.filter((name) => name.endsWith(".js"));

/** A part of the worker with what it imports; vite.config.ts puts the worker into a folder of its own. @param {string} part */
function withImports(part) {
  const found = new Set(scripts.filter((name) => name.startsWith(`${part}-`)));
  for (const name of found) {
    const text = readFileSync(join(dist, folder, name), "utf8");
    for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      if (other !== undefined) found.add(other);
  }
  return found;
}

const start = withImports("main");
const cluster = withImports("cluster");
/** Texts for who names a URL: they are fetched by themselves. @param {string} name */
const isBundled = (name) => name.startsWith("bundled-files-");
/** @param {(name: string) => boolean} wanted */
const worker = (wanted) =>
  scripts.filter((name) => !isBundled(name) && wanted(name)).map((name) => `${folder}/${name}`);

for (const [what, files] of /** @type {const} */ ([
  ["first load", firstLoad()],
  ["worker", worker((name) => start.has(name))],
  ["cluster", worker((name) => cluster.has(name) && !start.has(name))],
  ["commands and parts", worker((name) => !cluster.has(name) && !start.has(name))],
  ["bundled manifests", scripts.filter(isBundled).map((name) => `${folder}/${name}`)],
])) {
  const kb = files.reduce((sum, file) => sum + gzippedKb(file), 0);
  const limit = LIMIT_KB[what];
  const over = kb > limit;
  process.stdout.write(`${what}: ${kb.toFixed(1)} kB gzip of ${limit} kB${over ? ": too much" : ""}\n`);
  for (const file of files) process.stdout.write(`  ${gzippedKb(file).toFixed(1).padStart(6)} kB  ${file}\n`);
  if (over) process.exitCode = 1;
}
