import type { NetnsId } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, type Words } from "../args/words.ts";
import { done } from "../netlink/answer.ts";
import { openNetns } from "../netlink/netns.ts";
import { canRun, runProgram } from "../os/exec.ts";
import { type Ip, netnsName } from "./context.ts";

/** `ip netns`. Models: ip/ipnetns.c. */

/** invalid_name(). */
function checked(name: string): string {
  const bad = name === "" || name.length > 255 || name.includes("/") || name === "." || name === "..";
  return bad ? fail(255, `Invalid netns name "${name}"\n`) : name;
}

/** Names as readdir finds them below /run/netns: the youngest first. */
function names(ip: Ip): readonly (readonly [string, NetnsId])[] {
  return [...ip.process.host.netnsNames].reverse();
}

export function listNetns(ip: Ip): number {
  ip.out.begin();
  const { kernel } = ip.process.host;
  for (const [name, netns] of names(ip))
    ip.out.object(null, () => {
      ip.out.add("name", name, name);
      const id = kernel.knownNetnsId?.(ip.netns, netns);
      if (id !== undefined) ip.out.add("id", id, ` (id: ${id})`);
      ip.out.say("\n");
    });
  return 0;
}

export function listNetnsIds(ip: Ip): number {
  ip.out.begin();
  const { kernel } = ip.process.host;
  const known = kernel.netnsIds().flatMap((netns) => {
    const id = kernel.knownNetnsId?.(ip.netns, netns);
    return id === undefined ? [] : [{ id, name: netnsName(ip, netns) }];
  });
  for (const { id, name } of known.sort((a, b) => a.id - b.id))
    ip.out.object(null, () => {
      ip.out.add("nsid", id, `nsid ${id} `);
      if (name !== undefined) ip.out.add("name", name, `(iproute2 netns name: ${name})`);
      ip.out.say("\n");
    });
  return 0;
}

export function addNetns(ip: Ip, words: Words): number {
  const name = checked(words.next() ?? fail(1, "No netns name specified\n"));
  const { host } = ip.process;
  if (host.netnsNames.has(name)) fail(1, `Cannot create namespace file "/run/netns/${name}": File exists\n`);
  host.netnsNames.set(name, host.kernel.createNetns(name));
  return 0;
}

/** `ip netns set NAME auto|NUMBER`. Models: netns_set. */
export function setNetnsId(ip: Ip, words: Words): number {
  const name = words.next() ?? fail(1, "No netns name specified\n");
  const word = words.next() ?? fail(1, "No nsid specified\n");
  const { netnsNames, kernel } = ip.process.host;
  let id: number | undefined;
  if (word !== "auto") {
    if (!/^[-+]?\d+$/.test(word)) invalidArgument('Invalid "netnsid" value', word);
    id = Number(word);
    if (id < 0) invalidArgument('"netnsid" value should be >= 0', word);
  }
  const missing = `Cannot open network namespace "${checked(name)}": No such file or directory\n`;
  const netns = netnsNames.get(name) ?? fail(1, missing);
  done(kernel.assignNetnsId(ip.netns, netns, id));
  return 0;
}

function remove(ip: Ip, name: string): void {
  const { host } = ip.process;
  const id = host.netnsNames.get(name);
  if (id === undefined)
    fail(1, `Cannot remove namespace file "/run/netns/${name}": No such file or directory\n`);
  host.netnsNames.delete(name);
  host.kernel.releaseNetns(id);
}

export function deleteNetns(ip: Ip, words: Words): number {
  if (ip.options.all) for (const [name] of names(ip)) remove(ip, name);
  else remove(ip, checked(words.next() ?? fail(1, "No netns name specified\n")));
  return 0;
}

function* execute(ip: Ip, netns: NetnsId, argv: readonly string[]): Task<number> {
  if (!canRun(ip.process, argv)) {
    yield* ip.process.printError(`exec of "${argv[0] ?? ""}" failed: No such file or directory\n`);
    return 1;
  }
  return yield* runProgram(ip.process, argv, { netns });
}

function* executeEverywhere(ip: Ip, argv: readonly string[]): Task<number> {
  for (const [name, netns] of names(ip)) {
    yield* ip.process.print(`\nnetns: ${name}\n`);
    yield* execute(ip, netns, argv);
  }
  return 0;
}

export function execNetns(ip: Ip, words: Words): Task<number> {
  if (ip.options.all) {
    if (words.left === 0) fail(1, "No command specified\n");
    return executeEverywhere(ip, words.rest());
  }
  const name = words.next() ?? fail(1, "No netns name specified\n");
  if (words.left === 0) fail(1, "No command specified\n");
  return execute(ip, openNetns(ip.process.host, checked(name)), words.rest());
}

export function identifyNetns(ip: Ip, words: Words): number {
  const word = words.next();
  if (word !== undefined && !/^\d+$/.test(word)) fail(1, `Specified string '${word}' is not a pid\n`);
  const { host } = ip.process;
  const process = word === undefined ? ip.process : host.processes.get(Number(word));
  const netns = process?.netns ?? (word === "1" ? host.netns : undefined);
  if (netns === undefined) fail(1, "Cannot open network namespace: No such file or directory\n");
  const own = names(ip).filter(([, id]) => id === netns);
  ip.out.say(own.length === 0 ? "\n" : own.map(([name]) => `${name}\n`).join(""));
  return 0;
}

export function netnsPids(ip: Ip, words: Words): number {
  const name = checked(words.next() ?? fail(1, "No netns name specified\n"));
  const { host } = ip.process;
  const netns = host.netnsNames.get(name);
  if (netns === undefined) fail(1, "Cannot open network namespace: No such file or directory\n");
  for (const [pid, process] of host.processes) if (process.netns === netns) ip.out.say(`${pid}\n`);
  return 0;
}

export const refuseNetns = (verb: string) => (): number => refuse(`ip netns ${verb}`);
