import type { Timer } from "../../sim/queue.ts";
import type { Nanos } from "../../sim/time.ts";
import { formatIpv4 } from "../../wire/address.ts";
import { ESP_HEADER } from "../../wire/esp.ts";
import type { XfrmStateRow } from "../../trace/rows.ts";
import type { XfrmStateInfo, XfrmStateSpec } from "../uapi/index.ts";
import type { Suite } from "./crypto/suite.ts";

const IPV4_HEADER = 20;
const UDP_HEADER = 8;
/** Bits of the window that `replay-window` counts in, where it is no extended one. */
const WINDOW_BITS = 32;

/** A security association in one direction: keys, counters, lifetimes. Models: struct xfrm_state. */
export class XfrmState {
  spec: XfrmStateSpec;
  /** Null as long as keys are missing. */
  readonly suite: Suite | null;
  readonly added: Nanos;
  used: Nanos | undefined;
  bytes = 0;
  packets = 0;
  /** Anti-replay: highest number received, last sent, and which of the latest were seen. */
  seq: number;
  oseq: number;
  bitmap: number;
  replayed = 0;
  outOfWindow = 0;
  failed = 0;
  /** It met a hard limit, or was taken away. */
  dead = false;
  /** The soft limit was told of. */
  dying = false;
  timers: Timer[] = [];

  constructor(spec: XfrmStateSpec, suite: Suite | null, added: Nanos) {
    this.spec = spec;
    this.suite = suite;
    this.added = added;
    this.seq = spec.replay?.seq ?? 0;
    this.oseq = spec.replay?.oseq ?? 0;
    this.bitmap = spec.replay?.bitmap ?? 0;
  }

  /** Bytes in front of what is encrypted, the outer header of a tunnel among them. Models: props.header_len. */
  get headerLength(): number {
    const { mode, encap } = this.spec;
    const iv = this.suite?.ivLength ?? 0;
    return ESP_HEADER + iv + (mode === "tunnel" ? IPV4_HEADER : 0) + (encap === undefined ? 0 : UDP_HEADER);
  }

  /** Ciphertext is padded to this. */
  get block(): number {
    return Math.max(this.suite?.block ?? 1, 4);
  }

  /** Longest packet that still fits `mtu` when it is protected. Models: xfrm_state_mtu. */
  innerMtu(mtu: number): number {
    const header = this.spec.mode === "tunnel" ? 0 : IPV4_HEADER;
    const room = mtu - this.headerLength - (this.suite?.icvLength ?? 0) - header;
    return room - (room % this.block) + header - 2;
  }

  /** Models: xfrm_replay_check. 0: it is new. */
  replayFault(sequence: number): "replay" | "window" | undefined {
    const { replayWindow } = this.spec;
    if (replayWindow === 0 || sequence > this.seq) return undefined;
    if (sequence === 0) return "replay";
    const behind = this.seq - sequence;
    if (behind >= Math.min(replayWindow, WINDOW_BITS)) return "window";
    return (this.bitmap & (1 << behind)) === 0 ? undefined : "replay";
  }

  /** Models: xfrm_replay_advance. */
  seen(sequence: number): void {
    if (this.spec.replayWindow === 0) return;
    const ahead = sequence - this.seq;
    if (ahead <= 0) {
      this.bitmap = (this.bitmap | (1 << -ahead)) >>> 0;
      return;
    }
    this.bitmap = ahead < this.spec.replayWindow ? ((this.bitmap << ahead) | 1) >>> 0 : 1;
    this.seq = sequence;
  }

  info(): XfrmStateInfo {
    const { bytes, packets, added, used } = this;
    return {
      ...this.spec,
      larval: this.suite === null,
      replay: { seq: this.seq, oseq: this.oseq, bitmap: this.bitmap },
      current: { bytes, packets, added, used },
      statistics: { replayWindow: this.outOfWindow, replay: this.replayed, failed: this.failed },
    };
  }

  row(): XfrmStateRow {
    const { src, dst, spi, mode, reqid, aead, enc, auth } = this.spec;
    const names = aead === undefined ? [enc?.name, auth?.name] : [aead.name];
    return {
      src: formatIpv4(src),
      dst: formatIpv4(dst),
      spi,
      mode,
      reqid,
      algorithm: names.filter((name) => name !== undefined).join(" "),
      larval: this.suite === null,
    };
  }
}
