import type { Timer } from "../../../sim/queue.ts";
import { NANOS_PER_MILLI, type Nanos } from "../../../sim/time.ts";
import type { Netns } from "../../netns.ts";
import type { NftElement, NftKey, NftScalar, NftSetSpec, NftVerdict } from "../../uapi/nft.ts";
import { compare, type Interval, intervalOf, isExact, type Value, valueOf, within } from "./value.ts";

/** An element in the kernel: its key as values, and what it leads to. */
export interface Entry {
  readonly element: NftElement;
  readonly parts: readonly Interval[];
  readonly data: readonly NftScalar[] | NftVerdict | undefined;
  /** The data as values, for maps. */
  readonly values: readonly Value[];
  expires: number;
  packets: number;
  bytes: number;
}

export function isVerdict(data: readonly NftScalar[] | NftVerdict | undefined): data is NftVerdict {
  return data !== undefined && "kind" in data;
}

function keyText(values: readonly Value[]): string | number {
  if (values.length === 1) return values[0]!;
  let text = "";
  for (const value of values) text += `${value}|`;
  return text;
}

/** A set or map: exact keys by hash, ranges by search in order of their beginnings. Models: nft_set_hash.c, nft_set_rbtree.c, nft_set_pipapo.c. */
export class NftSet {
  readonly ns: Netns;
  spec: NftSetSpec;
  handle = 0;
  /** Rules that name it. */
  uses = 0;
  private readonly exact = new Map<string | number, Entry>();
  private readonly ranges: Entry[] = [];
  private timer: Timer | null = null;

  constructor(ns: Netns, spec: NftSetSpec) {
    this.ns = ns;
    this.spec = spec;
  }

  get size(): number {
    return this.exact.size + this.ranges.length;
  }

  /** A live element that the values are in. */
  find(values: readonly Value[]): Entry | null {
    if (this.exact.size > 0) {
      const entry = this.exact.get(keyText(values));
      if (entry !== undefined && entry.expires > this.ns.kernel.queue.now) return entry;
    }
    if (this.ranges.length === 0) return null;
    return values.length === 1 && typeof values[0] === "number" ? this.search(values[0]) : this.scan(values);
  }

  private search(value: number): Entry | null {
    const { addresses } = this.ns.kernel;
    let low = 0;
    let high = this.ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const entry = this.ranges[middle]!;
      const part = entry.parts[0]!;
      if (compare(addresses, part.type, value, part.low) < 0) high = middle - 1;
      else if (compare(addresses, part.type, value, part.high) > 0) low = middle + 1;
      else return entry.expires > this.ns.kernel.queue.now ? entry : null;
    }
    return null;
  }

  private scan(values: readonly Value[]): Entry | null {
    const { addresses, queue } = this.ns.kernel;
    for (const entry of this.ranges) {
      if (entry.expires > queue.now && entry.parts.every((part, i) => within(addresses, part, values[i]!)))
        return entry;
    }
    return null;
  }

  private entryOf(element: NftElement): Entry {
    const { addresses, queue } = this.ns.kernel;
    const { data } = element;
    const values = data === undefined || isVerdict(data) ? [] : data.map((v) => valueOf(addresses, v));
    const timeout = element.timeout ?? this.spec.timeout;
    return {
      element,
      parts: element.key.map((part) => intervalOf(addresses, part)),
      data,
      values,
      expires: timeout === undefined ? Infinity : queue.now + timeout * NANOS_PER_MILLI,
      packets: element.counter?.packets ?? 0,
      bytes: element.counter?.bytes ?? 0,
    };
  }

  /** "same": it is there already, alike; "clash": it is there with other data, or overlaps another. */
  add(element: NftElement): "added" | "same" | "clash" {
    const entry = this.entryOf(element);
    if (element.key.every(isExact)) {
      const key = keyText(entry.parts.map((part) => part.low));
      const old = this.exact.get(key);
      if (old !== undefined && old.expires > this.ns.kernel.queue.now)
        return JSON.stringify(old.data) === JSON.stringify(entry.data) ? "same" : "clash";
      if (this.ranges.length > 0 && this.find(entry.parts.map((part) => part.low)) !== null) return "clash";
      this.exact.set(key, entry);
    } else {
      const same = this.ranges.find((other) => sameParts(other, entry));
      if (same !== undefined)
        return JSON.stringify(same.data) === JSON.stringify(entry.data) ? "same" : "clash";
      if (entry.parts.length === 1 && this.overlaps(entry.parts[0]!)) return "clash";
      this.insert(entry);
    }
    this.arm(entry.expires);
    return "added";
  }

  private overlaps(part: Interval): boolean {
    const { addresses } = this.ns.kernel;
    return this.ranges.some((other) => {
      const own = other.parts[0]!;
      return (
        compare(addresses, own.type, own.low, part.high) <= 0 &&
        compare(addresses, own.type, part.low, own.high) <= 0
      );
    });
  }

  private insert(entry: Entry): void {
    const { addresses } = this.ns.kernel;
    const first = entry.parts[0]!;
    let at = this.ranges.length;
    while (at > 0 && compare(addresses, first.type, this.ranges[at - 1]!.parts[0]!.low, first.low) > 0) at--;
    this.ranges.splice(at, 0, entry);
  }

  /** False: no such element. */
  remove(element: NftElement): Entry | null {
    const entry = this.entryOf(element);
    if (element.key.every(isExact)) {
      const key = keyText(entry.parts.map((part) => part.low));
      const old = this.exact.get(key) ?? null;
      this.exact.delete(key);
      return old;
    }
    const at = this.ranges.findIndex((other) => sameParts(other, entry));
    return at < 0 ? null : this.ranges.splice(at, 1)[0]!;
  }

  clear(): Entry[] {
    const gone = [...this.entries()];
    this.exact.clear();
    this.ranges.length = 0;
    return gone;
  }

  restore(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.element.key.every(isExact))
        this.exact.set(keyText(entry.parts.map((part) => part.low)), entry);
      else this.insert(entry);
    }
  }

  *entries(): Iterable<Entry> {
    const { now } = this.ns.kernel.queue;
    for (const entry of this.exact.values()) if (entry.expires > now) yield entry;
    for (const entry of this.ranges) if (entry.expires > now) yield entry;
  }

  /** A rule puts a packet's values in (`add`, `update`) or takes them out. */
  dynamic(
    op: "add" | "update" | "delete",
    key: NftKey,
    data: readonly NftScalar[] | undefined,
    timeout?: number,
  ): boolean {
    const element: NftElement = {
      key,
      ...(data === undefined ? {} : { data }),
      ...(timeout === undefined ? {} : { timeout }),
    };
    if (op === "delete") return this.remove(element) !== null;
    const values = key.map((part) => intervalOf(this.ns.kernel.addresses, part).low);
    const old = this.find(values);
    if (old !== null) {
      if (op === "update") {
        old.expires = this.entryOf(element).expires;
        this.arm(old.expires);
      }
      return true;
    }
    if (this.spec.size !== undefined && this.size >= this.spec.size) return false;
    return this.add(element) === "added";
  }

  /** Elements that have expired are swept, a while after. */
  private arm(expires: number): void {
    if (expires === Infinity || this.timer !== null) return;
    const { queue } = this.ns.kernel;
    this.timer = queue.at(expires as Nanos, () => {
      this.timer = null;
      let next = Infinity;
      for (const [key, entry] of this.exact) {
        if (entry.expires <= queue.now) this.exact.delete(key);
        else next = Math.min(next, entry.expires);
      }
      for (let i = this.ranges.length - 1; i >= 0; i--) {
        const { expires: due } = this.ranges[i]!;
        if (due <= queue.now) this.ranges.splice(i, 1);
        else next = Math.min(next, due);
      }
      this.arm(next);
    });
  }

  close(): void {
    this.timer?.cancel();
    this.timer = null;
  }
}

function sameParts(a: Entry, b: Entry): boolean {
  return a.parts.every((part, i) => part.low === b.parts[i]!.low && part.high === b.parts[i]!.high);
}
