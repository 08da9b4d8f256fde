import { sleep, type Task } from "../../sim/task.ts";
import { millis } from "../../sim/time.ts";
import { canRun, DEFAULT_PATH, runProgram } from "../../userland/os/exec.ts";
import type { Host } from "../../userland/os/host.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { parseIpv4 } from "../../wire/address.ts";

/** Handshake, authentication, channel. */
const CONNECT_COST = millis(120);
/** Three questions for the address, and no answer. */
const NOBODY_ANSWERS = millis(3070);

const FLAGS = new Set("46AaCfGgKkMNnqsTtVvXxYy");
const WITH_VALUE = new Set("BbcDEeFIiJLlmOopQRSWw");

/** ssh(1)'s arguments: where to, and the command; or what is wrong. */
function parse(words: readonly string[]): {
  destination?: string;
  command: readonly string[];
  unknown?: string;
} {
  const rest = [...words];
  for (;;) {
    const word = rest[0];
    if (word === undefined || !word.startsWith("-") || word === "-") break;
    rest.shift();
    if (word === "--") break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] ?? "";
      if (WITH_VALUE.has(letter)) {
        if (i === word.length - 1) rest.shift();
        break;
      }
      if (!FLAGS.has(letter)) return { command: [], unknown: letter };
    }
  }
  const [destination, ...command] = rest;
  return destination === undefined ? { command } : { destination, command };
}

/**
 * `ssh NODE command`: runs the command by the node's shell. No key and no password is asked for, a departure from kind.
 */
export function ssh(
  nodes: (name: string) => { readonly host: Host; readonly isOn: boolean } | undefined,
  names: () => readonly string[] = () => [],
): Program {
  const main = function* (process: Process): Task<number> {
    const { destination, command, unknown } = parse(process.argv.slice(1));
    if (unknown !== undefined) yield* process.printError(`unknown option -- ${unknown}\n`);
    if (unknown !== undefined || destination === undefined) {
      yield* process.printError(
        "usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-o option] [-p port] destination [command [argument ...]]\n",
      );
      return 255;
    }
    const name = destination.replace(/^.*@/, "");
    const node = nodes(name);
    if (node?.isOn === false) yield* sleep(NOBODY_ANSWERS);
    if (node?.isOn !== true) {
      const text =
        node === undefined && parseIpv4(name) === undefined
          ? `ssh: Could not resolve hostname ${name}: Name or service not known\n`
          : `ssh: connect to host ${name} port 22: No route to host\n`;
      yield* process.printError(text);
      return 255;
    }
    const { host } = node;
    yield* sleep(CONNECT_COST);
    const argv = command.length === 0 ? ["bash"] : ["bash", "-c", command.join(" ")];
    const env = new Map([
      ["HOME", "/root"],
      ["LOGNAME", "root"],
      ["PATH", DEFAULT_PATH],
      ["SHELL", "/bin/bash"],
      ["USER", "root"],
    ]);
    if (canRun(process, argv, { host, env }))
      return yield* runProgram(process, argv, { host, env, cwd: "/root" });
    // A world without a shell (tests of single commands): the words are the command.
    return yield* runProgram(process, command, { host, env, cwd: "/root" });
  };
  return Object.assign(main, { complete: names });
}
