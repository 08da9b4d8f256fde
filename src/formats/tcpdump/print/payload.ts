import { printIcmp } from "./icmp.ts";
import { printIcmp6 } from "./icmp6.ts";
import { printIgmp } from "./igmp.ts";
import { printIp } from "./ip.ts";
import { printIp6 } from "./ip6.ts";
import type { Printer } from "./printer.ts";
import { printTcp } from "./tcp.ts";
import { printAh, printEsp, printGre } from "./tunnel.ts";
import { printUdp } from "./udp.ts";

/** What an IP header says about the bytes behind it. */
export interface Payload {
  /** IP protocol number of what lies at `at`. */
  readonly protocol: number;
  readonly at: number;
  /** Bytes on the wire. */
  readonly length: number;
  readonly header: IpHeader;
  /** A fragment, or the first of several: checksums cannot be verified. */
  readonly fragment: boolean;
}

export interface IpHeader {
  readonly version: 4 | 6;
  readonly at: number;
  /** What the header itself names as next: behind extension headers, ports are printed without addresses. */
  readonly protocol: number;
}

/** Protocols that tcpdump looks into and we do not. */
const NOT_PRINTED: ReadonlyMap<number, string> = new Map([
  [9, "IGRP"],
  [33, "DCCP"],
  [46, "RSVP"],
  [55, "Mobile IP"],
  [88, "EIGRP"],
  [89, "OSPF"],
  [103, "PIM"],
  [108, "IPComp"],
  [112, "VRRP"],
  [113, "PGM"],
  [132, "SCTP"],
  [135, "Mobility"],
]);

export function printPayload(p: Printer, payload: Payload): void {
  const { protocol, at, length } = payload;
  switch (protocol) {
    case 1:
      if (payload.header.version === 4) printIcmp(p, at, length, payload.fragment);
      else unknown(p, protocol, length);
      return;
    case 2:
      if (payload.header.version === 4) printIgmp(p, at, length);
      else unknown(p, protocol, length);
      return;
    case 4:
      printIp(p, at, length);
      return;
    case 6:
      printTcp(p, payload);
      return;
    case 17:
      printUdp(p, payload);
      return;
    case 41:
      printIp6(p, at, length);
      return;
    case 47:
      printGre(p, at, length);
      return;
    case 50:
      printEsp(p, at, length);
      return;
    case 51:
      printAh(p, payload);
      return;
    case 58:
      printIcmp6(p, at, length, payload.header, payload.fragment);
      return;
    default:
      unknown(p, protocol, length);
  }
}

function unknown(p: Printer, protocol: number, length: number): void {
  const known = NOT_PRINTED.get(protocol);
  if (known !== undefined) p.refuse(known);
  const name = p.options.names.protocol(protocol);
  p.out += ` ${name ?? `ip-proto-${protocol}`} ${length}`;
}
