import { writeText } from "../../../../container/files.ts";
import type { Nanos } from "../../../../sim/time.ts";
import { formatIpv4 } from "../../../../wire/address.ts";
import type { Host } from "../../../../userland/os/host.ts";
import type { CalicoNode } from "../../api/index.ts";
import { type Active, calculate } from "../calc/active.ts";
import { type Vtep, vtepOf, vxlanRoutes } from "../calc/cluster-routes.ts";
import type { Snapshot } from "../calc/snapshot.ts";
import type { FelixConfig } from "../config.ts";
import type { RulesConfig } from "../rules/config.ts";
import { setName, SETS } from "../rules/names.ts";
import { VXLAN_DEVICE } from "../rules/nat.ts";
import { FELIX_TABLES, Renderer, type WantedTables } from "../rules/render.ts";
import { Door } from "./door.ts";
import { EndpointManager, workloadRoutes } from "./endpoints.ts";
import { hostAddresses, KUBE_IPVS, resolveHostEndpoints } from "./host-endpoints.ts";
import { IpSets, type WantedSet } from "./ipsets.ts";
import { RouteTable, type WantedRoute } from "./routes.ts";
import { type Encapsulation, encapsulation, type Mtus, mtus, rulesSettings } from "./settings.ts";
import { Table } from "./table.ts";
import { clearIpip, ensureIpip, ensureVxlan, parentDevice, removeVxlan, syncVteps } from "./tunnels.ts";

export const MTU_FILE = "/var/lib/calico/mtu";

/** How one round went. */
export interface Applied {
  /** What could not be done; it is tried again. */
  readonly failures: readonly string[];
  /** Whether rules were written. */
  readonly wrote: boolean;
  readonly mtus: Mtus;
  /** What pods ask for that is not modelled. */
  readonly refused: readonly string[];
}

/** What a round works with. */
interface Round {
  readonly snapshot: Snapshot;
  readonly active: Active;
  readonly local: CalicoNode | undefined;
  readonly encap: Encapsulation;
  readonly mtus: Mtus;
  readonly failures: string[];
}

/** Brings a node's kernel to what the policies ask. Models: felix/dataplane/linux InternalDataplane. */
export class Dataplane {
  private readonly host: Host;
  private readonly config: FelixConfig;
  private readonly node: string;
  private readonly door: Door;
  private readonly sets: IpSets;
  private readonly routes: RouteTable;
  private readonly endpoints: EndpointManager;
  private readonly tables: readonly Table[];
  private renderer: { readonly key: string; readonly renderer: Renderer } | null = null;
  private prepared = false;

  constructor(host: Host, config: FelixConfig, node: string) {
    this.host = host;
    this.config = config;
    this.node = node;
    this.door = new Door(host.kernel, host.netns);
    this.sets = new IpSets(this.door);
    this.routes = new RouteTable(this.door, {
      protocol: config.number("DeviceRouteProtocol"),
      isWorkload: (device) => this.isWorkload(device),
      tunnels: [VXLAN_DEVICE],
    });
    this.endpoints = new EndpointManager(this.door);
    const append = config.text("ChainInsertMode") === "append";
    this.tables = FELIX_TABLES.map((name) => new Table(this.door, name, append));
  }

  private isWorkload(device: string): boolean {
    return this.config.list("InterfacePrefix").some((prefix) => device.startsWith(prefix));
  }

  /** When it has to look again without being told. */
  get due(): Nanos | undefined {
    return this.routes.due;
  }

  /** Models: InternalDataplane.apply: sets before the rules that ask them, and gone only after them. */
  apply(snapshot: Snapshot, now: Nanos): Applied {
    const active = calculate(snapshot, this.node);
    const local = snapshot.nodes.find(({ name }) => name === this.node);
    const encap = encapsulation(this.config, snapshot);
    const sizes = mtus(this.config, encap, this.door.look.link.list());
    const round: Round = { snapshot, active, local, encap, mtus: sizes, failures: [] };
    this.prepare(round);
    this.endpoints.apply(
      active.workloads.map(({ workload }) => workload),
      this.spoofing,
    );
    const wanted = this.wantedSets(round);
    const updated = this.sets.update(wanted);
    if (!updated.ok) round.failures.push(updated.error);
    this.applyTunnels(round);
    round.failures.push(...this.routes.apply(this.wantedRoutes(round), now));
    const wrote = this.applyTables(round);
    this.sets.deleteOthers(wanted);
    const refused = active.workloads.flatMap(({ workload }) =>
      workload.refused.map((annotation) => `annotation ${annotation} of pod ${workload.name}`),
    );
    return { failures: round.failures, wrote, mtus: sizes, refused };
  }

  private get spoofing(): boolean {
    return this.config.text("WorkloadSourceSpoofing") === "Any";
  }

  /** Once: what the kernel must do at all, and the file that the plugin reads the MTU from. Models: configureKernel, writeMTUFile. */
  private prepare({ mtus: { pod }, encap }: Round): void {
    if (this.prepared) return;
    this.prepared = true;
    const net = this.door.as("sysctl -w");
    if (this.config.text("IPForwarding") === "Enabled") net.sysctl.set("net/ipv4/ip_forward", "1");
    net.sysctl.set("net/netfilter/nf_conntrack_acct", "1");
    writeText(this.host.fs, MTU_FILE, String(pod));
    if (!encap.vxlan) removeVxlan(this.door);
    if (!encap.ipip) clearIpip(this.door);
  }

  private wantedSets({ snapshot, active, local, encap }: Round): ReadonlyMap<string, WantedSet> {
    const externals = this.config.list("ExternalNodesCIDRList").filter((cidr) => !cidr.includes(":"));
    const nets = (members: readonly string[]): WantedSet => ({ type: "hash:net", members });
    const hosts = snapshot.nodes.flatMap(({ ipv4 }) => (ipv4 === undefined ? [] : formatIpv4(ipv4.address)));
    const own = [...hostAddresses(this.door.look, (device) => this.isWorkload(device)).values()].flat();
    const remote = this.remoteVteps(snapshot, local).map(({ host }) => formatIpv4(host));
    const { pools } = snapshot;
    const sets = new Map<string, WantedSet>([
      [SETS.thisHost, { type: "hash:ip", members: [...new Set(own)] }],
      [SETS.allPools, nets(pools.map(({ cidr }) => cidr))],
      [SETS.masqueradePools, nets(pools.filter(({ natOutgoing }) => natOutgoing).map(({ cidr }) => cidr))],
      [SETS.allHosts, nets([...hosts, ...externals])],
      [SETS.dscp, nets([])],
    ]);
    if (encap.vxlan) sets.set(SETS.vxlanHosts, nets([...externals, ...remote]));
    for (const [id, { withPorts, members }] of active.sets)
      sets.set(id, withPorts ? { type: "hash:ip,port", members } : nets(members));
    return new Map([...sets].map(([id, set]) => [setName(id), set]));
  }

  private remoteVteps({ nodes }: Snapshot, local: CalicoNode | undefined): readonly Vtep[] {
    return nodes.flatMap((node) => (node.name === local?.name ? [] : (vtepOf(node) ?? [])));
  }

  private applyTunnels({ snapshot, local, encap, mtus: sizes, failures }: Round): void {
    if (local === undefined) return;
    const vtep = vtepOf(local);
    if (encap.vxlan && vtep !== undefined) {
      const [vni, port] = [this.config.number("VXLANVNI"), this.config.number("VXLANPort")];
      const made = ensureVxlan(this.door, { vni, port, mtu: sizes.vxlan, local: vtep });
      if (!made.ok) failures.push(made.error);
      syncVteps(this.door, this.remoteVteps(snapshot, local));
    }
    if (encap.ipip && local.ipipTunnelAddr !== undefined) {
      const made = ensureIpip(this.door, sizes.ipip, local.ipipTunnelAddr);
      if (!made.ok) failures.push(made.error);
    }
  }

  private wantedRoutes({ snapshot, active, local, encap, mtus: sizes }: Round): readonly WantedRoute[] {
    const pods = workloadRoutes(active.workloads.map(({ workload }) => workload));
    if (local?.ipv4 === undefined || !encap.vxlan) return pods;
    const parent = parentDevice(this.door.look, local.ipv4.address)?.name;
    return [...pods, ...vxlanRoutes({ snapshot, local, mtu: sizes.vxlan, parent })];
  }

  private rendererOf(settings: RulesConfig): Renderer {
    const key = JSON.stringify(settings);
    if (this.renderer?.key !== key) this.renderer = { key, renderer: new Renderer(settings) };
    return this.renderer.renderer;
  }

  private wantedTables({ snapshot, active, local, encap }: Round): WantedTables | string {
    const tunnels = {
      ipip: local?.ipipTunnelAddr !== undefined,
      vxlan: local?.vxlanTunnelAddr !== undefined,
    };
    const ipvs = this.door.look.link.byName(KUBE_IPVS) !== undefined;
    const settings = rulesSettings(this.config, encap, tunnels, ipvs);
    if (!settings.ok) return settings.error;
    const addresses = hostAddresses(this.door.look, (device) => this.isWorkload(device));
    return this.rendererOf(settings.value).render({
      active,
      hostDevices: resolveHostEndpoints(active.hostEndpoints, addresses),
      masquerades: snapshot.pools.some(({ natOutgoing }) => natOutgoing),
      serviceCidrs: snapshot.serviceCidrs,
      spoofing: this.spoofing,
    });
  }

  private applyTables(round: Round): boolean {
    const wanted = this.wantedTables(round);
    if (typeof wanted === "string") {
      round.failures.push(wanted);
      return false;
    }
    let wrote = false;
    for (const [i, table] of this.tables.entries()) {
      const name = FELIX_TABLES[i];
      const done = name === undefined ? undefined : table.apply(wanted[name]);
      if (done?.ok === false) round.failures.push(done.error);
      wrote ||= done?.ok === true && done.value;
    }
    return wrote;
  }
}
