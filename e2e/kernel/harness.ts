// Plays a lab on the kernel of this machine or on our engine, and reads and writes recordings of such runs.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dissectCapture } from "./dissect.ts";

export interface Lab {
  readonly name: string;
  readonly setup: string;
  readonly probe: string;
}

/** What one play of a lab showed. `captures` maps `netns/device.in` or `.out` to one line per frame. */
export interface Run {
  readonly stdout: string;
  readonly exitCode: number;
  readonly captures: ReadonlyMap<string, readonly string[]>;
}

export interface Play extends Run {
  readonly stderr: string;
}

const probeMark = "### probe\n";

/** The folders live beside this file, but bundlers move modules: so the caller's working directory, the project, counts. */
export const folder = join(process.cwd(), "e2e/kernel");

export function labNames(): string[] {
  return readdirSync(join(folder, "labs"))
    .filter((file) => file.endsWith(".sh") && file !== "prelude.sh")
    .map((file) => file.slice(0, -".sh".length))
    .sort();
}

/** Labs which the engine cannot pass yet, and what each awaits. A lab that passes must leave the list. */
export function pendingLabs(): ReadonlyMap<string, string> {
  const list: unknown = JSON.parse(readFileSync(join(folder, "pending.json"), "utf8"));
  return new Map(Object.entries(list ?? {}).map(([name, awaits]) => [name, String(awaits)]));
}

export function readLab(name: string): Lab {
  const text = readFileSync(join(folder, "labs", `${name}.sh`), "utf8");
  const prelude = readFileSync(join(folder, "labs/prelude.sh"), "utf8");
  const at = text.indexOf(probeMark);
  if (at < 0) throw new Error(`${name}: no line "### probe"`);
  return { name, setup: prelude + text.slice(0, at), probe: `set +e\n${text.slice(at + probeMark.length)}` };
}

/** What a lab under this name needs is not in every kernel: it is recorded under User-Mode Linux. */
export const isForUml = (name: string): boolean => name.endsWith(".uml");

/** On the kernel at hand, or on User-Mode Linux if the lab's name says so. */
export function playOnKernel(lab: Lab): Promise<Play> {
  if (isForUml(lab.name)) return play(lab, (...files) => ["bash", join(folder, "uml/uml.sh"), ...files]);
  const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return play(lab, (captures, setup, probe) => [
    "unshare",
    ...asUser,
    ...flags,
    "bash",
    join(folder, "machine.sh"),
    captures,
    setup,
    probe,
  ]);
}

/** `command` is what takes `--captures DIR SETUP PROBE`, words separated by blanks. */
export function playOnEngine(lab: Lab, command = "npm run -s flannelgraph -- lab"): Promise<Play> {
  return play(lab, (captures, setup, probe) => [...command.split(" "), "--captures", captures, setup, probe]);
}

async function play(
  lab: Lab,
  commandLine: (captures: string, setup: string, probe: string) => string[],
): Promise<Play> {
  const work = mkdtempSync(join(tmpdir(), `lab-${lab.name}-`));
  try {
    const [captures, setup, probe] = [join(work, "captures"), join(work, "setup.sh"), join(work, "probe.sh")];
    mkdirSync(captures);
    writeFileSync(setup, lab.setup);
    writeFileSync(probe, lab.probe);
    const ended = await run(commandLine(captures, setup, probe));
    return { ...ended, captures: readCaptures(captures) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A lab that hangs is ended: its exit code is 128 then. */
const longestMs = 180_000;

function run(commandLine: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const [program = "", ...words] = commandLine;
  return new Promise((resolve, reject) => {
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const child = spawn(program, words, {
      cwd: process.cwd(),
      stdio,
      timeout: longestMs,
      killSignal: "SIGKILL",
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (part: Buffer) => out.push(part));
    child.stderr.on("data", (part: Buffer) => err.push(part));
    child.on("error", reject);
    // 'exit' would be too early for output still in the pipe; a job left behind by a lab cannot hold the pipe, it is killed.
    child.on("close", (code) => {
      resolve({
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        exitCode: code ?? 128,
      });
    });
  });
}

/** Devices that saw no frame are left out, and so is every `lo`. */
function readCaptures(directory: string): Map<string, string[]> {
  const captures = new Map<string, string[]>();
  for (const netns of readdirSync(directory).sort()) {
    for (const file of readdirSync(join(directory, netns)).sort()) {
      if (!file.endsWith(".pcap") || file.startsWith("lo.")) continue;
      const frames = dissectCapture(readFileSync(join(directory, netns, file)));
      if (frames.length > 0) captures.set(`${netns}/${file.slice(0, -".pcap".length)}`, frames);
    }
  }
  return captures;
}

export function capturesToText(captures: Run["captures"]): string {
  const names = [...captures.keys()].sort();
  return names.map((name) => [`== ${name}`, ...(captures.get(name) ?? [])].join("\n") + "\n").join("");
}

export function capturesFromText(text: string): Map<string, string[]> {
  const captures = new Map<string, string[]>();
  let frames: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("== ")) captures.set(line.slice(3), (frames = []));
    else if (line !== "") frames.push(line);
  }
  return captures;
}

export function readRecording(name: string): Run {
  const file = (part: string): string => readFileSync(join(folder, "recorded", name, part), "utf8");
  return {
    stdout: file("stdout.txt"),
    exitCode: Number(file("exit-code")),
    captures: capturesFromText(file("captures.txt")),
  };
}

export function isRecorded(name: string): boolean {
  return existsSync(join(folder, "recorded", name, "captures.txt"));
}

export function writeRecording(name: string, seen: Run): void {
  const directory = join(folder, "recorded", name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "stdout.txt"), seen.stdout);
  writeFileSync(join(directory, "exit-code"), `${String(seen.exitCode)}\n`);
  writeFileSync(join(directory, "captures.txt"), capturesToText(seen.captures));
}
