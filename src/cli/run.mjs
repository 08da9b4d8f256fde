/**
 * Runs the command line: bundles src/cli/main.ts when a source file has changed since the last time, then calls its
 * `main(args)`, whose result is the exit code. The bundle is self-contained and lies in node_modules/.cache.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const entry = join(root, "src/cli/main.ts");
const BUNDLE = "flannelgraph.mjs";
const BROWSER_ONLY = new Set(["app", "client"]);
const KEEP_OLD_BUNDLES_MS = 60 * 60 * 1000;

/**
 * Every file that can have a part in the bundle.
 * @param {string} folder
 * @returns {string[]}
 */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((file) => {
    const path = join(folder, file.name);
    if (!file.isDirectory()) return /\.test\.tsx?$/.test(file.name) ? [] : [path];
    return folder === join(root, "src") && BROWSER_ONLY.has(file.name) ? [] : sources(path);
  });
}

/** Changes when a source file, a dependency or this file does. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const path of [...sources(join(root, "src")), join(root, "package-lock.json")].sort()) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${relative(root, path)}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest("hex").slice(0, 20);
}

/** The cache beside the dependencies, or the system's temporary folder when the work tree cannot be written. */
function cacheFolder() {
  const beside = join(root, "node_modules/.cache/flannelgraph");
  try {
    mkdirSync(beside, { recursive: true });
    return beside;
  } catch {
    const user = process.getuid?.() ?? 0;
    const elsewhere = join(tmpdir(), `flannelgraph-${user}`);
    mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
    if (statSync(elsewhere).uid !== user) throw new Error(`${elsewhere} belongs to somebody else`);
    return elsewhere;
  }
}

/** @type {import("rolldown").Plugin} `import text from "./file.yaml?raw"`, as in Vite. */
const rawText = {
  name: "raw-text",
  load: {
    filter: { id: /\?raw$/ },
    async handler(id) {
      const { readFile } = await import("node:fs/promises");
      const path = id.slice(0, -"?raw".length);
      this.addWatchFile(path);
      return { code: `export default ${JSON.stringify(await readFile(path, "utf8"))};`, moduleType: "js" };
    },
  },
  resolveId: {
    filter: { id: /\?raw$/ },
    async handler(specifier, importer) {
      const found = await this.resolve(specifier.slice(0, -"?raw".length), importer, { skipSelf: true });
      return found === null ? null : { ...found, id: `${found.id}?raw` };
    },
  },
};

/**
 * Writes the bundle into a folder that only this process knows, then gives the folder its name: of two runs at once
 * the first to finish wins, and neither sees half a file. `node --enable-source-maps` finds the map beside the code.
 * @param {string} folder
 */
async function build(folder) {
  const { rolldown } = await import("rolldown");
  const bundler = await rolldown({
    input: entry,
    cwd: root,
    platform: "node",
    plugins: [rawText],
    logLevel: "warn",
    onLog: (level, log) => void process.stderr.write(`${level}: ${log.message}\n`),
  });
  const draft = `${folder}.${process.pid}.tmp`;
  await bundler.write({ file: join(draft, BUNDLE), format: "esm", codeSplitting: false, sourcemap: true });
  await bundler.close();
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(folder, BUNDLE))) throw error;
  }
}

/**
 * Removes old bundles and abandoned drafts; young ones may be about to be imported by a run beside this one.
 * @param {string} cache
 */
function tidy(cache) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > KEEP_OLD_BUNDLES_MS) rmSync(path, { recursive: true, force: true });
  }
}

async function bundled() {
  const cache = cacheFolder();
  const folder = join(cache, fingerprint());
  if (!existsSync(join(folder, BUNDLE))) {
    await build(folder);
    tidy(cache);
  }
  return join(folder, BUNDLE);
}

/** A reader that went away (`| head`) ends us as SIGPIPE ends a command: quietly, with 128 + 13. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code === "EPIPE") process.exit(141);
    throw error;
  });
}

/** @type {{ main(args: readonly string[]): number | Promise<number> }} */
const { main } = await import(pathToFileURL(await bundled()).href);
process.exitCode = await main(process.argv.slice(2));
