import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { recordedCases, runShell, steady } from "../../testkit/shellWorld.ts";

/** Scripts with what the tools of Debian 12 did with them; src/testkit/record-shell.mjs records them. */
const folder = new URL("fixtures/", import.meta.url);

for (const name of readdirSync(folder).sort()) {
  describe(name.replace(".txt", ""), () => {
    for (const { script, stdout, stderr, status } of recordedCases(
      readFileSync(new URL(name, folder), "utf8"),
    )) {
      test(script.split("\n", 1)[0]!.slice(0, 70), () => {
        const run = runShell(script);
        expect({ stdout: run.stdout, stderr: steady(run.stderr), status: run.status }).toEqual({
          stdout,
          stderr,
          status,
        });
      });
    }
  });
}
