// rules record|diff [NAME...]: the rules that each packet of a probe meets, in order, as `xtables-monitor --trace` tells it
// on the kernel at hand, beside what our engine's trace tells. A file of rules/ holds commands and what they met.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unifiedDiff } from "./compare.ts";
import { folder } from "./harness.ts";
import { kernelRules, engineRules, readStory, storyNames, storyText } from "./rules/story.ts";

async function record(name: string): Promise<string> {
  const story = readStory(name);
  const [first, second] = [await kernelRules(story), await kernelRules(story)];
  const differs = unifiedDiff(name, first.flat(), second.flat());
  if (differs === "") writeFileSync(join(folder, "rules", `${name}.txt`), storyText(story, first));
  return differs;
}

async function diff(name: string): Promise<string> {
  const story = readStory(name);
  return unifiedDiff(
    name,
    story.probes.flatMap((probe) => probe.met),
    await engineRules(story),
  );
}

const [verb = "diff", ...names] = process.argv.slice(2);
let failures = 0;
for (const name of names.length > 0 ? names : storyNames()) {
  if (!existsSync(join(folder, "rules", `${name}.txt`))) throw new Error(`no file rules/${name}.txt`);
  const differs = await (verb === "record" ? record(name) : diff(name));
  process.stdout.write(`${differs === "" ? "ok      " : "DIFFERS "}${name}\n${differs}`);
  if (differs !== "") failures++;
}
process.exitCode = failures === 0 ? 0 : 1;
