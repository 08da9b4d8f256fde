import { err, ok } from "../../../base/result.ts";
import { NANOS_PER_SECOND, type Nanos } from "../../../sim/time.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { Ipv6 } from "../../../wire/address6.ts";
import type { Netns } from "../../netns.ts";
import type { IpsetElement, IpsetInfo, IpsetPart, IpsetSpec } from "../../uapi/ipset.ts";
import type { Actor, KernelResult } from "../../uapi/types.ts";
import { ListSet, type Member } from "./list.ts";
import { type Element, FOR_EVER, IpSet } from "./set.ts";
import { memoryOf, SHAPES } from "./shape.ts";
import { elementText } from "./text.ts";

const BY_RULE: Actor = { name: "kernel", detail: "target SET" };

export type AnySet = IpSet | ListSet;

/** The sets of one namespace. Models: net/netfilter/ipset/ip_set_core.c. */
export class Ipsets {
  private readonly ns: Netns;
  private readonly sets = new Map<string, AnySet>();

  constructor(ns: Netns) {
    this.ns = ns;
  }

  private get now(): Nanos {
    return this.ns.kernel.queue.now;
  }

  find(name: string): AnySet | undefined {
    return this.sets.get(name);
  }

  /** A rule or a list takes hold of a set, or lets it go. False: there is none. */
  refer(name: string, by: 1 | -1): boolean {
    const set = this.sets.get(name);
    if (set === undefined) return false;
    set.references += by;
    return true;
  }

  create(spec: IpsetSpec, exist: boolean, by: Actor): KernelResult<void> {
    const there = this.sets.get(spec.name);
    if (there !== undefined) {
      return exist && sameKind(there.spec, spec) ? ok() : err({ errno: "EEXIST" });
    }
    const { kernel } = this.ns;
    const set =
      spec.type === "list:set"
        ? new ListSet(spec.name, spec)
        : new IpSet(spec.name, spec, kernel.addresses, kernel.random.u32());
    this.sets.set(spec.name, set);
    this.journal(spec.name, null, { type: spec.type, family: spec.family ?? "inet" }, by);
    return ok();
  }

  destroy(name: string | undefined, by: Actor): KernelResult<void> {
    if (name === undefined) {
      if ([...this.sets.values()].some((set) => set.references > 0)) return err({ errno: "EBUSY" });
      for (const set of [...this.sets.values()]) this.drop(set, by);
      return ok();
    }
    const set = this.sets.get(name);
    if (set === undefined) return err({ errno: "ENOENT" });
    if (set.references > 0) return err({ errno: "EBUSY" });
    this.drop(set, by);
    return ok();
  }

  private drop(set: AnySet, by: Actor): void {
    this.empty(set, by);
    this.sets.delete(set.name);
    this.journal(set.name, { type: set.spec.type, family: set.spec.family ?? "inet" }, null, by);
  }

  private empty(set: AnySet, by: Actor): void {
    if (this.ns.kernel.trace !== null)
      for (const element of this.elementsOf(set)) this.journalElement(set, element, null, by);
    if (set instanceof IpSet) {
      set.flush();
      return;
    }
    for (const member of set.members) this.refer(member.set, -1);
    set.members = [];
  }

  flush(name: string | undefined, by: Actor): KernelResult<void> {
    if (name === undefined) {
      for (const set of this.sets.values()) this.empty(set, by);
      return ok();
    }
    const set = this.sets.get(name);
    if (set === undefined) return err({ errno: "ENOENT" });
    this.empty(set, by);
    return ok();
  }

  rename(from: string, to: string, by: Actor): KernelResult<void> {
    const set = this.sets.get(from);
    if (set === undefined) return err({ errno: "ENOENT" });
    if (set.references > 0) return err({ errno: "EBUSY" });
    if (this.sets.has(to)) return err({ errno: "EEXIST" });
    const all = [...this.sets.values()];
    set.name = to;
    this.sets.clear();
    for (const each of all) this.sets.set(each.name, each);
    const row = { type: set.spec.type, family: set.spec.family ?? "inet" };
    this.journal(from, row, null, by);
    this.journal(to, null, row, by);
    return ok();
  }

  /** Names and those who hold them stay; what stands under them changes places. Models: ip_set_swap. */
  swap(one: string, other: string, by: Actor): KernelResult<void> {
    const a = this.sets.get(one);
    const b = this.sets.get(other);
    if (a === undefined || b === undefined)
      return err({ errno: "ENOENT", ...(a === undefined ? {} : { extack: "second" }) });
    if (a.spec.type !== b.spec.type || (a.spec.family ?? "inet") !== (b.spec.family ?? "inet"))
      return err({ errno: "EINVAL" });
    this.journalAll([a, b], false, by);
    [a.name, b.name] = [b.name, a.name];
    [a.references, b.references] = [b.references, a.references];
    this.sets.set(a.name, a);
    this.sets.set(b.name, b);
    this.journalAll([a, b], true, by);
    return ok();
  }

  // -------------------------------------------------------------------------------------------------- elements

  add(name: string, element: IpsetElement, exist: boolean, by: Actor): KernelResult<void> {
    const set = this.sets.get(name);
    if (set === undefined) return err({ errno: "ENOENT" });
    if (set instanceof ListSet) return this.addMember(set, element, exist, by);
    const key = this.keyOf(set, element.parts);
    if (key === null) return err({ errno: "EINVAL" });
    if (!inRange(set, key.numbers)) return err({ errno: "ERANGE" });
    const there = set.find(key.numbers, key.lengths, this.now);
    if (there !== undefined) {
      if (!exist) return err({ errno: "EEXIST" });
      if (set.spec.timeout !== undefined) there.expires = set.deadline(this.now, element.timeout);
      there.nomatch = element.nomatch ?? false;
      there.packets = element.packets ?? there.packets;
      there.bytes = element.bytes ?? there.bytes;
      if (set.spec.comment === true) there.comment = element.comment;
      return ok();
    }
    if (!this.room(set)) return err({ errno: "ENOSPC" });
    const made: Element = {
      key: key.numbers,
      lengths: key.lengths,
      expires: set.deadline(this.now, element.timeout),
      nomatch: element.nomatch ?? false,
      packets: element.packets ?? 0,
      bytes: element.bytes ?? 0,
      comment: element.comment,
    };
    set.insert(made);
    this.journalElement(set, null, this.describe(set, made), by);
    return ok();
  }

  /** Whether one more fits; `forceadd` makes room by forgetting one. */
  private room(set: IpSet): boolean {
    if (set.spec.range !== undefined) return true;
    const most = set.spec.maxelem ?? 65536;
    if (set.size < most || set.elements(this.now).length < most) return true;
    const [first] = set.elements(this.now);
    if (set.spec.forceadd !== true || first === undefined) return false;
    set.remove(first);
    return true;
  }

  private addMember(list: ListSet, element: IpsetElement, exist: boolean, by: Actor): KernelResult<void> {
    const [part] = element.parts;
    if (part?.kind !== "set") return err({ errno: "EINVAL" });
    const other = this.sets.get(part.name);
    if (other === undefined) return err({ errno: "EPROTO" });
    if (other instanceof ListSet) return err({ errno: "ELOOP" });
    const members = list.alive(this.now, (gone) => this.refer(gone, -1));
    const there = members.find((m) => m.set === part.name);
    const expires =
      list.spec.timeout === undefined ? FOR_EVER : deadline(this.now, element.timeout ?? list.spec.timeout);
    if (there !== undefined) {
      if (!exist) return err({ errno: "EEXIST" });
      there.expires = expires;
      return ok();
    }
    const anchor = element.before ?? element.after;
    const at = anchor === undefined ? members.length : members.findIndex((m) => m.set === anchor);
    if (at < 0) return err({ errno: "ESRCH" });
    const member: Member = {
      set: part.name,
      expires,
      packets: element.packets ?? 0,
      bytes: element.bytes ?? 0,
      comment: element.comment,
    };
    list.members.splice(element.after === undefined ? at : at + 1, 0, member);
    other.references++;
    this.journalElement(list, null, this.describeMember(member), by);
    return ok();
  }

  delete(name: string, element: IpsetElement, exist: boolean, by: Actor): KernelResult<void> {
    const set = this.sets.get(name);
    if (set === undefined) return err({ errno: "ENOENT" });
    if (set instanceof ListSet) {
      const [part] = element.parts;
      if (part?.kind !== "set") return err({ errno: "EINVAL" });
      if (!this.sets.has(part.name)) return err({ errno: "EPROTO" });
      const at = set.members.findIndex((m) => m.set === part.name);
      if (at < 0) return exist ? ok() : err({ errno: "ESRCH" });
      this.journalElement(set, this.describeMember(set.members[at]!), null, by);
      set.members.splice(at, 1);
      this.refer(part.name, -1);
      return ok();
    }
    const key = this.keyOf(set, element.parts);
    if (key === null) return err({ errno: "EINVAL" });
    if (!inRange(set, key.numbers)) return err({ errno: "ERANGE" });
    const there = set.find(key.numbers, key.lengths, this.now);
    if (there === undefined) return exist ? ok() : err({ errno: "ESRCH" });
    this.journalElement(set, this.describe(set, there), null, by);
    set.remove(there);
    return ok();
  }

  test(name: string, element: IpsetElement): KernelResult<boolean> {
    const set = this.sets.get(name);
    if (set === undefined) return err({ errno: "ENOENT" });
    if (set instanceof ListSet) {
      const [part] = element.parts;
      if (part?.kind !== "set") return err({ errno: "EINVAL" });
      if (!this.sets.has(part.name)) return err({ errno: "EPROTO" });
      const members = set.alive(this.now, (gone) => this.refer(gone, -1));
      return ok(members.some((m) => m.set === part.name));
    }
    const key = this.keyOf(set, element.parts);
    if (key === null) return err({ errno: "EINVAL" });
    if (!inRange(set, key.numbers)) return err({ errno: "ERANGE" });
    // A single address asks which network covers it; a network asks for itself.
    const single = key.lengths.every((length, d) => set.dimensions[d] !== "net" || length === set.bits);
    const found = single ? set.covering(key.numbers, this.now) : set.find(key.numbers, key.lengths, this.now);
    return ok(found !== undefined && !found.nomatch);
  }

  /** An element's parts as numbers; null when they do not fit the set's type. */
  private keyOf(set: IpSet, parts: readonly IpsetPart[]): { numbers: number[]; lengths: number[] } | null {
    const numbers: number[] = [];
    const lengths: number[] = [];
    for (const [d, dimension] of set.dimensions.entries()) {
      const part = parts[d];
      if (part === undefined) return null;
      if (dimension === "port") {
        if (part.kind !== "port") return null;
        numbers.push(set.spec.type === "bitmap:port" ? part.port : portKey(part.protocol, part.port));
        lengths.push(0);
        continue;
      }
      if (part.kind !== "address" && part.kind !== "net") return null;
      const number = this.addressNumber(set, part.address);
      if (number === null) return null;
      const length = part.kind === "net" ? part.length : set.bits;
      numbers.push(set.cut(number, dimension === "ip" ? (set.spec.netmask ?? set.bits) : length));
      lengths.push(dimension === "net" ? length : 0);
    }
    return { numbers, lengths };
  }

  private addressNumber(set: IpSet, address: Ipv4 | Ipv6): number | null {
    if (typeof address === "number") return set.bits === 32 ? address : null;
    return set.bits === 128 ? this.ns.kernel.addresses.numberOf(address) : null;
  }

  // -------------------------------------------------------------------------------------------------- listings

  list(): readonly IpsetInfo[] {
    return [...this.sets.values()].map((set) => this.info(set));
  }

  get(name: string): IpsetInfo | undefined {
    const set = this.sets.get(name);
    return set === undefined ? undefined : this.info(set);
  }

  private info(set: AnySet): IpsetInfo {
    const elements = this.elementsOf(set);
    const comments = elements.flatMap((element) => element.comment ?? []);
    return {
      ...set.spec,
      name: set.name,
      family: set.spec.family ?? "inet",
      initval: set instanceof IpSet ? set.initval : 0,
      revision: SHAPES[set.spec.type].revision,
      memory: memoryOf(set.spec, elements.length, comments),
      references: set.references,
      elements,
    };
  }

  private elementsOf(set: AnySet): IpsetElement[] {
    if (set instanceof ListSet)
      return set.alive(this.now, (gone) => this.refer(gone, -1)).map((m) => this.describeMember(m, set.spec));
    const elements = set.elements(this.now);
    // A bitmap is read from its first bit on.
    const sorted =
      set.spec.range === undefined ? elements : [...elements].sort((a, b) => a.key[0]! - b.key[0]!);
    return sorted.map((element) => this.describe(set, element));
  }

  private describe(set: IpSet, element: Element): IpsetElement {
    const parts = set.dimensions.map((dimension, d): IpsetPart => {
      const number = element.key[d]!;
      if (dimension === "port")
        return { kind: "port", protocol: Math.floor(number / 65536), port: number & 0xffff };
      const address =
        set.bits === 32
          ? (number as Ipv4)
          : (this.ns.kernel.addresses.groups(number) as readonly number[] as Ipv6);
      if (dimension === "net") return { kind: "net", address, length: element.lengths[d]! };
      return { kind: "address", address };
    });
    return {
      parts,
      ...this.extensions(set.spec, element),
      ...(element.nomatch ? { nomatch: true } : {}),
    };
  }

  private describeMember(member: Member, spec?: IpsetSpec): IpsetElement {
    return {
      parts: [{ kind: "set", name: member.set }],
      ...(spec === undefined ? {} : this.extensions(spec, member)),
    };
  }

  private extensions(spec: IpsetSpec, from: Element | Member): Partial<IpsetElement> {
    const left = from.expires === FOR_EVER ? 0 : secondsLeft(from.expires - this.now);
    return {
      ...(spec.timeout === undefined ? {} : { timeout: left }),
      ...(spec.counters === true ? { packets: from.packets, bytes: from.bytes } : {}),
      ...(spec.comment === true && from.comment !== undefined ? { comment: from.comment } : {}),
    };
  }

  // -------------------------------------------------------------------------------------------------- journal

  private journal(key: string, before: unknown, after: unknown, by: Actor): void {
    this.ns.kernel.trace?.change("ipset", this.ns.id, key, before, after, by.name, by.detail ?? "");
  }

  /** A rule's SET target entered an element or took it out. */
  packetChanged(set: IpSet, element: Element, entered: boolean): void {
    if (this.ns.kernel.trace === null) return;
    const described = this.describe(set, element);
    this.journalElement(set, entered ? null : described, entered ? described : null, BY_RULE);
  }

  /** All elements of some sets go, or come: when the sets change their names. */
  private journalAll(sets: readonly AnySet[], come: boolean, by: Actor): void {
    if (this.ns.kernel.trace === null) return;
    for (const set of sets)
      for (const element of this.elementsOf(set))
        this.journalElement(set, come ? null : element, come ? element : null, by);
  }

  private journalElement(
    set: AnySet,
    before: IpsetElement | null,
    after: IpsetElement | null,
    by: Actor,
  ): void {
    if (this.ns.kernel.trace === null) return;
    const text = elementText((before ?? after)!);
    this.journal(
      `${set.name}/${text}`,
      before === null ? null : { member: text },
      after === null ? null : { member: text },
      by,
    );
  }
}

/** Protocol and port (or ICMP type and code) as one number. */
export function portKey(protocol: number, port: number): number {
  return protocol * 65536 + port;
}

/** The kernel counts in ticks of 4 ms. Models: ip_set_timeout_get. */
const TICK = NANOS_PER_SECOND / 250;

function secondsLeft(nanos: number): number {
  return Math.max(1, Math.floor((Math.ceil(nanos / TICK) * TICK) / NANOS_PER_SECOND));
}

function deadline(now: Nanos, seconds: number): Nanos {
  return seconds === 0 ? FOR_EVER : ((now + seconds * NANOS_PER_SECOND) as Nanos);
}

function inRange(set: IpSet, key: readonly number[]): boolean {
  const { range } = set.spec;
  return range === undefined || (key[0]! >= range.from && key[0]! <= range.to);
}

/** Whether `-exist` takes one set for the other; family and hashsize do not count. Models: same_set of the set's variant. */
function sameKind(a: IpsetSpec, b: IpsetSpec): boolean {
  return (
    a.type === b.type &&
    (a.maxelem ?? 65536) === (b.maxelem ?? 65536) &&
    a.timeout === b.timeout &&
    a.netmask === b.netmask &&
    (a.counters ?? false) === (b.counters ?? false) &&
    (a.comment ?? false) === (b.comment ?? false) &&
    (a.skbinfo ?? false) === (b.skbinfo ?? false) &&
    a.range?.from === b.range?.from &&
    a.range?.to === b.range?.to
  );
}
