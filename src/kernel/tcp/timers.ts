import type { Timer } from "../../sim/queue.ts";
import { addTime, millis, type Nanos, seconds } from "../../sim/time.ts";
import { TCP_ACK } from "../../wire/tcp.ts";
import type { SocketTimer } from "../uapi/index.ts";
import { emit, probeWindow, pushPending, retransmit, sendAck, sendActiveReset } from "./output.ts";
import { modelTimeout, RTO_INITIAL, RTO_MAX, RTO_MIN } from "./rtt.ts";
import { advance } from "./sequence.ts";
import type { TcpSocket } from "./socket.ts";

/** TCP_TIMEWAIT_LEN. */
export const TIME_WAIT = seconds(60);
/** Retries of a connection that no process holds, when tcp_orphan_retries is 0. */
const ORPHAN_RETRIES = 8;

/**
 * The timer wheel is coarse and fires late: by about this much for the usual timeouts. So a neighbour that does not answer
 * is given up, and the socket told, before the SYN would go out for the fourth time.
 */
const SLACK = millis(8);

type Kind = "retransmit" | "tail-probe" | "persist";

/** The timers of one connection. Models: net/ipv4/tcp_timer.c. */
export class Timers {
  private readonly s: TcpSocket;
  private main: Timer | null = null;
  private kind: Kind = "retransmit";
  private delayed: Timer | null = null;
  private alive: Timer | null = null;
  private end: Timer | null = null;
  private probes = 0;

  constructor(socket: TcpSocket) {
    this.s = socket;
  }

  stop(): void {
    this.stopMain();
    this.stopDelayedAck();
    this.alive?.cancel();
    this.end?.cancel();
    this.alive = this.end = null;
  }

  stopMain(): void {
    this.main?.cancel();
    this.main = null;
  }

  private start(kind: Kind, delay: Nanos): void {
    this.main?.cancel();
    this.kind = kind;
    this.main = this.s.ns.kernel.queue.after(addTime(delay, SLACK), () => {
      this.main = null;
      this.expire(kind);
    });
  }

  /** New data went out: a running retransmission timer stays. Models: tcp_event_new_data_sent. */
  armAfterSend(): void {
    if (this.main === null || this.kind !== "retransmit") this.arm();
  }

  /** Something was acknowledged, or the first thing sent. Models: tcp_rearm_rto, tcp_schedule_loss_probe. */
  arm(): void {
    const { s } = this;
    if (s.queue.sent === 0) {
      this.stopMain();
      return;
    }
    const probing = s.state !== "SYN-SENT" && s.state !== "SYN-RECEIVED" && s.sack && s.rtt.smoothed > 0;
    if (probing && s.congestion.state === "open" && s.tailProbe === null && s.queue.sackedSegments === 0)
      this.start("tail-probe", s.rtt.probeTimeout(s.queue.sent === 1));
    else this.start("retransmit", s.rtt.timeout);
  }

  armRetransmit(): void {
    this.start("retransmit", this.s.rtt.timeout);
  }

  /** Data waits, and the window is shut. */
  armPersist(): void {
    if (this.main === null) this.start("persist", this.s.rtt.timeout);
  }

  get isPersisting(): boolean {
    return this.main !== null && this.kind === "persist";
  }

  armDelayedAck(): void {
    if (this.delayed !== null) return;
    this.delayed = this.s.ns.kernel.queue.after(this.s.delayedAck.delay, () => {
      this.delayed = null;
      if (!this.s.delayedAck.scheduled) return;
      this.s.delayedAck.expired();
      sendAck(this.s);
    });
  }

  stopDelayedAck(): void {
    this.delayed?.cancel();
    this.delayed = null;
  }

  private expire(kind: Kind): void {
    const { s } = this;
    switch (kind) {
      case "tail-probe":
        this.probeTail();
        return;
      case "persist":
        this.persist();
        return;
      case "retransmit":
        if (s.queue.sent > 0 && !this.givesUp()) this.timeout();
    }
  }

  /** Models: tcp_send_loss_probe. */
  private probeTail(): void {
    const { s } = this;
    const last = s.queue.lastSent();
    if (last === undefined) return;
    s.tailProbe = s.nxt;
    retransmit(s, last);
    s.retransmitStamp = null;
    this.armRetransmit();
  }

  /** Models: tcp_retransmit_timer. */
  private timeout(): void {
    const { s } = this;
    const first = s.queue.first();
    if (first === undefined) return;
    s.congestion.enterLoss(s.queue.inFlight, s.nxt);
    s.queue.markAllLost();
    s.tailProbe = null;
    s.retransmits++;
    const linear = s.state === "SYN-SENT" ? s.table.settings.synLinearTimeouts : 0;
    if (s.retransmits > linear) s.rtt.backoff++;
    retransmit(s, first);
    this.armRetransmit();
  }

  /** A lost route is no congestion: the last doubling is taken back (RFC 6069). Models: tcp_ld_RTO_revert. */
  takeBackoffBack(): void {
    const { s } = this;
    const first = s.queue.first();
    if (s.retransmits === 0 || s.rtt.backoff === 0 || first === undefined) return;
    s.rtt.backoff--;
    const remaining = s.rtt.timeout - (s.now - s.lastRetransmit);
    if (remaining > 0) this.start("retransmit", remaining as Nanos);
    else this.expire("retransmit");
  }

  /** The retries are used up. Models: tcp_write_timeout. */
  private givesUp(): boolean {
    const { s } = this;
    const { settings } = s.table;
    const since = s.retransmitStamp ?? s.queue.first()?.sentAt ?? s.now;
    const elapsed = s.now - since;
    if (s.state === "SYN-SENT" || s.state === "SYN-RECEIVED") {
      const retries = s.state === "SYN-SENT" ? settings.synRetries : settings.synackRetries;
      const most = retries + (s.state === "SYN-SENT" ? settings.synLinearTimeouts : 0);
      if (s.retransmits < most && elapsed < modelTimeout(retries, RTO_INITIAL)) return false;
    } else {
      const retries = s.closed ? settings.orphanRetries || ORPHAN_RETRIES : settings.retries2;
      if (s.retransmits === 0 || elapsed < modelTimeout(retries, RTO_MIN)) return false;
    }
    s.finish(s.softError ?? "ETIMEDOUT");
    return true;
  }

  /** Models: tcp_probe_timer, tcp_send_probe0. */
  private persist(): void {
    const { s } = this;
    if (s.queue.sent > 0 || !s.queue.hasUnsent) return;
    this.probes++;
    const most = s.closed ? s.table.settings.orphanRetries || ORPHAN_RETRIES : s.table.settings.retries2;
    if (this.probes > most) {
      s.finish(s.softError ?? "ETIMEDOUT");
      return;
    }
    probeWindow(s);
    if (s.queue.sent > 0) return;
    s.rtt.backoff++;
    this.start("persist", s.rtt.timeout);
  }

  /** The window is open, or an answer to a probe came. */
  windowHeard(): void {
    this.probes = 0;
    if (this.kind !== "persist") return;
    if (this.s.sendWindow > 0) {
      this.stopMain();
      this.s.rtt.backoff = 0;
      pushPending(this.s, "tcp");
    }
  }

  /** SO_KEEPALIVE, from the moment the connection stands. Models: tcp_keepalive_timer. */
  armKeepAlive(): void {
    this.alive?.cancel();
    const { s } = this;
    let unanswered = 0;
    const again = (delay: Nanos): void => {
      this.alive = s.ns.kernel.queue.after(delay, () => {
        const idle = (s.now - s.lastHeard) as Nanos;
        const { keepaliveTime, keepaliveInterval, keepaliveProbes } = s.table.settings;
        if (idle < keepaliveTime) unanswered = 0;
        if (idle < keepaliveTime || !s.queue.empty) {
          again(Math.max(keepaliveTime - idle, keepaliveInterval) as Nanos);
          return;
        }
        if (unanswered >= keepaliveProbes) {
          sendActiveReset(s);
          s.finish(s.softError ?? "ETIMEDOUT");
          return;
        }
        unanswered++;
        emit(s, advance(s.una, -1), TCP_ACK, null, "tcp");
        again(keepaliveInterval);
      });
    };
    if (s.options.keepAlive === true) again(s.table.settings.keepaliveTime);
  }

  /** TIME-WAIT, and FIN-WAIT-2 of a socket that is closed: then it is gone. */
  armEnd(delay: Nanos): void {
    this.end?.cancel();
    this.end = this.s.ns.kernel.queue.after(delay, () => {
      this.end = null;
      this.s.finish(null);
    });
  }

  /** What `ss -o` shows. */
  shown(): SocketTimer | undefined {
    const { now } = this.s;
    const left = (timer: Timer): Nanos => Math.min(timer.due - now, RTO_MAX * 60) as Nanos;
    if (this.end !== null) return { name: "timewait", left: left(this.end), retransmits: 0 };
    if (this.main !== null) {
      const name = this.kind === "persist" ? "persist" : "on";
      return {
        name,
        left: left(this.main),
        retransmits: this.kind === "persist" ? this.probes : this.s.retransmits,
      };
    }
    if (this.alive !== null) return { name: "keepalive", left: left(this.alive), retransmits: 0 };
    return undefined;
  }
}
