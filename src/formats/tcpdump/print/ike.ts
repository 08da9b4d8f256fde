import type { Printer } from "./printer.ts";

/** The Internet Key Exchange, version 2 (RFC 7296), as tcpdump has it without -v: the exchange, and who sent it. */

const HEADER = 28;
const EXCHANGES: Readonly<Record<number, string>> = {
  34: "ikev2_init",
  35: "ikev2_auth",
  36: "child_sa",
  37: "inf2",
};
const INITIATOR = 0x08;
const RESPONSE = 0x20;

export function printIke(p: Printer, at: number): void {
  p.protocol = "isakmp";
  p.need(at, HEADER);
  const exchange = EXCHANGES[p.u8(at + 18)];
  if (p.u8(at + 17) >>> 4 !== 2 || exchange === undefined) p.refuse("ISAKMP but IKEv2's exchanges");
  if (p.verbose > 0) p.refuse("ISAKMP with -v");
  const flags = p.u8(at + 19);
  const ends = `${(flags & INITIATOR) === 0 ? "" : "I"}${(flags & RESPONSE) === 0 ? "" : "R"}`;
  const phase = p.u32(at + 20) === 0 ? "parent_sa" : "child_sa ";
  p.out += `isakmp: ${phase} ${exchange}${flags === 0 ? "" : `[${ends}]`}`;
}
