import { err, ok, type Result } from "../../../base/result.ts";
import { addAddress, trySysctl } from "../../../container/cni/interface.ts";
import { goErrno } from "../../../container/errno.ts";
import { type LinkInfo, type NetApi, PROTO_BOOT, SCOPE_LINK } from "../../../kernel/uapi/index.ts";
import { formatMac, type Ipv4, type Ipv4Prefix, parseIpv4, parseMac } from "../../../wire/address.ts";
import { must } from "../../../base/result.ts";
import { POD_GATEWAY, VETH_MAC } from "../api/index.ts";

const GATEWAY = must(parseIpv4(POD_GATEWAY), "an address");

export interface PodNetwork {
  readonly ifName: string;
  readonly hostName: string;
  /** 0: the kernel's default. */
  readonly mtu: number;
  readonly address: Ipv4;
  readonly routes: readonly Ipv4Prefix[];
  /** Annotation cni.projectcalico.org/hwAddr. */
  readonly mac: string | undefined;
  readonly allowForwarding: boolean;
}

/** Models: configureSysctls, for IPv4. */
function hostSysctls(host: NetApi, dev: string): Result<void, string> {
  const wanted: readonly (readonly [string, string, boolean])[] = [
    [`net/ipv4/conf/${dev}/route_localnet`, "1", true],
    [`net/ipv4/neigh/${dev}/proxy_delay`, "0", false],
    [`net/ipv4/conf/${dev}/proxy_arp`, "1", true],
    [`net/ipv4/conf/${dev}/forwarding`, "1", true],
    [`net/ipv6/conf/${dev}/accept_ra`, "0", false],
  ];
  for (const [path, value, needed] of wanted) {
    const set = host.sysctl.set(path, value);
    if (!set.ok && needed)
      return err(
        `error configuring sysctls for interface: ${dev}, error: failed to set ${path.replaceAll("/", ".")}=${value}: ${goErrno(set.error)}`,
      );
  }
  return ok();
}

/** The veth pair: made from inside the pod, its other end straight in the host. */
function makePair(
  pod: NetApi,
  host: NetApi,
  wanted: PodNetwork,
): Result<{ own: LinkInfo; far: LinkInfo }, string> {
  const old = host.link.byName(wanted.hostName);
  if (old !== undefined) {
    const gone = host.link.delete(old.index);
    if (!gone.ok) return err(`failed to delete old hostVeth ${wanted.hostName}: ${goErrno(gone.error)}`);
  }
  const mtu = wanted.mtu > 0 ? { mtu: wanted.mtu } : {};
  const made = pod.link.add({
    kind: "veth",
    name: wanted.ifName,
    ...mtu,
    peer: { name: wanted.hostName, netns: host.netns, ...mtu },
  });
  if (!made.ok) return err(goErrno(made.error));
  const own = pod.link.byIndex(made.value);
  const far = host.link.byName(wanted.hostName);
  if (own === undefined || far === undefined)
    return err(`failed to lookup "${wanted.hostName}": Link not found`);
  host.link.change(far.index, { mac: VETH_MAC });
  return ok({ own, far });
}

function podRoutes(pod: NetApi, own: LinkInfo, wanted: PodNetwork): Result<void, string> {
  const dev = own.index;
  const common = { protocol: PROTO_BOOT };
  const gateway = pod.route.add(
    { ...common, dst: { address: GATEWAY, length: 32 }, scope: SCOPE_LINK, nexthops: [{ dev }] },
    "add",
  );
  if (!gateway.ok) return err(`failed to add route inside the container: ${goErrno(gateway.error)}`);
  for (const dst of wanted.routes) {
    const added = pod.route.add({ ...common, dst, nexthops: [{ dev, gateway: GATEWAY }] }, "add");
    if (!added.ok) return err(`failed to add IPv4 route: ${goErrno(added.error)}`);
  }
  return ok();
}

/** Models: SetupRoutes. A route that felix was faster with is no mistake. */
function hostRoute(host: NetApi, far: LinkInfo, address: Ipv4): Result<void, string> {
  const dst = { address, length: 32 };
  const route = { dst, protocol: PROTO_BOOT, scope: SCOPE_LINK, nexthops: [{ dev: far.index }] };
  const added = host.route.add(route, "add");
  if (added.ok) return ok();
  const same = host.route
    .list()
    .some((r) => r.dst.address === address && r.dst.length === 32 && r.nexthops[0]?.dev === far.index);
  if (added.error.errno === "EEXIST" && same) return ok();
  return err(
    `error adding host side routes for interface: ${far.name}, error: failed to add route: ${goErrno(added.error)}`,
  );
}

/**
 * A pod's network: one address without a subnet, a gateway that nobody has and that the host answers ARP for, and a
 * route to the pod on the host. Answers the pod's MAC.
 *
 * Models: cni-plugin/pkg/dataplane/linux DoNetworking, IPv4.
 */
export function setUpPod(pod: NetApi, host: NetApi, wanted: PodNetwork): Result<string, string> {
  const pair = makePair(pod, host, wanted);
  if (!pair.ok) return pair;
  const { own, far } = pair.value;
  const sysctls = hostSysctls(host, wanted.hostName);
  if (!sysctls.ok) return sysctls;
  for (const [net, link] of [
    [host, far],
    [pod, own],
  ] as const) {
    const up = net.link.change(link.index, { up: true });
    if (!up.ok) return err(`failed to set "${link.name}" up: ${goErrno(up.error)}`);
  }
  if (wanted.mac !== undefined) {
    const mac = parseMac(wanted.mac);
    if (mac === undefined)
      return err(
        `failed to parse MAC address ${wanted.mac} provided via cni.projectcalico.org/hwAddr: address ${wanted.mac}: invalid MAC address`,
      );
    pod.link.change(own.index, { mac });
  }
  const routed = podRoutes(pod, own, wanted);
  if (!routed.ok) return routed;
  const added = addAddress(pod, own.index, { address: wanted.address, length: 32 });
  if (!added.ok) return err(`failed to add IP addr to "${wanted.ifName}": ${goErrno(added.error)}`);
  trySysctl(pod, "net/ipv4/ip_forward", wanted.allowForwarding ? "1" : "0");
  const outside = hostRoute(host, far, wanted.address);
  if (!outside.ok) return outside;
  return ok(formatMac(pod.link.byIndex(own.index)?.mac ?? own.mac));
}
