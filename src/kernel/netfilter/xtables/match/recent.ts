import { type Nanos, NANOS_PER_SECOND } from "../../../../sim/time.ts";
import type { RecentMatch } from "../../../uapi/index.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";

/** Addresses of one list. Models: module parameter ip_list_tot. */
const LIST_TOTAL = 100;
/** Time stamps kept per address. Models: ip_pkt_list_tot, rounded up to a power of two. */
const STAMPS = 32;

export interface RecentEntry {
  ttl: number;
  /** A ring. */
  readonly stamps: Nanos[];
  /** Where the next stamp goes. */
  index: number;
}

/** A named list of addresses seen, the one seen longest ago first. Models: struct recent_table. */
export class RecentTable {
  readonly entries = new Map<string, RecentEntry>();
  readonly capacity: number;
  references = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Models: recent_entry_init. */
  add(address: string, ttl: number, now: Nanos): RecentEntry {
    if (this.entries.size >= LIST_TOTAL) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    const entry: RecentEntry = { ttl, stamps: [now], index: 1 };
    this.entries.set(address, entry);
    return entry;
  }

  /** Models: recent_entry_update. */
  update(address: string, entry: RecentEntry, now: Nanos): void {
    entry.index %= this.capacity;
    entry.stamps[entry.index++] = now;
    this.entries.delete(address);
    this.entries.set(address, entry);
  }
}

/** The lists of one namespace, shared by all rules that name them. */
export class RecentTables {
  readonly byName = new Map<string, RecentTable>();

  hold(name: string, hitcount: number | undefined): RecentTable {
    let table = this.byName.get(name);
    if (table === undefined) {
      const wanted = hitcount === undefined || hitcount === 0 ? STAMPS : powerOfTwo(hitcount);
      table = new RecentTable(wanted);
      this.byName.set(name, table);
    }
    table.references++;
    return table;
  }

  release(name: string): void {
    const table = this.byName.get(name);
    if (table !== undefined && --table.references === 0) this.byName.delete(name);
  }
}

function powerOfTwo(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

function addressKey(v: PacketView, m: RecentMatch): string {
  const source = m.side === "source";
  const last = source ? v.src : v.dst;
  const { mask } = m;
  if (!v.v6) return String((last & (typeof mask === "number" ? mask : -1)) >>> 0);
  const words = source ? [v.src0, v.src1, v.src2, last] : [v.dst0, v.dst1, v.dst2, last];
  return words
    .map((word, i) => {
      const under = typeof mask === "object" ? (mask[2 * i]! << 16) | mask[2 * i + 1]! : -1;
      return (word & under) >>> 0;
    })
    .join(":");
}

/** Models: recent_mt. */
export function recentMatcher(m: RecentMatch): Matcher {
  const { invert = false } = m;
  return (v) => {
    const table = v.ns.xtables.recent.byName.get(m.name);
    if (table === undefined) return invert;
    const { now } = v.ns.kernel.queue;
    let ttl = v.b[v.net + (v.v6 ? 7 : 8)]!;
    // The TTL as it was before forwarding took one off.
    if (v.state.out !== null && v.skb.socket === 0) ttl++;
    const key = addressKey(v, m);
    let entry = table.entries.get(key);
    if (entry !== undefined && m.rttl === true && entry.ttl !== ttl) entry = undefined;
    if (entry === undefined) {
      if (m.action !== "set") return invert;
      table.add(key, ttl, now);
      return !invert;
    }
    let result = invert;
    if (m.action === "set") result = !result;
    else if (m.action === "remove") {
      table.entries.delete(key);
      result = !result;
    } else if (seenEnough(entry, m, now)) result = !result;
    if (m.reap === true && m.seconds !== undefined) reap(table, m.seconds, now, entry, result);
    if (m.action === "set" || (m.action === "update" && result)) {
      table.update(key, entry, now);
      entry.ttl = ttl;
    }
    return result;
  };
}

function seenEnough(entry: RecentEntry, m: RecentMatch, now: Nanos): boolean {
  let hits = 0;
  const since = m.seconds === undefined ? -Infinity : now - m.seconds * NANOS_PER_SECOND;
  for (const stamp of entry.stamps) {
    if (stamp < since) continue;
    hits++;
    if (m.hitcount === undefined || m.hitcount === 0 || hits >= m.hitcount) return true;
  }
  return false;
}

/** The entry seen longest ago goes when all its stamps are too old. Models: recent_entry_reap. */
function reap(table: RecentTable, seconds: number, now: Nanos, working: RecentEntry, update: boolean): void {
  for (const [key, entry] of table.entries) {
    if (entry === working && update) return;
    const newest = entry.stamps[entry.index - 1] ?? 0;
    if (newest < now - seconds * NANOS_PER_SECOND) table.entries.delete(key);
    return;
  }
}
