import { addTime, type Nanos, NANOS_PER_SECOND } from "../../../sim/time.ts";
import type { IpsetSpec } from "../../uapi/ipset.ts";
import type { AddressBook } from "../address-book.ts";
import { type Dimension, SHAPES } from "./shape.ts";

/** Elements live for ever, or until then. */
export const FOR_EVER = 0 as Nanos;

/** An element: one number a dimension (an address or its number in the book, protocol << 16 | port). */
export interface Element {
  readonly key: readonly number[];
  /** Prefix lengths of the dimensions that are networks; 0 for the others. */
  readonly lengths: readonly number[];
  expires: Nanos;
  nomatch: boolean;
  packets: number;
  bytes: number;
  comment: string | undefined;
}

/** One level of the index: by prefix length and network, or by number; at the end the element. */
type Level = Map<number, Level | Element>;

function isElement(found: Level | Element): found is Element {
  return !(found instanceof Map);
}

/** A set of the hash and bitmap kinds. Models: struct ip_set, ip_set_hash_gen.h. */
export class IpSet {
  name: string;
  readonly spec: IpsetSpec;
  readonly dimensions: readonly Dimension[];
  readonly bits: 32 | 128;
  readonly initval: number;
  /** Rules and lists that hold it. */
  references = 0;
  private readonly book: AddressBook;
  private index: Level = new Map();
  private all = new Set<Element>();
  /** Of each dimension that is a network: how many elements have a length, and the lengths, longest first. */
  private counts: Map<number, number>[];
  private lengths: number[][];
  private readonly masked = new Uint8Array(16);

  constructor(name: string, spec: IpsetSpec, book: AddressBook, initval: number) {
    this.name = name;
    this.spec = spec;
    this.book = book;
    this.initval = initval;
    this.dimensions = SHAPES[spec.type].dimensions;
    this.bits = spec.family === "inet6" ? 128 : 32;
    this.counts = this.dimensions.map(() => new Map<number, number>());
    this.lengths = this.dimensions.map(() => []);
  }

  get size(): number {
    return this.all.size;
  }

  /** Forgets what has expired, and gives the rest in order of arrival. */
  elements(now: Nanos): readonly Element[] {
    for (const element of [...this.all]) if (isOver(element, now)) this.remove(element);
    return [...this.all];
  }

  /** An address cut to a prefix length, in the same numbers. */
  cut(address: number, length: number): number {
    if (this.bits === 32) return length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0;
    if (length === 128) return address;
    const bytes = this.book.bytes(address);
    for (let i = 0; i < 16; i++) {
      const keep = Math.min(8, Math.max(0, length - 8 * i));
      this.masked[i] = bytes[i]! & (0xff00 >> keep);
    }
    return this.book.number(this.masked, 0);
  }

  /** Exactly this element. */
  find(key: readonly number[], lengths: readonly number[], now: Nanos): Element | undefined {
    let level: Level = this.index;
    for (let d = 0; d < this.dimensions.length; d++) {
      let next = level.get(key[d]!);
      if (this.dimensions[d] === "net") {
        const nets = level.get(lengths[d]!);
        next = nets === undefined || isElement(nets) ? undefined : nets.get(key[d]!);
      }
      if (next === undefined) return undefined;
      if (isElement(next)) return this.alive(next, now);
      level = next;
    }
    return undefined;
  }

  /** The element that covers these addresses and ports: the longest prefix of each dimension first. Models: mtype_test_cidrs. */
  covering(key: readonly number[], now: Nanos): Element | undefined {
    return this.search(this.index, 0, key, now);
  }

  private search(level: Level, d: number, key: readonly number[], now: Nanos): Element | undefined {
    if (this.dimensions[d] !== "net") {
      const next = level.get(key[d]!);
      if (next === undefined) return undefined;
      return isElement(next) ? this.alive(next, now) : this.search(next, d + 1, key, now);
    }
    const lengths = this.lengths[d]!;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!;
      const nets = level.get(length);
      if (nets === undefined || isElement(nets)) continue;
      const next = nets.get(this.cut(key[d]!, length));
      if (next === undefined) continue;
      const found = isElement(next) ? this.alive(next, now) : this.search(next, d + 1, key, now);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private alive(element: Element, now: Nanos): Element | undefined {
    if (!isOver(element, now)) return element;
    this.remove(element);
    return undefined;
  }

  insert(element: Element): void {
    this.all.add(element);
    let level = this.index;
    const last = this.dimensions.length - 1;
    for (let d = 0; d <= last; d++) {
      if (this.dimensions[d] === "net") {
        const length = element.lengths[d]!;
        level = below(level, length);
        this.count(d, length, 1);
      }
      if (d === last) level.set(element.key[d]!, element);
      else level = below(level, element.key[d]!);
    }
  }

  remove(element: Element): void {
    if (!this.all.delete(element)) return;
    this.prune(this.index, 0, element);
    for (let d = 0; d < this.dimensions.length; d++)
      if (this.dimensions[d] === "net") this.count(d, element.lengths[d]!, -1);
  }

  /** Takes the element out, and the levels that were there for it alone. */
  private prune(level: Level, d: number, element: Element): void {
    const nets = this.dimensions[d] === "net" ? level.get(element.lengths[d]!) : level;
    if (nets === undefined || isElement(nets)) return;
    const next = nets.get(element.key[d]!);
    if (next !== undefined && !isElement(next)) this.prune(next, d + 1, element);
    if (next === element || (next !== undefined && !isElement(next) && next.size === 0))
      nets.delete(element.key[d]!);
    if (nets !== level && nets.size === 0) level.delete(element.lengths[d]!);
  }

  /** The longest prefix length in use at a dimension; undefined for none. */
  longest(d: number): number | undefined {
    return this.lengths[d]![0];
  }

  private count(d: number, length: number, by: number): void {
    const counts = this.counts[d]!;
    const now = (counts.get(length) ?? 0) + by;
    if (now > 0) counts.set(length, now);
    else counts.delete(length);
    if (by > 0 ? now === 1 : now === 0) this.lengths[d] = [...counts.keys()].sort((a, b) => b - a);
  }

  flush(): void {
    this.index = new Map();
    this.all = new Set();
    this.counts = this.dimensions.map(() => new Map<number, number>());
    this.lengths = this.dimensions.map(() => []);
  }

  /** When an element ends that is to live so many seconds; absent: as the set says. */
  deadline(now: Nanos, seconds: number | undefined): Nanos {
    const wanted = this.spec.timeout === undefined ? 0 : (seconds ?? this.spec.timeout);
    return wanted === 0 ? FOR_EVER : addTime(now, (wanted * NANOS_PER_SECOND) as Nanos);
  }
}

function isOver(element: Element, now: Nanos): boolean {
  return element.expires !== FOR_EVER && element.expires <= now;
}

function below(level: Level, key: number): Level {
  const found = level.get(key);
  if (found !== undefined && !isElement(found)) return found;
  const made: Level = new Map();
  level.set(key, made);
  return made;
}
