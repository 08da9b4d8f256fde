import { asciiDump, hexDump } from "./hexdump.ts";
import { printCooked, printEthernet, printRaw } from "./link.ts";
import { NotPrinted, Printer, type PrintOptions, Truncated } from "./printer.ts";
import type { TcpStreams } from "./streams.ts";

/** What `-x`, `-xx`, `-X`, `-XX`, `-A` and `-AA` add below a packet's line. */
export interface DumpOptions {
  readonly form: "hex" | "ascii" | "text";
  /** With the link header. */
  readonly whole: boolean;
}

/** Link types whose packets can be printed (www.tcpdump.org/linktypes.html). */
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LINUX_SLL2 = 276;

/** The name and the title that tcpdump has for a link type. */
export const LINK_TYPES: ReadonlyMap<number, readonly [string, string]> = new Map([
  [LINKTYPE_ETHERNET, ["EN10MB", "Ethernet"]],
  [LINKTYPE_RAW, ["RAW", "Raw IP"]],
  [LINKTYPE_LINUX_SLL2, ["LINUX_SLL2", "Linux cooked v2"]],
]);

export interface CapturedPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire, when more than were captured. */
  readonly length: number;
}

/** Protocols whose truncated packets are still dumped from behind the link header; others from the first byte on. */
const KEEPS_HEADER: ReadonlySet<string> = new Set(["ip", "igmp", "tcp", "udp", "domain", "esp"]);

/** The text of one packet, without its time and without the line end. */
export function packetText(
  options: PrintOptions,
  streams: TcpStreams,
  packet: CapturedPacket,
  dump?: DumpOptions,
  device: (index: number) => string | undefined = () => undefined,
): string {
  const p = new Printer(options, streams, packet.bytes);
  let header = 0;
  try {
    header = printLink(p, packet, device);
  } catch (error) {
    if (error instanceof Truncated) {
      p.truncated();
      header = KEEPS_HEADER.has(p.protocol) ? p.linkHeader : 0;
    } else if (error instanceof NotPrinted) {
      header = p.linkHeader;
      p.out += `${p.out.endsWith(" ") ? "" : " "}flannelgraph: ${error.what} is not modelled yet`;
    } else throw error;
  }
  return p.out + (dump === undefined ? "" : dumpText(packet.bytes, header, dump));
}

function printLink(
  p: Printer,
  packet: CapturedPacket,
  device: (index: number) => string | undefined,
): number {
  switch (packet.linkType) {
    case LINKTYPE_LINUX_SLL2:
      return printCooked(p, 0, packet.length, device);
    case LINKTYPE_RAW:
      return printRaw(p, 0, packet.length);
    default:
      return printEthernet(p, 0, packet.length);
  }
}

function dumpText(bytes: Uint8Array, header: number, { form, whole }: DumpOptions): string {
  const from = whole ? 0 : header;
  if (form === "text") return asciiDump(bytes, from, bytes.length);
  return hexDump(bytes, from, bytes.length, form === "ascii");
}
