import type { Mac } from "../../wire/address.ts";
import { formatMac } from "../../wire/address.ts";
import type { Timer } from "../../sim/queue.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import type { FdbRow } from "../../trace/rows.ts";
import type { Actor } from "../uapi/index.ts";
import type { Bridge } from "./bridge.ts";
import type { BridgePort } from "./bridge-port.ts";

/** Models: struct net_bridge_fdb_entry. */
export interface BridgeFdbEntry {
  readonly mac: Mac;
  /** Null: the bridge device itself. */
  port: BridgePort | null;
  /** An address of the bridge or of a port: frames for it go up the stack. */
  local: boolean;
  /** Never ages. */
  isStatic: boolean;
  /** Added by somebody, not learnt. */
  addedByUser: boolean;
  updated: Nanos;
  used: Nanos;
  by: Actor;
}

const LEARNT: Actor = { name: "kernel", detail: "learnt from a frame" };

/** A bridge's forwarding database: which port leads to an address. Models: net/bridge/br_fdb.c. */
export class BridgeFdb {
  private readonly bridge: Bridge;
  readonly entries = new Map<Mac, BridgeFdbEntry>();
  private gc: Timer | null = null;

  constructor(bridge: Bridge) {
    this.bridge = bridge;
  }

  find(mac: Mac): BridgeFdbEntry | undefined {
    return this.entries.get(mac);
  }

  /** A frame from `mac` came in by `port`. Models: br_fdb_update. */
  learn(port: BridgePort, mac: Mac): void {
    const now = this.bridge.ns.kernel.queue.now;
    const entry = this.entries.get(mac);
    if (entry === undefined) {
      this.put({
        mac,
        port,
        local: false,
        isStatic: false,
        addedByUser: false,
        updated: now,
        used: now,
        by: LEARNT,
      });
      return;
    }
    if (entry.local) return;
    entry.updated = now;
    if (entry.port === port || (entry.addedByUser && entry.isStatic && entry.port === null)) return;
    const before = this.row(entry);
    entry.port = port;
    this.journal(entry.mac, before, this.row(entry), LEARNT);
  }

  put(entry: BridgeFdbEntry): void {
    const old = this.entries.get(entry.mac);
    // Newest first in dumps: a replaced entry keeps its place, a new one goes last in the map.
    this.entries.set(entry.mac, entry);
    this.journal(entry.mac, old === undefined ? null : this.row(old), this.row(entry), entry.by);
    if (!entry.isStatic && !entry.local) this.scheduleGc();
  }

  remove(mac: Mac, by: Actor): boolean {
    const entry = this.entries.get(mac);
    if (entry === undefined) return false;
    this.entries.delete(mac);
    this.journal(mac, this.row(entry), null, by);
    return true;
  }

  /** An address of the bridge (`port` null) or of a port: permanent and local. */
  addLocal(mac: Mac, port: BridgePort | null): void {
    const old = this.entries.get(mac);
    if (old !== undefined && old.local) return;
    const now = this.bridge.ns.kernel.queue.now;
    const by: Actor = {
      name: "kernel",
      detail: port === null ? "the bridge's own address" : "the port's own address",
    };
    if (old !== undefined) this.entries.delete(mac);
    this.put({ mac, port, local: true, isStatic: true, addedByUser: false, updated: now, used: now, by });
  }

  /** Forgets what a port taught; with `all`, also its static and local entries. Models: br_fdb_delete_by_port. */
  removePort(port: BridgePort, all: boolean): void {
    const by: Actor = { name: "kernel", detail: all ? "the port left the bridge" : "the port went down" };
    for (const entry of [...this.entries.values()]) {
      if (entry.port !== port) continue;
      if (!all && (entry.isStatic || entry.local)) continue;
      this.remove(entry.mac, by);
    }
  }

  /** Ages out what was not heard of for the ageing time. Models: br_fdb_cleanup. */
  private collect(): void {
    this.gc = null;
    const now = this.bridge.ns.kernel.queue.now;
    const hold = this.bridge.ageing;
    let next = Infinity;
    for (const entry of [...this.entries.values()]) {
      if (entry.isStatic || entry.local) continue;
      const due = entry.updated + hold;
      if (due > now) next = Math.min(next, due - now);
      else this.remove(entry.mac, { name: "kernel", detail: "not heard of for the ageing time" });
    }
    if (next !== Infinity)
      this.gc = this.bridge.ns.kernel.queue.after(Math.max(next, millis(10)) as Nanos, () => this.collect());
  }

  /** Runs the collector soon: the first entry came, or the ageing time changed. */
  scheduleGc(now = false): void {
    if (this.gc !== null && !now) return;
    this.gc?.cancel();
    this.gc = this.bridge.ns.kernel.queue.after(now ? (0 as Nanos) : this.bridge.ageing, () =>
      this.collect(),
    );
  }

  stop(): void {
    this.gc?.cancel();
    this.gc = null;
  }

  private row(entry: BridgeFdbEntry): FdbRow {
    return {
      table: this.bridge.index,
      dev: entry.port === null ? this.bridge.index : entry.port.dev.index,
      mac: formatMac(entry.mac),
      state:
        entry.local || (entry.isStatic && entry.port === null)
          ? "permanent"
          : entry.isStatic
            ? "static"
            : "dynamic",
      local: entry.local,
    };
  }

  private journal(mac: Mac, before: FdbRow | null, after: FdbRow | null, by: Actor): void {
    this.tell(mac, before, after);
    const { trace } = this.bridge.ns.kernel;
    if (trace === null) return;
    const key = `${this.bridge.index}/${formatMac(mac)}`;
    trace.change("fdb", this.bridge.ns.id, key, before, after, by.name, by.detail ?? "");
  }

  /** Models: fdb_notify, fdb_to_nud. */
  private tell(mac: Mac, before: FdbRow | null, after: FdbRow | null): void {
    const { ns } = this.bridge;
    const row = after ?? before;
    if (ns.monitor.idle || row === null) return;
    const dev = ns.device(row.dev) ?? this.bridge;
    const state = row.local ? "PERMANENT" : row.state === "dynamic" ? "REACHABLE" : "NOARP";
    ns.monitor.tell({ kind: "fdb", gone: after === null, dev, mac, states: [state] });
  }
}
