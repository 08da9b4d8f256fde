import { foldSum, partialSum, pseudoHeaderSum6 } from "../../../wire/checksum.ts";
import type { IpHeader } from "./payload.ts";
import type { Printer } from "./printer.ts";

/** The destination's words: with a source route, its last address. */
function destination(p: Printer, o: number): number {
  const end = o + (p.u8(o) & 15) * 4;
  let at = o + 16;
  for (let i = o + 20; i < end && p.u8(i) !== 0;) {
    const type = p.u8(i);
    const length = type === 1 ? 1 : p.u8(i + 1);
    if (length < 1 || (length < 2 && type !== 1)) break;
    if ((type === 131 || type === 137) && length >= 7) at = i + length - 4;
    i += length;
  }
  return p.u16(at) + p.u16(at + 2);
}

/**
 * What the checksum over `length` bytes at `at` and the pseudo header leaves: 0 when the field that lies in them is right.
 */
export function transportSum(
  p: Printer,
  header: IpHeader,
  protocol: number,
  at: number,
  length: number,
): number {
  const pseudo =
    header.version === 4
      ? partialSum(p.bytes, header.at + 12, header.at + 16) + destination(p, header.at) + protocol + length
      : pseudoHeaderSum6(p.bytes, header.at + 8, protocol, length);
  return foldSum(partialSum(p.bytes, at, at + length, pseudo)) ^ 0xffff;
}
