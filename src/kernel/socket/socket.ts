import { err, ok } from "../../base/result.ts";
import { Signal } from "../../sim/task.ts";
import { formatIpv4, type Ipv4, isMulticast } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { type OutputKey, type OutputRoute, routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type {
  Actor,
  Datagram,
  DatagramSocket,
  Endpoint,
  Errno,
  KernelResult,
  SendOptions,
  SocketError,
  SocketOptions,
} from "../uapi/index.ts";
import type { SocketTable } from "./table.ts";

/** SO_RCVBUF's default, net.core.rmem_default, in bytes with overhead. */
const RECEIVE_BUFFER = 212_992;
const OVERHEAD = 704;
const ANY: Endpoint = { address: 0 as Ipv4, port: 0 };

/** What UDP and raw sockets have in common. Models: struct inet_sock, net/ipv4/datagram.c, ip_sockglue.c. */
export abstract class InetSocket implements DatagramSocket {
  abstract readonly kind: "udp" | "icmp";
  abstract readonly protocol: number;
  readonly id: number;
  readonly ns: Netns;
  readonly owner: string;
  readonly by: Actor;
  readonly readable = new Signal();
  closed = false;
  options: SocketOptions = {};
  source: Endpoint = ANY;
  peer: Endpoint | undefined;
  /** Pending SO_ERROR. */
  pending: Errno | null = null;
  protected readonly queue: Datagram[] = [];
  protected readonly errors: SocketError[] = [];
  private queued = 0;
  private readonly table: SocketTable;

  constructor(table: SocketTable, owner: string, by: Actor) {
    this.table = table;
    this.ns = table.ns;
    this.owner = owner;
    this.by = by;
    this.id = table.ns.kernel.nextSocketId();
  }

  setOptions(options: SocketOptions): KernelResult<void> {
    if (options.device !== undefined && this.ns.device(options.device) === undefined)
      return err({ errno: "ENODEV" });
    this.options = { ...this.options, ...options };
    return ok();
  }

  get device(): NetDevice | undefined {
    return this.options.device === undefined ? undefined : this.ns.device(this.options.device);
  }

  bind(local: Endpoint): KernelResult<void> {
    if (local.address !== 0 && !isMulticast(local.address)) {
      const type = this.ns.fib.addressType(local.address);
      const foreign = type !== "local" && type !== "broadcast";
      if (foreign && this.ns.ipv4.nonlocalBind === 0) return err({ errno: "EADDRNOTAVAIL" });
    }
    return this.table.bind(this, local);
  }

  connect(remote: Endpoint): KernelResult<void> {
    const src = this.source.address === 0 ? undefined : this.source.address;
    const route = routeOutput(this.ns, this.key(remote, src));
    if (typeof route === "string") return err({ errno: route });
    if (route.type === "broadcast" && this.options.broadcast !== true) return err({ errno: "EACCES" });
    const before = this.row();
    if (this.source.address === 0) this.source = { address: route.source, port: this.source.port };
    this.peer = { address: remote.address === 0 ? route.source : remote.address, port: remote.port };
    if (this.source.port === 0) {
      const bound = this.table.bind(this, this.source);
      if (!bound.ok) return bound;
    }
    this.table.journal(this, before, this.row());
    return ok();
  }

  send(bytes: Uint8Array, to?: Endpoint, options?: SendOptions): KernelResult<void> {
    if (this.closed) return err({ errno: "EPIPE" });
    // A raw socket allocates its packets without asking for the pending error (ip_append_data).
    if (this.pending !== null && this.kind === "udp") {
      const errno = this.pending;
      this.pending = null;
      return err({ errno });
    }
    const target = to ?? this.peer;
    if (target === undefined) return err({ errno: "EINVAL" });
    const src =
      this.source.address === 0 || isMulticast(this.source.address) ? undefined : this.source.address;
    const route = routeOutput(this.ns, this.key(target, src, bytes));
    if (typeof route === "string") return err({ errno: route });
    if (route.type === "broadcast" && this.options.broadcast !== true) return err({ errno: "EACCES" });
    const dst = target.address === 0 ? route.source : target.address;
    if (options?.confirm === true) route.dev.neighbours.get(route.nexthop)?.confirm();
    return this.transmit(bytes, { address: dst, port: target.port }, route, options?.ttl);
  }

  /** What the route to `to` is looked up for. */
  private key(to: Endpoint, src: Ipv4 | undefined, bytes?: Uint8Array): OutputKey {
    const ported = this.kind === "udp";
    // Type and code of what goes out stand for the ports. Models: raw_probe_proto_opt.
    return {
      dst: to.address,
      src,
      oif: this.device,
      mark: this.options.mark,
      tos: this.options.tos,
      protocol: this.protocol,
      sport: ported ? this.source.port : (bytes?.[0] ?? 0),
      dport: ported ? to.port : (bytes?.[1] ?? 0),
    };
  }

  /** Builds the packet above IP and sends it. */
  protected abstract transmit(
    bytes: Uint8Array,
    to: Endpoint,
    route: OutputRoute,
    ttl: number | undefined,
  ): KernelResult<void>;

  /** Sends what is in `skb` (transport header first) along the route, as IP_MTU_DISCOVER says. */
  protected sendIp(skb: Skb, to: Endpoint, route: OutputRoute, ttl: number | undefined): KernelResult<void> {
    const mode = this.options.mtuDiscover ?? (this.ns.ipv4.noPmtuDisc === 0 ? "want" : "dont");
    const limit = mode === "probe" || mode === "interface" ? route.dev.mtu : route.mtu;
    const length = skb.length + 20;
    const strict = mode === "do" || mode === "probe";
    if (strict && length > limit) {
      this.localError("EMSGSIZE", limit, to, skb);
      this.ns.kernel.drop(this.ns, null, skb, "PKT_TOO_BIG", "ip_append_data");
      return err({ errno: "EMSGSIZE" });
    }
    if (length > 65535) {
      this.localError("EMSGSIZE", route.mtu, to, skb);
      this.ns.kernel.drop(this.ns, null, skb, "PKT_TOO_BIG", "ip_append_data");
      return err({ errno: "EMSGSIZE" });
    }
    const dontFragment = strict || (mode === "want" && length <= route.mtu && !route.mtuLocked);
    skb.mark = this.options.mark ?? 0;
    skb.socket = this.id;
    skb.bound = this.device ?? null;
    traceOutput(this.ns, skb, to.address, route);
    const group = route.type === "multicast";
    const header = {
      protocol: this.protocol,
      ttl: ttl ?? this.options.ttl ?? (group ? 1 : this.ns.ipv4.defaultTtl),
      tos: this.options.tos ?? 0,
      dontFragment,
    };
    const result = ipLocalOut(this.ns, skb, route, to.address, header);
    if (result === 0) return ok();
    // Without IP_RECVERR a full queue is not the sender's trouble (raw_sendmsg, udp_send_skb).
    if (result === "ENOBUFS" && this.options.receiveErrors !== true) return ok();
    return err({ errno: result });
  }

  /** Takes in a datagram, unless the receive buffer is full. */
  deliver(datagram: Datagram): boolean {
    const size = datagram.bytes.length + OVERHEAD;
    if (this.queued + size > RECEIVE_BUFFER) return false;
    this.queued += size;
    this.queue.push(datagram);
    this.readable.fire();
    return true;
  }

  /** An ICMP error about a packet of this socket. `hard`: it also fails the next call. */
  fail(error: SocketError, hard: boolean): void {
    if (this.options.receiveErrors === true) this.errors.push(error);
    if (hard || this.options.receiveErrors === true) this.pending = error.errno;
    this.readable.fire();
  }

  private localError(errno: Errno, info: number, to: Endpoint, skb: Skb): void {
    if (this.options.receiveErrors !== true) return;
    const bytes = skb.buf.slice(skb.data, skb.end);
    this.errors.push({
      errno,
      origin: "local",
      type: 0,
      code: 0,
      info,
      to,
      bytes,
      time: this.ns.kernel.queue.now,
    });
  }

  receive(): KernelResult<Datagram | undefined> {
    if (this.pending !== null) {
      const errno = this.pending;
      this.pending = null;
      return err({ errno });
    }
    const datagram = this.queue.shift();
    if (datagram !== undefined) this.queued -= datagram.bytes.length + OVERHEAD;
    return ok(datagram);
  }

  receiveError(): SocketError | undefined {
    const error = this.errors.shift();
    if (error !== undefined && this.errors.length === 0) this.pending = null;
    return error;
  }

  local(): Endpoint {
    return this.source;
  }

  remote(): Endpoint | undefined {
    return this.peer;
  }

  get receiveQueue(): number {
    return this.queued;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.table.remove(this);
    this.readable.fire();
  }

  row(): { kind: string; local: string; remote?: string; owner: string } {
    const text = (e: Endpoint): string => `${formatIpv4(e.address)}:${e.port}`;
    return {
      kind: this.kind,
      local: text(this.source),
      ...(this.peer === undefined ? {} : { remote: text(this.peer) }),
      owner: this.owner,
    };
  }
}
