import { err, must, ok } from "../../base/result.ts";
import type { EventQueue } from "../../sim/queue.ts";
import type { Random } from "../../sim/random.ts";
import type { TraceWriter } from "../../trace/writer.ts";
import { IpTunnels } from "../device/ip-tunnels.ts";
import { Loopback } from "../device/loopback.ts";
import { loadModule, populateNew } from "../device/modules.ts";
import { drawReachableTime, journalLink, linkRow } from "../device/state.ts";
import { VxlanSockets } from "../device/vxlan-sockets.ts";
import { FragmentQueues } from "../ipv4/fragment.ts";
import { Kernel, type LogLine } from "../kernel.ts";
import { Netns } from "../netns.ts";
import { SocketTable } from "../socket/table.ts";
import { addressApi } from "./address.ts";
import { conntrackApi } from "./conntrack-api.ts";
import { fdbApi } from "./fdb.ts";
import { ipv6Api } from "./ipv6.ts";
import type { KernelApi, KernelResult, NetApi } from "./index.ts";
import { ipvsApi } from "./ipvs-api.ts";
import { linkApi, removeDevice } from "./link.ts";
import { neighApi } from "./neigh.ts";
import { packetApi } from "./packet.ts";
import { nfQueueApi } from "./nfqueue.ts";
import { nftApi } from "./nft-api.ts";
import { losePower } from "./power.ts";
import { qdiscApi } from "./qdisc.ts";
import { routeApi } from "./route.ts";
import { subscribe } from "./notices.ts";
import { ruleApi } from "./rules.ts";
import { socketApi } from "./sockets.ts";
import { sysctlApi } from "./sysctl.ts";
import { ipsetApi } from "./ipset-api.ts";
import { xtablesApi } from "./xtables-api.ts";
import { tunApi } from "./tun.ts";
import { XFRM } from "../xfrm/late.ts";
import { wireguardApi } from "./wireguard.ts";
import type { Actor, NetnsId } from "./types.ts";

const BOOT: Actor = { name: "kernel", detail: "a new namespace" };

class KernelDoor implements KernelApi {
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  private ns(id: NetnsId): Netns {
    return must(this.kernel.namespaces.get(id), `network namespace ${id}`);
  }

  createNetns(label: string): NetnsId {
    const id = this.kernel.nextNetnsId() as NetnsId;
    const ns = new Netns(this.kernel, id, label, (self) => ({
      sockets: new SocketTable(self),
      vxlan: new VxlanSockets(self),
      tunnels: new IpTunnels(),
      fragments: new FragmentQueues(self),
    }));
    this.kernel.namespaces.set(id, ns);
    this.kernel.trace?.change("netns", id, String(id), null, { label }, BOOT.name, BOOT.detail ?? "");
    const lo = new Loopback(ns, BOOT);
    ns.insert(lo);
    ns.loopback = lo;
    drawReachableTime(lo);
    journalLink(lo, null, linkRow(lo), BOOT);
    populateNew(ns);
    return id;
  }

  loadModule(name: string): void {
    loadModule(this.kernel, name);
  }

  holdNetns(id: NetnsId): void {
    this.ns(id).references++;
  }

  releaseNetns(id: NetnsId): void {
    const ns = this.ns(id);
    if (--ns.references > 0) return;
    ns.sockets.closeAll();
    ns.ip6.sockets.closeAll();
    ns.xfrm?.close();
    ns.netfilter.close();
    ns.nft.close();
    const by: Actor = { name: "kernel", detail: "the namespace ended" };
    for (const dev of [...ns.devices()].reverse()) removeDevice(dev, by);
    for (const vxlan of [...ns.vxlan.devices]) removeDevice(vxlan, by);
    this.kernel.namespaces.delete(id);
    for (const other of this.kernel.namespaces.values()) other.nsids.delete(id);
    this.kernel.trace?.change("netns", id, String(id), { label: ns.label }, null, by.name, by.detail ?? "");
  }

  onFirstPacket(id: NetnsId, ask: ((goOn: () => void) => void) | null): void {
    this.ns(id).asleep = ask;
  }

  losePower(id: NetnsId, cards: readonly string[], fresh: ReadonlyMap<string, string>): void {
    losePower(this.ns(id), new Set(cards), fresh);
  }

  relabelNetns(id: NetnsId, label: string): void {
    const ns = this.ns(id);
    this.kernel.trace?.change("netns", id, String(id), { label: ns.label }, { label }, "kernel", "named");
    ns.label = label;
  }

  netnsLabel(id: NetnsId): string {
    return this.ns(id).label;
  }

  netnsIds(): readonly NetnsId[] {
    return [...this.kernel.namespaces.keys()].map((id) => id as NetnsId);
  }

  peerNetnsId(from: NetnsId, to: NetnsId): number {
    return this.ns(from).numberOf(to);
  }

  knownNetnsId(from: NetnsId, to: NetnsId): number | undefined {
    return this.ns(from).nsids.get(to);
  }

  assignNetnsId(from: NetnsId, to: NetnsId, id?: number): KernelResult<void> {
    const ns = this.ns(from);
    if (ns.nsids.has(to)) return err({ errno: "EEXIST", extack: "Peer netns already has a nsid assigned" });
    if (id === undefined) ns.numberOf(to);
    else if ([...ns.nsids.values()].includes(id))
      return err({ errno: "EEXIST", extack: "The specified nsid is already used" });
    else ns.nsids.set(to, id);
    return ok();
  }

  log(): readonly LogLine[] {
    return this.kernel.log;
  }

  clearLog(): void {
    this.kernel.log.length = 0;
  }

  open(id: NetnsId, actor: Actor): NetApi {
    const ns = this.ns(id);
    return {
      netns: id,
      actor,
      link: linkApi(ns, actor, (other) => this.kernel.namespaces.get(other)),
      address: addressApi(ns, actor),
      route: routeApi(ns, actor),
      rule: ruleApi(ns.fib.rules, actor),
      subscribe: (kinds, sink) => subscribe(ns, kinds, sink),
      neigh: neighApi(ns, actor),
      fdb: fdbApi(ns, actor),
      qdisc: qdiscApi(ns),
      wireguard: wireguardApi(ns),
      get xfrm() {
        return XFRM.get().api(ns, actor);
      },
      tun: tunApi(ns, actor),
      ipv6: ipv6Api(ns, actor),
      sysctl: sysctlApi(ns, actor),
      conntrack: conntrackApi(ns),
      nft: nftApi(ns, actor),
      nfqueue: nfQueueApi(ns),
      ipvs: ipvsApi(ns, actor),
      socket: socketApi(ns, actor),
      xtables: xtablesApi(ns, actor),
      ipset: ipsetApi(ns, actor),
      ...packetApi(ns, actor),
    };
  }
}

/** The kernel's command line, as far as it is read. */
export interface BootOptions {
  /** ipv6.disable_ipv6=1: devices have no IPv6 unless somebody turns it on. */
  readonly disableIpv6?: boolean;
}

/** A machine's kernel without any namespace yet. With `trace` null nothing is recorded. */
export function createKernel(
  queue: EventQueue,
  random: Random,
  trace: TraceWriter | null,
  boot: BootOptions = {},
): KernelApi {
  return new KernelDoor(new Kernel(queue, random, trace, boot.disableIpv6 ?? false));
}
