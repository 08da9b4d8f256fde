import { err, ok, type Result } from "../../../base/result.ts";
import type { StreamSocket } from "../../../kernel/uapi/index.ts";
import type { Task } from "../../../sim/task.ts";
import type { Nanos } from "../../../sim/time.ts";
import { strerror } from "../../../userland/os/errno.ts";
import { receiveSome, sendAll } from "../../../userland/stream/stream.ts";
import { setU16, setU32 } from "../../../base/bytes.ts";
import {
  AS_TRANS,
  BGP_CAP,
  BGP_HEADER,
  bgpLength,
  type BgpCapability,
  type BgpMessage,
  type BgpOpen,
  decodeBgp,
  encodeBgp,
} from "../../../wire/bgp.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import type { BgpConfig } from "./config.ts";

/** Why a connection ended. `text` is what `show protocols` says. */
export interface Ended {
  readonly kind: "socket" | "received" | "error" | "local";
  readonly text: string;
}

/** AFI 1, SAFI 1. */
const IPV4_UNICAST = Uint8Array.from([0, 1, 1]);

function capability(code: number, ...data: number[]): BgpCapability {
  return { code, data: Uint8Array.from(data) };
}

/** The OPEN that BIRD 1.6.8 sends. `restarting`: it comes back and has kept forwarding. */
export function openMessage(config: BgpConfig, id: Ipv4, restarting: boolean): BgpOpen {
  const as4 = new Uint8Array(4);
  setU32(as4, 0, config.localAs);
  const restart = new Uint8Array(6);
  setU16(restart, 0, config.restartTime | (restarting ? 0x8000 : 0));
  restart.set([0, 1, 1, restarting ? 0x80 : 0], 2);
  return {
    type: "open",
    version: 4,
    as: config.localAs > 65535 ? AS_TRANS : config.localAs,
    holdTime: config.holdTime,
    id,
    capabilities: [
      capability(BGP_CAP.multiprotocol, 0, 1, 0, 1),
      capability(BGP_CAP.routeRefresh),
      ...(config.gracefulRestart ? [{ code: BGP_CAP.gracefulRestart, data: restart }] : []),
      { code: BGP_CAP.as4, data: as4 },
      ...(config.addPaths ? [capability(BGP_CAP.addPath, ...IPV4_UNICAST, 3)] : []),
      capability(BGP_CAP.enhancedRefresh),
      capability(BGP_CAP.longLivedGracefulRestart),
    ],
  };
}

/** What both sides' OPENs agree on. */
export interface Agreement {
  readonly id: Ipv4;
  readonly as: number;
  /** Seconds; 0 is never. */
  readonly holdTime: number;
  readonly addPathSend: boolean;
  readonly addPathReceive: boolean;
  readonly as4: boolean;
  /** The neighbour can restart gracefully, and how long that may take in seconds. */
  readonly restartTime: number | undefined;
  /** It is back from a restart, and has kept its routes. */
  readonly preserved: boolean;
}

export function agree(config: BgpConfig, open: BgpOpen): Agreement {
  const find = (code: number): Uint8Array | undefined =>
    open.capabilities.find((each) => each.code === code)?.data;
  const as4 = find(BGP_CAP.as4);
  const restart = find(BGP_CAP.gracefulRestart);
  const paths = config.addPaths ? (find(BGP_CAP.addPath)?.[3] ?? 0) : 0;
  return {
    id: open.id,
    as: as4?.length === 4 ? as4.reduce((n, byte) => n * 256 + byte, 0) : open.as,
    holdTime: Math.min(config.holdTime, open.holdTime),
    addPathSend: (paths & 1) !== 0,
    addPathReceive: (paths & 2) !== 0,
    as4: as4 !== undefined,
    restartTime:
      restart === undefined || restart.length < 2 ? undefined : ((restart[0]! & 0x0f) << 8) | restart[1]!,
    preserved: (restart?.[5] ?? 0) >= 0x80,
  };
}

export function capabilitiesText(open: BgpOpen): string {
  const texts: Readonly<Record<number, string>> = {
    [BGP_CAP.routeRefresh]: "refresh",
    [BGP_CAP.enhancedRefresh]: "enhanced-refresh",
    [BGP_CAP.gracefulRestart]: "restart-able",
    [BGP_CAP.longLivedGracefulRestart]: "llgr-aware",
    [BGP_CAP.as4]: "AS4",
    [BGP_CAP.addPath]: "add-path-rx add-path-tx",
  };
  const order = [2, 70, 64, 71, 65, 69];
  return order
    .filter((code) => open.capabilities.some((each) => each.code === code))
    .map((code) => texts[code])
    .join(" ");
}

/** BIRD's words for a NOTIFICATION. Models: proto/bgp/packets.c bgp_error_dsc. */
export function errorText(code: number, subcode: number): string {
  const texts: Readonly<Record<string, string>> = {
    "1.1": "Connection not synchronized",
    "1.2": "Bad message length",
    "1.3": "Bad message type",
    "2.1": "Unsupported version number",
    "2.2": "Bad peer AS",
    "2.3": "Bad BGP identifier",
    "2.6": "Unacceptable hold time",
    "3.1": "Malformed attribute list",
    "4.0": "Hold timer expired",
    "5.0": "Finite state machine error",
    "6.2": "Administrative shutdown",
    "6.3": "Peer de-configured",
    "6.4": "Administrative reset",
    "6.5": "Connection rejected",
    "6.6": "Other configuration change",
    "6.7": "Connection collision resolution",
  };
  return texts[`${code}.${subcode}`] ?? `Unknown error ${code}.${subcode}`;
}

/** Messages over one TCP connection. */
export class BgpConnection {
  readonly socket: StreamSocket;
  /** Whether the prefixes that come carry path identifiers. */
  addPath = false;
  private buffer = new Uint8Array();

  constructor(socket: StreamSocket) {
    this.socket = socket;
  }

  *send(message: BgpMessage): Task<void> {
    yield* sendAll(this.socket, encodeBgp(message));
  }

  /** The next message; the end of the connection, or "timeout". */
  *receive(timeout?: Nanos): Task<Result<BgpMessage, Ended> | "timeout"> {
    for (;;) {
      const length = bgpLength(this.buffer);
      if (length !== undefined && this.buffer.length >= Math.max(length, BGP_HEADER)) {
        const read = decodeBgp(this.buffer, 0, this.buffer.length, this.addPath);
        if (!read.ok) return err({ kind: "error", text: `Bad message (${read.error})` });
        this.buffer = this.buffer.slice(length);
        return ok(read.value);
      }
      const got = yield* receiveSome(this.socket, timeout);
      if (got === "timeout") return got;
      if (!got.ok) return err({ kind: "socket", text: strerror(got.error.errno) });
      if (got.value === null) return err({ kind: "socket", text: "Connection closed" });
      const joined = new Uint8Array(this.buffer.length + got.value.length);
      joined.set(this.buffer);
      joined.set(got.value, this.buffer.length);
      this.buffer = joined;
    }
  }
}
