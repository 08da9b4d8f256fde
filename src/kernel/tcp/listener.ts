import type { Timer } from "../../sim/queue.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import type { IpAddress } from "../../wire/ip-address.ts";
import { TCP_ACK, TCP_RST, TCP_SYN, tcpDestPort, tcpSourcePort, writeTcpHeader } from "../../wire/tcp.ts";
import type { Skb } from "../skb.ts";
import { segmentArrives, type Verdict } from "./input.ts";
import type { TcpNetwork, TcpRoute } from "./network.ts";
import { announcedMss, initialWindow, RECEIVE_SCALE, sendActiveReset } from "./output.ts";
import { resetSegment } from "./reset.ts";
import { initialSequence, timestampOffset } from "./secret.ts";
import { type Segment, writeSynOptions } from "./segment.ts";
import { advance, after, before } from "./sequence.ts";
import { TcpSocket } from "./socket.ts";

/** A half-open connection: SYN came, SYN-ACK went. Models: struct tcp_request_sock. */
export interface Request {
  readonly listener: Listener;
  readonly network: TcpNetwork;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly irs: number;
  readonly iss: number;
  readonly peerMss: number;
  /** -1: the peer does not scale. */
  readonly peerScale: number;
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly timestampOffset: number;
  recentTimestamp: number;
  advertisedMss: number;
  window: number;
  sentAt: Nanos;
  retransmits: number;
  /** The final acknowledgement came while the accept queue was full. */
  acknowledged: boolean;
  timer: Timer | null;
}

/** What a listening socket keeps: the connections that stand and wait for accept(2). Models: struct request_sock_queue. */
export class Listener {
  private readonly s: TcpSocket;
  private readonly accepted: TcpSocket[] = [];
  private halfOpen = 0;
  /** As `ss` shows it. */
  backlog = 0;

  constructor(socket: TcpSocket, backlog: number) {
    this.s = socket;
    this.resize(backlog);
  }

  resize(backlog: number): void {
    const most = this.s.table.settings.somaxconn;
    this.backlog = backlog < 0 || backlog > most ? most : backlog;
  }

  get ready(): boolean {
    return this.accepted.length > 0;
  }

  get waiting(): number {
    return this.accepted.length;
  }

  private get full(): boolean {
    return this.accepted.length > this.backlog;
  }

  take(): TcpSocket | undefined {
    return this.accepted.shift();
  }

  /** A segment that belongs to no connection yet. Models: the LISTEN arm of tcp_rcv_state_process, tcp_conn_request. */
  segmentArrives(network: TcpNetwork, segment: Segment, skb: Skb): Verdict {
    if (segment.has(TCP_RST)) return "TCP_RESET";
    if (segment.has(TCP_ACK)) {
      resetSegment(this.s.table, network, skb, segment);
      return "TCP_FLAGS";
    }
    if (!segment.has(TCP_SYN)) return "TCP_FLAGS";
    if (!network.isUnicast(skb)) return "TCP_FLAGS";
    if (this.full || this.halfOpen > Math.min(this.backlog, this.s.table.settings.maxSynBacklog))
      return "TCP_LISTEN_OVERFLOW";
    const request = this.newRequest(network, segment, skb);
    this.halfOpen++;
    this.s.table.addRequest(request);
    this.answer(request, seconds(1));
    return null;
  }

  private newRequest(network: TcpNetwork, segment: Segment, skb: Skb): Request {
    const { settings, secret } = this.s.table;
    const ends = {
      localAddress: network.destination(skb),
      localPort: tcpDestPort(skb.buf, skb.data),
      remoteAddress: network.source(skb),
      remotePort: tcpSourcePort(skb.buf, skb.data),
    };
    return {
      listener: this,
      network,
      ...ends,
      irs: segment.sequence,
      iss: initialSequence(secret, ends, this.s.now),
      peerMss: segment.mss === 0 ? 536 : segment.mss,
      peerScale: settings.windowScaling !== 0 ? segment.scale : -1,
      sack: settings.sack !== 0 && segment.sackPermitted,
      timestamps: settings.timestamps !== 0 && segment.hasTimestamp,
      timestampOffset: timestampOffset(secret, ends),
      recentTimestamp: segment.timestamp,
      advertisedMss: 0,
      window: 0,
      sentAt: this.s.now,
      retransmits: 0,
      acknowledged: false,
      timer: null,
    };
  }

  /** Sends the SYN-ACK, and again after `wait`, doubled each time. Models: tcp_v4_send_synack, reqsk_timer_handler. */
  private answer(request: Request, wait: Nanos): void {
    this.sendSynAck(request);
    request.timer = this.s.ns.kernel.queue.after(wait, () => {
      request.timer = null;
      if (request.retransmits >= this.s.table.settings.synackRetries) {
        this.dropRequest(request);
        return;
      }
      request.retransmits++;
      this.answer(request, (2 * wait) as Nanos);
    });
  }

  private routeOf(request: Request): TcpRoute | undefined {
    const route = request.network.route({
      dst: request.remoteAddress,
      src: request.localAddress,
      device: this.s.device,
      mark: this.s.options.mark ?? 0,
      tos: this.s.options.tos ?? 0,
      sport: request.localPort,
      dport: request.remotePort,
    });
    return typeof route === "string" ? undefined : route;
  }

  private sendSynAck(request: Request): void {
    const { s } = this;
    const route = this.routeOf(request);
    if (route === undefined) return;
    request.advertisedMss = announcedMss(s, route);
    request.window = initialWindow(s.capacity, request.advertisedMss - (request.timestamps ? 12 : 0));
    const skb = s.ns.kernel.alloc(s.ns, 60, "tcp", s.owner);
    const options = writeSynOptions(skb.buf, skb.data + 20, {
      mss: request.advertisedMss,
      scale: request.peerScale < 0 ? undefined : RECEIVE_SCALE,
      sack: request.sack,
      timestamp: request.timestamps
        ? advance(request.timestampOffset, Math.floor(s.now / 1_000_000))
        : undefined,
      echo: request.recentTimestamp,
    });
    const { localPort, remotePort, iss, irs, window } = request;
    const flags = TCP_SYN | TCP_ACK;
    writeTcpHeader(
      skb.buf,
      skb.data,
      localPort,
      remotePort,
      iss,
      advance(irs, 1),
      flags,
      window,
      20 + options,
    );
    skb.end = skb.data + 20 + options;
    skb.mark = s.options.mark ?? 0;
    request.sentAt = s.now;
    skb.socket = s.id;
    route.send(skb, { ttl: s.options.ttl, tos: s.options.tos ?? 0, dontFragment: true });
  }

  dropRequest(request: Request): void {
    request.timer?.cancel();
    request.timer = null;
    if (this.s.table.removeRequest(request)) this.halfOpen--;
  }

  /** A segment of a half-open connection. Models: tcp_check_req. */
  requestSegment(request: Request, segment: Segment, skb: Skb): Verdict {
    const expected = advance(request.irs, 1);
    if (segment.has(TCP_SYN) && !segment.has(TCP_ACK) && segment.sequence === request.irs) {
      this.sendSynAck(request);
      return null;
    }
    const end = advance(expected, request.window);
    if (before(segment.end, expected) || after(segment.sequence, end)) {
      if (!segment.has(TCP_RST)) this.sendSynAck(request);
      return "TCP_INVALID_SEQUENCE";
    }
    if (segment.has(TCP_RST) || segment.has(TCP_SYN)) {
      this.dropRequest(request);
      return segment.has(TCP_RST) ? "TCP_RESET" : "TCP_INVALID_SYN";
    }
    if (!segment.has(TCP_ACK)) return "TCP_FLAGS";
    if (segment.ack !== advance(request.iss, 1)) {
      resetSegment(this.s.table, request.network, skb, segment);
      return "TCP_INVALID_ACK_SEQUENCE";
    }
    if (this.full) {
      if (this.s.table.settings.abortOnOverflow !== 0) {
        resetSegment(this.s.table, request.network, skb, segment);
        this.dropRequest(request);
      } else request.acknowledged = true;
      return "TCP_LISTEN_OVERFLOW";
    }
    const child = this.establish(request, segment);
    this.accepted.push(child);
    const verdict = segmentArrives(child, segment, skb);
    this.s.readable.fire();
    return verdict;
  }

  /** Models: tcp_v4_syn_recv_sock, tcp_create_openreq_child. */
  private establish(request: Request, segment: Segment): TcpSocket {
    const { s } = this;
    this.dropRequest(request);
    const child = new TcpSocket(s.table, s.owner, s.by, request.network);
    child.mapped = s.family === "inet6" && request.network.family === "inet";
    child.options = s.options;
    child.capacity = s.capacity;
    child.localAddress = request.localAddress;
    child.localPort = request.localPort;
    child.remoteAddress = request.remoteAddress;
    child.remotePort = request.remotePort;
    child.boundPort = s.boundPort;
    child.iss = request.iss;
    child.una = child.nxt = child.written = advance(request.iss, 1);
    child.input.next = child.acked = advance(request.irs, 1);
    child.windowLimit = request.window;
    child.windowEdge = advance(child.input.next, request.window);
    child.windowSequence = segment.sequence;
    child.advertisedMss = request.advertisedMss;
    child.peerMss = request.peerMss;
    child.timestamps = request.timestamps;
    child.sack = request.sack;
    child.receiveScale = request.peerScale < 0 ? 0 : RECEIVE_SCALE;
    child.sendScale = Math.max(request.peerScale, 0);
    child.recentTimestamp = request.recentTimestamp;
    child.timestampOffset = request.timestampOffset;
    child.sendWindow = child.maxWindow = segment.window << child.sendScale;
    if (request.retransmits === 0) child.rtt.sample((s.now - request.sentAt) as Nanos);
    s.table.adopt(child);
    child.state = "ESTABLISHED";
    child.fitPath();
    child.timers.armKeepAlive();
    child.journal(null, child.row());
    return child;
  }

  /** The listener goes: half-open connections are forgotten, waiting ones reset. Models: inet_csk_listen_stop. */
  close(): void {
    for (const request of this.s.table.requestsOf(this)) this.dropRequest(request);
    for (const child of this.accepted.splice(0)) {
      sendActiveReset(child);
      child.closed = true;
      child.finish(null);
    }
  }
}
