import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo, NetApi } from "../../../../kernel/uapi/index.ts";
import type { Random } from "../../../../sim/random.ts";
import { formatPrefix, type Ipv4Prefix } from "../../../../wire/address.ts";
import { goErrno } from "../../../errno.ts";
import { addAddress, setupVethPair, trySysctl } from "../../interface.ts";
import type { BridgeConfig } from "./config.ts";

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

/** The pair, attached to the bridge. Models: bridge setupVeth. */
export function setupVeth(
  pod: NetApi,
  host: NetApi,
  bridge: LinkInfo,
  ifName: string,
  n: BridgeConfig,
  random: Random,
): Result<{ pod: LinkInfo; host: LinkInfo }, string> {
  const veth = setupVethPair(pod, host, ifName, n, random);
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
