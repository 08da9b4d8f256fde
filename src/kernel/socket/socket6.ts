import { err, ok } from "../../base/result.ts";
import { Signal } from "../../sim/task.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { NetDevice } from "../device/device.ts";
import { isOwn } from "../ipv6/fib6-change.ts";
import { hopLimitOf } from "../ipv6/icmp-send.ts";
import type { Inet6 } from "../ipv6/inet6.ts";
import { type Addr6, ANY6 } from "../ipv6/intern.ts";
import { flowLabel, ip6LocalOut, pushHeader6 } from "../ipv6/output.ts";
import { type OutputRoute6, routeOutput6, traceOutput6 } from "../ipv6/route.ts";
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
import type { SocketTable6 } from "./table6.ts";

/** SO_RCVBUF's default, net.core.rmem_default, in bytes with overhead. */
const RECEIVE_BUFFER = 212_992;
const OVERHEAD = 704;

/** The far end of a connected socket. */
export interface Peer6Endpoint {
  readonly address: Addr6;
  readonly port: number;
}

/** What a datagram carries of its own. */
export interface Outgoing6 {
  readonly to: Addr6;
  readonly port: number;
  readonly route: OutputRoute6;
  readonly hopLimit: number | undefined;
}

/** What UDP and raw sockets over IPv6 have in common. Models: struct ipv6_pinfo, net/ipv6/datagram.c, ipv6_sockglue.c. */
export abstract class Inet6Socket implements DatagramSocket<Ipv6> {
  abstract readonly kind: "udp" | "icmp";
  abstract readonly protocol: number;
  readonly id: number;
  readonly ns: Netns;
  readonly ip6: Inet6;
  readonly owner: string;
  readonly by: Actor;
  readonly readable = new Signal();
  closed = false;
  options: SocketOptions = {};
  source: Addr6 = ANY6;
  port = 0;
  peer: Peer6Endpoint | undefined;
  /** Pending SO_ERROR. */
  pending: Errno | null = null;
  protected readonly queue: Datagram<Ipv6>[] = [];
  protected readonly errors: SocketError<Ipv6>[] = [];
  private queued = 0;
  protected readonly table: SocketTable6;

  constructor(table: SocketTable6, owner: string, by: Actor) {
    this.table = table;
    this.ip6 = table.ip6;
    this.ns = table.ip6.ns;
    this.owner = owner;
    this.by = by;
    this.id = this.ns.kernel.nextSocketId();
  }

  get isV6Only(): boolean {
    return this.options.v6Only ?? this.ip6.settings.bindV6Only !== 0;
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

  /** A link-local address needs a link. Models: __inet6_bind. */
  bind(local: Endpoint<Ipv6>): KernelResult<void> {
    const { book } = this.ip6;
    const address = book.of(local.address);
    if (book.isLinkLocal(address)) {
      if (local.scope !== undefined) this.options = { ...this.options, device: local.scope };
      if (this.options.device === undefined) return err({ errno: "EINVAL" });
    }
    if (address !== ANY6 && !book.isMulticast(address) && !isOwn(this.ip6, address))
      return err({ errno: "EADDRNOTAVAIL" });
    return this.table.bind(this, address, local.port);
  }

  connect(remote: Endpoint<Ipv6>): KernelResult<void> {
    const { book } = this.ip6;
    const to = book.of(remote.address);
    const device = this.deviceFor(remote, to);
    if (device === "EINVAL" || (device === undefined && book.isLinkLocal(to)))
      return err({ errno: "EINVAL" });
    const route = this.route(to, remote.port, device);
    if (typeof route === "string") return err({ errno: route });
    if (route.source === ANY6) return err({ errno: "EADDRNOTAVAIL" });
    const before = this.row();
    if (device !== undefined && book.needsDevice(to))
      this.options = { ...this.options, device: this.ns.indexOf(device) };
    if (this.source === ANY6) this.source = route.source;
    this.peer = { address: to === ANY6 ? route.source : to, port: remote.port };
    if (this.port === 0) {
      const bound = this.table.bind(this, this.source, 0);
      if (!bound.ok) return bound;
    }
    this.table.journal(this, before, this.row());
    return ok();
  }

  /** The device that a destination's scope, or the socket, names; they must not contradict each other. */
  private deviceFor(remote: Endpoint<Ipv6>, to: Addr6): NetDevice | undefined | "EINVAL" {
    const scope = this.ip6.book.needsDevice(to) ? remote.scope : undefined;
    if (scope === undefined) return this.device;
    if (this.options.device !== undefined && this.options.device !== scope) return "EINVAL";
    return this.ns.device(scope) ?? "EINVAL";
  }

  private route(
    to: Addr6,
    port: number,
    device: NetDevice | undefined,
  ): OutputRoute6 | "ENETUNREACH" | "EHOSTUNREACH" | "EACCES" | "EINVAL" {
    return routeOutput6(this.ns, {
      dst: to,
      src: this.ip6.book.isMulticast(this.source) ? ANY6 : this.source,
      oif: device,
      strict: device !== undefined,
      mark: this.options.mark,
      tos: this.options.tos,
      protocol: this.protocol,
      sport: this.port,
      dport: port,
    });
  }

  send(bytes: Uint8Array, to?: Endpoint<Ipv6>, options?: SendOptions): KernelResult<void> {
    if (this.closed) return err({ errno: "EPIPE" });
    if (this.pending !== null) {
      const errno = this.pending;
      this.pending = null;
      return err({ errno });
    }
    const target = to === undefined ? this.peer?.address : this.ip6.book.of(to.address);
    if (target === undefined) return err({ errno: "EINVAL" });
    const port = to?.port ?? this.peer?.port ?? 0;
    const device = to === undefined ? this.device : this.deviceFor(to, target);
    if (device === "EINVAL") return err({ errno: "EINVAL" });
    const route = this.route(target, port, device);
    if (typeof route === "string") return err({ errno: route });
    if (options?.confirm === true) route.dev.in6.neighbours.get(route.nexthop)?.confirm();
    const dst = target === ANY6 ? route.source : target;
    return this.transmit(bytes, { to: dst, port, route, hopLimit: options?.ttl });
  }

  /** Builds the packet above IPv6 and sends it. */
  protected abstract transmit(bytes: Uint8Array, out: Outgoing6): KernelResult<void>;

  /**
   * Sends what is in `skb` (transport header first) along the route, as IPV6_MTU_DISCOVER says; `checksum` is told where
   * the transport header stands once the addresses do. Models: ip6_append_data, ip6_make_skb.
   */
  protected sendIp(skb: Skb, out: Outgoing6, checksum: (at: number) => void): KernelResult<void> {
    const { route } = out;
    const mode = this.options.mtuDiscover ?? "want";
    const limit = mode === "probe" || mode === "interface" ? route.dev.in6.mtu : route.mtu;
    const length = skb.length + 40;
    if (((mode === "do" || mode === "probe") && length > limit) || length > 65535 + 40) {
      this.localError(length > 65575 ? route.mtu : limit, out, skb);
      this.ns.kernel.drop(this.ns, null, skb, "PKT_TOO_BIG", "ip6_append_data");
      return err({ errno: "EMSGSIZE" });
    }
    skb.mark = this.options.mark ?? 0;
    skb.bound = this.device ?? null;
    traceOutput6(this.ns, skb, out.to, route);
    const group = route.type === "multicast";
    pushHeader6(this.ns, skb, route.source, out.to, {
      nextHeader: this.protocol,
      hopLimit: out.hopLimit ?? this.options.ttl ?? (group ? 1 : hopLimitOf(route)),
      trafficClass: this.options.tos ?? 0,
      flowLabel: flowLabel(this.ns, route.source, out.to, this.protocol, (this.port << 16) ^ out.port),
    });
    checksum(skb.net + 40);
    const result = ip6LocalOut(this.ns, skb, route);
    if (result === 0) return ok();
    if (result === "ENOBUFS" && this.options.receiveErrors !== true) return ok();
    return err({ errno: result });
  }

  /** Takes in a datagram, unless the receive buffer is full. */
  deliver(datagram: Datagram<Ipv6>): boolean {
    const size = datagram.bytes.length + OVERHEAD;
    if (this.queued + size > RECEIVE_BUFFER) return false;
    this.queued += size;
    this.queue.push(datagram);
    this.readable.fire();
    return true;
  }

  /** An ICMPv6 error about a packet of this socket. `hard`: it also fails the next call. */
  fail(error: SocketError<Ipv6>, hard: boolean): void {
    if (this.options.receiveErrors === true) this.errors.push(error);
    if (hard || this.options.receiveErrors === true) this.pending = error.errno;
    this.readable.fire();
  }

  private localError(mtu: number, out: Outgoing6, skb: Skb): void {
    if (this.options.receiveErrors !== true) return;
    this.errors.push({
      errno: "EMSGSIZE",
      origin: "local",
      type: 0,
      code: 0,
      info: mtu,
      to: { address: this.ip6.book.groups(out.to), port: out.port },
      bytes: skb.buf.slice(skb.data, skb.end),
      time: this.ns.kernel.queue.now,
    });
  }

  receive(): KernelResult<Datagram<Ipv6> | undefined> {
    if (this.pending !== null) {
      const errno = this.pending;
      this.pending = null;
      return err({ errno });
    }
    const datagram = this.queue.shift();
    if (datagram !== undefined) this.queued -= datagram.bytes.length + OVERHEAD;
    return ok(datagram);
  }

  receiveError(): SocketError<Ipv6> | undefined {
    const error = this.errors.shift();
    if (error !== undefined && this.errors.length === 0) this.pending = null;
    return error;
  }

  local(): Endpoint<Ipv6> {
    return { address: this.ip6.book.groups(this.source), port: this.port };
  }

  remote(): Endpoint<Ipv6> | undefined {
    if (this.peer === undefined) return undefined;
    return { address: this.ip6.book.groups(this.peer.address), port: this.peer.port };
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
    const text = (address: Addr6, port: number): string => `[${this.ip6.book.text(address)}]:${port}`;
    return {
      kind: this.kind,
      local: text(this.source, this.port),
      ...(this.peer === undefined ? {} : { remote: text(this.peer.address, this.peer.port) }),
      owner: this.owner,
    };
  }
}
