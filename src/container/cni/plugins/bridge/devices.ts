import { err, ok, type Result } from "../../../../base/result.ts";
import { hex } from "../../../../base/bytes.ts";
import type { IfIndex, LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import type { Random } from "../../../../sim/random.ts";
import { broadcast, formatPrefix, type Ipv4Prefix, parseMac } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import type { CniResult } from "../../result.ts";
import type { BridgeConfig } from "./config.ts";

/** Sets a sysctl and forgives its absence, as the plugins do with `_, _ = sysctl.Sysctl(...)`. */
export function trySysctl(net: NetApi, path: string, value: string): void {
  net.sysctl.set(path, value);
}

/** Models: bridge bridgeByName. */
export function bridgeByName(net: NetApi, name: string): Result<LinkInfo, string> {
  const link = net.link.byName(name);
  if (link === undefined) return err(`could not lookup "${name}": Link not found`);
  return link.kind === "bridge" ? ok(link) : err(`"${name}" already exists but is not a bridge`);
}

/** Makes the bridge unless it is there, and sets it up. Models: bridge ensureBridge. */
export function ensureBridge(net: NetApi, n: BridgeConfig): Result<LinkInfo, string> {
  const fail = (what: string): Result<never, string> => err(`failed to create bridge "${n.bridge}": ${what}`);
  const added = net.link.add({ kind: "bridge", name: n.bridge, ...(n.mtu > 0 && { mtu: n.mtu }) });
  if (!added.ok && added.error.errno !== "EEXIST")
    return fail(`could not add "${n.bridge}": ${goErrno(added.error)}`);
  const link = bridgeByName(net, n.bridge);
  if (!link.ok) return fail(link.error);
  if (n.promiscMode) {
    const set = net.link.change(link.value.index, { promisc: true });
    if (!set.ok) return fail(`could not set promiscuous mode on "${n.bridge}": ${goErrno(set.error)}`);
  }
  trySysctl(net, `net/ipv6/conf/${n.bridge}/accept_ra`, "0");
  const up = net.link.change(link.value.index, { up: true });
  return up.ok ? link : fail(goErrno(up.error));
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
function makeVeth(
  pod: NetApi,
  host: NetApi,
  ifName: string,
  n: BridgeConfig,
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

/** The pair, attached to the bridge. Models: bridge setupVeth. */
export function setupVeth(
  pod: NetApi,
  host: NetApi,
  bridge: LinkInfo,
  ifName: string,
  n: BridgeConfig,
  random: Random,
): Result<{ pod: LinkInfo; host: LinkInfo }, string> {
  const veth = makeVeth(pod, host, ifName, n, random);
  if (!veth.ok) return veth;
  const { name, index } = veth.value.host;
  const joined = host.link.change(index, { master: bridge.index });
  if (!joined.ok)
    return err(`failed to connect "${name}" to bridge ${bridge.name}: ${goErrno(joined.error)}`);
  const hairpin = host.link.change(index, { port: { hairpin: n.hairpinMode } });
  if (!hairpin.ok) return err(`failed to setup hairpin mode for ${name}: ${goErrno(hairpin.error)}`);
  const isolated = host.link.change(index, { port: { isolated: n.portIsolation } });
  if (!isolated.ok) return err(`failed to set isolated on for ${name}: ${goErrno(isolated.error)}`);
  return veth;
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

/**
 * The gateway's address on the bridge; afterwards the bridge keeps the MAC it had when the plugin found it, and no
 * longer follows the lowest of its ports. Models: bridge ensureAddr.
 */
export function ensureAddress(
  net: NetApi,
  bridge: LinkInfo,
  gateway: Ipv4Prefix,
  force: boolean,
): Result<void, string> {
  const wanted = formatPrefix(gateway);
  for (const a of net.address.list().filter((x) => x.dev === bridge.index)) {
    if (a.local === gateway.address && a.prefixLength === gateway.length) return ok();
    if (!force) return err(`"${bridge.name}" already has an IP address different from ${wanted}`);
    const gone = net.address.delete(bridge.index, a.local, a.prefixLength);
    if (!gone.ok) return err(`could not remove IP address from "${bridge.name}": ${goErrno(gone.error)}`);
  }
  const added = addAddress(net, bridge.index, gateway);
  if (!added.ok && added.error.errno !== "EEXIST")
    return err(`could not add IP address ${wanted} to "${bridge.name}": ${goErrno(added.error)}`);
  const fixed = net.link.change(bridge.index, { mac: bridge.mac });
  return fixed.ok ? ok() : err(`could not set bridge's mac: ${goErrno(fixed.error)}`);
}
