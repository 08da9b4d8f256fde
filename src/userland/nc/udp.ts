import type { Datagram, DatagramSocket, Endpoint, KernelResult } from "../../kernel/uapi/index.ts";
import { Signal, sleep, type Task } from "../../sim/task.ts";
import { millis, type Nanos, seconds } from "../../sim/time.ts";
import { type IpAddress, isIpv4 } from "../../wire/ip-address.ts";
import { strerror } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import type { NcOptions } from "./options.ts";
import type { Channel, Received, Sent } from "./relay.ts";

/** A socket of either family; it is only told addresses of its own. */
export type AnySocket = DatagramSocket<IpAddress>;

/** UDP for nc: a datagram is a read, a read of standard input is a datagram. */
export class UdpChannel implements Channel {
  readonly socket: AnySocket;
  private first: Datagram<IpAddress> | undefined;

  /** `first` was received already, before the socket was connected to who sent it. */
  constructor(socket: AnySocket, first?: Datagram<IpAddress>) {
    this.socket = socket;
    this.first = first;
  }

  get readable(): AnySocket["readable"] {
    return this.socket.readable;
  }

  /** A datagram always has room. */
  readonly writable = new Signal();
  readonly latency = 0 as Nanos;

  receive(): Received {
    const { first } = this;
    this.first = undefined;
    if (first !== undefined) return this.data(first);
    const received = this.socket.receive();
    if (!received.ok) return { kind: "failed" };
    return received.value === undefined ? { kind: "nothing" } : this.data(received.value);
  }

  /** An empty datagram looks like the end of the file. */
  private data({ bytes }: Datagram<IpAddress>): Received {
    return bytes.length === 0 ? { kind: "end" } : { kind: "data", bytes };
  }

  send(bytes: Uint8Array): Sent {
    const result = this.socket.send(bytes);
    // An ICMP error to what was sent before fails this call, and what is sent is lost.
    return result.ok ? { taken: bytes.length } : { wrong: strerror(result.error.errno) };
  }

  shutdown(): void {
    // Nothing goes over the wire.
  }

  close(): void {
    this.socket.close();
  }
}

/** `like` is an address of the family that is meant. */
export function openUdp(process: Process, options: NcOptions, like: IpAddress): AnySocket {
  const owner = process.argv.join(" ");
  const socket: AnySocket = isIpv4(like) ? process.net.socket.udp(owner) : process.net.socket.udp6(owner);
  socket.setOptions({
    ...(options.broadcast && { broadcast: true }),
    ...(options.tos !== undefined && { tos: options.tos }),
    ...(options.ttl !== undefined && { ttl: options.ttl }),
  });
  return socket;
}

/** local_listen(). */
export function bindUdp(socket: AnySocket, local: Endpoint<IpAddress>): KernelResult<void> {
  socket.setOptions({ reuseAddress: true });
  return socket.bind(local);
}

/** UDP_SCAN_TIMEOUT, seconds. */
const SCAN_SECONDS = 3;

/** How soon an answer from the same machine or its neighbour is there: the real one is back before the call returns. */
const NEAR = millis(1);

/** Debian's udptest(): two bytes at once and one a second; false when the port is closed. */
export function* testUdp(socket: AnySocket, timeout: number | undefined): Task<boolean> {
  const byte = Uint8Array.of(0x58);
  const refused = (): boolean => {
    const result = socket.send(byte);
    return !result.ok && result.error.errno === "ECONNREFUSED";
  };
  if (!socket.send(byte).ok) return false;
  yield* sleep(NEAR);
  if (refused()) return false;
  for (let i = 0; i < (timeout ?? SCAN_SECONDS); i++) {
    yield* sleep(seconds(1));
    if (refused()) return false;
  }
  return true;
}
