import type { IfIndex, LinkInfo, NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import { fail } from "../args/exit.ts";
import type { Words } from "../args/words.ts";
import type { Task } from "../../sim/task.ts";
import type { Family } from "../netlink/addresses.ts";
import type { Report } from "../netlink/report.ts";
import type { Process } from "../os/process.ts";

/** The options before the object: `ip [ OPTIONS ] OBJECT`. */
export interface IpOptions {
  readonly family: Family | "link";
  readonly statistics: number;
  readonly details: boolean;
  readonly brief: boolean;
  readonly oneLine: boolean;
  readonly numeric: boolean;
  readonly human: boolean;
  readonly all: boolean;
}

/** One invocation of `ip`: who calls, in which namespace, and what has been said so far. */
export interface Ip {
  readonly process: Process;
  /** The namespace of `-n`, or the caller's. */
  readonly netns: NetnsId;
  readonly net: NetApi;
  readonly options: IpOptions;
  readonly out: Report;
  /** Namespaces are told by number only: names were not looked for. */
  readonly namelessNetns?: boolean;
  /** Goes to standard error, which is not buffered: before all that `out` says. */
  readonly warnings: string[];
}

/** A verb of an object; the words are what follows it. Its value is the exit status. */
export type Verb = (ip: Ip, words: Words) => number | Task<number>;

/** The family that addresses must have; `-0` asks for none. */
export function addressFamily(ip: Ip): Family {
  return ip.options.family === "link" ? undefined : ip.options.family;
}

export function deviceName(net: NetApi, index: IfIndex): string {
  return net.link.byIndex(index)?.name ?? `if${index}`;
}

/** nodev(): the complaint about a device that is not there; most callers exit with 1. */
export function device(net: NetApi, name: string, status = 1): LinkInfo {
  return net.link.byName(name) ?? fail(status, `Cannot find device "${name}"\n`);
}

/** The name under /run/netns of a namespace. */
export function netnsName(ip: Ip, id: NetnsId): string | undefined {
  if (ip.namelessNetns === true) return undefined;
  for (const [name, netns] of ip.process.host.netnsNames) if (netns === id) return name;
  return undefined;
}
