import type { XtTarget } from "../../kernel/uapi/xtables.ts";
import { tosName } from "./list.ts";
import { LOG_FLAGS, LOG_LEVELS } from "./names.ts";
import {
  natFlags,
  natPorts,
  natRange,
  netmapNetwork,
  nflogParts,
  queueParts,
  setParts,
} from "./save-target.ts";

/** Targets as `iptables -L` prints them behind the matches. */

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;
const hex2 = (n: number): string => `0x${(n & 255).toString(16).padStart(2, "0")}`;

/** What a mark and its mask do, in words. */
function xmark(value: number, mask: number): string {
  if (value === 0) return `and ${hex(~mask)}`;
  if (value === mask) return `or ${hex(value)}`;
  if (mask === 0) return `xor ${hex(value)}`;
  if (mask === 0xffffffff) return `set ${hex(value)}`;
  return `xset ${hex(value)}/${hex(mask)}`;
}

/** MARK calls a full mask "set" before anything else. */
function mark(value: number, mask: number): string {
  return value !== 0 && mask === 0xffffffff ? `set ${hex(value)}` : xmark(value, mask);
}

function connmark(target: Extract<XtTarget, { kind: "CONNMARK" }>): string {
  const { op, nfmask, ctmask } = target;
  if (op === "set") return ` CONNMARK ${mark(target.value, ctmask)}`;
  if (nfmask === 0xffffffff && ctmask === 0xffffffff) return ` CONNMARK ${op}`;
  if (nfmask === ctmask) return ` CONNMARK ${op} mask ${hex(nfmask)}`;
  if (op === "save") return ` CONNMARK save nfmask ${hex(nfmask)} ctmask ~${hex(ctmask)}`;
  return ` CONNMARK restore ctmask ${hex(ctmask)} nfmask ~${hex(nfmask)}`;
}

function tos({ value, mask }: Extract<XtTarget, { kind: "TOS" }>, numeric: boolean): string {
  const set = ` TOS set ${hex2(value)}/${hex2(mask)}`;
  if (numeric) return set;
  const name = tosName(value, mask);
  if (name !== undefined) return `  TOS set${name}`;
  if (value === 0) return ` TOS and ${hex2(~mask)}`;
  if (value === mask) return ` TOS or ${hex2(value)}`;
  return mask === 0 ? ` TOS xor ${hex2(value)}` : set;
}

function log(target: Extract<XtTarget, { kind: "LOG" }>, numeric: boolean): string {
  const flags = LOG_FLAGS.filter(([, bit]) => (target.flags & bit) !== 0).map(([name]) => ` ${name}`);
  const head = numeric
    ? ` LOG flags ${target.flags} level ${target.level}`
    : ` LOG level ${LOG_LEVELS[target.level] ?? "UNKNOWN"}${flags.join("")}`;
  return target.prefix === "" ? head : `${head} prefix "${target.prefix}"`;
}

const OP = { set: "set to", inc: "increment by", dec: "decrement by" } as const;

function words(parts: readonly string[]): string {
  return parts.map((part) => ` ${part}`).join("");
}

/** A target's options, with a blank before each part; empty when there are none. */
export function listTarget(target: XtTarget, numeric: boolean): string {
  switch (target.kind) {
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "TRACE":
    case "jump":
    case "goto":
      return "";
    case "NOTRACK":
      return " NOTRACK";
    case "REJECT":
      return ` reject-with ${target.with}`;
    case "MARK":
      return ` MARK ${mark(target.value, target.mask)}`;
    case "CONNMARK":
      return connmark(target);
    case "DNAT":
    case "SNAT":
      return ` to:${natRange(target.range)}${words(natFlags(target.range))}`;
    case "MASQUERADE":
    case "REDIRECT": {
      const label = target.kind === "MASQUERADE" ? "masq ports:" : "redir ports";
      const ports = target.range.minPort === undefined ? "" : ` ${label} ${natPorts(target.range)}`;
      return `${ports}${words(natFlags(target.range))}`;
    }
    case "NETMAP":
      return ` to:${netmapNetwork(target.range)}`;
    case "CT":
      return ` CT${target.notrack === true ? " notrack" : ""}${target.zone === undefined ? "" : ` zone ${target.zone}`}`;
    case "TCPMSS":
      return target.mss === undefined ? " TCPMSS clamp to PMTU" : ` TCPMSS set ${target.mss}`;
    case "LOG":
      return log(target, numeric);
    case "NFQUEUE":
      return words(["NFQUEUE", ...queueParts(target, "")]);
    case "NFLOG":
      return words(nflogParts(target, ""));
    case "TTL":
    case "HL":
      return ` ${target.kind} ${OP[target.op]} ${target.value}`;
    case "TOS":
      return tos(target, numeric);
    case "DSCP":
      return ` DSCP set ${hex2(target.value)}`;
    case "CHECKSUM":
      return " CHECKSUM fill";
    case "CLASSIFY":
      return ` CLASSIFY set ${target.major.toString(16)}:${target.minor.toString(16)}`;
    case "SET":
      return words(setParts(target, ""));
  }
}
