import { protocolName } from "../../formats/protocols.ts";
import { formatAddress } from "../../formats/iptables/address.ts";
import type { CtEvent, CtInfo, CtTuple } from "../../kernel/uapi/index.ts";

/** Entries as conntrack(8) prints them. Models: libnetfilter_conntrack snprintf_default.c. */

export interface Output {
  /** The network protocol before all. */
  readonly extended: boolean;
  readonly id: boolean;
}

function tuple({ src, dst, sport, dport, icmp }: CtTuple, protocol: number): string {
  const addresses = `src=${formatAddress(src)} dst=${formatAddress(dst)} `;
  if (icmp !== undefined) return `${addresses}type=${icmp.type} code=${icmp.code} id=${icmp.id} `;
  return WITH_PORTS.includes(protocol) ? `${addresses}sport=${sport} dport=${dport} ` : addresses;
}

const WITH_PORTS = [6, 17, 33, 132, 136];

/** Protocols that the library names; others are "unknown". */
const NAMED = [1, 6, 17, 33, 47, 58, 132, 136];

function protocolText(protocol: number): string {
  if (protocol === 58) return "icmpv6";
  return (NAMED.includes(protocol) ? protocolName(protocol) : undefined) ?? "unknown";
}

/** From the protocol to `[ASSURED]`. `timeout` is left out of an entry that has none. */
function body(entry: CtInfo, { extended }: Output, timeout: boolean): string {
  const { protocol, original, reply, state } = entry;
  const family = extended ? (entry.family === "ip" ? "ipv4     2 " : "ipv6     10 ") : "";
  const named = state !== undefined && state !== "NONE" ? `${state} ` : "";
  return (
    `${family}${protocolText(protocol).padEnd(8)} ${protocol} ${timeout ? `${entry.timeout} ` : ""}${named}` +
    tuple(original, protocol) +
    (entry.seenReply ? "" : "[UNREPLIED] ") +
    tuple(reply, protocol) +
    (entry.assured ? "[ASSURED] " : "")
  );
}

const zone = ({ zone: number }: CtInfo): string => (number === 0 ? "" : `zone=${number} `);

/** A line of `-L`, with its newline. */
export function entryLine(entry: CtInfo, output: Output): string {
  const id = output.id ? `id=${entry.id} ` : "";
  return `${`${body(entry, output, true)}mark=${entry.mark} ${zone(entry)}use=1 ${id}`.trimEnd()}\n`;
}

const LABELS: Readonly<Record<CtEvent["type"], string>> = {
  NEW: "    [NEW] ",
  UPDATE: " [UPDATE] ",
  DESTROY: "[DESTROY] ",
};

/** A line of `-E`, with its newline. */
export function eventLine({ type, entry }: CtEvent, output: Output): string {
  const mark = entry.mark === 0 ? "" : `mark=${entry.mark} `;
  const id = output.id ? `id=${entry.id} ` : "";
  const timeout = type !== "DESTROY" || entry.timeout > 0;
  return `${`${LABELS[type]}${body(entry, output, timeout)}${mark}${zone(entry)}${id}`.trimEnd()}\n`;
}
