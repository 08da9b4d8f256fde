// Which rules a packet meets, in order: as the kernel traced it, so does our engine's trace tell it.
import { describe, it } from "vitest";
import { unifiedDiff } from "./compare.ts";
import { pendingLabs } from "./harness.ts";
import { engineRules, readStory, storyNames } from "./rules/story.ts";

const pending = pendingLabs();

describe.concurrent("rules met, as xtables-monitor --trace told them on Linux 6.18", () => {
  for (const name of storyNames()) {
    const awaits = pending.get(`rules/${name}`);
    it(awaits === undefined ? name : `${name}, which awaits ${awaits}`, async () => {
      const story = readStory(name);
      const told = story.probes.flatMap((probe) => probe.met);
      const differs = unifiedDiff("rules", told, await engineRules(story));
      if (awaits === undefined && differs !== "") throw new Error(`\n${differs}`);
      if (awaits !== undefined && differs === "")
        throw new Error(`${name} agrees now: take rules/${name} off e2e/kernel/pending.json`);
    });
  }
});
