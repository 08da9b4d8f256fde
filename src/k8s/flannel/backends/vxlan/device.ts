import { err, ok, type Result } from "../../../../base/result.ts";
import { goErrno } from "../../../../container/errno.ts";
import type { LinkInfo, NetApi, VxlanSpec } from "../../../../kernel/uapi/index.ts";
import type { Random } from "../../../../sim/random.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4, formatMac, type Ipv4, type Ipv4Prefix, type Mac } from "../../../../wire/address.ts";
import type { ExternalInterface } from "../../external.ts";
import type { Klog } from "../../klog.ts";
import { ensureLinkAddress } from "../link-address.ts";
import type { VxlanConfig } from "./config.ts";

/** 14 inner Ethernet, 8 VXLAN, 8 UDP, 20 IPv4. */
export const ENCAP_OVERHEAD = 50;

/** Random, locally administered, unicast. Models: flannel pkg/mac NewHardwareAddr. */
export function newMac(random: Random): Mac {
  const high = ((random.below(0x1_0000) & 0xfeff) | 0x0200) >>> 0;
  const bytes = high * 0x1_0000_0000 + random.u32();
  return bytes as Mac;
}

/** Why an existing device cannot serve; empty when it can. Models: vxlanLinksIncompat. */
export function incompatibility(wanted: VxlanSpec["vxlan"], found: LinkInfo): string {
  if (found.kind !== "vxlan" || found.vxlan === undefined) return `link type: vxlan vs ${found.kind}`;
  const has = found.vxlan;
  if (wanted.id !== has.id) return `vni: ${wanted.id} vs ${has.id}`;
  if (wanted.dev !== undefined && has.dev !== undefined && wanted.dev !== has.dev)
    return `vtep (external) interface: ${wanted.dev} vs ${has.dev}`;
  if (wanted.local !== undefined && has.local !== undefined && wanted.local !== has.local)
    return `vtep (external) IP: ${formatIpv4(wanted.local)} vs ${formatIpv4(has.local)}`;
  if (wanted.dstPort !== undefined && wanted.dstPort !== has.dstPort)
    return `port: ${wanted.dstPort} vs ${has.dstPort}`;
  return "";
}

/** Makes the device, or takes the one that is there when it fits. Models: newVXLANDevice, ensureLink. */
export function* ensureDevice(
  net: NetApi,
  log: Klog,
  name: string,
  config: VxlanConfig,
  external: ExternalInterface,
  mac: Mac,
): Task<Result<LinkInfo, string>> {
  const options: VxlanSpec["vxlan"] = {
    id: config.vni,
    dev: external.link.index,
    local: external.external,
    learning: config.learning,
    ...(config.port > 0 && { dstPort: config.port }),
  };
  const spec: VxlanSpec = { kind: "vxlan", name, mac, mtu: config.mtu - ENCAP_OVERHEAD, vxlan: options };
  const added = net.link.add(spec);
  if (!added.ok && added.error.errno !== "EEXIST") return err(goErrno(added.error));
  const existing = added.ok ? undefined : net.link.byName(name);
  if (existing !== undefined) {
    const why = incompatibility(options, existing);
    if (why === "") return ok(existing);
    const text = `"${name}" already exists with incompatible configuration: ${why}; recreating device`;
    yield* log.warning("device.go:102", text);
    const deleted = net.link.delete(existing.index);
    if (!deleted.ok) return err(`failed to delete interface: ${goErrno(deleted.error)}`);
    const again = net.link.add(spec);
    if (!again.ok) return err(`failed to create vxlan interface: ${goErrno(again.error)}`);
  }
  const link = net.link.byName(name);
  if (link === undefined) return err(`can't locate created vxlan device ${name}`);
  // flanneld's request carries a queue length of 0, Go's zero value: `ip link` shows no qlen.
  net.link.change(link.index, { txQueueLength: 0 });
  net.sysctl.set(`net/ipv6/conf/${name}/accept_ra`, "0");
  return ok(link);
}

/** Its one address inside the flannel network, and up. Models: vxlanDevice.Configure. */
export function* configureDevice(
  net: NetApi,
  log: Klog,
  device: LinkInfo,
  address: Ipv4,
  network: Ipv4Prefix | undefined,
): Task<Result<void, string>> {
  const { name, index } = device;
  const ensured = yield* ensureLinkAddress(net, log, device, address, network);
  if (!ensured.ok) return err(`failed to ensure address of interface ${name}: ${ensured.error}`);
  const up = net.link.change(index, { up: true });
  if (!up.ok) return err(`failed to set interface ${name} to UP state: ${goErrno(up.error)}`);
  const now = net.link.byIndex(index);
  if (now !== undefined && now.mac !== device.mac)
    return err(`${name}'s mac address wanted: ${formatMac(device.mac)}, but got: ${formatMac(now.mac)}`);
  return ok();
}
