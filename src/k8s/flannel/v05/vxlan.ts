import { goErrno } from "../../../container/errno.ts";
import { parseObject, stringOf } from "../../../container/cni/json.ts";
import type { LinkInfo, NeighState, NetApi, Notice } from "../../../kernel/uapi/index.ts";
import type { Signal, Task } from "../../../sim/task.ts";
import {
  formatIpv4,
  formatMac,
  formatPrefix,
  inPrefix,
  type Ipv4,
  type Mac,
  parseMac,
} from "../../../wire/address.ts";
import { field } from "../config.ts";
import type { Klog } from "../klog.ts";
import type { Lease, LeaseEvent } from "../lease.ts";

/** States of messages that may be a question. Models: isNeighResolving. */
const RESOLVING: ReadonlySet<NeighState> = new Set(["INCOMPLETE", "STALE", "DELAY", "PROBE"]);

/** What the kernel said of a neighbour or an address of the device. */
interface Miss {
  readonly ip: Ipv4 | undefined;
  readonly mac: Mac | undefined;
}

/** Another machine's range and the MAC address of its flannel.1. Models: backend/vxlan/routes.go. */
interface Route {
  readonly lease: Lease;
  readonly mac: Mac;
}

/**
 * The vxlan backend as it was before flannel 0.9: the device has the whole network on it, so the kernel takes every
 * container of other machines for a neighbour. It asks for each by name (app_solicit), and flanneld answers with the MAC of
 * the machine whose range holds the address; where that MAC lives is written into the FDB beforehand.
 *
 *   packet to 172.30.9.2 -> route 172.30.0.0/16 dev flannel.1 -> neighbour 172.30.9.2? RTM_GETNEIGH ("L3 miss")
 *     -> flanneld: 172.30.9.0/24 is P's, whose flannel.1 is M: neighbour 172.30.9.2 is M, REACHABLE
 *     -> flannel.1 encapsulates a frame to M -> FDB: M is behind P -> UDP 8472 to P
 *
 * Models: flannel v0.5.5 backend/vxlan Run, handleMiss, handleSubnetEvents; device.go MonitorMisses.
 */
export class OldVxlan {
  private readonly net: NetApi;
  private readonly log: Klog;
  private readonly device: LinkInfo;
  private readonly routes: Route[] = [];
  private readonly misses: Miss[] = [];
  private readonly events: () => readonly LeaseEvent[];
  private readonly work: Signal;

  /** `events` tells what became of leases since it was last asked; `work` is fired when there may be something. */
  constructor(net: NetApi, log: Klog, device: LinkInfo, events: () => readonly LeaseEvent[], work: Signal) {
    this.net = net;
    this.log = log;
    this.device = device;
    this.events = events;
    this.work = work;
  }

  *run(): Task<never> {
    yield* this.log.info("vxlan.go:153", "Watching for L3 misses");
    const deaf = this.net.subscribe(["miss", "neigh"], (notice) => this.hear(notice));
    try {
      yield* this.log.info("vxlan.go:159", "Watching for new subnet leases");
      // Until another machine shows up nobody looks at misses either.
      let first = this.events();
      while (first.length === 0) {
        yield* this.work.wait();
        first = this.events();
      }
      yield* this.begin(first);
      for (;;) {
        const miss = this.misses.shift();
        const batch = miss === undefined ? this.events() : [];
        if (miss !== undefined) yield* this.answer(miss);
        else if (batch.length === 0) yield* this.work.wait();
        for (const event of batch) yield* this.handle(event);
      }
    } finally {
      deaf();
    }
  }

  /** Models: processNeighMsg. */
  private hear(notice: Notice): void {
    if (notice.kind === "miss" && notice.miss.dev === this.device.index)
      this.misses.push({ ip: notice.miss.dst, mac: notice.miss.mac });
    else if (notice.kind === "neigh" && !notice.gone && notice.neigh.dev === this.device.index) {
      if (!RESOLVING.has(notice.neigh.state)) return;
      this.misses.push({ ip: notice.neigh.dst, mac: notice.neigh.lladdr });
    } else return;
    this.work.fire();
  }

  /** Models: handleInitialSubnetEvents. */
  private *begin(batch: readonly LeaseEvent[]): Task<void> {
    const { net, log, device } = this;
    yield* log.info("vxlan.go:273", "Handling initial subnet events");
    yield* log.info("device.go:159", `calling GetL2List() dev.link.Index: ${device.index} `);
    const present = net.fdb.list().filter((entry) => entry.dev === device.index && entry.dst !== undefined);
    for (const entry of present)
      yield* log.info(
        "vxlan.go:280",
        `fdb already populated with: ${formatIpv4(entry.dst!)} ${formatMac(entry.mac)} `,
      );
    const wanted: Route[] = [];
    for (const event of batch) {
      const route = yield* this.routeOf(event, { foreign: "vxlan.go:289", bad: "vxlan.go:295" });
      if (route === undefined) continue;
      this.routes.push(route);
      wanted.push(route);
    }
    const same = (route: Route, mac: Mac, dst: Ipv4): boolean =>
      route.mac === mac && route.lease.publicIp === dst;
    for (const { mac, dst } of present) {
      if (wanted.some((route) => same(route, mac, dst!))) continue;
      const failed = yield* this.delL2(dst!, mac);
      if (failed !== undefined) yield* log.error("vxlan.go:314", `Delete L2 failed: ${failed}`);
    }
    for (const route of wanted) {
      if (present.some(({ mac, dst }) => same(route, mac, dst!))) continue;
      const failed = yield* this.addL2(route);
      if (failed !== undefined) yield* log.error("vxlan.go:323", `Add L2 failed: ${failed}`);
    }
  }

  /** Models: handleSubnetEvents. */
  private *handle(event: LeaseEvent): Task<void> {
    const added = event.type === "added";
    const shown = formatPrefix(event.lease.subnet);
    if (added) yield* this.log.info("vxlan.go:232", `Subnet added: ${shown}`);
    else yield* this.log.info("vxlan.go:248", `Subnet removed: ${shown}`);
    const places = added
      ? { foreign: "vxlan.go:235", bad: "vxlan.go:241" }
      : { foreign: "vxlan.go:251", bad: "vxlan.go:257" };
    const route = yield* this.routeOf(event, places);
    if (route === undefined) return;
    const at = this.routes.findIndex(({ lease }) => formatPrefix(lease.subnet) === shown);
    if (at >= 0) this.routes.splice(at, 1);
    if (added) {
      this.routes.push(route);
      yield* this.addL2(route);
    } else yield* this.delL2(route.lease.publicIp, route.mac);
  }

  private *routeOf(
    { lease }: LeaseEvent,
    places: { readonly foreign: string; readonly bad: string },
  ): Task<Route | undefined> {
    if (lease.backendType !== "vxlan") {
      yield* this.log.warning(places.foreign, `Ignoring non-vxlan subnet: type=${lease.backendType}`);
      return undefined;
    }
    const data = parseObject(lease.backendData, "vxlan.vxlanLeaseAttrs");
    const mac = data.ok ? parseMac(stringOf(field(data.value, "VtepMAC")) ?? "") : undefined;
    if (mac === undefined) {
      const why = data.ok ? "error parsing hardware addr" : data.error;
      yield* this.log.error(places.bad, `Error decoding subnet lease JSON: ${why}`);
      return undefined;
    }
    return { lease, mac };
  }

  /** Models: handleMiss, handleL3Miss. */
  private *answer({ ip, mac }: Miss): Task<void> {
    const { log } = this;
    if (ip === undefined && mac === undefined) return yield* log.info("vxlan.go:334", "Ignoring nil miss");
    if (mac !== undefined) {
      const shown = ip === undefined ? "<nil>" : formatIpv4(ip);
      return yield* log.info("vxlan.go:340", `Ignoring not a miss: ${formatMac(mac)}, ${shown}`);
    }
    const wanted = ip!;
    yield* log.info("vxlan.go:345", `L3 miss: ${formatIpv4(wanted)}`);
    const route = this.routes.find(({ lease: { subnet } }) =>
      inPrefix(wanted, subnet.address, subnet.length),
    );
    if (route === undefined)
      return yield* log.info("vxlan.go:349", `Route for ${formatIpv4(wanted)} not found`);
    yield* log.info("device.go:187", `calling NeighSet: ${formatIpv4(wanted)}, ${formatMac(route.mac)}`);
    const spec = { dev: this.device.index, dst: wanted, lladdr: route.mac, state: "REACHABLE" } as const;
    const set = this.net.neigh.add(spec, "replace");
    if (set.ok) yield* log.info("vxlan.go:356", "AddL3 succeeded");
    else yield* log.error("vxlan.go:354", `AddL3 failed: ${goErrno(set.error)}`);
  }

  /** The error's text, or undefined. */
  private *addL2({ lease, mac }: Route): Task<string | undefined> {
    yield* this.log.info(
      "device.go:164",
      `calling NeighAdd: ${formatIpv4(lease.publicIp)}, ${formatMac(mac)}`,
    );
    const added = this.net.fdb.add(
      { dev: this.device.index, mac, target: "self", state: "permanent", dst: lease.publicIp },
      "add",
    );
    return added.ok ? undefined : goErrno(added.error);
  }

  private *delL2(dst: Ipv4, mac: Mac): Task<string | undefined> {
    yield* this.log.info("device.go:176", `calling NeighDel: ${formatIpv4(dst)}, ${formatMac(mac)}`);
    const gone = this.net.fdb.delete({ dev: this.device.index, mac, target: "self", dst });
    return gone.ok ? undefined : goErrno(gone.error);
  }
}
