import { hex } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import {
  type IfIndex,
  type LinkInfo,
  type NetApi,
  type NetnsId,
  TABLE_MAIN,
} from "../../kernel/uapi/index.ts";
import type { Random } from "../../sim/random.ts";
import {
  IPV4_ANY,
  broadcast,
  formatIpv4,
  formatMac,
  formatPrefix,
  type Ipv4Prefix,
  mask,
  parseMac,
} from "../../wire/address.ts";
import { goErrno } from "../errno.ts";
import type { CniArgs } from "./plugin.ts";
import type { CniInterface, CniResult, CniRoute } from "./result.ts";

/** Sets a sysctl and forgives its absence, as the plugins do with `_, _ = sysctl.Sysctl(...)`. */
export function trySysctl(net: NetApi, path: string, value: string): void {
  net.sysctl.set(path, value);
}

/** `veth` and four random bytes in hex. Models: pkg/ip RandomVethName. */
export function randomVethName(random: Random): string {
  return "veth" + hex(Uint8Array.from({ length: 4 }, () => random.below(256)));
}

/**
 * The veth pair: made from inside the pod with its final name, the other end straight in the host, set up there.
 *
 * Models: pkg/ip SetupVeth.
 */
export function setupVethPair(
  pod: NetApi,
  host: NetApi,
  ifName: string,
  n: { readonly mac?: string; readonly mtu: number },
  random: Random,
): Result<{ pod: LinkInfo; host: LinkInfo }, string> {
  const mac = n.mac === undefined ? undefined : parseMac(n.mac);
  if (n.mac !== undefined && mac === undefined)
    return err(`failed to make veth pair: address ${n.mac}: invalid MAC address`);
  const mtu = n.mtu > 0 ? { mtu: n.mtu } : {};
  for (let attempt = 0; attempt < 10; attempt++) {
    const peer = randomVethName(random);
    const made = pod.link.add({
      kind: "veth",
      name: ifName,
      ...mtu,
      ...(mac !== undefined && { mac }),
      peer: { name: peer, netns: host.netns, ...mtu },
    });
    if (!made.ok) {
      if (made.error.errno !== "EEXIST") return err(`failed to make veth pair: ${goErrno(made.error)}`);
      if (host.link.byName(peer) !== undefined) continue;
      return err(`container veth name ("${ifName}") peer provided ("${peer}") already exists`);
    }
    const podEnd = pod.link.byIndex(made.value);
    const hostEnd = host.link.byName(peer);
    if (podEnd === undefined || hostEnd === undefined)
      return err(`failed to lookup "${peer}": Link not found`);
    const up = host.link.change(hostEnd.index, { up: true });
    if (!up.ok) return err(`failed to set "${peer}" up: ${goErrno(up.error)}`);
    trySysctl(host, `net/ipv6/conf/${peer}/accept_ra`, "0");
    return ok({ pod: podEnd, host: hostEnd });
  }
  return err("failed to find a unique veth name");
}

/** netlink.AddrAdd works out the broadcast address of an IPv4 address, except on /31 and /32. */
export function addAddress(net: NetApi, dev: IfIndex, a: Ipv4Prefix): ReturnType<NetApi["address"]["add"]> {
  return net.address.add({
    dev,
    local: a.address,
    prefixLength: a.length,
    ...(a.length < 31 && { broadcast: broadcast(a.address, a.length) }),
  });
}

/** Addresses, up, routes. Models: pkg/ipam ConfigureIface. */
export function configureInterface(pod: NetApi, ifName: string, result: CniResult): Result<void, string> {
  const link = pod.link.byName(ifName);
  if (link === undefined) return err(`failed to lookup "${ifName}": Link not found`);
  for (const ip of result.ips) {
    const added = addAddress(pod, link.index, ip.address);
    if (!added.ok)
      return err(`failed to add IP addr ${formatPrefix(ip.address)} to "${ifName}": ${goErrno(added.error)}`);
  }
  const up = pod.link.change(link.index, { up: true });
  if (!up.ok) return err(`failed to set "${ifName}" UP: ${goErrno(up.error)}`);
  const gateway = result.ips.find((ip) => ip.gateway !== undefined)?.gateway;
  for (const route of result.routes) {
    const gw = route.gw ?? gateway;
    const nexthop = gw === undefined ? { dev: link.index } : { dev: link.index, gateway: gw };
    // netlink.RouteAddEcmp sends NLM_F_CREATE alone, which is `ip route prepend`.
    const added = pod.route.add({ dst: route.dst, nexthops: [nexthop] }, "prepend");
    if (!added.ok)
      return err(`failed to add route '${formatPrefix(route.dst)} dev ${ifName}': ${goErrno(added.error)}`);
  }
  return ok();
}

/** A slave device of a link of the host (macvlan, ipvlan): what differs between the kinds. */
export interface SlaveSpec {
  readonly kind: "macvlan" | "ipvlan";
  readonly lower: IfIndex;
  readonly lowerNetns: NetnsId;
  readonly mode: string;
  /** 0: that of the lower device. */
  readonly mtu: number;
  readonly mac?: string;
}

function addSlave(pod: NetApi, name: string, spec: SlaveSpec): ReturnType<NetApi["link"]["add"]> {
  const { lower, lowerNetns, mtu } = spec;
  const mac = spec.mac === undefined ? undefined : parseMac(spec.mac);
  const common = {
    name,
    lower,
    lowerNetns,
    ...(mtu > 0 && { mtu }),
    ...(mac !== undefined && { mac }),
  };
  if (spec.kind === "ipvlan") {
    const mode = spec.mode === "l3" || spec.mode === "l3s" ? spec.mode : "l2";
    return pod.link.add({ kind: "ipvlan", ...common, ipvlan: { mode } });
  }
  const { mode } = spec;
  const known = mode === "private" || mode === "vepa" || mode === "passthru" ? mode : "bridge";
  return pod.link.add({ kind: "macvlan", ...common, macvlan: { mode: known } });
}

/** Made under a passing name, which the host cannot have, then given its own. Models: createMacvlan, createIpvlan. */
export function makeSlave(
  pod: NetApi,
  ifName: string,
  spec: SlaveSpec,
  random: Random,
): Result<LinkInfo, string> {
  const added = addSlave(pod, randomVethName(random), spec);
  if (!added.ok) return err(`failed to create ${spec.kind}: ${goErrno(added.error)}`);
  const named = pod.link.change(added.value, { name: ifName });
  if (!named.ok) {
    if (spec.kind === "macvlan") pod.link.delete(added.value);
    return err(`failed to rename ${spec.kind} to "${ifName}": ${goErrno(named.error)}`);
  }
  const link = pod.link.byIndex(added.value);
  return link === undefined ? err(`failed to refetch ${spec.kind} "${ifName}": Link not found`) : ok(link);
}

/** Deletes the pod's device; one that is gone already is no mistake. Models: ip.DelLinkByName and its callers. */
export function deleteLink(pod: NetApi, ifName: string): Result<void, string> {
  const link = pod.link.byName(ifName);
  const gone = link === undefined ? ok() : pod.link.delete(link.index);
  return gone.ok ? ok() : err(`failed to delete "${ifName}": ${goErrno(gone.error)}`);
}

/** The device of the host's default route. Models: getDefaultRouteInterfaceName. */
export function defaultRouteInterface(net: NetApi): Result<string, string> {
  const route = net.route.list({ address: IPV4_ANY, length: 0 }).find((r) => r.table === TABLE_MAIN);
  const dev = route?.nexthops[0]?.dev;
  const link = dev === undefined ? undefined : net.link.byIndex(dev);
  return link === undefined ? err("no default route interface found") : ok(link.name);
}

/** The interface of a result that is this call's. Models: the loop at the head of every cmdCheck. */
export function interfaceOf(
  args: CniArgs,
  result: CniResult,
  sandboxWord: string,
): Result<CniInterface, string> {
  const own = result.interfaces.findLast((i) => i.name === args.ifName && i.sandbox === args.netns);
  if (own !== undefined) return ok(own);
  return err(`${sandboxWord} in prevResult  doesn't match configured netns: ${args.netns}`);
}

function maskBytes(length: number): Uint8Array {
  const bits = mask(length);
  return Uint8Array.from([24, 16, 8, 0], (shift) => (bits >>> shift) & 255);
}

/** Go's %v of a types.Route. */
function routeText({ dst, gw }: CniRoute): string {
  const where = `{IP:${formatIpv4(dst.address)} Mask:${hex(maskBytes(dst.length))}}`;
  const via = gw === undefined ? "<nil>" : formatIpv4(gw);
  return `{Dst:${where} GW:${via} MTU:0 AdvMSS:0 Priority:0 Table:<nil> Scope:<nil>}`;
}

/** Whether addresses and routes are as the result says. Models: pkg/ip ValidateExpectedInterfaceIPs and -Route. */
export function validateExpected(pod: NetApi, ifName: string, result: CniResult): Result<void, string> {
  const link = pod.link.byName(ifName);
  if (link === undefined) return err(`Cannot find container link ${ifName}`);
  const addresses = pod.address.list().filter((a) => a.dev === link.index);
  for (const { address } of result.ips)
    if (!addresses.some((a) => a.local === address.address && a.prefixLength === address.length))
      return err(`Failed to match addr ${formatPrefix(address)} on interface ${ifName}`);
  const routes = pod.route.list().filter((r) => r.table === TABLE_MAIN);
  for (const route of result.routes) {
    const found = routes.some(
      (r) =>
        r.dst.address === route.dst.address &&
        r.dst.length === route.dst.length &&
        (route.gw === undefined || route.dst.length === 0 || r.nexthops[0]?.gateway === route.gw),
    );
    if (!found) return err(`Expected Route ${routeText(route)} not found in routing table`);
  }
  return ok();
}

/** Whether the device still has the MAC that the result says. */
export function sameMac(link: LinkInfo, own: CniInterface, word: string): Result<void, string> {
  const mac = formatMac(link.mac);
  if (own.mac === undefined || own.mac === mac) return ok();
  return err(`${word} ${own.name} Mac ${own.mac} doesn't match container Mac: ${mac}`);
}
