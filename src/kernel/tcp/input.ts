import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../../wire/tcp.ts";
import type { DropReason } from "../../trace/record.ts";
import type { Skb } from "../skb.ts";
import type { TcpState } from "../uapi/index.ts";
import { takeAck } from "./acknowledge.ts";
import { pushPending, sendAck } from "./output.ts";
import { resetSegment } from "./reset.ts";
import { RTO_MAX } from "./rtt.ts";
import type { Segment } from "./segment.ts";
import { advance, after, before, distance } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";
import { TIME_WAIT } from "./timers.ts";

/** What became of a received segment: taken in, or the reason it was not. */
export type Verdict = DropReason | null;

/** States in which the peer's data is still wanted. */
const RECEIVING: ReadonlySet<TcpState> = new Set(["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "SYN-RECEIVED"]);

/** A segment for a connection beyond SYN-SENT. Models: tcp_rcv_established, tcp_rcv_state_process. */
export function segmentArrives(s: TcpSocket, segment: Segment, skb: Skb): Verdict {
  if (s.state === "SYN-SENT") return inSynSent(s, segment, skb);
  const refused = validate(s, segment);
  if (refused !== null) return refused;
  s.lastHeard = s.now;
  if (!segment.has(TCP_ACK)) return "TCP_FLAGS";
  if (segment.hasTimestamp && !after(segment.sequence, s.acked)) s.recentTimestamp = segment.timestamp;
  if (s.state === "SYN-RECEIVED") {
    if (segment.ack !== advance(s.iss, 1)) {
      resetSegment(s.table, s.network, skb, segment);
      return "TCP_FLAGS";
    }
    established(s, segment);
  }
  if (!takeAck(s, segment)) return "TCP_OLD_ACK";
  const gone = finAcknowledged(s, segment, skb);
  if (gone !== undefined) return gone;
  takeData(s, segment, skb);
  pushPending(s, "tcp");
  acknowledgeIfDue(s);
  return null;
}

/** SYN-SENT, RFC 9293, section 3.10.7.3. Models: tcp_rcv_synsent_state_process. */
function inSynSent(s: TcpSocket, segment: Segment, skb: Skb): Verdict {
  const acks = segment.has(TCP_ACK);
  if (acks && (!after(segment.ack, s.una) || after(segment.ack, s.nxt))) {
    if (!segment.has(TCP_RST)) resetSegment(s.table, s.network, skb, segment);
    return "TCP_FLAGS";
  }
  if (segment.has(TCP_RST)) {
    if (!acks) return "TCP_FLAGS";
    s.finish("ECONNREFUSED");
    return "TCP_RESET";
  }
  if (!segment.has(TCP_SYN)) return "TCP_FLAGS";
  s.input.next = advance(segment.sequence, 1);
  s.acked = s.input.next;
  s.windowEdge = advance(s.input.next, s.windowLimit);
  learnOptions(s, segment);
  if (!acks) {
    s.enter("SYN-RECEIVED");
    s.queue.markAllLost();
    pushPending(s, "tcp");
    return null;
  }
  s.windowSequence = segment.sequence;
  s.sendWindow = s.maxWindow = segment.window;
  takeAck(s, segment);
  established(s, segment);
  sendAck(s);
  pushPending(s, "tcp");
  return null;
}

/** What the peer's SYN offers, ours confirmed or taken back. */
export function learnOptions(s: TcpSocket, segment: Segment): void {
  s.peerMss = segment.mss === 0 ? 536 : segment.mss;
  s.timestamps &&= segment.hasTimestamp;
  s.sack &&= segment.sackPermitted;
  if (segment.scale >= 0 && s.receiveScale > 0) s.sendScale = segment.scale;
  else s.receiveScale = s.sendScale = 0;
  if (s.timestamps) s.recentTimestamp = segment.timestamp;
  s.fitPath();
}

function established(s: TcpSocket, segment: Segment): void {
  s.enter("ESTABLISHED");
  s.windowSequence = segment.sequence;
  s.retransmits = 0;
  s.timers.armKeepAlive();
  s.wake();
}

/** RFC 9293, section 3.10.7.4, first to fourth step. Models: tcp_validate_incoming. */
function validate(s: TcpSocket, segment: Segment): Verdict {
  const reset = segment.has(TCP_RST);
  const old = segment.hasTimestamp && s.timestamps && before(segment.timestamp, s.recentTimestamp);
  if (old && !reset) {
    sendAck(s);
    return "TCP_RFC7323_PAWS";
  }
  const next = s.input.next;
  const window = Math.max(0, distance(s.windowEdge, next));
  if (before(segment.end, s.acked) || after(segment.sequence, advance(next, window))) {
    if (!reset) {
      s.delayedAck.hurry();
      sendAck(s);
    } else if (segment.sequence === next) return wasReset(s);
    return before(segment.end, s.acked) ? "TCP_OLD_SEQUENCE" : "TCP_INVALID_SEQUENCE";
  }
  if (reset) {
    if (segment.sequence === next) return wasReset(s);
    sendAck(s);
    return "TCP_RESET";
  }
  if (segment.has(TCP_SYN) && !(s.state === "SYN-RECEIVED" && segment.has(TCP_ACK))) {
    sendAck(s);
    return "TCP_INVALID_SYN";
  }
  return null;
}

/** Models: tcp_reset. */
function wasReset(s: TcpSocket): Verdict {
  s.finish(s.state === "CLOSE-WAIT" ? "EPIPE" : "ECONNRESET");
  return "TCP_RESET";
}

/**
 * Moves on when our FIN is acknowledged, and resets a peer that goes on sending to a socket that nobody reads any more.
 * Undefined: go on with the segment's data.
 */
function finAcknowledged(s: TcpSocket, segment: Segment, skb: Skb): Verdict | undefined {
  const acknowledged = s.sendShutdown && s.una === s.written;
  if (acknowledged) {
    if (s.state === "FIN-WAIT-1") {
      s.enter("FIN-WAIT-2");
      if (s.closed) s.timers.armEnd(s.table.settings.finTimeout);
    } else if (s.state === "CLOSING") {
      timeWait(s);
      return null;
    } else if (s.state === "LAST-ACK") {
      s.finish(null);
      return null;
    }
  }
  const deaf = (s.closed || s.receiveShutdown) && (s.state === "FIN-WAIT-1" || s.state === "FIN-WAIT-2");
  const data = advance(segment.sequence, segment.length);
  if (deaf && s.closed && segment.length > 0 && after(data, s.input.next)) {
    resetSegment(s.table, s.network, skb, segment);
    s.finish(null);
    return "TCP_ABORT_ON_DATA";
  }
  return undefined;
}

/** Models: tcp_data_queue, tcp_fin. */
function takeData(s: TcpSocket, segment: Segment, skb: Skb): void {
  const fin = segment.has(TCP_FIN);
  if (segment.length === 0 && !fin) return;
  if (!RECEIVING.has(s.state)) {
    // Behind the peer's FIN nothing counts: a FIN that comes again is acknowledged again.
    s.delayedAck.hurry();
    s.delayedAck.scheduled = true;
    return;
  }
  const { input } = s;
  const edge = Math.max(0, distance(s.windowEdge, segment.sequence));
  const length = Math.min(segment.length, edge);
  if (length === 0 && segment.length > 0) {
    s.delayedAck.hurry();
    sendAck(s);
    return;
  }
  const expected = input.next;
  const hadGap = input.hasGap;
  const bytes = skb.buf.slice(segment.from, segment.from + length);
  const ended = input.add(segment.sequence, bytes, fin && length === segment.length);
  const gained = distance(input.next, expected);
  if (hadGap || gained === 0) {
    s.delayedAck.hurry();
    s.delayedAck.scheduled = true;
  }
  if (gained > 0) {
    const data = ended ? gained - 1 : gained;
    s.bytesReceived += data;
    if (data > 0) heardData(s, segment.length);
  }
  if (ended) streamEnded(s);
  if (gained > 0) s.readable.fire();
}

function heardData(s: TcpSocket, length: number): void {
  s.delayedAck.dataReceived(s.now, Math.min(s.rtt.timeout, RTO_MAX) as typeof s.rtt.timeout);
  if (length >= s.receiveMss) s.receiveMss = Math.min(length, s.advertisedMss);
  if (length >= s.receiveMss && s.windowLimit < s.capacity)
    s.windowLimit = Math.min(s.windowLimit + 2 * s.advertisedMss, s.capacity);
}

/** The peer's FIN is in order. Models: tcp_fin. */
function streamEnded(s: TcpSocket): void {
  s.ended = true;
  s.delayedAck.scheduled = true;
  switch (s.state) {
    case "SYN-RECEIVED":
    case "ESTABLISHED":
      s.enter("CLOSE-WAIT");
      s.delayedAck.ended();
      break;
    case "FIN-WAIT-1":
      s.enter("CLOSING");
      sendAck(s);
      break;
    case "FIN-WAIT-2":
      sendAck(s);
      timeWait(s);
      break;
    default:
  }
}

/** Both directions are done: the pair of endpoints rests for a minute. Models: tcp_time_wait. */
function timeWait(s: TcpSocket): void {
  s.enter("TIME-WAIT");
  s.timers.stop();
  s.queue.clear();
  s.timers.armEnd(TIME_WAIT);
  s.wake();
}

/** Models: tcp_ack_snd_check. */
function acknowledgeIfDue(s: TcpSocket): void {
  const { delayedAck } = s;
  if (!delayedAck.scheduled || s.state === "CLOSED") return;
  if (distance(s.input.next, s.acked) > s.receiveMss || delayedAck.isQuick || s.input.hasGap) sendAck(s);
  else s.timers.armDelayedAck();
}

/** A segment for a connection in TIME-WAIT; "new" when it may begin another one. Models: tcp_timewait_state_process. */
export function inTimeWait(s: TcpSocket, segment: Segment): Verdict | "new" {
  const old = segment.hasTimestamp && s.timestamps && before(segment.timestamp, s.recentTimestamp);
  if (segment.has(TCP_RST)) {
    if (segment.sequence === s.input.next) s.finish(null);
    return "TCP_RESET";
  }
  if (segment.has(TCP_SYN) && !segment.has(TCP_ACK) && !old) {
    const newer = segment.hasTimestamp && after(segment.timestamp, s.recentTimestamp);
    if (after(segment.sequence, s.input.next) || newer) {
      s.finish(null);
      return "new";
    }
  }
  if (segment.has(TCP_FIN) && !old) s.timers.armEnd(TIME_WAIT);
  if (segment.length > 0 || segment.has(TCP_FIN) || segment.has(TCP_SYN) || segment.sequence !== s.input.next)
    sendAck(s);
  return null;
}
