import { ok, type Result } from "../../../base/result.ts";
import type { IfIndex, NetApi } from "../../../kernel/uapi/index.ts";
import { addTime, nanos, type Nanos, seconds } from "../../../sim/time.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { KubeProxyConfig } from "../config.ts";
import { ChainWriter } from "../iptables/chain-writer.ts";
import type { Proxier, ProxyConfig, Wanted } from "../proxier.ts";
import { holds } from "../service-port.ts";
import { ipvsChains, JUMPS } from "./rules.ts";
import { DEVICE } from "./device.ts";
import { addService, type IpvsObjects } from "./service-objects.ts";
import { createSets, emptySets, ipPart, put, type SetContents, syncSets } from "./sets.ts";
import { VirtualServers } from "./virtual-servers.ts";

const LOOPBACK_NET = 127;
/** syncPeriod. */
const SYNC_PERIOD = seconds(30);

/** Keeps virtual servers, sets and the few rules that ask them. Models: (*Proxier).syncProxyRules of pkg/proxy/ipvs. */
export class IpvsProxier implements Proxier {
  private readonly config: ProxyConfig;
  private readonly settings: KubeProxyConfig["ipvs"];
  private readonly net: NetApi;
  private readonly writer: ChainWriter;
  private readonly servers: VirtualServers;
  private sets: SetContents = emptySets();
  private begun = false;
  private next = nanos(0);

  constructor(config: ProxyConfig, settings: KubeProxyConfig["ipvs"], net: NetApi) {
    this.config = config;
    this.settings = settings;
    this.net = net;
    this.writer = new ChainWriter(net, config.family);
    this.servers = new VirtualServers(net);
  }

  /** Addresses of the node come and go, and no watch tells of them. */
  get due(): Nanos {
    const { due } = this.servers;
    return due === undefined || due > this.next ? this.next : due;
  }

  sync({ backed, now }: Wanted): Result<void, string> {
    if (!this.begun) this.begin();
    this.next = addTime(now, SYNC_PERIOD);
    const device = this.device();
    if (device === undefined) return { ok: false, error: `no device ${DEVICE}` };
    const objects: IpvsObjects = { sets: emptySets(), addresses: new Set(), servers: new Map() };
    const own = this.net.address.list().filter(({ dev }) => dev !== device);
    const place = {
      config: this.config,
      scheduler: this.settings.scheduler || "rr",
      nodeAddresses: this.nodeAddresses(own.map(({ local }) => local)),
      taken: new Set(own.map(({ local }) => local)),
    };
    for (const one of backed) addService(place, objects, one);
    for (const address of objects.addresses) put(objects.sets, "KUBE-IPVS-IPS", ipPart(address));
    const bound = this.bind(device, objects.addresses);
    if (!bound.ok) return bound;
    const served = this.servers.sync(objects.servers, now);
    if (!served.ok) return served;
    const made = createSets(this.net);
    if (!made.ok) return made;
    const filled = syncSets(this.net, this.sets, objects.sets);
    if (!filled.ok) return filled;
    this.sets = objects.sets;
    return this.writeRules(objects.sets);
  }

  private begin(): void {
    const { sysctl, ipvs, link } = this.net;
    sysctl.set("net.ipv4.vs.conntrack", "1");
    sysctl.set("net.ipv4.vs.expire_nodest_conn", "1");
    sysctl.set("net.ipv4.vs.expire_quiescent_template", "1");
    sysctl.set("net.ipv4.ip_forward", "1");
    const { strictArp, tcpTimeout, tcpFinTimeout, udpTimeout } = this.settings;
    if (strictArp) {
      sysctl.set("net.ipv4.conf.all.arp_ignore", "1");
      sysctl.set("net.ipv4.conf.all.arp_announce", "2");
    }
    if (tcpTimeout + tcpFinTimeout + udpTimeout > 0)
      ipvs.setTimeouts({ tcp: tcpTimeout, tcpFin: tcpFinTimeout, udp: udpTimeout });
    if (this.device() === undefined) link.add({ kind: "dummy", name: DEVICE });
    this.begun = true;
  }

  private device(): IfIndex | undefined {
    return this.net.link.byName(DEVICE)?.index;
  }

  /** Those that answer node ports: all but loopback, or those within the ranges that were asked for. */
  private nodeAddresses(own: readonly Ipv4[]): readonly Ipv4[] {
    const { nodePortAddresses: ranges } = this.config;
    return own.filter(
      (address) =>
        address >>> 24 !== LOOPBACK_NET &&
        (ranges.length === 0 || ranges.some((range) => holds(range, address))),
    );
  }

  /** The device has these addresses, and no others. */
  private bind(dev: IfIndex, addresses: ReadonlySet<Ipv4>): Result<void, string> {
    const { address } = this.net;
    const there = new Set(address.list().flatMap((a) => (a.dev === dev ? [a.local] : [])));
    for (const local of addresses) {
      if (there.has(local)) continue;
      const done = address.add({ dev, local, prefixLength: 32 });
      if (!done.ok) return { ok: false, error: `bind to ${DEVICE}: ${done.error.errno}` };
    }
    for (const local of there) if (!addresses.has(local)) address.delete(dev, local, 32);
    return ok();
  }

  private writeRules(sets: SetContents): Result<void, string> {
    const chains = ipvsChains(this.config, sets);
    for (const table of ["nat", "filter"] as const) {
      const there = this.writer.ensure(table, chains[table].keys(), JUMPS);
      if (!there.ok) return there;
      const done = this.writer.write(table, chains[table]);
      if (!done.ok) return done;
    }
    return ok();
  }
}
