import { err, ok, type Result } from "../../../../base/result.ts";
import { background } from "../../../../container/background.ts";
import { marshal, parseObject, stringOf } from "../../../../container/cni/json.ts";
import type { LinkInfo } from "../../../../kernel/uapi/index.ts";
import { Signal, sleep, type Task } from "../../../../sim/task.ts";
import { seconds } from "../../../../sim/time.ts";
import { formatMac, formatPrefix, parseMac } from "../../../../wire/address.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { field } from "../../config.ts";
import { describeLease, type Lease, type LeaseEvent } from "../../lease.ts";
import { isDirect } from "../routes.ts";
import { parseVxlanConfig, type VxlanConfig } from "./config.ts";
import { configureDevice, ENCAP_OVERHEAD, ensureDevice, newMac } from "./device.ts";
import { addDirect, addRemote, type Remote, removeDirect, removeRemote } from "./remote.ts";

/** How long a failed attempt to make the device again is rested from: doubled each time. */
const FIRST_BACKOFF_S = 1;
const LONGEST_BACKOFF_S = 30;

/** The remote's VTEP out of its annotation `{"VNI":1,"VtepMAC":"xx"}`. */
function remoteOf(lease: Lease): Result<Remote, string> {
  const data = parseObject(lease.backendData, "vxlan.vxlanLeaseAttrs");
  if (!data.ok) return data;
  const mac = parseMac(stringOf(field(data.value, "VtepMAC")) ?? "");
  if (mac === undefined) return err("error parsing hardware addr");
  return ok({ subnet: lease.subnet, mac, publicIp: lease.publicIp });
}

class VxlanNetwork implements BackendNetwork {
  readonly lease: Lease;
  readonly mtu: number;
  private readonly context: BackendContext;
  private readonly config: VxlanConfig;
  /** Changes when somebody deletes it: it is made anew. */
  private device: LinkInfo;

  constructor(context: BackendContext, config: VxlanConfig, device: LinkInfo, lease: Lease) {
    this.context = context;
    this.config = config;
    this.device = device;
    this.lease = lease;
    this.mtu = config.mtu - ENCAP_OVERHEAD;
  }

  *start(): Task<() => void> {
    const { log, net, process } = this.context;
    const { name } = this.device;
    yield* log.info("vxlan_network.go:68", "watching for new subnet leases");
    const missing = new Signal();
    const unsubscribe = net.subscribe(["link"], (notice) => {
      if (notice.kind === "link" && notice.gone && notice.link.name === name) missing.fire();
    });
    const watch = background(process.host.queue, this.watch(missing));
    return () => {
      unsubscribe();
      watch.kill("KILL");
    };
  }

  /** Models: watchVXLANDevice and its receiver in Run. */
  private *watch(missing: Signal): Task<void> {
    const { log } = this.context;
    yield* log.info("vxlan_network.go:115", "starting vxlan device watcher");
    for (;;) {
      yield* missing.wait();
      yield* log.info("vxlan_network.go:143", `Interface ${this.device.name} deleted`);
      yield* log.info("vxlan_network.go:102", "vxlan device missing, attempting to recreate...");
      yield* this.recreate();
    }
  }

  /**
   * The device alone: neighbours, forwarding entries and routes that went with the old one come back only with the next
   * event about their nodes. Models: reCreateVxlan.
   */
  private *recreate(): Task<void> {
    const { log, net, external } = this.context;
    for (let wait = FIRST_BACKOFF_S; ; wait = Math.min(wait * 2, LONGEST_BACKOFF_S)) {
      const { name } = external.link;
      const outer = net.link.byName(name);
      const made = outer === undefined ? undefined : yield* this.remake(outer);
      if (made?.ok === true) {
        this.device = made.value;
        yield* log.info("vxlan_network.go:238", `VXLAN device ${made.value.name} recreated successfully`);
        return;
      }
      if (made === undefined)
        yield* log.info("vxlan_network.go:167", `external interface ${name} not found, retrying in ${wait}s`);
      else yield* log.error("vxlan_network.go:224", made.error);
      yield* sleep(seconds(wait));
    }
  }

  private *remake(outer: LinkInfo): Task<Result<LinkInfo, string>> {
    const { net, log, external, config } = this.context;
    const address = net.address.list().find((a) => a.dev === outer.index)?.local;
    if (address === undefined) return err(`no IPv4 addresses found for interface ${outer.name}, retrying`);
    const now = { ...external, link: outer, external: address };
    const device = yield* makeDevice({ ...this.context, external: now }, this.config);
    if (!device.ok) return device;
    const own = this.lease.subnet.address;
    const configured = yield* configureDevice(net, log, device.value, own, config.network);
    return configured.ok ? device : err(`failed to configure vxlan device: ${configured.error}`);
  }

  *handle(event: LeaseEvent): Task<void> {
    const { net, log } = this.context;
    const { lease } = event;
    yield* log.info("vxlan_network.go:270", `Received Subnet Event with VxLan: ${describeLease(lease)}`);
    if (lease.backendType !== "vxlan") {
      const which = `v4Subnet(${formatPrefix(lease.subnet)}) v6Subnet()`;
      yield* log.warning("vxlan_network.go:272", `ignoring non-vxlan ${which}: type=${lease.backendType}`);
      return;
    }
    const remote = remoteOf(lease);
    if (!remote.ok) {
      yield* log.error("vxlan_network.go:285", `error decoding subnet lease JSON: ${remote.error}`);
      return;
    }
    const direct = this.config.directRouting && isDirect(net, lease.publicIp);
    if (event.type === "added") {
      if (direct) yield* addDirect(net, log, remote.value);
      else yield* addRemote(net, log, this.device.index, remote.value);
    } else if (direct) yield* removeDirect(net, log, remote.value);
    else yield* removeRemote(net, log, this.device.index, remote.value);
  }
}

/** The device with the MAC that it had before, if it had one. Models: createVXLANDevice. */
function* makeDevice(context: BackendContext, vxlan: VxlanConfig): Task<Result<LinkInfo, string>> {
  const { net, log, external } = context;
  const name = `flannel.${vxlan.vni}`;
  const stored = yield* context.storedMac();
  const mac = parseMac(stored) ?? newMac(context.random);
  if (stored !== "") {
    if (parseMac(stored) === undefined)
      yield* log.error(
        "vxlan.go:197",
        `Failed to parse mac addr(${stored}): address ${stored}: invalid MAC address`,
      );
    yield* log.info("vxlan.go:199", `Interface ${name} mac address set to: ${stored}`);
  }
  const device = yield* ensureDevice(net, log, name, vxlan, external, mac);
  return device.ok ? device : err(`failed to create vxlan device: ${device.error}`);
}

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { net, log, external, config } = context;
  const parsed = parseVxlanConfig(config.backend, external.link.mtu);
  if (!parsed.ok) return err(`error decoding VXLAN backend config: ${parsed.error}`);
  const vxlan = parsed.value;
  const shown = `VNI=${vxlan.vni} Port=${vxlan.port} GBP=${vxlan.gbp} Learning=${vxlan.learning}`;
  yield* log.info("vxlan.go:128", `VXLAN config: ${shown} DirectRouting=${vxlan.directRouting}`);
  const device = yield* makeDevice(context, vxlan);
  if (!device.ok) return device;
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "vxlan",
    backendData: marshal({ VNI: vxlan.vni, VtepMAC: formatMac(device.value.mac) }, "", false),
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  const { address } = lease.value.subnet;
  const configured = yield* configureDevice(net, log, device.value, address, config.network);
  if (!configured.ok) return err(`failed to configure interface ${device.value.name}: ${configured.error}`);
  return ok(new VxlanNetwork(context, vxlan, device.value, lease.value));
}

/**
 * A VXLAN device whose tables flanneld fills: per remote node one neighbour, one forwarding entry, one route.
 *
 *   packet to 10.244.2.5 -> route via 10.244.2.0 dev flannel.1 onlink -> neighbour 10.244.2.0 is MAC M
 *     -> flannel.1 encapsulates a frame to M -> FDB: M is behind node P -> UDP 8472 to P
 *
 * Models: flannel pkg/backend/vxlan.
 */
export const vxlan: Backend = { type: "vxlan", register };
