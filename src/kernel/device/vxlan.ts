import { err, ok } from "../../base/result.ts";
import {
  formatIpv4,
  formatMac,
  type Ipv4,
  isGroupMac,
  type Mac,
  MAC_ZERO,
  parseIpv4,
} from "../../wire/address.ts";
import { ETH_P_IP, ethDest, ETHERNET_HEADER, ethIsGroup, ethSource, ethType } from "../../wire/ethernet.ts";
import { IPPROTO_UDP, ipv4Dest } from "../../wire/ipv4.ts";
import { learnMtu } from "../ipv4/icmp.ts";
import { setUdpChecksum, UDP_HEADER, writeUdpHeader } from "../../wire/udp.ts";
import { VXLAN_HEADER, writeVxlan } from "../../wire/vxlan.ts";
import { micros, NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Timer } from "../../sim/queue.ts";
import type { FdbRow } from "../../trace/rows.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Actor, FdbSpec, KernelResult, NeighState, VxlanOptions } from "../uapi/index.ts";
import { tooBigAnswer } from "./tunnel-pmtu.ts";
import { NetDevice, UNKNOWN_SPEED_COST, type XmitResult } from "./device.ts";
import { netifReceive } from "./receive.ts";

/** Outer headers of a frame over IPv4. */
const OVERHEAD = 20 + UDP_HEADER + VXLAN_HEADER;

/** Where a frame that took the short way came from, for who learns; and how long that takes. */
const LOOPBACK = 0x7f000001 as Ipv4;
const BYPASS = micros(2);

const LEARNT: Actor = { name: "kernel", detail: "learnt from a tunnelled frame" };

/** Where a MAC lives: a remote VTEP. Models: struct vxlan_rdst. */
export interface Remote {
  readonly address: Ipv4;
  readonly port: number;
  readonly vni: number;
  readonly dev: number | undefined;
}

/** Models: struct vxlan_fdb. */
export interface VxlanFdbEntry {
  readonly mac: Mac;
  readonly remotes: Remote[];
  state: "permanent" | "static" | "dynamic";
  updated: Nanos;
  used: Nanos;
  by: Actor;
  /** Made with the device, out of its `remote`; not once somebody changed it. */
  made?: boolean;
}

/**
 * A VXLAN tunnel endpoint, RFC 7348: frames sent to it leave inside UDP to the VTEP that the FDB names.
 * Models: drivers/net/vxlan/vxlan_core.c over IPv4.
 */
export class Vxlan extends NetDevice {
  readonly kind = "vxlan";
  options: VxlanOptions;
  /** The namespace that it was made in, and that its outer packets stay in wherever it moves. Models: vxlan->net. */
  readonly home: Netns;
  /** Newest first when listed. The all-zero address holds the default destinations. */
  readonly fdb = new Map<Mac, VxlanFdbEntry>();
  private ager: Timer | null = null;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor, options: VxlanOptions) {
    super(ns, name, mac, mtu, by);
    this.options = options;
    this.home = ns;
  }

  override get linkNetns(): Netns {
    return this.home;
  }

  /** The device that the tunnel stands on, if it names one. */
  get underlay(): NetDevice | undefined {
    const { dev } = this.options;
    return dev === undefined ? undefined : this.home.device(dev);
  }

  /** Models: vxlan_change_mtu. */
  override mtuRefusal(mtu: number): "EINVAL" | undefined {
    const { underlay } = this;
    return underlay !== undefined && mtu > underlay.mtu - OVERHEAD - ETHERNET_HEADER ? "EINVAL" : undefined;
  }

  override get pathCost(): number {
    return this.underlay?.pathCost ?? UNKNOWN_SPEED_COST;
  }

  override get tracksCarrier(): boolean {
    return false;
  }

  /** The Ethernet header is off when it counts. */
  override get uncounted(): number {
    return ETHERNET_HEADER;
  }

  get carrier(): boolean {
    return true;
  }

  /** Models: vxlan_xmit: who has this MAC? Unknown and group addresses go to the all-zero entry. */
  xmit(skb: Skb): XmitResult {
    const { kernel } = this.ns;
    const dest = ethDest(skb.buf, skb.data);
    let entry = this.fdb.get(dest);
    const known = entry !== undefined;
    entry ??= this.fdb.get(MAC_ZERO);
    if (entry === undefined || entry.remotes.length === 0) {
      if (this.options.l2miss === true && !ethIsGroup(skb.buf, skb.data)) this.ask(dest);
      this.txDropped++;
      kernel.trace?.fdb(this.ns.id, this.index, skb.id, dest, "miss", 0, 0);
      kernel.drop(this.ns, this, skb, "VXLAN_NO_REMOTE", "vxlan_xmit");
      return 0;
    }
    entry.used = kernel.queue.now;
    // The first of several gets the frame itself, after the copies for the others.
    for (let i = entry.remotes.length - 1; i >= 0; i--) {
      const remote = entry.remotes[i === 0 ? 0 : entry.remotes.length - i]!;
      const copy = i === 0 ? skb : kernel.copy(this.ns, skb);
      kernel.trace?.fdb(this.ns.id, this.index, copy.id, dest, known ? "remote" : "flood", 0, remote.address);
      this.send(copy, remote);
    }
    return 0;
  }

  /** Who listens may know where the address lives. Models: vxlan_fdb_miss. */
  private ask(mac: Mac): void {
    this.ns.monitor.tell({ kind: "miss", gone: false, dev: this, question: { mac, state: "STALE" } });
  }

  /**
   * The other end is in this very namespace: the frame goes over without its outer headers, and is for that device
   * whatever its address says. Models: vxlan_encap_bypass.
   */
  private bypass(skb: Skb, to: Vxlan | undefined, learns = true): void {
    const { kernel } = this.ns;
    if (to === undefined) {
      this.txErrors++;
      kernel.drop(this.ns, this, skb, "VXLAN_VNI_NOT_FOUND", "vxlan_encap_bypass");
      return;
    }
    this.txPackets++;
    this.txBytes += skb.length;
    to.rxBytes += to.uncounted;
    if (learns && to.options.learning) to.learn(ethSource(skb.buf, skb.data), LOOPBACK);
    skb.hop = null;
    skb.nexthop = 0;
    kernel.queue.after(BYPASS, () => netifReceive(to, skb, true));
  }

  /**
   * What does not fit in one outer packet tells the route that brought it here, or is answered where none did; else it
   * is cut outside. Models: skb_tunnel_check_pmtu.
   */
  private fits(skb: Skb, mtu: number): boolean {
    const { ns } = this;
    const net = skb.data + ETHERNET_HEADER;
    if (skb.end - net <= mtu) return true;
    if (skb.hop !== null && ethType(skb.buf, skb.data) === ETH_P_IP)
      learnMtu(ns, ipv4Dest(skb.buf, net), mtu);
    const answer = this.port === null ? undefined : tooBigAnswer(ns, skb, mtu);
    if (answer === undefined) return true;
    ns.kernel.drop(ns, this, skb, "PKT_TOO_BIG", "skb_tunnel_check_pmtu");
    this.bypass(answer, this, false);
    return false;
  }

  /** Wraps the frame and sends the outer packet from this host. Models: vxlan_xmit_one. */
  private send(skb: Skb, remote: Remote): void {
    const { ns, home, options } = this;
    const { kernel } = ns;
    // Only an entry that names a device is looked for there; that the tunnel has one says nothing (vxlan_fdb_parse).
    const route = routeOutput(home, {
      dst: remote.address,
      src: options.local,
      mark: skb.mark,
      oif: remote.dev === undefined ? undefined : home.device(remote.dev),
    });
    if (typeof route === "string") {
      this.txErrors++;
      this.txCarrierErrors++;
      traceOutput(home, skb, remote.address, route);
      kernel.drop(ns, this, skb, "IP_OUTNOROUTES", "vxlan_xmit_one");
      return;
    }
    if (route.type === "local") {
      this.bypass(skb, home.vxlan.find(remote.port, remote.vni));
      return;
    }
    if (route.dev === this) {
      kernel.drop(ns, this, skb, "TUNNEL_LOOP", "vxlan_xmit_one");
      return;
    }
    if (!this.fits(skb, route.mtu - OVERHEAD - ETHERNET_HEADER)) return;
    this.txPackets++;
    this.txBytes += skb.length - ETHERNET_HEADER;
    const sourcePort = this.sourcePort(skb);
    skb.ensureHeadroom(OVERHEAD + ETHERNET_HEADER);
    skb.push(VXLAN_HEADER);
    writeVxlan(skb.buf, skb.data, remote.vni);
    skb.push(UDP_HEADER);
    writeUdpHeader(skb.buf, skb.data, sourcePort, remote.port, skb.length);
    setUdpChecksum(skb.buf, skb.data, route.source, remote.address);
    kernel.trace?.tunnel(
      true,
      ns.id,
      this.index,
      skb.id,
      OVERHEAD + ETHERNET_HEADER,
      remote.vni,
      route.source,
      remote.address,
    );
    traceOutput(home, skb, remote.address, route);
    skb.scrub(ns !== home);
    const automatic = route.type === "multicast" ? 1 : home.ipv4.defaultTtl;
    const ttl = options.ttl === 0 ? automatic : options.ttl;
    skb.dev = null;
    ipLocalOut(home, skb, { ...route, mtu: Math.max(route.mtu, 68) }, remote.address, {
      protocol: IPPROTO_UDP,
      ttl,
      tos: 0,
      dontFragment: false,
    });
  }

  /** The inner flow picks the outer source port, so that ECMP spreads flows (RFC 7348, section 5). Models: udp_flow_src_port. */
  private sourcePort(skb: Skb): number {
    const { srcPortMin, srcPortMax } = this.options;
    const [min, max] =
      srcPortMin === 0 && srcPortMax === 0
        ? [this.ns.ipv4.localPortMin, this.ns.ipv4.localPortMax]
        : [srcPortMin, srcPortMax];
    let h = 0x811c9dc5;
    const to = Math.min(skb.end, skb.data + ETHERNET_HEADER + 24);
    for (let i = skb.data; i < to; i++) {
      const at = i - skb.data - ETHERNET_HEADER;
      // Addresses, protocol and ports; not length, id, TTL or checksum, which differ within a flow.
      if (at < 0 || at === 9 || (at >= 12 && (at < 20 || hasPorts(skb))))
        h = Math.imul(h ^ skb.buf[i]!, 0x01000193);
    }
    return min + ((h >>> 0) % (max - min));
  }

  /** Whether the frame may come from there: an entry that somebody wrote is not moved. Models: vxlan_snoop. */
  learn(mac: Mac, remote: Ipv4): boolean {
    const old = this.fdb.get(mac);
    const { now } = this.ns.kernel.queue;
    if (old !== undefined) {
      old.updated = now;
      if (old.remotes[0]?.address === remote) return true;
      if (old.state !== "dynamic") return false;
    }
    const row = old === undefined ? null : this.row(old, old.remotes[0]!);
    const entry: VxlanFdbEntry = {
      mac,
      remotes: [{ address: remote, port: this.options.dstPort, vni: this.options.id, dev: undefined }],
      state: "dynamic",
      updated: now,
      used: now,
      by: LEARNT,
    };
    this.fdb.set(mac, entry);
    if (row !== null) this.journal(entry, row, null, LEARNT);
    this.journal(entry, null, this.row(entry, entry.remotes[0]!), LEARNT);
    this.ager ??= this.ns.kernel.queue.after((this.options.ageing * NANOS_PER_SECOND) as Nanos, () =>
      this.age(),
    );
    return true;
  }

  /** Models: vxlan_cleanup. */
  private age(): void {
    this.ager = null;
    const life = this.options.ageing * NANOS_PER_SECOND;
    let next = Infinity;
    for (const entry of [...this.fdb.values()]) {
      if (entry.state !== "dynamic") continue;
      const left = entry.updated + life - this.ns.kernel.queue.now;
      if (left > 0) next = Math.min(next, left);
      else this.forget(entry, { name: "kernel", detail: "not heard of for the ageing time" });
    }
    if (next !== Infinity) this.ager = this.ns.kernel.queue.after(next as Nanos, () => this.age());
  }

  /** RTM_NEWNEIGH with NTF_SELF. Models: vxlan_fdb_add, vxlan_fdb_update. */
  addEntry(spec: FdbSpec, verb: "add" | "append" | "replace", by: Actor, made = false): KernelResult<void> {
    if (spec.dst === undefined) return err({ errno: "EINVAL" });
    const remote: Remote = {
      address: spec.dst,
      port: spec.port ?? this.options.dstPort,
      vni: spec.vni ?? this.options.id,
      dev: spec.via,
    };
    const { now } = this.ns.kernel.queue;
    const state = spec.state ?? "permanent";
    const old = this.fdb.get(spec.mac);
    if (old !== undefined) {
      if (verb === "add") return err({ errno: "EEXIST" });
      // A group and the default have many remotes and are added to, a station has one, which is replaced.
      const many = isGroupMac(spec.mac) || spec.mac === MAC_ZERO;
      if (verb === "replace" && many)
        return err({ errno: "EOPNOTSUPP", extack: "Cannot replace non-unicast fdb entries" });
      if (verb === "append" && (!many || old.remotes.some((r) => sameRemote(r, remote)))) return ok();
      if (verb === "replace")
        for (const r of old.remotes.splice(0)) this.journal(old, this.row(old, r), null, by, false);
      old.remotes.push(remote);
      old.state = state;
      old.updated = now;
      old.by = by;
      old.made = false;
      this.journal(old, null, this.row(old, remote), by);
      return ok();
    }
    const entry: VxlanFdbEntry = {
      mac: spec.mac,
      remotes: [remote],
      state,
      updated: now,
      used: now,
      by,
      made,
    };
    this.fdb.set(spec.mac, entry);
    this.journal(entry, null, this.row(entry, remote), by);
    return ok();
  }

  deleteEntry(spec: FdbSpec, by: Actor): KernelResult<void> {
    const entry = this.fdb.get(spec.mac);
    if (entry === undefined) return err({ errno: "ENOENT" });
    if (spec.dst !== undefined) {
      const at = entry.remotes.findIndex(
        (r) => r.address === spec.dst && (spec.port === undefined || spec.port === r.port),
      );
      if (at < 0) return ok();
      if (entry.remotes.length > 1) {
        const [gone] = entry.remotes.splice(at, 1);
        if (gone !== undefined) this.journal(entry, this.row(entry, gone), null, by);
        return ok();
      }
    }
    this.forget(entry, by);
    return ok();
  }

  forget(entry: VxlanFdbEntry, by: Actor): void {
    this.fdb.delete(entry.mac);
    for (const remote of entry.remotes) this.journal(entry, this.row(entry, remote), null, by);
  }

  /** The device goes; its default destinations last. Models: vxlan_dellink, vxlan_uninit. */
  forgetAll(by: Actor): void {
    for (const entry of [...this.fdb.values()]) if (entry.mac !== MAC_ZERO) this.forget(entry, by);
    const last = this.fdb.get(MAC_ZERO);
    if (last !== undefined) this.forget(last, by);
  }

  /** Down: what was learnt is forgotten. Models: vxlan_stop. */
  stop(): void {
    this.ager?.cancel();
    this.ager = null;
    for (const entry of [...this.fdb.values()]) {
      if (entry.state === "dynamic") this.forget(entry, { name: "kernel", detail: "the device went down" });
    }
  }

  private row(entry: VxlanFdbEntry, remote: Remote): FdbRow {
    return {
      table: this.index,
      dev: this.index,
      mac: formatMac(entry.mac),
      state: entry.state,
      local: false,
      dst: formatIpv4(remote.address),
    };
  }

  private journal(
    entry: VxlanFdbEntry,
    before: FdbRow | null,
    after: FdbRow | null,
    by: Actor,
    told = true,
  ): void {
    if (told) this.tell(entry, before, after);
    const dst = (before ?? after)?.dst ?? "";
    const key = `${this.index}/${formatMac(entry.mac)}/${dst}`;
    this.ns.kernel.trace?.change("fdb", this.ns.id, key, before, after, by.name, by.detail ?? "");
  }

  /** Models: vxlan_fdb_notify. */
  private tell(entry: VxlanFdbEntry, before: FdbRow | null, after: FdbRow | null): void {
    const { ns } = this;
    if (ns.monitor.idle) return;
    const dst = parseIpv4((after ?? before)?.dst ?? "") ?? undefined;
    ns.monitor.tell({
      kind: "fdb",
      gone: after === null,
      dev: this,
      mac: entry.mac,
      ...(dst === undefined ? {} : { dst }),
      states: entry.made === true ? MADE : STATES[entry.state],
    });
  }
}

const MADE: readonly NeighState[] = ["REACHABLE", "PERMANENT"];
const STATES: Readonly<Record<VxlanFdbEntry["state"], readonly NeighState[]>> = {
  permanent: ["NOARP", "PERMANENT"],
  static: ["NOARP"],
  dynamic: ["REACHABLE"],
};

/** Only the first of a packet's fragments has ports, and all are one flow. */
function hasPorts(skb: Skb): boolean {
  const net = skb.data + ETHERNET_HEADER;
  const fragment = ((skb.buf[net + 6]! & 0x3f) | skb.buf[net + 7]!) !== 0;
  return !fragment && (skb.buf[net + 9] === 17 || skb.buf[net + 9] === 6);
}

function sameRemote(a: Remote, b: Remote): boolean {
  return a.address === b.address && a.port === b.port && a.vni === b.vni && a.dev === b.dev;
}
