import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The page's own bench: it needs the sources, the tools beside them, and a Chromium. */
const SCRIPT = "e2e/large/bench.mjs";

/** How many pictures a second the page draws, in a process of its own; the result is its exit code. */
export function benchPage(): number {
  if (!existsSync(SCRIPT)) {
    process.stdout.write("the page is measured from the repository's folder only\n");
    return 0;
  }
  return spawnSync(process.execPath, [SCRIPT], { stdio: "inherit" }).status ?? 1;
}
