import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import type { CapturedFrame, KernelResult, StreamOptions, StreamSocket } from "../kernel/uapi/index.ts";
import { IPPROTO_TCP, ipv4HeaderLength, ipv4Protocol, ipv4TotalLength } from "../wire/ipv4.ts";
import {
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  tcpAck,
  tcpDestPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
} from "../wire/tcp.ts";
import { ip, type TestNet } from "./net.ts";

function granted<T>(result: KernelResult<T>): T {
  if (!result.ok) throw new Error(result.error.errno);
  return result.value;
}

/** A TCP segment on a device, numbers relative to the first of its direction. */
export interface Seen {
  readonly time: number;
  /** `4000>80`. */
  readonly ports: string;
  readonly flags: string;
  readonly sequence: number;
  readonly ack: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

function letters(flags: number): string {
  const names: readonly (readonly [number, string])[] = [
    [TCP_SYN, "S"],
    [TCP_FIN, "F"],
    [TCP_RST, "R"],
    [TCP_ACK, "A"],
  ];
  return names.map(([bit, letter]) => ((flags & bit) !== 0 ? letter : "")).join("");
}

/** Writes down the TCP segments that pass a device. */
export class Wiretap {
  readonly seen: Seen[] = [];
  private readonly first = new Map<string, number>();
  readonly stop: () => void;

  constructor(net: TestNet, ns: string, device: string, direction: "in" | "out" | "both" = "both") {
    this.stop = net.at(ns).capture(net.dev(ns, device), direction, (frame) => this.note(frame));
  }

  private note({ bytes, time }: CapturedFrame): void {
    if (bytes[12] !== 8 || bytes[13] !== 0 || ipv4Protocol(bytes, 14) !== IPPROTO_TCP) return;
    const o = 14 + ipv4HeaderLength(bytes, 14);
    const [from, to] = [tcpSourcePort(bytes, o), tcpDestPort(bytes, o)];
    const [there, back] = [`${from}>${to}`, `${to}>${from}`];
    if (!this.first.has(there)) this.first.set(there, tcpSequence(bytes, o));
    const base = this.first.get(there) ?? 0;
    this.seen.push({
      time,
      ports: there,
      flags: letters(tcpFlags(bytes, o)),
      sequence: (tcpSequence(bytes, o) - base) | 0,
      ack: (tcpAck(bytes, o) - (this.first.get(back) ?? 0)) | 0,
      length: 14 + ipv4TotalLength(bytes, 14) - o - tcpHeaderLength(bytes, o),
      bytes,
    });
  }

  /** `4000>80 S`, data as `A+5`. */
  get story(): readonly string[] {
    return this.seen.map(({ ports, flags, length }) => `${ports} ${flags}${length > 0 ? `+${length}` : ""}`);
  }

  clear(): void {
    this.seen.length = 0;
  }
}

/** A listener of one port. */
export function listenOn(
  net: TestNet,
  ns: string,
  port: number,
  backlog = 8,
  options: StreamOptions = {},
): StreamSocket {
  const socket = net.at(ns).socket.tcp("server");
  granted(socket.setOptions({ reuseAddress: true, ...options }));
  granted(socket.bind({ address: ip("0.0.0.0"), port }));
  granted(socket.listen(backlog));
  return socket;
}

/** Begins a connection. */
export function connectTo(
  net: TestNet,
  ns: string,
  address: string,
  port: number,
  from = 4000,
  options: StreamOptions = {},
): StreamSocket {
  const socket = net.at(ns).socket.tcp("client");
  granted(socket.setOptions({ reuseAddress: true, ...options }));
  granted(socket.bind({ address: ip("0.0.0.0"), port: from }));
  granted(socket.connect({ address: ip(address), port }));
  return socket;
}

export function acceptOne(listener: StreamSocket): StreamSocket {
  const socket = granted(listener.accept());
  if (socket === undefined) throw new Error("nobody to accept");
  return socket;
}

export function say(socket: StreamSocket, text: string): void {
  granted(socket.send(utf8Encode(text)));
}

/** Everything that waits, as text; `<end>` behind it when the stream is over. */
export function hear(socket: StreamSocket): string {
  let text = "";
  for (;;) {
    const got = granted(socket.receive());
    if (got === undefined) return text;
    if (got === null) return `${text}<end>`;
    text += utf8Decode(got);
  }
}

/** As a program that does nothing but: sends all of `bytes` whenever there is room. Answers how many are left. */
export function pump(socket: StreamSocket, bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    while (at < bytes.length) {
      const taken = socket.send(bytes.subarray(at));
      if (!taken.ok || taken.value === 0) break;
      at += taken.value;
    }
    return bytes.length - at;
  };
}

/**
 * Makes a router lose the TCP segments for which `lost` holds among those that come in by `device`; nothing is lost the
 * other way. Forwarding is off for just that packet.
 */
export function lossy(
  net: TestNet,
  router: string,
  device: string,
  lost: (bytes: Uint8Array) => boolean,
): () => void {
  const { link, sysctl } = net.at(router);
  const taps = link.list().map(({ index, name }) =>
    net.at(router).capture(index, "in", ({ bytes }) => {
      const isTcp = bytes[12] === 8 && bytes[13] === 0 && ipv4Protocol(bytes, 14) === IPPROTO_TCP;
      sysctl.set("net.ipv4.ip_forward", isTcp && name === device && lost(bytes) ? "0" : "1");
    }),
  );
  return () => {
    for (const stop of taps) stop();
    sysctl.set("net.ipv4.ip_forward", "1");
  };
}
