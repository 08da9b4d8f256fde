import { hexDump } from "./hexdump.ts";
import type { Printer } from "./printer.ts";

/** Address Resolution Protocol (RFC 826), with the operations of RARP (RFC 903) and InARP (RFC 2390). */

const OPERATIONS: ReadonlyMap<number, string> = new Map([
  [1, "Request"],
  [2, "Reply"],
  [3, "Reverse Request"],
  [4, "Reverse Reply"],
  [8, "Inverse Request"],
  [9, "Inverse Reply"],
  [10, "NACK Reply"],
]);

const HARDWARE: ReadonlyMap<number, string> = new Map([[1, "Ethernet"]]);
const NOBODY = "00:00:00:00:00:00";
const LENGTH = 28;

export function printArp(p: Printer, o: number, length: number): void {
  p.protocol = "arp";
  if (!p.options.link) p.out += p.has(o, LENGTH) ? "ARP, " : "";
  p.need(o, LENGTH);
  const hardware = p.u16(o);
  const ours = p.u16(o + 2) === 0x0800 && p.u8(o + 4) === 6 && p.u8(o + 5) === 4;
  if (!ours) p.refuse("ARP for other addresses than Ethernet's and IPv4's");
  if (p.verbose > 0) p.out += `${HARDWARE.get(hardware) ?? "Unknown Hardware"} (len 6), IPv4 (len 4), `;
  const operation = p.u16(o + 6);
  const name = OPERATIONS.get(operation) ?? `Unknown (${operation})`;
  const text = operationText(p, o, operation);
  p.out += `${name} `;
  if (text === undefined) p.out += hexDump(p.bytes, o, p.end, true);
  else p.out += `${text}, length ${length}`;
}

/** What is asked or told; undefined for operations without words of their own. */
function operationText(p: Printer, o: number, operation: number): string | undefined {
  const [senderMac, senderIp, targetMac, targetIp] = [p.mac(o + 8), o + 14, p.mac(o + 18), o + 24];
  switch (operation) {
    case 1: {
      const known = targetMac === NOBODY ? "" : ` (${targetMac})`;
      return `who-has ${p.ipv4(targetIp)}${known} tell ${p.ipv4(senderIp)}`;
    }
    case 2:
      return `${p.ipv4(senderIp)} is-at ${senderMac}`;
    case 3:
    case 8:
      return `who-is ${targetMac} tell ${senderMac}`;
    case 4:
      return `${targetMac} at ${p.ipv4(targetIp)}`;
    case 9:
      return `${senderMac} at ${p.ipv4(senderIp)}`;
    default:
      return undefined;
  }
}
