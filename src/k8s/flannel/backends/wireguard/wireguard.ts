import { encodeBase64 } from "../../../../base/base64.ts";
import { err, ok, type Result } from "../../../../base/result.ts";
import { marshal, parseObject, stringOf } from "../../../../container/cni/json.ts";
import { goErrno } from "../../../../container/errno.ts";
import type { LinkInfo } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4, formatPrefix, IPV4_ANY, type Ipv4Prefix } from "../../../../wire/address.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { field, scalar } from "../../config.ts";
import type { Lease, LeaseEvent } from "../../lease.ts";
import { ensureLinkAddress } from "../link-address.ts";
import {
  addPeer,
  addRoute,
  type Keys,
  newDevice,
  OVERHEAD,
  parseKey,
  removePeer,
  setupKeys,
} from "./device.ts";

const NAME = "flannel-wg";
const PLACE = "wireguard_network.go";

interface WireguardConfig {
  readonly listenPort: number;
  readonly mtu: number;
  readonly psk: string;
  /** Seconds. */
  readonly keepalive: number;
}

function parseConfig({ config, external }: BackendContext): Result<WireguardConfig, string> {
  const raw = config.backend;
  const listenPort = scalar<number>(raw, "", "ListenPort", 51820);
  const mtu = scalar<number>(raw, "", "MTU", external.link.mtu);
  const psk = scalar<string>(raw, "", "PSK", "");
  const keepalive = scalar<number>(raw, "", "PersistentKeepaliveInterval", 0);
  const mode = scalar<string>(raw, "", "Mode", "separate");
  for (const read of [listenPort, mtu, psk, keepalive, mode])
    if (!read.ok) return err(`error decoding backend config: ${read.error}`);
  if (!listenPort.ok || !mtu.ok || !psk.ok || !keepalive.ok || !mode.ok) return err("");
  if (["auto", "ipv4", "ipv6"].includes(mode.value))
    return err(`flannelgraph: flannel's wireguard Mode "${mode.value}" is not modelled yet`);
  if (mode.value !== "separate") return err("no valid Mode configured");
  return ok({
    listenPort: listenPort.value,
    mtu: mtu.value,
    psk: psk.value,
    keepalive: keepalive.value,
  });
}

/** The other node's key and port out of its annotation `{"PublicKey":"...","Port":51820}`. */
function remoteOf(lease: Lease): Result<{ key: string; port: number }, string> {
  const data = parseObject(lease.backendData, "wireguard.wireguardLeaseAttrs");
  if (!data.ok) return data;
  const port = field(data.value, "Port");
  return ok({
    key: stringOf(field(data.value, "PublicKey")) ?? "",
    port: typeof port === "number" ? port : 0,
  });
}

class WireguardNetwork implements BackendNetwork {
  readonly lease: Lease;
  readonly mtu: number;
  private readonly context: BackendContext;
  private readonly config: WireguardConfig;
  private readonly device: LinkInfo;
  private readonly keys: Keys;

  constructor(context: BackendContext, config: WireguardConfig, device: LinkInfo, keys: Keys, lease: Lease) {
    this.context = context;
    this.config = config;
    this.device = device;
    this.keys = keys;
    this.lease = lease;
    this.mtu = config.mtu - OVERHEAD;
  }

  *start(): Task<() => void> {
    const { log, net } = this.context;
    yield* log.info(`${PLACE}:81`, "Watching for new subnet leases");
    return () => {
      if (net.link.byName(NAME)?.index === this.device.index) net.link.delete(this.device.index);
    };
  }

  *handle(event: LeaseEvent): Task<void> {
    const { log } = this.context;
    const { lease } = event;
    const added = event.type === "added";
    if (lease.backendType !== "wireguard") {
      const text = `Ignoring non-wireguard subnet: type=${lease.backendType}`;
      yield* log.warning(`${PLACE}:${added ? 137 : 258}`, text);
      return;
    }
    const remote = remoteOf(lease);
    if (!remote.ok) {
      yield* log.error(`${PLACE}:${added ? 146 : 267}`, `failed to unmarshal BackendData: ${remote.error}`);
      return;
    }
    const { key, port } = remote.value;
    if (added) yield* this.add(lease, key, port === 0 ? this.config.listenPort : port);
    else yield* this.remove(lease, key);
  }

  private *add(lease: Lease, keyText: string, port: number): Task<void> {
    const { log, net, config } = this.context;
    const at = `${formatIpv4(lease.publicIp)}:${port}`;
    yield* log.info(`${PLACE}:183`, `Subnet added: ${formatPrefix(lease.subnet)} via ${at}`);
    const key = parseKey(keyText);
    const set = !key.ok
      ? err(`failed to parse publicKey: ${key.error}`)
      : worded(
          "failed to configure device",
          addPeer(net, this.device.index, {
            publicKey: key.value,
            endpoint: { address: lease.publicIp, port },
            persistentKeepalive: this.config.keepalive,
            allowedIps: [lease.subnet],
            ...(this.keys.presharedKey !== undefined && { presharedKey: this.keys.presharedKey }),
          }),
        );
    if (!set.ok) yield* log.error(`${PLACE}:188`, `failed to setup ipv4 peer (${keyText}): ${set.error}`);
    const all = networkOf(config.network);
    const routed = addRoute(net, this.device.index, all);
    if (routed.ok) return;
    const why = `failed to add route ${NAME}: ${goErrno(routed.error)}`;
    yield* log.error(`${PLACE}:196`, `failed to add ipv4 route to (${formatPrefix(all)}): ${why}`);
  }

  private *remove(lease: Lease, keyText: string): Task<void> {
    const { log, net } = this.context;
    yield* log.info(`${PLACE}:264`, `Subnet removed: ${formatPrefix(lease.subnet)}`);
    const key = parseKey(keyText);
    const gone = key.ok
      ? worded("failed to remove peer", removePeer(net, this.device.index, key.value))
      : err(`failed to parse publicKey: ${key.error}`);
    if (!gone.ok) yield* log.error(`${PLACE}:275`, `failed to remove ipv4 peer (${keyText}): ${gone.error}`);
  }
}

function worded(before: string, result: ReturnType<typeof addPeer>): Result<void, string> {
  return result.ok ? result : err(`${before} ${goErrno(result.error)}`);
}

function networkOf(configured: Ipv4Prefix | undefined): Ipv4Prefix {
  return configured ?? { address: IPV4_ANY, length: 0 };
}

/** Address, up, the route of the whole network. Models: wgDevice.Configure. */
function* configureDevice(
  { net, log, config }: BackendContext,
  device: LinkInfo,
  lease: Lease,
): Task<Result<void, string>> {
  const ensured = yield* ensureLinkAddress(net, log, device, lease.subnet.address, config.network);
  if (!ensured.ok) return err(`failed to ensure address of interface ${NAME}: ${ensured.error}`);
  const up = net.link.change(device.index, { up: true });
  if (!up.ok)
    return err(
      `failed to set up the route: failed to set interface ${NAME} to UP state: ${goErrno(up.error)}`,
    );
  const all = networkOf(config.network);
  const routed = addRoute(net, device.index, all);
  if (routed.ok) return ok();
  const where = `failed to add route to destination (${formatPrefix(all)}) to interface (${NAME})`;
  return err(`failed to set up the route: ${where}: failed to add route ${NAME}: ${goErrno(routed.error)}`);
}

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { net, log, external, process, random } = context;
  const config = parseConfig(context);
  if (!config.ok) return config;
  const { psk, mtu, listenPort } = config.value;
  const keys = setupKeys(process, random, psk);
  if (!keys.ok) return keys;
  const device = yield* newDevice(net, log, NAME, mtu, keys.value, listenPort);
  if (!device.ok) return device;
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "wireguard",
    backendData: marshal({ PublicKey: encodeBase64(keys.value.publicKey), Port: listenPort }, "", false),
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  const configured = yield* configureDevice(context, device.value, lease.value);
  if (!configured.ok) return configured;
  return ok(new WireguardNetwork(context, config.value, device.value, keys.value, lease.value));
}

/**
 * One WireGuard device with a peer per node, whose allowed addresses are the node's subnet. The device goes when
 * flanneld ends.
 *
 * Models: flannel pkg/backend/wireguard in mode "separate".
 */
export const wireguard: Backend = { type: "wireguard", register };
