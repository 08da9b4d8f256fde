import { setU16 } from "../../../base/bytes.ts";
import type { Ipv6 } from "../../../wire/address6.ts";
import type { NftPart, NftScalar, NftType } from "../../uapi/nft.ts";
import type { AddressBook } from "../address-book.ts";

/** What rules compute with: numbers (IPv6 addresses by the address book), interface names as text. */
export type Value = number | string;

export function valueOf(book: AddressBook, scalar: NftScalar): Value {
  const { value } = scalar;
  return typeof value === "object" ? book.numberOf(value) : value;
}

/** A closed interval of values of one type; `book` orders IPv6 addresses by their bytes. */
export interface Interval {
  readonly type: NftType;
  readonly low: Value;
  readonly high: Value;
}

/** The interval that a part of a key stands for. */
export function intervalOf(book: AddressBook, part: NftPart): Interval {
  switch (part.kind) {
    case "value": {
      const value = valueOf(book, part.value);
      return { type: part.value.type, low: value, high: value };
    }
    case "range":
      return { type: part.low.type, low: valueOf(book, part.low), high: valueOf(book, part.high) };
    case "prefix":
      return prefixInterval(book, part.value, part.length);
  }
}

function prefixInterval(book: AddressBook, scalar: NftScalar, length: number): Interval {
  const { type, value } = scalar;
  if (typeof value === "object") {
    const [low, high] = [edge(value, length, 0), edge(value, length, 0xffff)];
    return { type, low: book.number(low, 0), high: book.number(high, 0) };
  }
  if (typeof value === "string") return { type, low: value, high: value };
  const host = length === 0 ? 0xffffffff : length >= 32 ? 0 : 0xffffffff >>> length;
  return { type, low: (value & ~host) >>> 0, high: (value | host) >>> 0 };
}

/** The first or last address of an IPv6 prefix. */
function edge(address: Ipv6, length: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    const kept = Math.min(16, Math.max(0, length - 16 * i));
    const mask = (0xffff << (16 - kept)) & 0xffff;
    setU16(bytes, 2 * i, (address[i]! & mask) | (fill & ~mask & 0xffff));
  }
  return bytes;
}

export function compare(book: AddressBook, type: NftType, a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === "string" || typeof b === "string") return String(a) < String(b) ? -1 : 1;
  if (type !== "ipv6_addr") return a - b;
  const [x, y] = [book.bytes(a), book.bytes(b)];
  for (let i = 0; i < 16; i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return 0;
}

export function within(book: AddressBook, interval: Interval, value: Value): boolean {
  if (typeof interval.low === "string") return nameMatches(interval.low, String(value));
  return (
    compare(book, interval.type, interval.low, value) <= 0 &&
    compare(book, interval.type, value, interval.high) <= 0
  );
}

/** Interface names may end in `*`. */
export function nameMatches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

export function isExact(part: NftPart): boolean {
  if (part.kind !== "value") return false;
  const { value } = part.value;
  return typeof value !== "string" || !value.endsWith("*");
}
