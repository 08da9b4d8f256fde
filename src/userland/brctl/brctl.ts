import type { BridgeOptions, KernelResult, LinkChange, LinkInfo } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { toSeconds } from "../../sim/time.ts";
import { formatMac } from "../../wire/address.ts";
import { fail, program, refuse } from "../args/exit.ts";
import { Words } from "../args/words.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { USAGE } from "./usage.ts";

/** brctl(8) of bridge-utils 1.7.1. Models: brctl_cmd.c. */

function failed(text: string): never {
  fail(1, `${text}\n`);
}

function bridgeOf(process: Process, name: string): LinkInfo {
  const link = process.net.link.byName(name);
  return link?.bridge === undefined ? failed(`bridge ${name} does not exist!`) : link;
}

function interfaceOf(process: Process, name: string): LinkInfo {
  return process.net.link.byName(name) ?? failed(`interface ${name} does not exist!`);
}

function portsOf(process: Process, bridge: LinkInfo): readonly LinkInfo[] {
  const ports = process.net.link.list().filter((link) => link.master === bridge.index);
  return ports.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `8000.020000005001`. */
function bridgeId(bridge: LinkInfo): string {
  const priority = (bridge.bridge?.priority ?? 0).toString(16).padStart(4, "0");
  return `${priority}.${formatMac(bridge.mac).replaceAll(":", "")}`;
}

const SHOW_TITLES = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n";

function* show(process: Process, words: Words): Task<number> {
  const names = words.rest();
  const all = process.net.link.list().filter((link) => link.bridge !== undefined);
  const chosen: LinkInfo[] = [];
  let status = 0;
  for (const name of names) {
    const link = all.find((bridge) => bridge.name === name);
    if (link !== undefined) chosen.push(link);
    else {
      yield* process.printError(`bridge ${name} does not exist!\n`);
      status = 1;
    }
  }
  const bridges = names.length === 0 ? all.sort((a, b) => (a.name < b.name ? -1 : 1)) : chosen;
  let text = bridges.length === 0 ? "" : SHOW_TITLES;
  for (const bridge of bridges) {
    const stp = bridge.bridge?.stp === true ? "yes" : "no";
    const ports = portsOf(process, bridge).map((port) => port.name);
    text += `${bridge.name}\t\t${bridgeId(bridge)}\t${stp}\t\t${ports.join("\n\t\t\t\t\t\t\t")}\n`;
  }
  yield* process.print(text);
  return status;
}

function* showMacs(process: Process, words: Words): Task<number> {
  const bridge = bridgeOf(process, words.next() ?? usageOf("showmacs"));
  const { now } = process.host.queue;
  const entries = process.net.fdb
    .list()
    .filter(
      (entry) => entry.target === "master" && entry.master === bridge.index && entry.dev !== bridge.index,
    )
    .map((entry) => ({ ...entry, port: process.net.link.byIndex(entry.dev)?.port?.number ?? 0 }))
    .sort((a, b) => a.mac - b.mac);
  let text = "port no\tmac addr\t\tis local?\tageing timer\n";
  for (const { port, mac, local, updated } of entries) {
    const age = local ? 0 : toSeconds((now - updated) as typeof updated);
    text += `${String(port).padStart(3)}\t${formatMac(mac)}\t${local ? "yes" : "no"}\t\t${age.toFixed(2).padStart(7)}\n`;
  }
  yield* process.print(text);
  return 0;
}

function usageOf(command: string): never {
  return failed(`Incorrect number of arguments for command\nUsage: brctl ${command}`);
}

function apply(what: string, result: KernelResult<unknown>): number {
  return result.ok ? 0 : failed(`${what}: ${strerror(result.error.errno)}`);
}

function addBridge(process: Process, words: Words): number {
  const name = words.next() ?? usageOf("addbr");
  const result = process.net.link.add({ kind: "bridge", name });
  if (!result.ok && result.error.errno === "EEXIST")
    failed(`device ${name} already exists; can't create bridge with the same name`);
  return apply("add bridge failed", result);
}

function deleteBridge(process: Process, words: Words): number {
  const name = words.next() ?? usageOf("delbr");
  const link = process.net.link.byName(name);
  if (link === undefined) failed(`bridge ${name} doesn't exist; can't delete it`);
  if (link.bridge === undefined) failed(`can't delete bridge ${name}: ${strerror("EPERM")}`);
  if (link.up) failed(`bridge ${name} is still up; can't delete it`);
  return apply(`can't delete bridge ${name}`, process.net.link.delete(link.index));
}

function addInterface(process: Process, words: Words): number {
  const bridge = bridgeOf(process, words.next() ?? usageOf("addif"));
  for (const name of words.rest()) {
    const link = interfaceOf(process, name);
    if (link.master !== undefined)
      failed(`device ${name} is already a member of a bridge; can't add it to bridge ${bridge.name}.`);
    const result = process.net.link.change(link.index, { master: bridge.index });
    apply(`can't add ${name} to bridge ${bridge.name}`, result);
  }
  return 0;
}

function deleteInterface(process: Process, words: Words): number {
  const bridge = bridgeOf(process, words.next() ?? usageOf("delif"));
  for (const name of words.rest()) {
    const link = interfaceOf(process, name);
    if (link.master !== bridge.index) failed(`device ${name} is not a port of ${bridge.name}`);
    process.net.link.change(link.index, { master: null });
  }
  return 0;
}

function onOff(word: string | undefined, command: string): boolean {
  if (word === undefined) usageOf(command);
  if (["on", "yes", "1"].includes(word)) return true;
  return ["off", "no", "0"].includes(word) ? false : failed("expect on/off for argument");
}

function change(process: Process, link: LinkInfo, what: LinkChange): number {
  return apply("set failed", process.net.link.change(link.index, what));
}

/** A bridge option in seconds, which netlink counts in hundredths. */
function setSeconds(key: keyof BridgeOptions, command: string): (process: Process, words: Words) => number {
  return (process, words) => {
    const bridge = bridgeOf(process, words.next() ?? usageOf(command));
    const value = Number(words.next() ?? usageOf(command));
    if (Number.isNaN(value)) failed("bad ageing time value");
    return change(process, bridge, { bridge: { [key]: Math.round(value * 100) } });
  };
}

function setPriority(process: Process, words: Words): number {
  const bridge = bridgeOf(process, words.next() ?? usageOf("setbridgeprio"));
  return change(process, bridge, { bridge: { priority: Number(words.next() ?? usageOf("setbridgeprio")) } });
}

function setPort(key: "cost" | "priority", command: string): (process: Process, words: Words) => number {
  return (process, words) => {
    bridgeOf(process, words.next() ?? usageOf(command));
    const port = interfaceOf(process, words.next() ?? usageOf(command));
    return change(process, port, { port: { [key]: Number(words.next() ?? usageOf(command)) } });
  };
}

function hairpin(process: Process, words: Words): number {
  bridgeOf(process, words.next() ?? usageOf("hairpin"));
  const port = interfaceOf(process, words.next() ?? usageOf("hairpin"));
  return change(process, port, { port: { hairpin: onOff(words.next(), "hairpin") } });
}

function stp(process: Process, words: Words): number {
  const bridge = bridgeOf(process, words.next() ?? usageOf("stp"));
  return change(process, bridge, { bridge: { stp: onOff(words.next(), "stp") } });
}

type Command = (process: Process, words: Words) => number | Task<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["addbr", addBridge],
  ["delbr", deleteBridge],
  ["addif", addInterface],
  ["delif", deleteInterface],
  ["hairpin", hairpin],
  ["setageing", setSeconds("ageingTime", "setageing")],
  ["setageingtime", setSeconds("ageingTime", "setageing")],
  ["setbridgeprio", setPriority],
  ["setfd", setSeconds("forwardDelay", "setfd")],
  ["sethello", setSeconds("helloTime", "sethello")],
  ["setmaxage", setSeconds("maxAge", "setmaxage")],
  ["setpathcost", setPort("cost", "setpathcost")],
  ["setportprio", setPort("priority", "setportprio")],
  ["show", show],
  ["showmacs", showMacs],
  ["showstp", () => refuse("brctl showstp")],
  ["stp", stp],
]);

function* main(process: Process): Task<number> {
  const words = new Words(process.argv, 1);
  const name = words.next();
  if (name === "-V" || name === "--version") {
    yield* process.print("bridge-utils, 1.7.1\n");
    return 0;
  }
  if (name === undefined || name === "-h" || name === "--help") fail(1, USAGE);
  const command = COMMANDS.get(name);
  if (command === undefined) fail(1, `never heard of command [${name}]\n${USAGE}`);
  const result = command(process, words);
  return typeof result === "number" ? result : yield* result;
}

export const brctl = program(main);
