import { err, ok } from "../../base/result.ts";
import { Signal } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import { isLinkLocal6, mappedIpv4 } from "../../wire/address6.ts";
import { ipv4 } from "../../wire/address.ts";
import { formatAddress, type IpAddress, isAnyAddress, isIpv4 } from "../../wire/ip-address.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import type { SocketRow } from "../../trace/rows.ts";
import type { NetDevice } from "../device/device.ts";
import { Key } from "../netfilter/conntrack/tuple.ts";
import { NF_IP } from "../netfilter/hooks.ts";
import type { Netns } from "../netns.ts";
import type {
  Actor,
  Errno,
  KernelResult,
  StreamEndpoint,
  StreamOptions,
  StreamSocket,
  TcpInfo,
  TcpState,
} from "../uapi/index.ts";
import { close, shutdown } from "./close.ts";
import { CongestionWindow } from "./congestion.ts";
import { beginConnect } from "./connect.ts";
import { DelayedAck } from "./delayed-ack.ts";
import { Listener } from "./listener.ts";
import type { TcpNetwork, TcpRoute } from "./network.ts";
import { pushPending, readerTook, syncMss } from "./output.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { RttEstimator } from "./rtt.ts";
import { SendQueue } from "./send-queue.ts";
import { advance, distance } from "./sequence.ts";
import type { TcpTable } from "./table.ts";
import { Timers } from "./timers.ts";

/** Bytes of data that wait unacknowledged before `send` takes no more (net.ipv4.tcp_wmem, as it grows by itself). */
const SEND_BUFFER = 65_536;
/** Where the receive buffer begins (half of tcp_rmem's default, the other half is overhead), and its end. */
const RECEIVE_BUFFER = 65_536;
const MAX_RECEIVE_BUFFER = 16_777_216;

/** States in which the application may still send. */
const SENDING: ReadonlySet<TcpState> = new Set(["ESTABLISHED", "CLOSE-WAIT", "SYN-SENT", "SYN-RECEIVED"]);

/**
 * A stream socket: unconnected, a listener, or a connection with the variables of RFC 9293, section 3.3.1. What a segment
 * does to it is in `input.ts` and `acknowledge.ts`, what it sends in `output.ts`. Models: struct tcp_sock.
 */
export class TcpSocket implements StreamSocket {
  readonly kind = "tcp";
  readonly id: number;
  readonly table: TcpTable;
  readonly by: Actor;
  owner: string;
  readonly family: "inet" | "inet6";
  network: TcpNetwork;
  readonly readable = new Signal();
  readonly writable = new Signal();
  state: TcpState = "CLOSED";
  closed = false;
  options: StreamOptions = {};
  localAddress: IpAddress;
  /** Accepted by a listener of both families, over IPv4. */
  mapped = false;
  localPort = 0;
  /** The application chose the address, the port. */
  boundAddress = false;
  boundPort = false;
  remoteAddress: IpAddress | undefined;
  remotePort = 0;
  listener: Listener | null = null;
  /** SO_ERROR, and what ICMP said that need not be the end. */
  error: Errno | null = null;
  softError: Errno | null = null;

  /** ISS, SND.UNA, SND.NXT, and the number of the next byte that the application writes. */
  iss = 0;
  una = 0;
  nxt = 0;
  written = 0;
  /** SND.WND in bytes, SND.WL1, and the largest window ever offered. */
  sendWindow = 0;
  windowSequence = 0;
  maxWindow = 0;
  sendScale = 0;
  readonly queue = new SendQueue();
  readonly congestion = new CongestionWindow();
  readonly rtt = new RttEstimator();
  duplicateAcks = 0;
  retransmits = 0;
  /** When what is being sent again was first sent. */
  retransmitStamp: Nanos | null = null;
  /** When anything was last sent again. */
  lastRetransmit = 0 as Nanos;
  /** End of the last segment that was sent below the MSS (Nagle). */
  smallEnd = 0;
  /** A probe for a lost tail is under way up to here. */
  tailProbe: number | null = null;
  sendShutdown = false;

  readonly input = new ReceiveQueue();
  readonly delayedAck: DelayedAck;
  /** What RCV.NXT was, and the edge of the window, when the last acknowledgement went out. */
  acked = 0;
  windowEdge = 0;
  receiveScale = 0;
  /** Bytes that the buffer takes, and what the window may show of it yet. */
  capacity = RECEIVE_BUFFER;
  windowLimit = RECEIVE_BUFFER;
  receiveMss = 536;
  receiveShutdown = false;
  /** The peer's FIN was taken in. */
  ended = false;
  private read = 0;

  /** What the peer takes (its MSS option or TCP_MAXSEG), what we send at present, and for which path MTU. */
  peerMss = 536;
  mss = 536;
  pathMtu = 0;
  advertisedMss = 0;
  timestamps = false;
  sack = false;
  recentTimestamp = 0;
  timestampOffset = 0;
  readonly timers: Timers;
  lastHeard: Nanos;
  /** The peer moved on: the next packet on the way to it confirms the neighbour. Models: sk_dst_pending_confirm. */
  confirmPending = false;
  bytesSent = 0;
  bytesAcked = 0;
  bytesReceived = 0;
  retransmitted = 0;

  constructor(table: TcpTable, owner: string, by: Actor, network: TcpNetwork) {
    this.table = table;
    this.owner = owner;
    this.by = by;
    this.network = network;
    this.family = network.family;
    this.localAddress = network.any;
    this.id = table.ns.kernel.nextSocketId();
    this.delayedAck = new DelayedAck(this.now);
    this.lastHeard = this.now;
    this.timers = new Timers(this);
  }

  get ns(): Netns {
    return this.table.ns;
  }

  get now(): Nanos {
    return this.table.ns.kernel.queue.now;
  }

  get device(): NetDevice | undefined {
    return this.options.device === undefined ? undefined : this.ns.device(this.options.device);
  }

  /** The way to the peer as it is now. */
  route(): TcpRoute | Errno {
    return this.network.route({
      dst: this.remoteAddress ?? this.network.any,
      src: isAnyAddress(this.localAddress) ? undefined : this.localAddress,
      device: this.device,
      mark: this.options.mark ?? 0,
      tos: this.options.tos ?? 0,
      sport: this.localPort,
      dport: this.remotePort,
    });
  }

  /** Follows the path MTU as it is now. */
  fitPath(): void {
    const route = this.route();
    if (typeof route !== "string") syncMss(this, route);
  }

  /** Milliseconds since some moment, as RFC 7323, section 5.4 asks. */
  get timestamp(): number {
    return advance(this.timestampOffset, Math.floor(this.now / 1_000_000));
  }

  setOptions(options: StreamOptions): KernelResult<void> {
    if (options.device !== undefined && this.ns.device(options.device) === undefined)
      return err({ errno: "ENODEV" });
    this.options = { ...this.options, ...options };
    if (options.receiveBuffer !== undefined)
      this.capacity = this.windowLimit = Math.max(options.receiveBuffer, 1152);
    return ok();
  }

  bind(local: StreamEndpoint): KernelResult<void> {
    if (this.state !== "CLOSED" || this.localPort !== 0) return err({ errno: "EINVAL" });
    if (!this.network.isLocal(local.address)) return err({ errno: "EADDRNOTAVAIL" });
    return this.table.bind(this, local);
  }

  listen(backlog: number): KernelResult<void> {
    if (this.listener !== null) {
      this.listener.resize(backlog);
      return ok();
    }
    if (this.state !== "CLOSED" || this.closed) return err({ errno: "EINVAL" });
    const bound = this.table.startListening(this);
    if (!bound.ok) return bound;
    this.listener = new Listener(this, backlog);
    return ok();
  }

  accept(owner?: string): KernelResult<TcpSocket | undefined> {
    if (this.listener === null) return err({ errno: "EINVAL" });
    const child = this.listener.take();
    if (child !== undefined) {
      child.owner = owner ?? this.owner;
      child.journal(null, child.row());
    }
    return ok(child);
  }

  connect(remote: StreamEndpoint): KernelResult<void> {
    return beginConnect(this, remote);
  }

  send(bytes: Uint8Array): KernelResult<number> {
    if (this.error !== null) return err({ errno: this.takeError() ?? "EPIPE" });
    if (this.sendShutdown || this.closed || !SENDING.has(this.state)) return err({ errno: "EPIPE" });
    const limit = this.options.sendBuffer ?? Math.max(SEND_BUFFER, 2 * this.congestion.segments * this.mss);
    const room = limit - this.queue.bytes;
    if (room <= 0) return ok(0);
    const part = bytes.length <= room ? bytes : bytes.subarray(0, room);
    if (part.length === 0) return ok(0);
    this.queue.append(this.written, part, this.mss);
    this.written = advance(this.written, part.length);
    if (this.state === "ESTABLISHED" || this.state === "CLOSE-WAIT") pushPending(this, "socket");
    return ok(part.length);
  }

  get hasInput(): boolean {
    if (this.listener !== null) return this.listener.ready;
    return this.input.size > 0 || this.error !== null || this.atEnd;
  }

  private get atEnd(): boolean {
    return this.ended || this.receiveShutdown || this.closed || this.state === "CLOSED";
  }

  receive(max = 65_536): KernelResult<Uint8Array | undefined | null> {
    if (this.listener !== null) return err({ errno: "ENOTCONN" });
    if (this.input.size > 0) {
      const bytes = this.input.read(max);
      this.grew(bytes.length);
      readerTook(this, bytes.length);
      return ok(bytes);
    }
    const errno = this.takeError();
    if (errno !== undefined) return err({ errno });
    if (this.ended || this.receiveShutdown || this.closed) return ok(null);
    if (this.state === "CLOSED") return err({ errno: "ENOTCONN" });
    return ok(undefined);
  }

  /** A reader that keeps up gets a larger buffer. Models: tcp_rcv_space_adjust. */
  private grew(bytes: number): void {
    this.read += bytes;
    if (this.options.receiveBuffer !== undefined || this.read < 2 * this.capacity) return;
    this.capacity = Math.min(2 * this.capacity, MAX_RECEIVE_BUFFER);
    this.read = 0;
  }

  takeError(): Errno | undefined {
    const errno = this.error ?? undefined;
    this.error = null;
    return errno;
  }

  shutdown(how: "read" | "write" | "both"): KernelResult<void> {
    return shutdown(this, how);
  }

  close(): void {
    close(this);
  }

  /** As the program sees it: a socket of IPv6 sees IPv4 as ::ffff:0:0/96, and of a link-local address also the link. */
  private shown(address: IpAddress, port: number): StreamEndpoint {
    if (isIpv4(address)) return { address: this.mapped ? mappedIpv4(address) : address, port };
    if (!isLinkLocal6(address) || isIpv4(this.localAddress)) return { address, port };
    const { ip6 } = this.ns;
    const holder = ip6.own.get(ip6.book.of(this.localAddress))?.[0]?.dev;
    const scope = this.options.device ?? (holder === undefined ? undefined : this.ns.indexOf(holder));
    return { address, port, ...(scope === undefined ? {} : { scope }) };
  }

  local(): StreamEndpoint {
    return this.shown(this.localAddress, this.localPort);
  }

  remote(): StreamEndpoint | undefined {
    return this.remoteAddress === undefined ? undefined : this.shown(this.remoteAddress, this.remotePort);
  }

  /** Models: getorigdst. */
  originalDestination(): KernelResult<StreamEndpoint> {
    const { localAddress, remoteAddress } = this;
    if (remoteAddress === undefined) return err({ errno: "ENOTCONN" });
    if (!isIpv4(localAddress) || !isIpv4(remoteAddress)) return err({ errno: "ENOPROTOOPT" });
    const key = new Key();
    key.family = NF_IP;
    key.protocol = IPPROTO_TCP;
    key.src = localAddress;
    key.sport = this.localPort;
    key.dst = remoteAddress;
    key.dport = this.remotePort;
    const found = this.ns.netfilter.conntrack.find(key);
    if (found === null) return err({ errno: "ENOENT" });
    const { dst, dport } = found.ct.original;
    return ok({ address: ipv4(dst), port: dport });
  }

  /** Goes to another state and says so in the journal. */
  enter(state: TcpState): void {
    if (state === this.state) return;
    const before = this.row();
    this.state = state;
    this.journal(before, this.row());
  }

  /** Both who read and who write shall look. */
  wake(): void {
    this.readable.fire();
    this.writable.fire();
  }

  /** The connection is over; who still holds the socket finds `errno`. Models: tcp_done, tcp_reset. */
  finish(errno: Errno | null): void {
    if (errno !== null) this.error = errno;
    const before = this.row();
    const wasListed = this.table.forget(this);
    this.state = "CLOSED";
    this.sendShutdown = true;
    this.timers.stop();
    this.queue.clear();
    if (this.closed) {
      if (wasListed) this.journal(before, null);
    } else this.journal(before, this.row());
    this.wake();
  }

  row(): SocketRow {
    const text = (address: IpAddress, port: number): string =>
      typeof address === "number"
        ? `${formatAddress(address)}:${port}`
        : `[${formatAddress(address)}]:${port}`;
    return {
      kind: this.listener === null ? "tcp" : "tcp-listen",
      local: text(this.localAddress, this.localPort),
      ...(this.remoteAddress === undefined ? {} : { remote: text(this.remoteAddress, this.remotePort) }),
      state: this.state,
      owner: this.owner,
    };
  }

  journal(before: SocketRow | null, after: SocketRow | null): void {
    this.ns.kernel.trace?.change(
      "socket",
      this.ns.id,
      String(this.id),
      before,
      after,
      this.by.name,
      this.by.detail ?? "",
    );
  }

  info(): TcpInfo {
    return {
      mss: this.mss,
      pathMtu: this.pathMtu,
      receiveMss: this.receiveMss,
      advertisedMss: this.advertisedMss,
      congestionWindow: this.congestion.segments,
      slowStartThreshold: this.congestion.slowStartThreshold,
      rtt: this.rtt.smoothed,
      rttVariance: this.rtt.variance,
      rto: this.rtt.timeout,
      backoff: this.rtt.backoff,
      unacked: this.queue.sent,
      retransmitted: this.retransmitted,
      timestamps: this.timestamps,
      sack: this.sack,
      sendScale: this.sendScale,
      receiveScale: this.receiveScale,
      bytesSent: this.bytesSent,
      bytesAcked: this.bytesAcked,
      bytesReceived: this.bytesReceived,
    };
  }

  /** Bytes that wait for the reader, and bytes that are not acknowledged, as `ss` counts them. */
  queues(): readonly [receive: number, send: number] {
    if (this.listener !== null) return [this.listener.waiting, this.listener.backlog];
    return [this.input.size, Math.max(0, distance(this.written, this.una))];
  }
}
