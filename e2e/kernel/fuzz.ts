// fuzz [--seeds A-B] [--groups G,...] [--shrink] [--keep]: random labs on this machine's kernel and on our engine.
// Reports go to /tmp/flannelgraph-fuzz/report; --keep records the seeds that agree under e2e/kernel/fuzz/recorded.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { difference } from "./compare.ts";
import { generate, usualGroups } from "./fuzz/generate.ts";
import {
  engineRun,
  Gate,
  kernelRun,
  refusals,
  scriptText,
  settledKernelRun,
  workFolder,
  type Script,
} from "./fuzz/play.ts";
import { writeRecorded } from "./fuzz/recorded.ts";
import { shrink } from "./fuzz/shrink.ts";

interface Options {
  readonly first: number;
  readonly last: number;
  readonly groups: readonly string[];
  readonly shrinks: boolean;
  readonly keeps: boolean;
}

type Verdict = "agrees" | "refused" | "unsettled" | "DISAGREES";

process.env["LAB_RECORDER"] ??= "python";
const reportFolder = join(workFolder, "report");

function parse(words: readonly string[]): Options {
  const valueOf = (name: string): string | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const [first = "1", last = first] = (valueOf("--seeds") ?? "1-20").split("-");
  const groups = valueOf("--groups");
  return {
    first: Number(first),
    last: Number(last),
    groups: groups === undefined ? usualGroups : groups.split(",").filter((group) => group !== ""),
    shrinks: words.includes("--shrink"),
    keeps: words.includes("--keep"),
  };
}

/** Both sides, twice on the kernel's if they part: what it does differently each time is no fact about Linux. */
async function judge(script: Script): Promise<{ verdict: Verdict; differs: string; refused: string[] }> {
  const [kernel, ours] = await Promise.all([kernelRun(script), engineRun(script)]);
  const refused = refusals(ours);
  if (kernel === undefined) return { verdict: "unsettled", differs: "", refused };
  if (difference(kernel, ours) === "") return { verdict: "agrees", differs: "", refused };
  if (refused.length > 0) return { verdict: "refused", differs: "", refused };
  const settled = await settledKernelRun(script);
  if (settled.wobble !== "") return { verdict: "unsettled", differs: settled.wobble, refused };
  const differs = difference(settled.run, ours) + ours.stderr.replace(/^(?=.)/gm, "! ");
  return { verdict: differs === "" ? "agrees" : "DISAGREES", differs, refused };
}

const head = (text: string, lines: number): string => {
  const all = text.split("\n");
  return all.length <= lines ? text : `${all.slice(0, lines).join("\n")}\n...\n`;
};

const stillDisagree = (candidates: readonly Script[]): Promise<boolean[]> =>
  Promise.all(candidates.map(async (script) => (await judge(script)).verdict === "DISAGREES"));

async function report(seed: number, script: Script, shrinks: boolean): Promise<string> {
  const small = shrinks ? await shrink(script, stillDisagree) : script;
  const { differs } = await judge(small);
  const text = `# seed ${String(seed)}\n${scriptText(small)}\n${differs}`;
  writeFileSync(join(reportFolder, `seed-${String(seed)}.txt`), text);
  return text;
}

async function oneSeed(seed: number, options: Options, say: (text: string) => void): Promise<Verdict> {
  const script = generate(seed, options.groups);
  const { verdict, refused, differs } = await judge(script);
  if (verdict === "refused") say(`seed ${String(seed)} refused: ${refused.join("; ")}\n`);
  if (verdict === "unsettled")
    say(`seed ${String(seed)} left out: two plays on the kernel differ\n${head(differs, 12)}`);
  if (verdict === "DISAGREES") say(head(await report(seed, script, options.shrinks), 60));
  if (verdict === "agrees" && options.keeps) await keepRecording(seed, script, options.groups);
  return verdict;
}

async function keepRecording(seed: number, script: Script, groups: readonly string[]): Promise<void> {
  const { run, wobble } = await settledKernelRun(script);
  const kind = groups.length === 0 ? "plain" : groups.join("-");
  if (wobble === "") writeRecorded(`${kind}-${String(seed).padStart(3, "0")}`, script, run);
}

async function main(words: readonly string[]): Promise<number> {
  const options = parse(words);
  rmSync(reportFolder, { recursive: true, force: true });
  mkdirSync(reportFolder, { recursive: true });
  const counts = new Map<Verdict, number[]>();
  const gate = new Gate(12);
  const seeds = Array.from({ length: options.last - options.first + 1 }, (_, i) => options.first + i);
  await Promise.all(
    seeds.map((seed) =>
      gate.pass(async () => {
        const verdict = await oneSeed(seed, options, (text) => process.stdout.write(text));
        appendFileSync(join(reportFolder, "progress.txt"), `${String(seed)} ${verdict}\n`);
        counts.set(verdict, [...(counts.get(verdict) ?? []), seed]);
      }),
    ),
  );
  for (const [verdict, of] of counts)
    process.stdout.write(
      `${verdict}: ${String(of.length)}${verdict === "agrees" ? "" : ` (${of.sort((a, b) => a - b).join(" ")})`}\n`,
    );
  return counts.has("DISAGREES") ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
