import { err, ok } from "../../base/result.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { IPV4_HEADER } from "../../wire/ipv4.ts";
import { Gre, Gretap } from "../device/gre.ts";
import type { IpTunnel } from "../device/ip-tunnel.ts";
import { Ipip } from "../device/ipip.ts";
import { loadModule } from "../device/modules.ts";
import { routeOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import { freeName, register } from "./link-checks.ts";
import type { Actor, IfIndex, KernelError, KernelResult, TunnelOptions, TunnelSpec } from "./types.ts";

/** IP tunnels. Models: ip_tunnel_newlink, ip_tunnel_changelink. */

const DEFAULTS: TunnelOptions = {
  local: 0 as Ipv4,
  remote: 0 as Ipv4,
  ttl: 0,
  tos: 0,
  pathMtuDiscovery: true,
  anyProtocol: true,
  fallback: false,
};

const STEMS = { ipip: "tunl", gre: "gre", gretap: "gretap" } as const;

/** What fits through: the MTU of the device that leads to the other end, less the headers. Models: ip_tunnel_bind_dev. */
function freshMtu(ns: Netns, options: TunnelOptions, overhead: number): number {
  let dev = options.dev === undefined ? undefined : ns.device(options.dev);
  if (options.remote !== 0) {
    const src = options.local === 0 ? undefined : options.local;
    const route = routeOutput(ns, { dst: options.remote, src });
    if (typeof route !== "string") ({ dev } = route);
  }
  return Math.max(Math.min(dev?.mtu ?? 1500, 65535) - overhead, 68);
}

function fault(options: TunnelOptions): KernelError | undefined {
  return options.ttl !== 0 && !options.pathMtuDiscovery ? { errno: "EINVAL" } : undefined;
}

export function addTunnel(ns: Netns, spec: TunnelSpec, by: Actor): KernelResult<IfIndex> {
  loadModule(ns.kernel, spec.kind === "ipip" ? "ipip" : "ip_gre");
  const { kind } = spec;
  const options = { ...DEFAULTS, ...spec.tunnel };
  const bad = fault(options);
  if (bad !== undefined) return err(bad);
  const name = spec.name ?? freeName(ns, STEMS[kind]);
  if (ns.deviceByName(name) !== undefined) return err({ errno: "EEXIST" });
  if (ns.tunnels.rival(kind, options) !== undefined) return err({ errno: "EEXIST" });
  const dev = make(ns, spec, name, options, by);
  if (spec.ioctl === true) dev.boundMtu();
  register(ns, dev, spec.mac !== undefined, by);
  ns.tunnels.add(dev);
  return ok(ns.indexOf(dev));
}

function make(ns: Netns, spec: TunnelSpec, name: string, options: TunnelOptions, by: Actor): IpTunnel {
  const key = options.outputKey === undefined ? 0 : 4;
  switch (spec.kind) {
    case "ipip":
      return new Ipip(ns, name, spec.mtu ?? freshMtu(ns, options, IPV4_HEADER), by, options);
    case "gre":
      return new Gre(ns, name, spec.mtu ?? freshMtu(ns, options, IPV4_HEADER + 4 + key), by, options);
    case "gretap": {
      const mac = spec.mac ?? ns.kernel.randomMac();
      return new Gretap(
        ns,
        name,
        mac,
        spec.mtu ?? freshMtu(ns, options, IPV4_HEADER + 18 + key),
        by,
        options,
      );
    }
  }
}

/** Models: ip_tunnel_update: the MTU follows the new other end. */
export function changeTunnel(dev: IpTunnel, change: Partial<TunnelOptions>): KernelError | undefined {
  if (dev.options.fallback) return { errno: "EINVAL" };
  const options = { ...dev.options, ...change };
  const bad = fault(options);
  if (bad !== undefined) return bad;
  const rival = dev.home.tunnels.rival(dev.kind, options);
  if (rival !== undefined && rival !== dev) return { errno: "EEXIST" };
  dev.options = options;
  dev.mtu = freshMtu(dev.home, options, IPV4_HEADER + dev.shim + dev.headerLength);
  return undefined;
}
