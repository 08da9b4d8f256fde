// Random labs that a kernel played once: our engine still does the same. `npm run fuzz` plays new ones.
import { describe, it } from "vitest";
import { difference } from "./compare.ts";
import { engineRun } from "./fuzz/play.ts";
import { readRecorded, recordedNames } from "./fuzz/recorded.ts";

describe.concurrent("random labs, as recorded on Linux 6.18", () => {
  for (const name of recordedNames()) {
    it(name, async () => {
      const { script, run } = readRecorded(name);
      const ours = await engineRun(script);
      const differs = difference(run, ours);
      if (differs !== "") throw new Error(`\n${differs}${ours.stderr}`);
    });
  }
});
