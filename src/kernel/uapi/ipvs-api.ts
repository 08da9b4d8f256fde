import { err, ok } from "../../base/result.ts";
import type { Connection } from "../netfilter/ipvs/connection.ts";
import { STATE_NAMES } from "../netfilter/ipvs/connection.ts";
import { Destination, Service } from "../netfilter/ipvs/service.ts";
import type { Ipvs } from "../netfilter/ipvs/table.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import type { IpvsRow } from "../../trace/rows.ts";
import type { Netns } from "../netns.ts";
import type {
  IpvsApi,
  IpvsConnectionInfo,
  IpvsDestinationSpec,
  IpvsServiceInfo,
  IpvsServiceSpec,
} from "./ipvs.ts";
import type { Actor, KernelResult } from "./types.ts";

/** The ip_vs generic netlink family, as ipvsadm(8) and kube-proxy use it. Models: net/netfilter/ipvs/ip_vs_ctl.c. */
export function ipvsApi(ns: Netns, by: Actor): IpvsApi {
  const { ipvs } = ns.netfilter;
  const journal = (change: () => KernelResult<void>): KernelResult<void> => {
    const before = ns.kernel.trace === null ? [] : rows(ipvs);
    const result = change();
    if (ns.kernel.trace !== null) writeChanges(ns, before, rows(ipvs), by);
    return result;
  };
  return {
    list: () => [...ipvs.services.values()].map((s) => serviceInfo(ipvs, s)),
    addService: (spec) => journal(() => addService(ipvs, spec, by)),
    editService: (spec) => journal(() => editService(ipvs, spec)),
    deleteService: (key) =>
      journal(() => {
        const service = ipvs.get(key);
        if (service === undefined) return err({ errno: "ESRCH" });
        ipvs.remove(service);
        return ok();
      }),
    addDestination: (key, spec) => journal(() => addDestination(ipvs.get(key), spec)),
    editDestination: (key, spec) => journal(() => editDestination(ipvs.get(key), spec)),
    deleteDestination: (key, address, port) =>
      journal(() => {
        const service = ipvs.get(key);
        if (service === undefined) return err({ errno: "ESRCH" });
        const found = service.find(address, port);
        if (found === undefined) return err({ errno: "ENOENT" });
        found.gone = true;
        service.destinations.splice(service.destinations.indexOf(found), 1);
        service.changed();
        return ok();
      }),
    flush: () =>
      void journal(() => {
        for (const service of [...ipvs.services.values()]) ipvs.remove(service);
        return ok();
      }),
    zero: (key) => {
      const chosen = key === undefined ? [...ipvs.services.values()] : [ipvs.get(key)];
      for (const service of chosen) {
        if (service === undefined) return err({ errno: "ESRCH" });
        service.stats.reset();
        for (const d of service.destinations) d.stats.reset();
      }
      return ok();
    },
    connections: () => [...ipvs.connections].map((c) => connectionInfo(ipvs, c)),
    timeouts: () => ({ ...ipvs.timeouts }),
    setTimeouts: ({ tcp, tcpFin, udp }) => {
      if (tcp > 0) ipvs.timeouts.tcp = tcp;
      if (tcpFin > 0) ipvs.timeouts.tcpFin = tcpFin;
      if (udp > 0) ipvs.timeouts.udp = udp;
    },
  };
}

function configure(ipvs: Ipvs, service: Service, spec: IpvsServiceSpec): KernelResult<void> {
  if (!ipvs.isScheduler(spec.scheduler)) return err({ errno: "ENOENT" });
  service.scheduler = spec.scheduler;
  service.schedulerFlags = spec.schedulerFlags ?? [];
  service.persistent = spec.persistent ?? 0;
  service.netmask = spec.netmask ?? 0xffffffff;
  service.onePacket = spec.onePacket === true;
  service.changed();
  return ok();
}

function addService(ipvs: Ipvs, spec: IpvsServiceSpec, by: Actor): KernelResult<void> {
  if (ipvs.get(spec.key) !== undefined) return err({ errno: "EEXIST" });
  const service = new Service(spec.key, by);
  const configured = configure(ipvs, service, spec);
  if (configured.ok) ipvs.add(service);
  return configured;
}

function editService(ipvs: Ipvs, spec: IpvsServiceSpec): KernelResult<void> {
  const service = ipvs.get(spec.key);
  return service === undefined ? err({ errno: "ESRCH" }) : configure(ipvs, service, spec);
}

function addDestination(service: Service | undefined, spec: IpvsDestinationSpec): KernelResult<void> {
  if (service === undefined) return err({ errno: "ESRCH" });
  if (service.find(spec.address, spec.port) !== undefined) return err({ errno: "EEXIST" });
  const made = new Destination(spec.address, spec.port, spec.forward, spec.weight);
  made.upper = spec.upper ?? 0;
  made.lower = spec.lower ?? 0;
  service.destinations.unshift(made);
  service.changed();
  return ok();
}

function editDestination(service: Service | undefined, spec: IpvsDestinationSpec): KernelResult<void> {
  if (service === undefined) return err({ errno: "ESRCH" });
  const found = service.find(spec.address, spec.port);
  if (found === undefined) return err({ errno: "ENOENT" });
  found.forward = spec.forward;
  found.weight = spec.weight;
  found.upper = spec.upper ?? 0;
  found.lower = spec.lower ?? 0;
  service.changed();
  return ok();
}

function serviceInfo(ipvs: Ipvs, service: Service): IpvsServiceInfo {
  return {
    key: service.key,
    scheduler: service.scheduler,
    ...(service.persistent === 0 ? {} : { persistent: service.persistent, netmask: service.netmask }),
    ...(service.onePacket ? { onePacket: true } : {}),
    ...(service.schedulerFlags.length === 0 ? {} : { schedulerFlags: service.schedulerFlags }),
    destinations: service.destinations.map((d) => ({
      address: d.address,
      port: d.port,
      forward: d.forward,
      weight: d.weight,
      upper: d.upper,
      lower: d.lower,
      active: d.active,
      inactive: d.inactive,
      persistent: d.persistent,
      stats: d.stats.at(ipvs.estimate),
    })),
    stats: service.stats.at(ipvs.estimate),
    by: service.by,
  };
}

function stateOf(c: Connection): string {
  if (c.template) return c.assured ? "ASSURED" : "NONE";
  if (c.protocol === IPPROTO_TCP) return STATE_NAMES[c.state]!;
  return c.protocol === IPPROTO_UDP ? "UDP" : "NONE";
}

function connectionInfo(ipvs: Ipvs, c: Connection): IpvsConnectionInfo {
  return {
    protocol: c.protocol,
    expires: ipvs.left(c),
    state: stateOf(c),
    client: { address: c.client, port: c.clientPort },
    virtual: { address: c.virtual, port: c.virtualPort },
    destination: { address: c.real, port: c.realPort },
    template: c.template,
  };
}

type Row = readonly [key: string, value: unknown];

/** Services with their servers, without what counts. */
function rows(ipvs: Ipvs): Row[] {
  return [...ipvs.services].map(([key, service]) => {
    const { stats: _, by: __, destinations, ...rest } = serviceInfo(ipvs, service);
    const servers = destinations.map(({ address, port, forward, weight, upper = 0, lower = 0 }) => ({
      address,
      port,
      forward,
      weight,
      ...(upper > 0 && { upper }),
      ...(lower > 0 && { lower }),
    }));
    return [key, { ...rest, destinations: servers } satisfies IpvsRow];
  });
}

function writeChanges(ns: Netns, before: readonly Row[], after: readonly Row[], by: Actor): void {
  const old = new Map(before);
  const now = new Map(after);
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(key) ?? null, now.get(key) ?? null];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    ns.kernel.trace?.change("ipvs", ns.id, key, was, is, by.name, by.detail ?? "");
  }
}
