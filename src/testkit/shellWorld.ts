import { utf8Decode } from "../base/utf8.ts";
import { concat } from "../base/bytes.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { spawn } from "../sim/task.ts";
import { Host } from "../userland/os/host.ts";
import { NULL_FILE, type OpenFile, sinkFile } from "../userland/os/io.ts";
import { MemFs } from "../userland/os/memfs.ts";
import { PROGRAMS } from "../userland/programs.ts";
import { Shell } from "../userland/shell/shell.ts";
import { fakeKernel } from "./fakeKernel.ts";

/** What a script did on a machine without a network. */
export interface ShellRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when it waited for something that never happens, or did not end in `steps` steps. */
  readonly status: number | undefined;
  /** Virtual seconds that it took. */
  readonly seconds: number;
}

export interface ShellRunOptions {
  readonly path?: string;
  readonly cwd?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps?: number;
}

/** Where record-shell.mjs runs the scripts too. */
const FOLDER = "/tmp/flannelgraph-shell/w";
const STEPS = 2_000_000;

/** Runs scripts one after the other in one bash, as `lab` does. */
export function runShell(scripts: string | readonly string[], options: ShellRunOptions = {}): ShellRun {
  const queue = new EventQueue();
  const kernel = fakeKernel();
  const fs = new MemFs({ files: { [`${FOLDER}/.made`]: "", ...options.files } });
  fs.remove(`${FOLDER}/.made`);
  const netns = kernel.createNetns("");
  const host = new Host({ name: "lab", kernel, queue, random: new Random(1), fs, programs: PROGRAMS, netns });
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const files = new Map<number, OpenFile>([
    [0, NULL_FILE],
    [1, sinkFile((bytes) => out.push(bytes.slice()))],
    [2, sinkFile((bytes) => err.push(bytes.slice()))],
  ]);
  const env = new Map([
    ["HOME", "/root"],
    ["LC_ALL", "C.UTF-8"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
  const path = options.path ?? "../s.sh";
  const shell = new Shell(host, { files, env, cwd: options.cwd ?? FOLDER, netns, name: path });
  const main = spawn(
    queue,
    (function* () {
      for (const script of typeof scripts === "string" ? [scripts] : scripts)
        yield* shell.source(script, path);
      return yield* shell.finish();
    })(),
  );
  let steps = 0;
  queue.runWhile(() => main.alive && ++steps < (options.steps ?? STEPS));
  if (main.outcome?.kind === "threw") throw main.outcome.error;
  return {
    stdout: utf8Decode(concat(out)),
    stderr: utf8Decode(concat(err)),
    status: main.outcome?.kind === "returned" ? main.outcome.value : undefined,
    seconds: queue.now / 1e9,
  };
}

/** A case of a fixture that record-shell.mjs has recorded. */
export interface RecordedCase {
  readonly script: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export function recordedCases(text: string): RecordedCase[] {
  return text
    .split(/^#### script\n/m)
    .slice(1)
    .map((part) => {
      const [script = "", ...sections] = part.split(/^(?=#### (?:stdout|stderr|status))/m);
      const read = (name: string): string => {
        const found = sections.find((section) => section.startsWith(`#### ${name}`));
        return found?.slice(found.indexOf("\n") + 1).replace(/\n#### no newline\n$/, "") ?? "";
      };
      const status = /^#### status (\d+)/m.exec(part)?.[1] ?? "-1";
      return { script, stdout: read("stdout"), stderr: read("stderr"), status: Number(status) };
    });
}

/** As the recorder writes what differs from run to run. */
export function steady(text: string): string {
  return text.replace(/(line \d+: ) *\d+ (Killed|Hangup|Aborted)/g, "$1PID $2");
}
