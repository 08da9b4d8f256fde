import type { LinkInfo, NetApi, NetnsId } from "../../kernel/uapi/index.ts";
import { fail } from "../args/exit.ts";
import type { Words } from "../args/words.ts";
import type { Report } from "../netlink/report.ts";
import type { Process } from "../os/process.ts";

/** One invocation of `bridge`. */
export interface Bridge {
  readonly process: Process;
  readonly netns: NetnsId;
  readonly net: NetApi;
  readonly statistics: boolean;
  readonly details: boolean;
  readonly out: Report;
}

export type Verb = (bridge: Bridge, words: Words) => number;

/** `bridge` returns what failed as its exit status: -1. */
export const FAILED = 255;

export function device(bridge: Bridge, name: string): LinkInfo {
  return bridge.net.link.byName(name) ?? fail(FAILED, `Cannot find device "${name}"\n`);
}

export function bridgeDevice(bridge: Bridge, name: string): LinkInfo {
  return bridge.net.link.byName(name) ?? fail(FAILED, `Cannot find bridge device "${name}"\n`);
}
