// Plays random labs on both sides. What the kernel did is kept by the hash of the script: the generator may change,
// the kernel does not.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { difference } from "../compare.ts";
import {
  capturesFromText,
  capturesToText,
  folder,
  playOnEngine,
  playOnKernel,
  type Lab,
  type Play,
  type Run,
} from "../harness.ts";

export const workFolder = "/tmp/flannelgraph-fuzz";
const cacheFolder = join(workFolder, "kernel");
const engineCommand = process.env["FLANNELGRAPH_LAB"] ?? `${process.execPath} src/cli/run.mjs lab`;

/** As many side by side as fit: on the kernel a lab mostly sleeps, on our engine it computes. */
export class Gate {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  constructor(places: number) {
    this.free = places;
  }
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

const kernelGate = new Gate(Number(process.env["FUZZ_PARALLEL"] ?? 8));
const engineGate = new Gate(2);

export interface Script {
  readonly setup: readonly string[];
  readonly probe: readonly string[];
}

/** As a lab's file would hold it. */
export const scriptText = ({ setup, probe }: Script): string =>
  [...setup, "### probe", ...probe, ""].join("\n");

/** Errors are part of what is compared, and a failing line does not end the lab. */
export function asLab(name: string, script: Script): Lab {
  const prelude = readFileSync(join(folder, "labs/prelude.sh"), "utf8");
  const lines = (part: readonly string[]): string => part.map((line) => `${line}\n`).join("");
  return {
    name,
    setup: `${prelude}set +e\nexec 2>&1\n${lines(script.setup)}true\n`,
    probe: `set +e\nexec 2>&1\n${lines(script.probe)}true\n`,
  };
}

export function engineRun(script: Script): Promise<Play> {
  return engineGate.pass(() => playOnEngine(asLab("fuzz", script), engineCommand));
}

export function freshKernelRun(script: Script): Promise<Play> {
  return kernelGate.pass(() => playOnKernel(asLab("fuzz", script)));
}

/** What the kernel did, from the cache if it has played this script. `undefined`: it is known to disagree with itself. */
export async function kernelRun(script: Script): Promise<Run | undefined> {
  const file = cacheFile(script);
  if (existsSync(file)) return runFromText(readFileSync(file, "utf8"));
  const seen = await freshKernelRun(script);
  keep(file, runToText(seen));
  return seen;
}

/** Plays twice; `wobble` says where the two plays differ. Replaces what the cache holds. */
export async function settledKernelRun(script: Script): Promise<{ run: Run; wobble: string }> {
  const [run, second] = await Promise.all([freshKernelRun(script), freshKernelRun(script)]);
  const wobble = difference(run, second);
  keep(cacheFile(script), wobble === "" ? runToText(run) : unsettled);
  return { run, wobble };
}

function cacheFile(script: Script): string {
  const lab = asLab("fuzz", script);
  const hash = createHash("sha256").update(`${lab.setup}\0${lab.probe}`).digest("hex").slice(0, 24);
  return join(cacheFolder, `${hash}.txt`);
}

const unsettled = "the kernel disagrees with itself\n";

function keep(file: string, text: string): void {
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(file, text);
}

const [stdoutMark, exitMark, captureMark] = ["### stdout\n", "### exit code ", "### captures\n"];

/** A run as text, one after the other: output, exit code, captures. */
export function runToText(seen: Run): string {
  return `${stdoutMark}${seen.stdout}${exitMark}${String(seen.exitCode)}\n${captureMark}${capturesToText(seen.captures)}`;
}

export function runFromText(text: string): Run | undefined {
  if (text === unsettled) return undefined;
  const exitAt = text.lastIndexOf(exitMark);
  const capturesAt = text.indexOf(captureMark, exitAt);
  return {
    stdout: text.slice(text.indexOf(stdoutMark) + stdoutMark.length, exitAt),
    exitCode: Number.parseInt(text.slice(exitAt + exitMark.length), 10),
    captures: capturesFromText(text.slice(capturesAt + captureMark.length)),
  };
}

/** What our engine says that it does not model, if that is why it departs. */
export function refusals(seen: Run): string[] {
  return [...new Set(seen.stdout.match(/flannelgraph: .*/g) ?? [])];
}
