import { err, ok } from "../../base/result.ts";
import type { Mac } from "../../wire/address.ts";
import { Bridge } from "../device/bridge.ts";
import { Dummy } from "../device/dummy.ts";
import { journalLink, linkRow } from "../device/state.ts";
import { Veth } from "../device/veth.ts";
import { Vxlan } from "../device/vxlan.ts";
import { Wireguard } from "../device/wireguard.ts";
import type { Netns } from "../netns.ts";
import { enter, freeName, type Lookup, macFault, mtuFault, nameFault, register } from "./link-checks.ts";
import { addTunnel } from "./link-add-tunnel.ts";
import { addIpvlan, addMacvlan, addVlan } from "./link-add-upper.ts";
import type {
  Actor,
  BridgeSpec,
  DummySpec,
  IfIndex,
  KernelResult,
  LinkSpec,
  VethSpec,
  VxlanOptions,
  VxlanSpec,
} from "./types.ts";

/** RTM_NEWLINK with NLM_F_CREATE. Models: rtnl_newlink_create. */
export function addLink(ns: Netns, spec: LinkSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  const fault = spec.name === undefined ? undefined : nameFault(spec.name);
  if (fault !== undefined) return err(fault);
  if (spec.name !== undefined && ns.deviceByName(spec.name) !== undefined) return err({ errno: "EEXIST" });
  const unbounded = spec.kind === "dummy";
  const bad = mtuFault(spec.mtu, unbounded ? 0 : 65535, unbounded ? 0 : 68) ?? macFault(spec.mac);
  if (bad !== undefined) return err(bad);
  switch (spec.kind) {
    case "veth":
      return addVeth(ns, spec, by, namespace);
    case "bridge":
      return addBridge(ns, spec, by);
    case "vxlan":
      return addVxlan(ns, spec, by);
    case "dummy":
      return addDummy(ns, spec, by);
    case "wireguard": {
      const dev = new Wireguard(ns, spec.name ?? freeName(ns, "wg"), spec.mtu ?? 1420, by);
      register(ns, dev, false, by);
      return ok(ns.indexOf(dev));
    }
    case "ipip":
    case "gre":
    case "gretap":
      return addTunnel(ns, spec, by);
    case "macvlan":
      return addMacvlan(ns, spec, by, namespace);
    case "ipvlan":
      return addIpvlan(ns, spec, by, namespace);
    case "vlan":
      return addVlan(ns, spec, by, namespace);
  }
}

/** The peer is registered first and so gets the lower index. Models: veth_newlink. */
function addVeth(ns: Netns, spec: VethSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  const peerNs = spec.peer?.netns === undefined ? ns : namespace(spec.peer.netns);
  if (peerNs === undefined) return err({ errno: "EINVAL" });
  const wanted = spec.peer?.name;
  const fault = wanted === undefined ? undefined : nameFault(wanted);
  if (fault !== undefined) return err(fault);
  const bad = mtuFault(spec.peer?.mtu, 65535) ?? macFault(spec.peer?.mac);
  if (bad !== undefined) return err(bad);
  if (wanted !== undefined && peerNs.deviceByName(wanted) !== undefined) return err({ errno: "EEXIST" });
  if (wanted !== undefined && peerNs === ns && wanted === spec.name) return err({ errno: "EEXIST" });
  if (spec.peer?.up === true) return err({ errno: "ENOTCONN" });
  const { kernel } = ns;
  const peerName = wanted ?? freeName(peerNs, "veth");
  const peer = new Veth(
    peerNs,
    peerName,
    spec.peer?.mac ?? kernel.randomMac(),
    spec.peer?.mtu ?? spec.mtu ?? 1500,
    by,
  );
  enter(peerNs, peer, spec.peer?.mac !== undefined);
  const dev = new Veth(
    ns,
    spec.name ?? freeName(ns, "veth"),
    spec.mac ?? kernel.randomMac(),
    spec.mtu ?? 1500,
    by,
  );
  enter(ns, dev, spec.mac !== undefined);
  dev.peer = peer;
  peer.peer = dev;
  for (const end of [peer, dev]) end.carrierLost();
  journalLink(peer, null, linkRow(peer), by);
  journalLink(dev, null, linkRow(dev), by);
  dev.mentionLink();
  return ok(ns.indexOf(dev));
}

function addBridge(ns: Netns, spec: BridgeSpec, by: Actor): KernelResult<IfIndex> {
  const mac = spec.mac ?? ns.kernel.randomMac();
  const dev = new Bridge(
    ns,
    spec.name ?? freeName(ns, "bridge"),
    mac,
    spec.mtu ?? 1500,
    by,
    spec.bridge ?? {},
  );
  dev.mtuSet = spec.mtu !== undefined;
  enter(ns, dev, spec.mac !== undefined);
  journalLink(dev, null, linkRow(dev), by);
  dev.fdb.addLocal(mac, null);
  return ok(ns.indexOf(dev));
}

/** Outer IP, UDP and VXLAN headers, and the inner Ethernet header. */
const VXLAN_HEADROOM = 50;
const VXLAN_DEFAULTS = {
  dstPort: 8472,
  learning: true,
  ttl: 0,
  ageing: 300,
  srcPortMin: 0,
  srcPortMax: 0,
} as const;

/** Models: vxlan_newlink, vxlan_config_validate. */
function addVxlan(ns: Netns, spec: VxlanSpec, by: Actor): KernelResult<IfIndex> {
  const options: VxlanOptions = { ...VXLAN_DEFAULTS, ...spec.vxlan };
  const lower = options.dev === undefined ? undefined : ns.device(options.dev);
  if (options.dev !== undefined && lower === undefined) {
    return err({ errno: "ENODEV", extack: "Invalid local interface, device not found" });
  }
  const rivals = [...ns.vxlan.devices].map((each) => each.options);
  if (rivals.some(({ id, dstPort }) => id === options.id && dstPort === options.dstPort))
    return err({ errno: "EEXIST", extack: "A VXLAN device with the specified VNI already exists" });
  const most = lower === undefined ? Infinity : lower.mtu - VXLAN_HEADROOM;
  const mtu = Math.min(spec.mtu ?? (lower === undefined ? 1500 : most), most);
  const dev = new Vxlan(
    ns,
    spec.name ?? freeName(ns, "vxlan"),
    spec.mac ?? ns.kernel.randomMac(),
    mtu,
    by,
    options,
  );
  ns.vxlan.devices.add(dev);
  enter(ns, dev, spec.mac !== undefined);
  journalLink(dev, null, linkRow(dev), by);
  const far = options.remote ?? options.group;
  if (far !== undefined) {
    dev.addEntry(
      {
        dev: ns.indexOf(dev),
        mac: 0 as Mac,
        target: "self",
        dst: far,
        via: options.dev,
        state: "permanent",
      },
      "append",
      by,
      true,
    );
  }
  return ok(ns.indexOf(dev));
}

function addDummy(ns: Netns, spec: DummySpec, by: Actor): KernelResult<IfIndex> {
  const mac = spec.mac ?? ns.kernel.randomMac();
  const dev = new Dummy(ns, spec.name ?? freeName(ns, "dummy"), mac, spec.mtu ?? 1500, by);
  register(ns, dev, spec.mac !== undefined, by);
  return ok(ns.indexOf(dev));
}
