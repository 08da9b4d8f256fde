import { getU32 } from "../../base/bytes.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { addTime, millis, type Nanos, seconds } from "../../sim/time.ts";
import type { Timer } from "../../sim/queue.ts";
import type { Skb } from "../skb.ts";
import type { Wireguard } from "./wireguard.ts";
import { DATA_HEADER, initiation, response, responseFits, seal, TAG } from "./wireguard-crypt.ts";

/** Constants of wireguard.com/protocol and of Linux's drivers/net/wireguard/messages.h. */
const REKEY_AFTER = seconds(120);
const REJECT_AFTER = seconds(180);
const REKEY_TIMEOUT = seconds(5);
const KEEPALIVE = seconds(10);
const MAX_ATTEMPTS = 18;
const MAX_STAGED = 1024;

interface Session {
  readonly local: number;
  readonly remote: number;
  readonly initiator: boolean;
  readonly created: Nanos;
  counter: number;
}

/** One correspondent of a WireGuard device: its session, the handshake under way, and its timers. Models: struct wg_peer. */
export class WireguardPeer {
  readonly device: Wireguard;
  readonly publicKey: Uint8Array;
  presharedKey: Uint8Array | undefined;
  endpoint: { address: Ipv4; port: number } | undefined;
  /** Seconds, 0 for none. */
  persistentKeepalive = 0;
  rxBytes = 0;
  txBytes = 0;
  latestHandshake: Nanos | undefined;
  private session: Session | null = null;
  /** As responder: not ours to use until the other end has. */
  private next: Session | null = null;
  private previous: Session | null = null;
  private pending: { readonly local: number; attempts: number } | null = null;
  private lastInitiation: Nanos = (0 - REKEY_TIMEOUT) as Nanos;
  private readonly staged: Skb[] = [];
  private readonly timers = new Map<"retry" | "keepalive" | "persistent" | "silence", Timer>();

  constructor(device: Wireguard, publicKey: Uint8Array) {
    this.device = device;
    this.publicKey = publicKey;
  }

  private get now(): Nanos {
    return this.device.ns.kernel.queue.now;
  }

  private set(name: "retry" | "keepalive" | "persistent" | "silence", after: Nanos, run: () => void): void {
    this.timers.get(name)?.cancel();
    const timer = this.device.ns.kernel.queue.after(after, () => {
      this.timers.delete(name);
      if (this.device.up) run();
    });
    this.timers.set(name, timer);
  }

  private unset(name: "retry" | "keepalive" | "persistent" | "silence"): void {
    this.timers.get(name)?.cancel();
    this.timers.delete(name);
  }

  /** A packet for this peer; it waits until there is a session. Models: wg_packet_send_staged_packets. */
  transmit(skb: Skb): void {
    if (this.staged.length >= MAX_STAGED) {
      const oldest = this.staged.shift();
      if (oldest !== undefined) this.device.lost(oldest);
    }
    this.staged.push(skb);
    this.flush();
  }

  private usable(session: Session | null): session is Session {
    return session !== null && this.now < session.created + REJECT_AFTER;
  }

  private flush(): void {
    const { session } = this;
    if (!this.usable(session)) {
      this.initiate(false);
      return;
    }
    for (const skb of this.staged.splice(0)) this.sendData(session, skb);
    if (session.initiator && this.now >= session.created + REKEY_AFTER) this.initiate(false);
  }

  private sendData(session: Session, skb: Skb): void {
    const { device } = this;
    const { length } = skb;
    const padded = Math.max(length, Math.min(device.mtu, Math.ceil(length / 16) * 16));
    skb.ensureHeadroom(DATA_HEADER + 64);
    skb.ensureTailroom(padded - length + TAG);
    skb.buf.fill(0, skb.end, skb.end + padded - length);
    skb.end += padded - length + TAG;
    skb.push(DATA_HEADER);
    seal(skb.buf, skb.data, padded, session.remote, session.counter++);
    device.send(this, skb, 0, true);
    if (length > 0) {
      this.unset("keepalive");
      if (!this.timers.has("silence"))
        this.set("silence", addTime(KEEPALIVE, REKEY_TIMEOUT), () => this.initiate(false));
    }
    this.traversed();
  }

  /** Something authenticated went either way. Models: wg_timers_any_authenticated_packet_traversal. */
  private traversed(): void {
    if (this.persistentKeepalive === 0) return;
    this.set("persistent", seconds(this.persistentKeepalive), () => this.keepalive());
  }

  /** Sends what waits, or an empty packet. Models: wg_packet_send_keepalive. */
  keepalive(): void {
    if (this.staged.length === 0)
      this.staged.push(this.device.ns.kernel.alloc(this.device.ns, 64, "socket", "wireguard"));
    this.flush();
  }

  /** Models: wg_packet_send_queued_handshake_initiation. */
  initiate(retry: boolean): void {
    const { device } = this;
    if (!retry && (this.pending !== null || this.now < this.lastInitiation + REKEY_TIMEOUT)) return;
    if (device.publicKey === undefined || this.endpoint === undefined) return;
    const attempts = retry ? (this.pending?.attempts ?? 0) + 1 : 0;
    if (attempts > MAX_ATTEMPTS) {
      this.pending = null;
      for (const skb of this.staged.splice(0)) device.lost(skb);
      return;
    }
    this.pending = { local: device.newIndex(this), attempts };
    this.lastInitiation = this.now;
    device.sendBytes(
      this,
      initiation(this.pending.local, device.publicKey, this.publicKey, this.now % 0x7fffffff),
    );
    const jitter = millis(Math.floor(device.ns.kernel.random.unit() * 333));
    this.set("retry", addTime(REKEY_TIMEOUT, jitter), () => this.initiate(true));
    this.traversed();
  }

  /** The other end wants a session. Models: wg_packet_send_handshake_response. */
  answer(message: Uint8Array): void {
    const { device } = this;
    const remote = getU32(message, 4);
    const local = device.newIndex(this);
    this.next = { local, remote, initiator: false, created: this.now, counter: 0 };
    device.sendBytes(this, response(local, remote, this.publicKey, this.presharedKey));
    this.latestHandshake = this.now;
    this.traversed();
  }

  /** The other end agrees. Models: wg_noise_handshake_consume_response. */
  answered(message: Uint8Array): boolean {
    const { pending } = this;
    if (pending === null || getU32(message, 8) !== pending.local) return false;
    if (!responseFits(message, this.presharedKey)) return false;
    const created = this.now;
    this.become({ local: pending.local, remote: getU32(message, 4), initiator: true, created, counter: 0 });
    this.pending = null;
    this.unset("retry");
    this.latestHandshake = this.now;
    this.keepalive();
    return true;
  }

  private become(session: Session): void {
    if (this.previous !== null) this.device.dropIndex(this.previous.local);
    this.previous = this.session;
    this.session = session;
  }

  /** Whether a data packet for `index` may be opened; the first one confirms a session that we answered for. */
  accepts(index: number): boolean {
    if (this.next?.local === index) {
      this.become(this.next);
      this.next = null;
      this.unset("retry");
      this.pending = null;
      if (this.staged.length > 0) this.flush();
      return true;
    }
    const known = [this.session, this.previous].find((s) => s?.local === index) ?? null;
    return this.usable(known);
  }

  /** A data packet was opened; `empty`: only a sign of life. Models: wg_timers_data_received. */
  heard(empty: boolean): void {
    this.unset("silence");
    this.traversed();
    if (!empty && !this.timers.has("keepalive")) this.set("keepalive", KEEPALIVE, () => this.keepalive());
  }

  stop(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
    for (const s of [this.session, this.next, this.previous, this.pending])
      if (s !== null) this.device.dropIndex(s.local);
    this.session = this.next = this.previous = this.pending = null;
    this.lastInitiation = (0 - REKEY_TIMEOUT) as Nanos;
    for (const skb of this.staged.splice(0)) this.device.lost(skb);
  }
}
