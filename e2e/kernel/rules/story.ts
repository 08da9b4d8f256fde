// A story: a lab's network, one netns of it, commands, and the rules that the packets of each command met in that netns.
// Its file: `lab NAME`, `netns NAME`, then `$ COMMAND` and below it one line a rule: table, chain, number or policy, verdict.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folder, playOnEngine, playOnKernel, readLab, type Lab } from "../harness.ts";

export interface Story {
  readonly name: string;
  readonly lab: string;
  readonly netns: string;
  readonly probes: readonly { readonly command: string; readonly met: readonly string[] }[];
}

export const storyNames = (): string[] =>
  readdirSync(join(folder, "rules"))
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.slice(0, -".txt".length))
    .sort();

export function readStory(name: string): Story {
  const lines = readFileSync(join(folder, "rules", `${name}.txt`), "utf8").split("\n");
  const word = (key: string): string =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? "";
  const probes: { command: string; met: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith("$ ")) probes.push({ command: line.slice(2), met: [] });
    else if (line !== "") probes.at(-1)?.met.push(line);
  }
  return { name, lab: word("lab"), netns: word("netns"), probes };
}

export const storyText = (story: Story, met: readonly (readonly string[])[]): string =>
  [
    `lab ${story.lab}`,
    `netns ${story.netns}`,
    ...story.probes.flatMap(({ command }, i) => ["", `$ ${command}`, ...(met[i] ?? [])]),
    "",
  ].join("\n");

const marks = { probe: "== probe", rules: "== rules" };

/** Rules as the kernel at hand traces them, for each probe. */
export async function kernelRules(story: Story): Promise<string[][]> {
  const inside = `ip netns exec ${story.netns}`;
  const probe = [
    "set +e",
    `for hook in PREROUTING OUTPUT; do ${inside} iptables -t raw -I $hook -j TRACE; done`,
    "heard=$(mktemp)",
    ...story.probes.flatMap(({ command }) => [
      `${inside} xtables-monitor --trace >$heard 2>&1 & sleep 0.5`,
      `{ ${command}; } >/dev/null 2>&1`,
      "sleep 0.5; kill $!; wait $! 2>/dev/null",
      `echo "${marks.probe}"; cat $heard`,
    ]),
    "rm $heard",
    `echo "${marks.rules}"; ${inside} nft -a list ruleset`,
    "",
  ].join("\n");
  const { stdout } = await playOnKernel({ ...readLab(story.lab), probe });
  const [heard = "", rules = ""] = stdout.split(`${marks.rules}\n`);
  const numbers = ruleNumbers(rules);
  return heard
    .split(`${marks.probe}\n`)
    .slice(1)
    .map((text) => heardRules(text, numbers));
}

/** `table chain handle` to the rule's number in its chain, from `nft -a list ruleset`. */
function ruleNumbers(listing: string): Map<string, number> {
  const numbers = new Map<string, number>();
  let [table, chain, count] = ["", "", 0];
  for (const line of listing.split("\n")) {
    table = /^table ip (\S+)/.exec(line)?.[1] ?? table;
    const opened = /^\tchain (\S+)/.exec(line)?.[1];
    if (opened !== undefined) [chain, count] = [opened, 0];
    const handle = /^\t\t.* # handle (\d+)$/.exec(line)?.[1];
    if (handle !== undefined) numbers.set(`${table} ${chain} ${handle}`, ++count);
  }
  return numbers;
}

/** NFT_RETURN, which xtables-monitor has no name for. */
const verdictNames: Readonly<Record<string, string>> = { "0xfffffffb": "RETURN" };

/**
 * The lines of xtables-monitor, a packet's together: what a target sends (REJECT) is told before the rule that made it
 * is. Table raw is the recorder's own. A user chain that is left at its end is told nowhere.
 */
function heardRules(text: string, numbers: ReadonlyMap<string, number>): string[] {
  const packets = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, id = "", table = "", chain = "", rest = ""] =
      /^ TRACE: \d+ (\S+) (\S+?):(\S+?):(\S+)/.exec(line) ?? [];
    if (id === "") continue;
    const met = packets.get(id) ?? [];
    packets.set(id, met);
    const [, handle = "", verdict = ""] = /^rule:(0x[0-9a-f]+):(.+)$/.exec(rest) ?? [];
    const policy = /^policy:(\w+)/.exec(rest)?.[1];
    if (table === "raw") continue;
    if (policy !== undefined) met.push(`${table} ${chain} policy ${policy}`);
    if (handle === "") continue;
    const number = numbers.get(`${table} ${chain} ${String(Number(handle))}`);
    met.push(`${table} ${chain} ${String(number)} ${verdictNames[verdict] ?? verdict}`);
  }
  return [...packets.values()].flat();
}

/** Verdicts of targets as nftables sees them. */
const targetVerdicts: Readonly<Record<string, string>> = {
  DNAT: "ACCEPT",
  SNAT: "ACCEPT",
  MASQUERADE: "ACCEPT",
  REDIRECT: "ACCEPT",
  REJECT: "DROP",
};

/** The same story told by our engine's trace: all probes together. */
export async function engineRules(story: Story): Promise<string[]> {
  const work = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    const trace = join(work, "trace.jsonl");
    const probe = [
      "set +e",
      ...story.probes.map(({ command }) => `{ ${command}; } >/dev/null 2>&1`),
      "",
    ].join("\n");
    const lab: Lab = { ...readLab(story.lab), probe };
    const command = process.env["FLANNELGRAPH_LAB"] ?? `${process.execPath} src/cli/run.mjs lab`;
    await playOnEngine(lab, `${command} --trace ${trace}`);
    return tracedRules(readFileSync(trace, "utf8"), story.netns);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function tracedRules(trace: string, netns: string): string[] {
  const packets = new Map<unknown, string[]>();
  let wanted: unknown;
  for (const line of trace.split("\n")) {
    if (line === "") continue;
    const record = JSON.parse(line) as Record<string, unknown>;
    const after = record["after"];
    if (record["table"] === "netns" && after !== null && typeof after === "object" && "label" in after)
      if (after.label === netns) wanted = record["netns"];
    if (record["kind"] !== "rule" || record["netns"] !== wanted || record["family"] !== "ip") continue;
    const met = packets.get(record["skb"]) ?? [];
    packets.set(record["skb"], met);
    const [table, chain, number, verdict] = [
      record["table"],
      record["chain"],
      record["number"],
      record["verdict"],
    ].map(String);
    if (table === "raw") continue;
    met.push(
      `${table ?? ""} ${chain ?? ""} ${number === "0" ? "policy" : (number ?? "")} ${nftVerdict(verdict ?? "")}`,
    );
  }
  return [...packets.values()].flat();
}

const ends = new Set(["ACCEPT", "DROP", "RETURN", "CONTINUE", "QUEUE"]);

function nftVerdict(verdict: string): string {
  if (ends.has(verdict) || /^(JUMP|GOTO):/.test(verdict)) return verdict;
  return targetVerdicts[verdict] ?? "CONTINUE";
}
