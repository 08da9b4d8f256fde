import { err, ok } from "../../base/result.ts";
import { type IpAddress, isAnyAddress, sameAddress } from "../../wire/ip-address.ts";
import type { Netns } from "../netns.ts";
import type { Actor, KernelResult, SocketInfo, StreamEndpoint } from "../uapi/index.ts";
import type { Listener, Request } from "./listener.ts";
import type { TcpNetwork, TcpRoute } from "./network.ts";
import { Ipv4Network } from "./network4.ts";
import { Ipv6Network } from "./network6.ts";
import { freshTcpSettings, type TcpSettings } from "./settings.ts";
import { TcpSocket } from "./socket.ts";

/** Both ports in one number: connections with the same pair share a bucket. */
function pairOf(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

/** The TCP sockets of a namespace, both families. Models: struct inet_hashinfo (ehash, lhash2, bhash). */
export class TcpTable {
  readonly ns: Netns;
  readonly settings: TcpSettings = freshTcpSettings();
  readonly v4: TcpNetwork;
  readonly v6: TcpNetwork;
  /** What sequence numbers and timestamps are hidden with. */
  readonly secret: number;
  private readonly all = new Set<TcpSocket>();
  private readonly connections = new Map<number, TcpSocket[]>();
  private readonly requests = new Map<number, Request[]>();
  private readonly listeners = new Map<number, TcpSocket[]>();
  /** Who holds a local port, connections too. */
  private readonly bound = new Map<number, Set<TcpSocket>>();

  constructor(ns: Netns) {
    this.ns = ns;
    this.secret = ns.kernel.random.u32();
    this.v4 = new Ipv4Network(ns);
    this.v6 = new Ipv6Network(ns);
  }

  /** socket(2). */
  open(owner: string, by: Actor, family: "inet" | "inet6"): TcpSocket {
    const network = family === "inet" ? this.v4 : this.v6;
    const socket = new TcpSocket(this, owner, by, network);
    this.all.add(socket);
    socket.journal(null, socket.row());
    return socket;
  }

  // -------------------------------------------------------------------------------------------------- ports

  /** bind(2); port 0 draws a free one. Models: inet_csk_get_port. */
  bind(s: TcpSocket, local: StreamEndpoint): KernelResult<void> {
    let { port } = local;
    if (port === 0) {
      const free = this.ephemeral(1, (p) => !this.conflicts(s, local.address, p));
      if (free === undefined) return err({ errno: "EADDRINUSE" });
      port = free;
    } else if (this.conflicts(s, local.address, port)) return err({ errno: "EADDRINUSE" });
    const before = s.row();
    s.localAddress = local.address;
    s.boundAddress = !isAnyAddress(local.address);
    s.boundPort = local.port !== 0;
    this.hold(s, port);
    s.journal(before, s.row());
    return ok();
  }

  private hold(s: TcpSocket, port: number): void {
    s.localPort = port;
    const owners = this.bound.get(port);
    if (owners === undefined) this.bound.set(port, new Set([s]));
    else owners.add(s);
  }

  /** Models: inet_csk_bind_conflict. */
  private conflicts(s: TcpSocket, address: IpAddress, port: number): boolean {
    for (const other of this.bound.get(port) ?? []) {
      if (other === s || !overlaps(s, address, other)) continue;
      const reuse = s.options.reuseAddress === true && other.options.reuseAddress === true;
      const both = s.options.reusePort === true && other.options.reusePort === true;
      if (both || (reuse && other.state !== "LISTEN")) continue;
      return true;
    }
    return false;
  }

  /** A free port of net.ipv4.ip_local_port_range: connect(2) prefers even ones, bind(2) the others. */
  private ephemeral(odd: 0 | 1, free: (port: number) => boolean): number | undefined {
    const { localPortMin: min, localPortMax: max } = this.ns.ipv4;
    const span = max - min + 1;
    const start = this.ns.kernel.random.below(span) & ~1;
    for (const parity of [odd, 1 - odd])
      for (let i = parity; i < span; i += 2) {
        const port = min + ((start + i) % span);
        if (free(port)) return port;
      }
    return undefined;
  }

  /** listen(2). Models: inet_csk_listen_start. */
  startListening(s: TcpSocket): KernelResult<void> {
    if (s.localPort === 0) {
      const bound = this.bind(s, { address: s.localAddress, port: 0 });
      if (!bound.ok) return bound;
    } else if (this.conflicts(s, s.localAddress, s.localPort)) return err({ errno: "EADDRINUSE" });
    const bucket = this.listeners.get(s.localPort);
    if (bucket === undefined) this.listeners.set(s.localPort, [s]);
    else bucket.unshift(s);
    s.enter("LISTEN");
    return ok();
  }

  /** Gives a connection its addresses and port, unless the pair of endpoints is in use. Models: inet_hash_connect. */
  connect(s: TcpSocket, source: IpAddress, remote: StreamEndpoint, route: TcpRoute): KernelResult<void> {
    const before = s.row();
    const local = isAnyAddress(s.localAddress) ? source : s.localAddress;
    const unique = (port: number): boolean => {
      const other = this.find(local, port, remote.address, remote.port);
      if (other?.state === "TIME-WAIT" && this.mayReuse(other, route)) return true;
      return other === undefined;
    };
    if (s.localPort === 0) {
      const free = this.ephemeral(0, (port) => !this.isBound(port) && unique(port));
      if (free === undefined) return err({ errno: "EADDRNOTAVAIL" });
      this.hold(s, free);
    } else if (!unique(s.localPort)) return err({ errno: "EADDRNOTAVAIL" });
    this.find(local, s.localPort, remote.address, remote.port)?.finish(null);
    s.localAddress = local;
    s.remoteAddress = remote.address;
    s.remotePort = remote.port;
    this.enter(s);
    s.journal(before, s.row());
    return ok();
  }

  /** Models: tcp_twsk_unique with tcp_tw_reuse. */
  private mayReuse(old: TcpSocket, route: TcpRoute): boolean {
    const { timeWaitReuse } = this.settings;
    return old.timestamps && (timeWaitReuse === 1 || (timeWaitReuse === 2 && route.isLocal));
  }

  private isBound(port: number): boolean {
    for (const s of this.bound.get(port) ?? []) if (s.boundPort || s.remoteAddress === undefined) return true;
    return false;
  }

  // -------------------------------------------------------------------------------------------------- connections

  private enter(s: TcpSocket): void {
    const key = pairOf(s.localPort, s.remotePort);
    const bucket = this.connections.get(key);
    if (bucket === undefined) this.connections.set(key, [s]);
    else bucket.push(s);
  }

  /** A connection that a listener made. */
  adopt(s: TcpSocket): void {
    this.all.add(s);
    this.hold(s, s.localPort);
    this.enter(s);
  }

  find(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): TcpSocket | undefined {
    const bucket = this.connections.get(pairOf(localPort, remotePort));
    if (bucket === undefined) return undefined;
    for (const s of bucket)
      if (sameAddress(s.localAddress, local) && sameAddress(s.remoteAddress!, remote)) return s;
    return undefined;
  }

  findRequest(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ): Request | undefined {
    if (this.requests.size === 0) return undefined;
    const bucket = this.requests.get(pairOf(localPort, remotePort));
    return bucket?.find((r) => sameAddress(r.localAddress, local) && sameAddress(r.remoteAddress, remote));
  }

  addRequest(request: Request): void {
    const key = pairOf(request.localPort, request.remotePort);
    const bucket = this.requests.get(key);
    if (bucket === undefined) this.requests.set(key, [request]);
    else bucket.push(request);
  }

  removeRequest(request: Request): boolean {
    return removeFrom(this.requests, pairOf(request.localPort, request.remotePort), request);
  }

  requestsOf(listener: Listener): readonly Request[] {
    return [...this.requests.values()].flat().filter((r) => r.listener === listener);
  }

  /** The listener for a new connection: the most specific one. Models: inet_lookup_listener, compute_score. */
  findListener(
    network: TcpNetwork,
    local: IpAddress,
    port: number,
    dev: number,
    hash: number,
  ): TcpSocket | undefined {
    const bucket = this.listeners.get(port);
    if (bucket === undefined) return undefined;
    let best: TcpSocket | undefined;
    let bestScore = -1;
    let equals = 0;
    for (const s of bucket) {
      const any = isAnyAddress(s.localAddress);
      if (s.family !== network.family && !(any && s.family === "inet6" && s.options.v6Only !== true))
        continue;
      if (!any && !sameAddress(s.localAddress, local)) continue;
      if (s.options.device !== undefined && s.options.device !== dev) continue;
      const score = (any ? 0 : 4) + (s.options.device === undefined ? 0 : 4) + (s.family === "inet" ? 1 : 0);
      if (score > bestScore) {
        best = s;
        bestScore = score;
        equals = 1;
      } else if (score === bestScore && s.options.reusePort === true) {
        // SO_REUSEPORT: the listeners share the connections, each pair of endpoints always with the same one.
        equals++;
        if (hash % equals === 0) best = s;
      }
    }
    return best;
  }

  /** Takes a socket out of every list; false when it was in none. */
  forget(s: TcpSocket): boolean {
    const known = this.all.delete(s);
    if (s.localPort !== 0) {
      const owners = this.bound.get(s.localPort);
      owners?.delete(s);
      if (owners?.size === 0) this.bound.delete(s.localPort);
      if (s.remoteAddress !== undefined) removeFrom(this.connections, pairOf(s.localPort, s.remotePort), s);
      if (s.listener !== null) removeFrom(this.listeners, s.localPort, s);
    }
    return known;
  }

  /** What `ss -a` shows: everything that has a port. */
  list(): SocketInfo[] {
    const rows: SocketInfo[] = [];
    for (const s of this.all) if (s.state !== "CLOSED") rows.push(info(s));
    for (const bucket of this.requests.values()) for (const request of bucket) rows.push(halfOpen(request));
    return rows;
  }

  /** The socket with these ends, among those that are listed. */
  lookup(wanted: Pick<SocketInfo, "local" | "remote">): TcpSocket | undefined {
    const key = ({ local, remote }: Pick<SocketInfo, "local" | "remote">): string =>
      JSON.stringify([local, remote ?? null]);
    const asked = key(wanted);
    for (const s of this.all) if (s.state !== "CLOSED" && key(info(s)) === asked) return s;
    return undefined;
  }

  /** The namespace ends. */
  closeAll(): void {
    for (const s of [...this.all]) {
      const before = s.row();
      this.forget(s);
      s.closed = true;
      s.state = "CLOSED";
      s.timers.stop();
      s.journal(before, null);
    }
    for (const request of [...this.requests.values()].flat()) request.timer?.cancel();
    this.requests.clear();
  }
}

function info(s: TcpSocket): SocketInfo {
  const [receiveQueue, sendQueue] = s.queues();
  const remote = s.remote();
  const timer = s.timers.shown();
  const gone = s.state === "TIME-WAIT";
  return {
    kind: s.listener === null ? "tcp" : "tcp-listen",
    ...(s.options.v6Only === true ? { v6Only: true } : {}),
    local: s.local(),
    ...(remote === undefined ? {} : { remote }),
    state: s.state,
    owner: s.closed || gone ? "" : s.owner,
    receiveQueue: gone ? 0 : receiveQueue,
    sendQueue: gone ? 0 : sendQueue,
    ...(timer === undefined ? {} : { timer }),
    ...(s.options.mark === undefined ? {} : { mark: s.options.mark }),
    ...(s.options.device === undefined ? {} : { device: s.options.device }),
    ...(s.listener === null && !gone ? { tcp: s.info() } : {}),
  };
}

/** A connection that its final acknowledgement has not reached. */
function halfOpen(request: Request): SocketInfo {
  return {
    kind: "tcp",
    local: { address: request.localAddress, port: request.localPort },
    remote: { address: request.remoteAddress, port: request.remotePort },
    state: "SYN-RECEIVED",
    owner: "",
    receiveQueue: 0,
    sendQueue: 0,
  };
}

/** Could both be meant by one packet? */
function overlaps(s: TcpSocket, address: IpAddress, other: TcpSocket): boolean {
  const { device } = s.options;
  const { device: otherDevice } = other.options;
  if (device !== undefined && otherDevice !== undefined && device !== otherDevice) return false;
  const anyHere = isAnyAddress(address);
  const anyThere = isAnyAddress(other.localAddress);
  if (s.family !== other.family) {
    const v6 = s.family === "inet6" ? s : other;
    const anyV6 = s.family === "inet6" ? anyHere : anyThere;
    return anyV6 && v6.options.v6Only !== true;
  }
  return anyHere || anyThere || sameAddress(address, other.localAddress);
}

function removeFrom<K, V>(map: Map<K, V[]>, key: K, value: V): boolean {
  const bucket = map.get(key);
  const at = bucket?.indexOf(value) ?? -1;
  if (bucket === undefined || at < 0) return false;
  bucket.splice(at, 1);
  if (bucket.length === 0) map.delete(key);
  return true;
}
