import { getU16, setU16 } from "../../base/bytes.ts";

/**
 * Numbers for IPv6 addresses, so that tuples of both families compare as numbers: each address gets one number, for good.
 * (IPv4 addresses stand for themselves.)
 */
export class AddressBook {
  private readonly numbers = new Map<string, number>();
  private readonly addresses: Uint8Array[] = [];

  /** The number of the 16 bytes at `o`. */
  number(b: Uint8Array, o: number): number {
    const key = String.fromCharCode(
      getU16(b, o),
      getU16(b, o + 2),
      getU16(b, o + 4),
      getU16(b, o + 6),
      getU16(b, o + 8),
      getU16(b, o + 10),
      getU16(b, o + 12),
      getU16(b, o + 14),
    );
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.addresses.push(b.slice(o, o + 16)) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }

  /** The number of an address given as eight groups. */
  numberOf(groups: readonly number[]): number {
    const bytes = new Uint8Array(16);
    for (let i = 0; i < 8; i++) setU16(bytes, 2 * i, groups[i]!);
    return this.number(bytes, 0);
  }

  /** The 16 bytes of a number that this book gave; not to be changed. */
  bytes(number: number): Uint8Array {
    return this.addresses[number]!;
  }

  groups(number: number): number[] {
    const bytes = this.bytes(number);
    return Array.from({ length: 8 }, (_, i) => getU16(bytes, 2 * i));
  }
}
