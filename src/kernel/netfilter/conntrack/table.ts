import { addTime, seconds, type Nanos } from "../../../sim/time.ts";
import type { Timer } from "../../../sim/queue.ts";
import type { Netns } from "../../netns.ts";
import { type Conntrack, IPS_CONFIRMED, IPS_DYING, type Tuple } from "./entry.ts";
import { describe, rowOf } from "./journal.ts";
import { hashOf, type Key } from "./tuple.ts";
import type { CtEvent } from "../../uapi/conntrack.ts";

const FIRST_BUCKETS = 256;
/** Entries that have expired are swept at most this often; lookups never see them. */
const SWEEP = seconds(1);

/** The confirmed flows of one namespace, found by either direction. Models: nf_conntrack_hash, nf_conntrack_core.c. */
export class ConntrackTable {
  readonly ns: Netns;
  private buckets: (Tuple | null)[] = new Array<Tuple | null>(FIRST_BUCKETS).fill(null);
  private readonly entries = new Set<Conntrack>();
  private lastId = 0;
  private sweep: Timer | null = null;
  private sweepDue = Infinity;
  readonly listeners = new Set<(event: CtEvent) => void>();

  constructor(ns: Netns) {
    this.ns = ns;
  }

  nextId(): number {
    return ++this.lastId;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Live flows, in order of confirmation. */
  *[Symbol.iterator](): Iterator<Conntrack> {
    const { now } = this.ns.kernel.queue;
    for (const ct of this.entries) if (ct.expires > now) yield ct;
  }

  /** Models: nf_conntrack_find_get. */
  find(key: Key): Tuple | null {
    const hash = key.hash();
    for (let t = this.buckets[hash & (this.buckets.length - 1)] ?? null; t !== null; t = t.next) {
      if (t.hash !== hash || !sameAs(t, key)) continue;
      if (t.ct.expires > this.ns.kernel.queue.now) return t;
      this.destroy(t.ct);
      return null;
    }
    return null;
  }

  /** Enters an unconfirmed flow; its timeout starts now. Models: __nf_conntrack_confirm, after the clash check. */
  insert(ct: Conntrack): void {
    ct.status |= IPS_CONFIRMED;
    ct.expires = addTime(this.ns.kernel.queue.now, ct.expires);
    this.entries.add(ct);
    if (this.entries.size > this.buckets.length) this.grow();
    this.link(ct, ct.original);
    this.link(ct, ct.reply);
    this.arm(ct.expires);
    this.changed("NEW", ct, null);
  }

  /** Lengthens or shortens a flow's life. Models: nf_ct_refresh. */
  refresh(ct: Conntrack, timeout: Nanos): void {
    if (ct.confirmed) {
      ct.expires = addTime(this.ns.kernel.queue.now, timeout);
      if (ct.expires < this.sweepDue) this.arm(ct.expires);
    } else ct.expires = timeout;
  }

  /** Models: nf_ct_delete. */
  destroy(ct: Conntrack): void {
    if ((ct.status & IPS_DYING) !== 0) return;
    ct.status |= IPS_DYING;
    if (!this.entries.delete(ct)) return;
    this.unlink(ct.original);
    this.unlink(ct.reply);
    this.ns.netfilter.nat.forget(ct);
    const before = this.ns.kernel.trace === null ? null : rowOf(this.ns, ct);
    this.changed("DESTROY", ct, before);
  }

  destroyWhere(matches: (ct: Conntrack) => boolean): number {
    const doomed = [...this.entries].filter(matches);
    for (const ct of doomed) this.destroy(ct);
    return doomed.length;
  }

  /** Journals a change and tells listeners. */
  changed(type: "NEW" | "UPDATE" | "DESTROY", ct: Conntrack, before: unknown): void {
    const { kernel } = this.ns;
    if (kernel.trace !== null) {
      const after = type === "DESTROY" ? null : rowOf(this.ns, ct);
      if (JSON.stringify(before) !== JSON.stringify(after))
        kernel.trace.change("conntrack", this.ns.id, String(ct.id), before, after, "kernel", "conntrack");
    }
    for (const listener of this.listeners) listener({ type, entry: describe(this.ns, ct) });
  }

  /** Runs a change of a confirmed entry's visible state and journals it. */
  changing(ct: Conntrack, change: () => void): void {
    if (!ct.confirmed) {
      change();
      return;
    }
    const before = this.ns.kernel.trace === null ? null : rowOf(this.ns, ct);
    change();
    this.changed("UPDATE", ct, before);
  }

  private link(ct: Conntrack, tuple: Tuple): void {
    tuple.hash = hashOf(ct.family, ct.protocol, ct.zone, tuple.src, tuple.dst, tuple.sport, tuple.dport);
    const at = tuple.hash & (this.buckets.length - 1);
    tuple.next = this.buckets[at]!;
    this.buckets[at] = tuple;
  }

  private unlink(tuple: Tuple): void {
    const at = tuple.hash & (this.buckets.length - 1);
    let previous: Tuple | null = null;
    for (let t = this.buckets[at] ?? null; t !== null; previous = t, t = t.next) {
      if (t !== tuple) continue;
      if (previous === null) this.buckets[at] = t.next;
      else previous.next = t.next;
      tuple.next = null;
      return;
    }
  }

  private grow(): void {
    const old = this.buckets;
    this.buckets = new Array<Tuple | null>(old.length * 4).fill(null);
    for (const head of old) {
      for (let t = head; t !== null;) {
        const { next } = t;
        const at = t.hash & (this.buckets.length - 1);
        t.next = this.buckets[at]!;
        this.buckets[at] = t;
        t = next;
      }
    }
  }

  /** Sees to it that a sweep runs soon after `due`. */
  private arm(due: number): void {
    const { queue } = this.ns.kernel;
    const at = Math.max(due, queue.now + SWEEP);
    if (at >= this.sweepDue) return;
    this.sweep?.cancel();
    this.sweepDue = at;
    this.sweep = queue.at(at as Nanos, () => this.collect());
  }

  /** Models: gc_worker. */
  private collect(): void {
    this.sweep = null;
    this.sweepDue = Infinity;
    const { now } = this.ns.kernel.queue;
    let earliest = Infinity;
    for (const ct of this.entries) {
      if (ct.expires <= now) this.destroy(ct);
      else if (ct.expires < earliest) earliest = ct.expires;
    }
    if (earliest !== Infinity) this.arm(earliest);
  }

  /** The namespace ends. */
  close(): void {
    this.sweep?.cancel();
    this.sweep = null;
  }
}

function sameAs(t: Tuple, key: Key): boolean {
  const { ct } = t;
  return (
    t.src === key.src &&
    t.dst === key.dst &&
    t.sport === key.sport &&
    t.dport === key.dport &&
    ct.protocol === key.protocol &&
    ct.zone === key.zone &&
    ct.family === key.family
  );
}
