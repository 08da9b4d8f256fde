import type { OriginName } from "../../trace/record.ts";
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, writeTcpHeader } from "../../wire/tcp.ts";
import type { TcpRoute } from "./network.ts";
import { writeOptions, writeSynOptions } from "./segment.ts";
import { endOf, type OutSegment } from "./send-queue.ts";
import { advance, after, before, distance } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";

const HEADER = 20;
const TIMESTAMPS = 12;
/** Room for the longest options. */
const MAX_OPTIONS = 40;
/** tcp_rmem's third number decides the scale: the largest window that could ever be shown. */
const LARGEST_BUFFER = 33_554_432;
const MAX_WINDOW = 65_535;

/** The window of the first segment: whole segments of `mss` up to 64 KiB. Models: tcp_select_initial_window. */
export function initialWindow(space: number, mss: number): number {
  const limit = Math.min(space, MAX_WINDOW);
  return limit > mss ? limit - (limit % mss) : limit;
}

/** The shift of our window: the largest buffer must show in 16 bits. */
export const RECEIVE_SCALE = Math.floor(Math.log2(LARGEST_BUFFER)) - 15;

/** Which MSS to announce on this way. Models: tcp_connect_init, tcp_advertise_mss. */
export function announcedMss(s: TcpSocket, route: TcpRoute): number {
  const { maxSegment } = s.options;
  return maxSegment === undefined ? route.advmss : Math.min(maxSegment, route.advmss);
}

/** Follows the path MTU: the MSS is what fits, less the options of every segment. Models: tcp_sync_mss, tcp_current_mss. */
export function syncMss(s: TcpSocket, route: TcpRoute): void {
  const mode = s.options.mtuDiscover;
  const mtu = mode === "probe" || mode === "interface" ? route.dev.mtu : route.mtu;
  s.pathMtu = mtu;
  const fits = Math.min(mtu - s.network.headerLength - HEADER, s.peerMss, s.options.maxSegment ?? MAX_WINDOW);
  s.mss = Math.max(fits - (s.timestamps ? TIMESTAMPS : 0), s.table.settings.minSendMss);
}

/** The window to show, in bytes; what was shown is not taken back. Models: __tcp_select_window. */
function selectWindow(s: TcpSocket): number {
  const current = Math.max(0, distance(s.windowEdge, s.input.next));
  const unit = 1 << s.receiveScale;
  const held = current - (current % unit);
  const free = s.capacity - s.input.size - s.input.gapBytes;
  const mss = Math.min(s.advertisedMss, s.capacity);
  let window = Math.min(free, s.windowLimit);
  if (free < s.capacity >> 4 || free < Math.min(mss, s.receiveMss)) window = 0;
  if (s.receiveScale > 0) window = Math.ceil(window / unit) * unit;
  else if (window <= current - mss || window > free) window = Math.floor(free / mss) * mss;
  else window = Math.max(window, 0);
  return Math.max(window, held);
}

/** The window field of a segment; what it shows is remembered. Models: tcp_select_window. */
function showWindow(s: TcpSocket, flags: number): number {
  if ((flags & TCP_RST) !== 0) return 0;
  if ((flags & TCP_SYN) !== 0) {
    // A SYN's window is not scaled (RFC 7323, section 2.2).
    const first = Math.min(s.windowLimit, MAX_WINDOW);
    s.windowEdge = advance(s.input.next, first);
    return first;
  }
  const bytes = selectWindow(s);
  const edge = advance(s.input.next, bytes);
  if (after(edge, s.windowEdge)) s.windowEdge = edge;
  return Math.min(bytes >> s.receiveScale, MAX_WINDOW);
}

/** Writes the options of a segment at `o`; answers their length. */
function putOptions(s: TcpSocket, b: Uint8Array, o: number, syn: boolean): number {
  const timestamp = s.timestamps ? s.timestamp : undefined;
  if (!syn)
    return writeOptions(
      b,
      o,
      timestamp,
      s.recentTimestamp,
      s.sack && s.input.hasGap ? s.input.sackBlocks() : [],
    );
  return writeSynOptions(b, o, {
    mss: s.advertisedMss,
    scale: s.receiveScale > 0 ? s.receiveScale : undefined,
    sack: s.sack,
    timestamp,
    echo: s.recentTimestamp,
  });
}

/** One segment goes out. False when there is no way. Models: __tcp_transmit_skb. */
export function emit(
  s: TcpSocket,
  sequence: number,
  flags: number,
  bytes: Uint8Array | null,
  origin: OriginName,
  known?: TcpRoute,
): boolean {
  const route = known ?? s.route();
  if (typeof route === "string") {
    s.softError = route;
    return false;
  }
  const length = bytes === null ? 0 : bytes.length;
  const { kernel } = s.ns;
  const skb = kernel.alloc(s.ns, HEADER + MAX_OPTIONS + length, origin, s.owner);
  const { buf, data } = skb;
  const acks = (flags & TCP_ACK) !== 0;
  const window = showWindow(s, flags);
  const options = putOptions(s, buf, data + HEADER, (flags & TCP_SYN) !== 0);
  const header = HEADER + options;
  const ack = acks ? s.input.next : 0;
  writeTcpHeader(buf, data, s.localPort, s.remotePort, sequence, ack, flags, window, header);
  if (bytes !== null) buf.set(bytes, data + header);
  skb.end = data + header + length;
  skb.mark = s.options.mark ?? 0;
  if (acks) acknowledged(s);
  if (length > 0) {
    s.delayedAck.dataSent(s.now);
    s.bytesSent += length;
  }
  if (s.confirmPending) {
    s.confirmPending = false;
    route.confirm();
  }
  skb.socket = s.id;
  route.send(skb, { ttl: s.options.ttl, tos: s.options.tos ?? 0, dontFragment: wantsNoFragments(s) });
  return true;
}

function wantsNoFragments(s: TcpSocket): boolean {
  const mode = s.options.mtuDiscover ?? (s.ns.ipv4.noPmtuDisc === 0 ? "want" : "dont");
  return mode === "want" || mode === "do" || mode === "probe";
}

function acknowledged(s: TcpSocket): void {
  s.acked = s.input.next;
  s.delayedAck.sent();
  s.timers.stopDelayedAck();
}

/** A bare acknowledgement. Models: tcp_send_ack. */
export function sendAck(s: TcpSocket): void {
  if (s.state !== "CLOSED") emit(s, s.nxt, TCP_ACK, null, "tcp");
}

/** Ends the connection the hard way. Models: tcp_send_active_reset. */
export function sendActiveReset(s: TcpSocket): void {
  emit(s, s.nxt, TCP_ACK | TCP_RST, null, "tcp");
}

function flagsOf(s: TcpSocket, segment: OutSegment): number {
  if (segment.syn) return s.state === "SYN-SENT" ? TCP_SYN : TCP_SYN | TCP_ACK;
  return TCP_ACK | (segment.fin ? TCP_FIN : 0) | (segment.push ? TCP_PSH : 0);
}

/** Sends a segment once more; false when there is no way. Models: __tcp_retransmit_skb. */
export function retransmit(s: TcpSocket, segment: OutSegment): boolean {
  const route = s.route();
  if (typeof route === "string") {
    s.softError = route;
    return false;
  }
  syncMss(s, route);
  if (segment.bytes.length > s.mss) s.queue.split(segment, s.mss);
  s.retransmitStamp ??= segment.sentAt ?? s.now;
  s.lastRetransmit = s.now;
  s.queue.markAgain(segment);
  s.retransmitted++;
  return emit(s, segment.sequence, flagsOf(s, segment), segment.bytes, "tcp", route);
}

/** Nagle's rule with Minshall's change: one small segment at a time. Models: tcp_nagle_test. */
function mustWait(s: TcpSocket, segment: OutSegment): boolean {
  if (s.options.noDelay === true || segment.fin || segment.bytes.length >= s.mss) return false;
  if (s.queue.moreBehind) return false;
  return s.queue.sent > 0 && after(s.smallEnd, s.una) && !after(s.smallEnd, s.nxt);
}

/** Sends what may be sent: first what was lost, then what is new. Models: tcp_push_pending_frames, tcp_write_xmit. */
export function pushPending(s: TcpSocket, origin: OriginName): void {
  const { queue } = s;
  let sentNew = false;
  while (queue.inFlight < s.congestion.segments) {
    const lost = queue.nextLost();
    if (lost !== undefined) {
      if (!retransmit(s, lost)) break;
      continue;
    }
    const segment = queue.nextUnsent();
    if (segment === undefined) break;
    if (!transmitNew(s, segment, origin)) break;
    sentNew = true;
  }
  if (queue.sent > 0) {
    if (sentNew) s.timers.armAfterSend();
  } else if (queue.hasUnsent) s.timers.armPersist();
}

function transmitNew(s: TcpSocket, segment: OutSegment, origin: OriginName): boolean {
  const route = s.route();
  if (typeof route === "string") {
    s.softError = route;
    // It counts as sent: the timer tries again (tcp_transmit_skb's error is the network's loss).
    if (!segment.syn && s.queue.sent > 0) return false;
    s.queue.markSent(segment, s.now);
    s.nxt = endOf(segment);
    s.timers.armAfterSend();
    return false;
  }
  if (!segment.syn) {
    if (route.mtu !== s.pathMtu) syncMss(s, route);
    if (segment.bytes.length > s.mss) s.queue.split(segment, s.mss);
    if (after(advance(segment.sequence, segment.bytes.length), advance(s.una, s.sendWindow))) return false;
    if (mustWait(s, segment)) return false;
  }
  s.queue.markSent(segment, s.now);
  s.nxt = endOf(segment);
  if (!segment.syn && segment.bytes.length < s.mss) s.smallEnd = s.nxt;
  emit(s, segment.sequence, flagsOf(s, segment), segment.bytes, origin, route);
  return true;
}

/** Asks whether the window has opened: what fits of the next segment, or nothing with an old number. Models: tcp_write_wakeup. */
export function probeWindow(s: TcpSocket): void {
  const segment = s.queue.nextUnsent();
  const room = distance(advance(s.una, s.sendWindow), s.nxt);
  if (segment !== undefined && room > 0) {
    s.queue.split(segment, Math.min(room, s.mss));
    s.queue.markSent(segment, s.now);
    s.nxt = endOf(segment);
    emit(s, segment.sequence, flagsOf(s, segment), segment.bytes, "tcp");
    s.timers.armAfterSend();
    return;
  }
  emit(s, advance(s.una, -1), TCP_ACK, null, "tcp");
}

/** The application read: the sender learns of the room when it is worth it. Models: tcp_cleanup_rbuf. */
export function readerTook(s: TcpSocket, bytes: number): void {
  if (s.state === "CLOSED" || s.state === "TIME-WAIT") return;
  if (s.delayedAck.scheduled) {
    const unacked = distance(s.input.next, s.acked);
    const idle = bytes > 0 && !s.delayedAck.isPingPong && s.input.size === 0;
    if (unacked > s.receiveMss || idle) {
      sendAck(s);
      return;
    }
  }
  if (bytes === 0 || s.ended) return;
  const shown = Math.max(0, distance(s.windowEdge, s.input.next));
  if (2 * shown > s.capacity) return;
  const free = Math.min(s.capacity - s.input.size - s.input.gapBytes, s.windowLimit);
  if (free >= 2 * shown && free >= Math.min(s.advertisedMss, s.capacity >> 1)) sendAck(s);
}

/** Is `sequence` within what was sent and is not acknowledged? */
export function isOutstanding(s: TcpSocket, sequence: number): boolean {
  return !before(sequence, s.una) && before(sequence, s.nxt);
}
