import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { runLab } from "../lab/run.ts";
import { parseScenario } from "../scenario/read.ts";
import type { LowerFiles } from "../userland/os/memfs.ts";

const USAGE =
  "usage: flannelgraph lab [--kind FILE | --scenario FILE] [--captures DIR] [--trace FILE] [--seed N] SCRIPT...\n";

interface Arguments {
  kind?: string;
  scenario?: string;
  captures?: string;
  trace?: string;
  seed: number;
  readonly scripts: string[];
}

/** `flannelgraph lab`: the lab contract on real files. Its result is the scripts' exit code, 2 for a wrong call. */
export function lab(words: readonly string[]): number {
  const args = parse(words);
  if (typeof args === "string") return complain(`${args}\n${USAGE}`);
  try {
    return run(args);
  } catch (error) {
    if (isFileError(error)) return complain(`${error.path ?? "?"}: ${reasonOf(error.code)}\n`);
    throw error;
  }
}

function run(args: Arguments): number {
  const scripts = args.scripts.map((name) => ({ path: resolve(name), text: readFileSync(name, "utf8") }));
  const last = scripts.at(-1);
  if (args.kind !== undefined && args.scenario !== undefined)
    return complain("--kind and --scenario are one too many: a scenario has its own cluster\n");
  if (last === undefined) return complain(`no script is named\n${USAGE}`);
  if (args.captures !== undefined) mkdirSync(args.captures, { recursive: true });
  const scenario =
    args.scenario === undefined ? undefined : parseScenario(readFileSync(args.scenario, "utf8"));
  if (scenario?.ok === false)
    return complain(`${args.scenario}: not a scenario (${scenario.error.reason}) ${scenario.error.detail}\n`);
  const result = runLab({
    scripts,
    cwd: dirname(last.path),
    seed: args.seed,
    captures: args.captures !== undefined,
    traced: args.trace !== undefined,
    lower: filesBelow(scripts.map((s) => dirname(s.path))),
    ...(args.kind === undefined ? {} : { kind: { path: args.kind, text: readFileSync(args.kind, "utf8") } }),
    ...(scenario === undefined ? {} : { scenario: scenario.value }),
    output: (stream, bytes) => writeAll(stream === "stdout" ? 1 : 2, bytes),
  });
  if (args.captures !== undefined) {
    for (const file of result.captures) {
      const path = join(args.captures, file.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file.bytes);
    }
  }
  if (args.trace !== undefined) writeFileSync(args.trace, result.trace.map((line) => `${line}\n`).join(""));
  if (result.message !== undefined) process.stderr.write(result.message);
  return result.status;
}

function parse(words: readonly string[]): Arguments | string {
  const args: Arguments = { seed: 1, scripts: [] };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith("--")) {
      args.scripts.push(word);
      continue;
    }
    const value = words[++i];
    if (!["--kind", "--scenario", "--captures", "--trace", "--seed"].includes(word))
      return `flannelgraph lab: unknown option "${word}"`;
    if (value === undefined) return `flannelgraph lab: option "${word}" needs a value`;
    if (word === "--kind") args.kind = value;
    else if (word === "--scenario") args.scenario = value;
    else if (word === "--captures") args.captures = value;
    else if (word === "--trace") args.trace = value;
    else if (/^\d+$/.test(value)) args.seed = Number(value);
    else return `flannelgraph lab: "${value}" is not a seed: a whole number is`;
  }
  return args;
}

/** Reads reach real files below the scripts' own directories; nothing is written there. */
function filesBelow(folders: readonly string[]): LowerFiles {
  const inside = (path: string): boolean => folders.some((f) => path === f || path.startsWith(f + sep));
  return {
    read: (path) => {
      if (!inside(path) || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
      return new Uint8Array(readFileSync(path));
    },
    list: (path) => {
      if (!inside(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
        return undefined;
      return readdirSync(path);
    },
  };
}

/** Writes at once, in order, even to a pipe that is not read fast enough. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (!isFileError(error) || error.code !== "EAGAIN") throw error;
    }
  }
}

function complain(text: string): number {
  process.stderr.write(text.startsWith("flannelgraph") ? text : `flannelgraph lab: ${text}`);
  return 2;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}

function reasonOf(code: string | undefined): string {
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EISDIR") return "is a directory";
  if (code === "EACCES") return "permission denied";
  return code ?? "cannot be read";
}
