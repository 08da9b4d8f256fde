import type { DaemonOptions, DockerSurroundings } from "../../container/docker/types.ts";
import { Signal } from "../../sim/task.ts";
import { fail, program, refuse } from "../../userland/args/exit.ts";
import { runProgram } from "../../userland/os/exec.ts";
import type { Program } from "../../userland/os/process.ts";
import { parsePrefix } from "../../wire/address.ts";

type Flags = { -readonly [K in keyof DaemonOptions]?: DaemonOptions[K] };

function bool(value: string): boolean {
  return value !== "false";
}

/** One option of dockerd(8) of those that are about networks. */
function read(flags: Flags, name: string, value: string): void {
  if (name === "bip") {
    const prefix = parsePrefix(value);
    if (prefix === undefined || !value.includes("/"))
      fail(
        1,
        `failed to start daemon: Error initializing network controller: invalid CIDR address: ${value}\n`,
      );
    flags.bip = prefix;
  } else if (name === "mtu") flags.mtu = Number(value);
  else if (name === "ip-masq") flags.masquerade = bool(value);
  else if (name === "icc") flags.icc = bool(value);
  else if (name === "userland-proxy") flags.userlandProxy = bool(value);
  else refuse(`dockerd --${name}`);
}

/** `dockerd`, in the foreground: what the unit file of a machine's Docker would start. */
export function dockerd(surroundings: DockerSurroundings): Program {
  return program(function* (process) {
    const flags: Flags = {};
    for (const word of process.argv.slice(1)) {
      const [, name = "", value = "true"] = /^--([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
      if (name === "") fail(125, `unknown argument: ${word}\n`);
      read(flags, name, value);
    }
    surroundings.flags = flags;
    // The daemon begins when it is first asked.
    const started = yield* runProgram(process, ["docker", "ps", "-q"]);
    if (started !== 0) return started;
    yield* process.printError("API listen on /run/docker.sock\n");
    yield* new Signal().wait();
    return 0;
  });
}
