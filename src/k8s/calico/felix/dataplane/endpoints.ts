import type { IfIndex, NetApi } from "../../../../kernel/uapi/index.ts";
import { parseIpv4 } from "../../../../wire/address.ts";
import type { Workload } from "../model/types.ts";
import type { Door } from "./door.ts";
import type { WantedRoute } from "./routes.ts";

/** The host's ends of pods' veth pairs. Models: felix/dataplane/linux endpointManager. */
export class EndpointManager {
  private readonly door: Door;
  /** Which device of a name was last set up. */
  private readonly configured = new Map<string, IfIndex>();
  private addresses: ReadonlyMap<string, string> = new Map();

  constructor(door: Door) {
    this.door = door;
  }

  /** Sysctls of devices that came up since the last time; what is left to do when one is down. */
  apply(workloads: readonly Workload[], rpFilterOff: boolean): void {
    const links = new Map(this.door.look.link.list().map((link) => [link.name, link]));
    for (const name of this.configured.keys()) if (!links.has(name)) this.configured.delete(name);
    for (const { device, name, spoofed } of workloads) {
      const link = links.get(device);
      if (link?.up !== true) {
        this.configured.delete(device);
        continue;
      }
      if (this.configured.get(device) === link.index) continue;
      const net = this.door.as(`pod ${name}`);
      configureInterface(net, device, rpFilterOff && spoofed.length > 0);
      this.configured.set(device, link.index);
    }
    this.forget(workloads);
  }

  /** Flows of addresses that no pod has any more. Models: routetable's conntrack cleanup. */
  private forget(workloads: readonly Workload[]): void {
    const now = new Map(
      workloads.flatMap(({ addresses, name }) => addresses.map((address) => [address, name] as const)),
    );
    const gone = [...this.addresses.keys()].filter((address) => !now.has(address)).map(parseIpv4);
    this.addresses = now;
    if (gone.length === 0) return;
    const { conntrack } = this.door.as("conntrack -D");
    for (const { id, family, original, reply } of conntrack.list()) {
      if (family !== "ip") continue;
      const ends = [original.src, original.dst, reply.src, reply.dst];
      if (gone.some((address) => address !== undefined && ends.includes(address))) conntrack.delete(id);
    }
  }
}

/** Models: configureProcSysForInterface, configureInterface; the device answers ARP for everything, and forwards. */
function configureInterface(net: NetApi, device: string, rpFilterOff: boolean): void {
  const conf = (name: string, value: string): void => {
    net.sysctl.set(`net/ipv4/conf/${device}/${name}`, value);
  };
  net.sysctl.set(`net/ipv6/conf/${device}/accept_ra`, "0");
  conf("route_localnet", "1");
  net.sysctl.set(`net/ipv4/neigh/${device}/proxy_delay`, "0");
  conf("proxy_arp", "1");
  conf("forwarding", "1");
  const usual = net.sysctl.get("net/ipv4/conf/default/rp_filter");
  conf("rp_filter", rpFilterOff ? "0" : usual.ok ? usual.value : "1");
}

/** Each address of a pod leads to its device. */
export function workloadRoutes(workloads: readonly Workload[]): readonly WantedRoute[] {
  return workloads.flatMap(({ addresses, device, name }) =>
    addresses.flatMap((text): readonly WantedRoute[] => {
      const address = parseIpv4(text);
      if (address === undefined) return [];
      return [{ kind: "workload", dst: { address, length: 32 }, device, owner: `pod ${name}` }];
    }),
  );
}
