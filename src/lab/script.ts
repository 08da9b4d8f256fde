import { hex } from "../base/bytes.ts";
import { millis, seconds } from "../sim/time.ts";
import { TraceReader } from "../trace/reader.ts";
import { NULL_FILE, type OpenFile, sinkFile } from "../userland/os/io.ts";
import { DEFAULT_PATH } from "../userland/os/exec.ts";
import { provideBundled } from "./bundled.ts";
import { bundledFiles } from "./bundled-files.ts";
import { type CaptureFile, Captures } from "./captures.ts";
import { parts } from "./more.ts";
import { provideUserland } from "./programs.ts";
import { userland } from "./userland.ts";
import type { World } from "./world.ts";

export interface Script {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface ScriptOptions {
  readonly scripts: readonly Script[];
  readonly cwd: string;
  readonly captures: boolean;
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

export interface ScriptResult {
  readonly status: number;
  readonly captures: readonly CaptureFile[];
  /** Set when the scripts could not be run to their end. */
  readonly stuck?: string;
}

/** Rest before the last script, and how long the captures go on after it. */
const REST = seconds(1);
const AFTERWARDS = millis(500);

const STUCK =
  "flannelgraph: the script waits for something that will never happen: no process can run and no timer is set\n";

/** Sources scripts in one bash, as the lab contract says: captures cover the last one and half a second after it. */
export function runScripts(world: World, options: ScriptOptions): ScriptResult {
  const files = new Map<number, OpenFile>([
    [0, NULL_FILE],
    [1, sinkFile((bytes) => options.output("stdout", bytes))],
    [2, sinkFile((bytes) => options.output("stderr", bytes))],
  ]);
  const env = new Map([
    ["PATH", DEFAULT_PATH],
    ["HOME", "/root"],
    ["USER", "root"],
    ["LOGNAME", "root"],
    ["SHELL", "/bin/bash"],
    ["LANG", "C.UTF-8"],
  ]);
  provideUserland(userland, parts);
  provideBundled(bundledFiles);
  const shell = new userland.Shell(world.host, {
    files,
    env,
    cwd: options.cwd,
    netns: world.netns,
    name: "bash",
  });
  let captures: Captures | undefined;
  let status = 0;
  for (const [i, script] of options.scripts.entries()) {
    if (i === options.scripts.length - 1 && (i > 0 || options.captures)) {
      world.pass(REST);
      if (options.captures) captures = new Captures(world);
    }
    shell.jobs.beginScript();
    const outcome = world.finish(shell.source(script.text, script.path));
    if (outcome === undefined) return { status: 124, captures: captures?.stop() ?? [], stuck: STUCK };
    if (outcome.kind === "threw") throw outcome.error;
    status = outcome.kind === "returned" ? outcome.value : 143;
    if (shell.exited !== undefined) break;
  }
  const ended = world.finish(shell.finish());
  if (ended?.kind === "threw") throw ended.error;
  if (ended?.kind === "returned") status = ended.value;
  if (captures !== undefined) world.pass(AFTERWARDS);
  const recorded = captures?.stop() ?? [];
  shell.killJobs();
  return { status, captures: recorded };
}

/** The whole trace as JSON lines: one record each, times in nanoseconds, frames as hex. */
export function traceLines(world: World): string[] {
  if (world.trace === null) return [];
  const reader = new TraceReader();
  reader.append(world.trace.take());
  const lines: string[] = [];
  for (const record of reader) lines.push(JSON.stringify(jsonRecord(record)));
  return lines;
}

function jsonRecord(record: object): object {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? hex(value) : jsonText(key, value),
    ]),
  );
}

/** Rows of the journal are JSON already: they are embedded, not quoted. */
function jsonText(key: string, value: unknown): unknown {
  if ((key === "before" || key === "after") && typeof value === "string") return JSON.parse(value) as unknown;
  return value;
}
