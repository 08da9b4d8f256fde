import { err, ok, type Result } from "../../../../base/result.ts";
import { goErrno } from "../../../../container/errno.ts";
import {
  type IfIndex,
  type NetApi,
  PROTO_BOOT,
  SCOPE_UNIVERSE,
  type TunFile,
} from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatPrefix, type Ipv4, type Ipv4Prefix, network } from "../../../../wire/address.ts";
import type { Backend, BackendContext, BackendNetwork } from "../../backend.ts";
import { scalar } from "../../config.ts";
import { type Lease, type LeaseEvent, NO_BACKEND_DATA } from "../../lease.ts";
import { Proxy } from "./proxy.ts";

const DEFAULT_PORT = 8285;
/** 20 IPv4, 8 UDP. */
const ENCAP_OVERHEAD = 28;

class UdpNetwork implements BackendNetwork {
  readonly lease: Lease;
  readonly mtu: number;
  private readonly context: BackendContext;
  private readonly port: number;
  private readonly proxy: Proxy;
  private readonly release: () => void;
  private readonly tun: TunFile;

  constructor(
    context: BackendContext,
    lease: Lease,
    port: number,
    ends: { proxy: Proxy; tun: TunFile; mtu: number; release: () => void },
  ) {
    this.context = context;
    this.lease = lease;
    this.mtu = ends.mtu;
    this.port = port;
    this.proxy = ends.proxy;
    this.tun = ends.tun;
    this.release = ends.release;
  }

  *start(): Task<() => void> {
    const stop = this.proxy.run(this.context.process.host.queue, this.tun);
    yield* this.context.log.info("udp_network_amd64.go:111", "Watching for new subnet leases");
    return () => {
      stop();
      this.release();
    };
  }

  *handle({ type, lease }: LeaseEvent): Task<void> {
    const { log } = this.context;
    const subnet = formatPrefix(lease.subnet);
    if (type === "added") {
      yield* log.info("udp_network_amd64.go:205", `Subnet added: ${subnet}`);
      this.proxy.setRoute(lease.subnet, { address: lease.publicIp, port: this.port });
      return;
    }
    yield* log.info("udp_network_amd64.go:210", `Subnet removed: ${subnet}`);
    this.proxy.removeRoute(lease.subnet);
  }
}

/** The /32 of the node, the MTU, up, and a route for the whole network. Models: configureIface. */
function configureTun(
  net: NetApi,
  dev: IfIndex,
  own: Ipv4,
  all: Ipv4Prefix,
  mtu: number,
): Result<void, string> {
  const name = net.link.byIndex(dev)?.name ?? "";
  const added = net.address.add({ dev, local: own, prefixLength: 32 });
  const text = formatPrefix({ address: own, length: 32 });
  if (!added.ok) return err(`failed to add IP address ${text} to ${name}: ${goErrno(added.error)}`);
  const sized = net.link.change(dev, { mtu });
  if (!sized.ok) return err(`failed to set MTU for ${name}: ${goErrno(sized.error)}`);
  const up = net.link.change(dev, { up: true });
  if (!up.ok) return err(`failed to set interface ${name} to UP state: ${goErrno(up.error)}`);
  const route = { dst: all, protocol: PROTO_BOOT, scope: SCOPE_UNIVERSE, nexthops: [{ dev }] };
  const routed = net.route.add(route, "add");
  if (routed.ok || routed.error.errno === "EEXIST") return ok();
  return err(`failed to add route (${formatPrefix(all)} -> ${name}): ${goErrno(routed.error)}`);
}

/** The first name of the pattern flannel%d that is free. */
function freeName(net: NetApi): string {
  for (let n = 0; ; n++) if (net.link.byName(`flannel${n}`) === undefined) return `flannel${n}`;
}

function* register(context: BackendContext): Task<Result<BackendNetwork, string>> {
  const { net, external, config, process } = context;
  const port = scalar<number>(config.backend, "", "Port", DEFAULT_PORT);
  if (!port.ok) return err(`error decoding UDP backend config: ${port.error}`);
  const lease = yield* context.acquireLease({
    publicIp: external.external,
    backendType: "",
    backendData: NO_BACKEND_DATA,
  });
  if (!lease.ok) return err(`failed to acquire lease: ${lease.error}`);
  const own = lease.value.subnet.address;
  const mtu = external.link.mtu - ENCAP_OVERHEAD;
  const socket = net.socket.udp(`flanneld:${process.pid}`);
  const proxy = new Proxy(socket, own, mtu);
  const tun = net.tun.open(freeName(net), "tun", (packet) => proxy.read(packet));
  const release = (): void => {
    if (tun.ok) tun.value.close();
    socket.close();
  };
  const fail = (text: string): Result<never, string> => {
    release();
    return err(text);
  };
  if (!tun.ok) return fail(`failed to open TUN device: ioctl failed with '${goErrno(tun.error)}'`);
  // The route is that of the whole network, whose length the configuration knows.
  const length = config.network?.length ?? 0;
  const all = { address: network(own, length), length };
  const configured = configureTun(net, tun.value.dev, own, all, mtu);
  if (!configured.ok) return fail(configured.error);
  const bound = socket.bind({ address: external.address, port: port.value });
  if (!bound.ok)
    return fail(`failed to start listening on UDP socket: listen udp4: bind: ${goErrno(bound.error)}`);
  return ok(new UdpNetwork(context, lease.value, port.value, { proxy, tun: tun.value, mtu, release }));
}

/**
 * A tun device and a program that carries its packets in UDP datagrams: the fallback, and what flannel began with.
 *
 *   packet to 10.244.2.5 -> route 10.244.0.0/16 dev flannel0 -> flanneld reads it, finds the node P of the subnet
 *     -> UDP 8285 to P -> flanneld there writes it to its flannel0
 *
 * Models: flannel pkg/backend/udp.
 */
export const udp: Backend = { type: "udp", register };
