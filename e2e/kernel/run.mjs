// node e2e/kernel/run.mjs SCRIPT [WORD...]: run a TypeScript script of this folder (record, diff) with plain Node.
// Node 20 does not read TypeScript: the script is bundled into the cache first, which takes some milliseconds.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "../..");
const [script = "record", ...words] = process.argv.slice(2);
const file = join(project, "node_modules/.cache/kernel-labs", `${script}.mjs`);
const bundle = await rolldown({ input: join(here, `${script}.ts`), platform: "node" });
await bundle.write({ file, format: "esm" });
await bundle.close();
process.exitCode =
  spawnSync(process.execPath, [file, ...words], { cwd: project, stdio: "inherit" }).status ?? 1;
