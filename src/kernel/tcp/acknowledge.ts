import type { Nanos } from "../../sim/time.ts";
import { TCP_FIN, TCP_SYN } from "../../wire/tcp.ts";
import { sendAck } from "./output.ts";
import type { Segment } from "./segment.ts";
import { advance, after, before } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";

/** Three acknowledgements of the same byte: the segment behind it is lost (RFC 5681, section 3.2). */
const DUPLICATES = 3;

/** Takes in the acknowledgement that a segment carries. False when the segment is of no use. Models: tcp_ack. */
export function takeAck(s: TcpSocket, segment: Segment): boolean {
  const { ack } = segment;
  if (after(ack, s.nxt)) {
    sendAck(s);
    return false;
  }
  if (before(ack, s.una)) {
    if (before(ack, advance(s.una, -s.maxWindow))) {
      sendAck(s);
      return false;
    }
    takeSacks(s, segment);
    return true;
  }
  const window = segment.window << (segment.has(TCP_SYN) ? 0 : s.sendScale);
  const changed = updateWindow(s, segment, window);
  s.softError = null;
  const persisting = s.timers.isPersisting;
  takeSacks(s, segment);
  const moved = after(ack, s.una);
  if (moved) advanceTo(s, ack);
  else if (s.queue.sent > 0) {
    const bare = segment.length === 0 && !segment.has(TCP_FIN) && !segment.has(TCP_SYN);
    if ((bare && !changed) || segment.sacks.length > 0) duplicate(s);
  }
  if (persisting) s.timers.windowHeard();
  return true;
}

/** RFC 9293, section 3.10.7.4: the newest segment's window counts. Models: tcp_ack_update_window. */
function updateWindow(s: TcpSocket, segment: Segment, window: number): boolean {
  const newer =
    after(segment.ack, s.una) ||
    after(segment.sequence, s.windowSequence) ||
    (segment.sequence === s.windowSequence && window > s.sendWindow);
  if (!newer) return false;
  const changed = window !== s.sendWindow;
  s.windowSequence = segment.sequence;
  s.sendWindow = window;
  s.maxWindow = Math.max(s.maxWindow, window);
  return changed;
}

function takeSacks(s: TcpSocket, segment: Segment): void {
  const { sacks } = segment;
  for (let i = 0; i + 1 < sacks.length; i += 2) {
    const left = sacks[i]!;
    const right = sacks[i + 1]!;
    if (!before(left, s.una) && !after(right, s.nxt) && before(left, right)) s.queue.sack(left, right);
  }
}

/** New bytes are acknowledged. */
function advanceTo(s: TcpSocket, ack: number): void {
  const wasFull = s.queue.inFlight >= s.congestion.segments - 1;
  const done = s.queue.acknowledge(ack);
  s.una = ack;
  s.bytesAcked += done.bytes;
  s.duplicateAcks = 0;
  if (done.sentAt !== undefined && !done.retransmitted) s.rtt.sample((s.now - done.sentAt) as Nanos);
  else s.rtt.backoff = 0;
  s.retransmits = 0;
  if (s.queue.sent === 0 || !done.retransmitted) s.retransmitStamp = null;
  if (s.tailProbe !== null && !before(ack, s.tailProbe)) s.tailProbe = null;
  const { congestion } = s;
  if (congestion.state !== "open" && !before(ack, congestion.recoverUntil)) congestion.state = "open";
  else if (congestion.state === "recovery") {
    // A partial acknowledgement: what follows it is lost too (RFC 6582, section 3.2).
    const first = s.queue.first();
    if (first !== undefined && !first.again && s.queue.sent > 0) s.queue.markLost(first);
  }
  if (congestion.state !== "recovery" && wasFull) congestion.grow(done.segments);
  s.confirmPending = true;
  s.timers.arm();
  s.writable.fire();
}

/** The same byte again: a gap at the receiver, or reordering. Models: tcp_fastretrans_alert. */
function duplicate(s: TcpSocket): void {
  s.duplicateAcks++;
  const { congestion, queue } = s;
  const seen = s.sack ? Math.max(queue.sackedSegments, s.duplicateAcks) : s.duplicateAcks;
  if (congestion.state === "open" && seen >= DUPLICATES) {
    congestion.enterRecovery(queue.inFlight, s.nxt);
    const first = queue.first();
    if (first !== undefined) queue.markLost(first);
    s.timers.armRetransmit();
  } else if (congestion.state === "recovery" && !s.sack) congestion.segments++;
  if (congestion.state === "recovery" && s.sack) queue.markHolesLost();
}
