import { completeIp } from "./complete.ts";
import type { Task } from "../../sim/task.ts";
import { utf8Decode } from "../../base/utf8.ts";
import { Exit, fail, program } from "../args/exit.ts";
import { Words } from "../args/words.ts";
import { openNetns } from "../netlink/netns.ts";
import { Report } from "../netlink/report.ts";
import { readAll } from "../os/io.ts";
import { openFile } from "../os/files.ts";
import type { Process, Program } from "../os/process.ts";
import type { Ip } from "./context.ts";
import { findVerb } from "./objects.ts";
import { type CommandLine, readOptions } from "./options.ts";
import { IP_USAGE } from "./usage.ts";

const VERSION = "ip utility, iproute2-6.1.0, libbpf 1.1.2\n";

/** What a command left to be printed: standard error is not buffered and comes first. */
interface Outcome {
  readonly status: number;
  readonly error: string;
  readonly output: string;
}

function context(process: Process, line: CommandLine): Ip {
  const netns = line.netns === undefined ? process.netns : openNetns(process.host, line.netns);
  const net = netns === process.netns ? process.net : process.host.kernel.open(netns, process.net.actor);
  const { options } = line;
  const out = new Report({ json: line.json, pretty: line.pretty, oneLine: options.oneLine });
  return { process, netns, net, options, out, warnings: [] };
}

/** Runs one `OBJECT VERB ...`; a verb that runs another program hands back its task. */
function attempt(ip: Ip, words: Words): Outcome | Task<number> {
  const result = (status: number, error: string): Outcome => {
    return { status, error: ip.warnings.join("") + error, output: ip.out.text() };
  };
  try {
    const status = findVerb(words)(ip, words);
    return typeof status === "number" ? result(status, "") : status;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { ...result(error.status, error.text), ...(ip.out.json && { output: "" }) };
  }
}

function* perform(process: Process, line: CommandLine, words: Words): Task<number> {
  const outcome = attempt(context(process, line), words);
  if (!("status" in outcome)) return yield* outcome;
  yield* process.printError(outcome.error);
  yield* process.print(outcome.output);
  return outcome.status;
}

/** The words of a line of `-batch`: quotes hold a word together, # begins a comment. */
export function splitBatchLine(line: string): readonly string[] {
  const words: string[] = [];
  for (const match of line.replace(/#.*$/, "").matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g))
    words.push(match[1] ?? match[2] ?? match[3] ?? "");
  return words;
}

function* batch(process: Process, line: CommandLine, name: string): Task<number> {
  const opened = name === "-" ? undefined : openFile(process, name, "read");
  if (opened?.ok === false) fail(1, `Cannot open file "${name}" for reading: No such file or directory\n`);
  const bytes = yield* readAll(opened?.value ?? process.stdin);
  opened?.value.close();
  let status = 0;
  let number = 0;
  for (const text of utf8Decode(bytes).split("\n")) {
    number++;
    const words = splitBatchLine(text);
    if (words.length === 0) continue;
    if ((yield* perform(process, line, new Words(words))) === 0) continue;
    yield* process.printError(`Command failed ${name}:${number}\n`);
    status = 1;
    if (!line.force) break;
  }
  return status;
}

function* main(process: Process): Task<number> {
  const words = new Words(process.argv, 1);
  const line = readOptions(words);
  if (line.version) {
    yield* process.print(VERSION);
    return 0;
  }
  if (line.netns !== undefined) openNetns(process.host, line.netns);
  if (line.batch !== undefined) return yield* batch(process, line, line.batch);
  if (words.left === 0) fail(255, IP_USAGE);
  return yield* perform(process, line, words);
}

/** iproute2's ip(8). */
export const ip: Program = Object.assign(program(main), { complete: completeIp });
