import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { canRun, runProgram } from "../os/exec.ts";
import type { Process } from "../os/process.ts";
import { getOptions } from "../text/getopt.ts";
import { refuse } from "../args/exit.ts";

/** unshare(1), nsenter(1): of the namespaces only the network's is modelled; the others exist once per host. */

const HARMLESS = "mpiuCUfTr";

export function* unshare(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "nmpiuCUTfr",
    long: {
      net: "n",
      mount: "m",
      pid: "p",
      ipc: "i",
      uts: "u",
      cgroup: "C",
      user: "U",
      time: "T",
      fork: "f",
      "map-root-user": "r",
      "mount-proc": "maybe",
      "kill-child": "maybe",
    },
    stopAtOperand: true,
  });
  if (typeof options === "number") return options;
  const refused = options.list
    .map(([name]) => name)
    .find((name) => HARMLESS.includes(name) && !"mfr".includes(name));
  if (refused !== undefined) refuse(`unshare -${refused}`);
  const command = options.operands.length === 0 ? ["/bin/bash"] : options.operands;
  if (!canRun(process, command)) return yield* failed(process, "unshare", command[0]!);
  if (!options.has("n")) return yield* runProgram(process, command);
  const netns = process.host.kernel.createNetns("");
  try {
    return yield* runProgram(process, command, { netns });
  } finally {
    process.host.kernel.releaseNetns(netns);
  }
}

function* failed(process: Process, name: string, command: string): Task<number> {
  yield* process.printError(`${name}: failed to execute ${command}: No such file or directory\n`);
  return 127;
}

export function* nsenter(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "n::t:m::u::i::p::C::U::Fa",
    long: { net: "n", target: "t", mount: "m", uts: "u", ipc: "i", pid: "p", "no-fork": "F", all: "a" },
    stopAtOperand: true,
  });
  if (typeof options === "number") return options;
  const command = options.operands.length === 0 ? ["/bin/bash"] : options.operands;
  const netns = target(process, options.get("n"), options.get("t"));
  if ((options.has("n") || options.has("a")) && netns === undefined) {
    const path = options.get("n") || `/proc/${options.get("t") ?? ""}/ns/net`;
    yield* process.printError(`nsenter: cannot open ${path}: No such file or directory\n`);
    return 1;
  }
  if (!canRun(process, command)) return yield* failed(process, "nsenter", command[0]!);
  const inNet = options.has("n") || options.has("a");
  return yield* runProgram(process, command, inNet && netns !== undefined ? { netns } : {});
}

/** `--net=/run/netns/NAME`, `--net=/var/run/docker/netns/ID`, `--net=/proc/PID/ns/net`, or the namespace of `-t PID`. */
function target(process: Process, file: string | undefined, pid: string | undefined): NetnsId | undefined {
  const path = file?.replace(/^=/, "") ?? "";
  const mounted = process.host.netnsFiles.get(path.replace(/^\/run\//, "/var/run/"));
  if (mounted !== undefined) return mounted;
  const named = /^\/(?:var\/)?run\/netns\/(.+)$/.exec(path);
  if (named !== null) return process.host.netnsNames.get(named[1]!);
  const byPid = /^\/proc\/(\d+)\/ns\/net$/.exec(path);
  return process.host.processes.get(Number(byPid?.[1] ?? pid))?.netns;
}
